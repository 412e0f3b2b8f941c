//! A live series: samples are still added, and points are emitted when they are final.
//!
//! `docs/points.md`, *Streams*, defines when points are final. Samples are held until no sample
//! can come before them any more. Then they pass through the same flow as those of a batch, in
//! rising time. Their times and footprints are remembered for a while longer, to tell copies from
//! late samples, and to skip polls that repeat them.

use std::sync::Arc;

use super::flow::{Checkpoint, Flow};
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
    pub(super) policy: LivePolicy,
    /// The samples up to the cutoff have passed through this flow.
    pub(super) flow: Flow,
    /// The time of the last sample that was fed to `flow`.
    pub(super) last_fed: Option<Timestamp>,
    /// The time of the newest accepted sample.
    pub(super) newest_sample: Option<Timestamp>,
    /// The time of the newest accepted sample or the caller's time, whichever is newer, in
    /// nanoseconds since the epoch.
    pub(super) newest: u64,
}

impl Live {
    /// The state of a chain of the container of this name, without samples.
    pub(super) fn new(name: &Arc<str>, start: LiveStart) -> Self {
        let LiveStart { policy, now, is_back } = start;
        let mut flow = Flow::new(Arc::clone(name), &Arc::default(), policy.settings);
        if is_back {
            flow.resume(Checkpoint::FORGOTTEN);
        }
        Self { policy, flow, last_fed: None, newest_sample: None, newest: now }
    }

    /// Whether no sample can change what is final in other chains, if `newest` is their newest
    /// time.
    pub(super) fn is_silent_at(&self, newest: u64) -> bool {
        let last = self.newest_sample.map_or(0, Timestamp::nanos);
        let longest = self.policy.settings.max_gap_nanos().saturating_add(self.policy.lateness);
        last.saturating_add(longest) < newest
    }

    /// A sample before this time is late. In nanoseconds since the epoch, like all times here.
    pub(super) fn cutoff(&self) -> u64 {
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
    pub(super) fn remembered_since(&self) -> Option<Timestamp> {
        let history = self.policy.lateness.max(MIN_REMEMBERED);
        Timestamp::from_nanos(self.newest.saturating_sub(history))
    }

    /// Whether the last sample is so old that it is not paired with any sample that is still
    /// accepted.
    pub(super) fn is_over(&self) -> bool {
        let most = MIN_REMEMBERED.max(self.policy.settings.max_gap_nanos());
        let last = self.newest_sample.map_or(0, Timestamp::nanos);
        last.saturating_add(most) < self.cutoff()
    }
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
