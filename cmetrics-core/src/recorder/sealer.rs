//! From one container's samples, as they were taken in, to its points.
//!
//! Samples stay as they are until no older one can come. Then they are fed to a [`Flow`] in the
//! order of their time, as in a batch. Most containers get a sample now and then, and as a rule the
//! last sample before the first open interval contains all that matters of older ones: the samples
//! from there on are the tail, and each seal feeds them again to a pooled flow. So such a container
//! keeps nothing but a few samples.

mod feeding;

use std::num::NonZeroU64;
use std::sync::Arc;

use super::flushed::Flushed;
use super::intake::{Bounds, Intake, IntakeEnv, IntakeReader, Role};
use super::ranked::{Progress, RankedContainer};
use super::settings::RecorderSettings;
use super::tail::{complete_sample, copy_sample, insert_sample};
use super::totals::{DoorTotals, EventCounts};
use crate::container::{Life, Limits};
use crate::document::Door;
use crate::metric::SectionSet;
use crate::point::DataPoint;
use crate::sample::Sample;
use crate::series::{ChainKey, Checkpoint, Chunk, Flow, Lump, Resumed};
use crate::time::{Interval, NANOS_PER_SECOND, Timestamp};

/// What a slot contains.
#[derive(Debug)]
pub(super) struct RecordedSample {
    pub(super) sample: Sample,
    pub(super) role: Role,
    pub(super) is_partial: bool,
}

/// Where writers put a container's samples. A slot is `None` until it is first used.
pub(super) type SampleIntake = Intake<Option<RecordedSample>>;

/// What sealing a container depends on.
#[derive(Clone, Copy, Debug)]
pub(super) struct SealContext<'r> {
    pub(super) name: &'r Arc<str>,
    pub(super) settings: &'r RecorderSettings,
    pub(super) intake_env: &'r IntakeEnv,
    pub(super) limits: Limits,
    pub(super) life: &'r Arc<Life>,
    pub(super) door: Door,
    /// Where events are counted that became final.
    pub(super) events: &'r EventCounts,
    /// The newest time of the container's other doors, if this one has been silent for so long that
    /// it is not waited for; else 0.
    pub(super) newest_elsewhere: u64,
}

/// A copy whose sample is still being written.
#[derive(Debug)]
struct PendingCopy {
    sample: Sample,
    is_partial: bool,
}

/// The door of a container that has several.
#[derive(Debug)]
pub(super) struct Membership {
    pub(super) container: Arc<RankedContainer>,
    pub(super) key: ChainKey,
    /// Growth that is credited as a whole, since it was last taken.
    lumps: Vec<Lump>,
}

/// What the sealer knows of a container. Times are nanoseconds since the epoch.
#[derive(Debug)]
pub(super) struct Sealer {
    intake_reader: IntakeReader<Option<RecordedSample>>,
    /// Raw samples in rising time: those that are not yet in final points, and the last one before.
    tail: Chunk,
    /// How a flow begins with the tail; `None` if the first sample of the tail is the container's
    /// first.
    checkpoint: Option<Checkpoint>,
    /// Copies whose samples are still being written.
    pending_copies: Vec<PendingCopy>,
    /// Up to here no sample comes any more, nor a copy that completes one.
    closed_until: u64,
    /// The flow to which the samples of the tail up to `fed_until` were fed; `None` if a flow that
    /// begins with the first of them makes the same points.
    flow: Option<Box<Flow>>,
    fed_until: u64,
    /// How many seals in succession made no point final, at most 2.
    idle_seals: u8,
    /// The start of the first interval whose point was not emitted, and its end as far as it is
    /// known; `None` if nothing is open.
    open_from: u64,
    open_until: Option<NonZeroU64>,
    /// The last final point.
    last_point: Option<Box<DataPoint>>,
    /// What it shares with the container's other doors, if there are any.
    ranked: Option<Box<Membership>>,
    /// The sections that the container does not have, by its samples.
    denied: SectionSet,
    /// `None` until something was flushed.
    flushed: Option<Box<Flushed>>,
    accepted: u64,
    /// Samples that were added or completed since samples were last handed to a store, if they are
    /// handed to one.
    unstored: Option<Box<Chunk>>,
    /// Whether the container was forgotten since `take_forgotten` was last called.
    newly_forgotten: bool,
}

impl Sealer {
    pub(super) fn new(intake_reader: IntakeReader<Option<RecordedSample>>) -> Self {
        Self {
            intake_reader,
            tail: Chunk::default(),
            checkpoint: None,
            pending_copies: Vec::new(),
            closed_until: 0,
            flow: None,
            fed_until: 0,
            idle_seals: 2,
            open_from: 0,
            open_until: None,
            last_point: None,
            ranked: None,
            denied: SectionSet::default(),
            flushed: None,
            accepted: 0,
            unstored: None,
            newly_forgotten: false,
        }
    }

    /// Adds the counts of everything that was recorded.
    pub(super) fn add_counts_to(
        &mut self,
        intake: &SampleIntake,
        context: SealContext<'_>,
        totals: &mut DoorTotals,
    ) {
        self.drain_intake(intake, context);
        totals.accepted += self.accepted;
        if let Some(flushed) = &self.flushed {
            flushed.add_counts_to(&mut totals.tally);
        }
    }

    /// Whether the container was forgotten since the last call.
    pub(super) fn take_forgotten(&mut self) -> bool {
        std::mem::take(&mut self.newly_forgotten)
    }

    /// Notes that what was read of the container before is forgotten, and that its points before
    /// `open_from` were emitted.
    pub(super) fn resume_forgotten(&mut self, intake: &SampleIntake, open_from: u64) {
        (self.checkpoint, self.open_from) = (Some(Checkpoint::FORGOTTEN), open_from);
        intake.set_floor(open_from);
    }

    /// Whether the container had samples before those of the tail.
    pub(super) fn has_earlier_samples(&self) -> bool {
        self.checkpoint.is_some()
    }

    /// The first time of which no point was emitted and no sample was fed.
    pub(super) fn open_from(&self) -> u64 {
        self.open_from.max(self.fed_until.saturating_add(1))
    }

    /// The points of intervals before this time, in seconds, were emitted.
    pub(super) fn emitted_until(&self) -> u64 {
        let flushed = self.flushed.as_ref().map_or(0, |flushed| flushed.until());
        flushed.max(self.open_from / NANOS_PER_SECOND)
    }

    /// Whether nothing is known of the container, and no sample is on its way.
    pub(super) fn is_dormant(&self, intake: &SampleIntake) -> bool {
        self.tail.len() == 0
            && self.unstored.is_none()
            && self.pending_copies.is_empty()
            && intake.is_empty(&self.intake_reader)
    }

    /// The intake's version as long as there is nothing to take in or seal; `None` if there may be
    /// something.
    pub(super) fn version(&self) -> Option<u64> {
        self.intake_reader.version()
    }

    /// The caller's time when samples were last taken in.
    pub(super) fn now(&self) -> u64 {
        self.intake_reader.now()
    }

    /// Adds the points that became final to `points`.
    pub(super) fn seal(
        &mut self,
        intake: &SampleIntake,
        context: SealContext<'_>,
        points: &mut Vec<DataPoint>,
    ) {
        self.drain_intake(intake, context);
        let decided = std::mem::replace(&mut self.closed_until, self.intake_reader.closed());
        let first = points.len();
        if self.may_finalize(context) {
            self.feed_closed(decided, context, points);
            context.set_shares(points.get_mut(first..).unwrap_or_default());
            if let Some(last) = points.get(first..).and_then(<[_]>::last) {
                match &mut self.last_point {
                    Some(known) => **known = last.clone(),
                    None => self.last_point = Some(Box::new(last.clone())),
                }
            }
            if let Some(flushed) = &mut self.flushed {
                flushed.remove_flushed(points, first, self.open_from);
            }
        }
        self.idle_seals = if points.len() > first { 0 } else { (self.idle_seals + 1).min(2) };
        if intake.newest().saturating_add(context.settings.forget_after_nanos()) < self.closed_until
        {
            self.forget();
            if self.is_dormant(intake) {
                self.pending_copies = Vec::new();
                intake.sleep(&mut self.intake_reader, context.intake_env);
            }
        }
    }

    /// Adds the points of everything that was recorded to `points`, final or not. Those that are
    /// not final are emitted as they are, and what later samples change in them goes to the tally.
    pub(super) fn flush(
        &mut self,
        intake: &SampleIntake,
        context: SealContext<'_>,
        points: &mut Vec<DataPoint>,
    ) {
        self.seal(intake, context, points);
        let mut open = Vec::new();
        self.for_each_open_point(context, &mut |point| open.push(point));
        let new = || Box::new(Flushed::new(context.settings.points().all_metrics()));
        self.flushed.get_or_insert_with(new).emit(open, points);
    }

    /// What it shares with the container's other doors.
    pub(super) fn ranked(&self) -> Option<&Membership> {
        self.ranked.as_deref()
    }

    /// From now on its points go to the ranking of this container, those that wait in another one
    /// included.
    pub(super) fn join(
        &mut self,
        intake: &SampleIntake,
        container: &Arc<RankedContainer>,
        key: ChainKey,
    ) {
        let before = self.ranked.take();
        if before.as_ref().is_some_and(|before| Arc::ptr_eq(&before.container, container)) {
            self.ranked = before;
            return;
        }
        container.join(key.clone(), self.take_progress(intake));
        if let Some(before) = before {
            container.absorb(&key, before.container.leave(&before.key));
        }
        let container = Arc::clone(container);
        self.ranked = Some(Box::new(Membership { container, key, lumps: Vec::new() }));
    }

    /// The newest time of the other doors, if this one is not waited for; else 0.
    pub(super) fn newest_elsewhere(&self) -> u64 {
        self.ranked.as_ref().map_or(0, |ranked| ranked.container.newest_elsewhere(&ranked.key))
    }

    /// What ranking has to know of what was sealed; takes the growth that is credited as a whole.
    pub(super) fn take_progress(&mut self, intake: &SampleIntake) -> Progress {
        Progress {
            newest: intake.newest(),
            closed_until: self.closed_until,
            open_from: self.open_from,
            denied: self.denied,
            lumps: self
                .ranked
                .as_mut()
                .map(|own| std::mem::take(&mut own.lumps))
                .unwrap_or_default(),
        }
    }

    /// The points of all open intervals as they are, and the growth in them that is credited as a
    /// whole.
    pub(super) fn open_points(
        &mut self,
        intake: &SampleIntake,
        context: SealContext<'_>,
    ) -> (Vec<DataPoint>, Vec<Lump>) {
        self.drain_intake(intake, context);
        let mut points = Vec::new();
        let lumps = self.for_each_open_point(context, &mut |point| points.push(point));
        (points, lumps)
    }

    /// The last final point, and those of all open intervals as they are.
    pub(super) fn snapshot(
        &mut self,
        intake: &SampleIntake,
        context: SealContext<'_>,
    ) -> Vec<DataPoint> {
        self.drain_intake(intake, context);
        let mut points: Vec<_> = self.last_point.as_deref().into_iter().cloned().collect();
        self.for_each_open_point(context, &mut |point| points.push(point));
        points
    }

    /// Takes in what was recorded since the last call.
    fn drain_intake(&mut self, intake: &SampleIntake, context: SealContext<'_>) {
        let (open_from, newest_elsewhere) = (self.open_from(), context.newest_elsewhere);
        let bounds = Bounds { open_from, newest_elsewhere };
        let Self {
            intake_reader,
            tail,
            pending_copies,
            closed_until,
            accepted,
            unstored,
            open_until,
            denied,
            ..
        } = self;
        let has_store = context.settings.has_store();
        let mut mark_unstored = |tail: &Chunk, time| {
            if has_store {
                copy_sample(unstored.get_or_insert_default(), tail, time);
            }
        };
        let had_copies = !pending_copies.is_empty();
        intake.take(intake_reader, context.intake_env, bounds, &mut |recorded| {
            let Some(recorded) = recorded else { return };
            let (sample, is_partial) = (&recorded.sample, recorded.is_partial);
            if recorded.role == Role::Sample {
                *accepted += 1;
                *denied = denied.union(sample.layout().denied);
                insert_sample(tail, sample, is_partial);
                mark_unstored(tail, sample.time());
                if open_until.is_none_or(|until| sample.time().nanos() < until.get()) {
                    *open_until = NonZeroU64::new(context.end_of(sample.time()));
                }
            } else if sample.time().nanos() > *closed_until {
                if complete_sample(tail, sample, is_partial) {
                    mark_unstored(tail, sample.time());
                } else {
                    let sample = sample.clone();
                    pending_copies.push(PendingCopy { sample, is_partial });
                }
            }
        });
        if had_copies || !pending_copies.is_empty() {
            pending_copies.retain(|PendingCopy { sample, is_partial }| {
                if sample.time().nanos() <= *closed_until {
                    return false;
                }
                let is_complete = complete_sample(tail, sample, *is_partial);
                if is_complete {
                    mark_unstored(tail, sample.time());
                }
                !is_complete
            });
        }
    }

    /// The samples that were not handed to a store yet, and the time up to which no more come.
    pub(super) fn take_unstored(&mut self) -> (Chunk, u64) {
        (self.unstored.take().map_or_else(Chunk::default, |unstored| *unstored), self.closed_until)
    }

    /// Takes back the samples that a store did not take.
    pub(super) fn put_back(&mut self, samples: &Chunk) {
        for time in (0..samples.len()).filter_map(|index| samples.time(index)) {
            let unstored = self.unstored.get_or_insert_default();
            if unstored.time(unstored.before(time)) != Some(time) {
                copy_sample(unstored, samples, time);
            }
        }
    }

    /// Continues where another recorder stopped: the store has what was recorded so far, and the
    /// points of intervals before `resumed.open_from`.
    pub(super) fn resume(
        &mut self,
        intake: &SampleIntake,
        context: SealContext<'_>,
        resumed: Resumed<'_>,
    ) {
        self.drain_intake(intake, context);
        self.unstored = None;
        self.accepted = 0;
        (self.open_from, self.checkpoint) = (resumed.open_from, resumed.checkpoint);
    }
}

impl SealContext<'_> {
    /// The end of the interval that contains a time.
    fn end_of(&self, time: Timestamp) -> u64 {
        Interval::of_width(time, self.settings.points().interval_seconds()).end_nanos()
    }

    fn set_shares(&self, points: &mut [DataPoint]) {
        if self.settings.points().shares() {
            for point in points {
                point.set_shares(&self.limits);
            }
        }
    }
}
