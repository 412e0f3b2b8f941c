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

/// What `point.value(...)` gives.
#[derive(IntoPyObject)]
enum GrowthOrGauge {
    Growth(u64),
    Gauge(PyGauge),
}

impl From<Value> for GrowthOrGauge {
    fn from(value: Value) -> Self {
        match value {
            Value::Growth(growth) => Self::Growth(growth),
            Value::Gauge(gauge) => Self::Gauge(gauge.into()),
        }
    }
}

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
        Ok(self.0.growth(self.known_as(py, metric, Kind::Counter)?))
    }

    /// The growth of a counter a second, in its base unit.
    #[pyo3(signature = (metric, /))]
    fn per_second(&self, py: Python<'_>, metric: &str) -> PyResult<Option<f64>> {
        Ok(self.0.per_second(self.known_as(py, metric, Kind::Counter)?))
    }

    /// The figures of a gauge, such as `memory.usage`, in its base unit.
    #[pyo3(signature = (metric, /))]
    fn gauge(&self, py: Python<'_>, metric: &str) -> PyResult<Option<PyGauge>> {
        Ok(self.0.gauge(self.known_as(py, metric, Kind::Gauge)?).map(PyGauge::from))
    }

    /// The growth of a counter or the figures of a gauge, in its base unit.
    #[pyo3(signature = (metric, /))]
    fn value(&self, py: Python<'_>, metric: &str) -> PyResult<Option<GrowthOrGauge>> {
        Ok(self.0.value(self.known(py, metric)?).map(GrowthOrGauge::from))
    }

    /// The metrics that were asked for, each by its name and in its base unit.
    #[getter]
    fn metrics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let metrics = PyDict::new(py);
        for metric in self.0.selected().iter() {
            match metric.kind() {
                Kind::Counter => metrics.set_item(metric.name(), self.0.growth(metric))?,
                Kind::Gauge => {
                    let gauge = self.0.gauge(metric);
                    let figures = PyDict::new(py);
                    figures.set_item("ave", gauge.map(|gauge| gauge.ave))?;
                    figures.set_item("min", gauge.map(|gauge| gauge.min))?;
                    figures.set_item("max", gauge.map(|gauge| gauge.max))?;
                    metrics.set_item(metric.name(), figures)?;
                }
            }
        }
        Ok(metrics)
    }

    /// The parts of the container's limits that were used, 1 being all.
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

impl PyPoint {
    /// The metric of this name. One that was not read is refused: its `None` would read as "not
    /// measured".
    fn known(&self, py: Python<'_>, name: &str) -> PyResult<Metric> {
        let metric = named(py, name)?;
        if MetricSet::documented().and(self.0.selected()).contains(metric) {
            return Ok(metric);
        }
        let message = format!("{name} was not asked for: pass it to points in metrics=");
        Err(refused(py, &message))
    }

    /// The same, of this kind. The other kind is refused for the same reason.
    fn known_as(&self, py: Python<'_>, name: &str, kind: Kind) -> PyResult<Metric> {
        match named(py, name)?.kind() {
            found if found == kind => self.known(py, name),
            Kind::Counter => Err(refused(py, &format!("{name} is a counter: ask for its growth"))),
            Kind::Gauge => {
                let message = format!("{name} is a gauge, which has no growth: ask for the gauge");
                Err(refused(py, &message))
            }
        }
    }
}

fn named(py: Python<'_>, name: &str) -> PyResult<Metric> {
    name.parse().map_err(|unknown: UnknownMetric| refused(py, &unknown.to_string()))
}

fn refused(py: Python<'_>, message: &str) -> PyErr {
    error::refused(py, Some("metric"), message)
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

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyPoint>()
}
