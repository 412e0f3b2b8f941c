//! Collects points for a block, and encodes it.

use std::io;

use smallvec::SmallVec;

use super::bits::BitWriter;
use super::block::{MOST_NUMBERS, MOST_POINTS, NAMED, bound, bounding};
use super::block_layout::{BlockLayout, ColumnLayout, MOST_OTHERS};
use super::column_encoder::{ColumnEncoder, Reference};
use super::columns::Shapes;
use super::directory::DirectoryBuilder;
use super::shape::put_numbers;
use crate::point::DataPoint;
use crate::store::bytes::{put_bytes, put_varint};

/// The points of a container for its next block.
#[derive(Debug, Default)]
pub(super) struct BlockBuilder {
    /// In intervals since the epoch.
    starts: Vec<u64>,
    shapes: Vec<u64>,
    /// The offset of each point's numbers.
    offsets: Vec<usize>,
    /// All numbers, in the order of each shape's columns.
    numbers: Vec<u64>,
    widest: usize,
    scratch: WriteScratch,
}

/// Buffers for encoding, reused for the next block.
#[derive(Debug, Default)]
struct WriteScratch {
    shapes: Shapes,
    layout: BlockLayout,
    /// By column, then by point; 0 where a point has none.
    cells: Vec<u64>,
    /// A column's numbers for those points that have it, and those of its references.
    own: Vec<u64>,
    others: [Vec<u64>; MOST_OTHERS],
    encoder: ColumnEncoder,
}

impl BlockBuilder {
    pub(super) fn len(&self) -> usize {
        self.starts.len()
    }

    pub(super) fn is_full(&self) -> bool {
        self.len() >= MOST_POINTS || self.widest * (self.len() + 1) > MOST_NUMBERS / 2
    }

    pub(super) fn first(&self) -> Option<u64> {
        self.starts.first().copied()
    }

    pub(super) fn last(&self) -> Option<u64> {
        self.starts.last().copied()
    }

    pub(super) fn clear(&mut self) {
        self.starts.clear();
        self.shapes.clear();
        self.offsets.clear();
        self.numbers.clear();
        self.widest = 0;
    }

    /// Adds a point of this shape.
    pub(super) fn add(&mut self, point: &DataPoint, shape: u32) {
        let interval = point.interval();
        let begin = self.numbers.len();
        self.starts.push(interval.start() / interval.seconds());
        self.shapes.push(shape.into());
        self.offsets.push(begin);
        put_numbers(point, &mut self.numbers);
        self.widest = self.widest.max(self.numbers.len() - begin);
    }

    /// Appends the encoded block.
    pub(super) fn put(
        &mut self,
        container: u64,
        name: &str,
        directory: &DirectoryBuilder,
        bytes: &mut Vec<u8>,
    ) {
        put_varint(bytes, container);
        put_varint(bytes, self.first().unwrap_or(0));
        put_varint(bytes, self.len() as u64);
        if self.len() >= NAMED {
            put_bytes(bytes, name.as_bytes());
        }
        let mut bits = BitWriter::new(bytes);
        let WriteScratch { cells: gaps, encoder, .. } = &mut self.scratch;
        gaps.clear();
        gaps.extend(self.starts.windows(2).map(|pair| match *pair {
            [start, next] => next - start - 1,
            _ => 0,
        }));
        encoder.write(gaps, &[], &mut bits);
        encoder.write(&self.shapes, &[], &mut bits);
        self.update_layout(directory);
        self.put_columns(&mut bits);
        bits.finish();
    }

    /// Updates the layout of the block, unless it has the same shapes as the last one.
    fn update_layout(&mut self, directory: &DirectoryBuilder) {
        let WriteScratch { shapes, layout, .. } = &mut self.scratch;
        shapes.take(&self.shapes);
        if layout.shapes != shapes.distinct {
            *layout = BlockLayout::new(&shapes.distinct, directory);
        }
    }

    fn put_columns(&mut self, bits: &mut BitWriter<'_>) {
        let WriteScratch { shapes, layout, cells, own, others, encoder } = &mut self.scratch;
        let count = self.starts.len();
        cells.clear();
        for column_layout in &layout.columns {
            let begin = cells.len();
            if let [Some(place)] = *column_layout.places {
                cells.extend(self.numbers.iter().skip(place).step_by(self.widest));
            } else {
                let rows = self.offsets.iter().zip(&shapes.slots);
                let number = |(offset, slot): (&usize, &usize)| {
                    let place = column_layout.places.get(*slot).copied().flatten()?;
                    self.numbers.get(offset + place).copied()
                };
                cells.extend(rows.map(|row| number(row).unwrap_or(0)));
            }
            let column = cells.get(begin..).unwrap_or_default();
            if column.iter().all(|number| *number == 0) {
                bits.put(0, 1);
                continue;
            }
            own.clear();
            column_layout.put_own(column, &shapes.slots, own);
            let back = |back: usize| {
                let begin = begin.checked_sub(back * count)?;
                cells.get(begin..begin + count)
            };
            for (into, other) in others.iter_mut().zip(&column_layout.backs) {
                into.clear();
                column_layout.put_own(back(*other).unwrap_or_default(), &shapes.slots, into);
                if let Some(numbers) = bounding(column_layout.column, *other) {
                    own_bounds(
                        column_layout,
                        back(numbers).unwrap_or_default(),
                        &shapes.slots,
                        into,
                    );
                }
            }
            let offered = column_layout.backs.iter().zip(&*others);
            let offered: SmallVec<[_; MOST_OTHERS]> =
                offered.map(|(back, numbers)| Reference { back: *back, numbers }).collect();
            encoder.write(own, &offered, bits);
        }
    }
}

/// Turns spreads of readings into bounds, with the numbers of readings of all points.
fn own_bounds(column_layout: &ColumnLayout, numbers: &[u64], slots: &[usize], spreads: &mut [u64]) {
    let numbers = numbers.iter().zip(slots).filter(|(_, slot)| column_layout.is_there(**slot));
    for (spread, (number, _)) in spreads.iter_mut().zip(numbers) {
        *spread = bound(*spread, *number);
    }
}

/// The error for input that cannot be stored.
pub(super) fn invalid_input(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}
