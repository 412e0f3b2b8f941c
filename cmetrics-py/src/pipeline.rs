//! `Pipeline`: reads dump after dump, or poll after poll.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use cmetrics_core::pipeline::Outcome;
use cmetrics_core::{DataPoint, Pipeline, Settings};
use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::arguments;
use crate::call;
use crate::container::PyContainer;
use crate::error;
use crate::points::PyPoints;
use crate::points::metadata::{ContainerMetadata, Metadata};
use crate::process::Process;
use crate::read::{self, InputReader, OnError};
use crate::shared::Shared;

/// Reads dump after dump, and makes points of everything that it has read.
///
/// `interval`, `max_gap`, `metrics`, `threads` and `doors` are as for `points`. With `lateness`, in whole
/// seconds, it is live: it may read poll after poll without end. `settle` then returns each point
/// once, when it is final, and forgets older samples. A sample that is older by more than
/// `lateness` than the newest one of its container is late: it is counted, and changes nothing.
///
/// Any number of threads may use it, one of them at a time. It can be used on after an error and
/// after Ctrl-C: what was read stays, and a sample that is read again counts once. A forked child
/// process cannot use it. Raises `SettingError` for a value that is not allowed.
///
/// ```python
/// pipeline = cmetrics.Pipeline(lateness=10)
/// while True:
///     pipeline.read(poll())
///     for point in pipeline.settle():
///         print(point.name, point.start, point.cpu_cores)
/// ```
#[pyclass(frozen, module = "cmetrics", name = "Pipeline")]
#[derive(Debug)]
pub(crate) struct PyPipeline {
    process: Process,
    settings: Settings,
    lateness: Option<u64>,
    pipeline: Shared<Pipeline>,
    /// The latest errors, as exceptions.
    errors: Mutex<VecDeque<Py<PyAny>>>,
}

#[pymethods]
impl PyPipeline {
    #[new]
    #[pyo3(signature = (
        *, interval=5, max_gap=None, metrics=None, lateness=None, threads=None, doors=None
    ))]
    fn new(
        py: Python<'_>,
        interval: i128,
        max_gap: Option<i128>,
        metrics: Option<&Bound<'_, PyAny>>,
        lateness: Option<i128>,
        threads: Option<i64>,
        doors: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let settings = arguments::settings(py, interval, max_gap, metrics)?;
        let settings = arguments::with_doors(py, settings, doors, None)?;
        let lateness =
            lateness.map(|lateness| arguments::seconds(py, "lateness", lateness)).transpose()?;
        let mut pipeline = lateness.map_or_else(
            || Pipeline::new(settings),
            |lateness| Pipeline::live(settings, Duration::from_secs(lateness)),
        );
        pipeline.set_threads(arguments::threads(py, threads)?);
        Ok(Self {
            process: Process::here("pipeline"),
            settings,
            lateness,
            pipeline: Shared::new(pipeline),
            errors: Mutex::default(),
        })
    }

    /// Read more: paths, patterns, bytes, open files, or an iterable of these.
    ///
    /// All arguments are as for `points`. An error in an input affects only the damaged part:
    /// `ReadError` or `DumpError` is raised after everything else was read, the first with all of
    /// them in its `errors`. With `on_error="warn"` each is a warning, with `"collect"` they are
    /// only in the pipeline's own `errors`.
    #[pyo3(signature = (
        sources, *, machine=None, machine_by_folder=false, progress=None, on_error="raise"
    ))]
    fn read(
        &self,
        py: Python<'_>,
        sources: &Bound<'_, PyAny>,
        machine: Option<String>,
        machine_by_folder: bool,
        progress: Option<&Bound<'_, PyAny>>,
        on_error: &str,
    ) -> PyResult<()> {
        self.process.check(py)?;
        let on_error = OnError::of(py, on_error)?;
        let progress = call::listener(py, progress)?;
        let machine = arguments::machine(py, machine, machine_by_folder)?;
        let reader = InputReader { machine, progress: progress.as_ref() };
        let errors = reader.read_all(&self.pipeline, sources)?;
        let errors = error::exceptions(py, &errors)?;
        self.keep(&errors);
        on_error.report(py, None, &errors)
    }

    /// Make the points of all that was read.
    ///
    /// `container` selects containers, as for `points`. The points of a live pipeline are
    /// provisional: those that `settle` has not returned, as they would be if no more samples came.
    /// Raises `UnknownContainerError`, with the other points in its `points`.
    #[pyo3(signature = (container=None))]
    fn points<'py>(
        &self,
        py: Python<'py>,
        container: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Bound<'py, PyPoints>> {
        self.process.check(py)?;
        let words = arguments::words(container)?;
        let (points, unknown) = read::points_of(py, &self.pipeline, words.as_deref(), None)?;
        let unknown = error::exceptions(py, &unknown)?;
        OnError::Raise.attach(py, points, &unknown)
    }

    /// Return the points of a live pipeline that became final since the last call.
    ///
    /// `now` is the present time: seconds since the epoch, a `datetime` (one without a zone is in
    /// UTC) or an ISO 8601 text. Without it, points become final only when newer samples of their
    /// container come. With it, those of silent containers become final too, and samples that are
    /// older than the lateness are late from then on. Raises `SettingError` for a pipeline without
    /// `lateness`.
    #[pyo3(signature = (now=None))]
    fn settle(&self, py: Python<'_>, now: Option<&Bound<'_, PyAny>>) -> PyResult<PyPoints> {
        self.process.check(py)?;
        if self.lateness.is_none() {
            let message = "lateness was not given where this pipeline was made: points are final \
                           only with it; points() makes those of all that was read";
            return Err(error::setting_error(py, Some("lateness"), message));
        }
        let now = now.map(|now| arguments::timestamp("now", now)).transpose()?;
        // Not interruptible: points that it returns are never returned again.
        self.pipeline.run_short(py, |pipeline| {
            let (mut known, mut points) = (Metadata::default(), Vec::<DataPoint>::new());
            // Before the containers are forgotten.
            pipeline.series().for_each(|series| known.add(series.into()));
            pipeline.settle(now, &mut |point| points.push(point));
            PyPoints::of(self.settings.metrics(), &points, known)
        })
    }

    /// The containers that were read and not forgotten, by name.
    #[getter]
    fn containers(&self, py: Python<'_>) -> PyResult<Vec<PyContainer>> {
        self.process.check(py)?;
        let known = |pipeline: &mut Pipeline| {
            pipeline.series().map(|series| Arc::new(ContainerMetadata::from(series))).collect()
        };
        let known: Vec<_> = self.pipeline.run_short(py, known)?;
        Ok(known.into_iter().map(PyContainer).collect())
    }

    /// The errors of the inputs, as exceptions: the last 1000.
    #[getter]
    fn errors<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        self.process.check(py)?;
        let errors: Vec<_> = {
            let kept = self.errors.lock();
            kept.iter().map(|error| error.clone_ref(py)).collect()
        };
        PyList::new(py, errors)
    }

    /// How much was read, as a dict of counts.
    ///
    /// `inputs`, those without samples and damaged ones included; `bytes`, unpacked;
    /// `without_containers`: documents that say that no container runs; `skipped_parts`: those of
    /// OTLP that are not containers' metrics, by what they are; `errors`; and of a live pipeline
    /// `late`: samples that came too late, and `forgotten`: containers.
    #[getter]
    fn summary<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.process.check(py)?;
        let summary = self.pipeline.run_short(py, |pipeline| pipeline.summary())?;
        let shown = PyDict::new(py);
        shown.set_item("inputs", summary.inputs)?;
        shown.set_item("bytes", summary.bytes)?;
        shown.set_item("without_containers", summary.without_containers)?;
        let parts = PyDict::new(py);
        for (what, count) in summary.skipped_parts.iter() {
            parts.set_item(what.to_string(), count)?;
        }
        shown.set_item("skipped_parts", parts)?;
        shown.set_item("errors", summary.errors)?;
        shown.set_item("late", summary.late)?;
        shown.set_item("forgotten", summary.forgotten)?;
        Ok(shown)
    }

    fn __repr__(&self) -> String {
        let live =
            self.lateness.map_or_else(String::new, |lateness| format!(", lateness {lateness} s"));
        format!("<Pipeline: interval {} s{live}>", self.settings.interval().as_secs())
    }
}

impl PyPipeline {
    /// Keeps these errors, and drops the oldest ones beyond the limit.
    fn keep(&self, errors: &[Bound<'_, PyAny>]) {
        let mut kept = self.errors.lock();
        kept.extend(errors.iter().map(|error| error.clone().unbind()));
        let over = kept.len().saturating_sub(Outcome::MOST_ERRORS);
        let oldest: Vec<_> = kept.drain(..over).collect();
        drop(kept);
        drop(oldest); // may run Python code, which may lock the errors
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyPipeline>()
}
