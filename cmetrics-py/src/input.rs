//! `points`: from paths and bytes to points.

use std::path::PathBuf;

use cmetrics_core::{Error, MachineName, MetricSet, Pipeline, Settings};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyByteArray, PyBytes, PyIterator, PyMemoryView, PyString};

use crate::error;
use crate::points::PyPoints;

/// One thing to read.
enum Input {
    /// A file or folder.
    Path(PathBuf),
    /// The text of a dump, as it is stored.
    Text(PyBackedBytes),
}

impl Input {
    /// `None` where the object is neither a path nor bytes.
    fn of(object: &Bound<'_, PyAny>) -> PyResult<Option<Self>> {
        if object.is_instance_of::<PyBytes>() || object.is_instance_of::<PyByteArray>() {
            return Ok(Some(Self::Text(object.extract()?)));
        }
        if object.is_instance_of::<PyString>() || object.hasattr("__fspath__")? {
            return Ok(Some(Self::Path(object.extract()?)));
        }
        // Any other buffer is copied: the stable interface of Python 3.9 cannot lend it.
        match PyMemoryView::from(object) {
            Ok(view) => Ok(Some(Self::Text(view.call_method0("tobytes")?.extract()?))),
            Err(_) => Ok(None),
        }
    }

    /// Reads it as the `number`th input, from 1.
    fn read(&self, pipeline: &mut Pipeline, number: usize, machine: Option<&str>) {
        match self {
            Self::Path(path) => {
                let machine = machine
                    .map_or(MachineName::None, |machine| MachineName::Given(machine.to_owned()));
                pipeline.read_paths(&[path], &machine, &mut |_| ());
            }
            Self::Text(text) if number == 1 => pipeline.read_from("<bytes>", machine, &**text),
            Self::Text(text) => {
                pipeline.read_from(&format!("<bytes {number}>"), machine, &**text);
            }
        }
    }
}

/// The words of an argument that is one word or an iterable of them; none where it is not given.
fn words(argument: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Vec<String>>> {
    let Some(object) = argument else { return Ok(None) };
    if let Ok(word) = object.cast::<PyString>() {
        return Ok(Some(vec![word.to_cow()?.into_owned()]));
    }
    object.try_iter()?.map(|word| word?.extract()).collect::<PyResult<_>>().map(Some)
}

/// The points of these containers, and the words that mean none of those that were read.
fn made(pipeline: &Pipeline, words: Option<&[String]>) -> (PyPoints, Vec<Error>) {
    let (chosen, unknown) = match words {
        // An empty list asks for nothing; to the core it would mean all.
        Some([]) => (Vec::new(), Vec::new()),
        words => pipeline.select(words.unwrap_or_default()),
    };
    (PyPoints::of(&chosen, pipeline.settings()), unknown)
}

/// The points of a call, or, where errors happened in it, the exception for them.
fn or_raise<'e>(
    py: Python<'_>,
    errors: impl Iterator<Item = &'e Error>,
    points: PyPoints,
) -> PyResult<PyPoints> {
    let exceptions =
        errors.map(|error| error::exception(py, error)).collect::<PyResult<Vec<_>>>()?;
    if exceptions.is_empty() {
        return Ok(points);
    }
    let points = points.into_pyobject(py)?;
    for exception in &exceptions {
        exception.setattr("points", &points)?;
    }
    Err(error::first_of(py, &exceptions)?)
}

/// Makes the points of all dumps in files, folders and bytes.
#[pyfunction]
#[pyo3(signature = (
    paths_or_bytes, *, interval=5, max_gap=None, container=None, machine=None, metrics=None
))]
fn points(
    py: Python<'_>,
    paths_or_bytes: &Bound<'_, PyAny>,
    interval: i128,
    max_gap: Option<i128>,
    container: Option<&Bound<'_, PyAny>>,
    machine: Option<&str>,
    metrics: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyPoints> {
    let metrics = words(metrics)?.unwrap_or_default();
    let settings = settings(py, interval, max_gap, &metrics)?;
    let words = words(container)?;
    let mut pipeline = Pipeline::new(settings);
    if let Some(input) = Input::of(paths_or_bytes)? {
        py.detach(|| input.read(&mut pipeline, 1, machine));
    } else {
        for (index, object) in each(paths_or_bytes)?.enumerate() {
            let object = object?;
            let input = Input::of(&object)?.ok_or_else(|| unfit(&object))?;
            py.detach(|| input.read(&mut pipeline, index + 1, machine));
            // Else Ctrl-C would wait for the last of many inputs.
            py.check_signals()?;
        }
    }
    let (points, unknown) = py.detach(|| made(&pipeline, words.as_deref()));
    let points = or_raise(py, pipeline.errors().iter().chain(&unknown), points);
    py.detach(|| drop(pipeline)); // many small pieces, so that it takes a while
    points
}

// Python shows the literal in its help.
const _: () = assert!(Settings::DEFAULT_INTERVAL == 5, "the signature of `points` says so");

fn settings(
    py: Python<'_>,
    interval: i128,
    max_gap: Option<i128>,
    metrics: &[String],
) -> PyResult<Settings> {
    let whole = |name: &'static str, seconds: i128| {
        u64::try_from(seconds).map_err(|_| {
            let shown = name.replace('_', " ");
            let message = format!("{shown} is {seconds} s, which is out of range");
            error::refused(py, Some(name), &message)
        })
    };
    let interval = whole("interval", interval)?;
    let max_gap = max_gap.map(|gap| whole("max_gap", gap)).transpose()?;
    let settings =
        Settings::new(interval, max_gap).map_err(|refused| error::alone(py, &refused))?;
    let metrics = MetricSet::named(metrics)
        .map_err(|unknown| error::refused(py, Some("metrics"), &unknown.to_string()))?;
    Ok(settings.with_metrics(metrics).with_shares())
}

/// The members of an iterable of inputs. An open file would give lines.
fn each<'py>(object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyIterator>> {
    if object.hasattr("read")? {
        return Err(unfit(object));
    }
    object.try_iter().map_err(|_| unfit(object))
}

fn unfit(object: &Bound<'_, PyAny>) -> PyErr {
    let found =
        object.get_type().name().map_or_else(|_| String::new(), |name| format!(", not {name}"));
    PyTypeError::new_err(format!("expected a path, bytes, or an iterable of these{found}"))
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    error::set_default_points(PyPoints::default().into_pyobject(module.py())?.as_any())?;
    module.add_function(wrap_pyfunction!(points, module)?)
}
