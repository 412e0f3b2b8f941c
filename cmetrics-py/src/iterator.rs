//! `PointIterator`: what `iter(points)` gives.

use pyo3::prelude::*;

use crate::point::PyPoint;
use crate::points::PyPoints;

/// An iterator over points. It is not registered: nobody makes one by name.
#[pyclass(module = "cmetrics._cmetrics", name = "PointIterator")]
#[derive(Debug)]
pub(crate) struct PyPointIterator {
    points: Py<PyPoints>,
    next: usize,
}

impl PyPointIterator {
    pub(crate) fn new(points: Py<PyPoints>) -> Self {
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
