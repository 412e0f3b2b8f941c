//! The shape of a point: everything about it but its numbers. A container's points have few shapes.

use smallvec::SmallVec;

use super::from_figures::{self, interval_nanos};
use crate::metric::{Kind, Metric, MetricSet};
use crate::point::{DataPoint, Level, ReadingSummary, Watched};
use crate::store::bytes::{Bytes, put_varint};

/// What points of a shape have of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum State {
    Absent,
    /// A figure that does not fit 64 bits.
    TooLarge,
    Growth,
    Read,
    Between,
    Figures,
    /// Figures alone that are exactly recovered from whole numbers.
    WholeFigures,
}

impl State {
    const ALL: [Self; 7] = [
        Self::Absent,
        Self::TooLarge,
        Self::Growth,
        Self::Read,
        Self::Between,
        Self::Figures,
        Self::WholeFigures,
    ];

    /// The range of its parts, which are numbers.
    pub(super) fn parts(self) -> std::ops::Range<u32> {
        match self {
            Self::Absent | Self::TooLarge => 0..0,
            Self::Growth => GROWTH..GROWTH + 1,
            Self::Read | Self::WholeFigures => READ..READ + 5,
            Self::Between => BETWEEN..BETWEEN + 4,
            Self::Figures => FIGURES..FIGURES + 3,
        }
    }
}

const GROWTH: u32 = 0;
/// Number, minimum, maximum minus minimum, and in two parts the sum minus its expected value.
const READ: u32 = 1;
/// Time and value of one reading, time from it to the other, and the other's value.
const BETWEEN: u32 = 6;
/// Mean, minimum and maximum.
const FIGURES: u32 = 10;

/// How a shape's points store their coverage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum CoverageForm {
    Nanos,
    Part,
    Unknown,
    /// A part that is exactly recovered from whole nanoseconds.
    WholePart,
}

/// The shape of a point, by this version's metrics.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct ShapeKey {
    present: MetricSet,
    too_large: MetricSet,
    selected: MetricSet,
    has_samples: bool,
    watched: CoverageForm,
    levels: SmallVec<[State; 8]>,
}

/// The shape of a point, by the directory's metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PointShape {
    pub(super) has_samples: bool,
    pub(super) watched: CoverageForm,
    /// In rising order of metric.
    pub(super) metrics: Vec<ShapeMetric>,
}

/// One metric of a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ShapeMetric {
    pub(super) metric: u32,
    pub(super) state: State,
    /// Whether it was selected.
    pub(super) is_selected: bool,
}

/// A column of a block: one of the points themselves, or a part of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Column(pub(super) u32);

impl Column {
    pub(super) const SAMPLES: Self = Self(0);
    pub(super) const MISSING: Self = Self(1);
    pub(super) const PART: Self = Self(2);

    pub(super) fn of(metric: u32, part: u32) -> Self {
        Self((metric + 1) * 16 + part)
    }

    /// The metric and the part.
    pub(super) fn metric(self) -> Option<(u32, u32)> {
        (self.0 / 16).checked_sub(1).map(|metric| (metric, self.0 % 16))
    }
}

/// More metrics than any directory has.
pub(super) const MOST_METRICS: u32 = 1 << 16;

/// A point's gauges, in the order of their metrics.
fn levels(point: &DataPoint) -> impl Iterator<Item = (Metric, &Level)> {
    let figures = point.figures();
    let gauges = figures.present().intersection(MetricSet::of_kind(Kind::Gauge));
    gauges.iter().zip(figures.levels())
}

fn states(point: &DataPoint) -> impl Iterator<Item = State> {
    levels(point).map(|(metric, level)| match level {
        Level::Read(_) => State::Read,
        Level::Between(..) => State::Between,
        Level::Inexact(told) if from_figures::readings(told, point, metric).is_some() => {
            State::WholeFigures
        }
        Level::Inexact(_) => State::Figures,
    })
}

fn coverage_form(point: &DataPoint) -> CoverageForm {
    match point.watched() {
        Watched::Nanos(_) => CoverageForm::Nanos,
        Watched::Part(part) if from_figures::missing_nanos(part, point).is_some() => {
            CoverageForm::WholePart
        }
        Watched::Part(_) => CoverageForm::Part,
        Watched::Unknown => CoverageForm::Unknown,
    }
}

impl ShapeKey {
    pub(super) fn of(point: &DataPoint) -> Self {
        let figures = point.figures();
        Self {
            present: figures.present(),
            too_large: figures.too_large(),
            selected: point.selected(),
            has_samples: point.samples().is_some(),
            watched: coverage_form(point),
            levels: states(point).collect(),
        }
    }

    /// Whether the point has this shape.
    pub(super) fn is_of(&self, point: &DataPoint) -> bool {
        let figures = point.figures();
        self.present == figures.present()
            && self.too_large == figures.too_large()
            && self.selected == point.selected()
            && self.has_samples == point.samples().is_some()
            && self.watched == coverage_form(point)
            && self.levels.iter().copied().eq(states(point))
    }

    pub(super) fn metrics(&self) -> MetricSet {
        self.present.union(self.too_large).union(self.selected)
    }

    /// The same by the directory's metrics.
    pub(super) fn shape(&self, number_of: impl Fn(Metric) -> u32) -> PointShape {
        let mut levels = self.levels.iter();
        let mut metrics = Vec::new();
        for metric in self.metrics().iter() {
            let state = match metric.kind() {
                _ if !self.present.contains(metric) => State::Absent,
                Kind::Counter => State::Growth,
                Kind::Gauge => levels.next().copied().unwrap_or(State::Absent),
            };
            let is_large = self.too_large.contains(metric) && state == State::Absent;
            let state = if is_large { State::TooLarge } else { state };
            let is_selected = self.selected.contains(metric);
            metrics.push(ShapeMetric { metric: number_of(metric), state, is_selected });
        }
        metrics.sort_by_key(|entry| entry.metric);
        PointShape { has_samples: self.has_samples, watched: self.watched, metrics }
    }
}

impl PointShape {
    /// The columns that points of this shape have, in rising order.
    pub(super) fn columns(&self) -> Vec<Column> {
        let mut columns = Vec::new();
        columns.extend(self.has_samples.then_some(Column::SAMPLES));
        match self.watched {
            CoverageForm::Nanos | CoverageForm::WholePart => columns.push(Column::MISSING),
            CoverageForm::Part => columns.push(Column::PART),
            CoverageForm::Unknown => {}
        }
        for entry in &self.metrics {
            columns.extend(entry.state.parts().map(|part| Column::of(entry.metric, part)));
        }
        columns
    }

    /// Whether readers of version 1 do not know it.
    pub(super) fn is_newer(&self) -> bool {
        self.watched == CoverageForm::WholePart
            || self.metrics.iter().any(|one| one.state == State::WholeFigures)
    }

    pub(super) fn put(&self, bytes: &mut Vec<u8>) {
        put_varint(bytes, u64::from(self.has_samples) | (self.watched as u64) << 1);
        put_varint(bytes, self.metrics.len() as u64);
        let mut next = 0;
        for entry in &self.metrics {
            let gap = u64::from(entry.metric - next);
            next = entry.metric + 1;
            put_varint(bytes, gap << 4 | u64::from(entry.is_selected) << 3 | entry.state as u64);
        }
    }

    pub(super) fn take(bytes: &mut Bytes<'_>) -> Option<Self> {
        let flags = bytes.varint()?;
        let watched = match flags >> 1 {
            0 => CoverageForm::Nanos,
            1 => CoverageForm::Part,
            2 => CoverageForm::Unknown,
            3 => CoverageForm::WholePart,
            _ => return None,
        };
        let mut metrics = Vec::new();
        let mut next = 0_u32;
        for _ in 0..bytes.varint()? {
            let entry = bytes.varint()?;
            let metric = next.checked_add(u32::try_from(entry >> 4).ok()?)?;
            if metric >= MOST_METRICS {
                return None;
            }
            next = metric + 1;
            let state = *State::ALL.get(usize::try_from(entry & 7).ok()?)?;
            metrics.push(ShapeMetric { metric, state, is_selected: entry & 8 != 0 });
        }
        Some(Self { has_samples: flags & 1 != 0, watched, metrics })
    }
}

/// Appends the numbers of a point, in the order of its shape's columns if its metrics are in the
/// directory's order.
pub(super) fn put_numbers(point: &DataPoint, numbers: &mut Vec<u64>) {
    numbers.extend(point.samples());
    match point.watched() {
        Watched::Nanos(nanos) => {
            numbers.push(interval_nanos(point.interval().seconds()).wrapping_sub(nanos));
        }
        Watched::Part(part) => {
            numbers.push(from_figures::missing_nanos(part, point).unwrap_or(part.to_bits()));
        }
        Watched::Unknown => {}
    }
    numbers.extend_from_slice(point.figures().growths());
    for (metric, level) in levels(point) {
        match level {
            Level::Read(read) => put_readings(*read, numbers),
            Level::Between(from, to) => {
                numbers.extend([from.0, from.1, to.0.wrapping_sub(from.0), to.1]);
            }
            Level::Inexact(told) => match from_figures::readings(told, point, metric) {
                Some(readings) => put_readings(readings, numbers),
                None => numbers.extend([told.ave, told.min, told.max].map(f64::to_bits)),
            },
        }
    }
}

fn put_readings(read: ReadingSummary, numbers: &mut Vec<u64>) {
    let (number, min, max) = (read.number(), read.min, read.max);
    let rest = read.sum().wrapping_sub(expected(number, min, max)) & SUM;
    #[expect(clippy::cast_possible_truncation, reason = "both halves are told")]
    numbers.extend([number, min, max.wrapping_sub(min), rest as u64, (rest >> 64) as u64]);
}

/// A sum has 96 bits.
pub(super) const SUM: u128 = (1 << 96) - 1;

/// The sum of so many readings if all but the greatest equal the least.
pub(super) fn expected(number: u64, min: u64, max: u64) -> u128 {
    let least = u128::from(number.wrapping_sub(1)) * u128::from(min);
    least.wrapping_add(max.into())
}
