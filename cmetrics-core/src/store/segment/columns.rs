//! Decodes a block, column by column.

use std::ops::Range;
use std::sync::Arc;

use super::bits::{BitReader, PADDING};
use super::block::{BlockHeader, MOST_NUMBERS, union};
use super::cells::{Cells, ReadScratch};
use super::column;
use super::damage::DamageKind;
use super::directory::{Directory, ShapeDecoder};
use super::point_decoder::{ColumnRun, PointDecoder, PointScratch};
use super::shape::Column;
use crate::metric::MetricSet;
use crate::point::{DataPoint, Starts, Table};

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
        let cells = self.present.len() * self.count;
        if self.cells.numbers.len() < cells {
            // Longer ones stay: blocks of few and of many points take turns, and zeros take time.
            self.cells.numbers.resize(cells, 0);
        }
        Ok(self.read_columns(&all, bits).is_some())
    }

    fn read_starts(&mut self, header: BlockHeader<'_>, bits: &mut BitReader<'_>) -> Option<()> {
        // What is left of another block is overwritten.
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
        rows: Range<usize>,
        directory: &Directory,
        points: &mut Vec<DataPoint>,
    ) -> Result<(), DamageKind> {
        let decoders = self.checked(&rows, directory)?;
        points.reserve(rows.len());
        let (seconds, mut scratch) = (directory.interval_seconds, std::mem::take(&mut self.points));
        let made = self.each_run(rows, seconds, &decoders, &mut |decoder, starts, run| {
            decoder.points(name, starts, run, &mut scratch, points)
        });
        self.points = scratch;
        made
    }

    /// Appends the points of these rows to a table, with the metrics that are wanted.
    pub(super) fn append(
        &mut self,
        name: &Arc<str>,
        rows: Range<usize>,
        directory: &Directory,
        wanted: MetricSet,
        table: &mut Table,
    ) -> Result<(), DamageKind> {
        let decoders = self.checked(&rows, directory)?;
        let (seconds, mut scratch) = (directory.interval_seconds, std::mem::take(&mut self.points));
        let appended = self.each_run(rows, seconds, &decoders, &mut |decoder, starts, run| {
            decoder.append(name, starts, run, wanted, &mut scratch.parts, table)
        });
        self.points = scratch;
        appended
    }

    /// The decoders of all shapes, once it is known that these rows are points: either all are
    /// appended, or none.
    fn checked<'d>(
        &self,
        rows: &Range<usize>,
        directory: &'d Directory,
    ) -> Result<Vec<PointDecoder<'d>>, DamageKind> {
        let shapes = self.shapes(directory).ok_or(DamageKind::NoDirectory)?;
        let decoders: Vec<_> =
            shapes.iter().map(|shape| PointDecoder::new(shape, &self.present)).collect();
        let seconds = directory.interval_seconds;
        let check = &mut |decoder: &PointDecoder<'_>, starts: Starts<'_>, run: &ColumnRun<'_>| {
            decoder.check(starts, run)
        };
        self.each_run(rows.clone(), seconds, &decoders, check)?;
        Ok(decoders)
    }

    /// Passes the runs of one shape among these rows to `each`, which returns `None` where the
    /// numbers are invalid.
    fn each_run(
        &self,
        rows: Range<usize>,
        seconds: u64,
        decoders: &[PointDecoder<'_>],
        each: &mut dyn FnMut(&PointDecoder<'_>, Starts<'_>, &ColumnRun<'_>) -> Option<()>,
    ) -> Result<(), DamageKind> {
        let mut first = rows.start;
        let slots = self.shapes.slots.get(rows).unwrap_or_default();
        for run in slots.chunk_by(|left, right| left == right) {
            let rows = first..first + run.len();
            first = rows.end;
            let of_shape = run.first().and_then(|slot| decoders.get(*slot));
            let numbers = self.starts.get(rows.clone()).unwrap_or_default();
            let (count, Cells { numbers: cells, decoded }) = (self.count, &self.cells);
            let run = ColumnRun { cells, count, rows, decoded };
            let done = of_shape.and_then(|one| each(one, Starts { numbers, seconds }, &run));
            done.ok_or(DamageKind::Malformed)?;
        }
        Ok(())
    }
}
