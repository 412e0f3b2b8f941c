//! Results of a store's methods as dicts.

use std::time::Duration;

use cmetrics_core::store::{Removed, Retained, Salvaged, StoreStats};
use cmetrics_core::{Settings, Timestamp};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error;

pub(super) fn stats<'py>(py: Python<'py>, stats: &StoreStats) -> PyResult<Bound<'py, PyDict>> {
    let (shown, (logged, sealed)) = (PyDict::new(py), stats.written_bytes);
    for (name, figure) in [
        ("containers", stats.containers),
        ("sealed_points", stats.sealed_points),
        ("recent_points", stats.recent_points),
        ("segments", stats.segments),
        ("sealed_bytes", stats.sealed_bytes),
        ("log_bytes", stats.log_bytes),
        ("memory_bytes", stats.memory_bytes),
        ("torn_bytes", stats.torn_bytes),
        ("logged_bytes", logged),
        ("segment_bytes", sealed),
        ("refused", stats.refused),
        ("floor", stats.floor.map_or(0, Timestamp::seconds)),
    ] {
        shown.set_item(name, figure)?;
    }
    let since = PyDict::new(py);
    for (metric, at) in &stats.since {
        since.set_item(metric.name(), at.seconds())?;
    }
    shown.set_item("since", since)?;
    shown.set_item("trouble", stats.trouble.as_deref())?;
    Ok(shown)
}

pub(super) fn settings<'py>(
    py: Python<'py>,
    settings: &Settings,
    lateness: Duration,
) -> PyResult<Bound<'py, PyDict>> {
    let shown = PyDict::new(py);
    shown.set_item("interval", settings.interval().as_secs())?;
    shown.set_item("max_gap", settings.max_gap().as_secs())?;
    shown.set_item("lateness", lateness.as_secs())?;
    let metrics: Vec<_> = settings.metrics().iter().map(cmetrics_core::Metric::name).collect();
    shown.set_item("metrics", metrics)?;
    Ok(shown)
}

pub(super) fn retained<'py>(py: Python<'py>, retained: &Retained) -> PyResult<Bound<'py, PyDict>> {
    let shown = PyDict::new(py);
    shown.set_item("segments", retained.segments)?;
    shown.set_item("points", retained.points)?;
    shown.set_item("floor", retained.floor.map_or(0, Timestamp::seconds))?;
    Ok(shown)
}

pub(super) fn removed<'py>(py: Python<'py>, removed: &Removed) -> PyResult<Bound<'py, PyDict>> {
    let shown = PyDict::new(py);
    shown.set_item("container", &*removed.container)?;
    shown.set_item("points", removed.points)?;
    shown.set_item("events", removed.events)?;
    Ok(shown)
}

pub(super) fn salvaged<'py>(py: Python<'py>, salvaged: &Salvaged) -> PyResult<Bound<'py, PyDict>> {
    let shown = PyDict::new(py);
    shown.set_item("points", salvaged.points)?;
    shown.set_item("containers", salvaged.containers)?;
    shown.set_item("lost", error::exceptions(py, &salvaged.lost)?)?;
    Ok(shown)
}
