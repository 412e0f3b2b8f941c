//! What is stored under a name.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::{ArcSwap, ArcSwapOption};

use super::metadata::Metadata;
use crate::chain_name;
use crate::series::ChainKey;

/// What is stored under a name: a container, or a part of one.
#[derive(Debug)]
pub(super) struct StoredContainer {
    pub(super) name: Arc<str>,
    pub(super) number: u32,
    pub(super) metadata: ArcSwap<Metadata>,
    /// The container that it is part of, as a chain of samples that is stored by itself.
    pub(super) whole: ArcSwapOption<Self>,
    /// One more than the start of its newest stored interval; 0 where there is none. Only the
    /// writer reads and sets it.
    newest: AtomicU64,
    /// The number of the last plan with runs of it, and the end of the last of these, in seconds.
    /// As above.
    planned_in: AtomicU64,
    planned_until: AtomicU64,
}

impl StoredContainer {
    pub(super) fn new(name: &Arc<str>, number: u32, metadata: Metadata) -> Self {
        Self {
            name: Arc::clone(name),
            number,
            metadata: ArcSwap::from_pointee(metadata),
            whole: ArcSwapOption::empty(),
            newest: AtomicU64::new(0),
            planned_in: AtomicU64::new(0),
            planned_until: AtomicU64::new(0),
        }
    }

    /// Which chain of its container it is.
    pub(super) fn key(&self) -> ChainKey {
        let told = chain_name::told(&self.name);
        let whole = self.whole.load();
        let is_other = whole.as_ref().is_some_and(|whole| *whole.name != *told);
        let door = self.metadata.load().door;
        ChainKey { door, told_name: is_other.then(|| told.into()) }
    }

    /// Adds a run of points in these seconds to a plan. Returns `false` unless it lies behind all
    /// stored points, and behind all that the plan has.
    pub(super) fn plan(&self, plan: u64, run: &Range<u64>) -> bool {
        // Relaxed: these order no other data, and only the holder of the writer's lock uses them.
        let is_behind_stored = run.start >= self.newest.load(Ordering::Relaxed);
        let before = self.planned_until.load(Ordering::Relaxed);
        let is_planned = self.planned_in.load(Ordering::Relaxed) == plan;
        self.planned_until.store(run.end, Ordering::Relaxed);
        self.planned_in.store(plan, Ordering::Relaxed);
        is_behind_stored && !(is_planned && before > run.start)
    }

    /// Sets where its newest stored interval ends, if there is one.
    pub(super) fn set_newest_end(&self, end: Option<u64>) {
        self.newest.store(end.unwrap_or_default(), Ordering::Relaxed);
    }

    /// Notes that an interval with this start is stored.
    pub(super) fn note_interval(&self, start: u64) {
        if start >= self.newest.load(Ordering::Relaxed) {
            self.newest.store(start + 1, Ordering::Relaxed);
        }
    }
}
