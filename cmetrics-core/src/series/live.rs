//! A live series: samples are still added, and points are emitted when they are final.
//!
//! `docs/points.md`, *Streams*, defines when points are final. Samples are held until no sample
//! can come before them any more. Then they pass through the same flow as those of a batch, in
//! rising time. Their times and footprints are remembered for a while longer, to tell copies from
//! late samples, and to skip polls that repeat them.

use std::sync::Arc;

use super::Events;
use super::Series;
use super::flow::{Checkpoint, Flow};
use crate::container::{Identity, Life};
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

impl Series {
    /// A live series without samples. `now` is the newest time that the caller has passed, in
    /// nanoseconds since the epoch. `is_back` is whether the container may have had samples that
    /// are forgotten.
    pub(crate) fn live(identity: Identity, policy: LivePolicy, now: u64, is_back: bool) -> Self {
        let mut flow = Flow::new(identity.name().clone(), &Arc::default(), policy.settings);
        if is_back {
            flow.resume(Checkpoint::FORGOTTEN);
        }
        let live = Live { policy, flow, last_fed: None, newest_sample: None, newest: now };
        Self { live: Some(Box::new(live)), ..Self::new(identity) }
    }

    /// Emits the points that have become final, in rising time, and forgets what is no longer
    /// needed. Returns whether the series is still needed.
    pub(crate) fn settle(&mut self, now: u64, emit: &mut dyn FnMut(DataPoint)) -> bool {
        let limits = self.limits();
        let Some(live) = self.live.as_deref_mut() else { return true };
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
        let with_shares = live.policy.settings.shares();
        let mut emit = |mut point: DataPoint| {
            if with_shares {
                point.set_shares(&limits);
            }
            emit(point);
        };
        live.flow.settle(cutoff, &mut emit);
        if live.newest_sample.is_some() && live.is_over() {
            // A start without samples after it keeps nothing open any more.
            live.flow.finish(&mut emit);
        }
        if let Some(since) = live.remembered_since() {
            self.samples.forget_before(since);
            self.limits.forget_before(since);
            let max_gap = live.policy.settings.max_gap_nanos();
            Life::forget_before(&mut self.life, since.nanos().saturating_sub(max_gap));
        }
        live.newest_sample.is_some() && !live.is_over()
    }

    /// The events of a live series up to its last final point: restarts, gaps, odd readings and
    /// unattributed growth. `None` if the series is not [live](crate::Pipeline::live).
    pub fn settled_events(&self) -> Option<Events> {
        self.live.as_ref().map(|live| live.flow.events())
    }

    /// Emits the points of a live series that are not final yet, as they would be if no more
    /// samples came.
    pub(super) fn each_provisional_point(
        &self,
        live: &Live,
        emit: &mut dyn FnMut(DataPoint),
    ) -> Events {
        let mut flow = live.flow.clone();
        flow.set_life(&self.life);
        self.samples.rows_after(live.last_fed).for_each(|row| flow.feed(row));
        flow.finish(emit)
    }
}
