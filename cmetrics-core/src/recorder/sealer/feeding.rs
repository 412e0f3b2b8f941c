//! Feeds samples to a flow, and decides which of them are kept.

use std::num::NonZeroU64;
use std::ops::Range;

use super::{SealContext, Sealer};
use crate::point::DataPoint;
use crate::recorder::active_flow::ActiveFlow;
use crate::series::Checkpoint;
use crate::series::{Chunk, Flow, Lump, ScratchFlow};
use crate::time::{Interval, Timestamp};

impl Sealer {
    /// Whether there may be a final point that was not emitted.
    pub(super) fn may_finalize(&self, context: SealContext<'_>) -> bool {
        let Some(open_until) = self.open_until.map(NonZeroU64::get) else { return false };
        let read = self.count_until(self.closed_until).checked_sub(1);
        let Some(read) = read.and_then(|last| self.tail.time(last)).map(Timestamp::nanos) else {
            return false;
        };
        let silent_since = read.saturating_add(context.settings.points().max_gap_nanos());
        self.flow.is_some()
            || read >= open_until
            || self.closed_until > silent_since
            || self.may_begin_earlier(context)
    }

    /// Whether a start may count that lies before the first sample.
    fn may_begin_earlier(&self, context: SealContext<'_>) -> bool {
        let first = self.tail.time(0).filter(|_| self.checkpoint.is_none());
        first.map(Timestamp::nanos).is_some_and(|first| {
            let earliest = first.saturating_sub(context.settings.points().max_gap_nanos());
            context.life.latest_within(earliest, first).next().is_some()
        })
    }

    /// Feeds the samples before which none can come any more, and adds the points that this makes
    /// final. Before, samples were decided up to `decided`.
    pub(super) fn feed_closed(
        &mut self,
        decided: u64,
        context: SealContext<'_>,
        points: &mut Vec<DataPoint>,
    ) {
        /// With so many new samples it matters little to feed a few earlier ones again.
        const MANY: usize = 16;
        let fed = self.count_until(self.fed_until);
        let closed = self.count_until(self.closed_until);
        let own = self.flow.take();
        let is_pooled = own.is_none();
        let mut active = self.active_flow(own, context);
        let (flow, first) = (active.flow(), points.len());
        let mut emit = push_from(self.open_from, points);
        if is_pooled {
            // What is fed again has no new events.
            self.feed(flow, 0..fed, &mut emit);
            flow.decide_before(decided);
            flow.take_events();
        }
        self.feed(flow, fed..closed, &mut emit);
        flow.decide_before(self.closed_until);
        flow.settle(self.closed_until, &mut emit);
        drop(emit);
        let events = flow.take_events();
        context.events.add(context.door, &events);
        let aside = events.set_aside;
        let lumps = flow.take_lumps();
        if let Some(ranked) = &mut self.ranked {
            ranked.lumps.extend(lumps);
        }
        self.update_open(flow.first_open(self.closed_until), closed, context);
        self.mark_set_aside(&aside);
        let emits_often = match active {
            ActiveFlow::Own(_) => points.len() > first || self.idle_seals == 0,
            ActiveFlow::Pooled(_) => points.len() > first && self.idle_seals == 0,
        };
        self.release_flow(active, closed, emits_often && closed - fed < MANY);
    }

    /// Feeds these samples of the tail.
    fn feed(&self, flow: &mut Flow, rows: Range<usize>, emit: &mut dyn FnMut(DataPoint)) {
        for row in self.tail.rows().skip(rows.start).take(rows.len()) {
            flow.feed(row);
            flow.settle_after(row, emit);
        }
    }

    /// The container's own flow, or a pooled one that begins with the tail.
    fn active_flow(&self, own: Option<Box<Flow>>, context: SealContext<'_>) -> ActiveFlow {
        if let Some(mut flow) = own {
            flow.set_life(context.life);
            return ActiveFlow::Own(flow);
        }
        let mut pooled = ScratchFlow::take(context.settings.points(), context.name, context.life);
        if let Some(checkpoint) = self.checkpoint {
            pooled.flow.resume(checkpoint);
        }
        ActiveFlow::Pooled(pooled)
    }

    /// Marks the samples that were set aside. They are kept as long as those around them: without
    /// them, a sample before them that stands could look odd because of what follows it then.
    fn mark_set_aside(&mut self, aside: &[Timestamp]) {
        for time in aside {
            let index = self.tail.before(*time);
            if self.tail.time(index) == Some(*time)
                && let Some(mark) = self.tail.meta_mut(index)
            {
                mark.is_set_aside = true;
            }
        }
    }

    /// Updates what is open after the first `fed` samples of the tail were fed.
    fn update_open(&mut self, open: Option<Interval>, fed: usize, context: SealContext<'_>) {
        if let Some(last) = fed.checked_sub(1).and_then(|last| self.tail.time(last)) {
            self.fed_until = last.nanos();
            let from = open.map_or_else(|| context.end_of(last), Interval::start_nanos);
            self.open_from = self.open_from.max(from);
        }
        let next = self.tail.time(fed).map(|next| context.end_of(next));
        let until = open.map(Interval::end_nanos).into_iter().chain(next).min();
        self.open_until = until.and_then(NonZeroU64::new);
    }

    /// Forgets the samples that are not needed any more. Releases the flow as well if the tail
    /// suffices without it, unless it is soon needed again.
    fn release_flow(&mut self, mut active: ActiveFlow, fed: usize, is_busy: bool) {
        const FEW: usize = 64;
        let stood = |index: &usize| self.tail.meta(*index).is_some_and(|mark| !mark.is_set_aside);
        let base = (0..self.count_before(self.open_from).min(fed)).rev().find(stood).unwrap_or(0);
        let stands =
            self.tail.time(base).is_some_and(|time| active.flow().can_resume_from(time.nanos()));
        if !is_busy && stands {
            self.trim_to(base, active.flow());
        }
        match active {
            ActiveFlow::Pooled(pooled) if !is_busy && (stands || self.tail.len() <= FEW) => {
                pooled.put_back();
            }
            ActiveFlow::Own(_) if !is_busy && stands => {}
            active => {
                self.tail.forget(base);
                self.flow = Some(active.into_own());
            }
        }
    }

    /// Forgets the samples before `base`; `flow` is the one to which they were fed.
    fn trim_to(&mut self, base: usize, flow: &Flow) {
        self.tail.forget(base);
        let first = self.tail.time(0).map(Timestamp::nanos);
        let checkpoint = first.and_then(|first| flow.checkpoint(first, self.open_from));
        self.checkpoint = checkpoint.or(self.checkpoint);
    }

    /// Forgets the container, whose last sample is old enough, if nothing is open.
    pub(super) fn forget(&mut self) {
        if self.tail.len() > 0 && self.open_until.is_none() {
            self.newly_forgotten = true;
            self.tail = Chunk::default();
            (self.flow, self.last_point) = (None, None);
            self.checkpoint = Some(Checkpoint::FORGOTTEN);
            if let Some(flushed) = &mut self.flushed {
                flushed.retract_before(u64::MAX);
            }
        }
    }

    /// Emits the points that are not final, as they would be if no more samples came. Returns the
    /// growth that is credited as a whole.
    pub(super) fn for_each_open_point(
        &self,
        context: SealContext<'_>,
        emit: &mut dyn FnMut(DataPoint),
    ) -> Vec<Lump> {
        let fed_count = self.fed_count();
        let mut active = self.active_flow(self.flow.clone(), context);
        let flow = active.flow();
        let mut emit = |mut point: DataPoint| {
            if point.interval().start_nanos() >= self.open_from {
                context.set_shares(std::slice::from_mut(&mut point));
                emit(point);
            }
        };
        for row in self.tail.rows().skip(fed_count) {
            flow.feed(row);
            flow.settle_after(row, &mut emit);
        }
        let lumps = flow.finish(&mut emit).lumps;
        if let ActiveFlow::Pooled(pooled) = active {
            pooled.put_back();
        }
        lumps
    }

    /// How many samples of the tail were fed to the container's own flow.
    fn fed_count(&self) -> usize {
        self.flow.as_ref().map_or(0, |_| self.count_until(self.fed_until))
    }

    /// How many samples of the tail are not later than this.
    pub(super) fn count_until(&self, nanos: u64) -> usize {
        self.count_before(nanos.saturating_add(1))
    }

    /// How many samples of the tail are earlier than this.
    fn count_before(&self, nanos: u64) -> usize {
        let time = Timestamp::from_nanos(nanos);
        time.map_or(if nanos == 0 { 0 } else { self.tail.len() }, |time| self.tail.before(time))
    }
}

/// Adds the points of intervals that begin at `start` or later.
fn push_from(start: u64, points: &mut Vec<DataPoint>) -> impl FnMut(DataPoint) {
    move |point| {
        if point.interval().start_nanos() >= start {
            points.push(point);
        }
    }
}
