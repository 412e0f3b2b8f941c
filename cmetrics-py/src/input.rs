//! `points`: from paths and bytes to points.

use std::path::PathBuf;

use cmetrics_core::{Error, MachineName, Pipeline, Series, Settings};
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

/// The containers that are asked for.
enum Containers {
    All,
    Of(Vec<String>),
}

impl Containers {
    fn of(object: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let Some(object) = object else { return Ok(Self::All) };
        if let Ok(word) = object.cast::<PyString>() {
            return Ok(Self::Of(vec![word.to_cow()?.into_owned()]));
        }
        let words = object.try_iter()?.map(|word| word?.extract()).collect::<PyResult<_>>()?;
        Ok(Self::Of(words))
    }

    /// Their points, and the words that mean none of those that were read.
    fn points(&self, pipeline: &Pipeline) -> (PyPoints, Vec<Error>) {
        let Self::Of(words) = self else {
            return (pipeline.points().into_iter().collect(), Vec::new());
        };
        let mut chosen: Vec<&Series> = Vec::new();
        let mut unknown = Vec::new();
        for word in words {
            match pipeline.find(word) {
                Ok(found) => chosen.extend(found),
                Err(error) => unknown.push(error),
            }
        }
        // Several words may mean one container, and points come by name.
        chosen.sort_by_key(|series| series.identity().name());
        chosen.dedup_by_key(|series| series.identity().name());
        let settings = pipeline.settings();
        let points = chosen.into_iter().flat_map(|series| series.history(settings).points);
        (points.collect(), unknown)
    }
}

/// Makes the points of all dumps in files, folders and bytes.
#[pyfunction]
#[pyo3(signature = (paths_or_bytes, *, interval=5, max_gap=None, container=None, machine=None))]
fn points(
    py: Python<'_>,
    paths_or_bytes: &Bound<'_, PyAny>,
    interval: i128,
    max_gap: Option<i128>,
    container: Option<&Bound<'_, PyAny>>,
    machine: Option<&str>,
) -> PyResult<PyPoints> {
    let settings = settings(py, interval, max_gap)?;
    let containers = Containers::of(container)?;
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
    let (points, unknown) = py.detach(|| containers.points(&pipeline));
    let points = error::or_points(py, pipeline.errors().iter().chain(&unknown), points);
    py.detach(|| drop(pipeline)); // many small pieces, so that it takes a while
    points
}

// Python shows the literal in its help.
const _: () = assert!(Settings::DEFAULT_INTERVAL == 5, "the signature of `points` says so");

fn settings(py: Python<'_>, interval: i128, max_gap: Option<i128>) -> PyResult<Settings> {
    let whole = |name, seconds: i128| {
        u64::try_from(seconds).map_err(|_| {
            let message = format!("{name} is {seconds} s, which is out of range");
            error::refused(py, Some(name), &message)
        })
    };
    let interval = whole("interval", interval)?;
    let max_gap = max_gap.map(|gap| whole("max gap", gap)).transpose()?;
    Settings::new(interval, max_gap).map_err(|refused| error::alone(py, &refused))
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
    module.add_function(wrap_pyfunction!(points, module)?)
}
