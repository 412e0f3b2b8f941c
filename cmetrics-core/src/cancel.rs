//! The token by which a caller ends long work.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Problem};

/// Ends long work from elsewhere: from another thread, a signal handler, or a callback of the work
/// itself. Clones share one state.
///
/// Work that has a token checks it now and then, and ends soon after it was cancelled: with what
/// was done until then, or with an error of the kind [`Cancelled`](crate::ErrorKind::Cancelled). A
/// token stays cancelled: use a new one for more work.
///
/// ```
/// use cmetrics_core::{Cancel, ErrorKind, Input, Pipeline};
///
/// let mut pipeline = Pipeline::default();
/// let dump = br#"{"/": {"spec": {}, "stats": [{"timestamp": "2026-11-21T12:00:03Z"}]}}"#;
/// let cancel = Cancel::default();
/// pipeline.set_cancel(cancel.clone());
/// cancel.cancel(); // or from another thread, while the pipeline reads
/// let outcome = pipeline.read(Input::bytes("now.json", dump));
/// assert_eq!(outcome.errors[0].kind(), ErrorKind::Cancelled);
///
/// pipeline.set_cancel(Cancel::default());
/// let outcome = pipeline.read(Input::bytes("now.json", dump));
/// assert_eq!(outcome.accepted, 1);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks all work that has this token to end.
    pub fn cancel(&self) {
        // Relaxed: no other memory depends on the flag.
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the token was cancelled.
    pub fn is_cancelled(&self) -> bool {
        // Relaxed: as above, and it does not matter if the change is seen a moment later.
        self.0.load(Ordering::Relaxed)
    }

    /// Returns an error if the token was cancelled. `left` is the part of the message that states
    /// what the work left behind.
    pub(crate) fn check(&self, left: &'static str) -> Result<(), Error> {
        if self.is_cancelled() { Err(Error::new(Problem::Cancelled(left))) } else { Ok(()) }
    }
}
