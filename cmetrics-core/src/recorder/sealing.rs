//! From one container's samples, as they were taken in, to its points.
//!
//! Samples stay in the log's slots until no older one can come. Then they go the way of a batch,
//! in the order of their time.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Totals;
use super::intake::{Clock, Intake, Role, Taken};
use super::log::Place;
use super::settings::RecorderSettings;
use crate::limits::Limits;
use crate::metric::{Metric, MetricSet};
use crate::point::DataPoint;
use crate::sample::Sample;
use crate::series::{Flow, completed};

/// What lies in a slot.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) sample: Sample,
    pub(super) role: Role,
    pub(super) from_machine_stats: bool,
}

/// Where writers put a container's samples. A slot is `None` until it was first used.
pub(super) type Samples = Intake<Option<Received>>;

/// What all containers' sealing goes by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules<'r> {
    pub(super) name: &'r Arc<str>,
    pub(super) settings: &'r RecorderSettings,
    pub(super) clock: &'r Clock,
    pub(super) limits: Limits,
}

/// A sample that waits in its slot.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    time: u64,
    role: Role,
    place: Place,
}

/// What the sealer knows of a container.
#[derive(Debug)]
pub(super) struct Sealing {
    taken: Taken,
    /// In rising time; of one time the sample first, then its copies as they came.
    waiting: Vec<Waiting>,
    /// The way of the samples that are older; `None` while there are none to remember.
    flow: Option<Box<Flow>>,
    /// The last sample that went it, in nanoseconds since the epoch.
    fed: u64,
    /// The last final point.
    last: Option<DataPoint>,
    /// Points that were flushed and are not final, and up to when all was flushed, in seconds.
    flushed: Vec<DataPoint>,
    flushed_until: u64,
    /// As [`Totals::tally`].
    tally: BTreeMap<Metric, i128>,
    accepted: u64,
    /// Whether the container was forgotten since that was last asked.
    forgotten: bool,
}

impl Sealing {
    pub(super) fn new(taken: Taken) -> Self {
        Self {
            taken,
            waiting: Vec::new(),
            flow: None,
            fed: 0,
            last: None,
            flushed: Vec::new(),
            flushed_until: 0,
            tally: BTreeMap::new(),
            accepted: 0,
            forgotten: false,
        }
    }

    /// Adds what was counted.
    pub(super) fn add_to(&self, totals: &mut Totals) {
        totals.accepted += self.accepted;
        for (metric, growth) in &self.tally {
            *totals.tally.entry(*metric).or_default() += growth;
        }
    }

    /// Whether the container was forgotten since the last call.
    pub(super) fn take_forgotten(&mut self) -> bool {
        std::mem::take(&mut self.forgotten)
    }

    /// Adds the points that became final to `points`. Says whether all is taken in that was
    /// recorded so far.
    pub(super) fn seal(
        &mut self,
        samples: &Samples,
        rules: Rules<'_>,
        points: &mut Vec<DataPoint>,
    ) -> bool {
        let whole = self.take_in(samples, rules.clock);
        self.feed(samples, rules, points);
        self.forget(samples, rules);
        samples.recycle(&mut self.taken);
        whole
    }

    /// Adds the points of all that was recorded to `points`, final or not. Those that are not are
    /// given as they are, and what later samples change of them goes to the tally.
    pub(super) fn flush(
        &mut self,
        samples: &Samples,
        rules: Rules<'_>,
        points: &mut Vec<DataPoint>,
    ) {
        self.seal(samples, rules, points);
        let first = self.flushed.len();
        let until = self.flushed_until;
        let mut flushed = std::mem::take(&mut self.flushed);
        self.each_open(samples, rules, &mut |point| {
            if point.interval().start() >= until {
                flushed.push(point);
            }
        });
        let new = flushed.get(first..).unwrap_or_default();
        self.flushed_until = new.last().map_or(until, |point| point.interval().end());
        points.extend_from_slice(new);
        self.flushed = flushed;
    }

    /// The last final point, and those of all open intervals as they are.
    pub(super) fn snapshot(&mut self, samples: &Samples, rules: Rules<'_>) -> Vec<DataPoint> {
        self.take_in(samples, rules.clock);
        let mut points: Vec<_> = self.last.iter().cloned().collect();
        self.each_open(samples, rules, &mut |point| points.push(point));
        points
    }

    /// Whether nothing is known of the container, nor on its way.
    pub(super) fn is_dormant(&self, samples: &Samples) -> bool {
        self.flow.is_none() && self.waiting.is_empty() && samples.is_empty(&self.taken)
    }

    /// Finds what was recorded since the last time. Says whether that is all.
    fn take_in(&mut self, samples: &Samples, clock: &Clock) -> bool {
        let (waiting, mut accepted, mut in_order) = (&mut self.waiting, 0, true);
        samples.take(&mut self.taken, clock, &mut |place, received| {
            let Some(received) = received else { return };
            let (time, role) = (received.sample.time().nanos(), received.role);
            accepted += u64::from(role == Role::Sample);
            in_order &= waiting.last().is_none_or(|last| last.time < time);
            waiting.push(Waiting { time, role, place });
        });
        if !in_order {
            // Stable: of one time, copies stay in the order in which they came.
            waiting.sort_by_key(|one| (one.time, one.role == Role::Copy));
        }
        self.accepted += accepted;
        self.taken.has_all()
    }

    /// Has the samples go their way that nothing can come before any more, and adds the points
    /// that are final with them.
    fn feed(&mut self, samples: &Samples, rules: Rules<'_>, points: &mut Vec<DataPoint>) {
        let closed = self.taken.closed();
        let (mut flow, first) = (self.flow.take(), points.len());
        let mut until = 0;
        for group in self.waiting.chunk_by(|one, next| one.time == next.time) {
            let Some(one) = group.first().filter(|one| one.time <= closed) else { break };
            if one.role == Role::Sample {
                let flow = flow.get_or_insert_with(|| rules.new_flow());
                samples.feed(&self.taken, group, flow, &mut |point| points.push(point));
                self.fed = one.time;
            } else if one.time > self.fed && one.time == closed {
                // The sample itself may still be being written.
                break;
            }
            until += group.len();
        }
        for one in self.waiting.drain(..until) {
            samples.release(&mut self.taken, one.place);
        }
        if let Some(flow) = &mut flow {
            flow.settle(closed, &mut |point| points.push(point));
        }
        self.flow = flow;
        rules.set_shares(points.get_mut(first..).unwrap_or_default());
        self.keep_last(points.get(first..).unwrap_or_default());
        if !self.flushed.is_empty() || self.flushed_until > 0 {
            self.tally_flushed(rules, points, first);
        }
    }

    fn keep_last(&mut self, points: &[DataPoint]) {
        if let Some(last) = points.last() {
            self.last = Some(last.clone());
        }
    }

    /// Takes those of the points from `first` on that were flushed before out, and counts what
    /// changed.
    fn tally_flushed(&mut self, rules: Rules<'_>, points: &mut Vec<DataPoint>, first: usize) {
        let until = self.flushed_until;
        let is_new = |point: &DataPoint| point.interval().start() >= until;
        let new =
            points.iter().skip(first).position(is_new).map_or(points.len(), |new| first + new);
        for point in points.drain(first..new) {
            let start = point.interval().start();
            let flushed = self.flushed.iter().position(|one| one.interval().start() == start);
            let flushed = flushed.map(|index| self.flushed.remove(index));
            note_difference(&mut self.tally, &point, flushed.as_ref(), rules.metrics());
        }
    }

    /// Forgets the container where its last sample is old enough. All of its points are final
    /// then.
    fn forget(&mut self, samples: &Samples, rules: Rules<'_>) {
        let over = samples.newest().saturating_add(rules.settings.silence_nanos());
        if self.flow.is_some() && self.waiting.is_empty() && over < self.taken.closed() {
            self.forgotten = true;
            self.flow = None;
            self.last = None;
            self.flushed = Vec::new();
            self.waiting = Vec::new();
        }
    }

    /// Gives the points that are not final, as they would be if no more samples came.
    fn each_open(&self, samples: &Samples, rules: Rules<'_>, give: &mut dyn FnMut(DataPoint)) {
        let mut flow = self.flow.clone().unwrap_or_else(|| rules.new_flow());
        let mut give = |mut point| {
            rules.set_shares(std::slice::from_mut(&mut point));
            give(point);
        };
        for group in self.waiting.chunk_by(|one, next| one.time == next.time) {
            if group.first().is_some_and(|one| one.role == Role::Sample) {
                samples.feed(&self.taken, group, &mut flow, &mut give);
            }
        }
        flow.finish(&mut give);
    }
}

impl Rules<'_> {
    fn new_flow(&self) -> Box<Flow> {
        Box::new(Flow::new(Arc::clone(self.name), self.settings.points()))
    }

    fn metrics(&self) -> MetricSet {
        self.settings.points().all_metrics()
    }

    fn set_shares(&self, points: &mut [DataPoint]) {
        if self.settings.points().shares() {
            for point in points {
                point.set_shares(&self.limits);
            }
        }
    }
}

impl Samples {
    /// Has a sample go its way, completed by its copies. Gives the points of intervals that ended
    /// the longest gap before it.
    fn feed(
        &self,
        taken: &Taken,
        group: &[Waiting],
        flow: &mut Flow,
        give: &mut dyn FnMut(DataPoint),
    ) {
        let Some((one, copies)) = group.split_first() else { return };
        self.with(taken, one.place, |received| {
            let Some(received) = received else { return };
            let whole = self.with_copies(taken, received, copies);
            let row = whole.as_ref().unwrap_or(&received.sample).row();
            flow.feed(row);
            flow.settle_behind(row, give);
        });
    }

    /// A sample that its copies tell more of, if they do.
    fn with_copies(&self, taken: &Taken, first: &Received, copies: &[Waiting]) -> Option<Sample> {
        let (mut whole, mut partial): (Option<Sample>, _) = (None, first.from_machine_stats);
        for copy in copies {
            self.with(taken, copy.place, |copy| {
                let Some(copy) = copy else { return };
                let known = whole.as_ref().unwrap_or(&first.sample).row();
                let more = completed(known, partial, &copy.sample);
                partial &= copy.from_machine_stats;
                whole = more.or(whole.take());
            });
        }
        whole
    }
}

/// Adds to the tally what a final point tells beyond the one that was given.
fn note_difference(
    tally: &mut BTreeMap<Metric, i128>,
    point: &DataPoint,
    given: Option<&DataPoint>,
    metrics: MetricSet,
) {
    let growth = |point: &DataPoint, metric| i128::from(point.growth(metric).unwrap_or(0));
    for metric in metrics.iter() {
        let before = given.map_or(0, |given| growth(given, metric));
        let difference = growth(point, metric) - before;
        if difference != 0 {
            *tally.entry(metric).or_default() += difference;
        }
    }
}
