//! Samples in rising time to points: what a batch and a live series have in common.

use std::sync::Arc;

use super::Events;
use crate::aggregate::{Aggregator, Telling};
use crate::container::Life;
use crate::delta::{Change, Told, Tracker};
use crate::point::DataPoint;
use crate::sample::Row;
use crate::settings::Settings;
use crate::time::{Interval, Timestamp};

/// One container's way from samples to points, which can be stopped anywhere, gone on with and
/// copied.
#[derive(Clone, Debug)]
pub(crate) struct Flow {
    tracker: Tracker,
    aggregator: Aggregator,
    events: Events,
    /// See [`Checkpoint`].
    decided: u64,
}

/// Where samples go the way anew that went it before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    /// All samples up to here stand, whatever their CPU reading: single ones of them would look
    /// odd. In nanoseconds since the epoch.
    pub(crate) decided: u64,
    /// The start that counts here.
    pub(crate) since: Option<u64>,
    /// Whether what was read before is forgotten: what is not read here may have been read there,
    /// so that a device that is listed later did not begin at 0.
    pub(crate) forgotten: bool,
}

impl Checkpoint {
    /// That of a container which was forgotten, and comes back.
    pub(crate) const FORGOTTEN: Self = Self { decided: 0, since: None, forgotten: true };

    /// That of a sample, all intervals before `open_from` having given their points. `None` where
    /// its own has not: it is the container's first. All in nanoseconds since the epoch.
    pub(crate) fn at(sample: u64, open_from: u64, since: Option<u64>) -> Option<Self> {
        let since = since.filter(|since| *since <= sample);
        (sample < open_from).then_some(Self { decided: sample, since, forgotten: false })
    }
}

impl Flow {
    /// The way of the container of this name, which had no samples yet and this life.
    pub(crate) fn new(name: Arc<str>, life: &Arc<Life>, settings: Settings) -> Self {
        let mut tracker = Tracker::new(settings.max_gap_nanos());
        tracker.live_by(life);
        let aggregator = Aggregator::new(name, settings);
        Self { tracker, aggregator, events: Events::default(), decided: 0 }
    }

    /// Says what documents tell of the container's life by now.
    pub(crate) fn live_by(&mut self, life: &Arc<Life>) {
        self.tracker.live_by(life);
    }

    /// Says that the first sample is not the container's first.
    pub(crate) fn resume(&mut self, checkpoint: Checkpoint) {
        self.decided = checkpoint.decided;
        self.tracker.resume(checkpoint.since, checkpoint.forgotten);
    }

    /// The start that counts for what is read next.
    pub(crate) fn since(&self) -> Option<u64> {
        self.tracker.since()
    }

    /// The checkpoint of one of the samples that went this way, from which on all is read that was.
    /// See [`Checkpoint::at`].
    pub(crate) fn checkpoint(&self, sample: u64, open_from: u64) -> Option<Checkpoint> {
        let checkpoint = Checkpoint::at(sample, open_from, self.tracker.since())?;
        Some(Checkpoint { forgotten: self.tracker.has_forgotten(), ..checkpoint })
    }

    /// Takes the next sample, later than all before.
    #[inline]
    pub(crate) fn feed(&mut self, row: Row<'_>) {
        let Self { tracker, aggregator, events, decided } = self;
        let tell = |change: &Change| events.note(change);
        observe(tracker, row, *decided, Telling { tell, aggregator });
    }

    /// The same, and tells what the sample changed out of the ordinary.
    pub(crate) fn feed_telling(&mut self, row: Row<'_>, tell: &mut dyn FnMut(&Change)) {
        let Self { tracker, aggregator, decided, .. } = self;
        observe(tracker, row, *decided, Telling { tell, aggregator });
    }

    /// The first sample that waits for a CPU reading, in nanoseconds since the epoch.
    pub(crate) fn waiting_from(&self) -> Option<u64> {
        self.tracker.waiting_from()
    }

    /// When what the last sample did not read was last read.
    pub(crate) fn read_elsewhere(&mut self) -> &[u64] {
        self.tracker.read_elsewhere()
    }

    /// Gives the points of all intervals that have ended the longest gap before this sample.
    #[inline]
    pub(crate) fn settle_behind(&mut self, row: Row<'_>, give: &mut dyn FnMut(DataPoint)) {
        self.aggregator.settle(&self.tracker, row.time, give);
    }

    /// Gives the points that are final, where no sample before `now`, in nanoseconds since the
    /// epoch, is still to come.
    pub(crate) fn settle(&mut self, now: u64, give: &mut dyn FnMut(DataPoint)) {
        let horizon = self.tracker.horizon(now);
        self.aggregator.settle_until(horizon, give);
    }

    /// Decides about samples that have waited for longer than the longest gap before `now`, in
    /// nanoseconds since the epoch, as about what nothing comes behind.
    pub(crate) fn decide_before(&mut self, now: u64) {
        let Self { tracker, aggregator, events, .. } = self;
        let tell = |change: &Change| events.note(change);
        tracker.decide_before(now, &mut Telling { tell, aggregator });
    }

    /// The same, and tells what is out of the ordinary.
    pub(crate) fn decide_before_telling(&mut self, now: u64, tell: &mut dyn FnMut(&Change)) {
        let Self { tracker, aggregator, .. } = self;
        tracker.decide_before(now, &mut Telling { tell, aggregator });
    }

    /// Decides about all samples that wait, and tells what is out of the ordinary.
    pub(crate) fn decide_all(&mut self, tell: &mut dyn FnMut(&Change)) {
        let Self { tracker, aggregator, .. } = self;
        tracker.decide_all(&mut Telling { tell, aggregator });
    }

    /// Decides about all samples that wait, which stand, where this is the next one behind them that
    /// does and has a CPU reading.
    pub(crate) fn stand_before(&mut self, next: Option<Row<'_>>) {
        self.tracker.stand_before(next, &mut self.aggregator);
    }

    /// The first interval whose point was not given, when no sample before `now` is still to come.
    pub(crate) fn first_open(&self, now: u64) -> Option<Interval> {
        let undecided = self.tracker.undecided_from(now).and_then(Timestamp::from_nanos);
        let undecided = undecided.map(|time| self.aggregator.interval_of(time));
        self.aggregator.first_open().into_iter().chain(undecided).min()
    }

    /// Whether a way that begins with the sample of this time, one of those that went this one,
    /// has the same points for all intervals behind it.
    pub(crate) fn stands_on(&mut self, time: u64) -> bool {
        self.tracker.stands_on(time)
    }

    /// The times of samples that were set aside since they were last asked for.
    pub(crate) fn take_set_aside(&mut self) -> Vec<Timestamp> {
        std::mem::take(&mut self.events.set_aside)
    }

    /// What happened so far.
    pub(crate) fn events(&self) -> Events {
        Events { overflows: self.aggregator.overflows(), ..self.events.clone() }
    }

    /// Gives all other points, as no more samples come, and returns what happened besides.
    pub(crate) fn finish(&mut self, give: &mut dyn FnMut(DataPoint)) -> Events {
        let Self { tracker, aggregator, events, .. } = self;
        let tell = |change: &Change| events.note(change);
        tracker.decide_all(&mut Telling { tell, aggregator });
        aggregator.give_all(give);
        let events = std::mem::take(events);
        Events { overflows: aggregator.overflows(), ..events }
    }

    /// Becomes the way of another container, in the room that it has.
    pub(crate) fn begin_anew(&mut self, name: Arc<str>, life: &Arc<Life>) {
        self.tracker.begin_anew();
        self.tracker.live_by(life);
        self.aggregator.begin_anew(name);
        (self.events, self.decided) = (Events::default(), 0);
    }
}

#[inline]
fn observe<T: Told>(tracker: &mut Tracker, row: Row<'_>, decided: u64, mut told: T) {
    if row.time.nanos() <= decided {
        tracker.observe_standing(row, &mut told);
        return;
    }
    let told = tracker.observe_row(row, &mut told);
    debug_assert!(told.is_ok(), "the samples are in the order of their time");
}
