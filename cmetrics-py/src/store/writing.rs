//! The methods of `Store` that write.

use cmetrics_core::store::Appended;
use cmetrics_core::{Cancel, DataPoint, Error, Pipeline, Store};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::PyStore;
use super::kept::{self, PyKept};
use crate::arguments;
use crate::call;
use crate::error;
use crate::points::PyPoints;
use crate::read::{InputReader, OnError};
use crate::shared::Shared;

#[pymethods]
impl PyStore {
    /// Read dumps, and put their samples into the store.
    ///
    /// `sources`, `machine`, `machine_by_folder`, `threads`, `progress` and `on_error` are as for
    /// `points`; an exception has the result for the other inputs in its `kept`. Everything is read
    /// first, and then written as one batch: if Ctrl-C or a full disk ends that, nothing is stored.
    /// Ingesting samples again does no harm. With `strict=True` nothing is stored if any sample is
    /// older than the lateness allows and its point is not stored yet: that raises `RefusedError`.
    ///
    /// Returns counts of what happened to the samples. Raises `ReadOnlyError` for a store that was
    /// opened with `read_only=True`, and `ReadError` if it cannot be written to.
    #[pyo3(signature = (
        sources, *, machine=None, machine_by_folder=false, strict=false, threads=None,
        progress=None, on_error="raise"
    ))]
    #[expect(clippy::too_many_arguments, reason = "by keyword")]
    fn ingest<'py>(
        &self,
        py: Python<'py>,
        sources: &Bound<'py, PyAny>,
        machine: Option<String>,
        machine_by_folder: bool,
        strict: bool,
        threads: Option<i64>,
        progress: Option<&Bound<'py, PyAny>>,
        on_error: &str,
    ) -> PyResult<Bound<'py, PyKept>> {
        let on_error = OnError::of(py, on_error)?;
        let progress = call::listener(py, progress)?;
        let machine = arguments::machine(py, machine, machine_by_folder)?;
        let reader = InputReader { machine, progress: progress.as_ref() };
        let settings = self.work(py, |store, _| {
            // Fails here, before anything is read, if the store cannot be written to.
            store.ingest([])?;
            Ok(store.settings())
        })?;
        let mut pipeline = Pipeline::new(settings);
        pipeline.set_threads(arguments::threads(py, threads)?);
        let pipeline = Shared::new(pipeline);
        let errors = reader.read_all(&pipeline, sources)?;
        let pipeline = pipeline.into_inner();
        let kept = self.work(py, |store, cancel| {
            let store = store.until(cancel);
            if strict {
                store.ingest_strictly(pipeline.series())
            } else {
                store.ingest(pipeline.series())
            }
        })?;
        py.detach(|| drop(pipeline));
        let errors = error::exceptions(py, &errors)?;
        let own = errors.iter().map(|error| error.clone().unbind()).collect();
        let kept = Bound::new(py, PyKept::of(kept).with_errors(own))?;
        on_error.report(py, Some(("kept", kept.as_any())), &errors)?;
        Ok(kept)
    }

    /// Put points into the store.
    ///
    /// If an interval has a point already, the exact one of both stays; if both or none are exact,
    /// the one of the greater coverage; else the stored one. If Ctrl-C or a full disk ends the
    /// call, the points of each container are stored all or not at all.
    ///
    /// Returns a dict of counts: `added`, `replaced`, `unchanged` and `refused` (before the time
    /// that is kept, or more than an hour after the time that was passed to `advance`). Raises
    /// `SettingError` for points of another interval than the store's, before anything is written.
    fn append<'py>(&self, py: Python<'py>, points: &PyPoints) -> PyResult<Bound<'py, PyDict>> {
        let appended = self.work(py, |store, cancel| append(store, points, cancel))?;
        kept::shown(py, appended)
    }
}

/// Writes points to a store: if it is cancelled, each container's points are there all or not at
/// all.
fn append(store: &Store, points: &PyPoints, cancel: &Cancel) -> Result<Appended, Error> {
    const BATCH: usize = 20_000;
    let width = store.settings().interval().as_secs();
    if let Some(other) = points.each().find(|point| point.interval().seconds() != width) {
        // Returns the error for a wrong interval before anything is written.
        return store.append(&[other]);
    }
    let (mut appended, mut batch) = (Appended::default(), Vec::<DataPoint>::new());
    for point in points.each() {
        let is_next = batch.last().is_some_and(|last| last.name() != point.name());
        if batch.len() >= BATCH && is_next {
            if cancel.is_cancelled() {
                return Ok(appended);
            }
            kept::add_points(&mut appended, store.append(&batch)?);
            batch.clear();
        }
        batch.push(point);
    }
    kept::add_points(&mut appended, store.append(&batch)?);
    Ok(appended)
}
