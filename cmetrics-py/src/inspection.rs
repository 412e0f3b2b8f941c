//! `Inspection`: statistics of a container's samples; and `inspect`, which makes them.

use std::sync::Arc;
use std::time::Duration;

use cmetrics_core::metric::Section;
use cmetrics_core::pipeline::MachineName;
use cmetrics_core::series::Inspection;
use cmetrics_core::{Error, Pipeline, Settings, Timestamp};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::arguments::{self, Labels};
use crate::call;
use crate::container::{self, PyContainer};
use crate::error;
use crate::event::PyEvent;
use crate::points::metadata::{ContainerMetadata, EventMetadata};
use crate::read::{self, InputReader, OnError};
use crate::shared::Shared;

/// Statistics of a container's samples.
///
/// ```python
/// for one in cmetrics.inspect("dumps/"):
///     print(one.container.name, one.samples, one.median_spacing_seconds, one.gaps)
/// ```
#[pyclass(frozen, module = "cmetrics", name = "Inspection")]
#[derive(Debug)]
pub(crate) struct PyInspection {
    container: Arc<ContainerMetadata>,
    inspection: Inspection,
    label_changes: u64,
}

#[expect(clippy::cast_precision_loss, reason = "nanoseconds are given beside, or do not matter")]
fn seconds(nanos: u64) -> f64 {
    nanos as f64 / 1e9
}

#[expect(clippy::cast_precision_loss, reason = "as above")]
fn length(time: Duration) -> f64 {
    time.as_nanos() as f64 / 1e9
}

#[pymethods]
impl PyInspection {
    /// The names and the limits of the container.
    #[getter]
    fn container(&self) -> PyContainer {
        PyContainer(Arc::clone(&self.container))
    }

    /// The door by which the samples came, such as `cadvisor` or `exposition`.
    #[getter]
    fn door(&self) -> &'static str {
        self.inspection.door.name()
    }

    /// What to know of the samples, a sentence each.
    #[getter]
    fn notes(&self) -> Vec<&'static str> {
        self.inspection.notes.iter().map(|note| note.text()).collect()
    }

    /// How often its labels changed from one document to the next.
    #[getter]
    fn label_changes(&self) -> u64 {
        self.label_changes
    }

    /// Distinct samples.
    #[getter]
    fn samples(&self) -> u64 {
        self.inspection.samples
    }

    /// Copies of samples that were read before.
    #[getter]
    fn duplicates(&self) -> u64 {
        self.inspection.duplicates
    }

    /// Samples left out: never taken, or with an invalid value.
    #[getter]
    fn left_out(&self) -> u64 {
        self.inspection.left_out
    }

    /// The first sample's time, in seconds since the Unix epoch; `None` without samples.
    #[getter]
    fn first(&self) -> Option<f64> {
        self.first_ns().map(seconds)
    }

    /// The last sample's time, in seconds since the Unix epoch; `None` without samples.
    #[getter]
    fn last(&self) -> Option<f64> {
        self.last_ns().map(seconds)
    }

    /// The first sample's time, in nanoseconds since the Unix epoch.
    #[getter]
    fn first_ns(&self) -> Option<u64> {
        self.inspection.first.map(Timestamp::nanos)
    }

    /// The last sample's time, in nanoseconds since the Unix epoch.
    #[getter]
    fn last_ns(&self) -> Option<u64> {
        self.inspection.last.map(Timestamp::nanos)
    }

    /// The time between samples in succession, the median; `None` below two samples.
    #[getter]
    fn median_spacing_seconds(&self) -> Option<f64> {
        self.inspection.median_spacing.map(length)
    }

    /// The longest time between samples in succession; `None` below two samples.
    #[getter]
    fn largest_spacing_seconds(&self) -> Option<f64> {
        self.inspection.largest_spacing.map(length)
    }

    /// The sections of the documented point that any sample has, such as `cpu` and `memory`.
    #[getter]
    fn sections(&self) -> Vec<&'static str> {
        self.inspection.sections.iter().copied().map(Section::key).collect()
    }

    /// How often the container was restarted.
    #[getter]
    fn restarts(&self) -> usize {
        self.inspection.events.restarts.len()
    }

    /// The number of times without a sample for longer than the longest gap.
    #[getter]
    fn gaps(&self) -> usize {
        self.inspection.events.gaps.len()
    }

    /// The number of samples that were set aside, because their CPU reading is impossible.
    #[getter]
    fn set_aside(&self) -> usize {
        self.inspection.events.set_aside.len()
    }

    /// How often the CPU counter fell without a restart.
    #[getter]
    fn corrections(&self) -> usize {
        self.inspection.events.corrections.len()
    }

    /// How often the CPU counter rose by more than all CPUs can use.
    #[getter]
    fn implausible(&self) -> usize {
        self.inspection.events.implausible.len()
    }

    /// Its restarts, gaps, impossible CPU readings, and growth that belongs to no interval.
    #[getter]
    fn events(&self) -> Vec<PyEvent> {
        let name = self.container.identity.name();
        self.container.events.iter().map(|event| PyEvent::new(name, event.clone())).collect()
    }

    /// Return what `cmetrics inspect --format json` writes: everything but the single events.
    ///
    /// Times are texts in UTC; `restarts`, `gaps`, `set_aside`, `corrections` and `implausible`
    /// are counts.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (identity, shown) = (&self.container.identity, PyDict::new(py));
        let text = |time: Option<Timestamp>| time.map(|time| time.to_string());
        shown.set_item("name", &**identity.name())?;
        shown.set_item("id", identity.id())?;
        shown.set_item("machine", identity.machine())?;
        shown.set_item("aliases", identity.aliases())?;
        shown.set_item("paths", identity.paths())?;
        shown.set_item("image", identity.image())?;
        shown.set_item("door", self.door())?;
        shown.set_item("notes", self.notes())?;
        shown.set_item("first", text(self.inspection.first))?;
        shown.set_item("last", text(self.inspection.last))?;
        shown.set_item("samples", self.samples())?;
        shown.set_item("duplicates", self.duplicates())?;
        shown.set_item("left_out", self.left_out())?;
        shown.set_item("median_spacing_seconds", self.median_spacing_seconds())?;
        shown.set_item("largest_spacing_seconds", self.largest_spacing_seconds())?;
        shown.set_item("restarts", self.restarts())?;
        shown.set_item("gaps", self.gaps())?;
        shown.set_item("set_aside", self.set_aside())?;
        shown.set_item("corrections", self.corrections())?;
        shown.set_item("implausible", self.implausible())?;
        shown.set_item("sections", self.sections())?;
        shown.set_item("limits", container::shown(py, &self.container.limits)?)?;
        shown.set_item("limit_changes", self.container.limit_changes)?;
        shown.set_item("label_changes", self.label_changes)?;
        Ok(shown)
    }

    fn __repr__(&self) -> String {
        let identity = &self.container.identity;
        let called = identity.aliases().first().map_or(&**identity.name(), String::as_str);
        let mut parts = vec![counted(self.inspection.samples, "sample")];
        if let Some((first, last)) = self.inspection.first.zip(self.inspection.last) {
            parts.push(format!("{first} to {last}"));
        }
        if let Some(spacing) = self.median_spacing_seconds() {
            parts.push(format!("one every {spacing:.1} s"));
        }
        let happened = [
            (self.restarts(), "restart"),
            (self.gaps(), "gap"),
            (self.corrections(), "correction"),
            (self.implausible(), "implausible sample"),
        ];
        let happened = happened.into_iter().filter(|(number, _)| *number > 0);
        parts.extend(happened.map(|(number, what)| counted(number as u64, what)));
        if self.set_aside() > 0 {
            parts.push(format!("{} set aside", counted(self.set_aside() as u64, "sample")));
        }
        let parts = parts.join(", ");
        format!("<Inspection of {called:?}: {parts}>")
    }
}

fn counted(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// Inspect the samples of each container in files, folders and bytes.
///
/// All arguments are as for `points`. The containers are sorted by name; one that was read by
/// several doors has an inspection for each, by their rank. Only `max_gap` depends on `interval`:
/// it is the longest time between samples that is no gap, and cannot be shorter; its default is 150
/// seconds, or the interval if that is wider.
///
/// Raises `SettingError` before anything is read. `ReadError`, `DumpError` and
/// `UnknownContainerError` come after everything else was read: the first is raised, with all of
/// them in its `errors` and the other results in its `inspections`. With `on_error="warn"` each is
/// a warning.
///
/// ```python
/// [one] = cmetrics.inspect("dumps/*.json.gz", container="web")
/// assert not one.gaps, one.events
/// ```
#[pyfunction]
#[pyo3(signature = (
    sources, *, interval=5, max_gap=None, container=None, machine=None, machine_by_folder=false,
    threads=None, progress=None, on_error="raise", doors=None, label=None
))]
#[expect(clippy::too_many_arguments, reason = "by keyword")]
#[expect(clippy::needless_pass_by_value, reason = "as Python passes it")]
fn inspect<'py>(
    py: Python<'py>,
    sources: &Bound<'py, PyAny>,
    interval: i128,
    max_gap: Option<i128>,
    container: Option<&Bound<'py, PyAny>>,
    machine: Option<String>,
    machine_by_folder: bool,
    threads: Option<i64>,
    progress: Option<&Bound<'py, PyAny>>,
    on_error: &str,
    doors: Option<&Bound<'py, PyAny>>,
    label: Option<Labels>,
) -> PyResult<Bound<'py, PyList>> {
    let settings = arguments::plain_settings(py, interval, max_gap)?;
    let settings = arguments::with_doors(py, settings, doors, label.as_ref())?.with_labels();
    let words = arguments::words(container)?;
    let on_error = OnError::of(py, on_error)?;
    if on_error == OnError::Collect {
        // The result is a list, which cannot have errors.
        let message = "on_error is \"collect\", but must be raise or warn";
        return Err(error::setting_error(py, Some("on_error"), message));
    }
    let progress = call::listener(py, progress)?;
    let machine: MachineName = arguments::machine(py, machine, machine_by_folder)?;
    let reader = InputReader { machine, progress: progress.as_ref() };
    let mut pipeline = Pipeline::new(settings);
    pipeline.set_threads(arguments::threads(py, threads)?);
    let pipeline = Shared::new(pipeline);
    let errors = reader.read_all(&pipeline, sources)?;
    let (inspected, unknown) =
        inspect_all(py, &pipeline, settings, words.as_deref(), label.as_ref())?;
    let errors = error::exceptions(py, errors.iter().chain(&unknown))?;
    py.detach(|| drop(pipeline));
    let inspected =
        inspected.into_iter().map(|one| Py::new(py, one)).collect::<PyResult<Vec<_>>>()?;
    let inspected = PyList::new(py, inspected)?;
    on_error.report(py, Some(("inspections", inspected.as_any())), &errors)?;
    Ok(inspected)
}

fn inspect_all(
    py: Python<'_>,
    pipeline: &Shared<Pipeline>,
    settings: Settings,
    words: Option<&[String]>,
    label: Option<&Labels>,
) -> PyResult<(Vec<PyInspection>, Vec<Error>)> {
    pipeline.run_long(py, None, |pipeline, cancel, _| {
        pipeline.set_cancel(cancel.clone());
        let (chosen, unknown) = read::select(pipeline, words, label);
        let (mut inspected, mut of) = (Vec::with_capacity(chosen.len()), chosen.iter());
        pipeline.side_by_side(
            &chosen,
            |series| series.inspect_chains_until(settings, cancel),
            |chains| {
                let (Some(chains), Some(series)) = (chains, of.next()) else { return false };
                inspected.extend(chains.into_iter().map(|inspection| {
                    let events = EventMetadata::of_batch(&inspection.events);
                    let container = Arc::new(ContainerMetadata { events, ..(*series).into() });
                    let label_changes = series.label_changes();
                    PyInspection { container, inspection, label_changes }
                }));
                true
            },
        );
        (inspected, unknown)
    })
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyInspection>()?;
    module.add_function(wrap_pyfunction!(inspect, module)?)
}
