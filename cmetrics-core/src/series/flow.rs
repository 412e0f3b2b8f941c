//! Samples in rising time to points: what a batch and a live series have in common.

use std::sync::Arc;

use crate::aggregate::Aggregator;
use crate::delta::{Change, Steady, Told, Tracker};
use crate::events::Events;
use crate::point::DataPoint;
use crate::sample::Row;
use crate::settings::Settings;
use crate::time::Interval;

/// One container's way from samples to points, which can be stopped anywhere, gone on with and
/// copied.
#[derive(Clone, Debug)]
pub(crate) struct Flow {
    tracker: Tracker,
    aggregator: Aggregator,
    events: Events,
}

/// Both who want to know what a sample changed.
struct Listeners<'l> {
    events: &'l mut Events,
    aggregator: &'l mut Aggregator,
}

impl Told for Listeners<'_> {
    fn change(&mut self, change: Change) {
        self.events.note(&change);
        self.aggregator.change(change);
    }

    fn steady(&mut self, pair: &Steady<'_>) {
        self.aggregator.steady(pair);
    }
}

/// The aggregator, and whoever wants to know of what is out of the ordinary.
struct Telling<'l> {
    tell: &'l mut dyn FnMut(&Change),
    aggregator: &'l mut Aggregator,
}

impl Told for Telling<'_> {
    fn change(&mut self, change: Change) {
        (self.tell)(&change);
        self.aggregator.change(change);
    }

    fn steady(&mut self, pair: &Steady<'_>) {
        self.aggregator.steady(pair);
    }
}

impl Flow {
    /// The way of the container of this name, which had no samples yet.
    pub(crate) fn new(name: Arc<str>, settings: Settings) -> Self {
        Self {
            tracker: Tracker::new(settings.max_gap_nanos()),
            aggregator: Aggregator::new(name, settings),
            events: Events::default(),
        }
    }

    /// Takes the next sample, later than all before.
    #[inline]
    pub(crate) fn feed(&mut self, row: Row<'_>) {
        let Self { tracker, aggregator, events } = self;
        let told = tracker.observe_row(row, &mut Listeners { events, aggregator });
        debug_assert!(told.is_ok(), "the samples are in the order of their time");
        aggregator.sample_row(row);
    }

    /// The same, and tells what the sample changed out of the ordinary.
    pub(crate) fn feed_telling(&mut self, row: Row<'_>, tell: &mut dyn FnMut(&Change)) {
        let Self { tracker, aggregator, .. } = self;
        let told = tracker.observe_row(row, &mut Telling { tell, aggregator });
        debug_assert!(told.is_ok(), "the samples are in the order of their time");
        aggregator.sample_row(row);
    }

    /// When what the last sample did not read was last read.
    pub(crate) fn read_elsewhere(&mut self) -> &[u64] {
        self.tracker.read_elsewhere()
    }

    /// Gives the points of all intervals that have ended the longest gap before this sample.
    #[inline]
    pub(crate) fn settle_behind(&mut self, row: Row<'_>, give: &mut dyn FnMut(DataPoint)) {
        self.aggregator.settle(row.time, give);
    }

    /// Gives the points that are final, where no sample before `now`, in nanoseconds since the
    /// epoch, is still to come.
    pub(crate) fn settle(&mut self, now: u64, give: &mut dyn FnMut(DataPoint)) {
        let horizon = self.tracker.horizon(now);
        self.aggregator.settle_until(horizon, give);
    }

    /// The first interval whose point was not given.
    pub(crate) fn first_open(&self) -> Option<Interval> {
        self.aggregator.first_open()
    }

    /// Whether a way that begins with the sample of this time, one of those that went this one,
    /// has the same points for all intervals behind it.
    pub(crate) fn stands_on(&mut self, time: u64) -> bool {
        self.tracker.stands_on(time)
    }

    /// What happened so far.
    pub(crate) fn events(&self) -> Events {
        Events { overflows: self.aggregator.overflows(), ..self.events.clone() }
    }

    /// Gives all other points, as no more samples come, and returns what happened besides.
    pub(crate) fn finish(&mut self, give: &mut dyn FnMut(DataPoint)) -> Events {
        self.aggregator.finish(give);
        let events = std::mem::take(&mut self.events);
        Events { overflows: self.aggregator.overflows(), ..events }
    }

    /// Becomes the way of another container, in the room that it has.
    pub(crate) fn begin_anew(&mut self, name: Arc<str>) {
        self.tracker.begin_anew();
        self.aggregator.begin_anew(name);
        self.events = Events::default();
    }
}
