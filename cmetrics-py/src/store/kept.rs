//! `Kept`: the result of adding samples to a store.

use cmetrics_core::store::{Appended, Kept};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

/// Counts of what happened to samples that were added to a store.
///
/// From `Store.ingest` and `Recorder.keep`.
///
/// ```python
/// print(store.ingest("dumps/").accepted)
/// ```
#[pyclass(frozen, module = "cmetrics", name = "Kept")]
#[derive(Debug)]
pub(crate) struct PyKept {
    kept: Kept,
    errors: Vec<Py<PyAny>>,
}

impl PyKept {
    pub(crate) fn of(kept: Kept) -> Self {
        Self { kept, errors: Vec::new() }
    }

    pub(super) fn with_errors(self, errors: Vec<Py<PyAny>>) -> Self {
        Self { errors, ..self }
    }
}

#[pymethods]
impl PyKept {
    /// Containers of these samples.
    #[getter]
    fn containers(&self) -> u64 {
        self.kept.containers
    }

    /// New samples.
    #[getter]
    fn accepted(&self) -> u64 {
        self.kept.accepted
    }

    /// Samples that are among the store's raw samples already.
    #[getter]
    fn duplicates(&self) -> u64 {
        self.kept.duplicates
    }

    /// Samples older than the lateness before the newest of their container.
    ///
    /// They are a batch of their own, whose points were merged with those of the store.
    #[getter]
    fn old(&self) -> u64 {
        self.kept.old
    }

    /// Refused samples: more than an hour after the time that was passed to `advance`.
    #[getter]
    fn ahead(&self) -> u64 {
        self.kept.ahead
    }

    /// Points that became final, of intervals that had none.
    #[getter]
    fn added(&self) -> u64 {
        self.kept.points.added
    }

    /// Points that replaced a stored one, because more is known of the interval.
    #[getter]
    fn replaced(&self) -> u64 {
        self.kept.points.replaced
    }

    /// Points of intervals whose stored point stays, because at least as much was known.
    #[getter]
    fn unchanged(&self) -> u64 {
        self.kept.points.unchanged
    }

    /// Points before the time that is kept, or too far ahead.
    ///
    /// Too far is more than an hour after the time that was passed to `advance`.
    #[getter]
    fn refused(&self) -> u64 {
        self.kept.points.refused
    }

    /// Containers with labels of more than 128 KiB, which are not kept. Their samples are.
    #[getter]
    fn unlabelled(&self) -> u64 {
        self.kept.unlabelled
    }

    /// First and last points of old samples that are covered only in part.
    #[getter]
    fn partial_edges(&self) -> u64 {
        self.kept.partial_edges
    }

    /// The errors of the inputs, as exceptions.
    #[getter]
    fn errors<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, &self.errors)
    }

    /// An exception of a call that raised has this object, and this object has the exception.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.errors.iter().try_for_each(|error| visit.call(error))
    }

    fn __repr__(&self) -> String {
        let Kept { containers, accepted, duplicates, old, .. } = self.kept;
        let Appended { added, replaced, unchanged, refused, .. } = self.kept.points;
        format!(
            "<Kept: {accepted} new samples, {duplicates} already there, {old} old, of {containers} \
             containers; points: {added} added, {replaced} replaced, {unchanged} unchanged, \
             {refused} refused>"
        )
    }
}

pub(super) fn add_points(appended: &mut Appended, more: Appended) {
    appended.added += more.added;
    appended.replaced += more.replaced;
    appended.unchanged += more.unchanged;
    appended.refused += more.refused;
}

pub(super) fn shown(py: Python<'_>, appended: Appended) -> PyResult<Bound<'_, PyDict>> {
    let shown = PyDict::new(py);
    shown.set_item("added", appended.added)?;
    shown.set_item("replaced", appended.replaced)?;
    shown.set_item("unchanged", appended.unchanged)?;
    shown.set_item("refused", appended.refused)?;
    Ok(shown)
}
