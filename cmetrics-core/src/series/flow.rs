//! Samples in rising time to points: delta and aggregation of one container together. Batches,
//! live series, recorders and stores all use it.

use std::sync::Arc;

use super::Events;
use super::lump::Lump;
use crate::aggregate::{Aggregator, Tee};
use crate::container::Life;
use crate::delta::{Change, Tracker};
use crate::point::DataPoint;
use crate::sample::SampleRow;
use crate::settings::Settings;
use crate::time::{Interval, Timestamp};

/// The tracker, aggregator and events of one container. A flow can be stopped after any sample,
/// resumed and cloned.
#[derive(Clone, Debug)]
pub(crate) struct Flow {
    stages: Stages,
    log: ChangeLog,
}

/// What is recorded of the changes of a container.
#[derive(Clone, Debug, Default)]
struct ChangeLog {
    events: Events,
    /// Since they were last taken.
    lumps: Vec<Lump>,
}

/// What a flow has to tell beside the points, once it is finished.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) events: Events,
    pub(crate) lumps: Vec<Lump>,
}

impl ChangeLog {
    fn note(&mut self, change: &Change) {
        self.events.note(change);
        self.lumps.extend(Lump::of(change));
    }
}

/// The two stages through which the samples of a container pass.
#[derive(Clone, Debug)]
struct Stages {
    tracker: Tracker,
    aggregator: Aggregator,
    /// See [`Checkpoint`].
    decided: u64,
}

/// Where samples resume that have passed through a flow before, in part or as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    /// All samples up to this time, in nanoseconds since the epoch, count whatever their CPU
    /// readings are: some of the samples around them may be missing, and then they would look odd.
    pub(crate) decided: u64,
    /// The start that counts here.
    pub(crate) since: Option<u64>,
    /// Whether earlier readings are forgotten. If so, a counter that is first read after the
    /// checkpoint may have been read before it: a device that is listed later did not begin at 0.
    pub(crate) forgotten: bool,
}

impl Checkpoint {
    /// The checkpoint of a container that was forgotten and comes back.
    pub(crate) const FORGOTTEN: Self = Self { decided: 0, since: None, forgotten: true };

    /// The checkpoint of a sample, if the points of all intervals before `open_from` are final.
    /// `None` if that does not include the interval of the sample: it is the container's first.
    /// All times are in nanoseconds since the epoch.
    pub(crate) fn at(sample: u64, open_from: u64, since: Option<u64>) -> Option<Self> {
        let since = since.filter(|since| *since <= sample);
        (sample < open_from).then_some(Self { decided: sample, since, forgotten: false })
    }
}

impl Flow {
    /// The flow of a container of this name without samples. `life` is what documents state of its
    /// starts and CPUs.
    pub(crate) fn new(name: Arc<str>, life: &Arc<Life>, settings: Settings) -> Self {
        let mut tracker = Tracker::new(&settings);
        tracker.set_life(life);
        let aggregator = Aggregator::new(name, settings);
        Self { stages: Stages { tracker, aggregator, decided: 0 }, log: ChangeLog::default() }
    }

    /// Sets what documents state of the container's starts and CPUs by now.
    pub(crate) fn set_life(&mut self, life: &Arc<Life>) {
        self.stages.tracker.set_life(life);
    }

    /// Notes that the container had samples before the first one here.
    pub(crate) fn resume(&mut self, checkpoint: Checkpoint) {
        self.stages.decided = checkpoint.decided;
        self.stages.tracker.resume(checkpoint.since, checkpoint.forgotten);
    }

    /// The start that counts for the next sample.
    pub(crate) fn since(&self) -> Option<u64> {
        self.stages.tracker.since()
    }

    /// The checkpoint of one of the samples that were fed. See [`Checkpoint::at`]. The caller
    /// ensures that the sample and those after it contain the last readings of all counters and
    /// gauges.
    pub(crate) fn checkpoint(&self, sample: u64, open_from: u64) -> Option<Checkpoint> {
        let checkpoint = Checkpoint::at(sample, open_from, self.stages.tracker.since())?;
        Some(Checkpoint { forgotten: self.stages.tracker.has_forgotten(), ..checkpoint })
    }

    /// Takes the next sample, later than all before, and records its events.
    #[inline]
    pub(crate) fn feed(&mut self, row: SampleRow<'_>) {
        self.stages.feed(row, |change| self.log.note(change));
    }

    /// Takes the next sample, and passes its changes to `on_change` instead of recording events.
    /// Changes of a steady pair are left out.
    pub(crate) fn feed_with(&mut self, row: SampleRow<'_>, on_change: &mut dyn FnMut(&Change)) {
        self.stages.feed(row, on_change);
    }

    /// The time of the first sample that waits for a CPU reading, in nanoseconds since the epoch.
    pub(crate) fn waiting_from(&self) -> Option<u64> {
        self.stages.tracker.waiting_from()
    }

    /// The times of the last readings of all that the last sample does not contain, in rising
    /// order.
    pub(crate) fn older_reads(&mut self) -> &[u64] {
        self.stages.tracker.older_reads()
    }

    /// Emits the points of all intervals that ended at least the longest gap before this sample,
    /// the last one.
    #[inline]
    pub(crate) fn settle_after(&mut self, row: SampleRow<'_>, emit: &mut dyn FnMut(DataPoint)) {
        self.stages.aggregator.settle(&self.stages.tracker, row.time, emit);
    }

    /// Emits the points that are final, if no sample before `now` is still to come. Returns the
    /// time before which all points are final. Both are in nanoseconds since the epoch.
    pub(crate) fn settle(&mut self, now: u64, emit: &mut dyn FnMut(DataPoint)) -> u64 {
        let horizon = self.stages.tracker.horizon(now);
        self.stages.aggregator.settle_until(horizon, emit);
        horizon
    }

    /// Decides samples that have waited for longer than the longest gap before `now`, in
    /// nanoseconds since the epoch, without a further CPU reading. Records their events.
    pub(crate) fn decide_before(&mut self, now: u64) {
        self.stages.decide_before(now, |change| self.log.note(change));
    }

    /// Like [`decide_before`](Self::decide_before), but passes the changes to `on_change` instead
    /// of recording events.
    pub(crate) fn decide_before_with(&mut self, now: u64, on_change: &mut dyn FnMut(&Change)) {
        self.stages.decide_before(now, on_change);
    }

    /// Decides all samples that wait, without a further CPU reading, and passes their changes to
    /// `on_change`.
    pub(crate) fn decide_all_with(&mut self, on_change: &mut dyn FnMut(&Change)) {
        self.stages.decide_all(on_change);
    }

    /// Decides all samples that wait, where the caller knows that each of them counts. `next` is
    /// the next sample after them that counts and has a CPU reading. Records no events.
    pub(crate) fn accept_waiting(&mut self, next: Option<SampleRow<'_>>) {
        self.stages.tracker.accept_waiting(next, &mut self.stages.aggregator);
    }

    /// The first interval whose point is not emitted yet, if no sample before `now` is still to
    /// come.
    pub(crate) fn first_open(&self, now: u64) -> Option<Interval> {
        let Stages { tracker, aggregator, .. } = &self.stages;
        let undecided = tracker.undecided_from(now).and_then(Timestamp::from_nanos);
        let undecided = undecided.map(|time| aggregator.interval_of(time));
        aggregator.first_open().into_iter().chain(undecided).min()
    }

    /// Whether a flow that begins with the sample of this time, one of those that were fed, emits
    /// the same points for all intervals after it.
    pub(crate) fn can_resume_from(&mut self, time: u64) -> bool {
        self.stages.tracker.can_resume_from(time)
    }

    /// Removes and returns the events since they were last taken, but for figures that did not fit.
    pub(crate) fn take_events(&mut self) -> Events {
        std::mem::take(&mut self.log.events)
    }

    /// Removes and returns the growth so far that stands for the whole time between two readings.
    pub(crate) fn take_lumps(&mut self) -> Vec<Lump> {
        std::mem::take(&mut self.log.lumps)
    }

    /// The events so far.
    pub(crate) fn events(&self) -> Events {
        Events { overflows: self.stages.aggregator.overflows(), ..self.log.events.clone() }
    }

    /// Emits all other points, after the last sample, and returns what was recorded.
    pub(crate) fn finish(&mut self, emit: &mut dyn FnMut(DataPoint)) -> Told {
        self.stages.decide_all(|change| self.log.note(change));
        self.stages.aggregator.emit_all(emit);
        let ChangeLog { events, lumps } = std::mem::take(&mut self.log);
        Told { events: Events { overflows: self.stages.aggregator.overflows(), ..events }, lumps }
    }

    /// Becomes the flow of another container, and keeps its allocations.
    pub(crate) fn reset(&mut self, name: Arc<str>, life: &Arc<Life>) {
        self.stages.tracker.reset();
        self.stages.tracker.set_life(life);
        self.stages.aggregator.reset(name);
        (self.log, self.stages.decided) = (ChangeLog::default(), 0);
    }
}

impl Stages {
    #[inline]
    fn feed(&mut self, row: SampleRow<'_>, on_change: impl FnMut(&Change)) {
        let mut listener = Tee { on_change, aggregator: &mut self.aggregator };
        if row.time.nanos() <= self.decided {
            self.tracker.observe_decided(row, &mut listener);
            return;
        }
        let observed = self.tracker.observe_row(row, &mut listener);
        debug_assert!(observed.is_ok(), "the samples are in rising time");
    }

    fn decide_before(&mut self, now: u64, on_change: impl FnMut(&Change)) {
        let mut listener = Tee { on_change, aggregator: &mut self.aggregator };
        self.tracker.decide_before(now, &mut listener);
    }

    fn decide_all(&mut self, on_change: impl FnMut(&Change)) {
        let mut listener = Tee { on_change, aggregator: &mut self.aggregator };
        self.tracker.decide_all(&mut listener);
    }
}
