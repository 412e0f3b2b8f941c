//! `Point`: the use of resources by a container in one interval.

use std::sync::Arc;

use cmetrics_core::metric::{Kind, UnknownMetric};
use cmetrics_core::point::Table;
use cmetrics_core::{DataPoint, Interval, Metric, MetricSet};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::error;
use crate::gauge::PyGauge;
use crate::points::dicts::DictShape;
use crate::points::frame::Frame;

/// What a container used in one interval.
///
/// What was not measured is `None`, never 0.
#[pyclass(frozen, eq, module = "cmetrics", name = "Point")]
#[derive(Clone, Debug)]
pub(crate) struct PyPoint {
    frame: Arc<Frame>,
    row: usize,
}

impl PartialEq for PyPoint {
    fn eq(&self, other: &Self) -> bool {
        self.point() == other.point()
    }
}

/// What `point.value(...)` returns.
#[derive(IntoPyObject)]
enum GrowthOrGauge {
    Growth(u64),
    Gauge(PyGauge),
}

impl PyPoint {
    pub(crate) fn new(frame: Arc<Frame>, row: usize) -> Self {
        Self { frame, row }
    }

    fn table(&self) -> &Table {
        self.frame.table()
    }

    fn point(&self) -> Option<DataPoint> {
        self.table().point(self.row)
    }

    fn interval(&self) -> Option<Interval> {
        self.table().interval(self.row)
    }

    fn rate(&self, metric: Metric) -> Option<f64> {
        self.table().per_second(self.row, metric)
    }

    fn level(&self, metric: Metric) -> Option<PyGauge> {
        self.table().gauge(self.row, metric).map(PyGauge::from)
    }
}

#[pymethods]
impl PyPoint {
    /// The container's id, or the path of a cgroup without one.
    #[getter]
    fn name<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyString>> {
        self.frame.name(py, self.row)
    }

    /// Start of the interval, in seconds since the Unix epoch.
    #[getter]
    fn start(&self) -> Option<u64> {
        self.interval().map(Interval::start)
    }

    /// End of the interval, in seconds since the Unix epoch; the first second past it.
    #[getter]
    fn end(&self) -> Option<u64> {
        self.interval().map(Interval::end)
    }

    /// The number of the container's samples in the interval.
    #[getter]
    fn samples(&self) -> Option<u64> {
        self.table().samples(self.row)
    }

    /// The part of the interval that samples cover, 0 to 1.
    ///
    /// It lies between samples with no gap or restart between them.
    #[getter]
    fn coverage(&self) -> Option<f64> {
        self.table().coverage(self.row)
    }

    /// The number of seconds that the rates are over: those of the interval that samples cover.
    ///
    /// All of them where `coverage` is unknown, and `None` where samples cover less than a tenth of
    /// a second: then there are no rates.
    #[getter]
    fn rate_seconds(&self) -> Option<f64> {
        self.table().rate_seconds(self.row)
    }

    /// CPU in cores, over the time that samples cover: 1.0 is one core busy all of it.
    #[getter]
    fn cpu_cores(&self) -> Option<f64> {
        self.rate(Metric::CpuUsage).map(|nanos| nanos / 1e9)
    }

    /// CPU time used, on all cores together, in nanoseconds.
    #[getter]
    fn cpu_usage(&self) -> Option<u64> {
        self.table().growth(self.row, Metric::CpuUsage)
    }

    /// Runnable threads, as cAdvisor's load reader smooths them.
    #[getter]
    fn load(&self) -> Option<PyGauge> {
        self.level(Metric::CpuLoad)
    }

    /// Memory in bytes, page cache included.
    #[getter]
    fn memory(&self) -> Option<PyGauge> {
        self.level(Metric::MemoryUsage)
    }

    /// Bytes sent a second, over the time that samples cover.
    #[getter]
    fn tx_bytes_per_second(&self) -> Option<f64> {
        self.rate(Metric::NetworkTxBytes)
    }

    /// Bytes received a second, over the time that samples cover.
    #[getter]
    fn rx_bytes_per_second(&self) -> Option<f64> {
        self.rate(Metric::NetworkRxBytes)
    }

    /// Bytes read from disks a second, over the time that samples cover.
    #[getter]
    fn read_bytes_per_second(&self) -> Option<f64> {
        self.rate(Metric::DiskioRead)
    }

    /// Bytes written to disks a second, over the time that samples cover.
    #[getter]
    fn written_bytes_per_second(&self) -> Option<f64> {
        self.rate(Metric::DiskioWrite)
    }

    /// The growth of a counter, in its base unit.
    ///
    /// In nanoseconds: `cpu.usage`. In bytes: `network.tx_bytes`, `network.rx_bytes`,
    /// `diskio.async`, `diskio.sync`, `diskio.read`, `diskio.write`. In counts:
    /// `network.tx_packets`, `network.tx_errors`, `network.tx_dropped`, and `rx` likewise. Other
    /// counters, too, where they were passed to `points` in `metrics`.
    ///
    /// Raises `SettingError` where no counter has this name, or it was not selected.
    #[pyo3(signature = (metric, /))]
    fn growth(&self, py: Python<'_>, metric: &str) -> PyResult<Option<u64>> {
        Ok(self.table().growth(self.row, self.known_as(py, metric, Kind::Counter)?))
    }

    /// The growth of a counter a second, in its base unit, over `rate_seconds`; see `growth`.
    #[pyo3(signature = (metric, /))]
    fn per_second(&self, py: Python<'_>, metric: &str) -> PyResult<Option<f64>> {
        Ok(self.rate(self.known_as(py, metric, Kind::Counter)?))
    }

    /// The figures of a gauge: `cpu.load` in threads, `memory.usage` in bytes.
    ///
    /// Other gauges, too, where they were passed to `points` in `metrics`. Raises `SettingError`
    /// where no gauge has this name, or it was not selected.
    #[pyo3(signature = (metric, /))]
    fn gauge(&self, py: Python<'_>, metric: &str) -> PyResult<Option<PyGauge>> {
        Ok(self.level(self.known_as(py, metric, Kind::Gauge)?))
    }

    /// The growth of a counter or the figures of a gauge, in its base unit.
    ///
    /// Raises `SettingError` where no metric has this name, or it is neither in the documented
    /// point nor was passed to `points` in `metrics`.
    #[pyo3(signature = (metric, /))]
    fn value(&self, py: Python<'_>, metric: &str) -> PyResult<Option<GrowthOrGauge>> {
        let metric = self.known(py, metric)?;
        let growth = self.table().growth(self.row, metric).map(GrowthOrGauge::Growth);
        Ok(growth.or_else(|| self.level(metric).map(GrowthOrGauge::Gauge)))
    }

    /// The metrics that were passed to `points`, by name and in base units.
    ///
    /// As in JSON, a gauge is a dict of `ave`, `min` and `max`, each `None` where it was not
    /// measured.
    #[getter]
    fn metrics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        DictShape::new(py, self.table().selected()).metrics(self.table(), self.row)
    }

    /// The shares of the container's limits that were used, where 1.0 is all.
    ///
    /// `cpu` is the share of the cores that its quota allows, `memory` the mean working set as a
    /// share of the memory limit; `None` where there is no limit or it was not measured. They are
    /// shares of the whole interval, also where samples cover less.
    #[getter]
    fn of_limit<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let shares = self.table().shares(self.row).unwrap_or_default();
        let of_limit = PyDict::new(py);
        of_limit.set_item("cpu", shares.cpu)?;
        of_limit.set_item("memory", shares.memory)?;
        Ok(of_limit)
    }

    /// The point in the documented shape and units, ready for `json.dumps`.
    ///
    /// Where metrics were passed to `points`, they are in `metrics`, behind the documented keys.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let shape = DictShape::new(py, self.table().selected());
        shape.dict(self.name(py), self.table(), self.row)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let name = self.name(py).map(|name| name.repr()).transpose()?;
        let name = name.map_or_else(String::new, |name| name.to_string());
        let (start, end) = self.interval().map_or((0, 0), |one| (one.start(), one.end()));
        let cores = self.cpu_cores().map_or("None".to_owned(), |cores| format!("{cores:?}"));
        let memory = self.memory().map_or("None".to_owned(), |memory| memory.__repr__());
        Ok(format!("<Point {name} {start} to {end}: cpu_cores={cores}, memory={memory}>"))
    }
}

impl PyPoint {
    /// The metric of this name. A metric that was not selected is an error, because `None` would
    /// mean "not measured".
    fn known(&self, py: Python<'_>, name: &str) -> PyResult<Metric> {
        let metric = named(py, name)?;
        if MetricSet::documented().union(self.table().selected()).contains(metric) {
            return Ok(metric);
        }
        let message = format!("{name} was not asked for: pass it to points in metrics=");
        Err(refused(py, &message))
    }

    /// As [`known`](Self::known), for a metric of this kind. The other kind is an error for the
    /// same reason.
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
    error::setting_error(py, Some("metric"), message)
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyPoint>()
}
