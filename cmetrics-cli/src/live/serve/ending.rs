//! The end, within its time.

use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use cmetrics_live::Live;

use super::failed::{Failed, of_live};

/// How long the end may take, from when it begins.
#[derive(Debug)]
pub(super) struct Ending {
    within: Duration,
    deadline: Option<Instant>,
}

impl Ending {
    pub(super) fn new(within: Duration) -> Self {
        Self { within, deadline: None }
    }

    /// Begins the end; a second call changes nothing.
    pub(super) fn begin(&mut self) {
        self.deadline.get_or_insert_with(|| Instant::now() + self.within);
    }

    /// When it must have ended, if the end has begun.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    pub(super) fn exceeded(&self) -> Failed {
        Failed::other(format!(
            "not all has ended within {} s (--stop-within): what was kept before is in the store, \
             and machines still have the last two minutes",
            self.within.as_secs_f64()
        ))
    }
}

/// Closes the store in what is left of the time. What was kept is safe in any case.
pub(super) fn close(live: Arc<Live>, ending: &Ending) -> Result<(), Failed> {
    let Some(live) = Arc::into_inner(live) else {
        // Only after the deadline: what still runs ends with the process.
        return Ok(());
    };
    let least = Duration::from_secs(1);
    let left = ending
        .deadline()
        .map_or(ending.within, |end| end.saturating_duration_since(Instant::now()));
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || drop(sender.send(live.close())));
    match receiver.recv_timeout(left.max(least)) {
        Ok(closed) => closed.map_err(|error| of_live(&error)),
        Err(_) => Err(ending.exceeded()),
    }
}
