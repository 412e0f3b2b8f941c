//! Polling all machines, and keeping what they tell.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep};
use tokio_util::sync::CancellationToken;

use super::shared::Shared;
use super::watch::watch;
use crate::clock;
use crate::error::{Error, ErrorKind};

/// When samples are first handed to the store, if no machine has answered before.
pub(super) const FIRST_KEEP: Duration = Duration::from_millis(500);

/// For how long other machines' first answers are waited for, once one has come.
const GATHERING: Duration = Duration::from_millis(50);

/// Polls until `stop` is cancelled.
pub(super) async fn run(shared: &Arc<Shared>, stop: CancellationToken) -> Result<(), Error> {
    let _running = Running::begin(&shared.is_running)?;
    // Dropped with this future, so that nothing goes on behind it.
    let mut tasks = JoinSet::new();
    let ending = stop.child_token();
    let _guard = ending.clone().drop_guard();
    tasks.spawn(keep(Arc::clone(shared), ending.clone()));
    let mut watched = HashSet::new();
    loop {
        start_new(shared, &ending, &mut watched, &mut tasks);
        tokio::select! {
            () = ending.cancelled() => break,
            () = shared.machines.changed.notified() => {}
            // A machine was removed, and its polls have ended.
            Some(_) = tasks.join_next() => {}
        }
    }
    while tasks.join_next().await.is_some() {}
    // An answer whose poll was given up may still be read.
    let _ = shared.readers.acquire_many(shared.most_readers).await;
    let keeper = Arc::clone(&shared.keeper);
    let finished = spawn_blocking(move || keeper.finish(clock::wall())).await;
    finished.map_err(|cause| Error::new(ErrorKind::System, cause.to_string()))?
}

/// Starts polling the machines that were added since.
fn start_new(
    shared: &Arc<Shared>,
    stop: &CancellationToken,
    watched: &mut HashSet<u64>,
    tasks: &mut JoinSet<()>,
) {
    let all = shared.machines.all();
    for polled in all {
        if watched.insert(polled.serial) {
            tasks.spawn(watch(Arc::clone(shared), polled, stop.clone()));
        }
    }
}

/// Hands what was recorded to the store once in each interval, and first answers at once.
async fn keep(shared: Arc<Shared>, stop: CancellationToken) {
    let mut ticks = interval_at(Instant::now() + FIRST_KEEP, shared.options.poll_interval());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
            () = shared.answered.notified() => sleep(GATHERING).await,
        }
        let keeper = Arc::clone(&shared.keeper);
        // Its error is counted and told; the next call tries again.
        let _ = spawn_blocking(move || keeper.keep(clock::wall())).await;
    }
}

/// Only one call polls at a time.
struct Running<'r>(&'r AtomicBool);

impl<'r> Running<'r> {
    fn begin(is_running: &'r AtomicBool) -> Result<Self, Error> {
        if is_running.swap(true, Ordering::AcqRel) {
            let message = "machines are polled already: one call at a time";
            return Err(Error::new(ErrorKind::Running, message));
        }
        Ok(Self(is_running))
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}
