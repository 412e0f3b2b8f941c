//! The stats of results: the fields of points that are numbers.

use cmetrics_core::Cancel;
use cmetrics_core::point::{Figure, Table};
use cmetrics_core::statistics::Rows;
use pyo3::prelude::*;

use crate::error;
use crate::points::PyPoints;
use crate::points::field::{Field, RATES};

/// The names of the stats that are listed: figures, then rates.
pub(super) fn names(points: &PyPoints) -> Vec<String> {
    let figures = Field::usual(points.metrics()).into_iter().filter(is_number);
    figures.chain(RATES.map(Field::Rate)).map(|field| field.name().to_owned()).collect()
}

/// The field of this name.
pub(super) fn named(py: Python<'_>, points: &PyPoints, name: &str) -> PyResult<Field> {
    let field = points.field(py, name)?;
    if is_number(&field) {
        return Ok(field);
    }
    let message = format!("{name} is no number: see get_stats()");
    Err(error::setting_error(py, Some("stat"), &message))
}

fn is_number(field: &Field) -> bool {
    !field.is_text() && !field.is_time()
}

/// Its number in a row; `None` where there is none.
#[expect(clippy::cast_precision_loss, reason = "statistics are floating-point numbers")]
pub(super) fn number(field: &Field, table: &Table, row: usize) -> Option<f64> {
    match field {
        Field::Figure(column) => table.figure(row, column).map(|figure| match figure {
            Figure::Whole(value) => value as f64,
            Figure::Real(value) => value,
        }),
        Field::Samples => table.samples(row).map(|samples| samples as f64),
        Field::Coverage => table.coverage(row),
        Field::RateSeconds => table.rate_seconds(row),
        Field::Rate(rate) => rate.of(table, row),
        Field::Share(share) => share.of(table.shares(row)?),
        Field::Name | Field::Start | Field::End | Field::Trait(_) => None,
    }
}

/// All rows of points, until the call is cancelled.
pub(super) fn rows<'p>(
    points: &'p PyPoints,
    cancel: &'p Cancel,
) -> impl Iterator<Item = Rows<'p>> + 'p {
    points.parts().iter().flat_map(move |part| {
        let batches = part.batches().take_while(|_| !cancel.is_cancelled());
        batches.map(|batch| Rows { table: part.table(), rows: batch.rows })
    })
}
