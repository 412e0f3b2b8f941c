//! `Usage`: what a container used over all of its time, and `Spread`: the distribution of that.

use std::sync::Arc;

use cmetrics_core::statistics::{self, Quantity, Spread};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::points::metadata::ContainerMetadata;

/// The names of quantities: those of the attributes of `Point`.
const QUANTITIES: [(&str, Quantity); Quantity::ALL.len()] = [
    ("cores", Quantity::Cores),
    ("memory", Quantity::Memory),
    ("tx_bytes_per_second", Quantity::Sent),
    ("rx_bytes_per_second", Quantity::Received),
    ("read_bytes_per_second", Quantity::Read),
    ("written_bytes_per_second", Quantity::Written),
];

type Figure = fn(Spread) -> f64;

/// The figures of a spread, by name.
const FIGURES: [(&str, Figure); 5] = [
    ("mean", |spread| spread.mean),
    ("p50", |spread| spread.p50),
    ("p95", |spread| spread.p95),
    ("p99", |spread| spread.p99),
    ("max", |spread| spread.max),
];

/// The distribution of values over intervals.
#[pyclass(frozen, eq, module = "cmetrics", name = "Spread")]
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PySpread(Spread);

#[pymethods]
impl PySpread {
    /// The mean over time, weighted by the seconds of each interval or those that samples cover.
    #[getter]
    fn mean(&self) -> f64 {
        self.0.mean
    }

    /// The median over the intervals.
    #[getter]
    fn p50(&self) -> f64 {
        self.0.p50
    }

    /// The value that 95 % of the intervals do not exceed, by linear interpolation.
    #[getter]
    fn p95(&self) -> f64 {
        self.0.p95
    }

    /// The value that 99 % of the intervals do not exceed, likewise.
    #[getter]
    fn p99(&self) -> f64 {
        self.0.p99
    }

    /// The greatest value.
    #[getter]
    fn max(&self) -> f64 {
        self.0.max
    }

    fn __repr__(&self) -> String {
        let shown = FIGURES.map(|(name, figure)| format!("{name}={:?}", figure(self.0)));
        format!("Spread({})", shown.join(", "))
    }
}

/// What a container used over all of its time.
///
/// Each quantity is a `Spread`, or `None` where it was not measured in any of the intervals.
#[pyclass(frozen, eq, module = "cmetrics", name = "Usage")]
#[derive(Clone, Debug)]
pub(crate) struct PyUsage {
    usage: Arc<statistics::Usage>,
    container: Arc<ContainerMetadata>,
}

/// Equal when the figures are.
impl PartialEq for PyUsage {
    fn eq(&self, other: &Self) -> bool {
        self.usage == other.usage
    }
}

impl PyUsage {
    pub(super) fn new(usage: statistics::Usage, container: Arc<ContainerMetadata>) -> Self {
        Self { usage: Arc::new(usage), container }
    }

    pub(super) fn container(&self) -> &ContainerMetadata {
        &self.container
    }

    fn spread(&self, quantity: Quantity) -> Option<PySpread> {
        self.usage.of(quantity).map(PySpread)
    }
}

#[pymethods]
impl PyUsage {
    /// The container's id, or the path of a cgroup without one.
    #[getter]
    pub(super) fn name(&self) -> &str {
        &self.usage.name
    }

    /// The container's first alias, usually its name in the container runtime.
    #[getter]
    fn alias(&self) -> Option<&str> {
        self.container.identity.aliases().first().map(String::as_str)
    }

    /// The number of intervals that the figures are made of.
    #[getter]
    fn intervals(&self) -> usize {
        self.usage.intervals
    }

    /// CPU in cores, over the time that samples cover: 1.0 is one core busy all of it.
    #[getter]
    fn cores(&self) -> Option<PySpread> {
        self.spread(Quantity::Cores)
    }

    /// The mean reading of memory in each interval, in bytes, page cache included.
    #[getter]
    fn memory(&self) -> Option<PySpread> {
        self.spread(Quantity::Memory)
    }

    /// Bytes sent a second.
    #[getter]
    fn tx_bytes_per_second(&self) -> Option<PySpread> {
        self.spread(Quantity::Sent)
    }

    /// Bytes received a second.
    #[getter]
    fn rx_bytes_per_second(&self) -> Option<PySpread> {
        self.spread(Quantity::Received)
    }

    /// Bytes read from disks a second.
    #[getter]
    fn read_bytes_per_second(&self) -> Option<PySpread> {
        self.spread(Quantity::Read)
    }

    /// Bytes written to disks a second.
    #[getter]
    fn written_bytes_per_second(&self) -> Option<PySpread> {
        self.spread(Quantity::Written)
    }

    /// All of it as a flat dict.
    ///
    /// `name`, `alias`, `intervals`, then `cores.mean`, `cores.p50`, `cores.p95`, `cores.p99`,
    /// `cores.max`, `memory.mean` and so on; `None` where it was not measured.
    pub(super) fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let flat = PyDict::new(py);
        flat.set_item("name", self.name())?;
        flat.set_item("alias", self.alias())?;
        flat.set_item("intervals", self.intervals())?;
        for (name, quantity) in QUANTITIES {
            let spread = self.usage.of(quantity);
            for (which, figure) in FIGURES {
                flat.set_item(format!("{name}.{which}"), spread.map(figure))?;
            }
        }
        Ok(flat)
    }

    fn __repr__(&self) -> String {
        let intervals = self.intervals();
        let plural = if intervals == 1 { "" } else { "s" };
        let called = self.alias().unwrap_or(self.name());
        let mean = |quantity| self.usage.of(quantity).map(|spread| spread.mean);
        let cores = mean(Quantity::Cores).map(|cores| format!(", {cores:.3} cores"));
        let memory = mean(Quantity::Memory).map(|bytes| bytes / f64::from(1 << 20));
        let memory = memory.map(|memory| format!(", {memory:.1} MiB"));
        let (cores, memory) = (cores.unwrap_or_default(), memory.unwrap_or_default());
        format!("<Usage of {called:?}: {intervals} interval{plural}{cores}{memory}>")
    }
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyUsage>()?;
    module.add_class::<PySpread>()
}
