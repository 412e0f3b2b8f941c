//! `metrics`: lists the metrics that points can have.

use cmetrics_core::Metric;
use cmetrics_core::metric::Kind;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// List every metric that points can have: its `name`, `kind`, `unit` and `description`.
#[pyfunction]
fn metrics(py: Python<'_>) -> PyResult<Vec<Bound<'_, PyDict>>> {
    let row = |metric: Metric| {
        let row = PyDict::new(py);
        row.set_item("name", metric.name())?;
        row.set_item("kind", kind(metric))?;
        row.set_item("unit", metric.unit().to_string())?;
        row.set_item("description", metric.description())?;
        Ok(row)
    };
    Metric::ALL.iter().copied().map(row).collect()
}

fn kind(metric: Metric) -> &'static str {
    match metric.kind() {
        Kind::Counter => "counter",
        Kind::Gauge => "gauge",
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(metrics, module)?)
}
