//! What is known of one interval while samples still come.

use super::layout_map::AggregatedMetrics;
use crate::metric::{Metric, MetricSet};
use crate::point::{Figures, Gauge, Level, ReadingSummary};
use crate::time::Interval;

/// The sums of one interval so far.
#[derive(Clone, Debug)]
pub(super) struct Accumulator {
    pub(super) interval: Interval,
    pub(super) samples: u64,
    /// How long the container was watched in the interval.
    pub(super) watched_nanos: u64,
    /// Whether the interval gets a point.
    pub(super) makes_point: bool,
    /// The metrics that have growth or readings.
    pub(super) present: MetricSet,
    /// The gauges with a reading that does not fit 64 bits.
    pub(super) too_large: MetricSet,
    /// The growth by rank of the counter; 0 where there is none.
    growths: Vec<u128>,
    /// The state by rank of the gauge.
    levels: Vec<Option<GaugeState>>,
}

/// The readings of a gauge in an interval so far.
#[derive(Clone, Copy, Debug)]
enum GaugeState {
    /// The gauge was read in the interval.
    Read { sum: u128, number: u64, min: u64, max: u64 },
    /// The gauge was read before and after the interval, but not in it. The two readings, as
    /// nanoseconds and value.
    Between((u64, u64), (u64, u64)),
}

impl Accumulator {
    pub(super) fn new(interval: Interval, metrics: &AggregatedMetrics) -> Self {
        Self {
            interval,
            samples: 0,
            watched_nanos: 0,
            makes_point: false,
            present: MetricSet::default(),
            too_large: MetricSet::default(),
            growths: vec![0; metrics.counters.len()],
            levels: vec![None; metrics.gauges.len()],
        }
    }

    /// Clears everything, for another interval.
    pub(super) fn reset(&mut self, interval: Interval) {
        self.interval = interval;
        self.samples = 0;
        self.watched_nanos = 0;
        self.makes_point = false;
        self.present = MetricSet::default();
        self.too_large = MetricSet::default();
        self.growths.fill(0);
        self.levels.fill(None);
    }

    /// Adds a share of the growth of the counter of this rank. The caller adds the metric to
    /// `present`.
    #[inline]
    pub(super) fn add_growth(&mut self, rank: usize, share: u128) {
        if let Some(growth) = self.growths.get_mut(rank) {
            *growth += share;
        }
    }

    /// Adds a reading of the gauge of this rank.
    #[inline]
    pub(super) fn add_reading(&mut self, metric: Metric, rank: usize, value: u64) {
        let Some(level) = self.levels.get_mut(rank) else { return };
        if let Some(GaugeState::Read { sum, number, min, max }) = level {
            *sum += u128::from(value);
            *number += 1;
            *min = value.min(*min);
            *max = value.max(*max);
        } else {
            *level =
                Some(GaugeState::Read { sum: value.into(), number: 1, min: value, max: value });
            self.present.insert(metric);
        }
    }

    /// Notes that the interval lies between two readings of the gauge of this rank. The earlier
    /// one may lie on the first instant of the interval: then it is a reading in the interval, and
    /// takes precedence.
    pub(super) fn set_between(
        &mut self,
        metric: Metric,
        rank: usize,
        from: (u64, u64),
        to: (u64, u64),
    ) {
        if let Some(level @ None) = self.levels.get_mut(rank) {
            *level = Some(GaugeState::Between(from, to));
            self.present.insert(metric);
        }
    }

    /// The figures of the metrics that are present. Adds to `too_large` how many do not fit 64
    /// bits.
    #[inline]
    pub(super) fn figures(&self, metrics: &AggregatedMetrics, too_large: &mut u64) -> Figures {
        let (mut present, mut removed) = (self.present, self.too_large);
        if !removed.is_empty() {
            present = present.filter(|metric| !removed.contains(metric));
            *too_large += removed.len() as u64;
        }
        if self.growths.iter().any(|growth| u64::try_from(*growth).is_err()) {
            for (metric, growth) in metrics.counters.iter().zip(&self.growths) {
                if u64::try_from(*growth).is_err() {
                    present.remove(metric);
                    removed.insert(metric);
                    *too_large += 1;
                }
            }
        }
        let all = present.intersection(metrics.counters) == metrics.counters;
        let gauges = metrics.gauges.iter().zip(&self.levels);
        let gauges = gauges.filter(|(metric, _)| !self.too_large.contains(*metric));
        let gauges = gauges.filter_map(|(metric, level)| Some((*level)?.level(metric)));
        #[expect(clippy::cast_possible_truncation, reason = "those that do not fit are removed")]
        let narrow = |growth: &u128| *growth as u64;
        if all && removed.is_empty() {
            return Figures::new(present, self.growths.iter().map(narrow), gauges);
        }
        let growths = metrics.counters.iter().zip(&self.growths);
        let growths = growths.filter(|(metric, _)| present.contains(*metric));
        let growths = growths.map(|(_, growth)| narrow(growth));
        Figures::new(present, growths, gauges).with_too_large(removed)
    }
}

impl GaugeState {
    fn level(self, metric: Metric) -> Level {
        match self {
            Self::Between(from, to) => Level::Between(from, to),
            Self::Read { sum, number, min, max } => {
                let readings = ReadingSummary::new(number, sum, min, max).map(Level::Read);
                readings.unwrap_or_else(|| Level::Inexact(mean(sum, number, min, max, metric)))
            }
        }
    }
}

/// The figures of readings that cannot be stored exactly.
#[cold]
fn mean(sum: u128, number: u64, min: u64, max: u64, metric: Metric) -> Gauge {
    let per_unit = f64::from(metric.info().per_unit);
    #[expect(clippy::cast_precision_loss, reason = "a gauge is a floating-point number")]
    let (sum, number, min, max) = (sum as f64, number as f64, min as f64, max as f64);
    Gauge { ave: sum / (number * per_unit), min: min / per_unit, max: max / per_unit }
}
