//! The exact state of a gauge in an interval, from which its figures are computed and points are
//! rolled up.

use serde::{Deserialize, Serialize};

use super::Gauge;
use super::line::interpolate;
use crate::metric::Metric;
use crate::time::Interval;

/// What is known of a gauge in an interval, in the unit of its readings.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Level {
    /// It has readings in the interval.
    Read(ReadingSummary),
    /// It has no reading in the interval, but one before and one after: (nanoseconds, value) each.
    Between((u64, u64), (u64, u64)),
    /// Only its figures are known, in base units.
    #[serde(rename = "Told")]
    Inexact(Gauge),
}

/// A summary of all readings of a gauge in an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReadingSummary {
    number: u32,
    // The sum of fewer than 2^32 readings of 64 bits has at most 96 bits. Two parts and `number`
    // take 16 bytes together; a `u128` would take as many alone, and pad the rest.
    sum_high: u32,
    sum_low: u64,
    pub(crate) min: u64,
    pub(crate) max: u64,
}

impl ReadingSummary {
    /// `None` where the number of readings or their sum does not fit.
    pub(crate) fn new(number: u64, sum: u128, min: u64, max: u64) -> Option<Self> {
        let number = u32::try_from(number).ok()?;
        let sum_high = u32::try_from(sum >> 64).ok()?;
        #[expect(clippy::cast_possible_truncation, reason = "the lower half is meant")]
        let sum_low = sum as u64;
        Some(Self { number, sum_high, sum_low, min, max })
    }

    /// The same, of a number and a sum that are known to fit.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "they fit")]
    pub(crate) fn of_fitting(number: u64, sum: u128, min: u64, max: u64) -> Self {
        let (sum_high, sum_low) = ((sum >> 64) as u32, sum as u64);
        Self { number: number as u32, sum_high, sum_low, min, max }
    }

    pub(crate) fn number(self) -> u64 {
        self.number.into()
    }

    pub(crate) fn sum(self) -> u128 {
        u128::from(self.sum_high) << 64 | u128::from(self.sum_low)
    }

    /// Whether this number of readings, with this least and greatest one, can have this sum.
    fn are_possible(self) -> bool {
        let (min, max) = (u128::from(self.min), u128::from(self.max));
        let Some(others) = self.number.checked_sub(1).map(u128::from) else { return false };
        min <= max && (others * min + max..=others * max + min).contains(&self.sum())
    }

    /// The figures in base units, each of which is `per_unit` units of the readings.
    #[inline]
    #[expect(clippy::cast_precision_loss, reason = "a gauge is a floating-point number")]
    pub(crate) fn gauge(self, per_unit: f64) -> Gauge {
        let Self { number, sum_high, sum_low, min, max } = self;
        let sum = if sum_high == 0 { sum_low as f64 } else { self.wide_sum() };
        Gauge {
            ave: sum / (f64::from(number) * per_unit),
            min: min as f64 / per_unit,
            max: max as f64 / per_unit,
        }
    }

    /// The conversion of 128 bits to a float is slow, and seldom needed. It must not be done in
    /// advance.
    #[cold]
    #[inline(never)]
    #[expect(clippy::cast_precision_loss, reason = "a gauge is a floating-point number")]
    fn wide_sum(self) -> f64 {
        self.sum() as f64
    }

    fn merge(self, other: Self) -> Option<Self> {
        // The operands have at most 32 and 96 bits, so these sums cannot overflow.
        let (number, sum) = (self.number() + other.number(), self.sum() + other.sum());
        Self::new(number, sum, self.min.min(other.min), self.max.max(other.max))
    }
}

impl Default for Level {
    /// A placeholder for rows without a level.
    fn default() -> Self {
        Self::Inexact(Gauge::default())
    }
}

impl Level {
    /// The figures in base units (`docs/points.md`, rules 8 and 9).
    pub(crate) fn gauge(&self, interval: Interval, metric: Metric) -> Gauge {
        self.scaled(interval, f64::from(metric.info().per_unit)).unwrap_or_else(|inexact| inexact)
    }

    /// The figures in the unit of the readings.
    pub(super) fn gauge_of_readings(&self, interval: Interval, metric: Metric) -> Gauge {
        self.scaled(interval, 1.0).unwrap_or_else(|Gauge { ave, min, max }| {
            let per_unit = f64::from(metric.info().per_unit);
            Gauge { ave: ave * per_unit, min: min * per_unit, max: max * per_unit }
        })
    }

    /// The figures in units of so many units of the readings; as an error in base units, where
    /// nothing else is known.
    #[inline]
    fn scaled(&self, interval: Interval, per_unit: f64) -> Result<Gauge, Gauge> {
        match *self {
            Self::Read(readings) => Ok(readings.gauge(per_unit)),
            Self::Between(from, to) => {
                let (start, end) = (interval.start_nanos(), interval.end_nanos());
                let at = |time| interpolate(from, to, time) / per_unit;
                let (first, last) = (at(start), at(end));
                let ave = at(start + (end - start) / 2);
                Ok(Gauge { ave, min: first.min(last), max: first.max(last) })
            }
            Self::Inexact(gauge) => Err(gauge),
        }
    }

    /// Whether readings of an interval can result in this level. A deserialised level may be
    /// impossible.
    pub(super) fn is_possible(&self, interval: Interval) -> bool {
        match *self {
            Self::Read(readings) => readings.are_possible(),
            Self::Between(from, to) => {
                from.0 <= interval.start_nanos() && interval.end_nanos() <= to.0
            }
            Self::Inexact(_) => true,
        }
    }

    /// Whether more than its figures is known.
    pub(crate) fn is_exact(&self) -> bool {
        !matches!(self, Self::Inexact(_))
    }
}

/// Rolls up the levels of a gauge in the intervals of a wider one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct GaugeRollUp {
    readings: Option<ReadingSummary>,
    /// The two readings around the intervals without readings.
    between: Option<((u64, u64), (u64, u64))>,
    /// The total width of the intervals without readings.
    between_seconds: u64,
    /// Whether any level is inexact.
    is_inexact: bool,
    /// The sum of all means, the least and the greatest, and the number of intervals.
    figures: Option<(Gauge, f64)>,
}

impl GaugeRollUp {
    /// Adds the level of the next interval.
    pub(super) fn add(&mut self, level: &Level, interval: Interval, metric: Metric) {
        match (*level, self.readings) {
            (Level::Read(readings), None) => self.readings = Some(readings),
            (Level::Read(readings), Some(known)) => {
                self.readings = known.merge(readings);
                self.is_inexact |= self.readings.is_none();
            }
            (Level::Between(from, to), _) => {
                // Without a reading in the wider interval, these are the same for all intervals.
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

    /// The level in the wider interval. Where any level is inexact, the mean is that of the
    /// intervals' means, with equal weights.
    pub(super) fn level(&self, wide: Interval) -> Option<Level> {
        if self.is_inexact {
            let mean = |(sum, number): (Gauge, f64)| Gauge { ave: sum.ave / number, ..sum };
            return self.figures.map(mean).map(Level::Inexact);
        }
        let between = self.between.filter(|_| self.between_seconds == wide.seconds());
        self.readings.map(Level::Read).or(between.map(|(from, to)| Level::Between(from, to)))
    }
}
