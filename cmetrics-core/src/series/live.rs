//! A live series: samples are still added, and points are emitted when they are final.
//!
//! `docs/points.md`, *Streams*, defines when points are final. Samples are held until no sample
//! can come before them any more. Then they pass through the same flow as those of a batch, in
//! rising time. Their times and footprints are remembered for a while longer, to tell copies from
//! late samples, and to skip polls that repeat them.

use std::sync::Arc;

use super::Series;
use super::chain::Chain;
use super::events::Events;
use super::flow::{Checkpoint, Flow, Told};
use super::ranking::{Lump, Ranking};
use crate::container::Life;
use crate::document::Door;
use crate::point::DataPoint;
use crate::settings::Settings;
use crate::time::{NANOS_PER_SECOND, Timestamp};

/// How long samples are remembered at least, in nanoseconds: polls repeat the last two minutes.
const MIN_REMEMBERED: u64 = 150 * NANOS_PER_SECOND;

/// How a live series makes points.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LivePolicy {
    pub(crate) settings: Settings,
    /// How much older than the newest sample a sample may be, in nanoseconds.
    pub(crate) lateness: u64,
}

/// The state of a live series, beside its samples.
#[derive(Debug)]
pub(super) struct Live {
    policy: LivePolicy,
    /// The samples up to the cutoff have passed through this flow.
    flow: Flow,
    /// The time of the last sample that was fed to `flow`.
    last_fed: Option<Timestamp>,
    /// The time of the newest accepted sample.
    newest_sample: Option<Timestamp>,
    /// The time of the newest accepted sample or the caller's time, whichever is newer, in
    /// nanoseconds since the epoch.
    newest: u64,
}

impl Live {
    /// A sample before this time is late. In nanoseconds since the epoch, like all times here.
    fn cutoff(&self) -> u64 {
        self.newest.saturating_sub(self.policy.lateness)
    }

    /// Whether a sample of this time is late.
    pub(super) fn is_late(&self, time: Timestamp) -> bool {
        time.nanos() < self.cutoff()
    }

    /// Whether copies of a sample of this time come too late to complete it.
    pub(super) fn is_closed(&self, time: Timestamp) -> bool {
        self.is_late(time) || Some(time) <= self.last_fed
    }

    /// Notes that a sample was accepted.
    pub(super) fn note(&mut self, time: Timestamp) {
        self.newest_sample = self.newest_sample.max(Some(time));
        self.newest = self.newest.max(time.nanos());
    }

    /// The time since which samples are remembered.
    fn remembered_since(&self) -> Option<Timestamp> {
        let history = self.policy.lateness.max(MIN_REMEMBERED);
        Timestamp::from_nanos(self.newest.saturating_sub(history))
    }

    /// Whether the last sample is so old that it is not paired with any sample that is still
    /// accepted.
    fn is_over(&self) -> bool {
        let most = MIN_REMEMBERED.max(self.policy.settings.max_gap_nanos());
        let last = self.newest_sample.map_or(0, Timestamp::nanos);
        last.saturating_add(most) < self.cutoff()
    }
}

/// A live series of several chains: the points of each that wait for those of the others.
#[derive(Debug)]
pub(super) struct LiveRanking(Ranking);

/// What a chain has after settling.
struct Settled {
    /// All of its points are final before this time, in nanoseconds since the epoch.
    until: u64,
    /// Whether it is still needed.
    is_needed: bool,
    /// The growth since it last settled that is credited as a whole.
    lumps: Vec<Lump>,
}

/// A live chain to be made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LiveStart {
    pub(crate) policy: LivePolicy,
    /// The newest time that the caller has passed, in nanoseconds since the epoch.
    pub(crate) now: u64,
    /// Whether the container may have had samples that are forgotten.
    pub(crate) is_back: bool,
}

impl Series {
    /// Emits the points that have become final, in rising time, and forgets what is no longer
    /// needed. Returns whether the series is still needed.
    pub(crate) fn settle(&mut self, now: u64, emit: &mut dyn FnMut(DataPoint)) -> bool {
        let limits = self.limits();
        let Some(live) = self.first.live.as_deref() else { return true };
        let settings = live.policy.settings;
        let mut emit = |mut point: DataPoint| {
            if settings.shares() {
                point.set_shares(&limits);
            }
            emit(point);
        };
        if self.others.is_empty() {
            return self.first.settle(now, &mut emit).is_needed;
        }
        self.settle_ranked(settings, now, &mut emit)
    }

    /// Emits the points that are final in all chains that may still tell them.
    fn settle_ranked(
        &mut self,
        settings: Settings,
        now: u64,
        emit: &mut dyn FnMut(DataPoint),
    ) -> bool {
        let newest = self.chains().filter_map(|chain| Some(chain.live.as_ref()?.newest)).max();
        let newest = newest.unwrap_or_default().max(now);
        let mut ranking =
            self.ranking.take().unwrap_or_else(|| Box::new(LiveRanking(Ranking::new(settings))));
        let (mut until, mut is_needed) = (u64::MAX, false);
        for chain in self.chains_mut() {
            // A source that has said nothing for long is not waited for.
            let now = if chain.is_silent_at(newest) { newest } else { now };
            let settled = chain.settle_into(&mut ranking.0, now);
            until = until.min(settled.until);
            is_needed |= settled.is_needed;
        }
        let width = settings.interval_seconds();
        let end = until / NANOS_PER_SECOND / width * width;
        ranking.0.merge_before(if is_needed { end } else { u64::MAX }, emit);
        self.ranking = Some(ranking);
        is_needed
    }

    /// Emits the points of a live series of several chains that are not final yet.
    pub(super) fn each_provisional_ranked_point(
        &self,
        ranking: &LiveRanking,
        emit: &mut dyn FnMut(DataPoint),
    ) -> Events {
        let mut ranking = ranking.0.clone();
        let settings = ranking.settings();
        let mut events = None;
        for chain in self.ranked(&settings) {
            let told = chain.tell_to(&mut ranking, settings, None);
            events = events.or((!chain.is_empty()).then_some(told));
        }
        ranking.merge_before(u64::MAX, emit);
        events.unwrap_or_default()
    }

    /// The events of a live series up to its last final point: restarts, gaps, odd readings and
    /// unattributed growth. `None` if the series is not [live](crate::Pipeline::live).
    pub fn settled_events(&self) -> Option<Events> {
        self.first.live.as_ref().map(|live| live.flow.events())
    }
}

impl Chain {
    /// A chain without samples, live if there is a start.
    pub(super) fn made(door: Door, name: &Arc<str>, start: Option<LiveStart>) -> Self {
        let mut chain = Self::new(door, Arc::clone(name));
        let Some(LiveStart { policy, now, is_back }) = start else { return chain };
        let mut flow = Flow::new(Arc::clone(name), &Arc::default(), policy.settings);
        if is_back {
            flow.resume(Checkpoint::FORGOTTEN);
        }
        let live = Live { policy, flow, last_fed: None, newest_sample: None, newest: now };
        chain.live = Some(Box::new(live));
        chain
    }

    /// Whether no sample of this chain can change what is final in others, if `newest` is their
    /// newest time.
    fn is_silent_at(&self, newest: u64) -> bool {
        self.live.as_ref().is_some_and(|live| {
            let last = live.newest_sample.map_or(0, Timestamp::nanos);
            let longest = live.policy.settings.max_gap_nanos().saturating_add(live.policy.lateness);
            last.saturating_add(longest) < newest
        })
    }

    /// Settles, and adds the points that have become final to the ranking.
    fn settle_into(&mut self, ranking: &mut Ranking, now: u64) -> Settled {
        let mut points = Vec::new();
        let name = Arc::clone(&self.name);
        let settled = self.settle(now, &mut |point| points.push(point.renamed(Arc::clone(&name))));
        let late = ranking.add(self, points, &settled.lumps);
        self.count_late(late);
        settled
    }

    /// Emits the points that have become final, in rising time, and forgets what is no longer
    /// needed.
    fn settle(&mut self, now: u64, emit: &mut dyn FnMut(DataPoint)) -> Settled {
        let Some(live) = self.live.as_deref_mut() else {
            return Settled { until: u64::MAX, is_needed: true, lumps: Vec::new() };
        };
        live.newest = live.newest.max(now);
        let cutoff = live.cutoff();
        live.flow.set_life(&self.life);
        for row in self.samples.rows_after(live.last_fed) {
            if row.time.nanos() > cutoff {
                break;
            }
            live.flow.feed(row);
            live.last_fed = Some(row.time);
        }
        live.flow.decide_before(cutoff);
        let until = live.flow.settle(cutoff, emit);
        let mut lumps = live.flow.take_lumps();
        if live.newest_sample.is_some() && live.is_over() {
            // A start without samples after it keeps nothing open any more.
            lumps.extend(live.flow.finish(emit).lumps);
        }
        if let Some(since) = live.remembered_since() {
            self.samples.forget_before(since);
            self.limits.forget_before(since);
            let max_gap = live.policy.settings.max_gap_nanos();
            Life::forget_before(&mut self.life, since.nanos().saturating_sub(max_gap));
        }
        Settled { until, is_needed: live.newest_sample.is_some() && !live.is_over(), lumps }
    }

    /// Emits the points of a live chain that are not final yet, as they would be if no more
    /// samples came.
    pub(super) fn each_provisional_point(
        &self,
        live: &Live,
        emit: &mut dyn FnMut(DataPoint),
    ) -> Told {
        let mut flow = live.flow.clone();
        flow.set_life(&self.life);
        self.samples.rows_after(live.last_fed).for_each(|row| flow.feed(row));
        flow.finish(emit)
    }
}
