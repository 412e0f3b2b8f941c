//! A gauge in an interval, exactly: what its figures are worked out from, and what rolling points
//! up needs.

use serde::{Deserialize, Serialize};

use super::Gauge;
use super::line::interpolate;
use crate::metric::Metric;
use crate::time::Interval;

/// What is known of a gauge in an interval, in the unit in which it is read.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Level {
    /// It was read in it.
    Read(ReadingSummary),
    /// It was read before and after, not in it: two readings (nanoseconds, value).
    Between((u64, u64), (u64, u64)),
    /// Its figures in base units, and nothing else.
    #[serde(rename = "Told")]
    Inexact(Gauge),
}

/// All readings of a gauge in an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReadingSummary {
    number: u32,
    // In halves: of so many readings of 64 bits the sum has at most 96, and 16 bytes are less
    // than what a number of 128 bits takes.
    sum_high: u32,
    sum_low: u64,
    pub(crate) min: u64,
    pub(crate) max: u64,
}

impl ReadingSummary {
    /// `None` for more readings than there can be.
    pub(crate) fn new(number: u64, sum: u128, min: u64, max: u64) -> Option<Self> {
        let number = u32::try_from(number).ok()?;
        let sum_high = u32::try_from(sum >> 64).ok()?;
        #[expect(clippy::cast_possible_truncation, reason = "the lower half is meant")]
        let sum_low = sum as u64;
        Some(Self { number, sum_high, sum_low, min, max })
    }

    pub(crate) fn number(self) -> u64 {
        self.number.into()
    }

    pub(crate) fn sum(self) -> u128 {
        u128::from(self.sum_high) << 64 | u128::from(self.sum_low)
    }

    /// Whether so many readings from the least to the greatest can have this sum.
    fn are_possible(self) -> bool {
        let (min, max) = (u128::from(self.min), u128::from(self.max));
        let Some(others) = self.number.checked_sub(1).map(u128::from) else { return false };
        min <= max && (others * min + max..=others * max + min).contains(&self.sum())
    }

    /// Mean, least and greatest, where so many units are one base unit.
    #[inline]
    #[expect(clippy::cast_precision_loss, reason = "a gauge is a floating-point number")]
    pub(crate) fn gauge(self, per_unit: f64) -> Gauge {
        let Self { number, sum_high, sum_low, min, max } = self;
        // 128 bits become a float slowly, and are seldom needed.
        let sum = if sum_high == 0 { sum_low as f64 } else { self.sum() as f64 };
        Gauge {
            ave: sum / (f64::from(number) * per_unit),
            min: min as f64 / per_unit,
            max: max as f64 / per_unit,
        }
    }

    fn merge(self, other: Self) -> Option<Self> {
        // Halves of 32 and 96 bits: their sums have room.
        let (number, sum) = (self.number() + other.number(), self.sum() + other.sum());
        Self::new(number, sum, self.min.min(other.min), self.max.max(other.max))
    }
}

impl Default for Level {
    /// Something for places that hold no level.
    fn default() -> Self {
        Self::Inexact(Gauge::default())
    }
}

impl Level {
    /// Mean, least and greatest, in base units (`docs/points.md`, rules 8 and 9).
    pub(crate) fn gauge(&self, interval: Interval, metric: Metric) -> Gauge {
        let per_unit = f64::from(metric.info().per_unit);
        match *self {
            Self::Read(readings) => readings.gauge(per_unit),
            Self::Between(from, to) => {
                let (start, end) = (interval.start_nanos(), interval.end_nanos());
                let at = |time| interpolate(from, to, time) / per_unit;
                let (first, last) = (at(start), at(end));
                let ave = at(start + (end - start) / 2);
                Gauge { ave, min: first.min(last), max: first.max(last) }
            }
            Self::Inexact(gauge) => gauge,
        }
    }

    /// Whether readings can have been like this in an interval. What was read from somewhere need
    /// not be.
    pub(super) fn is_possible(&self, interval: Interval) -> bool {
        match *self {
            Self::Read(readings) => readings.are_possible(),
            Self::Between(from, to) => {
                from.0 <= interval.start_nanos() && interval.end_nanos() <= to.0
            }
            Self::Inexact(_) => true,
        }
    }

    /// Whether it is more than figures.
    pub(crate) fn is_exact(&self) -> bool {
        !matches!(self, Self::Inexact(_))
    }
}

/// A gauge of several intervals that make up a wider one, being gathered.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct GaugeRollUp {
    readings: Option<ReadingSummary>,
    /// The two readings that intervals lie between, and how many seconds of them do.
    between: Option<((u64, u64), (u64, u64))>,
    /// The total width of the intervals without readings.
    between_seconds: u64,
    /// Whether any level is inexact.
    is_inexact: bool,
    /// The sum of all means, the least and the greatest, and the number of intervals.
    figures: Option<(Gauge, f64)>,
}

impl GaugeRollUp {
    /// Adds what is known of it in the next one.
    pub(super) fn add(&mut self, level: &Level, interval: Interval, metric: Metric) {
        match (*level, self.readings) {
            (Level::Read(readings), None) => self.readings = Some(readings),
            (Level::Read(readings), Some(known)) => {
                self.readings = known.merge(readings);
                self.is_inexact |= self.readings.is_none();
            }
            (Level::Between(from, to), _) => {
                // Without a reading in it, a whole wider interval lies on one line.
                self.between = Some((from, to));
                self.between_seconds = self.between_seconds.saturating_add(interval.seconds());
            }
            (Level::Inexact(_), _) => self.is_inexact = true,
        }
        let gauge = level.gauge(interval, metric);
        self.figures = Some(self.figures.map_or((gauge, 1.0), |(known, number)| {
            let (min, max) = (known.min.min(gauge.min), known.max.max(gauge.max));
            (Gauge { ave: known.ave + gauge.ave, min, max }, number + 1.0)
        }));
    }

    /// What it comes to in the wider interval. Where parts are not known, each of the intervals
    /// counts the same.
    pub(super) fn level(&self, wide: Interval) -> Option<Level> {
        if self.is_inexact {
            let mean = |(sum, number): (Gauge, f64)| Gauge { ave: sum.ave / number, ..sum };
            return self.figures.map(mean).map(Level::Inexact);
        }
        let between = self.between.filter(|_| self.between_seconds == wide.seconds());
        self.readings.map(Level::Read).or(between.map(|(from, to)| Level::Between(from, to)))
    }
}
