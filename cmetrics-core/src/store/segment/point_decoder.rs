//! Makes points from a block's columns.

use std::sync::Arc;

use smallvec::SmallVec;

use super::directory::ShapeDecoder;
use super::from_figures::interval_nanos;
use super::gauge_decoder::{GaugeRun, PartScratch};
use super::packed::Decoded;
use super::shape::{Column, CoverageForm, State};
use crate::metric::{Kind, MetricSet};
use crate::point::{
    DataPoint, Figures, INLINE_GAUGES, INLINE_GROWTHS, Level, Numbers, Padded, Starts, Watched,
};
use crate::time::Interval;

const GAUGES: MetricSet = MetricSet::of_kind(Kind::Gauge);

/// Decodes points of one shape: which of a block's columns has which of their numbers.
#[derive(Debug)]
pub(super) struct PointDecoder<'m> {
    pub(super) shape: &'m ShapeDecoder,
    samples: usize,
    watched: usize,
    pub(super) growths: Vec<usize>,
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

    /// Whether these are the numbers of points.
    pub(super) fn check(&self, starts: Starts<'_>, columns: &ColumnRun<'_>) -> Option<()> {
        // Times rise: if the last one fits, all do.
        let last =
            starts.numbers.last()?.checked_mul(starts.seconds)?.checked_add(starts.seconds)?;
        self.samples(columns)?;
        self.watched(columns)?;
        self.growths.iter().try_for_each(|column| columns.part(*column).map(drop))?;
        let mut gauges = self.gauges(starts, columns);
        let are_right = gauges.all(|gauge| gauge.is_some_and(|gauge| gauge.check()));
        (are_right && last < u64::MAX).then_some(())
    }

    /// Appends consecutive points of this shape that were [checked](Self::check).
    pub(super) fn points(
        &self,
        name: &Arc<str>,
        starts: Starts<'_>,
        columns: &ColumnRun<'_>,
        scratch: &mut PointScratch,
        points: &mut Vec<DataPoint>,
    ) -> Option<()> {
        let (present, too_large) = (self.shape.present, self.shape.too_large);
        let selected = self.shape.selected;
        let (samples, watched) = (self.samples(columns)?, self.watched(columns)?);
        let changing = self.begin(columns, scratch)?;
        self.begin_levels(starts, columns, scratch)?;
        let PointScratch { growths, levels, level_runs, .. } = scratch;
        let point = |(index, interval): (usize, Interval)| {
            for (place, numbers) in &changing {
                if let (Some(place), Some(number)) = (growths.get_mut(*place), numbers.get(index)) {
                    *place = *number;
                }
            }
            for (place, run) in levels.iter_mut().zip(&*level_runs) {
                *place = run.get(index).copied().unwrap_or(*place);
            }
            let watched = covered(self.shape.watched, watched.get(index), interval);
            let growths = Padded { values: growths, count: self.growths.len() };
            let levels = Padded { values: levels, count: self.levels.len() };
            let figures = Figures::from_padded(present, too_large, growths, levels);
            let samples = self.shape.has_samples.then(|| samples.get(index));
            let name = Arc::clone(name);
            DataPoint::from_parts(name, interval, samples, watched, figures, selected)
        };
        points.extend(starts.intervals().enumerate().map(point));
        Some(())
    }

    /// The numbers of samples, 0 for points without. `None` where they are missing.
    pub(super) fn samples<'c>(&self, columns: &ColumnRun<'c>) -> Option<Numbers<'c>> {
        if self.shape.has_samples { columns.part(self.samples) } else { Some(Numbers::Constant(0)) }
    }

    /// The numbers that say how much is covered. `None` where they are missing.
    pub(super) fn watched<'c>(&self, columns: &ColumnRun<'c>) -> Option<Numbers<'c>> {
        match self.shape.watched {
            CoverageForm::Unknown => Some(Numbers::Constant(0)),
            _ => columns.part(self.watched),
        }
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
            if let Numbers::Varying(numbers) = part {
                changing.push((place, numbers));
            }
            scratch.growths.push(part.get(0));
        }
        scratch.growths.resize(self.growths.len().max(INLINE_GROWTHS), 0);
        Some(changing)
    }

    /// Fills in the levels that are constant, and decodes the others.
    fn begin_levels(
        &self,
        starts: Starts<'_>,
        columns: &ColumnRun<'_>,
        scratch: &mut PointScratch,
    ) -> Option<()> {
        let PointScratch { levels, level_runs, parts, .. } = scratch;
        levels.clear();
        level_runs.resize_with(self.levels.len(), Vec::new);
        for (gauge, run) in self.gauges(starts, columns).zip(level_runs) {
            let (gauge, constant) = (gauge?, gauge?.constant());
            run.clear();
            if constant.is_none() {
                gauge.decode(parts, run);
            }
            levels.push(constant.unwrap_or_default());
        }
        levels.resize(self.levels.len().max(INLINE_GAUGES), Level::default());
        Some(())
    }

    /// The gauges, in the order of their metrics. `None` where a part is missing.
    pub(super) fn gauges<'c>(
        &self,
        starts: Starts<'c>,
        columns: &ColumnRun<'c>,
    ) -> impl Iterator<Item = Option<GaugeRun<'c>>> {
        let metrics = self.shape.present.intersection(GAUGES).iter();
        metrics.zip(&self.levels).map(move |(metric, (state, first, per_unit))| {
            let parts = columns.parts(*state, *first)?;
            Some(GaugeRun { metric, state: *state, per_unit: *per_unit, parts, starts })
        })
    }
}

/// Growths that are not constant, with their indices.
type Changing<'c> = SmallVec<[(usize, &'c [u64]); INLINE_GROWTHS]>;

/// Buffers for the figures of points.
#[derive(Debug, Default)]
pub(super) struct PointScratch {
    /// Of one point, padded to the size of its inline arrays.
    growths: Vec<u64>,
    levels: Vec<Level>,
    /// By gauge, then by point; none of a gauge whose level is constant.
    level_runs: Vec<Vec<Level>>,
    pub(super) parts: PartScratch,
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

impl<'c> ColumnRun<'c> {
    /// The numbers of these points in one column.
    pub(super) fn part(&self, column: usize) -> Option<Numbers<'c>> {
        match self.decoded.get(column)? {
            Decoded::Constant(number) => Some(Numbers::Constant(*number)),
            Decoded::Varying => {
                let start = column.checked_mul(self.count)?;
                self.cells.get(start + self.rows.start..start + self.rows.end).map(Numbers::Varying)
            }
        }
    }

    /// The parts of a gauge in this state whose first column this is.
    pub(super) fn parts(&self, state: State, first: usize) -> Option<[Numbers<'c>; 5]> {
        let mut parts = [Numbers::Constant(0); 5];
        for (place, (_, column)) in parts.iter_mut().zip(state.parts().zip(first..)) {
            *place = self.part(column)?;
        }
        Some(parts)
    }
}

/// How much of an interval is covered, by the number that is stored for it.
#[inline]
pub(super) fn covered(form: CoverageForm, number: u64, interval: Interval) -> Watched {
    let covered = Watched::Nanos(interval_nanos(interval.seconds()).wrapping_sub(number));
    match form {
        CoverageForm::Nanos => covered,
        CoverageForm::Part => Watched::Part(f64::from_bits(number)),
        CoverageForm::WholePart => covered.coverage(interval).map_or(covered, Watched::Part),
        CoverageForm::Unknown => Watched::Unknown,
    }
}
