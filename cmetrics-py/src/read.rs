//! `points`: reads inputs, and makes points of them.

use cmetrics_core::pipeline::{MachineName, Outcome};
use cmetrics_core::point::Table;
use cmetrics_core::{Cancel, Error, Input, Pipeline, Series};
use pyo3::prelude::*;

use crate::arguments::{self, Labels};
use crate::call;
use crate::error;
use crate::points::PyPoints;
use crate::points::frame::Frame;
use crate::points::metadata::Metadata;
use crate::shared::Shared;
use crate::source::{self, Source, Sources};

/// Dumps of up to this many bytes are read on the calling thread: it takes some milliseconds.
const SHORT: usize = 4 << 20;

/// Reads inputs into a pipeline.
pub(crate) struct InputReader<'a, 'py> {
    pub(crate) machine: MachineName,
    pub(crate) progress: Option<&'a Bound<'py, PyAny>>,
}

impl InputReader<'_, '_> {
    /// Reads all sources of an argument into a pipeline, and returns their errors: at most as many
    /// as an outcome holds.
    pub(crate) fn read_all(
        &self,
        pipeline: &Shared<Pipeline>,
        argument: &Bound<'_, PyAny>,
    ) -> PyResult<Vec<Error>> {
        let mut sources = Sources::of(argument)?;
        let (mut number, mut errors) = (0, Vec::new());
        while let Some(source) = sources.next()? {
            number += match &source {
                Source::Paths(paths) => paths.len(),
                _ => 1,
            };
            errors.extend(self.read(argument.py(), pipeline, source, number)?);
            errors.truncate(Outcome::MOST_ERRORS);
            // Otherwise Ctrl-C would wait for the last of many short inputs.
            argument.py().check_signals()?;
        }
        Ok(errors)
    }

    /// Reads a source: the `number`th input, from 1.
    fn read(
        &self,
        py: Python<'_>,
        pipeline: &Shared<Pipeline>,
        source: Source,
        number: usize,
    ) -> PyResult<Vec<Error>> {
        let named = |what: &str| {
            if number == 1 { format!("<{what}>") } else { format!("<{what} {number}>") }
        };
        let machine = match &self.machine {
            MachineName::Given(name) => Some(&**name),
            _ => None,
        };
        let of = &self.machine;
        match source {
            Source::Bytes(text) if text.len() <= SHORT => pipeline.run_short(py, |pipeline| {
                pipeline.set_cancel(Cancel::default());
                pipeline.read(Input::bytes(&named("bytes"), &text).machine(machine)).errors
            }),
            Source::Bytes(text) => pipeline.run_long(py, self.progress, |pipeline, cancel, _| {
                pipeline.set_cancel(cancel.clone());
                pipeline.read(Input::bytes(&named("bytes"), &text).machine(machine)).errors
            }),
            Source::File(file) => {
                let (file, cancel) = (file.bind(py), Cancel::default());
                let name = source::name_of(file);
                source::read_file(file, &cancel, |chunks| {
                    let Some(mut pipeline) = pipeline.wait(&cancel) else { return Vec::new() };
                    pipeline.set_cancel(cancel.clone());
                    pipeline.read(Input::local_reader(&name, chunks).machine(machine)).errors
                })
            }
            Source::Paths(paths) => {
                pipeline.run_long(py, self.progress, |pipeline, cancel, state| {
                    pipeline.set_cancel(cancel.clone());
                    pipeline
                        .read_paths_with(&paths, of, |progress| {
                            state.update(progress.path, progress.read, progress.total);
                        })
                        .errors
                })
            }
        }
    }
}

/// Makes the points of the containers that any of these words stands for, and returns an error for
/// each word that stands for none.
pub(crate) fn points_of(
    py: Python<'_>,
    pipeline: &Shared<Pipeline>,
    words: Option<&[String]>,
    label: Option<&Labels>,
) -> PyResult<(PyPoints, Vec<Error>)> {
    pipeline.run_long(py, None, |pipeline, cancel, _| {
        pipeline.set_cancel(cancel.clone());
        let (chosen, unknown) = select(pipeline, words, label);
        let settings = pipeline.settings();
        let (mut table, mut known) = (Table::new(settings.metrics()), Metadata::default());
        let mut of = chosen.iter();
        pipeline.side_by_side(
            &chosen,
            |series| series.history_until(settings, cancel),
            |history| {
                let both = history.zip(of.next());
                if let Some((history, series)) = &both {
                    history.points.iter().for_each(|point| table.push(point));
                    known.add_series(series, &history.events);
                }
                both.is_some()
            },
        );
        (PyPoints::of_frame(Frame::new(table), known), unknown)
    })
}

/// The containers that any of these words stands for and that have these labels, and an error for
/// each word that stands for none.
pub(crate) fn select<'p>(
    pipeline: &'p Pipeline,
    words: Option<&[String]>,
    label: Option<&Labels>,
) -> (Vec<&'p Series>, Vec<Error>) {
    let (mut chosen, unknown) = match words {
        // An empty list selects nothing here, but everything in the core.
        Some([]) => (Vec::new(), Vec::new()),
        words => {
            let selection = pipeline.select(words.unwrap_or_default());
            (selection.series, selection.errors)
        }
    };
    if let Some(label) = label {
        chosen.retain(|series| series.identity().has_labels(label));
    }
    (chosen, unknown)
}

/// Makes the points of all dumps in files, folders and bytes.
///
/// `sources` is a path, a pattern such as `dumps/*.json.gz`, the content of a file (`bytes`,
/// `bytearray`, `memoryview`), an open binary file, or an iterable of these. Content may be plain,
/// gzip or zstd; its name in errors is `<bytes>`, or `<bytes 2>` for the second input. In a folder,
/// files that are not dumps are skipped. The same sample in many dumps counts once.
///
/// `interval` is the width of a point in whole seconds. `max_gap` is the longest time between two
/// samples, in whole seconds, over which growth is distributed; by default 150, or the interval if
/// that is wider. `container` selects containers by id, the beginning of an id, alias, cgroup path
/// or `NAMESPACE/POD/CONTAINER`, and `label` by their labels: a dict of labels and values, all of
/// which a container must have. `doors` ranks the doors by which a container was read, the highest
/// first, such as `["exposition"]`; of an interval's figures each comes from the first that tells
/// it. `machine` is the name of the machine that the dumps come from: points of cgroups that are
/// not containers are then called `machine:/path`, so that machines do not mix; with
/// `machine_by_folder=True` the name is that of the folder that contains a dump. `metrics` adds
/// metrics to the documented ones: by name, by group such as `memory.*`, or `all`; the function
/// `metrics` lists them. `threads` is the number of threads, by default the number of cores.
/// `progress=True` shows a progress bar; a callable is called now and then with an object that has
/// `path`, `read` and `total` (in bytes, as they are stored).
///
/// The interpreter is free for other threads meanwhile, and Ctrl-C ends the call soon.
///
/// Raises `SettingError` before anything is read. `ReadError`, `DumpError` and
/// `UnknownContainerError` come after everything else was read: the first is raised, with all of
/// them in its `errors` (at most the first 1000 of the inputs) and the other points in its
/// `points`. With `on_error="warn"` each is an `InputWarning`, with `"collect"` they are only in
/// `points.errors`.
#[pyfunction]
#[pyo3(signature = (
    sources, *, interval=5, max_gap=None, container=None, machine=None, machine_by_folder=false,
    metrics=None, threads=None, progress=None, on_error="raise", doors=None, label=None
))]
#[expect(clippy::too_many_arguments, reason = "by keyword")]
#[expect(clippy::needless_pass_by_value, reason = "as Python passes it")]
fn points<'py>(
    py: Python<'py>,
    sources: &Bound<'py, PyAny>,
    interval: i128,
    max_gap: Option<i128>,
    container: Option<&Bound<'py, PyAny>>,
    machine: Option<String>,
    machine_by_folder: bool,
    metrics: Option<&Bound<'py, PyAny>>,
    threads: Option<i64>,
    progress: Option<&Bound<'py, PyAny>>,
    on_error: &str,
    doors: Option<&Bound<'py, PyAny>>,
    label: Option<Labels>,
) -> PyResult<Bound<'py, PyPoints>> {
    let settings = arguments::settings(py, interval, max_gap, metrics)?;
    let settings = arguments::with_doors(py, settings, doors, label.as_ref())?;
    let words = arguments::words(container)?;
    let on_error = OnError::of(py, on_error)?;
    let progress = call::listener(py, progress)?;
    let reader = InputReader {
        machine: arguments::machine(py, machine, machine_by_folder)?,
        progress: progress.as_ref(),
    };
    let mut pipeline = Pipeline::new(settings);
    pipeline.set_threads(arguments::threads(py, threads)?);
    let pipeline = Shared::new(pipeline);
    let errors = reader.read_all(&pipeline, sources)?;
    let (points, unknown) = points_of(py, &pipeline, words.as_deref(), label.as_ref())?;
    let errors = error::exceptions(py, errors.iter().chain(&unknown))?;
    py.detach(|| drop(pipeline)); // takes a while, because it has many small allocations
    on_error.attach(py, points, &errors)
}

/// What happens with errors of inputs, after which the rest can still be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnError {
    Raise,
    Warn,
    Collect,
}

impl OnError {
    pub(crate) fn of(py: Python<'_>, word: &str) -> PyResult<Self> {
        match word {
            "raise" => Ok(Self::Raise),
            "warn" => Ok(Self::Warn),
            "collect" => Ok(Self::Collect),
            _ => {
                let message = format!("on_error is {word:?}, but must be raise, warn or collect");
                Err(error::setting_error(py, Some("on_error"), &message))
            }
        }
    }

    /// Sets these errors in the points, and reports them.
    pub(crate) fn attach<'py>(
        self,
        py: Python<'py>,
        points: PyPoints,
        errors: &[Bound<'py, PyAny>],
    ) -> PyResult<Bound<'py, PyPoints>> {
        let kept = errors.iter().map(|error| error.clone().unbind()).collect();
        let points = Bound::new(py, points.with_errors(kept))?;
        self.report(py, Some(("points", points.as_any())), errors)?;
        Ok(points)
    }

    /// Raises the first error, with the result of the call in the attribute of this name, or warns
    /// of all.
    pub(crate) fn report(
        self,
        py: Python<'_>,
        made: Option<(&str, &Bound<'_, PyAny>)>,
        errors: &[Bound<'_, PyAny>],
    ) -> PyResult<()> {
        match self {
            Self::Raise if !errors.is_empty() => {
                if let Some((name, made)) = made {
                    errors.iter().try_for_each(|error| error.setattr(name, made))?;
                }
                Err(error::first_of(py, errors)?)
            }
            Self::Warn => error::warn(py, errors),
            _ => Ok(()),
        }
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    error::set_default_points(PyPoints::default().into_pyobject(module.py())?.as_any())?;
    module.add_function(wrap_pyfunction!(points, module)?)
}
