//! `Points`: a sequence of points.

use std::collections::BTreeSet;
use std::sync::Arc;

use cmetrics_core::DataPoint;
use pyo3::exceptions::{PyIndexError, PyOverflowError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PySlice};

use crate::point::PyPoint;

/// Points of one or more containers, by name and then by start.
#[pyclass(frozen, eq, module = "cmetrics", name = "Points")]
#[derive(Debug, Default, PartialEq)]
pub(crate) struct PyPoints(Vec<Arc<DataPoint>>);

impl PyPoints {
    fn get(&self, index: usize) -> Option<PyPoint> {
        self.0.get(index).cloned().map(PyPoint)
    }

    fn item(&self, index: &Bound<'_, PyAny>) -> PyResult<PyPoint> {
        let out_of_range = || PyIndexError::new_err("point index out of range");
        let index = index.extract::<isize>().map_err(|failure| {
            let too_large = failure.is_instance_of::<PyOverflowError>(index.py());
            if too_large { out_of_range() } else { failure }
        })?;
        let from_start =
            if index < 0 { self.0.len().checked_add_signed(index) } else { index.try_into().ok() };
        from_start.and_then(|index| self.get(index)).ok_or_else(out_of_range)
    }

    fn slice(&self, slice: &Bound<'_, PySlice>) -> PyResult<Self> {
        let indices = slice.indices(self.0.len().try_into()?)?;
        let mut next = indices.start;
        let mut points = Vec::with_capacity(indices.slicelength);
        for _ in 0..indices.slicelength {
            points.extend(usize::try_from(next).ok().and_then(|index| self.0.get(index)).cloned());
            next = next.saturating_add(indices.step);
        }
        Ok(Self(points))
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
        self.0.len()
    }

    fn __iter__(this: Py<Self>) -> PyPointIterator {
        PyPointIterator::new(this)
    }

    /// Without it `reversed` wants the C slots of a sequence, which a class with slices has not.
    fn __reversed__(&self, py: Python<'_>) -> PyResult<PyPointIterator> {
        let backwards = self.0.iter().rev().cloned().collect();
        Ok(PyPointIterator::new(Py::new(py, Self(backwards))?))
    }

    fn __getitem__(&self, index: &Bound<'_, PyAny>) -> PyResult<PointOrPoints> {
        match index.cast::<PySlice>() {
            Ok(slice) => self.slice(slice).map(PointOrPoints::Points),
            Err(_) => self.item(index).map(PointOrPoints::Point),
        }
    }

    /// The points in the documented shape and units, ready for `json.dumps`.
    fn to_dicts<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        self.0.iter().map(|point| PyPoint(Arc::clone(point)).to_dict(py)).collect()
    }

    fn __repr__(&self) -> String {
        let starts = self.0.iter().map(|point| point.interval().start()).min();
        let ends = self.0.iter().map(|point| point.interval().end()).max();
        let Some((start, end)) = starts.zip(ends) else {
            return "<Points: none>".to_owned();
        };
        let containers = self.0.iter().map(|point| point.name()).collect::<BTreeSet<_>>().len();
        let plural = if containers == 1 { "" } else { "s" };
        let points = self.0.len();
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

impl FromIterator<DataPoint> for PyPoints {
    fn from_iter<I: IntoIterator<Item = DataPoint>>(points: I) -> Self {
        Self(points.into_iter().map(Arc::new).collect())
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyPoints>()
}
