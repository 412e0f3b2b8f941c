//! Polling on a clock that a test drives.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use cmetrics_core::Timestamp;

use super::run::FIRST_KEEP;
use super::shared::Shared;
use super::watch::Watch;
use crate::clock::Clock;
use crate::error::Error;

/// Polls on a clock that the caller drives. It must be gone before its `Live` is closed.
pub struct Driven {
    shared: Arc<Shared>,
    clock: Clock,
    /// By serial number.
    watches: BTreeMap<u64, Watch>,
    next_keep: Option<Timestamp>,
}

impl fmt::Debug for Driven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driven").field("clock", &self.clock).finish_non_exhaustive()
    }
}

impl Driven {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, clock: Clock::driven(), watches: BTreeMap::new(), next_keep: None }
    }

    /// Does what is due at this time: each machine's poll, one machine after another, and keeping.
    /// Returns when something is due next. No time passes during a poll.
    ///
    /// # Errors
    /// If what was recorded cannot be kept.
    pub async fn poll_due(&mut self, now: Timestamp) -> Result<Timestamp, Error> {
        self.clock.set(now);
        let machines = self.shared.machines.all();
        self.watches.retain(|_, watch| !watch.polled.removed.is_cancelled());
        for polled in machines {
            let (shared, clock) = (Arc::clone(&self.shared), self.clock.clone());
            let new = || Watch::new(shared, Arc::clone(&polled), clock);
            self.watches.entry(polled.serial).or_insert_with(new);
        }
        let mut due = self.keep(now)?;
        for watch in self.watches.values_mut() {
            let next = watch.poll_due().await;
            let next = next.and_then(|next| Timestamp::from_nanos(nanos(next)));
            due = due.min(next.unwrap_or(Timestamp::MAX));
        }
        Ok(due)
    }

    /// Keeps if that is due, and returns when it is next.
    fn keep(&mut self, now: Timestamp) -> Result<Timestamp, Error> {
        let after = |time| now.checked_add(time).unwrap_or(Timestamp::MAX);
        let mut next = *self.next_keep.get_or_insert(after(FIRST_KEEP));
        if next <= now {
            self.shared.keeper.keep(now)?;
            next = after(self.shared.options.poll_interval());
            self.next_keep = Some(next);
        }
        Ok(next)
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
