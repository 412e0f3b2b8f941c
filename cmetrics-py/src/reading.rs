//! `points`: from paths and bytes to points.

use cmetrics_core::{Error, MachineName, Pipeline, Table};
use pyo3::prelude::*;

use crate::arguments;
use crate::call;
use crate::error;
use crate::points::PyPoints;
use crate::points::frame::Frame;
use crate::points::known::Known;
use crate::source::{self, Source, Sources};

/// Bytes up to which a dump is read where it is, without a thread of its own: some milliseconds.
const BRIEF: usize = 4 << 20;

/// What is read, and how that is told.
pub(crate) struct Reading<'a, 'py> {
    pub(crate) machine: MachineName,
    pub(crate) progress: Option<&'a Bound<'py, PyAny>>,
}

impl Reading<'_, '_> {
    /// Reads all sources of an argument into a pipeline. What is wrong with them is kept there.
    pub(crate) fn read_all(
        &self,
        pipeline: &mut Pipeline,
        argument: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let mut sources = Sources::of(argument)?;
        let mut number = 0;
        while let Some(source) = sources.next()? {
            number += match &source {
                Source::Paths(paths) => paths.len(),
                _ => 1,
            };
            self.read(argument.py(), pipeline, source, number)?;
            // Else Ctrl-C would wait for the last of many brief inputs.
            argument.py().check_signals()?;
        }
        Ok(())
    }

    /// Reads a source: the `number`th input, from 1.
    fn read(
        &self,
        py: Python<'_>,
        pipeline: &mut Pipeline,
        source: Source,
        number: usize,
    ) -> PyResult<()> {
        let named = |what: &str| {
            if number == 1 { format!("<{what}>") } else { format!("<{what} {number}>") }
        };
        let machine = match &self.machine {
            MachineName::Given(name) => Some(&**name),
            _ => None,
        };
        let of = &self.machine;
        match source {
            Source::Bytes(text) if text.len() <= BRIEF => {
                py.detach(|| pipeline.read_bytes_from(&named("bytes"), machine, &text));
                Ok(())
            }
            Source::Bytes(text) => call::run(py, self.progress, |cancel, _| {
                pipeline.cancel_by(cancel.clone());
                pipeline.read_bytes_from(&named("bytes"), machine, &text);
            }),
            Source::File(file) => {
                let file = file.bind(py);
                let name = source::name_of(file);
                source::through(file, |chunks| pipeline.read_from(&name, machine, chunks))
            }
            Source::Paths(paths) => call::run(py, self.progress, |cancel, told| {
                pipeline.cancel_by(cancel.clone());
                pipeline.read_paths(&paths, of, &mut |progress| {
                    told.note(progress.path, progress.read, progress.total);
                });
            }),
        }
    }
}

/// Makes points of all that a pipeline read of the containers that any of these words means.
pub(crate) fn made(
    py: Python<'_>,
    pipeline: &mut Pipeline,
    words: Option<&[String]>,
) -> PyResult<(PyPoints, Vec<Error>)> {
    call::run(py, None, |cancel, _| {
        pipeline.cancel_by(cancel.clone());
        let (chosen, unknown) = match words {
            // An empty list asks for nothing; to the core it would mean all.
            Some([]) => (Vec::new(), Vec::new()),
            words => pipeline.select(words.unwrap_or_default()),
        };
        let settings = pipeline.settings();
        let (mut table, mut known) = (Table::new(settings.metrics()), Known::default());
        let mut of = chosen.iter();
        pipeline.side_by_side(
            &chosen,
            |series| series.history_until(settings, cancel),
            |history| {
                let both = history.zip(of.next());
                if let Some((history, series)) = &both {
                    history.points.iter().for_each(|point| table.push(point));
                    known.add_series(series, history);
                }
                both.is_some()
            },
        );
        (PyPoints::of_frame(Frame::new(table), known), unknown)
    })
}

/// Makes the points of all dumps in files, folders and bytes.
///
/// `sources` is a path, a pattern such as `dumps/*.json.gz`, the content of a file (`bytes`,
/// `bytearray`, `memoryview`), an open binary file, or an iterable of these. Content may be plain,
/// gzip or zstd; errors call it `<bytes>`, or `<bytes 2>` where it is the second input. In a folder,
/// what is no dump is passed over. The same sample in many dumps counts once.
///
/// `interval` is the width of a point in whole seconds. `max_gap` is the longest time between two
/// samples, in whole seconds, that growth is shared out over; without it 150, or the interval where
/// that is wider. `container` asks for these containers alone: by id, the beginning of one, alias or
/// cgroup path. `machine` names the machine that the dumps come from: points of cgroups that are no
/// containers are then called `machine:/path`, so that machines do not mix; with
/// `machine_by_folder=True` it is named by the folder that a dump lies in. `metrics` asks for metrics
/// beside the documented ones: by name, by group such as `memory.*`, or `all`; the function `metrics`
/// lists them. `threads` is how many threads read, as many as there are cores unless said otherwise.
/// `progress=True` shows how far it has come; a callable is called now and then with an object that
/// has `path`, `read` and `total` (in bytes, as they are stored).
///
/// The interpreter is free for other threads meanwhile, and Ctrl-C ends it soon.
///
/// Raises `SettingError` before anything is read. `ReadError`, `DumpError` and
/// `UnknownContainerError` come after all else was read: the first is raised, with all of them in
/// its `errors` (at most the first 1000 of the inputs) and what could be made in its `points`.
/// With `on_error="warn"` each is an `InputWarning`, with `"collect"` they are only in `points.errors`.
#[pyfunction]
#[pyo3(signature = (
    sources, *, interval=5, max_gap=None, container=None, machine=None, machine_by_folder=false,
    metrics=None, threads=None, progress=None, on_error="raise"
))]
#[expect(clippy::too_many_arguments, reason = "by keyword")]
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
) -> PyResult<Bound<'py, PyPoints>> {
    let settings = arguments::settings(py, interval, max_gap, metrics)?;
    let words = arguments::words(container)?;
    let on_error = OnError::of(py, on_error)?;
    let progress = call::listener(py, progress)?;
    let reading = Reading {
        machine: arguments::machine(py, machine, machine_by_folder)?,
        progress: progress.as_ref(),
    };
    let mut pipeline = Pipeline::new(settings);
    pipeline.threads(arguments::threads(py, threads)?);
    reading.read_all(&mut pipeline, sources)?;
    let (points, unknown) = made(py, &mut pipeline, words.as_deref())?;
    let errors = pipeline.errors().iter().chain(&unknown);
    let errors = errors.map(|error| error::exception(py, error)).collect::<PyResult<Vec<_>>>()?;
    py.detach(|| drop(pipeline)); // many small pieces, so that it takes a while
    on_error.with(py, points, &errors)
}

/// What becomes of errors that leave something to be read.
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
                Err(error::refused(py, Some("on_error"), &message))
            }
        }
    }

    /// The points, with these errors as they are wanted.
    pub(crate) fn with<'py>(
        self,
        py: Python<'py>,
        points: PyPoints,
        errors: &[Bound<'py, PyAny>],
    ) -> PyResult<Bound<'py, PyPoints>> {
        let kept = errors.iter().map(|error| error.clone().unbind()).collect();
        let points = Bound::new(py, points.with_errors(kept))?;
        match self {
            Self::Raise if !errors.is_empty() => {
                for error in errors {
                    error.setattr("points", &points)?;
                }
                Err(error::first_of(py, errors)?)
            }
            Self::Warn => {
                error::warn(py, errors)?;
                Ok(points)
            }
            _ => Ok(points),
        }
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    error::set_default_points(PyPoints::default().into_pyobject(module.py())?.as_any())?;
    module.add_function(wrap_pyfunction!(points, module)?)
}
