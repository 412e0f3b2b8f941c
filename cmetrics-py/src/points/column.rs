//! The numbers of a field, for NumPy.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef};
use arrow_buffer::Buffer;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::field::{Cell, Field, Texts};
use super::metadata::Metadata;
use super::part::Part;

/// Contiguous numbers, and which of them are valid. NumPy reads them without a copy.
#[pyclass(frozen, module = "cmetrics._cmetrics", name = "_Column")]
#[derive(Debug)]
pub(crate) struct PyColumn {
    numbers: Buffer,
    rows: usize,
    kind: &'static str,
    /// A byte for each row, 1 where it has a value; `None` where every row has one.
    valid: Option<Vec<u8>>,
}

impl PyColumn {
    /// The numbers of a field, without a copy if they are stored in one table.
    pub(crate) fn of(field: &Field, parts: &[Part], known: &Metadata) -> Self {
        match parts {
            [only] if field.stored().is_some() => {
                Self::lent(&field.array(only, known, Texts::Utf8), kind(field))
            }
            _ => Self::gathered(field, parts, known),
        }
    }

    /// Numbers that are all valid, with NumPy's name for their type.
    pub(crate) fn of_all(numbers: Buffer, rows: usize, kind: &'static str) -> Self {
        Self { numbers, rows, kind, valid: None }
    }

    fn lent(array: &ArrayRef, kind: &'static str) -> Self {
        let numbers = match kind {
            "<i8" => array.as_primitive::<Int64Type>().values().inner().clone(),
            "<f8" => array.as_primitive::<Float64Type>().values().inner().clone(),
            _ => array.as_primitive::<TimestampMicrosecondType>().values().inner().clone(),
        };
        let valid = array.nulls().filter(|nulls| nulls.null_count() > 0);
        let valid = valid.map(|nulls| nulls.iter().map(u8::from).collect());
        Self { numbers, rows: array.len(), kind, valid }
    }

    fn gathered(field: &Field, parts: &[Part], known: &Metadata) -> Self {
        let cells = || {
            parts
                .iter()
                .flat_map(|part| part.rows.clone().map(move |row| field.cell(part, row, known)))
        };
        let bits = |cell| match cell {
            Cell::Whole(value) => i64::try_from(value).ok().map(i64::cast_unsigned),
            Cell::Instant(micros) => Some(micros.cast_unsigned()),
            Cell::Real(value) => Some(value.to_bits()),
            Cell::Null | Cell::Text(_) => None,
        };
        let found: Vec<_> = cells().map(bits).collect();
        let valid: Vec<_> = found.iter().map(|bits| u8::from(bits.is_some())).collect();
        let numbers: Vec<_> = found.into_iter().map(Option::unwrap_or_default).collect();
        let all = valid.iter().all(|valid| *valid == 1);
        let rows = numbers.len();
        let valid = (!all).then_some(valid);
        Self { numbers: Buffer::from_vec(numbers), rows, kind: kind(field), valid }
    }
}

/// NumPy's name for the type of a field's numbers.
fn kind(field: &Field) -> &'static str {
    match field {
        field if field.is_time() => "<M8[us]",
        field if field.is_whole() => "<i8",
        _ => "<f8",
    }
}

#[pymethods]
impl PyColumn {
    #[getter]
    fn __array_interface__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        interface(py, self.kind, self.rows, self.numbers.as_ptr())
    }

    /// Which rows have a value; `None` where all have.
    #[getter]
    fn valid(this: &Bound<'_, Self>) -> Option<PyValid> {
        this.get().valid.is_some().then(|| PyValid(this.clone().unbind()))
    }
}

/// Which rows of a column have a value.
#[pyclass(frozen, module = "cmetrics._cmetrics", name = "_Valid")]
#[derive(Debug)]
pub(crate) struct PyValid(Py<PyColumn>);

#[pymethods]
impl PyValid {
    #[getter]
    fn __array_interface__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let valid = self.0.get().valid.as_deref().unwrap_or_default();
        interface(py, "|b1", valid.len(), valid.as_ptr())
    }
}

/// NumPy's array interface for numbers that live as long as the object that returns it.
fn interface<'py>(
    py: Python<'py>,
    kind: &str,
    rows: usize,
    start: *const u8,
) -> PyResult<Bound<'py, PyDict>> {
    const READ_ONLY: bool = true;
    let shown = PyDict::new(py);
    shown.set_item("version", 3)?;
    shown.set_item("typestr", kind)?;
    shown.set_item("shape", (rows,))?;
    shown.set_item("data", (start.addr(), READ_ONLY))?;
    Ok(shown)
}
