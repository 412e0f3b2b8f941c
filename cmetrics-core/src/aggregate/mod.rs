//! Changes to data points: growth and gauge readings, summed up by interval.
//!
//! An [`Aggregator`] takes one container's samples in rising time, with their changes, and emits
//! the point of each interval as soon as no later sample can change it.

mod accumulator;
mod layout_map;
mod open_intervals;
mod run;
mod share;

use std::sync::Arc;

use crate::delta::{Change, Growth, Listener, NotLater, SteadyPair, Tracker};
use crate::metric::Metric;
use crate::point::{DataPoint, Watched};
use crate::sample::{Layout, LayoutCache, Sample, SampleRow};
use crate::settings::Settings;
use crate::time::{Interval, Timestamp};
use accumulator::Accumulator;
use layout_map::{AggregatedMetrics, LayoutMap};
use open_intervals::OpenIntervals;
use run::Run;
use share::share;

/// The intervals of one container that can still change.
#[derive(Clone, Debug)]
pub struct Aggregator {
    name: Arc<str>,
    settings: Settings,
    metrics: AggregatedMetrics,
    open: OpenIntervals,
    layout_maps: LayoutCache<LayoutMap>,
    /// Its layout is the current one of `layout_maps`.
    run: Run,
    /// How many figures did not fit 64 bits.
    overflows: u64,
}

impl Aggregator {
    /// An aggregator for the container of this name.
    pub fn new(name: Arc<str>, settings: Settings) -> Self {
        let metrics = AggregatedMetrics::new(settings.all_metrics());
        Self {
            name,
            settings,
            metrics,
            open: OpenIntervals::new(settings.interval_seconds(), metrics),
            layout_maps: LayoutCache::new(),
            run: Run::default(),
            overflows: 0,
        }
    }

    /// Becomes the aggregator of another container, and keeps its allocations.
    pub(crate) fn reset(&mut self, name: Arc<str>) {
        self.run.discard();
        while let Some(open) = self.open.take_first() {
            self.open.recycle(open);
        }
        self.name = name;
        self.overflows = 0;
    }

    /// Adds the next sample and its changes. A sample that waits in the tracker, because its CPU
    /// reading is not decided, is added with a later one, or at the [end](Self::finish).
    ///
    /// # Errors
    /// [`NotLater`] if the sample is no later than the tracker's last one. Then nothing is added.
    pub fn observe(&mut self, tracker: &mut Tracker, sample: &Sample) -> Result<(), NotLater> {
        tracker.observe_row(sample.row(), self)
    }

    /// Like [`observe`](Self::observe), and calls `on_change` with the changes. It leaves out
    /// those of a sample that only continues the one before it: of the same metrics, without a
    /// gap, and without a counter that fell. So restarts, gaps and unattributed growth are always
    /// reported.
    ///
    /// ```
    /// use cmetrics_core::aggregate::Aggregator;
    /// use cmetrics_core::delta::{Change, Tracker};
    /// use cmetrics_core::series::Events;
    /// use cmetrics_core::{Metric, Sample, Settings, Timestamp};
    ///
    /// let settings = Settings::default();
    /// let mut tracker = Tracker::new(&settings);
    /// let mut aggregator = Aggregator::new("mine".into(), settings);
    /// let mut events = Events::default();
    /// for (second, cpu) in [(1_001, 20_000_000_000), (1_006, 5_000_000), (1_009, 6_000_000)] {
    ///     let mut sample = Sample::new(Timestamp::from_seconds(second).unwrap());
    ///     sample.set(Metric::CpuUsage, cpu);
    ///     aggregator.observe_with(&mut tracker, &sample, &mut |change| events.note(change))?;
    /// }
    /// let mut points = Vec::new();
    /// let mut on_change = |change: &Change| events.note(change);
    /// aggregator.finish(tracker, &mut on_change, &mut |point| points.push(point));
    /// assert_eq!(events.restarts.len(), 1);
    /// assert_eq!(points[1].growth(Metric::CpuUsage), Some(6_000_000));
    /// # Ok::<(), cmetrics_core::delta::NotLater>(())
    /// ```
    ///
    /// # Errors
    /// As [`observe`](Self::observe).
    pub fn observe_with(
        &mut self,
        tracker: &mut Tracker,
        sample: &Sample,
        on_change: &mut dyn FnMut(&Change),
    ) -> Result<(), NotLater> {
        tracker.observe_row(sample.row(), &mut Tee { on_change, aggregator: self })
    }

    /// Adds a single change.
    pub(crate) fn change(&mut self, change: Change) {
        self.close_run();
        match change {
            Change::Growth { metric, growth } => {
                if let Some(rank) = self.metrics.counter(metric) {
                    self.grow(metric, rank, growth);
                }
            }
            Change::Line { metric, from, to } => {
                let Some(rank) = self.metrics.gauge(metric) else { return };
                let makes_point = self.metrics.documented.contains(metric);
                let (from, to) = (from.to_pair(), to.to_pair());
                self.each_between(from.0, to.0, |open, start, end| {
                    if (start, end) == (open.interval.start_nanos(), open.interval.end_nanos()) {
                        open.set_between(metric, rank, from, to);
                        open.makes_point |= makes_point;
                    }
                });
            }
            Change::Watched { from, to } => {
                self.each_between(from.nanos(), to.nanos(), |open, start, end| {
                    open.watched_nanos += end - start;
                });
            }
            Change::Gap { .. }
            | Change::Restart(_)
            | Change::SetAside(_)
            | Change::Correction(_)
            | Change::Implausible(_) => {}
        }
    }

    /// Adds all changes of a steady pair at once.
    #[inline]
    pub(crate) fn steady(&mut self, pair: &SteadyPair<'_>) {
        self.select_layout(pair.layout);
        let Some(map) = self.layout_maps.current() else { return };
        if !self.run.ends_at(pair.from.0) {
            self.run.close(map, &mut self.open);
            self.run.start(pair.from.0, pair.from.1, &self.open);
        }
        self.run.extend(pair, map, &mut self.open);
    }

    /// Adds a sample, after its changes.
    #[inline]
    pub(crate) fn sample_row(&mut self, row: SampleRow<'_>) {
        self.select_layout(row.layout);
        let open = self.open.containing(row.time);
        open.samples += 1;
        open.makes_point = true;
        let Some(map) = self.layout_maps.current() else { return };
        for &(slot, rank, metric) in &map.gauges {
            if let Some(value) = row.values.get(slot) {
                open.add_reading(metric, rank, *value);
            }
        }
        if !map.too_large.is_empty() {
            open.too_large = open.too_large.union(map.too_large);
        }
    }

    /// Emits the points of all intervals that no sample after `newest` can change, nor one that
    /// waits in the tracker.
    #[inline]
    pub fn settle(
        &mut self,
        tracker: &Tracker,
        newest: Timestamp,
        emit: &mut dyn FnMut(DataPoint),
    ) {
        // Waiting samples are added later, so they count as samples that are still to come.
        let newest = tracker.waiting_from().map_or(newest.nanos(), |from| from.min(newest.nanos()));
        let settled = newest.saturating_sub(self.settings.max_gap_nanos());
        self.settle_until(settled, emit);
    }

    /// Emits the points of all intervals that end at or before `settled`, in nanoseconds since the
    /// epoch.
    pub(crate) fn settle_until(&mut self, settled: u64, emit: &mut dyn FnMut(DataPoint)) {
        while let Some(first) = self.open.first()
            && first.end_nanos() <= settled
        {
            if self.run.interval() == Some(first) {
                self.close_run();
            }
            self.emit_first(emit);
        }
    }

    /// Emits the points of all intervals, after the last sample, and returns how many figures did
    /// not fit 64 bits. Samples that wait in the tracker are decided and added, and `on_change` is
    /// called with their changes.
    pub fn finish(
        mut self,
        mut tracker: Tracker,
        on_change: &mut dyn FnMut(&Change),
        emit: &mut dyn FnMut(DataPoint),
    ) -> u64 {
        tracker.decide_all(&mut Tee { on_change, aggregator: &mut self });
        self.emit_all(emit);
        self.overflows
    }

    /// Emits the points of all intervals.
    pub(crate) fn emit_all(&mut self, emit: &mut dyn FnMut(DataPoint)) {
        self.close_run();
        while self.open.first().is_some() {
            self.emit_first(emit);
        }
    }

    /// The interval that contains a time.
    pub(crate) fn interval_of(&self, time: Timestamp) -> Interval {
        self.open.interval(time)
    }

    /// The first interval that is not emitted yet, of those in which anything happened.
    pub(crate) fn first_open(&self) -> Option<Interval> {
        self.open.first()
    }

    /// How many figures did not fit 64 bits and are `null`.
    pub fn overflows(&self) -> u64 {
        self.overflows
    }

    /// Makes this layout the current one. A run ends where the layout changes.
    #[inline]
    fn select_layout(&mut self, layout: &Arc<Layout>) {
        if !self.layout_maps.is_current(layout) {
            self.close_run();
            self.layout_maps.select(layout, |layout| self.metrics.layout_map(layout));
        }
    }

    fn close_run(&mut self) {
        if let Some(map) = self.layout_maps.current().filter(|_| self.run.is_open()) {
            self.run.close(map, &mut self.open);
        }
    }

    fn grow(&mut self, metric: Metric, rank: usize, growth: Growth) {
        let makes_point = self.metrics.documented.contains(metric);
        match growth {
            Growth::Shared { from, to, growth } => {
                let (from, to) = (from.nanos(), to.nanos());
                let whole = to - from;
                self.each_between(from, to, |open, start, end| {
                    let risen = |time| share(growth, time - from, whole);
                    open.add_growth(rank, risen(end) - risen(start));
                    open.present.insert(metric);
                    open.makes_point |= makes_point;
                });
            }
            Growth::Credited { at, growth, .. } => {
                let open = self.open.containing(at);
                open.add_growth(rank, growth);
                open.present.insert(metric);
            }
            Growth::Unattributed { .. } => {}
        }
    }

    /// Calls `each` with every interval that overlaps `from..to`, and with start and end of the
    /// overlap.
    fn each_between(
        &mut self,
        from: u64,
        to: u64,
        mut each: impl FnMut(&mut Accumulator, u64, u64),
    ) {
        let Some(first) = Timestamp::from_nanos(from) else { return };
        let mut interval = self.open.interval(first);
        while interval.start_nanos() < to {
            let start = from.max(interval.start_nanos());
            let end = to.min(interval.end_nanos());
            each(self.open.get_or_insert(interval), start, end);
            interval = interval.next();
        }
    }

    /// Closes the first interval, and emits its point if it gets one.
    fn emit_first(&mut self, emit: &mut dyn FnMut(DataPoint)) {
        let Some(first) = self.open.take_first() else { return };
        if first.makes_point {
            let figures = first.figures(&self.metrics, &mut self.overflows);
            let (samples, watched) = (Some(first.samples), Watched::Nanos(first.watched_nanos));
            let (name, selected) = (Arc::clone(&self.name), self.settings.metrics());
            let interval = first.interval;
            emit(DataPoint::from_parts(name, interval, samples, watched, figures, selected));
        }
        self.open.recycle(first);
    }
}

impl Listener for Aggregator {
    fn on_change(&mut self, change: Change) {
        Self::change(self, change);
    }

    fn on_steady(&mut self, pair: &SteadyPair<'_>) {
        Self::steady(self, pair);
    }

    fn on_sample(&mut self, row: SampleRow<'_>) {
        self.sample_row(row);
    }
}

/// Passes everything on to an aggregator, and calls a function with each single change.
pub(crate) struct Tee<'t, T> {
    pub(crate) on_change: T,
    pub(crate) aggregator: &'t mut Aggregator,
}

impl<T: FnMut(&Change)> Listener for Tee<'_, T> {
    fn on_change(&mut self, change: Change) {
        (self.on_change)(&change);
        self.aggregator.change(change);
    }

    #[inline]
    fn on_steady(&mut self, pair: &SteadyPair<'_>) {
        self.aggregator.steady(pair);
    }

    #[inline]
    fn on_sample(&mut self, row: SampleRow<'_>) {
        self.aggregator.sample_row(row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    /// A sample at this second. There is a restart at the twelfth, and a device from the sixth on.
    fn sample(second: u64) -> Sample {
        let mut sample = Sample::new(Timestamp::from_nanos((1000 + second) * SECOND).unwrap());
        sample.set(Metric::CpuUsage, second % 12 * 300);
        sample.set(Metric::MemoryUsage, second * 7);
        if second >= 6 {
            sample.device((8, 0)).set(Metric::DiskioRead, second * 512);
        }
        sample
    }

    #[test]
    fn observing_changes_leaves_points_alone_and_a_known_sample_adds_nothing() {
        let settings = Settings::default();
        let stages = || (Tracker::new(&settings), Aggregator::new("a".into(), settings));
        let ((mut tracker, mut plain), (mut other, mut observed)) = (stages(), stages());
        let mut restarts = 0;
        let mut on_change =
            |change: &Change| restarts += u32::from(matches!(change, Change::Restart(_)));
        for second in 0..24 {
            let sample = sample(second);
            plain.observe(&mut tracker, &sample).unwrap();
            assert!(plain.observe(&mut tracker, &sample).is_err());
            observed.observe_with(&mut other, &sample, &mut on_change).unwrap();
        }
        let (mut left, mut right) = (Vec::new(), Vec::new());
        plain.finish(tracker, &mut |_| (), &mut |point| left.push(point));
        observed.finish(other, &mut on_change, &mut |point| right.push(point));
        assert_eq!((left.len(), restarts), (5, 1));
        assert_eq!(left, right);
    }
}
