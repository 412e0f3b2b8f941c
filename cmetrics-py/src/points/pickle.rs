//! Pickling of points.

use cmetrics_core::container::{Identity, Limits};
use cmetrics_core::parse::Door;
use cmetrics_core::point::Table;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde::{Deserialize, Serialize};

use super::PyPoints;
use super::frame::Frame;
use super::metadata::{ContainerMetadata, EventMetadata, Life, Metadata};

/// The version of the layout of [`PickledPoints`], which must change with it.
const VERSION: u8 = 3;

#[derive(Serialize, Deserialize)]
struct PickledPoints {
    table: Table,
    /// As JSON: parts of it are left out where they are not known.
    containers: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct PickledContainer {
    identity: Identity,
    limits: Limits,
    limit_changes: u64,
    life: Life,
    doors: Vec<Door>,
    events: Vec<EventMetadata>,
}

impl PyPoints {
    /// Everything but the errors of the inputs.
    pub(super) fn to_bytes(&self) -> PyResult<Vec<u8>> {
        let mut table = Table::new(self.metrics());
        self.each().for_each(|point| table.push(&point));
        let names = self.names();
        let containers = names.iter().map(|name| {
            let known = self.known.of(name);
            PickledContainer {
                identity: known.identity.clone(),
                limits: known.limits,
                limit_changes: known.limit_changes,
                life: known.life.clone(),
                doors: known.doors.clone(),
                events: known.events.clone(),
            }
        });
        let containers: Vec<_> = containers.collect();
        let containers = serde_json::to_vec(&containers).map_err(|failure| refused(&failure))?;
        postcard::to_extend(&PickledPoints { table, containers }, vec![VERSION])
            .map_err(|failure| refused(&failure))
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first()?;
        let pickled = if *version == VERSION { rest } else { return None };
        let PickledPoints { table, containers } = postcard::from_bytes(pickled).ok()?;
        let containers: Vec<PickledContainer> = serde_json::from_slice(&containers).ok()?;
        let mut known = Metadata::default();
        for container in containers {
            let PickledContainer { identity, limits, limit_changes, life, doors, events } =
                container;
            known.add(ContainerMetadata { identity, limits, limit_changes, life, doors, events });
        }
        Some(Self::of_frame(Frame::new(table), known))
    }
}

fn refused(failure: &impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(failure.to_string())
}

/// Unpickles points.
#[pyfunction]
fn _points_from_bytes(pickled: &Bound<'_, PyBytes>) -> PyResult<PyPoints> {
    PyPoints::from_bytes(pickled.as_bytes()).ok_or_else(|| {
        PyValueError::new_err("these bytes are no points of this release: pickle them anew")
    })
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    // Not added like the others, because the module does not export it.
    module.setattr("_points_from_bytes", wrap_pyfunction!(_points_from_bytes, module)?)
}
