//! One container's points that were emitted before they were final.

use std::collections::BTreeMap;

use crate::metric::{Metric, MetricSet};
use crate::point::DataPoint;

/// What was emitted before it was final, and what it lacked.
#[derive(Debug)]
pub(super) struct Flushed {
    metrics: MetricSet,
    /// The points of open intervals, as far as they are counted: what was emitted of them and what
    /// is in the tally, together.
    points: Vec<DataPoint>,
    /// The time up to which everything was emitted, in seconds since the epoch.
    until: u64,
    /// See [`Totals::tally`](super::Totals::tally).
    tally: BTreeMap<Metric, i128>,
}

impl Flushed {
    pub(super) fn new(metrics: MetricSet) -> Self {
        Self { metrics, points: Vec::new(), until: 0, tally: BTreeMap::new() }
    }

    /// The time up to which everything was emitted, in seconds since the epoch.
    pub(super) fn until(&self) -> u64 {
        self.until
    }

    pub(super) fn add_counts_to(&self, tally: &mut BTreeMap<Metric, i128>) {
        for (metric, growth) in &self.tally {
            *tally.entry(*metric).or_default() += growth;
        }
    }

    /// Adds those points of open intervals to `points` that were not emitted before.
    pub(super) fn emit(&mut self, open: Vec<DataPoint>, points: &mut Vec<DataPoint>) {
        for point in &open {
            if point.interval().start() < self.until {
                self.count_change(point);
            } else {
                points.push(point.clone());
            }
        }
        self.retract_before(u64::MAX);
        let end = open.last().map_or(0, |last| last.interval().end());
        self.until = self.until.max(end);
        self.points = open;
    }

    /// Removes those of the final points from `first` on that were emitted before. All intervals
    /// that begin before `open_from`, in nanoseconds since the epoch, are final.
    pub(super) fn remove_flushed(
        &mut self,
        points: &mut Vec<DataPoint>,
        first: usize,
        open_from: u64,
    ) {
        let is_known = |point: &&DataPoint| point.interval().start() < self.until;
        let known = points.iter().skip(first).take_while(is_known).count();
        for point in points.drain(first..first + known) {
            self.count_change(&point);
        }
        self.retract_before(open_from);
    }

    /// Takes points out of the count that begin before a time: in the end there are none.
    pub(super) fn retract_before(&mut self, open_from: u64) {
        let is_open = |point: &DataPoint| point.interval().start_nanos() >= open_from;
        let (open, gone) = std::mem::take(&mut self.points).into_iter().partition(is_open);
        self.points = open;
        for point in gone {
            self.count(&point, -1);
        }
    }

    /// Counts what a point adds to what was known of its interval.
    fn count_change(&mut self, point: &DataPoint) {
        self.count(point, 1);
        let known = self.points.iter().position(|one| one.interval() == point.interval());
        if let Some(known) = known.map(|index| self.points.remove(index)) {
            self.count(&known, -1);
        }
    }

    fn count(&mut self, point: &DataPoint, sign: i128) {
        for metric in self.metrics.iter() {
            if let Some(growth) = point.growth(metric).filter(|growth| *growth > 0) {
                let sum = self.tally.entry(metric).or_default();
                *sum += sign * i128::from(growth);
                if *sum == 0 {
                    self.tally.remove(&metric);
                }
            }
        }
    }
}
