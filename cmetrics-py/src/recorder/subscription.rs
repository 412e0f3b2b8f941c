//! `Subscription`: receives copies of points as they become final.

use std::time::{Duration, Instant};

use cmetrics_core::recorder::Subscription;
use cmetrics_core::{DataPoint, MetricSet};
use crossbeam_channel::RecvTimeoutError;
use pyo3::prelude::*;

use crate::arguments;
use crate::point::PyPoint;
use crate::points::frame::Frame;
use crate::process::Process;

/// How often signals are checked.
const POLL_INTERVAL: Duration = Duration::from_millis(40);

/// Copies of points as they become final, from `Recorder.subscribe`.
///
/// Iterating over it waits for the next point, and ends when the recorder is gone. Points become
/// final when `seal` or `drain` is called.
///
/// ```python
/// for point in recorder.subscribe():
///     print(point.name, point.start, point.cpu_cores)
/// ```
#[pyclass(frozen, module = "cmetrics", name = "Subscription")]
#[derive(Debug)]
pub(crate) struct PySubscription {
    process: Process,
    metrics: MetricSet,
    subscription: Subscription,
}

impl PySubscription {
    pub(super) fn new(process: Process, metrics: MetricSet, subscription: Subscription) -> Self {
        Self { process, metrics, subscription }
    }

    /// Waits for the next point until then or for ever. `None` if there is none.
    fn next(&self, py: Python<'_>, until: Option<Instant>) -> PyResult<Option<PyPoint>> {
        self.process.check(py)?;
        loop {
            let rest = until
                .map_or(POLL_INTERVAL, |until| until.saturating_duration_since(Instant::now()));
            match py.detach(|| self.subscription.receiver().recv_timeout(rest.min(POLL_INTERVAL))) {
                Ok(point) => return Ok(Some(self.shown(&point))),
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
                Err(RecvTimeoutError::Timeout) if rest <= POLL_INTERVAL && until.is_some() => {
                    return Ok(None);
                }
                Err(RecvTimeoutError::Timeout) => py.check_signals()?,
            }
        }
    }

    fn shown(&self, point: &DataPoint) -> PyPoint {
        PyPoint::new(Frame::of(self.metrics, [point]), 0)
    }
}

#[pymethods]
impl PySubscription {
    /// Wait for the next point, at most this many seconds.
    ///
    /// Without `timeout` it waits for as long as the recorder lives. Returns `None` if no point
    /// comes by then. Other threads run meanwhile, and Ctrl-C ends the wait.
    #[pyo3(signature = (timeout=None))]
    fn get(&self, py: Python<'_>, timeout: Option<f64>) -> PyResult<Option<PyPoint>> {
        let timeout =
            timeout.map(|seconds| arguments::duration(py, "timeout", seconds)).transpose()?;
        // A timeout beyond the clock's range is for ever.
        self.next(py, timeout.and_then(|timeout| Instant::now().checked_add(timeout)))
    }

    /// The number of points that were missed, because too many were waiting.
    #[getter]
    fn missed(&self) -> u64 {
        self.subscription.missed()
    }

    fn __iter__(this: Py<Self>) -> Py<Self> {
        this
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<PyPoint>> {
        self.next(py, None)
    }
}
