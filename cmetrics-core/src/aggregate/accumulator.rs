//! One interval being filled.

use crate::delta::level;
use crate::metric::{Kind, Metric, MetricSet};
use crate::point::Gauge;
use crate::time::Interval;

/// What is known of an interval so far.
#[derive(Debug)]
pub(super) struct Accumulator {
    pub(super) interval: Interval,
    pub(super) samples: u64,
    /// For how long the container was watched in it.
    pub(super) watched_nanos: u64,
    /// Whether anything happened in it that gives a point.
    pub(super) gives_point: bool,
    /// One for each metric of the set, in its order.
    figures: Vec<Figure>,
}

#[derive(Clone, Copy, Debug)]
enum Figure {
    Growth(Option<u128>),
    Gauge(Option<Level>),
}

/// What is known of a gauge in an interval.
#[derive(Clone, Copy, Debug)]
pub(super) enum Level {
    /// It was read in it.
    Read { sum: u128, number: u64, min: u64, max: u64 },
    /// It was read before and after, not in it: two readings (nanoseconds, value).
    Between((u64, u64), (u64, u64)),
}

impl Accumulator {
    pub(super) fn new(interval: Interval, metrics: MetricSet) -> Self {
        let figures = metrics.iter().map(|metric| match metric.kind() {
            Kind::Counter => Figure::Growth(None),
            Kind::Gauge => Figure::Gauge(None),
        });
        Self {
            interval,
            samples: 0,
            watched_nanos: 0,
            gives_point: false,
            figures: figures.collect(),
        }
    }

    /// Adds a share of the growth of the counter of this rank.
    pub(super) fn grow(&mut self, rank: usize, share: u128) {
        if let Some(Figure::Growth(growth)) = self.figures.get_mut(rank) {
            *growth = Some(growth.unwrap_or_default() + share);
        }
    }

    /// Adds a reading of the gauge of this rank.
    pub(super) fn read(&mut self, rank: usize, value: u64) {
        let Some(Figure::Gauge(gauge)) = self.figures.get_mut(rank) else { return };
        let (sum, number, min, max) = match *gauge {
            Some(Level::Read { sum, number, min, max }) => (sum, number, min, max),
            _ => (0, 0, value, value),
        };
        let sum = sum + u128::from(value);
        *gauge =
            Some(Level::Read { sum, number: number + 1, min: min.min(value), max: max.max(value) });
    }

    /// Says that the interval lies wholly between two readings of the gauge of this rank. One of
    /// them may lie on its first instant, and then counts as a reading in it.
    pub(super) fn lie_between(&mut self, rank: usize, from: (u64, u64), to: (u64, u64)) {
        if let Some(Figure::Gauge(gauge @ None)) = self.figures.get_mut(rank) {
            *gauge = Some(Level::Between(from, to));
        }
    }

    pub(super) fn growth(&self, rank: usize) -> Option<u128> {
        match self.figures.get(rank) {
            Some(Figure::Growth(growth)) => *growth,
            _ => None,
        }
    }

    pub(super) fn gauge(&self, metric: Metric, rank: usize) -> Option<Gauge> {
        match self.figures.get(rank) {
            Some(Figure::Gauge(Some(level))) => Some(level.figures(self.interval, metric)),
            _ => None,
        }
    }
}

impl Level {
    /// Mean, least and greatest, in base units (contract, rules 8 and 9).
    fn figures(self, interval: Interval, metric: Metric) -> Gauge {
        let per_unit = f64::from(metric.row().per_unit);
        match self {
            #[expect(clippy::cast_precision_loss, reason = "a gauge is a floating-point number")]
            Self::Read { sum, number, min, max } => Gauge {
                ave: sum as f64 / (number as f64 * per_unit),
                min: min as f64 / per_unit,
                max: max as f64 / per_unit,
            },
            Self::Between(from, to) => {
                let (start, end) = (interval.start_nanos(), interval.end_nanos());
                let at = |time| level(from, to, time) / per_unit;
                let (first, last) = (at(start), at(end));
                let ave = at(start + (end - start) / 2);
                Gauge { ave, min: first.min(last), max: first.max(last) }
            }
        }
    }
}
