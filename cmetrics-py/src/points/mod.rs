//! `Points`: points held as columns.

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
mod select;
mod text;

use std::sync::Arc;

use cmetrics_core::{DataPoint, MetricSet, Table};
use pyo3::prelude::*;

use arrow::Export;
use field::{Field, Texts};
use frame::Frame;
use metadata::Metadata;
pub(crate) use part::Part;

/// Points of one or more containers, by name and then by start, held as columns.
///
/// It can be indexed, sliced, iterated over, compared, added to others and pickled. Data frame
/// libraries take it as it is: `polars.DataFrame(points)`, `pyarrow.table(points)`, and DuckDB by
/// the name of a variable. What was not measured is `None`, or null, never 0.
#[pyclass(frozen, eq, module = "cmetrics", name = "Points")]
#[derive(Debug, Default)]
pub(crate) struct PyPoints {
    parts: Vec<Part>,
    rows: usize,
    known: Arc<Metadata>,
    /// What data frames get, unless it is the usual fields.
    fields: Option<Vec<Field>>,
    texts: Texts,
    /// What was wrong with the inputs, as exceptions.
    errors: Arc<Vec<Py<PyAny>>>,
}

/// Which of the points.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    pub(crate) containers: Option<Vec<String>>,
    /// Microseconds since the epoch that intervals start at or after, and before.
    pub(crate) from: Option<i64>,
    pub(crate) until: Option<i64>,
    pub(crate) complete: bool,
}

impl Selection {
    fn holds(&self, start: i64) -> bool {
        self.from.is_none_or(|from| from <= start) && self.until.is_none_or(|until| start < until)
    }
}

/// Equal where each point is.
impl PartialEq for PyPoints {
    fn eq(&self, other: &Self) -> bool {
        self.rows == other.rows && self.each().eq(other.each())
    }
}

impl PyPoints {
    /// Of these points, which carry the metrics of `selected` beside the documented ones.
    pub(crate) fn of<'p>(
        selected: MetricSet,
        points: impl IntoIterator<Item = &'p DataPoint>,
        known: Metadata,
    ) -> Self {
        Self::of_frame(Frame::of(selected, points), known)
    }

    /// Of the points in these tables, one after another.
    pub(crate) fn of_tables(tables: Vec<Table>, known: Metadata) -> Self {
        let parts = tables.into_iter().filter_map(|table| Part::whole(Frame::new(table)));
        Self { known: Arc::new(known), ..Self::default() }.with(parts.collect())
    }

    pub(crate) fn of_frame(frame: Arc<Frame>, known: Metadata) -> Self {
        let known = Arc::new(known);
        Self { known, ..Self::default() }.with(Part::whole(frame).into_iter().collect())
    }

    /// The same with what was wrong with the inputs.
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

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    pub(crate) fn known(&self) -> &Metadata {
        &self.known
    }

    /// The fields that data frames get.
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
