//! `Recorder`: takes samples from many threads, and returns each point once it is final.

mod bounds;
mod ingested;
mod sample;
mod source;
mod subscription;
mod totals;

use std::sync::Arc;

use cmetrics_core::container::Identity;
use cmetrics_core::recorder::{RecorderSettings, Verdict};
use cmetrics_core::{Container, DataPoint, Error, Recorder};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping};

use crate::arguments;
use crate::container::PyContainer;
use crate::error;
use crate::points::PyPoints;
use crate::points::metadata::{ContainerMetadata, Metadata};
use crate::process::Process;
use crate::store::{PyKept, PyStore};
use bounds::Bounds;
use source::PySource;
use subscription::PySubscription;

/// A recorder that takes samples from any thread, and returns each point once, when it is final.
///
/// `interval`, `max_gap` and `metrics` are as for `points`; all times are in whole seconds.
/// `lateness`: by how much a sample may be older than the newest one of its container, or than the
/// time that was passed to `advance`; by default one interval. Points become final that much later.
/// `history`: how long the times of samples are remembered, by which a duplicate is distinguished
/// from a late sample. `max_ahead`: by how much a sample may be ahead of the time that was passed
/// to `advance`. `most_kept`: the most points that wait to be drained; beyond, the oldest is
/// dropped.
///
/// It keeps everything in memory: when it or its process ends, by an exception or otherwise,
/// everything is lost that was neither drained nor handed to a store by `keep`. `flush` and then
/// `drain` also return the intervals that are not final. See `resume` for a recorder whose samples
/// outlast it.
///
/// Threads record and read replies at the same time, with the interpreter released. Drain now and
/// then, because points are kept until they are drained. A forked child process cannot use it.
/// Raises `SettingError` for a value that is not allowed.
///
/// ```python
/// recorder = cmetrics.Recorder(lateness=10)
/// source = recorder.source("http://node7:8080/api/v1.3/docker/", machine="node7")
/// while True:
///     source.ingest(urllib.request.urlopen(source.name).read())
///     for point in recorder.drain():
///         print(point.name, point.start, point.cpu_cores)
///     time.sleep(10)
/// ```
#[pyclass(frozen, module = "cmetrics", name = "Recorder")]
#[derive(Debug)]
pub(crate) struct PyRecorder {
    process: Process,
    recorder: Recorder,
}

#[pymethods]
impl PyRecorder {
    #[new]
    #[pyo3(signature = (
        *, interval=5, max_gap=None, metrics=None, lateness=None, history=None, max_ahead=None,
        most_kept=None
    ))]
    #[expect(clippy::too_many_arguments, reason = "by keyword")]
    fn new(
        py: Python<'_>,
        interval: i128,
        max_gap: Option<i128>,
        metrics: Option<&Bound<'_, PyAny>>,
        lateness: Option<i128>,
        history: Option<i128>,
        max_ahead: Option<i128>,
        most_kept: Option<i128>,
    ) -> PyResult<Self> {
        let settings = arguments::settings(py, interval, max_gap, metrics)?;
        let mut settings = RecorderSettings::from(settings.with_labels());
        if let Some(lateness) = lateness {
            settings = settings.with_lateness(arguments::length_of_time(py, "lateness", lateness)?);
        }
        let settings = Bounds { history, max_ahead, most_kept }.of(py, settings)?;
        let recorder = py.detach(|| Recorder::new(settings));
        Ok(Self { process: Process::here("recorder"), recorder })
    }

    /// Make a recorder that continues where an earlier one stopped with the same store.
    ///
    /// It knows the raw samples of the store, and returns no points that are final in the store: a
    /// recorder that is stopped and resumed within the store's lateness misses nothing. Interval,
    /// longest gap, metrics and lateness are the store's. Hand what is recorded to the store now
    /// and then, with `keep`.
    ///
    /// Raises `StoreError` if the store cannot be read.
    #[staticmethod]
    #[pyo3(signature = (store, *, history=None, max_ahead=None, most_kept=None))]
    fn resume(
        py: Python<'_>,
        store: &PyStore,
        history: Option<i128>,
        max_ahead: Option<i128>,
        most_kept: Option<i128>,
    ) -> PyResult<Self> {
        let bounds = Bounds { history, max_ahead, most_kept };
        let settings = store.work(py, |store, _| Ok(RecorderSettings::of(store)))?;
        let settings = bounds.of(py, settings)?;
        let recorder = store.work(py, |store, _| Recorder::resume(settings, store))?;
        Ok(Self { process: Process::here("recorder"), recorder })
    }

    /// Make a reader of whole replies of one endpoint of a machine.
    ///
    /// `name` is its name in errors. `machine` is the name of the machine: points of cgroups that
    /// are not containers are then called `machine:/path`, so that machines do not mix. There may
    /// be any number of sources on any number of threads.
    #[pyo3(signature = (name, machine=None))]
    fn source(&self, py: Python<'_>, name: &str, machine: Option<&str>) -> PyResult<PySource> {
        self.process.check(py)?;
        let source = py.detach(|| self.recorder.source(name, machine));
        Ok(PySource::new(self.process, name, machine, source))
    }

    /// Record a sample that was made in Python.
    ///
    /// `container` is the name of the container's points, or its cgroup path if it is new. `at` is
    /// when the sample was taken: seconds since the epoch, a `datetime` or an ISO 8601 text, which
    /// is read to the nanosecond. `readings` are whole numbers by the names of metrics, in base
    /// units: counters since the container's start, such as `cpu.usage` in nanoseconds, and gauges,
    /// such as `memory.usage` in bytes. The function `metrics` lists all.
    ///
    /// Returns `"accepted"`, `"duplicate"`, `"late"` (older than the lateness allows) or `"ahead"`
    /// (too far ahead of the time that was passed to `advance`). Raises `SettingError` for an
    /// unknown metric or an invalid reading.
    ///
    /// ```python
    /// recorder.record("/batch/job-7", time.time(), {"cpu.usage": time.process_time_ns()})
    /// ```
    #[pyo3(signature = (container, at, readings, *, machine=None))]
    fn record(
        &self,
        py: Python<'_>,
        container: &str,
        at: &Bound<'_, PyAny>,
        readings: &Bound<'_, PyMapping>,
        machine: Option<&str>,
    ) -> PyResult<&'static str> {
        self.process.check(py)?;
        let sample = sample::sample(arguments::timestamp("at", at)?, readings)?;
        let verdict = py.detach(|| match machine {
            None => self.recorder.record_by_name(container, &sample),
            machine => {
                let handle = self.recorder.register(&Container::at_path(container), machine);
                self.recorder.record(&handle, &sample)
            }
        });
        Ok(match verdict {
            Verdict::Accepted => "accepted",
            Verdict::Duplicate => "duplicate",
            Verdict::Late => "late",
            Verdict::Ahead => "ahead",
        })
    }

    /// Set the present time.
    ///
    /// Samples that are older by more than the lateness are late from then on, so that points of
    /// silent containers become final too, and old containers are forgotten. To correct a wrong
    /// time, set the right one: points that were returned stay as they are, and samples after them
    /// are accepted again with the next `seal` or `drain`.
    fn advance(&self, py: Python<'_>, now: &Bound<'_, PyAny>) -> PyResult<()> {
        self.process.check(py)?;
        self.recorder.advance(arguments::timestamp("now", now)?);
        Ok(())
    }

    /// Make the points that are final.
    ///
    /// Subscribers get them now, and the next `drain` returns them.
    fn seal(&self, py: Python<'_>) -> PyResult<()> {
        self.process.check(py)?;
        py.detach(|| self.recorder.seal());
        Ok(())
    }

    /// Return all points that are final and that no other call has returned.
    ///
    /// Any number of threads may drain, and each point goes to one of them.
    fn drain(&self, py: Python<'_>) -> PyResult<PyPoints> {
        self.process.check(py)?;
        // Not interruptible: points that it returns are never returned again.
        Ok(py.detach(|| {
            // Before, for containers that are forgotten meanwhile, and after, for new ones.
            let (mut known, mut points) = (self.known(), Vec::new());
            self.recorder.drain(&mut |point| points.push(point));
            self.add_known(&mut known);
            self.points(points, known)
        }))
    }

    /// Seal everything that was recorded, final or not.
    ///
    /// The points of open intervals are sealed as they are, and not again: growth that later
    /// samples add to them goes to `totals["tally"]`. `container` selects containers, as for
    /// `points`; without it all are flushed. Raises `UnknownContainerError`.
    #[pyo3(signature = (container=None))]
    fn flush(&self, py: Python<'_>, container: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        self.process.check(py)?;
        let Some(words) = arguments::words(container)? else {
            py.detach(|| self.recorder.flush_all());
            return Ok(());
        };
        let flushed = py.detach(|| {
            let names = self.named(&words)?;
            for name in names {
                self.recorder.flush(&name);
            }
            Ok(())
        });
        flushed.map_err(|unknown: Error| error::single(py, &unknown))
    }

    /// Make the latest points, final or not, without draining them.
    ///
    /// For each container these are the last final point and those of its open intervals.
    /// `container` selects containers, as for `points`. Raises `UnknownContainerError`.
    #[pyo3(signature = (container=None))]
    fn snapshot(&self, py: Python<'_>, container: Option<&Bound<'_, PyAny>>) -> PyResult<PyPoints> {
        self.process.check(py)?;
        let words = arguments::words(container)?;
        let made = py.detach(|| {
            let points = match words {
                None => self.recorder.snapshots().flatten().collect(),
                Some(words) => {
                    let names = self.named(&words)?;
                    names.iter().filter_map(|name| self.recorder.snapshot(name)).flatten().collect()
                }
            };
            Ok(self.points(points, self.known()))
        });
        made.map_err(|unknown: Error| error::single(py, &unknown))
    }

    /// Hand what was recorded since the last call to a store, as one batch.
    ///
    /// The recorder must come from `resume`. If this fails, nothing is lost, and the next call
    /// tries again. Returns counts of what happened to the samples. Raises `SettingError` for a
    /// recorder of another kind, and `StoreError` or `ReadError` if the store cannot be written to.
    fn keep(&self, py: Python<'_>, store: &PyStore) -> PyResult<PyKept> {
        self.process.check(py)?;
        store.work(py, |store, _| self.recorder.keep(store)).map(PyKept::of)
    }

    /// Subscribe to copies of all points as they are sealed from now on.
    ///
    /// `room`: the most points that may wait; further ones are missed, and counted.
    #[pyo3(signature = (room=10_000))]
    fn subscribe(&self, py: Python<'_>, room: i128) -> PyResult<PySubscription> {
        self.process.check(py)?;
        let room = arguments::number(py, "room", room)?;
        let subscription = self.recorder.subscribe(room);
        let metrics = self.recorder.settings().points().metrics();
        Ok(PySubscription::new(self.process, metrics, subscription))
    }

    /// The known containers, sorted by name.
    #[getter]
    fn containers(&self, py: Python<'_>) -> PyResult<Vec<PyContainer>> {
        self.process.check(py)?;
        let mut known: Vec<_> = py.detach(|| self.recorder.containers().collect());
        known.sort_by(|left, right| left.identity.name().cmp(right.identity.name()));
        let container = |known| PyContainer(Arc::new(ContainerMetadata::from(known)));
        Ok(known.into_iter().map(container).collect())
    }

    /// What was counted so far, as a dict.
    ///
    /// `containers` that are known, and how many were `forgotten`; samples that were `accepted`,
    /// `duplicates`, `late` or too far `ahead`; points that were `sealed`, are still `undrained`,
    /// or were `dropped`; `tally`: by metric and in its base unit, growth that became known only
    /// after its point was flushed; and `doors`: by door, a dict of `accepted`, `duplicates`,
    /// `late`, `ahead` and `tally` of its samples, and of what happened in them, once it is final:
    /// `restarts`, `gaps`, samples that were `set_aside`, `corrections`, `implausible` samples, and
    /// `unattributed` growth by metric.
    #[getter]
    fn totals<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.process.check(py)?;
        totals::shown(py, py.detach(|| self.recorder.totals()))
    }

    fn __repr__(&self) -> String {
        let settings = self.recorder.settings();
        let (interval, lateness) =
            (settings.points().interval().as_secs(), settings.lateness().as_secs());
        format!("<Recorder: interval {interval} s, lateness {lateness} s>")
    }
}

impl PyRecorder {
    fn known(&self) -> Metadata {
        let mut known = Metadata::default();
        self.add_known(&mut known);
        known
    }

    fn add_known(&self, known: &mut Metadata) {
        self.recorder.containers().for_each(|container| known.add(container.into()));
    }

    /// The names of the containers that words stand for.
    fn named(&self, words: &[String]) -> Result<Vec<Arc<str>>, Error> {
        let all: Vec<_> = self.recorder.containers().map(|known| known.identity).collect();
        let mut names = Vec::new();
        for word in words {
            let found = Identity::find(all.iter(), word)?;
            names.extend(found.into_iter().map(|identity| Arc::clone(identity.name())));
        }
        names.sort();
        names.dedup();
        Ok(names)
    }

    fn points(&self, mut points: Vec<DataPoint>, known: Metadata) -> PyPoints {
        points.sort_by(|left, right| {
            let start = |point: &DataPoint| point.interval().start();
            left.name().cmp(right.name()).then_with(|| start(left).cmp(&start(right)))
        });
        PyPoints::of(self.recorder.settings().points().metrics(), &points, known)
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyRecorder>()?;
    module.add_class::<PySource>()?;
    module.add_class::<PySubscription>()?;
    module.add_class::<ingested::PyIngested>()
}
