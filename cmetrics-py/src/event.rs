//! `Event`: a restart, a gap or another event of a container.

use std::collections::BTreeMap;
use std::sync::Arc;

use cmetrics_core::parse::Door;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::container;
use crate::points::metadata::EventMetadata;

/// An event of a container, such as a restart or a gap.
#[pyclass(frozen, eq, module = "cmetrics", name = "Event")]
#[derive(Clone, Debug)]
pub(crate) struct PyEvent {
    container: Arc<str>,
    event: EventMetadata,
    door: Option<Door>,
}

/// Points do not keep the doors of their events.
impl PartialEq for PyEvent {
    fn eq(&self, other: &Self) -> bool {
        (&self.container, &self.event) == (&other.container, &other.event)
    }
}

impl PyEvent {
    pub(crate) fn new(container: &Arc<str>, event: EventMetadata) -> Self {
        Self { container: Arc::clone(container), event, door: None }
    }

    /// The same, as the samples of this door show it.
    pub(crate) fn of_door(self, door: Door) -> Self {
        Self { door: Some(door), ..self }
    }

    /// The key to sort events by: container and time.
    pub(crate) fn key(&self) -> (Arc<str>, Option<u64>) {
        (Arc::clone(&self.container), self.event.at)
    }
}

#[pymethods]
impl PyEvent {
    /// The container's name.
    #[getter]
    fn container(&self) -> &str {
        &self.container
    }

    /// What kind of event it is.
    ///
    /// `restart`; `gap`: no sample for longer than the longest gap; `unattributed`: growth of a
    /// counter across gaps, which belongs to no interval; `limits` and `labels`: they changed;
    /// `too_large`: a counter's growth in an interval does not fit the numbers of data frames and
    /// is null there.
    ///
    /// And impossible CPU readings: `set_aside`, a sample with an impossible reading, which counts
    /// as if it were not there; `correction`, the CPU counter fell without a restart;
    /// `implausible`, it rose by more than all CPUs can use, and the growth up to there is
    /// `unattributed`.
    #[getter]
    fn kind(&self) -> &'static str {
        self.event.kind.word()
    }

    /// The door of the samples that show it, for an event of a store: `cadvisor`, `exposition`, ...
    #[getter]
    fn door(&self) -> Option<&'static str> {
        self.door.map(Door::name)
    }

    /// When, in seconds since the Unix epoch.
    ///
    /// The time of the sample that shows it, or the start of the interval; for a restart its own
    /// time, if that is known. `None` where only the sum over all time is known.
    #[getter]
    #[expect(clippy::cast_precision_loss, reason = "`at_ns` is exact")]
    fn at(&self) -> Option<f64> {
        self.event.at.map(|nanos| nanos as f64 / 1e9)
    }

    /// When, in nanoseconds since the Unix epoch.
    #[getter]
    fn at_ns(&self) -> Option<u64> {
        self.event.at
    }

    /// For a gap: the time of the sample before it, in nanoseconds since the Unix epoch.
    #[getter]
    fn since_ns(&self) -> Option<u64> {
        self.event.since
    }

    /// The counter that grew.
    #[getter]
    fn metric(&self) -> Option<&str> {
        self.event.metric.as_deref()
    }

    /// By how much it grew, in its base unit; `None` where that does not fit 64 bits.
    #[getter]
    fn growth(&self) -> Option<u128> {
        self.event.growth
    }

    /// The new limits, as a dict like that of `Container.limits`.
    #[getter]
    fn limits<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        self.event.limits.as_ref().map(|limits| container::shown(py, limits)).transpose()
    }

    /// The new labels.
    #[getter]
    fn labels(&self) -> Option<BTreeMap<String, String>> {
        self.event.labels.clone()
    }

    fn __repr__(&self) -> String {
        let at = self.at().map(|at| format!(" at {at:?}"));
        let metric = self.metric().map(|metric| format!(": {metric}"));
        let growth = self.event.growth.map(|growth| format!(" {growth}"));
        let details: String = [at, metric, growth].into_iter().flatten().collect();
        format!("<Event {} of {:?}{details}>", self.kind(), &*self.container)
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyEvent>()
}
