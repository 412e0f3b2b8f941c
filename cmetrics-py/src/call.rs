//! Runs long work without the interpreter's lock. Ctrl-C cancels it, and its progress is reported.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use cmetrics_core::Cancel;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

/// How often signals are checked and progress is reported, and how often a thread that waits checks
/// whether it is cancelled.
pub(crate) const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// How far a call has come.
#[pyclass(frozen, module = "cmetrics", name = "Progress")]
#[derive(Debug)]
pub(crate) struct PyProgress {
    /// The file that is being read.
    #[pyo3(get)]
    path: String,
    /// Bytes of all files read so far, as they are stored.
    #[pyo3(get)]
    read: u64,
    /// Bytes of all files, as they are stored; 0 if that is not known.
    #[pyo3(get)]
    total: u64,
}

#[pymethods]
impl PyProgress {
    fn __repr__(&self) -> String {
        format!("<Progress: {} of {} bytes, {:?}>", self.read, self.total, self.path)
    }
}

/// The progress of work, shared with the thread that reports it.
#[derive(Debug, Default)]
pub(crate) struct ProgressState {
    path: Mutex<PathBuf>,
    read: AtomicU64,
    total: AtomicU64,
}

impl ProgressState {
    /// Relaxed, because the numbers are only shown, and nothing depends on them.
    pub(crate) fn update(&self, path: &Path, read: u64, total: u64) {
        self.read.store(read, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
        let mut known = self.path.lock().unwrap_or_else(PoisonError::into_inner);
        if *known != path {
            path.clone_into(&mut known);
        }
    }

    fn snapshot(&self) -> PyProgress {
        PyProgress {
            path: self.path.lock().unwrap_or_else(PoisonError::into_inner).display().to_string(),
            read: self.read.load(Ordering::Relaxed),
            total: self.total.load(Ordering::Relaxed),
        }
    }
}

/// The listener for progress: the given callable, or a progress bar for `True`.
pub(crate) fn listener<'py>(
    py: Python<'py>,
    progress: Option<&Bound<'py, PyAny>>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let Some(progress) = progress else { return Ok(None) };
    match progress.extract::<bool>() {
        Ok(true) => py.import("cmetrics._progress")?.getattr("Bar")?.call0().map(Some),
        Ok(false) => Ok(None),
        Err(_) if progress.is_callable() => Ok(Some(progress.clone())),
        Err(_) => Err(PyTypeError::new_err("progress: expected True, False or a callable")),
    }
}

/// Runs `work` on a new thread, while the calling thread lets other Python threads run and checks
/// for signals. When a signal raises an exception, the work is cancelled and waited for. `progress`
/// is called now and then with the progress of the work, and at its end.
///
/// The thread ends with the call, so that a fork never finds a thread of ours running.
pub(crate) fn run<T: Send>(
    py: Python<'_>,
    progress: Option<&Bound<'_, PyAny>>,
    work: impl FnOnce(&Cancel, &ProgressState) -> T + Send,
) -> PyResult<T> {
    let (cancel, state) = (Cancel::default(), ProgressState::default());
    let listener = progress.map(|progress| progress.clone().unbind());
    let report = |py: Python<'_>| match &listener {
        Some(listener) => listener.call1(py, (state.snapshot(),)).map(drop),
        None => Ok(()),
    };
    let poll = || Python::attach(|py| py.check_signals().and_then(|()| report(py)));
    let (done, interrupted) = py.detach(|| {
        std::thread::scope(|scope| {
            let (sender, ended) = channel::<()>();
            let (cancel, state) = (&cancel, &state);
            let worker = scope.spawn(move || {
                // Dropped when the work ends, also by a panic.
                let _sender = sender;
                work(cancel, state)
            });
            let mut interrupted = None;
            while ended.recv_timeout(POLL_INTERVAL) == Err(RecvTimeoutError::Timeout) {
                if interrupted.is_none()
                    && let Err(raised) = poll()
                {
                    cancel.cancel();
                    interrupted = Some(raised);
                }
            }
            (worker.join(), interrupted)
        })
    });
    let done = done.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    match interrupted {
        Some(raised) => Err(raised),
        None => report(py).map(|()| done),
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyProgress>()
}
