//! What the server counts of its own work.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

/// What the server counts of its own work.
#[derive(Debug, Default)]
pub(crate) struct Observed {
    requests: Mutex<BTreeMap<(String, u16), Requests>>,
    /// Streams that are open.
    pub(crate) streams: AtomicU64,
    /// Points that streams missed because they were too slow.
    pub(crate) missed: AtomicU64,
    /// Connections that are open.
    pub(crate) connections: AtomicU64,
    /// Requests that were refused, by the layer that refused them.
    refused: Mutex<BTreeMap<&'static str, u64>>,
}

/// Requests of one route and status.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Requests {
    pub(crate) number: u64,
    /// Until their answers began.
    pub(crate) time: Duration,
}

impl Observed {
    /// Counts a request of a route pattern.
    pub(crate) fn count(&self, route: &str, status: u16, time: Duration) {
        let mut requests = self.requests.lock();
        let counted = requests.entry((route.to_owned(), status)).or_default();
        counted.number += 1;
        counted.time += time;
    }

    /// Counts a request that a layer refused.
    pub(crate) fn refuse(&self, layer: &'static str) {
        let mut refused = self.refused.lock();
        *refused.entry(layer).or_default() += 1;
    }

    /// The requests by route pattern and status.
    pub(crate) fn requests(&self) -> BTreeMap<(String, u16), Requests> {
        self.requests.lock().clone()
    }

    /// The refused requests by layer.
    pub(crate) fn refused(&self) -> BTreeMap<&'static str, u64> {
        self.refused.lock().clone()
    }
}

/// Counts one as long as it lives.
#[derive(Debug)]
pub(crate) struct Open<'c>(&'c AtomicU64);

impl<'c> Open<'c> {
    pub(crate) fn new(count: &'c AtomicU64) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
