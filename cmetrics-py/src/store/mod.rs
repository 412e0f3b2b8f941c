//! `Store`: points in a folder.

mod figures;
mod handle;
mod kept;
mod query;
mod read;
mod upkeep;
mod writing;

use std::path::PathBuf;

use cmetrics_core::store::{StoreOptions, SyncPolicy};
use cmetrics_core::{Cancel, Error, Store};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use crate::arguments;
use crate::error;
use handle::StoreHandle;
pub(crate) use kept::PyKept;

/// Points in a folder, with the raw samples from which later points are made.
///
/// One process writes, and any number of its threads read and write; other processes may read at
/// the same time (`read_only=True`). Samples may be ingested in any order and any number of times:
/// dumps that are ingested one by one result in exactly the points of one call over all of them.
/// What a call has written is kept once it returns, however the process ends.
///
/// `path` is the folder, which is created if it does not exist. `interval`, `max_gap` and
/// `lateness` (by how much a sample may be older than its container's newest one and still be put
/// among the raw samples), in whole seconds, are fixed when a store is created: 5, 150 and 180 by
/// default; they can be left out later. `metrics` are kept in addition to the documented ones from
/// now on; the share of its memory limit that a container used is known if `memory.working_set` is
/// among them. `sync` is when written data survive a loss of power: `"always"` before a call
/// returns, a number of seconds later (1 by default), or `"os"`: when the operating system writes
/// them, usually within half a minute. If only the process ends or is killed, nothing is lost with
/// any of these. `despite_damage=True` opens a damaged store; `verify` returns
/// what. `wait`: how many seconds to wait for another process that has the store open for writing.
///
/// It is closed at the end of a `with` block, also by an exception; later calls raise
/// `RefusedError`. If it is not closed, as when the process is killed, nothing is lost of what
/// calls have written: closing makes it survive a loss of power, and the next opening faster. A
/// call that did not return is stored as a whole or not at all, and what a `Recorder` recorded
/// since its last `keep` is not in the store. Calls in a forked child process also raise
/// `RefusedError`. Raises `LockedError`, `DamagedError`, `UnsupportedError`, `ReadError` or
/// `SettingError` if it cannot be opened.
///
/// ```python
/// with cmetrics.Store("points") as store:
///     store.ingest("dumps/")
///     for point in store.last("web", 60):
///         print(point.start, point.cpu_cores)
/// ```
#[pyclass(frozen, module = "cmetrics", name = "Store")]
#[derive(Debug)]
pub(crate) struct PyStore(StoreHandle);

#[pymethods]
impl PyStore {
    #[new]
    #[pyo3(signature = (
        path, *, read_only=false, interval=None, max_gap=None, lateness=None, metrics=None,
        sync=None, despite_damage=false, wait=0.0
    ))]
    #[expect(clippy::too_many_arguments, reason = "by keyword")]
    fn new(
        py: Python<'_>,
        path: PathBuf,
        read_only: bool,
        interval: Option<i128>,
        max_gap: Option<i128>,
        lateness: Option<i128>,
        metrics: Option<&Bound<'_, PyAny>>,
        sync: Option<&Bound<'_, PyAny>>,
        despite_damage: bool,
        wait: f64,
    ) -> PyResult<Self> {
        let seconds = |name, given: Option<i128>| {
            given.map(|given| arguments::length_of_time(py, name, given)).transpose()
        };
        let mut options = StoreOptions::default()
            .with_metrics(arguments::metrics(py, metrics)?)
            .with_sync(sync_policy(py, sync)?);
        if let Some(interval) = seconds("interval", interval)? {
            options = options.with_interval(interval);
        }
        if let Some(max_gap) = seconds("max_gap", max_gap)? {
            options = options.with_max_gap(max_gap);
        }
        if let Some(lateness) = seconds("lateness", lateness)? {
            options = options.with_lateness(lateness);
        }
        if despite_damage {
            options = options.despite_damage();
        }
        let wait = arguments::duration(py, "wait", wait)?;
        StoreHandle::new(py, path, read_only, options, wait).map(Self)
    }

    /// The contents and the size of the store, as a dict.
    ///
    /// It is cheap enough to be read every second. `containers` whose names are known (some may
    /// have no points any more); points in segments (`sealed_points`) and in the log
    /// (`recent_points`); `segments`; bytes of these (`sealed_bytes`), of the logs (`log_bytes`)
    /// and in memory (`memory_bytes`); `torn_bytes` that were being written when a writer was
    /// stopped; bytes that were written since the store was opened (`logged_bytes`,
    /// `segment_bytes`); `refused` points since then; `floor`: points that end at or before this
    /// second are dropped; `since`: the second from which on each metric is kept; and `trouble`:
    /// the last error of the background thread, or `None`.
    #[getter]
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let stats = self.work(py, |store, _| store.stats())?;
        figures::stats(py, &stats)
    }

    /// Count the points that are not final yet.
    ///
    /// They are made of raw samples whenever they are read, also for this count: it takes a while
    /// if there are many containers.
    fn count_provisional(&self, py: Python<'_>) -> PyResult<u64> {
        self.work(py, |store, cancel| store.until(cancel).count_provisional())
    }

    /// The settings of the store, as a dict.
    ///
    /// `interval`, `max_gap` and `lateness`, in seconds, and the names of `metrics`.
    #[getter]
    fn settings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (settings, lateness) =
            self.work(py, |store, _| Ok((store.settings(), store.lateness())))?;
        figures::settings(py, &settings, lateness)
    }

    /// Read what another process has written since.
    ///
    /// This is for a store that was opened with `read_only=True`; another sees everything anyway.
    /// Other threads may use the store meanwhile: each call sees the whole store as it was before
    /// or as it is after.
    fn refresh(&self, py: Python<'_>) -> PyResult<()> {
        self.work(py, |store, cancel| store.until(cancel).refresh())
    }

    /// Make everything that was written survive a loss of power.
    fn sync(&self, py: Python<'_>) -> PyResult<()> {
        self.work(py, |store, _| store.sync())
    }

    /// Set the present time.
    ///
    /// Points that begin more than an hour later, and samples of such times, are refused from then
    /// on. To correct a wrong time, set the right one.
    fn advance(&self, py: Python<'_>, now: &Bound<'_, PyAny>) -> PyResult<()> {
        let now = arguments::timestamp("now", now)?;
        self.work(py, |store, _| {
            store.advance(now);
            Ok(())
        })
    }

    /// Close the store once no other thread uses it.
    ///
    /// What was written survives a loss of power then. It may take up to about a second, because
    /// what is in memory is prepared for the next opening. Closing it again does nothing.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.0.close(py)
    }

    /// Whether it is closed.
    #[getter]
    fn closed(&self, py: Python<'_>) -> PyResult<bool> {
        self.0.is_closed(py)
    }

    /// The store's folder.
    #[getter]
    fn path(&self) -> PathBuf {
        self.0.folder.clone()
    }

    fn __enter__<'py>(this: &Bound<'py, Self>) -> PyResult<Bound<'py, Self>> {
        // An error if it is closed.
        this.get().work(this.py(), |_, _| Ok(()))?;
        Ok(this.clone())
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.close(py)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let closed = if self.closed(py)? { ", closed" } else { "" };
        Ok(format!("<Store {:?}{closed}>", self.0.folder.display().to_string()))
    }
}

impl PyStore {
    /// Runs work with the store, concurrently with other threads and with the interpreter released.
    pub(crate) fn work<R: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&Store, &Cancel) -> Result<R, Error> + Send,
    ) -> PyResult<R> {
        self.0.work(py, work)
    }
}

/// The sync policy of a word or a number of seconds.
fn sync_policy(py: Python<'_>, sync: Option<&Bound<'_, PyAny>>) -> PyResult<SyncPolicy> {
    let Some(sync) = sync else { return Ok(SyncPolicy::default()) };
    let refused = |shown: &str| {
        let message = format!("sync is {shown}, but must be always, os, or seconds above 0");
        error::setting_error(py, Some("sync"), &message)
    };
    if let Ok(word) = sync.cast::<PyString>() {
        return match &*word.to_cow()? {
            "always" => Ok(SyncPolicy::Always),
            "os" => Ok(SyncPolicy::Os),
            other => Err(refused(&format!("{other:?}"))),
        };
    }
    let seconds: f64 = sync.extract().map_err(|_| {
        PyTypeError::new_err("sync: expected \"always\", \"os\", or a number of seconds")
    })?;
    let every = arguments::duration(py, "sync", seconds)?;
    if every.is_zero() { Err(refused("0 s")) } else { Ok(SyncPolicy::Every(every)) }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyStore>()?;
    module.add_class::<PyKept>()
}
