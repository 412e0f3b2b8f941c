//! A block that is being read, column by column.

use std::ops::Range;
use std::sync::Arc;

use super::bits::{BitReader, PADDING};
use super::block::{Header, MOST_NUMBERS, bound, bounding, union};
use super::column;
use super::damage::Wrong;
use super::directory::{Directory, Maker};
use super::make::{Plan, Row, Run};
use super::packed::Told;
use super::shape::Column;
use crate::point::DataPoint;

/// A block that was read, as columns.
#[derive(Debug, Default)]
pub(super) struct Columns {
    count: usize,
    /// Counted from the epoch on.
    pub(super) starts: Vec<u64>,
    shapes: Shapes,
    listed: Vec<Column>,
    cells: Cells,
    padded: Vec<u8>,
    room: Room,
    row: Row,
}

/// The shapes of a block's points.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    /// In rising order.
    pub(super) distinct: Vec<u64>,
    /// By point: which of these.
    pub(super) slots: Vec<usize>,
}

/// The numbers of a block, by column.
#[derive(Debug, Default)]
struct Cells {
    /// By column, then by point; 0 where a point has none. Those of columns that are the same
    /// everywhere are not there.
    numbers: Vec<u64>,
    told: Vec<Told>,
}

#[derive(Debug, Default)]
struct Room {
    own: column::Room,
    numbers: Vec<u64>,
}

impl Shapes {
    /// Sorts out the shapes of points, which are these numbers.
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
    /// Reads the columns behind a header.
    pub(super) fn read(
        &mut self,
        header: Header<'_>,
        bytes: &[u8],
        directory: &Directory,
    ) -> Result<(), Wrong> {
        let mut padded = std::mem::take(&mut self.padded);
        padded.clear();
        padded.extend_from_slice(bytes);
        padded.resize(bytes.len() + PADDING, 0);
        let mut bits = BitReader::new(&padded);
        let read = self.read_all(header, &mut bits, directory);
        let is_at_end = bits.is_at_end();
        self.padded = padded;
        if read? && is_at_end { Ok(()) } else { Err(Wrong::Form) }
    }

    fn read_all(
        &mut self,
        header: Header<'_>,
        bits: &mut BitReader<'_>,
        directory: &Directory,
    ) -> Result<bool, Wrong> {
        self.count = header.count;
        if self.read_starts(header, bits).and_then(|()| self.read_shapes(bits)).is_none() {
            return Ok(false);
        }
        let makers = self.makers(directory).ok_or(Wrong::NoDirectory)?;
        let all: Vec<_> = makers.iter().map(|maker| &*maker.columns).collect();
        self.listed = union(&all);
        if self.listed.len().saturating_mul(self.count) > MOST_NUMBERS {
            return Err(Wrong::Form);
        }
        self.cells.told.clear();
        self.cells.numbers.resize(self.listed.len() * self.count, 0);
        Ok(self.read_columns(&all, bits).is_some())
    }

    fn read_starts(&mut self, header: Header<'_>, bits: &mut BitReader<'_>) -> Option<()> {
        self.starts.clear();
        self.starts.resize(header.count, 0);
        let (first, gaps) = self.starts.split_first_mut()?;
        *first = header.first;
        column::read(gaps, bits, &mut self.room.own, |_, _| None)?.fill(gaps);
        let mut known = header.first;
        for start in gaps {
            known = known.checked_add(*start)?.checked_add(1)?;
            *start = known;
        }
        Some(())
    }

    fn read_shapes(&mut self, bits: &mut BitReader<'_>) -> Option<()> {
        let Room { own, numbers } = &mut self.room;
        numbers.clear();
        numbers.resize(self.count, 0);
        column::read(numbers, bits, own, |_, _| None)?.fill(numbers);
        self.shapes.take(numbers);
        Some(())
    }

    fn makers<'d>(&self, directory: &'d Directory) -> Option<Vec<&'d Maker>> {
        let maker = |number: &u64| directory.shape(u32::try_from(*number).ok()?);
        self.shapes.distinct.iter().map(maker).collect()
    }

    fn read_columns(&mut self, all: &[&[Column]], bits: &mut BitReader<'_>) -> Option<()> {
        let mut has = Vec::with_capacity(all.len());
        for column in &self.listed {
            has.clear();
            has.extend(all.iter().map(|own| own.binary_search(column).is_ok()));
            if has.iter().all(|has| *has) {
                self.cells.read(*column, self.count, bits, &mut self.room.own)?;
            } else {
                let is_there = |slot: &usize| has.get(*slot).copied().unwrap_or(false);
                let there: Vec<_> = self.shapes.slots.iter().map(is_there).collect();
                self.cells.read_some(*column, &there, bits, &mut self.room)?;
            }
        }
        Some(())
    }

    /// Makes points of those that begin in a range of seconds.
    pub(super) fn points(
        &mut self,
        (name, range): (&Arc<str>, &Range<u64>),
        directory: &Directory,
        points: &mut Vec<DataPoint>,
    ) -> Result<(), Wrong> {
        let makers = self.makers(directory).ok_or(Wrong::NoDirectory)?;
        let plans: Vec<_> = makers.iter().map(|maker| Plan::new(maker, &self.listed)).collect();
        let before = points.len();
        let seconds = directory.interval_seconds;
        let begins_before =
            |time: u64| self.starts.partition_point(|start| start.saturating_mul(seconds) < time);
        let wanted = begins_before(range.start)..begins_before(range.end);
        points.reserve(wanted.len());
        let mut first = 0;
        for run in self.shapes.slots.chunk_by(|left, right| left == right) {
            let rows = first.max(wanted.start)..(first + run.len()).min(wanted.end);
            first += run.len();
            if rows.is_empty() {
                continue;
            }
            let plan = run.first().and_then(|slot| plans.get(*slot));
            let starts = self.starts.get(rows.clone()).unwrap_or_default();
            let (cells, count, told) = (&*self.cells.numbers, self.count, &*self.cells.told);
            let run = Run { cells, count, rows, told };
            let made = plan
                .and_then(|plan| plan.points(name, seconds, (starts, &run), &mut self.row, points));
            if made.is_none() {
                points.truncate(before);
                return Err(Wrong::Form);
            }
        }
        Ok(())
    }
}

impl Cells {
    /// Reads the next column, which all points have.
    fn read(
        &mut self,
        column: Column,
        count: usize,
        bits: &mut BitReader<'_>,
        room: &mut column::Room,
    ) -> Option<()> {
        let index = self.told.len();
        let (before, rest) = self.numbers.split_at_mut_checked(index * count)?;
        let own = rest.get_mut(..count)?;
        let before = Before { numbers: before, told: &self.told, count };
        let told = column::read(own, bits, room, |back, into| before.put(column, back, into))?;
        self.told.push(told);
        Some(())
    }

    /// Reads the next column, which some points have.
    fn read_some(
        &mut self,
        column: Column,
        there: &[bool],
        bits: &mut BitReader<'_>,
        room: &mut Room,
    ) -> Option<()> {
        let (index, count) = (self.told.len(), there.len());
        let (before, rest) = self.numbers.split_at_mut_checked(index * count)?;
        let own = rest.get_mut(..count)?;
        let before = Before { numbers: before, told: &self.told, count };
        let other = |back: usize, into: &mut Vec<u64>| {
            before.put(column, back, into)?;
            let mut is_there = there.iter();
            into.retain(|_| is_there.next().is_some_and(|is_there| *is_there));
            Some(())
        };
        let Room { own: room, numbers: dense } = room;
        dense.clear();
        dense.resize(there.iter().filter(|is_there| **is_there).count(), 0);
        column::read(dense, bits, room, other)?.fill(dense);
        own.fill(0);
        let places = own.iter_mut().zip(there).filter(|(_, is_there)| **is_there);
        places.zip(dense).for_each(|((place, _), number)| *place = *number);
        self.told.push(Told::Each);
        Some(())
    }
}

/// The columns before one that is being read.
struct Before<'c> {
    numbers: &'c [u64],
    told: &'c [Told],
    count: usize,
}

impl Before<'_> {
    /// Appends what the column so far back says of this one, by point.
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
        let index = self.told.len().checked_sub(back)?;
        match self.told.get(index)? {
            Told::Same(number) => into.resize(self.count, *number),
            Told::Each => {
                let start = index * self.count;
                into.extend_from_slice(self.numbers.get(start..start + self.count)?);
            }
        }
        Some(())
    }
}
