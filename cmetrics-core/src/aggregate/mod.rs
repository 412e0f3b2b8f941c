//! Changes to data points: growth and gauges gathered by interval.
//!
//! An [`Aggregator`] takes one container's samples, in rising time, with what each of them
//! changed, and gives a point for each interval as soon as no later sample can alter it.

mod accumulator;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::delta::{Change, Growth, share};
use crate::metric::{Kind, MetricSet, Values};
use crate::point::DataPoint;
use crate::sample::Sample;
use crate::settings::Settings;
use crate::time::{Interval, Timestamp};
use accumulator::Accumulator;

/// One container's intervals that are being filled.
#[derive(Debug)]
pub struct Aggregator {
    name: Arc<str>,
    settings: Settings,
    metrics: MetricSet,
    /// Those that decide which intervals give a point.
    documented: MetricSet,
    /// By start. There may be holes: a container can be silent for years.
    open: BTreeMap<u64, Accumulator>,
    overflows: u64,
}

impl Aggregator {
    /// An aggregator for the container of this name.
    pub fn new(name: Arc<str>, settings: Settings) -> Self {
        let documented = MetricSet::documented();
        Self {
            name,
            settings,
            metrics: settings.all_metrics(),
            documented,
            open: BTreeMap::new(),
            overflows: 0,
        }
    }

    /// Adds what a sample changed.
    pub fn change(&mut self, change: Change) {
        match change {
            Change::Growth { metric, growth } if self.metrics.contains(metric) => {
                let rank = self.metrics.rank(metric);
                let gives_point = self.documented.contains(metric);
                self.grow(rank, gives_point, growth);
            }
            Change::Line { metric, from, to } if self.metrics.contains(metric) => {
                let rank = self.metrics.rank(metric);
                let gives_point = self.documented.contains(metric);
                self.each_between(from.0, to.0, |open, start, end| {
                    if (start, end) == (open.interval.start_nanos(), open.interval.end_nanos()) {
                        open.lie_between(rank, from, to);
                        open.gives_point |= gives_point;
                    }
                });
            }
            Change::Watched { from, to } => {
                self.each_between(from, to, |open, start, end| open.watched_nanos += end - start);
            }
            _ => {}
        }
    }

    /// Adds a sample, after what it changed.
    pub fn sample(&mut self, sample: &Sample) {
        let metrics = self.metrics;
        let open = self.holding(sample.time());
        open.samples += 1;
        open.gives_point = true;
        for (metric, value) in sample.readings().iter() {
            if metric.kind() == Kind::Gauge && metrics.contains(metric) {
                open.read(metrics.rank(metric), value);
            }
        }
    }

    /// Gives the points of all intervals that no sample after `newest` can alter.
    pub fn settle(&mut self, newest: Timestamp, give: &mut dyn FnMut(DataPoint)) {
        let settled = newest.nanos().saturating_sub(self.settings.max_gap_nanos());
        while let Some(first) = self.open.first_entry()
            && first.get().interval.end_nanos() <= settled
        {
            let open = first.remove();
            self.give(&open, give);
        }
    }

    /// Gives the points of all intervals, as no more samples come.
    pub fn finish(&mut self, give: &mut dyn FnMut(DataPoint)) {
        for open in std::mem::take(&mut self.open).into_values() {
            self.give(&open, give);
        }
    }

    /// How many figures did not fit 64 bits and are `null`.
    pub fn overflows(&self) -> u64 {
        self.overflows
    }

    fn grow(&mut self, rank: usize, gives_point: bool, growth: Growth) {
        match growth {
            Growth::Shared { from, to, growth } => {
                let whole = to - from;
                self.each_between(from, to, |open, start, end| {
                    let risen = |time| share(growth, time - from, whole);
                    open.grow(rank, risen(end) - risen(start));
                    open.gives_point |= gives_point;
                });
            }
            Growth::Credited { at, growth } => {
                if let Some(at) = Timestamp::from_nanos(at) {
                    self.holding(at).grow(rank, growth);
                }
            }
            Growth::Unattributed(_) => {}
        }
    }

    /// Calls `each` with every interval that has a part of `from..to`, and that part.
    fn each_between(
        &mut self,
        from: u64,
        to: u64,
        mut each: impl FnMut(&mut Accumulator, u64, u64),
    ) {
        let Some(first) = Timestamp::from_nanos(from) else { return };
        let mut interval = Interval::containing(first, self.settings.interval());
        while interval.start_nanos() < to {
            let start = from.max(interval.start_nanos());
            let end = to.min(interval.end_nanos());
            each(self.filling(interval), start, end);
            interval = interval.next();
        }
    }

    fn holding(&mut self, time: Timestamp) -> &mut Accumulator {
        self.filling(Interval::containing(time, self.settings.interval()))
    }

    fn filling(&mut self, interval: Interval) -> &mut Accumulator {
        let open = self.open.entry(interval.start());
        open.or_insert_with(|| Accumulator::new(interval, self.metrics))
    }

    fn give(&mut self, open: &Accumulator, give: &mut dyn FnMut(DataPoint)) {
        if open.gives_point {
            give(self.point(open));
        }
    }

    fn point(&mut self, open: &Accumulator) -> DataPoint {
        let mut growths = Values::default();
        let mut gauges = Vec::new();
        for (rank, metric) in self.metrics.iter().enumerate() {
            match open.growth(rank).map(u64::try_from) {
                Some(Ok(growth)) => growths.set(metric, growth),
                Some(Err(_)) => self.overflows += 1,
                None => {}
            }
            gauges.extend(open.gauge(metric, rank).map(|gauge| (metric, gauge)));
        }
        DataPoint::made(
            Arc::clone(&self.name),
            open.interval,
            (open.samples, open.watched_nanos),
            (growths, gauges),
            self.settings.metrics(),
        )
    }
}
