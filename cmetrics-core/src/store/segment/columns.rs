//! Decodes a block, column by column.

use std::ops::Range;
use std::sync::Arc;

use super::bits::{BitReader, PADDING};
use super::block::{BlockHeader, MOST_NUMBERS, bound, bounding, union};
use super::column::{self, ColumnScratch};
use super::damage::DamageKind;
use super::directory::{Directory, ShapeDecoder};
use super::packed::Decoded;
use super::point_decoder::{ColumnRun, PointDecoder, PointScratch};
use super::shape::Column;
use crate::point::DataPoint;

/// The decoded columns of a block.
#[derive(Debug, Default)]
pub(super) struct Columns {
    count: usize,
    /// In intervals since the epoch.
    pub(super) starts: Vec<u64>,
    shapes: Shapes,
    present: Vec<Column>,
    cells: Cells,
    padded: Vec<u8>,
    scratch: ReadScratch,
    points: PointScratch,
}

impl Columns {
    /// The approximate size of its buffers, in bytes.
    pub(super) fn size(&self) -> usize {
        self.padded.capacity() + self.cells.numbers.capacity() * size_of::<u64>()
    }
}

/// The shapes of a block's points.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    /// In rising order.
    pub(super) distinct: Vec<u64>,
    /// By point: the index of its shape in `distinct`.
    pub(super) slots: Vec<usize>,
}

/// The numbers of a block, by column.
#[derive(Debug, Default)]
struct Cells {
    /// By column, then by point; 0 where a point has none. Constant columns are not filled in.
    numbers: Vec<u64>,
    decoded: Vec<Decoded>,
}

#[derive(Debug, Default)]
struct ReadScratch {
    own: ColumnScratch,
    numbers: Vec<u64>,
}

impl Shapes {
    /// Finds the distinct shapes among these numbers, one per point.
    pub(super) fn take(&mut self, numbers: &[u64]) {
        let Self { distinct, slots } = self;
        distinct.clear();
        slots.clear();
        let Some(first) = numbers.first() else { return };
        if numbers.iter().all(|number| number == first) {
            distinct.push(*first);
            slots.resize(numbers.len(), 0);
            return;
        }
        distinct.extend_from_slice(numbers);
        distinct.sort_unstable();
        distinct.dedup();
        let slot = |number| distinct.binary_search(number).unwrap_or(0);
        slots.extend(numbers.iter().map(slot));
    }
}

impl Columns {
    /// Decodes the columns behind a header.
    pub(super) fn read(
        &mut self,
        header: BlockHeader<'_>,
        bytes: &[u8],
        directory: &Directory,
    ) -> Result<(), DamageKind> {
        let mut padded = std::mem::take(&mut self.padded);
        padded.clear();
        padded.extend_from_slice(bytes);
        padded.resize(bytes.len() + PADDING, 0);
        let mut bits = BitReader::new(&padded);
        let read = self.read_all(header, &mut bits, directory);
        let is_at_end = bits.is_at_end();
        self.padded = padded;
        if read? && is_at_end { Ok(()) } else { Err(DamageKind::Malformed) }
    }

    fn read_all(
        &mut self,
        header: BlockHeader<'_>,
        bits: &mut BitReader<'_>,
        directory: &Directory,
    ) -> Result<bool, DamageKind> {
        self.count = header.count;
        if self.read_starts(header, bits).and_then(|()| self.read_shapes(bits)).is_none() {
            return Ok(false);
        }
        let shapes = self.shapes(directory).ok_or(DamageKind::NoDirectory)?;
        let all: Vec<_> = shapes.iter().map(|shape| &*shape.columns).collect();
        self.present = union(&all);
        if self.present.len().saturating_mul(self.count) > MOST_NUMBERS {
            return Err(DamageKind::Malformed);
        }
        self.cells.decoded.clear();
        self.cells.numbers.resize(self.present.len() * self.count, 0);
        Ok(self.read_columns(&all, bits).is_some())
    }

    fn read_starts(&mut self, header: BlockHeader<'_>, bits: &mut BitReader<'_>) -> Option<()> {
        self.starts.clear();
        self.starts.resize(header.count, 0);
        let (first, gaps) = self.starts.split_first_mut()?;
        *first = header.first;
        column::read(gaps, bits, &mut self.scratch.own, |_, _| None)?.fill(gaps);
        let mut known = header.first;
        for start in gaps {
            known = known.checked_add(*start)?.checked_add(1)?;
            *start = known;
        }
        Some(())
    }

    fn read_shapes(&mut self, bits: &mut BitReader<'_>) -> Option<()> {
        let ReadScratch { own, numbers } = &mut self.scratch;
        numbers.clear();
        numbers.resize(self.count, 0);
        column::read(numbers, bits, own, |_, _| None)?.fill(numbers);
        self.shapes.take(numbers);
        Some(())
    }

    fn shapes<'d>(&self, directory: &'d Directory) -> Option<Vec<&'d ShapeDecoder>> {
        let shape = |number: &u64| directory.shape(u32::try_from(*number).ok()?);
        self.shapes.distinct.iter().map(shape).collect()
    }

    fn read_columns(&mut self, all: &[&[Column]], bits: &mut BitReader<'_>) -> Option<()> {
        let mut has = Vec::with_capacity(all.len());
        for column in &self.present {
            has.clear();
            has.extend(all.iter().map(|own| own.binary_search(column).is_ok()));
            if has.iter().all(|has| *has) {
                self.cells.read(*column, self.count, bits, &mut self.scratch.own)?;
            } else {
                let is_there = |slot: &usize| has.get(*slot).copied().unwrap_or(false);
                let there: Vec<_> = self.shapes.slots.iter().map(is_there).collect();
                self.cells.read_some(*column, &there, bits, &mut self.scratch)?;
            }
        }
        Some(())
    }

    /// The rows of the points that begin in a range of seconds.
    pub(super) fn rows_in(&self, range: &Range<u64>, directory: &Directory) -> Range<usize> {
        let seconds = directory.interval_seconds;
        let begins_before =
            |time: u64| self.starts.partition_point(|start| start.saturating_mul(seconds) < time);
        begins_before(range.start)..begins_before(range.end)
    }

    /// Appends the points of these rows.
    pub(super) fn points(
        &mut self,
        name: &Arc<str>,
        wanted: Range<usize>,
        directory: &Directory,
        points: &mut Vec<DataPoint>,
    ) -> Result<(), DamageKind> {
        let shapes = self.shapes(directory).ok_or(DamageKind::NoDirectory)?;
        let decoders: Vec<_> =
            shapes.iter().map(|shape| PointDecoder::new(shape, &self.present)).collect();
        let before = points.len();
        let seconds = directory.interval_seconds;
        points.reserve(wanted.len());
        let mut first = wanted.start;
        let slots = self.shapes.slots.get(wanted).unwrap_or_default();
        for run in slots.chunk_by(|left, right| left == right) {
            let rows = first..first + run.len();
            first = rows.end;
            let plan = run.first().and_then(|slot| decoders.get(*slot));
            let starts = self.starts.get(rows.clone()).unwrap_or_default();
            let (cells, count, decoded) = (&*self.cells.numbers, self.count, &*self.cells.decoded);
            let run = ColumnRun { cells, count, rows, decoded };
            let made = plan.and_then(|plan| {
                plan.points(name, seconds, starts, &run, &mut self.points, points)
            });
            if made.is_none() {
                points.truncate(before);
                return Err(DamageKind::Malformed);
            }
        }
        Ok(())
    }
}

impl Cells {
    /// Decodes the next column, which all points have.
    fn read(
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
    fn read_some(
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
