//! `Point`: what a container used in one interval.

use std::sync::Arc;

use cmetrics_core::{Column, DataPoint, Figure, Kind, Metric, MetricSet, UnknownMetric, Value};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::error;
use crate::gauge::PyGauge;

/// What a container used in one interval.
///
/// What was not measured is `None`, never 0.
#[pyclass(frozen, eq, module = "cmetrics", name = "Point")]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PyPoint(pub(crate) Arc<DataPoint>);

#[pymethods]
impl PyPoint {
    /// The container's id, or the cgroup path of what has none.
    #[getter]
    fn name(&self) -> &str {
        self.0.name()
    }

    /// Start of the interval, in seconds since the Unix epoch.
    #[getter]
    fn start(&self) -> u64 {
        self.0.interval().start()
    }

    /// End of the interval, in seconds since the Unix epoch; the first second past it.
    #[getter]
    fn end(&self) -> u64 {
        self.0.interval().end()
    }

    /// How many of the container's samples lie in the interval.
    #[getter]
    fn samples(&self) -> Option<u64> {
        self.0.samples()
    }

    /// The part of the interval that lies between samples with no gap or restart between them,
    /// 0 to 1.
    #[getter]
    fn coverage(&self) -> Option<f64> {
        self.0.coverage()
    }

    /// CPU in cores: 1.0 is one core busy all the time.
    #[getter]
    fn cpu_cores(&self) -> Option<f64> {
        self.0.cpu_cores()
    }

    /// CPU time used, on all cores together, in nanoseconds.
    #[getter]
    fn cpu_usage(&self) -> Option<u64> {
        self.0.growth(Metric::CpuUsage)
    }

    /// Runnable threads, as cAdvisor's load reader smooths them.
    #[getter]
    fn load(&self) -> Option<PyGauge> {
        self.0.gauge(Metric::CpuLoad).map(PyGauge::from)
    }

    /// Memory in bytes, page cache included.
    #[getter]
    fn memory(&self) -> Option<PyGauge> {
        self.0.memory().map(PyGauge::from)
    }

    /// Bytes sent a second.
    #[getter]
    fn tx_bytes_per_second(&self) -> Option<f64> {
        self.0.tx_bytes_per_second()
    }

    /// Bytes received a second.
    #[getter]
    fn rx_bytes_per_second(&self) -> Option<f64> {
        self.0.rx_bytes_per_second()
    }

    /// Bytes read from disks a second.
    #[getter]
    fn read_bytes_per_second(&self) -> Option<f64> {
        self.0.read_bytes_per_second()
    }

    /// Bytes written to disks a second.
    #[getter]
    fn written_bytes_per_second(&self) -> Option<f64> {
        self.0.written_bytes_per_second()
    }

    /// The growth of a counter, such as `network.tx_bytes`, in its base unit.
    ///
    /// Base units are bytes, nanoseconds and plain counts.
    #[pyo3(signature = (metric, /))]
    fn growth(&self, py: Python<'_>, metric: &str) -> PyResult<Option<u64>> {
        Ok(self.0.growth(self.known(py, metric, Some(Kind::Counter))?))
    }

    /// The growth of a counter a second, in its base unit.
    #[pyo3(signature = (metric, /))]
    fn per_second(&self, py: Python<'_>, metric: &str) -> PyResult<Option<f64>> {
        Ok(self.0.per_second(self.known(py, metric, Some(Kind::Counter))?))
    }

    /// The figures of a gauge, such as `memory.usage`, in its base unit.
    #[pyo3(signature = (metric, /))]
    fn gauge(&self, py: Python<'_>, metric: &str) -> PyResult<Option<PyGauge>> {
        Ok(self.0.gauge(self.known(py, metric, Some(Kind::Gauge))?).map(PyGauge::from))
    }

    /// What a metric came to, in its base unit: the growth of a counter, the figures of a gauge.
    #[pyo3(signature = (metric, /))]
    fn value(&self, py: Python<'_>, metric: &str) -> PyResult<Option<PyValue>> {
        Ok(self.0.value(self.known(py, metric, None)?).map(PyValue::from))
    }

    /// The metrics that were asked for, by name and in base units.
    #[getter]
    fn metrics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let metrics = PyDict::new(py);
        for metric in self.0.selected().iter() {
            let name = metric.name();
            match metric.kind() {
                Kind::Counter => metrics.set_item(name, self.0.growth(metric))?,
                Kind::Gauge => {
                    let gauge = self.0.gauge(metric);
                    let figures = PyDict::new(py);
                    figures.set_item("ave", gauge.map(|gauge| gauge.ave))?;
                    figures.set_item("min", gauge.map(|gauge| gauge.min))?;
                    figures.set_item("max", gauge.map(|gauge| gauge.max))?;
                    metrics.set_item(name, figures)?;
                }
            }
        }
        Ok(metrics)
    }

    /// What shares of the container's limits were used, 1 being all: `cpu` of the cores that its
    /// quota allows, `memory` as mean working set of the limit.
    #[getter]
    fn of_limit<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let shares = self.0.shares().unwrap_or_default();
        let of_limit = PyDict::new(py);
        of_limit.set_item("cpu", shares.cpu)?;
        of_limit.set_item("memory", shares.memory)?;
        Ok(of_limit)
    }

    /// The point in the documented shape and units, ready for `json.dumps`.
    pub(crate) fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let point = PyDict::new(py);
        point.set_item("name", self.name())?;
        point.set_item("start", self.start())?;
        point.set_item("end", self.end())?;
        for column in Column::all() {
            let (sections, key) = column.name().rsplit_once('.').unwrap_or(("", column.name()));
            let mut place = point.clone();
            for section in sections.split('.').filter(|section| !section.is_empty()) {
                place = inner(&place, section)?;
            }
            match column.figure(&self.0) {
                None => place.set_item(key, py.None())?,
                Some(Figure::Whole(value)) => place.set_item(key, value)?,
                Some(Figure::Real(value)) => place.set_item(key, value)?,
            }
        }
        if !self.0.selected().is_empty() {
            point.set_item("metrics", self.metrics(py)?)?;
        }
        Ok(point)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let name = PyString::new(py, self.name()).repr()?;
        let (start, end) = (self.start(), self.end());
        let cores = self.cpu_cores().map_or("None".to_owned(), |cores| format!("{cores:?}"));
        let memory = self.memory().map_or("None".to_owned(), |memory| memory.__repr__());
        Ok(format!("<Point {name} {start} to {end}: cpu_cores={cores}, memory={memory}>"))
    }
}

/// The dict under `key`, made where there is none yet.
fn inner<'py>(outer: &Bound<'py, PyDict>, key: &str) -> PyResult<Bound<'py, PyDict>> {
    if let Some(inner) = outer.get_item(key)? {
        return Ok(inner.cast_into()?);
    }
    let inner = PyDict::new(outer.py());
    outer.set_item(key, &inner)?;
    Ok(inner)
}

impl PyPoint {
    /// The metric of this name. One of another kind, or one that was not asked for, is refused:
    /// its `None` would read as "not measured".
    fn known(&self, py: Python<'_>, name: &str, kind: Option<Kind>) -> PyResult<Metric> {
        let refused = |message: String| error::refused(py, Some("metric"), &message);
        let metric: Metric =
            name.parse().map_err(|unknown: UnknownMetric| refused(unknown.to_string()))?;
        match (kind, metric.kind()) {
            (Some(Kind::Gauge), Kind::Counter) => {
                return Err(refused(format!("{name} is a counter: ask for its growth")));
            }
            (Some(Kind::Counter), Kind::Gauge) => {
                let message = "is a gauge, which has no growth: ask for the gauge";
                return Err(refused(format!("{name} {message}")));
            }
            _ => {}
        }
        if MetricSet::documented().and(self.0.selected()).contains(metric) {
            return Ok(metric);
        }
        Err(refused(format!("{name} was not asked for: pass metrics=\"{name}\" to points")))
    }
}

/// What a metric came to.
#[derive(IntoPyObject)]
enum PyValue {
    Growth(u64),
    Gauge(PyGauge),
}

impl From<Value> for PyValue {
    fn from(value: Value) -> Self {
        match value {
            Value::Growth(growth) => Self::Growth(growth),
            Value::Gauge(gauge) => Self::Gauge(gauge.into()),
        }
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyPoint>()
}
