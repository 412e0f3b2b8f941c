//! From one container's samples, as they were taken in, to its points.
//!
//! Samples stay as they are until no older one can come. Then they go the way of a batch, in the
//! order of their time. Of most containers a sample comes now and then, and as a rule all that
//! matters of older ones stands in the last sample before the first open interval: from there on
//! samples are kept and go the way again, which is lent for the moment. So nothing is kept of such
//! a container but a few samples.

use std::sync::Arc;

use super::Totals;
use super::flushed::Flushed;
use super::intake::{Intake, Intakes, Role, Taken};
use super::kept::{complete, keep, put_copy};
use super::settings::RecorderSettings;
use super::way::Way;
use crate::container::{Life, Limits};
use crate::point::DataPoint;
use crate::sample::Sample;
use crate::series::{Checkpoint, Chunk, Flow, Resumed, Room};
use crate::time::{Interval, Timestamp};

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
    pub(super) intakes: &'r Intakes,
    pub(super) limits: Limits,
    pub(super) life: &'r Arc<Life>,
}

/// What the sealer knows of a container. Times are nanoseconds since the epoch.
#[derive(Debug)]
pub(super) struct Sealing {
    taken: Taken<Option<Received>>,
    /// Samples in rising time: those that are not yet in final points, and the last one before.
    kept: Chunk,
    /// `None` where the first of them is the container's first.
    checkpoint: Option<Checkpoint>,
    /// Copies whose samples are still being written, and whether `machinestats` told them.
    copies: Vec<(Sample, bool)>,
    /// No sample comes any more, nor a copy that completes one, up to here.
    closed: u64,
    /// The way that all kept samples up to `fed` went; `None` where one that begins with the first
    /// of them has the same points.
    flow: Option<Box<Flow>>,
    fed: u64,
    /// How many times in succession it was sealed without a point becoming final, at most 2.
    idle: u8,
    /// Where the first interval begins whose point was not given, and where it ends as far as is
    /// known; `None` where nothing is open.
    open_from: u64,
    open_until: Option<u64>,
    /// The last final point.
    last: Option<Box<DataPoint>>,
    /// `None` until anything was flushed.
    flushed: Option<Box<Flushed>>,
    accepted: u64,
    /// Samples that were taken in or completed since they were last handed to a store, where they
    /// are.
    unstored: Option<Box<Chunk>>,
    /// Whether the container was forgotten since that was last asked.
    forgotten: bool,
}

impl Sealing {
    pub(super) fn new(taken: Taken<Option<Received>>) -> Self {
        Self {
            taken,
            kept: Chunk::default(),
            checkpoint: None,
            copies: Vec::new(),
            closed: 0,
            flow: None,
            fed: 0,
            idle: 2,
            open_from: 0,
            open_until: None,
            last: None,
            flushed: None,
            accepted: 0,
            unstored: None,
            forgotten: false,
        }
    }

    /// Adds what was counted, of all that was recorded.
    pub(super) fn add_to(&mut self, samples: &Samples, rules: Rules<'_>, totals: &mut Totals) {
        self.take_in(samples, rules);
        totals.accepted += self.accepted;
        if let Some(flushed) = &self.flushed {
            flushed.add_to(&mut totals.tally);
        }
    }

    /// Whether the container was forgotten since the last call.
    pub(super) fn take_forgotten(&mut self) -> bool {
        std::mem::take(&mut self.forgotten)
    }

    /// Says that what was read of the container before is forgotten, and gave points up to here.
    pub(super) fn come_back(&mut self, samples: &Samples, open_from: u64) {
        (self.checkpoint, self.open_from) = (Some(Checkpoint::FORGOTTEN), open_from);
        samples.close_before(open_from);
    }

    /// Whether anything was read of the container before the samples that are kept.
    pub(super) fn is_back(&self) -> bool {
        self.checkpoint.is_some()
    }

    /// The first time of which no point was given, and no sample went its way.
    pub(super) fn open_from(&self) -> u64 {
        self.open_from.max(self.fed.saturating_add(1))
    }

    /// Whether nothing is known of the container, nor on its way.
    pub(super) fn is_dormant(&self, samples: &Samples) -> bool {
        self.kept.len() == 0
            && self.unstored.is_none()
            && self.copies.is_empty()
            && samples.is_empty(&self.taken)
    }

    /// What the intake's version is as long as there is nothing to take in or seal; `None` where
    /// there may be.
    pub(super) fn version(&self) -> Option<u64> {
        self.taken.version()
    }

    /// The caller's time when samples were last taken in.
    pub(super) fn now(&self) -> u64 {
        self.taken.now()
    }

    /// Adds the points that became final to `points`.
    pub(super) fn seal(
        &mut self,
        samples: &Samples,
        rules: Rules<'_>,
        points: &mut Vec<DataPoint>,
    ) {
        self.take_in(samples, rules);
        self.closed = self.taken.closed();
        let first = points.len();
        if self.may_give(rules) {
            self.go_on(rules, points);
            rules.set_shares(points.get_mut(first..).unwrap_or_default());
            if let Some(last) = points.get(first..).and_then(<[_]>::last) {
                match &mut self.last {
                    Some(known) => **known = last.clone(),
                    None => self.last = Some(Box::new(last.clone())),
                }
            }
            if let Some(flushed) = &mut self.flushed {
                flushed.settle(points, first, self.open_from);
            }
        }
        self.idle = if points.len() > first { 0 } else { (self.idle + 1).min(2) };
        if samples.newest().saturating_add(rules.settings.silence_nanos()) < self.closed {
            self.forget();
            if self.is_dormant(samples) {
                self.copies = Vec::new();
                samples.sleep(&mut self.taken, rules.intakes);
            }
        }
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
        let mut open = Vec::new();
        self.each_open(rules, &mut |point| open.push(point));
        let new = || Box::new(Flushed::new(rules.settings.points().all_metrics()));
        self.flushed.get_or_insert_with(new).give(open, points);
    }

    /// The last final point, and those of all open intervals as they are.
    pub(super) fn snapshot(&mut self, samples: &Samples, rules: Rules<'_>) -> Vec<DataPoint> {
        self.take_in(samples, rules);
        let mut points: Vec<_> = self.last.as_deref().into_iter().cloned().collect();
        self.each_open(rules, &mut |point| points.push(point));
        points
    }

    /// Takes in what was recorded since the last time.
    fn take_in(&mut self, samples: &Samples, rules: Rules<'_>) {
        let open_from = self.open_from();
        let Self { taken, kept, copies, closed, accepted, unstored, open_until, .. } = self;
        let has_store = rules.settings.has_store();
        let mut stored = |kept: &Chunk, time| {
            if has_store {
                put_copy(unstored.get_or_insert_default(), kept, time);
            }
        };
        let had_copies = !copies.is_empty();
        samples.take(taken, rules.intakes, open_from, &mut |received| {
            let Some(received) = received else { return };
            let (sample, from_machine_stats) = (&received.sample, received.from_machine_stats);
            if received.role == Role::Sample {
                *accepted += 1;
                keep(kept, sample, from_machine_stats);
                stored(kept, sample.time());
                if open_until.is_none_or(|until| sample.time().nanos() < until) {
                    *open_until = Some(rules.end_of(sample.time()));
                }
            } else if sample.time().nanos() > *closed {
                if complete(kept, sample, from_machine_stats) {
                    stored(kept, sample.time());
                } else {
                    copies.push((sample.clone(), from_machine_stats));
                }
            }
        });
        if had_copies || !copies.is_empty() {
            copies.retain(|(copy, from_machine_stats)| {
                if copy.time().nanos() <= *closed {
                    return false;
                }
                let is_there = complete(kept, copy, *from_machine_stats);
                if is_there {
                    stored(kept, copy.time());
                }
                !is_there
            });
        }
    }

    /// What was not handed to a store yet, and up to where nothing more comes.
    pub(super) fn take_unstored(&mut self) -> (Chunk, u64) {
        (self.unstored.take().map_or_else(Chunk::default, |unstored| *unstored), self.closed)
    }

    /// Takes back what a store did not take.
    pub(super) fn put_back(&mut self, samples: &Chunk) {
        for time in (0..samples.len()).filter_map(|index| samples.time(index)) {
            let unstored = self.unstored.get_or_insert_default();
            if unstored.time(unstored.before(time)) != Some(time) {
                put_copy(unstored, samples, time);
            }
        }
    }

    /// Goes on where another recorder stopped: what was recorded so far is in the store, and the
    /// points of intervals before this are, too.
    pub(super) fn resume(&mut self, samples: &Samples, rules: Rules<'_>, resumed: Resumed<'_>) {
        self.take_in(samples, rules);
        self.unstored = None;
        self.accepted = 0;
        (self.open_from, self.checkpoint) = (resumed.open_from, resumed.checkpoint);
    }

    /// Whether any point may be final that was not given.
    fn may_give(&self, rules: Rules<'_>) -> bool {
        let Some(open_until) = self.open_until else { return false };
        let read = self.up_to(self.closed).checked_sub(1);
        let Some(read) = read.and_then(|last| self.kept.time(last)).map(Timestamp::nanos) else {
            return false;
        };
        let silent_since = read.saturating_add(rules.settings.points().max_gap_nanos());
        self.flow.is_some()
            || read >= open_until
            || self.closed > silent_since
            || self.may_begin_earlier(rules)
    }

    /// Whether a start may count that lies before the first sample.
    fn may_begin_earlier(&self, rules: Rules<'_>) -> bool {
        let first = self.kept.time(0).filter(|_| self.checkpoint.is_none());
        first.map(Timestamp::nanos).is_some_and(|first| {
            let earliest = first.saturating_sub(rules.settings.points().max_gap_nanos());
            rules.life.latest_within(earliest, first).next().is_some()
        })
    }

    /// Has the samples go their way that nothing can come before any more, and adds the points
    /// that are final with them.
    fn go_on(&mut self, rules: Rules<'_>, points: &mut Vec<DataPoint>) {
        /// So many samples that it matters little to begin some before them.
        const MANY: usize = 16;
        let (known, closed) = (self.up_to(self.fed), self.up_to(self.closed));
        let own = self.flow.take();
        let begun = if own.is_some() { known } else { 0 };
        let mut way = self.way(own, rules);
        let (flow, first) = (way.flow(), points.len());
        let mut give = those_from(self.open_from, points);
        for row in self.kept.rows().skip(begun).take(closed.saturating_sub(begun)) {
            flow.feed(row);
            flow.settle_behind(row, &mut give);
        }
        flow.decide_before(self.closed);
        flow.settle(self.closed, &mut give);
        drop(give);
        let aside = flow.take_set_aside();
        self.note_open(flow.first_open(self.closed), closed, rules);
        self.note_set_aside(&aside);
        let gives = match way {
            Way::Own(_) => points.len() > first || self.idle == 0,
            Way::Lent(_) => points.len() > first && self.idle == 0,
        };
        self.put_by(way, closed, gives && closed - known < MANY);
    }

    /// The way that samples go: this one, or one that is lent.
    fn way(&self, own: Option<Box<Flow>>, rules: Rules<'_>) -> Way {
        if let Some(mut flow) = own {
            flow.live_by(rules.life);
            return Way::Own(flow);
        }
        let mut room = Room::take(rules.settings.points(), rules.name, rules.life);
        if let Some(checkpoint) = self.checkpoint {
            room.flow.resume(checkpoint);
        }
        Way::Lent(room)
    }

    /// Notes which samples were set aside. They are kept as long as those around them: without
    /// them, one before that stands could look odd by what follows then.
    fn note_set_aside(&mut self, aside: &[Timestamp]) {
        for time in aside {
            let index = self.kept.before(*time);
            if self.kept.time(index) == Some(*time)
                && let Some(mark) = self.kept.mark_mut(index)
            {
                mark.is_set_aside = true;
            }
        }
    }

    /// Notes what is open after the first so many samples went their way.
    fn note_open(&mut self, open: Option<Interval>, fed: usize, rules: Rules<'_>) {
        if let Some(last) = fed.checked_sub(1).and_then(|last| self.kept.time(last)) {
            self.fed = last.nanos();
            let from = open.map_or_else(|| rules.end_of(last), Interval::start_nanos);
            self.open_from = self.open_from.max(from);
        }
        let next = self.kept.time(fed).map(|next| rules.end_of(next));
        self.open_until = open.map(Interval::end_nanos).into_iter().chain(next).min();
    }

    /// Forgets the samples that do not matter any more. The way goes too where they will do,
    /// unless it is soon needed again.
    fn put_by(&mut self, mut way: Way, fed: usize, is_busy: bool) {
        const FEW: usize = 64;
        let stood = |index: &usize| self.kept.mark(*index).is_some_and(|mark| !mark.is_set_aside);
        let base = (0..self.before(self.open_from).min(fed)).rev().find(stood).unwrap_or(0);
        let stands = self.kept.time(base).is_some_and(|time| way.flow().stands_on(time.nanos()));
        if !is_busy && stands {
            self.begin_with(base, way.flow());
        }
        match way {
            Way::Lent(room) if !is_busy && (stands || self.kept.len() <= FEW) => room.put_back(),
            Way::Own(_) if !is_busy && stands => {}
            way => {
                self.kept.forget(base);
                self.flow = Some(way.into_own());
            }
        }
    }

    /// Forgets the samples before this one of those that went this way.
    fn begin_with(&mut self, base: usize, flow: &Flow) {
        self.kept.forget(base);
        let first = self.kept.time(0).map(Timestamp::nanos);
        let checkpoint = first.and_then(|first| flow.checkpoint(first, self.open_from));
        self.checkpoint = checkpoint.or(self.checkpoint);
    }

    /// Forgets the container, whose last sample is old enough, where nothing is open.
    fn forget(&mut self) {
        if self.kept.len() > 0 && self.open_until.is_none() {
            self.forgotten = true;
            self.kept = Chunk::default();
            (self.flow, self.last) = (None, None);
            self.checkpoint = Some(Checkpoint::FORGOTTEN);
            if let Some(flushed) = &mut self.flushed {
                flushed.take_back(u64::MAX);
            }
        }
    }

    /// Gives the points that are not final, as they would be if no more samples came.
    fn each_open(&self, rules: Rules<'_>, give: &mut dyn FnMut(DataPoint)) {
        let begun = self.begun();
        let mut way = self.way(self.flow.clone(), rules);
        let flow = way.flow();
        let mut give = |mut point: DataPoint| {
            if point.interval().start_nanos() >= self.open_from {
                rules.set_shares(std::slice::from_mut(&mut point));
                give(point);
            }
        };
        for row in self.kept.rows().skip(begun) {
            flow.feed(row);
            flow.settle_behind(row, &mut give);
        }
        flow.finish(&mut give);
        if let Way::Lent(room) = way {
            room.put_back();
        }
    }

    /// How many of the kept samples went the way.
    fn begun(&self) -> usize {
        self.flow.as_ref().map_or(0, |_| self.up_to(self.fed))
    }

    /// How many of the kept samples are not later than this.
    fn up_to(&self, nanos: u64) -> usize {
        self.before(nanos.saturating_add(1))
    }

    /// How many of the kept samples are earlier than this.
    fn before(&self, nanos: u64) -> usize {
        let time = Timestamp::from_nanos(nanos);
        time.map_or(if nanos == 0 { 0 } else { self.kept.len() }, |time| self.kept.before(time))
    }
}

impl Rules<'_> {
    /// Where the interval ends that holds a time.
    fn end_of(&self, time: Timestamp) -> u64 {
        Interval::containing(time, self.settings.points().interval()).end_nanos()
    }

    fn set_shares(&self, points: &mut [DataPoint]) {
        if self.settings.points().shares() {
            for point in points {
                point.set_shares(&self.limits);
            }
        }
    }
}

/// Adds the points of intervals that begin at a time or later.
fn those_from(start: u64, points: &mut Vec<DataPoint>) -> impl FnMut(DataPoint) {
    move |point| {
        if point.interval().start_nanos() >= start {
            points.push(point);
        }
    }
}
