//! `Ingested`: the result of ingesting one reply.

use cmetrics_core::recorder::Ingested;
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::error;

/// The result of ingesting one reply, from `Source.ingest`.
///
/// ```python
/// ingested = source.ingest(reply)
/// print(ingested.accepted, ingested.errors)
/// ```
#[pyclass(frozen, module = "cmetrics", name = "Ingested")]
#[derive(Debug)]
pub(crate) struct PyIngested {
    /// Its length in bytes, unpacked.
    #[pyo3(get)]
    bytes: u64,
    /// The number of new samples.
    #[pyo3(get)]
    accepted: u64,
    /// The number of samples that were recorded before.
    #[pyo3(get)]
    duplicates: u64,
    /// The number of late samples.
    #[pyo3(get)]
    late: u64,
    /// The number of samples too far ahead of the time that was passed to `advance`.
    #[pyo3(get)]
    ahead: u64,
    /// The number of samples that were never taken: their time is at or before the epoch.
    #[pyo3(get)]
    never_taken: u64,
    /// The number of samples that were left out because of an invalid value.
    #[pyo3(get)]
    faulty: u64,
    /// The number of errors in addition to those in `errors`.
    #[pyo3(get)]
    more_errors: u64,
    errors: Vec<Py<PyAny>>,
}

impl PyIngested {
    pub(super) fn of(py: Python<'_>, ingested: &Ingested) -> PyResult<Self> {
        let errors = error::exceptions(py, &ingested.errors)?;
        Ok(Self {
            bytes: ingested.bytes,
            accepted: ingested.accepted,
            duplicates: ingested.duplicates,
            late: ingested.late,
            ahead: ingested.ahead,
            never_taken: ingested.never_taken,
            faulty: ingested.faulty,
            more_errors: ingested.more_errors,
            errors: errors.into_iter().map(Bound::unbind).collect(),
        })
    }
}

#[pymethods]
impl PyIngested {
    /// The errors of the reply, as exceptions: at most the first 1000.
    #[getter]
    fn errors<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, &self.errors)
    }

    fn __repr__(&self) -> String {
        let Self { accepted, duplicates, late, ahead, .. } = self;
        let errors = self.errors.len() as u64 + self.more_errors;
        format!(
            "<Ingested: {accepted} accepted, {duplicates} duplicates, {late} late, {ahead} ahead, \
             {errors} errors>"
        )
    }
}
