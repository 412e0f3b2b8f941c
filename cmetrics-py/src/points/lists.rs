//! The values of a field as a Python list.

use pyo3::prelude::*;
use pyo3::types::PyList;

use super::PyPoints;
use super::field::{Cell, Field};

const MICROS_PER_SECOND: i64 = 1_000_000;

impl PyPoints {
    /// The values of a field, `None` where there is none; times in whole seconds.
    pub(super) fn list<'py>(&self, py: Python<'py>, field: &Field) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        for part in &self.parts {
            for row in part.rows.clone() {
                if *field == Field::Name {
                    list.append(part.frame.name(py, row))?;
                    continue;
                }
                match field.cell(part, row, &self.known) {
                    Cell::Null => list.append(py.None())?,
                    Cell::Whole(value) => list.append(value)?,
                    Cell::Real(value) => list.append(value)?,
                    Cell::Text(text) => list.append(text)?,
                    Cell::Instant(micros) => list.append(micros / MICROS_PER_SECOND)?,
                }
            }
        }
        Ok(list)
    }
}
