//! A series that samples are still added to, which gives points when they are final.
//!
//! `docs/points.md`, *Streams*, says when: samples stay as they are until none can come before them
//! any more, and then go the way of a batch in the order of their time. Their times and footprints
//! are remembered a while longer, so that copies are told from what is late, and polls that repeat
//! them are jumped over.

use std::sync::Arc;

use super::Events;
use super::Series;
use super::flow::{Checkpoint, Flow};
use crate::container::{Identity, Life};
use crate::point::DataPoint;
use crate::settings::Settings;
use crate::time::{NANOS_PER_SECOND, Timestamp};

/// For how long samples are remembered at least, in nanoseconds: polls repeat the last two minutes.
const HISTORY: u64 = 150 * NANOS_PER_SECOND;

/// How points are made while samples come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    pub(crate) settings: Settings,
    /// By how much a sample may be older than the newest, in nanoseconds.
    pub(crate) lateness: u64,
}

/// What a live series knows besides its samples.
#[derive(Debug)]
pub(super) struct Live {
    terms: Terms,
    /// All samples before the horizon of lateness have gone this way.
    flow: Flow,
    /// The last of them.
    fed: Option<Timestamp>,
    /// The newest accepted sample.
    newest_sample: Option<Timestamp>,
    /// The same, or the caller's time, where that is newer; in nanoseconds since the epoch.
    newest: u64,
}

impl Live {
    /// A sample before this is late. In nanoseconds since the epoch, like all times here.
    fn cutoff(&self) -> u64 {
        self.newest.saturating_sub(self.terms.lateness)
    }

    pub(super) fn is_late(&self, time: Timestamp) -> bool {
        time.nanos() < self.cutoff()
    }

    /// Whether copies of a sample of this time come too late to complete it.
    pub(super) fn is_closed(&self, time: Timestamp) -> bool {
        self.is_late(time) || Some(time) <= self.fed
    }

    /// Notes that a sample was accepted.
    pub(super) fn note(&mut self, time: Timestamp) {
        self.newest_sample = self.newest_sample.max(Some(time));
        self.newest = self.newest.max(time.nanos());
    }

    /// Since when samples are remembered.
    fn remembered(&self) -> Option<Timestamp> {
        let history = self.terms.lateness.max(HISTORY);
        Timestamp::from_nanos(self.newest.saturating_sub(history))
    }

    /// Whether the last sample is so old that nothing which is accepted will follow upon it.
    fn is_over(&self) -> bool {
        let most = HISTORY.max(self.terms.settings.max_gap_nanos());
        let last = self.newest_sample.map_or(0, Timestamp::nanos);
        last.saturating_add(most) < self.cutoff()
    }
}

impl Series {
    /// A container without samples, of which those that come are accepted and become points on
    /// these terms. `now` is the newest time that the caller has told of, in nanoseconds; `is_back`,
    /// whether it may have had samples that are forgotten.
    pub(crate) fn live(identity: Identity, terms: Terms, now: u64, is_back: bool) -> Self {
        let mut flow = Flow::new(identity.name().clone(), &Arc::default(), terms.settings);
        if is_back {
            flow.resume(Checkpoint::FORGOTTEN);
        }
        let live = Live { terms, flow, fed: None, newest_sample: None, newest: now };
        Self { live: Some(Box::new(live)), ..Self::new(identity) }
    }

    /// Gives the points that are final and were not given before, in rising time, and forgets what
    /// is not needed any more. Says whether anything is left.
    pub(crate) fn settle(&mut self, now: u64, give: &mut dyn FnMut(DataPoint)) -> bool {
        let limits = self.limits();
        let Some(live) = self.live.as_deref_mut() else { return true };
        live.newest = live.newest.max(now);
        let cutoff = live.cutoff();
        live.flow.live_by(&self.life);
        for row in self.samples.rows_behind(live.fed) {
            if row.time.nanos() > cutoff {
                break;
            }
            live.flow.feed(row);
            live.fed = Some(row.time);
        }
        live.flow.decide_before(cutoff);
        let with_shares = live.terms.settings.shares();
        let mut give = |mut point: DataPoint| {
            if with_shares {
                point.set_shares(&limits);
            }
            give(point);
        };
        live.flow.settle(cutoff, &mut give);
        if live.newest_sample.is_some() && live.is_over() {
            // A start that nothing followed upon holds nothing open any more.
            live.flow.finish(&mut give);
        }
        if let Some(since) = live.remembered() {
            self.samples.forget_before(since);
            self.limits.forget_before(since);
            let max_gap = live.terms.settings.max_gap_nanos();
            Life::forget_before(&mut self.life, since.nanos().saturating_sub(max_gap));
        }
        live.newest_sample.is_some() && !live.is_over()
    }

    /// What happened to a live series' container, as far as its points were made of it for good:
    /// restarts, gaps, odd readings, unattributed growth. `None` for a series that is not
    /// [live](crate::Pipeline::live).
    pub fn settled_events(&self) -> Option<Events> {
        self.live.as_ref().map(|live| live.flow.events())
    }

    /// The points of a live series that were not given yet, if no more samples came.
    pub(super) fn each_open_point(&self, live: &Live, give: &mut dyn FnMut(DataPoint)) -> Events {
        let mut flow = live.flow.clone();
        flow.live_by(&self.life);
        self.samples.rows_behind(live.fed).for_each(|row| flow.feed(row));
        flow.finish(give)
    }
}
