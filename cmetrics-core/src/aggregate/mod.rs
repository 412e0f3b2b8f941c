//! Changes to data points: growth and gauges gathered by interval.
//!
//! An [`Aggregator`] takes one container's samples, in rising time, with what each of them
//! changed, and gives a point for each interval as soon as no later sample can alter it.

mod accumulator;
mod open;
mod places;
mod run;
mod share;

use std::sync::Arc;

use crate::delta::{Change, Growth, NotLater, Steady, Told, Tracker};
use crate::metric::Metric;
use crate::point::DataPoint;
use crate::sample::{ByLayout, Layout, Row, Sample};
use crate::settings::Settings;
use crate::time::{Interval, Timestamp};
use accumulator::Accumulator;
use open::Open;
use places::{Gathered, Places};
use run::Run;
use share::share;

/// One container's intervals that are being filled.
#[derive(Clone, Debug)]
pub struct Aggregator {
    name: Arc<str>,
    settings: Settings,
    gathered: Gathered,
    open: Open,
    places: ByLayout<Places>,
    /// Its layout is the current one of `places`.
    run: Run,
    overflows: u64,
}

impl Aggregator {
    /// An aggregator for the container of this name.
    pub fn new(name: Arc<str>, settings: Settings) -> Self {
        let gathered = Gathered::new(settings.all_metrics());
        Self {
            name,
            settings,
            gathered,
            open: Open::new(settings.interval(), gathered),
            places: ByLayout::new(),
            run: Run::default(),
            overflows: 0,
        }
    }

    /// Becomes the aggregator of another container, in the room that it has.
    pub(crate) fn begin_anew(&mut self, name: Arc<str>) {
        self.run.abandon();
        while let Some(open) = self.open.take_first() {
            self.open.reuse(open);
        }
        self.name = name;
        self.overflows = 0;
    }

    /// Adds the next sample with all that it changed. One that waits for the tracker's decision
    /// about its CPU reading is added with a later one, or at the [end](Self::finish).
    ///
    /// # Errors
    /// [`NotLater`] where the sample is no later than the tracker's last one. Nothing is added
    /// then.
    pub fn observe(&mut self, tracker: &mut Tracker, sample: &Sample) -> Result<(), NotLater> {
        tracker.observe_row(sample.row(), self)
    }

    /// The same, and tells the changes that are out of the ordinary: restarts, gaps, growth, but
    /// not what a sample adds that is like the one before it.
    ///
    /// ```
    /// use cmetrics_core::aggregate::Aggregator;
    /// use cmetrics_core::delta::Tracker;
    /// use cmetrics_core::{Events, Metric, Sample, Settings, Timestamp};
    ///
    /// let mut tracker = Tracker::new(150_000_000_000);
    /// let mut aggregator = Aggregator::new("mine".into(), Settings::default());
    /// let mut events = Events::default();
    /// for (second, cpu) in [(1_001, 20_000_000_000), (1_006, 5_000_000), (1_009, 6_000_000)] {
    ///     let mut sample = Sample::new(Timestamp::from_nanos(second * 1_000_000_000).unwrap());
    ///     sample.set(Metric::CpuUsage, cpu);
    ///     aggregator.observe_telling(&mut tracker, &sample, &mut |change| events.note(change))?;
    /// }
    /// let mut points = Vec::new();
    /// aggregator.finish(tracker, &mut |change| events.note(change), &mut |point| points.push(point));
    /// assert_eq!(events.restarts.len(), 1);
    /// assert_eq!(points[1].growth(Metric::CpuUsage), Some(6_000_000));
    /// # Ok::<(), cmetrics_core::delta::NotLater>(())
    /// ```
    ///
    /// # Errors
    /// As [`observe`](Self::observe).
    pub fn observe_telling(
        &mut self,
        tracker: &mut Tracker,
        sample: &Sample,
        tell: &mut dyn FnMut(&Change),
    ) -> Result<(), NotLater> {
        tracker.observe_row(sample.row(), &mut Telling { tell, aggregator: self })
    }

    /// Adds what a sample changed.
    pub(crate) fn change(&mut self, change: Change) {
        self.close_run();
        match change {
            Change::Growth { metric, growth } => {
                if let Some(rank) = self.gathered.counter(metric) {
                    self.grow(metric, rank, growth);
                }
            }
            Change::Line { metric, from, to } => {
                let Some(rank) = self.gathered.gauge(metric) else { return };
                let gives_point = self.gathered.documented.contains(metric);
                self.each_between(from.0, to.0, |open, start, end| {
                    if (start, end) == (open.interval.start_nanos(), open.interval.end_nanos()) {
                        open.lie_between(metric, rank, from, to);
                        open.gives_point |= gives_point;
                    }
                });
            }
            Change::Watched { from, to } => {
                self.each_between(from, to, |open, start, end| open.watched_nanos += end - start);
            }
            Change::Gap { .. }
            | Change::Restart(_)
            | Change::SetAside(_)
            | Change::Correction(_)
            | Change::Implausible(_) => {}
        }
    }

    /// Adds all that a sample changed at once.
    #[inline]
    pub(crate) fn steady(&mut self, pair: &Steady<'_>) {
        self.choose(pair.layout);
        let Some(places) = self.places.current() else { return };
        if !self.run.has_come_to(pair.from.0) {
            self.run.close(places, &mut self.open);
            self.run.begin(pair.from, &self.open);
        }
        self.run.go_on(pair, places, &mut self.open);
    }

    /// Adds a sample, after what it changed.
    #[inline]
    pub(crate) fn sample_row(&mut self, row: Row<'_>) {
        self.choose(row.layout);
        let open = self.open.holding(row.time);
        open.samples += 1;
        open.gives_point = true;
        let Some(places) = self.places.current() else { return };
        for &(slot, rank, metric) in &places.gauges {
            if let Some(value) = row.values.get(slot) {
                open.read(metric, rank, *value);
            }
        }
        if !places.too_large.is_empty() {
            open.too_large = open.too_large.union(places.too_large);
        }
    }

    /// Gives the points of all intervals that no sample after `newest` can alter, nor one that waits
    /// for the tracker's decision.
    #[inline]
    pub fn settle(
        &mut self,
        tracker: &Tracker,
        newest: Timestamp,
        give: &mut dyn FnMut(DataPoint),
    ) {
        // What waits comes later, as if it were newer than all that was taken.
        let newest = tracker.waiting_from().map_or(newest.nanos(), |from| from.min(newest.nanos()));
        let settled = newest.saturating_sub(self.settings.max_gap_nanos());
        self.settle_until(settled, give);
    }

    /// Gives the points of all intervals that end at or before `settled`, in nanoseconds since the
    /// epoch.
    pub(crate) fn settle_until(&mut self, settled: u64, give: &mut dyn FnMut(DataPoint)) {
        while let Some(first) = self.open.first()
            && first.end_nanos() <= settled
        {
            if self.run.interval() == Some(first) {
                self.close_run();
            }
            self.give_first(give);
        }
    }

    /// Gives the points of all intervals, as no more samples come, and returns how many figures did
    /// not fit 64 bits. What the tracker had yet to decide about is decided, and told like the rest.
    pub fn finish(
        mut self,
        mut tracker: Tracker,
        tell: &mut dyn FnMut(&Change),
        give: &mut dyn FnMut(DataPoint),
    ) -> u64 {
        tracker.decide_all(&mut Telling { tell, aggregator: &mut self });
        self.give_all(give);
        self.overflows
    }

    /// Gives the points of all intervals.
    pub(crate) fn give_all(&mut self, give: &mut dyn FnMut(DataPoint)) {
        self.close_run();
        while self.open.first().is_some() {
            self.give_first(give);
        }
    }

    /// The interval that holds a time.
    pub(crate) fn interval_of(&self, time: Timestamp) -> Interval {
        self.open.interval(time)
    }

    /// The first interval whose point was not given, of those in which anything happened.
    pub(crate) fn first_open(&self) -> Option<Interval> {
        self.open.first()
    }

    /// How many figures did not fit 64 bits and are `null`.
    pub fn overflows(&self) -> u64 {
        self.overflows
    }

    /// Makes this layout the current one.
    #[inline]
    fn choose(&mut self, layout: &Arc<Layout>) {
        if !self.places.is_current(layout) {
            self.close_run();
            self.places.choose(layout, |layout| self.gathered.places(layout));
        }
    }

    fn close_run(&mut self) {
        if let Some(places) = self.places.current().filter(|_| self.run.is_open()) {
            self.run.close(places, &mut self.open);
        }
    }

    fn grow(&mut self, metric: Metric, rank: usize, growth: Growth) {
        let gives_point = self.gathered.documented.contains(metric);
        match growth {
            Growth::Shared { from, to, growth } => {
                let whole = to - from;
                self.each_between(from, to, |open, start, end| {
                    let risen = |time| share(growth, time - from, whole);
                    open.grow(rank, risen(end) - risen(start));
                    open.present.insert(metric);
                    open.gives_point |= gives_point;
                });
            }
            Growth::Credited { at, growth } => {
                if let Some(at) = Timestamp::from_nanos(at) {
                    let open = self.open.holding(at);
                    open.grow(rank, growth);
                    open.present.insert(metric);
                }
            }
            Growth::Unattributed { .. } => {}
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
        let mut interval = self.open.interval(first);
        while interval.start_nanos() < to {
            let start = from.max(interval.start_nanos());
            let end = to.min(interval.end_nanos());
            each(self.open.filling(interval), start, end);
            interval = interval.next();
        }
    }

    /// Closes the first interval and gives its point, if it has one.
    fn give_first(&mut self, give: &mut dyn FnMut(DataPoint)) {
        let Some(first) = self.open.take_first() else { return };
        if first.gives_point {
            let figures = first.figures(&self.gathered, &mut self.overflows);
            let observed = (first.samples, first.watched_nanos);
            let selected = self.settings.metrics();
            let name = Arc::clone(&self.name);
            give(DataPoint::new(name, first.interval, observed, figures, selected));
        }
        self.open.reuse(first);
    }
}

impl Told for Aggregator {
    fn change(&mut self, change: Change) {
        Self::change(self, change);
    }

    fn steady(&mut self, pair: &Steady<'_>) {
        Self::steady(self, pair);
    }

    fn sample(&mut self, row: Row<'_>) {
        self.sample_row(row);
    }
}

/// An aggregator, and whoever wants to know of what is out of the ordinary.
pub(crate) struct Telling<'t, T> {
    pub(crate) tell: T,
    pub(crate) aggregator: &'t mut Aggregator,
}

impl<T: FnMut(&Change)> Told for Telling<'_, T> {
    fn change(&mut self, change: Change) {
        (self.tell)(&change);
        self.aggregator.change(change);
    }

    #[inline]
    fn steady(&mut self, pair: &Steady<'_>) {
        self.aggregator.steady(pair);
    }

    #[inline]
    fn sample(&mut self, row: Row<'_>) {
        self.aggregator.sample_row(row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    /// A restart at the twelfth second, and a device from the sixth on.
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
    fn telling_changes_changes_no_points_and_a_known_sample_adds_nothing() {
        let settings = Settings::default();
        let stages = || (Tracker::new(150 * SECOND), Aggregator::new("a".into(), settings));
        let ((mut tracker, mut quiet), (mut other, mut telling)) = (stages(), stages());
        let mut restarts = 0;
        let mut tell =
            |change: &Change| restarts += u32::from(matches!(change, Change::Restart(_)));
        for second in 0..24 {
            let sample = sample(second);
            quiet.observe(&mut tracker, &sample).unwrap();
            assert!(quiet.observe(&mut tracker, &sample).is_err());
            telling.observe_telling(&mut other, &sample, &mut tell).unwrap();
        }
        let (mut left, mut right) = (Vec::new(), Vec::new());
        quiet.finish(tracker, &mut |_| (), &mut |point| left.push(point));
        telling.finish(other, &mut tell, &mut |point| right.push(point));
        assert_eq!((left.len(), restarts), (5, 1));
        assert_eq!(left, right);
    }
}
