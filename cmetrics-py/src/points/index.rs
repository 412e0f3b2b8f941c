//! Indexing and slicing of points.

use std::ops::Range;
use std::sync::Arc;

use pyo3::exceptions::{PyIndexError, PyOverflowError};
use pyo3::prelude::*;
use pyo3::types::PySlice;

use super::PyPoints;
use super::frame::Frame;
use super::part::Part;
use crate::point::PyPoint;

impl PyPoints {
    /// The part and the row of the point at an index.
    fn place(&self, index: usize) -> Option<(&Part, usize)> {
        let mut before = 0;
        for part in &self.parts {
            if index < before + part.rows.len() {
                return Some((part, part.rows.start + (index - before)));
            }
            before += part.rows.len();
        }
        None
    }

    pub(super) fn get(&self, index: usize) -> Option<PyPoint> {
        self.place(index).map(|(part, row)| PyPoint::new(Arc::clone(&part.frame), row))
    }

    /// The point at a Python index, which counts from the end if it is negative.
    pub(super) fn item(&self, index: &Bound<'_, PyAny>) -> PyResult<PyPoint> {
        let out_of_range = || PyIndexError::new_err("point index out of range");
        let index: isize = index.extract().map_err(|failure: PyErr| {
            let too_large = failure.is_instance_of::<PyOverflowError>(index.py());
            if too_large { out_of_range() } else { failure }
        })?;
        let from_start =
            if index < 0 { self.rows.checked_add_signed(index) } else { index.try_into().ok() };
        from_start.and_then(|index| self.get(index)).ok_or_else(out_of_range)
    }

    /// The points of a Python slice: the same rows for a step of 1, else a copy.
    pub(super) fn slice(&self, slice: &Bound<'_, PySlice>) -> PyResult<Self> {
        let indices = slice.indices(self.rows.try_into()?)?;
        let places = || {
            let place = |number: usize| {
                let moved = isize::try_from(number).ok()?.checked_mul(indices.step)?;
                usize::try_from(indices.start.checked_add(moved)?).ok()
            };
            (0..indices.slicelength).filter_map(place)
        };
        if indices.step == 1 {
            let start = places().next().unwrap_or_default();
            return Ok(self.with(self.between(start..start + indices.slicelength)));
        }
        let points: Vec<_> = places()
            .filter_map(|index| self.place(index))
            .filter_map(|(part, row)| part.table().point(row))
            .collect();
        let copied = Frame::of(self.metrics(), &points);
        Ok(self.with(Part::whole(copied).into_iter().collect()))
    }

    /// The rows of the points at these indices.
    fn between(&self, places: Range<usize>) -> Vec<Part> {
        let mut before = 0;
        let mut parts = Vec::new();
        for part in &self.parts {
            let length = part.rows.len();
            let start = places.start.saturating_sub(before).min(length);
            let end = places.end.saturating_sub(before).min(length);
            if start < end {
                parts.push(part.within(part.rows.start + start..part.rows.start + end));
            }
            before += length;
        }
        parts
    }
}
