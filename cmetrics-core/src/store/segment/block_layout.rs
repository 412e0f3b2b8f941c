//! The columns of a block that is being written, and the reference columns of each.

use smallvec::SmallVec;

use super::block::union;
use super::column::FARTHEST;
use super::directory::DirectoryBuilder;
use super::shape::Column;
use crate::metric::Metric;

/// The most reference columns that are tried for a column.
pub(super) const MOST_OTHERS: usize = 3;

/// The columns for points of some shapes.
#[derive(Debug, Default)]
pub(super) struct BlockLayout {
    /// In rising order.
    pub(super) shapes: Vec<u64>,
    pub(super) columns: Vec<ColumnLayout>,
}

/// A column of a block.
#[derive(Debug)]
pub(super) struct ColumnLayout {
    pub(super) column: Column,
    /// By shape: the column's index among a point's numbers.
    pub(super) places: SmallVec<[Option<usize>; 4]>,
    is_everywhere: bool,
    /// How far back the reference columns lie.
    pub(super) backs: SmallVec<[usize; MOST_OTHERS]>,
}

impl BlockLayout {
    pub(super) fn new(shapes: &[u64], directory: &DirectoryBuilder) -> Self {
        let columns_of = |number: &u64| {
            let shape = u32::try_from(*number).ok().and_then(|number| directory.shape(number));
            shape.map(|shape| &*shape.columns).unwrap_or_default()
        };
        let all: Vec<_> = shapes.iter().map(columns_of).collect();
        let columns = union(&all);
        let column_layouts = columns.iter().enumerate().map(|(index, column)| {
            let place = |own: &&[Column]| own.iter().position(|own| own == column);
            let places: SmallVec<[_; 4]> = all.iter().map(place).collect();
            let is_everywhere = places.iter().all(Option::is_some);
            let backs = likely(*column, columns.get(..index).unwrap_or_default(), directory);
            ColumnLayout { column: *column, places, is_everywhere, backs }
        });
        Self { shapes: shapes.to_vec(), columns: column_layouts.collect() }
    }
}

impl ColumnLayout {
    pub(super) fn is_there(&self, slot: usize) -> bool {
        self.places.get(slot).is_some_and(Option::is_some)
    }

    /// Appends the numbers of those points that have this column.
    pub(super) fn put_own(&self, numbers: &[u64], slots: &[usize], own: &mut Vec<u64>) {
        if self.is_everywhere {
            own.extend_from_slice(numbers);
        } else {
            let numbers = numbers.iter().zip(slots).filter(|(_, slot)| self.is_there(**slot));
            own.extend(numbers.map(|(number, _)| *number));
        }
    }
}

/// How far back the earlier columns lie that are likely to be similar to this one.
fn likely(
    column: Column,
    earlier: &[Column],
    directory: &DirectoryBuilder,
) -> SmallVec<[usize; MOST_OTHERS]> {
    let Some((metric, part)) = column.metric() else { return SmallVec::new() };
    let name = |number: u32| directory.metric(number).map(Metric::name);
    let group = |number: u32| name(number).and_then(|name| name.split('.').next());
    let own = group(metric);
    let is_like = |other: &Column| match other.metric() {
        None => part == 1 && *other == Column::SAMPLES,
        Some((number, of)) if part == 0 => of == 0 && group(number) == own,
        Some((number, of)) if number == metric => part == 4 && of == 3,
        Some((_, of)) => of == part,
    };
    let found = (1..).zip(earlier.iter().rev()).filter(|(_, other)| is_like(other));
    let backs = found.map(|(back, _)| back).filter(|&back| back <= FARTHEST);
    backs.take(MOST_OTHERS).collect()
}
