//! `Source`: reads whole replies of one endpoint of a machine into a recorder.

use cmetrics_core::recorder::Source;
use pyo3::prelude::*;

use super::ingested::PyIngested;
use crate::process::Process;
use crate::shared::Shared;
use crate::source;

/// Replies of up to this many bytes are read on the calling thread: it takes some milliseconds.
const SHORT: usize = 4 << 20;

/// A reader of whole replies of one endpoint of a machine, from `Recorder.source`.
///
/// Each reply repeats the last minutes; samples that were read before are skipped.
///
/// ```python
/// source = recorder.source("node7")
/// print(source.ingest(reply).accepted)
/// ```
#[pyclass(frozen, module = "cmetrics", name = "Source")]
#[derive(Debug)]
pub(crate) struct PySource {
    process: Process,
    name: String,
    machine: Option<String>,
    source: Shared<Source>,
}

impl PySource {
    pub(super) fn new(process: Process, name: &str, machine: Option<&str>, source: Source) -> Self {
        let (name, machine) = (name.to_owned(), machine.map(str::to_owned));
        Self { process, name, machine, source: Shared::new(source) }
    }
}

#[pymethods]
impl PySource {
    /// Its name in errors.
    #[getter]
    fn name(&self) -> &str {
        &self.name
    }

    /// The machine that its replies come from, if it was named.
    #[getter]
    fn machine(&self) -> Option<&str> {
        self.machine.as_deref()
    }

    /// Read a reply, plain or packed with gzip or zstd: one or more of cAdvisor's documents.
    ///
    /// `reply` is `bytes`, a `bytearray` or another buffer. An error affects only the damaged part,
    /// and is in the result's `errors`; nothing is raised. The interpreter is free for other
    /// threads meanwhile.
    fn ingest(&self, reply: &Bound<'_, PyAny>) -> PyResult<PyIngested> {
        let py = reply.py();
        self.process.check(py)?;
        let text = source::bytes(reply)?;
        let ingested = if text.len() <= SHORT {
            self.source.run_short(py, |source| source.ingest(&text))?
        } else {
            self.source.run_long(py, None, |source, _, _| source.ingest(&text))?
        };
        PyIngested::of(py, &ingested)
    }

    fn __repr__(&self) -> String {
        let machine = self.machine.as_ref();
        let machine = machine.map_or_else(String::new, |machine| format!(" on {machine:?}"));
        format!("<Source {:?}{machine}>", self.name)
    }
}
