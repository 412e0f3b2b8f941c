//! Iteration over points.

use std::sync::Arc;

use pyo3::prelude::*;

use super::PyPoints;
use crate::point::PyPoint;

/// An iterator over points. It is not registered: nobody makes one by name.
#[pyclass(module = "cmetrics._cmetrics", name = "PointIterator")]
#[derive(Debug)]
pub(super) struct PyPointIterator {
    points: Py<PyPoints>,
    /// The index of the present part, and how many of its rows are done.
    part: usize,
    done: usize,
    left: usize,
}

impl PyPointIterator {
    pub(super) fn new(points: Py<PyPoints>) -> Self {
        let left = points.get().rows;
        Self { points, part: 0, done: 0, left }
    }
}

#[pymethods]
impl PyPointIterator {
    fn __iter__(this: Py<Self>) -> Py<Self> {
        this
    }

    fn __next__(&mut self) -> Option<PyPoint> {
        let points = self.points.get();
        loop {
            let part = points.parts.get(self.part)?;
            if self.done < part.rows.len() {
                self.done += 1;
                self.left -= 1;
                let row = part.rows.start + self.done - 1;
                return Some(PyPoint::new(Arc::clone(&part.frame), row));
            }
            (self.part, self.done) = (self.part + 1, 0);
        }
    }

    /// How many points are still to come: lets `list(points)` take the room at once.
    fn __length_hint__(&self) -> usize {
        self.left
    }
}
