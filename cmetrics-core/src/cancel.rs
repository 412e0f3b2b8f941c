//! A caller's wish that long work ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Problem};

/// Ends long work from elsewhere: another thread, a handler of signals, a callback of the work
/// itself. Clones are one and the same token.
///
/// Work that was given a token looks at it now and then, and ends soon after it was cancelled:
/// with what was done until then, or with an error of the kind
/// [`Cancelled`](crate::ErrorKind::Cancelled). A token stays cancelled: for more work, take a new
/// one.
///
/// ```
/// use cmetrics_core::{Cancel, ErrorKind, Pipeline};
///
/// let mut pipeline = Pipeline::default();
/// let dump = br#"{"/": {"spec": {}, "stats": [{"timestamp": "2026-11-21T12:00:03Z"}]}}"#;
/// let cancel = Cancel::default();
/// pipeline.cancel_by(cancel.clone());
/// cancel.cancel(); // or from another thread, while the pipeline reads
/// pipeline.read("now.json", &dump[..]);
/// assert_eq!(pipeline.errors()[0].kind(), ErrorKind::Cancelled);
///
/// pipeline.cancel_by(Cancel::default());
/// pipeline.read("now.json", &dump[..]);
/// assert_eq!(pipeline.series().next().unwrap().len(), 1);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks all work that was given this token to end.
    pub fn cancel(&self) {
        // Relaxed: the flag says nothing about any other memory.
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the work is to end.
    pub fn is_cancelled(&self) -> bool {
        // Relaxed: as above; that it is seen a moment later does not matter.
        self.0.load(Ordering::Relaxed)
    }

    /// Fails where the work is to end, and says what it left.
    pub(crate) fn check(&self, left: &'static str) -> Result<(), Error> {
        if self.is_cancelled() { Err(Error::new(Problem::Cancelled(left))) } else { Ok(()) }
    }
}
