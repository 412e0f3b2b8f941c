//! Settling a live series: its chains emit the points that have become final, and of several chains
//! their points are merged once no higher door can tell more.

use std::sync::Arc;

use super::Series;
use super::chain::Chain;
use super::events::Events;
use super::flow::Told;
use super::live::Live;
use super::lump::Lump;
use super::ranking::Ranking;
use crate::container::Life;
use crate::point::DataPoint;
use crate::settings::Settings;
use crate::time::NANOS_PER_SECOND;

/// A live series of several chains: the points of each that wait for those of the others.
#[derive(Debug)]
pub(super) struct LiveRanking(pub(super) Ranking);

/// What a chain has after settling.
struct Settled {
    /// All of its points are final before this time, in nanoseconds since the epoch.
    until: u64,
    /// Whether it is still needed.
    is_needed: bool,
    /// The growth since it last settled that is credited as a whole.
    lumps: Vec<Lump>,
}

impl Series {
    /// Emits the points that have become final, in rising time, and forgets what is no longer
    /// needed. Returns whether the series is still needed.
    pub(crate) fn settle(&mut self, now: u64, emit: &mut dyn FnMut(DataPoint)) -> bool {
        let limits = self.limits();
        let Some(live) = self.first.live.as_deref() else { return true };
        let settings = live.policy.settings;
        let mut emitted_until = self.emitted_until;
        let mut emit = |mut point: DataPoint| {
            emitted_until = point.interval().end();
            if settings.shares() {
                point.set_shares(&limits);
            }
            emit(point);
        };
        let is_needed = if self.others.is_empty() {
            self.first.settle(now, &mut emit).is_needed
        } else {
            self.settle_ranked(settings, now, &mut emit)
        };
        self.emitted_until = emitted_until;
        is_needed
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
        let mut ranking = self.ranking.take().unwrap_or_else(|| {
            let emitted = self.emitted_until;
            Box::new(LiveRanking(Ranking::new(settings).merged_until(emitted)))
        });
        let (mut until, mut is_needed) = (u64::MAX, false);
        for chain in self.chains_mut() {
            // A source that has said nothing for long is not waited for.
            let now = if chain.live.as_ref().is_some_and(|live| live.is_silent_at(newest)) {
                newest
            } else {
                now
            };
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

    /// Takes over the points that wait in the ranking of a series that is part of this one now.
    pub(super) fn take_waiting(&mut self, waiting: LiveRanking, told: &Arc<str>) {
        let (emitted, name) = (self.emitted_until, Arc::clone(self.identity().name()));
        let new = || {
            let ranking = Ranking::new(waiting.0.settings()).merged_until(emitted);
            Box::new(LiveRanking(ranking))
        };
        let ranking = self.ranking.get_or_insert_with(new);
        ranking.0.absorb(waiting.0, told, &name);
    }

    /// The events of a live series up to its last final point: restarts, gaps, odd readings and
    /// unattributed growth. `None` if the series is not [live](crate::Pipeline::live).
    pub fn settled_events(&self) -> Option<Events> {
        self.first.live.as_ref().map(|live| live.flow.events())
    }
}

impl Chain {
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
            self.labels.forget_before(since);
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
