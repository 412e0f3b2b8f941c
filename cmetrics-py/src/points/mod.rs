//! `Points`: points in columns.

mod arrow;
pub(crate) mod column;
pub(crate) mod dicts;
pub(crate) mod field;
pub(crate) mod frame;
mod in_python;
mod index;
mod iterator;
mod lists;
pub(crate) mod metadata;
mod methods;
mod part;
mod pickle;
mod read_back;
mod resample;
mod rows;
mod select;
mod text;

use std::sync::Arc;

use cmetrics_core::point::Table;
use cmetrics_core::{DataPoint, MetricSet};
use pyo3::prelude::*;

use arrow::Export;
use field::{Field, Texts};
use frame::Frame;
use metadata::Metadata;
pub(crate) use part::Part;

/// Points of one or more containers in columns, sorted by name and then by start.
///
/// It can be indexed, sliced, iterated over, compared, added to others and pickled. Data frame
/// libraries accept it directly: `polars.DataFrame(points)`, `pyarrow.table(points)`, and DuckDB by
/// the name of a variable. What was not measured is `None`, or null, never 0.
#[pyclass(frozen, eq, module = "cmetrics", name = "Points")]
#[derive(Debug, Default)]
pub(crate) struct PyPoints {
    parts: Vec<Part>,
    rows: usize,
    known: Arc<Metadata>,
    /// The selected fields for data frames; `None` for the default ones.
    fields: Option<Vec<Field>>,
    texts: Texts,
    /// The errors of the inputs, as exceptions.
    errors: Arc<Vec<Py<PyAny>>>,
}

/// A selection of points.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    pub(crate) containers: Option<Vec<String>>,
    /// The range in which intervals start, in microseconds since the epoch.
    pub(crate) from: Option<i64>,
    pub(crate) until: Option<i64>,
    pub(crate) complete: bool,
}

impl Selection {
    fn holds(&self, start: i64) -> bool {
        self.from.is_none_or(|from| from <= start) && self.until.is_none_or(|until| start < until)
    }
}

/// Equal when all points are.
impl PartialEq for PyPoints {
    fn eq(&self, other: &Self) -> bool {
        self.rows == other.rows && self.each().eq(other.each())
    }
}

impl PyPoints {
    /// These points, with the metrics of `selected` in addition to the documented ones.
    pub(crate) fn of<'p>(
        selected: MetricSet,
        points: impl IntoIterator<Item = &'p DataPoint>,
        known: Metadata,
    ) -> Self {
        Self::of_frame(Frame::of(selected, points), known)
    }

    /// The points in these tables, one after another.
    pub(crate) fn of_tables(tables: Vec<Table>, known: Metadata) -> Self {
        let parts = tables.into_iter().filter_map(|table| Part::whole(Frame::new(table)));
        Self { known: Arc::new(known), ..Self::default() }.with(parts.collect())
    }

    pub(crate) fn of_frame(frame: Arc<Frame>, known: Metadata) -> Self {
        let known = Arc::new(known);
        Self { known, ..Self::default() }.with(Part::whole(frame).into_iter().collect())
    }

    /// The same points with the errors of the inputs.
    pub(crate) fn with_errors(self, errors: Vec<Py<PyAny>>) -> Self {
        Self { errors: Arc::new(errors), ..self }
    }

    /// Other points of the same containers.
    fn with(&self, parts: Vec<Part>) -> Self {
        let rows = parts.iter().map(|part| part.rows.len()).sum();
        Self {
            parts,
            rows,
            known: Arc::clone(&self.known),
            fields: self.fields.clone(),
            texts: self.texts,
            errors: Arc::clone(&self.errors),
        }
    }

    /// Every point, in order.
    pub(crate) fn each(&self) -> impl Iterator<Item = DataPoint> {
        self.parts.iter().flat_map(Part::points)
    }

    /// The number of points.
    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    pub(crate) fn known(&self) -> &Metadata {
        &self.known
    }

    /// The fields of data frames.
    fn shown(&self) -> Vec<Field> {
        self.fields.clone().unwrap_or_else(|| Field::usual(self.metrics()))
    }

    fn export(&self) -> Export {
        Export {
            parts: self.parts.clone(),
            fields: self.shown(),
            known: Arc::clone(&self.known),
            texts: self.texts,
        }
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyPoints>()?;
    pickle::register(module)?;
    read_back::register(module)
}
