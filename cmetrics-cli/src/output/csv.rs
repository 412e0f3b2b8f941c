//! CSV with one point per row. A value that was not measured is an empty cell.

use std::borrow::Borrow;
use std::io::{self, Write};

use cmetrics_core::container::Identity;
use cmetrics_core::names::Subject;
use cmetrics_core::{DataPoint, MetricSet, point};

use super::columns::IdentityColumn;
use super::{ContainerText, EachPoint, Format, PointText};

pub(super) struct Csv {
    rows: point::Csv,
    /// Who the container is, in the last columns.
    identity: Vec<IdentityColumn>,
}

impl Csv {
    /// The documented columns and those of these metrics, or those of the metrics alone.
    pub(super) fn new(metrics: MetricSet, is_catalogue: bool, extended: bool) -> Self {
        let rows = if is_catalogue {
            point::Csv::of_metrics(metrics, extended)
        } else {
            point::Csv::new(metrics, extended)
        };
        Self { rows, identity: Vec::new() }
    }

    /// The same with columns of who the container is.
    pub(super) fn with(self, identity: Vec<IdentityColumn>) -> Self {
        Self { identity, ..self }
    }
}

impl Format for Csv {
    fn begin(&self, out: &mut Vec<u8>) -> io::Result<()> {
        self.rows.write_titles(self.identity.iter().map(IdentityColumn::title), out);
        Ok(())
    }

    fn container<'c>(&'c self, subject: &'c Subject<'c>) -> Box<dyn ContainerText + 'c> {
        Box::new(EachPoint(self, subject.identity()))
    }
}

impl PointText for Csv {
    fn points(
        &self,
        container: &Identity,
        points: &mut dyn Iterator<Item = &DataPoint>,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        for point in points {
            let cells = self.identity.iter().map(|one| one.of(container).unwrap_or_default());
            self.rows.write_row(point, cells, out);
        }
        Ok(())
    }
}

/// Writes points as `cmetrics points --format csv` does: a title row, then one row per point. These
/// metrics follow the documented ones, and if `extended` is true, samples, coverage and shares
/// follow the metrics.
///
/// # Errors
/// The errors of `out`.
pub fn write_csv(
    points: impl IntoIterator<Item = impl Borrow<DataPoint>>,
    metrics: MetricSet,
    extended: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    const AT_ONCE: usize = 1 << 16;
    let (rows, mut text) = (point::Csv::new(metrics, extended), Vec::new());
    rows.write_titles([], &mut text);
    for point in points {
        rows.write_row(point.borrow(), [], &mut text);
        if text.len() >= AT_ONCE {
            out.write_all(&text)?;
            text.clear();
        }
    }
    out.write_all(&text)
}

/// The error of the output itself, of which the caller checks the kind.
pub(super) fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(failure) => failure,
        other => io::Error::other(format!("{other:?}")),
    }
}
