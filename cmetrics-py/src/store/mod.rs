//! `Store`: points that survive the program.

mod asked;
mod figures;
mod kept;
mod opened;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use cmetrics_core::{
    Appended, Cancel, DataPoint, Error, Pipeline, Retention, Store, StoreOptions, SyncPolicy,
    Timestamp,
};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::arguments;
use crate::call;
use crate::container::PyContainer;
use crate::error;
use crate::event::PyEvent;
use crate::points::PyPoints;
use crate::points::known::{KnownContainer, KnownEvent};
use crate::reading::{OnError, Reading};
use crate::shared::Shared;
use asked::{Asked, Time};
pub(crate) use kept::PyKept;
use opened::Opened;

/// Points, and the samples that more are made of, in a folder.
///
/// One process writes, and any number of its threads read and write; other processes may read at
/// the same time (`read_only=True`). Samples are ingested in any order and as often as one likes:
/// dumps that are ingested one by one give the very points of one call over all of them. What a
/// call has written when it returns is there, however the process ends.
///
/// `path` is the folder, made where there is none. `interval`, `max_gap` and `lateness` (by how
/// much a sample may be older than its container's newest and still count as one that came late),
/// in whole seconds, are fixed when a store is made: 5, 150 and 180 unless said otherwise; they need
/// not be said again. `metrics` are kept beside the documented ones from now on; what share of its
/// memory limit a container used is told where `memory.working_set` is among them. `sync` says when
/// what was written outlasts a loss of power: `"always"` before a call returns, after so many
/// seconds, or `"os"`: when the operating system does it. `despite_damage=True` opens a store of
/// which not all can be read; `verify` says what. `wait`: for so many seconds it is waited for
/// another process that has the store open for writing.
///
/// It is closed at the end of a `with` block; what is called then raises `RefusedError`. So does
/// what a child process calls that was forked off. Raises `LockedError`, `DamagedError`,
/// `UnsupportedError`, `ReadError` or `SettingError` where it cannot be opened.
///
/// ```python
/// with cmetrics.Store("points") as store:
///     store.ingest("dumps/")
///     for point in store.last("web", 60):
///         print(point.start, point.cpu_cores)
/// ```
#[pyclass(frozen, module = "cmetrics", name = "Store")]
#[derive(Debug)]
pub(crate) struct PyStore(Opened);

#[pymethods]
impl PyStore {
    #[new]
    #[pyo3(signature = (
        path, *, read_only=false, interval=None, max_gap=None, lateness=None, metrics=None,
        sync=None, despite_damage=false, wait=0.0
    ))]
    #[expect(clippy::too_many_arguments, reason = "by keyword")]
    fn new(
        py: Python<'_>,
        path: PathBuf,
        read_only: bool,
        interval: Option<i128>,
        max_gap: Option<i128>,
        lateness: Option<i128>,
        metrics: Option<&Bound<'_, PyAny>>,
        sync: Option<&Bound<'_, PyAny>>,
        despite_damage: bool,
        wait: f64,
    ) -> PyResult<Self> {
        let seconds = |name, given: Option<i128>| {
            given.map(|given| arguments::seconds(py, name, given)).transpose()
        };
        let mut options = StoreOptions::default()
            .with_metrics(arguments::metrics(py, metrics)?)
            .with_sync(sync_policy(py, sync)?);
        if let Some(interval) = seconds("interval", interval)? {
            options = options.with_interval(interval);
        }
        if let Some(max_gap) = seconds("max_gap", max_gap)? {
            options = options.with_max_gap(max_gap);
        }
        if let Some(lateness) = seconds("lateness", lateness)? {
            options = options.with_lateness(lateness);
        }
        if despite_damage {
            options = options.despite_damage();
        }
        let wait = arguments::duration(py, "wait", wait)?;
        Opened::new(py, path, read_only, options, wait).map(Self)
    }

    /// Read dumps, and put their samples into the store.
    ///
    /// `sources`, `machine`, `machine_by_folder`, `threads`, `progress` and `on_error` are as for
    /// `points`; an exception has what was kept all the same in its `kept`. First all is read, then
    /// it is written as one batch: where Ctrl-C or a full disk ends that, nothing is kept. To ingest
    /// samples again does no harm. With `strict=True` nothing is kept where any sample is older than
    /// the lateness allows and its point is not stored yet: that raises `RefusedError`.
    ///
    /// Returns what became of the samples. Raises `RefusedError` for a store that was opened to be
    /// read, and `ReadError` where it cannot be written.
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
        let reading = Reading { machine, progress: progress.as_ref() };
        let settings = self.work(py, |store, _| {
            // What cannot be written to is known before anything is read.
            store.ingest([])?;
            Ok(store.settings())
        })?;
        let mut pipeline = Pipeline::new(settings);
        pipeline.threads(arguments::threads(py, threads)?);
        let pipeline = Shared::new(pipeline);
        let errors = reading.read_all(&pipeline, sources)?;
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
        on_error.tell(py, Some(("kept", kept.as_any())), &errors)?;
        Ok(kept)
    }

    /// Put points into the store.
    ///
    /// Where there is a point of the interval already, the exact one stays, then the one that more
    /// of the interval is covered of, then the stored one. Where Ctrl-C or a full disk ends it, the
    /// points of a container are all there or none of them.
    ///
    /// Returns a dict of counts: `added`, `replaced`, `unchanged` and `refused` (before what is
    /// kept, or more than an hour after the time that `advance` was told). Raises `SettingError`
    /// for points of another interval than the store's, before anything is written.
    fn append<'py>(&self, py: Python<'py>, points: &PyPoints) -> PyResult<Bound<'py, PyDict>> {
        let appended = self.work(py, |store, cancel| append(store, points, cancel))?;
        kept::shown(py, appended)
    }

    /// Give the last points of a container, what is not final among them.
    ///
    /// These are those of so many `seconds` before its newest point ends. All else is as for
    /// `range`.
    #[pyo3(signature = (
        container, seconds, *, metrics=None, interval=None, all_bearers=false, on_error="raise"
    ))]
    #[expect(clippy::too_many_arguments, reason = "by keyword")]
    fn last<'py>(
        &self,
        py: Python<'py>,
        container: &Bound<'py, PyAny>,
        seconds: i128,
        metrics: Option<&Bound<'py, PyAny>>,
        interval: Option<i128>,
        all_bearers: bool,
        on_error: &str,
    ) -> PyResult<Bound<'py, PyPoints>> {
        let time = Time::Last(arguments::seconds(py, "seconds", seconds)?);
        let which = Which { container: Some(container), metrics, interval, all_bearers };
        self.get(py, &which.asked(py, time)?, on_error)
    }

    /// Give points of a time, what is not final among them.
    ///
    /// `container` asks for these containers alone, by id, the beginning of one, alias or cgroup
    /// path; without it all. Of an alias it is the container that bore it last in that time, with
    /// `all_bearers=True` all that bore it. `start` and `end` ask for the points whose intervals
    /// start in `[start, end)`: seconds since the epoch, a `datetime` (one without a zone is in
    /// UTC) or an ISO 8601 text. With `metrics` points carry these beside the documented ones, as
    /// far as they were kept; else those that they were made with. `interval` rolls points up, to a
    /// whole multiple of the store's: all that lie in the time, if only in part.
    ///
    /// The points know their containers, with aliases, limits and events. Raises
    /// `UnknownContainerError`, `DamagedError` for what cannot be read (both with the rest in
    /// `points`; `on_error` is as for `cmetrics.points`) and `SettingError`.
    ///
    /// ```python
    /// frame = store.range("web", "2026-11-21T12:00:00Z", interval=60).to_polars()
    /// ```
    #[pyo3(signature = (
        container=None, start=None, end=None, *, metrics=None, interval=None, all_bearers=false,
        on_error="raise"
    ))]
    #[expect(clippy::too_many_arguments, reason = "by keyword")]
    fn range<'py>(
        &self,
        py: Python<'py>,
        container: Option<&Bound<'py, PyAny>>,
        start: Option<&Bound<'py, PyAny>>,
        end: Option<&Bound<'py, PyAny>>,
        metrics: Option<&Bound<'py, PyAny>>,
        interval: Option<i128>,
        all_bearers: bool,
        on_error: &str,
    ) -> PyResult<Bound<'py, PyPoints>> {
        let time = Time::Range(arguments::range(start, end)?);
        let which = Which { container, metrics, interval, all_bearers };
        self.get(py, &which.asked(py, time)?, on_error)
    }

    /// Draw points of a time: `range(container, start, end).plot(**options)`.
    #[pyo3(signature = (container=None, start=None, end=None, **options))]
    fn plot<'py>(
        &self,
        py: Python<'py>,
        container: Option<&Bound<'py, PyAny>>,
        start: Option<&Bound<'py, PyAny>>,
        end: Option<&Bound<'py, PyAny>>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let points = self.range(py, container, start, end, None, None, false, "raise")?;
        points.call_method("plot", (), options)
    }

    /// List the containers that the store has anything of, by name.
    fn containers(&self, py: Python<'_>) -> PyResult<Vec<PyContainer>> {
        let all = self.work(py, |store, cancel| store.until(cancel).containers())?;
        let container = |bearer| PyContainer(Arc::new(KnownContainer::from(bearer)));
        Ok(all.into_iter().map(container).collect())
    }

    /// List what happened in `[start, end)` besides points, by container and time.
    ///
    /// Restarts, gaps, growth across them that belongs to no interval, and changes of limits.
    /// `start` and `end` are as for `range`.
    #[pyo3(signature = (start=None, end=None))]
    fn events(
        &self,
        py: Python<'_>,
        start: Option<&Bound<'_, PyAny>>,
        end: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Vec<PyEvent>> {
        let range = arguments::range(start, end)?;
        let events = self.work(py, |store, cancel| store.until(cancel).events(range))?;
        let shown = events.iter().filter_map(|event| {
            Some(PyEvent::new(&event.container, KnownEvent::of_stored(event)?))
        });
        Ok(shown.collect())
    }

    /// Drop what is older, or more, than is to be kept.
    ///
    /// Either `age`: keep what ends in the last so many seconds before `now` (the time of this
    /// machine's clock unless said otherwise); or `points`: keep about so many, the newest, as whole
    /// segments are dropped. What is dropped is not answered any more, and refused from then on.
    ///
    /// Returns a dict: how many `segments` are gone, the `points` in them, and `floor`: points that
    /// end at or before this second are not answered. Raises `SettingError` unless one of both is
    /// given.
    #[pyo3(signature = (*, age=None, points=None, now=None))]
    fn retain<'py>(
        &self,
        py: Python<'py>,
        age: Option<i128>,
        points: Option<i128>,
        now: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let retention = match (age, points) {
            (Some(age), None) => Retention::Age {
                now: now.map_or_else(|| clock(py), |now| arguments::timestamp("now", now))?,
                seconds: arguments::seconds(py, "age", age)?,
            },
            (None, Some(points)) => {
                Retention::Points(arguments::number(py, "points", points)? as u64)
            }
            _ => {
                let message = "give age, in seconds, or points: one of them";
                return Err(error::refused(py, Some("age"), message));
            }
        };
        let retained = self.work(py, |store, cancel| store.until(cancel).retain(retention))?;
        figures::retained(py, &retained)
    }

    /// Make one segment of all that is stored: it takes less room then, and is read faster.
    fn compact(&self, py: Python<'_>) -> PyResult<()> {
        self.work(py, |store, cancel| store.until(cancel).compact())
    }

    /// Read everything, and return what is damaged, as exceptions with file and place.
    fn verify<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let damages = self.work(py, |store, cancel| store.until(cancel).verify())?;
        error::exceptions(py, &damages)
    }

    /// Make a new store of all that can be read of a damaged one, which stays as it is.
    ///
    /// Points whose place others took that cannot be read any more come back only with
    /// `superseded=True`. Returns a dict: how many `points` of how many `containers` are saved, and
    /// `lost`: what could not be read, as exceptions. Raises `ReadError` where `to` is there
    /// already, or cannot be written.
    #[staticmethod]
    #[pyo3(signature = (path, to, *, superseded=false))]
    fn salvage(
        py: Python<'_>,
        path: PathBuf,
        to: PathBuf,
        superseded: bool,
    ) -> PyResult<Bound<'_, PyDict>> {
        let salvaged =
            call::run(py, None, |cancel, _| Store::salvage_until(&path, &to, superseded, cancel))?;
        figures::salvaged(py, &salvaged.map_err(|failure| error::alone(py, &failure))?)
    }

    /// What the store holds, and what it takes, as a dict.
    ///
    /// `containers`; points in segments (`sealed_points`), in the log (`recent_points`) and not final
    /// yet (`provisional_points`); `segments`; bytes of these (`sealed_bytes`), of the logs
    /// (`log_bytes`) and in memory (`memory_bytes`); `torn_bytes` that were being written when a
    /// writer was stopped; bytes that were written since the store was opened (`logged_bytes`,
    /// `segment_bytes`); `refused` points since then; `floor`: points that end at or before this
    /// second are gone; `since`: since which second each metric is kept; and `trouble`: what last
    /// went wrong behind the scenes, or `None`.
    #[getter]
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let stats = self.work(py, |store, cancel| store.until(cancel).stats())?;
        figures::stats(py, &stats)
    }

    /// How points are made, as a dict: `interval`, `max_gap`, `lateness` (in seconds), `metrics`.
    #[getter]
    fn settings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (settings, lateness) =
            self.work(py, |store, _| Ok((store.settings(), store.lateness())))?;
        figures::settings(py, &settings, lateness)
    }

    /// Copy the store as it is into a new folder, while it is written to.
    ///
    /// On one file system the copy takes hardly any room. Raises `ReadError` where `to` is there
    /// already, or cannot be written.
    fn snapshot(&self, py: Python<'_>, to: PathBuf) -> PyResult<()> {
        self.work(py, |store, cancel| store.until(cancel).snapshot(&to))
    }

    /// Read anew what another process has written since, in a store that was opened to be read.
    fn refresh(&self, py: Python<'_>) -> PyResult<()> {
        self.0.refresh(py)
    }

    /// Make all that was written outlast a loss of power.
    fn sync(&self, py: Python<'_>) -> PyResult<()> {
        self.work(py, |store, _| store.sync())
    }

    /// Tell what time it is: points that begin more than an hour later are refused from then on.
    fn advance(&self, py: Python<'_>, now: &Bound<'_, PyAny>) -> PyResult<()> {
        let now = arguments::timestamp("now", now)?;
        self.work(py, |store, _| {
            store.advance(now);
            Ok(())
        })
    }

    /// Close the store once no other thread works with it: what was written outlasts a loss of power.
    ///
    /// To close it again does nothing.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.0.close(py)
    }

    /// Whether it was closed.
    #[getter]
    fn closed(&self, py: Python<'_>) -> PyResult<bool> {
        self.0.is_closed(py)
    }

    /// The store's folder.
    #[getter]
    fn path(&self) -> PathBuf {
        self.0.folder.clone()
    }

    fn __enter__<'py>(this: &Bound<'py, Self>) -> PyResult<Bound<'py, Self>> {
        // One that was closed is not entered.
        this.get().work(this.py(), |_, _| Ok(()))?;
        Ok(this.clone())
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(
        &self,
        py: Python<'_>,
        _exception: &Bound<'_, pyo3::types::PyTuple>,
    ) -> PyResult<()> {
        self.close(py)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let closed = if self.closed(py)? { ", closed" } else { "" };
        Ok(format!("<Store {:?}{closed}>", self.0.folder))
    }
}

impl PyStore {
    /// Does work with the store, beside others and with the interpreter released.
    pub(crate) fn work<R: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&Store, &Cancel) -> Result<R, Error> + Send,
    ) -> PyResult<R> {
        self.0.work(py, work)
    }

    fn get<'py>(
        &self,
        py: Python<'py>,
        asked: &Asked,
        on_error: &str,
    ) -> PyResult<Bound<'py, PyPoints>> {
        let on_error = OnError::of(py, on_error)?;
        let got = self.work(py, |store, cancel| asked.read(store, cancel))?;
        on_error.with(py, got.points, error::exceptions(py, &got.errors)?)
    }
}

/// What is asked for, as Python has it.
struct Which<'a, 'py> {
    container: Option<&'a Bound<'py, PyAny>>,
    metrics: Option<&'a Bound<'py, PyAny>>,
    interval: Option<i128>,
    all_bearers: bool,
}

impl Which<'_, '_> {
    fn asked(self, py: Python<'_>, time: Time) -> PyResult<Asked> {
        let interval = self.interval.map(|interval| arguments::seconds(py, "interval", interval));
        let metrics = self.metrics.map(|metrics| arguments::metrics(py, Some(metrics)));
        Ok(Asked {
            containers: arguments::words(self.container)?,
            time,
            metrics: metrics.transpose()?,
            interval: interval.transpose()?,
            all_bearers: self.all_bearers,
        })
    }
}

/// Puts points into a store: of each container all or, where it is cancelled, none.
fn append(store: &Store, points: &PyPoints, cancel: &Cancel) -> Result<Appended, Error> {
    const BATCH: usize = 20_000;
    let width = store.settings().interval();
    if let Some(other) = points.each().find(|point| point.interval().seconds() != width) {
        // What cannot be this store's is refused before anything is written.
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

/// When what is written is to outlast a loss of power: a word, or seconds.
fn sync_policy(py: Python<'_>, sync: Option<&Bound<'_, PyAny>>) -> PyResult<SyncPolicy> {
    let Some(sync) = sync else { return Ok(SyncPolicy::default()) };
    let refused = |shown: &str| {
        let message = format!("sync is {shown}, but must be always, os, or seconds above 0");
        error::refused(py, Some("sync"), &message)
    };
    if let Ok(word) = sync.cast::<PyString>() {
        return match &*word.to_cow()? {
            "always" => Ok(SyncPolicy::Always),
            "os" => Ok(SyncPolicy::Os),
            other => Err(refused(&format!("{other:?}"))),
        };
    }
    let seconds: f64 = sync.extract().map_err(|_| {
        PyTypeError::new_err("sync: expected \"always\", \"os\", or a number of seconds")
    })?;
    let every = arguments::duration(py, "sync", seconds)?;
    if every.is_zero() { Err(refused("0 s")) } else { Ok(SyncPolicy::Every(every)) }
}

/// The time of this machine's clock.
fn clock(py: Python<'_>) -> PyResult<Timestamp> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok();
    let nanos = since.and_then(|since| u64::try_from(since.as_nanos()).ok());
    nanos.and_then(Timestamp::from_nanos).ok_or_else(|| {
        let message = "now: the clock of this machine is wrong: give the time";
        error::refused(py, Some("now"), message)
    })
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyStore>()?;
    module.add_class::<PyKept>()
}
