//! The numbers of a block, decoded column by column.

use super::bits::BitReader;
use super::block::{bound, bounding};
use super::column::{self, ColumnScratch};
use super::packed::Decoded;
use super::shape::Column;

/// The numbers of a block, by column.
#[derive(Debug, Default)]
pub(super) struct Cells {
    /// By column, then by point; 0 where a point has none. Constant columns are not filled in.
    pub(super) numbers: Vec<u64>,
    pub(super) decoded: Vec<Decoded>,
}

#[derive(Debug, Default)]
pub(super) struct ReadScratch {
    pub(super) own: ColumnScratch,
    pub(super) numbers: Vec<u64>,
}

impl Cells {
    /// Decodes the next column, which all points have.
    pub(super) fn read(
        &mut self,
        column: Column,
        count: usize,
        bits: &mut BitReader<'_>,
        scratch: &mut ColumnScratch,
    ) -> Option<()> {
        let index = self.decoded.len();
        let (before, rest) = self.numbers.split_at_mut_checked(index * count)?;
        let own = rest.get_mut(..count)?;
        let before = EarlierColumns { numbers: before, decoded: &self.decoded, count };
        let decoded =
            column::read(own, bits, scratch, |back, into| before.put(column, back, into))?;
        self.decoded.push(decoded);
        Some(())
    }

    /// Decodes the next column, which some points have.
    pub(super) fn read_some(
        &mut self,
        column: Column,
        there: &[bool],
        bits: &mut BitReader<'_>,
        scratch: &mut ReadScratch,
    ) -> Option<()> {
        let (index, count) = (self.decoded.len(), there.len());
        let (before, rest) = self.numbers.split_at_mut_checked(index * count)?;
        let own = rest.get_mut(..count)?;
        let before = EarlierColumns { numbers: before, decoded: &self.decoded, count };
        let other = |back: usize, into: &mut Vec<u64>| {
            before.put(column, back, into)?;
            let mut is_there = there.iter();
            into.retain(|_| is_there.next().is_some_and(|is_there| *is_there));
            Some(())
        };
        let ReadScratch { own: scratch, numbers: dense } = scratch;
        dense.clear();
        dense.resize(there.iter().filter(|is_there| **is_there).count(), 0);
        column::read(dense, bits, scratch, other)?.fill(dense);
        own.fill(0);
        let places = own.iter_mut().zip(there).filter(|(_, is_there)| **is_there);
        places.zip(dense).for_each(|((place, _), number)| *place = *number);
        self.decoded.push(Decoded::Varying);
        Some(())
    }
}

/// The columns before the one that is being decoded.
struct EarlierColumns<'c> {
    numbers: &'c [u64],
    decoded: &'c [Decoded],
    count: usize,
}

impl EarlierColumns<'_> {
    /// Appends the reference numbers that the column so far back has for this one, by point.
    fn put(&self, column: Column, back: usize, into: &mut Vec<u64>) -> Option<()> {
        self.put_column(back, into)?;
        if let Some(numbers) = bounding(column, back) {
            let mut readings = Vec::with_capacity(self.count);
            self.put_column(numbers, &mut readings)?;
            for (span, number) in into.iter_mut().zip(readings) {
                *span = bound(*span, number);
            }
        }
        Some(())
    }

    fn put_column(&self, back: usize, into: &mut Vec<u64>) -> Option<()> {
        let index = self.decoded.len().checked_sub(back)?;
        match self.decoded.get(index)? {
            Decoded::Constant(number) => into.resize(self.count, *number),
            Decoded::Varying => {
                let start = index * self.count;
                into.extend_from_slice(self.numbers.get(start..start + self.count)?);
            }
        }
        Some(())
    }
}
