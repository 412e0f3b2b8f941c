//! Makes points from a block's columns.

use std::sync::Arc;

use smallvec::SmallVec;

use super::directory::ShapeDecoder;
use super::from_figures::interval_nanos;
use super::packed::Decoded;
use super::shape::{Column, CoverageForm, SUM, State, expected};
use crate::point::{
    DataPoint, Figures, Gauge, INLINE_GAUGES, INLINE_GROWTHS, Level, Padded, ReadingSummary,
    Watched,
};
use crate::time::{Interval, NANOS_PER_SECOND};

/// Decodes points of one shape: which of a block's columns has which of their numbers.
#[derive(Debug)]
pub(super) struct PointDecoder<'m> {
    shape: &'m ShapeDecoder,
    samples: usize,
    watched: usize,
    growths: Vec<usize>,
    levels: Vec<(State, usize, f64)>,
}

impl<'m> PointDecoder<'m> {
    pub(super) fn new(shape: &'m ShapeDecoder, columns: &[Column]) -> Self {
        let place = |column: &Column| columns.binary_search(column).unwrap_or(usize::MAX >> 16);
        let levels = shape.levels.iter();
        let levels = levels.map(|(state, column, per_unit)| (*state, place(column), *per_unit));
        Self {
            shape,
            samples: place(&Column::SAMPLES),
            watched: match shape.watched {
                CoverageForm::Nanos | CoverageForm::WholePart => place(&Column::MISSING),
                CoverageForm::Part => place(&Column::PART),
                CoverageForm::Unknown => 0,
            },
            growths: shape.growths.iter().map(place).collect(),
            levels: levels.collect(),
        }
    }

    /// Appends consecutive points of this shape. `None` where the numbers are invalid; then what
    /// was appended is invalid, too.
    pub(super) fn points(
        &self,
        name: &Arc<str>,
        seconds: u64,
        starts: &[u64],
        columns: &ColumnRun<'_>,
        scratch: &mut PointScratch,
        points: &mut Vec<DataPoint>,
    ) -> Option<()> {
        // Times rise: if the last one fits, all do.
        let last = starts.last()?.checked_mul(seconds)?.checked_add(seconds)?;
        let first = starts.first()?.wrapping_mul(seconds);
        let mut interval = Interval::new(first, first + seconds).filter(|_| last < u64::MAX)?;
        let whole = interval_nanos(seconds);
        let (present, too_large) = (self.shape.present, self.shape.too_large);
        let selected = self.shape.selected;
        let samples = if self.shape.has_samples { Some(columns.part(self.samples)?) } else { None };
        let watched = match self.shape.watched {
            CoverageForm::Unknown => ColumnPart::Constant(0),
            _ => columns.part(self.watched)?,
        };
        let changing = self.begin(columns, scratch)?;
        let gauges = self.gauges(columns)?;
        let mut is_right = true;
        let point = |(index, start): (usize, &u64)| {
            let start = start.wrapping_mul(seconds);
            if interval.start() != start {
                // Most intervals are consecutive, which takes no division to see.
                let next = Some(interval.next()).filter(|next| next.start() == start);
                let found = next.or_else(|| Interval::new(start, start.wrapping_add(seconds)));
                is_right &= found.is_some();
                interval = found.unwrap_or(interval);
            }
            for (place, numbers) in &changing {
                if let (Some(place), Some(number)) =
                    (scratch.growths.get_mut(*place), numbers.get(index))
                {
                    *place = *number;
                }
            }
            for (place, (state, per_unit, parts)) in scratch.levels.iter_mut().zip(&gauges) {
                let parts = parts.map(|part| part.get(index));
                let level = level(*state, *per_unit, start, parts);
                is_right &= level.is_some();
                *place = level.unwrap_or(NOTHING);
            }
            let covered = Watched::Nanos(whole.wrapping_sub(watched.get(index)));
            let watched = match self.shape.watched {
                CoverageForm::Nanos => covered,
                CoverageForm::Part => Watched::Part(f64::from_bits(watched.get(index))),
                CoverageForm::WholePart => {
                    covered.coverage(interval).map_or(covered, Watched::Part)
                }
                CoverageForm::Unknown => Watched::Unknown,
            };
            let growths = Padded { values: &scratch.growths, count: self.growths.len() };
            let levels = Padded { values: &scratch.levels, count: gauges.len() };
            let figures = Figures::from_padded(present, too_large, growths, levels);
            let (name, samples) = (Arc::clone(name), samples.map(|samples| samples.get(index)));
            DataPoint::from_parts(name, interval, samples, watched, figures, selected)
        };
        points.extend(starts.iter().enumerate().map(point));
        is_right.then_some(())
    }

    /// Fills in the growths that are constant, and returns the others.
    fn begin<'c>(
        &self,
        columns: &ColumnRun<'c>,
        scratch: &mut PointScratch,
    ) -> Option<Changing<'c>> {
        let mut changing = Changing::new();
        scratch.growths.clear();
        for (place, column) in self.growths.iter().enumerate() {
            let part = columns.part(*column)?;
            if let ColumnPart::Varying(numbers) = part {
                changing.push((place, numbers));
            }
            scratch.growths.push(part.get(0));
        }
        scratch.growths.resize(self.growths.len().max(INLINE_GROWTHS), 0);
        scratch.levels.clear();
        scratch.levels.resize(self.levels.len().max(INLINE_GAUGES), NOTHING);
        Some(changing)
    }

    fn gauges<'c>(&self, columns: &ColumnRun<'c>) -> Option<Gauges<'c>> {
        let gauge = |(state, first, per_unit): &(State, usize, f64)| {
            let mut parts = [ColumnPart::Constant(0); 5];
            for (place, part) in parts.iter_mut().zip(state.parts().zip(*first..)) {
                *place = columns.part(part.1)?;
            }
            Some((*state, *per_unit, parts))
        };
        self.levels.iter().map(gauge).collect()
    }
}

/// Growths that are not constant, with their indices.
type Changing<'c> = SmallVec<[(usize, &'c [u64]); INLINE_GROWTHS]>;
type Gauges<'c> = SmallVec<[(State, f64, [ColumnPart<'c>; 5]); INLINE_GAUGES]>;

const NOTHING: Level = Level::Between((0, 0), (0, 0));

/// The growths and levels of a point, padded to the size of a point's inline arrays.
#[derive(Debug, Default)]
pub(super) struct PointScratch {
    growths: Vec<u64>,
    levels: Vec<Level>,
}

/// Consecutive points of a block.
#[derive(Debug)]
pub(super) struct ColumnRun<'c> {
    /// By column, then by point.
    pub(super) cells: &'c [u64],
    /// The number of points of the block.
    pub(super) count: usize,
    pub(super) rows: std::ops::Range<usize>,
    /// By column.
    pub(super) decoded: &'c [Decoded],
}

/// The numbers of these points in one column.
#[derive(Clone, Copy, Debug)]
enum ColumnPart<'c> {
    Constant(u64),
    Varying(&'c [u64]),
}

impl ColumnPart<'_> {
    #[inline]
    fn get(self, index: usize) -> u64 {
        match self {
            Self::Constant(number) => number,
            Self::Varying(numbers) => numbers.get(index).copied().unwrap_or(0),
        }
    }
}

impl<'c> ColumnRun<'c> {
    fn part(&self, column: usize) -> Option<ColumnPart<'c>> {
        match self.decoded.get(column)? {
            Decoded::Constant(number) => Some(ColumnPart::Constant(*number)),
            Decoded::Varying => {
                let start = column.checked_mul(self.count)?;
                self.cells
                    .get(start + self.rows.start..start + self.rows.end)
                    .map(ColumnPart::Varying)
            }
        }
    }
}

#[inline]
fn level(state: State, per_unit: f64, start: u64, parts: [u64; 5]) -> Option<Level> {
    let [first, second, third, fourth, fifth] = parts;
    match state {
        State::Read | State::WholeFigures => {
            let (number, min) = (first, second);
            let max = min.wrapping_add(third);
            let rest = u128::from(fifth) << 64 | u128::from(fourth);
            let sum = expected(number, min, max).wrapping_add(rest) & SUM;
            let readings = ReadingSummary::new(number, sum, min, max)?;
            match state {
                State::Read => Some(Level::Read(readings)),
                // Without readings there is no mean.
                _ => (number > 0).then(|| Level::Inexact(readings.gauge(per_unit))),
            }
        }
        State::Between => {
            let from = (first, second);
            let to = (from.0.wrapping_add(third), fourth);
            is_line(from, to, start).then_some(Level::Between(from, to))
        }
        State::Figures => {
            let [ave, min, max] = [first, second, third].map(f64::from_bits);
            Some(Level::Inexact(Gauge { ave, min, max }))
        }
        State::Absent | State::TooLarge | State::Growth => None,
    }
}

/// Whether the straight line between two readings may belong to an interval with this start, in
/// seconds.
pub(super) fn is_line(from: (u64, u64), to: (u64, u64), start: u64) -> bool {
    from.0 < to.0 && from.0 <= start.saturating_mul(NANOS_PER_SECOND)
}
