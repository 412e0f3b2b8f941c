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
/// use cmetrics_core::Cancel;
///
/// let cancel = Cancel::default();
/// let elsewhere = cancel.clone();
/// std::thread::spawn(move || elsewhere.cancel()).join().unwrap();
/// assert!(cancel.is_cancelled());
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
