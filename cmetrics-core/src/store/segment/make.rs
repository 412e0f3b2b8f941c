//! Points, made of a block's columns.

use std::sync::Arc;

use smallvec::SmallVec;

use super::directory::Maker;
use super::given::whole;
use super::packed;
use super::shape::{Column, SUM, State, Told, expected};
use crate::point::{
    DataPoint, Figures, Gauge, INLINE_GAUGES, INLINE_GROWTHS, Level, Readings, Watched,
};
use crate::time::{Interval, NANOS_PER_SECOND};

/// Where among a block's columns a shape has its numbers.
#[derive(Debug)]
pub(super) struct Plan<'m> {
    maker: &'m Maker,
    samples: usize,
    watched: usize,
    growths: Vec<usize>,
    levels: Vec<(State, usize, f64)>,
}

impl<'m> Plan<'m> {
    pub(super) fn new(maker: &'m Maker, columns: &[Column]) -> Self {
        let place = |column: &Column| columns.binary_search(column).unwrap_or(usize::MAX >> 16);
        let levels = maker.levels.iter();
        let levels = levels.map(|(state, column, per_unit)| (*state, place(column), *per_unit));
        Self {
            maker,
            samples: place(&Column::SAMPLES),
            watched: match maker.watched {
                Told::Nanos | Told::Given => place(&Column::MISSING),
                Told::Part => place(&Column::PART),
                Told::Nothing => 0,
            },
            growths: maker.growths.iter().map(place).collect(),
            levels: levels.collect(),
        }
    }

    /// Appends points of this shape that follow each other; `None` for what no point can be, and
    /// then what was appended is none.
    pub(super) fn points(
        &self,
        name: &Arc<str>,
        seconds: u64,
        (starts, columns): (&[u64], &Run<'_>),
        row: &mut Row,
        points: &mut Vec<DataPoint>,
    ) -> Option<()> {
        // Times rise: where the last fits, all do.
        let last = starts.last()?.checked_mul(seconds)?.checked_add(seconds)?;
        let first = starts.first()?.wrapping_mul(seconds);
        let mut interval = Interval::new(first, first + seconds).filter(|_| last < u64::MAX)?;
        let whole = whole(seconds);
        let sets = (self.maker.present, self.maker.too_large);
        let selected = self.maker.selected;
        let samples = if self.maker.has_samples { Some(columns.part(self.samples)?) } else { None };
        let watched = match self.maker.watched {
            Told::Nothing => Part::Same(0),
            _ => columns.part(self.watched)?,
        };
        let changing = self.begin(columns, row)?;
        let gauges = self.gauges(columns)?;
        let mut is_right = true;
        let point = |(index, start): (usize, &u64)| {
            let start = start.wrapping_mul(seconds);
            if interval.start() != start {
                // Most follow each other, which takes no division to see.
                let next = Some(interval.next()).filter(|next| next.start() == start);
                let found = next.or_else(|| Interval::new(start, start.wrapping_add(seconds)));
                is_right &= found.is_some();
                interval = found.unwrap_or(interval);
            }
            for (place, numbers) in &changing {
                if let (Some(place), Some(number)) =
                    (row.growths.get_mut(*place), numbers.get(index))
                {
                    *place = *number;
                }
            }
            for (place, (state, per_unit, parts)) in row.levels.iter_mut().zip(&gauges) {
                let parts = parts.map(|part| part.get(index));
                let level = level((*state, *per_unit), start, parts);
                is_right &= level.is_some();
                *place = level.unwrap_or(NOTHING);
            }
            let covered = Watched::Nanos(whole.wrapping_sub(watched.get(index)));
            let watched = match self.maker.watched {
                Told::Nanos => covered,
                Told::Part => Watched::Part(f64::from_bits(watched.get(index))),
                Told::Given => covered.coverage(interval).map_or(covered, Watched::Part),
                Told::Nothing => Watched::Unknown,
            };
            let (growths, levels) = (self.growths.len(), gauges.len());
            let figures =
                Figures::from_padded(sets, (&row.growths, growths), (&row.levels, levels));
            let samples = samples.map(|samples| samples.get(index));
            let which = (Arc::clone(name), interval);
            DataPoint::from_parts(which, samples, watched, figures, selected)
        };
        points.extend(starts.iter().enumerate().map(point));
        is_right.then_some(())
    }

    /// Puts the growths that are the same in all points where they belong, and gives the others.
    fn begin<'c>(&self, columns: &Run<'c>, row: &mut Row) -> Option<Changing<'c>> {
        let mut changing = Changing::new();
        row.growths.clear();
        for (place, column) in self.growths.iter().enumerate() {
            let part = columns.part(*column)?;
            if let Part::Each(numbers) = part {
                changing.push((place, numbers));
            }
            row.growths.push(part.get(0));
        }
        row.growths.resize(self.growths.len().max(INLINE_GROWTHS), 0);
        row.levels.clear();
        row.levels.resize(self.levels.len().max(INLINE_GAUGES), NOTHING);
        Some(changing)
    }

    fn gauges<'c>(&self, columns: &Run<'c>) -> Option<Gauges<'c>> {
        let gauge = |(state, first, per_unit): &(State, usize, f64)| {
            let mut parts = [Part::Same(0); 5];
            for (place, part) in parts.iter_mut().zip(state.parts().zip(*first..)) {
                *place = columns.part(part.1)?;
            }
            Some((*state, *per_unit, parts))
        };
        self.levels.iter().map(gauge).collect()
    }
}

/// Growths that are not the same in all points, and their places in these.
type Changing<'c> = SmallVec<[(usize, &'c [u64]); INLINE_GROWTHS]>;
type Gauges<'c> = SmallVec<[(State, f64, [Part<'c>; 5]); INLINE_GAUGES]>;

const NOTHING: Level = Level::Between((0, 0), (0, 0));

/// Growths and levels of a point, and what fills the room that points have for them.
#[derive(Debug, Default)]
pub(super) struct Row {
    growths: Vec<u64>,
    levels: Vec<Level>,
}

/// Some of a block's points that follow each other.
#[derive(Debug)]
pub(super) struct Run<'c> {
    /// By column, then by point.
    pub(super) cells: &'c [u64],
    /// How many points the block has.
    pub(super) count: usize,
    pub(super) rows: std::ops::Range<usize>,
    /// By column.
    pub(super) told: &'c [packed::Told],
}

/// The numbers of some points in a column.
#[derive(Clone, Copy, Debug)]
enum Part<'c> {
    Same(u64),
    Each(&'c [u64]),
}

impl Part<'_> {
    #[inline]
    fn get(self, index: usize) -> u64 {
        match self {
            Self::Same(number) => number,
            Self::Each(numbers) => numbers.get(index).copied().unwrap_or(0),
        }
    }
}

impl<'c> Run<'c> {
    fn part(&self, column: usize) -> Option<Part<'c>> {
        match self.told.get(column)? {
            packed::Told::Same(number) => Some(Part::Same(*number)),
            packed::Told::Each => {
                let start = column.checked_mul(self.count)?;
                self.cells.get(start + self.rows.start..start + self.rows.end).map(Part::Each)
            }
        }
    }
}

#[inline]
fn level((state, per_unit): (State, f64), start: u64, parts: [u64; 5]) -> Option<Level> {
    let [first, second, third, fourth, fifth] = parts;
    match state {
        State::Read | State::Given => {
            let (number, min) = (first, second);
            let max = min.wrapping_add(third);
            let rest = u128::from(fifth) << 64 | u128::from(fourth);
            let sum = expected(number, min, max).wrapping_add(rest) & SUM;
            let readings = Readings::new(number, sum, min, max)?;
            match state {
                State::Read => Some(Level::Read(readings)),
                // Of no readings there is no mean.
                _ => (number > 0).then(|| Level::Told(readings.gauge(per_unit))),
            }
        }
        State::Between => {
            let from = (first, second);
            let to = (from.0.wrapping_add(third), fourth);
            is_line(from, to, start).then_some(Level::Between(from, to))
        }
        State::Told => {
            let [ave, min, max] = [first, second, third].map(f64::from_bits);
            Some(Level::Told(Gauge { ave, min, max }))
        }
        State::Nothing | State::TooLarge | State::Growth => None,
    }
}

/// Whether the straight line between two readings can tell of an interval that begins so, in
/// seconds.
pub(super) fn is_line(from: (u64, u64), to: (u64, u64), start: u64) -> bool {
    from.0 < to.0 && from.0 <= start.saturating_mul(NANOS_PER_SECOND)
}
