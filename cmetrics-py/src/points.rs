//! `Points`: a sequence of points.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cmetrics_core::{DataPoint, Limits, Series, Settings};
use pyo3::exceptions::{PyIndexError, PyOverflowError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PySlice};

use crate::point::PyPoint;

/// Points of one or more containers, by name and then by start.
#[pyclass(frozen, eq, module = "cmetrics", name = "Points")]
#[derive(Debug, Default)]
pub(crate) struct PyPoints {
    points: Vec<Arc<DataPoint>>,
    /// By name: a container's limits, and how often they changed. In a slice still of all.
    limits: Arc<BTreeMap<Arc<str>, (Limits, u64)>>,
}

/// Equal where each point is.
impl PartialEq for PyPoints {
    fn eq(&self, other: &Self) -> bool {
        self.points == other.points
    }
}

impl PyPoints {
    /// The points of these containers.
    pub(crate) fn of(chosen: &[&Series], settings: Settings) -> Self {
        let points = chosen.iter().flat_map(|series| series.history(settings).points);
        let limits = chosen.iter().map(|series| {
            let name = Arc::clone(series.identity().name());
            (name, (series.limits(), series.limit_changes()))
        });
        Self { points: points.map(Arc::new).collect(), limits: Arc::new(limits.collect()) }
    }

    fn names(&self) -> BTreeSet<&str> {
        self.points.iter().map(|point| point.name()).collect()
    }

    /// Other points of the same containers.
    fn with(&self, points: Vec<Arc<DataPoint>>) -> Self {
        Self { points, limits: Arc::clone(&self.limits) }
    }

    fn get(&self, index: usize) -> Option<PyPoint> {
        self.points.get(index).cloned().map(PyPoint)
    }

    fn item(&self, index: &Bound<'_, PyAny>) -> PyResult<PyPoint> {
        let out_of_range = || PyIndexError::new_err("point index out of range");
        let index = index.extract::<isize>().map_err(|failure| {
            let too_large = failure.is_instance_of::<PyOverflowError>(index.py());
            if too_large { out_of_range() } else { failure }
        })?;
        let from_start = if index < 0 {
            self.points.len().checked_add_signed(index)
        } else {
            index.try_into().ok()
        };
        from_start.and_then(|index| self.get(index)).ok_or_else(out_of_range)
    }

    fn slice(&self, slice: &Bound<'_, PySlice>) -> PyResult<Self> {
        let indices = slice.indices(self.points.len().try_into()?)?;
        let mut next = indices.start;
        let mut points = Vec::with_capacity(indices.slicelength);
        for _ in 0..indices.slicelength {
            points.extend(
                usize::try_from(next).ok().and_then(|index| self.points.get(index)).cloned(),
            );
            next = next.saturating_add(indices.step);
        }
        Ok(self.with(points))
    }
}

/// What `points[...]` gives.
#[derive(IntoPyObject)]
enum PointOrPoints {
    Point(PyPoint),
    Points(PyPoints),
}

#[pymethods]
impl PyPoints {
    fn __len__(&self) -> usize {
        self.points.len()
    }

    fn __iter__(this: Py<Self>) -> PyPointIterator {
        PyPointIterator::new(this)
    }

    /// Without it `reversed` wants the C slots of a sequence, which a class with slices has not.
    fn __reversed__(&self, py: Python<'_>) -> PyResult<PyPointIterator> {
        let backwards = self.points.iter().rev().cloned().collect();
        Ok(PyPointIterator::new(Py::new(py, self.with(backwards))?))
    }

    fn __getitem__(&self, index: &Bound<'_, PyAny>) -> PyResult<PointOrPoints> {
        match index.cast::<PySlice>() {
            Ok(slice) => self.slice(slice).map(PointOrPoints::Points),
            Err(_) => self.item(index).map(PointOrPoints::Point),
        }
    }

    /// The points in the documented shape and units, ready for `json.dumps`.
    fn to_dicts<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        self.points.iter().map(|point| PyPoint(Arc::clone(point)).to_dict(py)).collect()
    }

    /// What the containers of these points may use, by the name of each.
    #[getter]
    fn limits<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let every = PyDict::new(py);
        for name in self.names() {
            let (limits, changes) = self.limits.get(name).copied().unwrap_or_default();
            let shown = PyDict::new(py);
            shown.set_item("cpu_cores", limits.cpu_cores)?;
            shown.set_item("cpu_shares", limits.cpu_shares)?;
            shown.set_item("memory_bytes", limits.memory_bytes)?;
            shown.set_item("memory_reservation_bytes", limits.memory_reservation_bytes)?;
            shown.set_item("swap_bytes", limits.swap_bytes)?;
            shown.set_item("processes", limits.processes)?;
            shown.set_item("changes", changes)?;
            every.set_item(name, shown)?;
        }
        Ok(every)
    }

    fn __repr__(&self) -> String {
        let starts = self.points.iter().map(|point| point.interval().start()).min();
        let ends = self.points.iter().map(|point| point.interval().end()).max();
        let Some((start, end)) = starts.zip(ends) else {
            return "<Points: none>".to_owned();
        };
        let containers = self.names().len();
        let plural = if containers == 1 { "" } else { "s" };
        let points = self.points.len();
        format!("<Points: {points} of {containers} container{plural}, {start} to {end}>")
    }
}

/// An iterator over points. It is not registered: nobody makes one by name.
#[pyclass(module = "cmetrics._cmetrics", name = "PointIterator")]
#[derive(Debug)]
struct PyPointIterator {
    points: Py<PyPoints>,
    next: usize,
}

impl PyPointIterator {
    fn new(points: Py<PyPoints>) -> Self {
        Self { points, next: 0 }
    }
}

#[pymethods]
impl PyPointIterator {
    fn __iter__(this: Py<Self>) -> Py<Self> {
        this
    }

    fn __next__(&mut self) -> Option<PyPoint> {
        let point = self.points.get().get(self.next)?;
        self.next += 1;
        Some(point)
    }

    /// How many points are still to come: lets `list(points)` take the room at once.
    fn __length_hint__(&self) -> usize {
        self.points.get().__len__().saturating_sub(self.next)
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyPoints>()
}
