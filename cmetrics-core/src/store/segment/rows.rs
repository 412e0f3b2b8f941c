//! Points being gathered for a block, and written as one.

use std::io;

use smallvec::SmallVec;

use super::bits::BitWriter;
use super::block::{MOST_NUMBERS, MOST_POINTS, NAMED, bound, bounding};
use super::choose::{Chooser, Other};
use super::columns::Shapes;
use super::directory::Listing;
use super::layout::{Laid, Layout, MOST_OTHERS};
use super::shape::put_numbers;
use crate::point::DataPoint;
use crate::store::bytes::{put_bytes, put_varint};

/// Points of a container being gathered for a block.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// In intervals since the epoch.
    starts: Vec<u64>,
    shapes: Vec<u64>,
    /// Where each point's numbers begin.
    offsets: Vec<usize>,
    /// In the order of the shapes' columns.
    numbers: Vec<u64>,
    widest: usize,
    room: Room,
}

/// Room for writing, which is kept from one block to the next.
#[derive(Debug, Default)]
struct Room {
    shapes: Shapes,
    layout: Layout,
    /// By column, then by point; 0 where a point has none.
    cells: Vec<u64>,
    /// A column's numbers of those points that have it, and others'.
    own: Vec<u64>,
    others: [Vec<u64>; MOST_OTHERS],
    chooser: Chooser,
}

impl Rows {
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

    /// Appends the block as bytes.
    pub(super) fn put(
        &mut self,
        container: u64,
        name: &str,
        listing: &Listing,
        bytes: &mut Vec<u8>,
    ) {
        put_varint(bytes, container);
        put_varint(bytes, self.first().unwrap_or(0));
        put_varint(bytes, self.len() as u64);
        if self.len() >= NAMED {
            put_bytes(bytes, name.as_bytes());
        }
        let mut bits = BitWriter::new(bytes);
        let Room { cells: gaps, chooser, .. } = &mut self.room;
        gaps.clear();
        gaps.extend(self.starts.windows(2).map(|pair| match *pair {
            [start, next] => next - start - 1,
            _ => 0,
        }));
        chooser.write(gaps, &[], &mut bits);
        chooser.write(&self.shapes, &[], &mut bits);
        self.lay_out(listing);
        self.put_columns(&mut bits);
        bits.finish();
    }

    /// Finds out which columns the block has: as a rule, those of the last block.
    fn lay_out(&mut self, listing: &Listing) {
        let Room { shapes, layout, .. } = &mut self.room;
        shapes.take(&self.shapes);
        if layout.shapes != shapes.distinct {
            *layout = Layout::new(&shapes.distinct, listing);
        }
    }

    fn put_columns(&mut self, bits: &mut BitWriter<'_>) {
        let Room { shapes, layout, cells, own, others, chooser } = &mut self.room;
        let count = self.starts.len();
        cells.clear();
        for laid in &layout.columns {
            let begin = cells.len();
            if let [Some(place)] = *laid.places {
                cells.extend(self.numbers.iter().skip(place).step_by(self.widest));
            } else {
                let rows = self.offsets.iter().zip(&shapes.slots);
                let number = |(offset, slot): (&usize, &usize)| {
                    let place = laid.places.get(*slot).copied().flatten()?;
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
            laid.put_own(column, &shapes.slots, own);
            let back = |back: usize| {
                let begin = begin.checked_sub(back * count)?;
                cells.get(begin..begin + count)
            };
            for (into, other) in others.iter_mut().zip(&laid.backs) {
                into.clear();
                laid.put_own(back(*other).unwrap_or_default(), &shapes.slots, into);
                if let Some(numbers) = bounding(laid.column, *other) {
                    own_bounds(laid, back(numbers).unwrap_or_default(), &shapes.slots, into);
                }
            }
            let offered = laid.backs.iter().zip(&*others);
            let offered: SmallVec<[_; MOST_OTHERS]> =
                offered.map(|(back, numbers)| Other { back: *back, numbers }).collect();
            chooser.write(own, &offered, bits);
        }
    }
}

/// Makes bounds of spreads, with the numbers of readings of all points.
fn own_bounds(laid: &Laid, numbers: &[u64], slots: &[usize], spreads: &mut [u64]) {
    let numbers = numbers.iter().zip(slots).filter(|(_, slot)| laid.is_there(**slot));
    for (spread, (number, _)) in spreads.iter_mut().zip(numbers) {
        *spread = bound(*spread, *number);
    }
}

/// What a point that cannot be stored is refused with.
pub(super) fn refused(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}
