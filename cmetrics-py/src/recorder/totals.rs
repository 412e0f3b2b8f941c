//! What a recorder has counted, as a dict.

use std::collections::BTreeMap;

use cmetrics_core::Metric;
use cmetrics_core::recorder::{DoorTotals, Totals};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// All counts.
pub(super) fn shown(py: Python<'_>, totals: Totals) -> PyResult<Bound<'_, PyDict>> {
    let shown = PyDict::new(py);
    for (name, count) in [
        ("containers", totals.containers),
        ("forgotten", totals.forgotten),
        ("accepted", totals.accepted),
        ("duplicates", totals.duplicates),
        ("late", totals.late),
        ("ahead", totals.ahead),
        ("sealed", totals.sealed),
        ("undrained", totals.undrained),
        ("dropped", totals.dropped),
    ] {
        shown.set_item(name, count)?;
    }
    shown.set_item("tally", growths(py, totals.tally)?)?;
    let doors = PyDict::new(py);
    for (door, counts) in totals.doors {
        doors.set_item(door.name(), of_door(py, counts)?)?;
    }
    shown.set_item("doors", doors)?;
    Ok(shown)
}

/// What was counted of the samples of a door.
fn of_door(py: Python<'_>, counts: DoorTotals) -> PyResult<Bound<'_, PyDict>> {
    let shown = PyDict::new(py);
    for (name, count) in [
        ("accepted", counts.accepted),
        ("duplicates", counts.duplicates),
        ("late", counts.late),
        ("ahead", counts.ahead),
        ("restarts", counts.restarts),
        ("gaps", counts.gaps),
        ("set_aside", counts.set_aside),
        ("corrections", counts.corrections),
        ("implausible", counts.implausible),
    ] {
        shown.set_item(name, count)?;
    }
    shown.set_item("unattributed", growths(py, counts.unattributed)?)?;
    shown.set_item("tally", growths(py, counts.tally)?)?;
    Ok(shown)
}

fn growths<'py, N: IntoPyObject<'py>>(
    py: Python<'py>,
    all: BTreeMap<Metric, N>,
) -> PyResult<Bound<'py, PyDict>> {
    let shown = PyDict::new(py);
    for (metric, growth) in all {
        shown.set_item(metric.name(), growth)?;
    }
    Ok(shown)
}
