//! Objects that Python threads share, and that one thread uses at a time.

use cmetrics_core::Cancel;
use parking_lot::{Mutex, MutexGuard};
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;

use crate::call::{self, POLL_INTERVAL, ProgressState};

/// A value that one thread uses at a time. No thread waits for it while holding the interpreter,
/// and Ctrl-C ends the wait.
#[derive(Debug)]
pub(crate) struct Shared<T>(Mutex<T>);

impl<T: Send> Shared<T> {
    pub(crate) fn new(held: T) -> Self {
        Self(Mutex::new(held))
    }

    pub(crate) fn into_inner(self) -> T {
        self.0.into_inner()
    }

    /// Locks the value once no other thread uses it; `None` if this is cancelled before.
    pub(crate) fn wait(&self, cancel: &Cancel) -> Option<MutexGuard<'_, T>> {
        loop {
            if let Some(held) = self.0.try_lock_for(POLL_INTERVAL) {
                return Some(held);
            }
            if cancel.is_cancelled() {
                return None;
            }
        }
    }

    /// Runs short work, or work whose result must not be lost, on this thread and without a way to
    /// interrupt it.
    pub(crate) fn run_short<R: Send>(
        &self,
        py: Python<'_>,
        mut work: impl FnOnce(&mut T) -> R + Send,
    ) -> PyResult<R> {
        loop {
            let done = py.detach(|| match self.0.try_lock_for(POLL_INTERVAL) {
                Some(mut held) => Ok(work(&mut held)),
                None => Err(work),
            });
            match done {
                Ok(done) => return Ok(done),
                Err(undone) => work = undone,
            }
            py.check_signals()?;
        }
    }

    /// Runs long work, see [`call::run`].
    pub(crate) fn run_long<R: Send>(
        &self,
        py: Python<'_>,
        progress: Option<&Bound<'_, PyAny>>,
        work: impl FnOnce(&mut T, &Cancel, &ProgressState) -> R + Send,
    ) -> PyResult<R> {
        let done = call::run(py, progress, |cancel, state| {
            let mut held = self.wait(cancel)?;
            Some(work(&mut held, cancel, state))
        })?;
        done.ok_or_else(|| PyKeyboardInterrupt::new_err(()))
    }
}
