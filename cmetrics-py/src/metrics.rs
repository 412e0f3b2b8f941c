//! `metrics`: the catalogue, and which of it is asked for.

use cmetrics_core::{Kind, Metric, MetricSet};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error;

/// The metrics that these words ask for; an unknown one is refused with the near matches.
pub(crate) fn asked_for(py: Python<'_>, words: &[String]) -> PyResult<MetricSet> {
    MetricSet::named(words)
        .map_err(|unknown| error::refused(py, Some("metrics"), &unknown.to_string()))
}

/// Every metric that can be asked for: its name, kind, unit and description.
#[pyfunction]
fn metrics(py: Python<'_>) -> PyResult<Vec<Bound<'_, PyDict>>> {
    Metric::ALL.into_iter().map(|metric| described(py, metric)).collect()
}

fn described(py: Python<'_>, metric: Metric) -> PyResult<Bound<'_, PyDict>> {
    let described = PyDict::new(py);
    described.set_item("name", metric.name())?;
    let kind = match metric.kind() {
        Kind::Counter => "counter",
        Kind::Gauge => "gauge",
    };
    described.set_item("kind", kind)?;
    described.set_item("unit", metric.unit().to_string())?;
    described.set_item("description", metric.description())?;
    Ok(described)
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(metrics, module)?)
}
