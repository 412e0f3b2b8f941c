//! CSV with one point per row. A value that was not measured is an empty cell.

use std::borrow::Borrow;
use std::io::{self, Write};

use cmetrics_core::container::Identity;
use cmetrics_core::point::{Column, Shares};
use cmetrics_core::{DataPoint, MetricSet};
use serde::Serialize;

use cmetrics_core::names::Subject;

use super::columns::IdentityColumn;
use super::{ContainerText, EachPoint, Format, PointText};

/// The columns before and after those of metrics.
const BEFORE: [&str; 3] = ["name", "start", "end"];
const AFTER: [&str; 4] = ["samples", "coverage", "of_limit.cpu", "of_limit.memory"];

pub(super) struct Csv {
    columns: Vec<Column>,
    extended: bool,
    /// Who the container is, in the last columns.
    identity: Vec<IdentityColumn>,
}

impl Csv {
    /// The documented columns and those of these metrics, or those of the metrics alone.
    pub(super) fn new(metrics: MetricSet, is_catalogue: bool, extended: bool) -> Self {
        let columns = if is_catalogue { Column::of_metrics(metrics) } else { columns(metrics) };
        Self { columns, extended, identity: Vec::new() }
    }

    /// The same with columns of who the container is.
    pub(super) fn with(self, identity: Vec<IdentityColumn>) -> Self {
        Self { identity, ..self }
    }

    fn row<W: Write>(
        &self,
        point: &DataPoint,
        container: Option<&Identity>,
        cells: &mut Cells<W>,
    ) -> io::Result<()> {
        cells.text(point.name())?;
        cells.number(Some(point.interval().start()))?;
        cells.number(Some(point.interval().end()))?;
        for column in &self.columns {
            cells.number(column.figure(point))?;
        }
        if self.extended {
            let Shares { cpu, memory } = point.shares().unwrap_or_default();
            cells.number(point.samples())?;
            cells.number(point.coverage())?;
            cells.number(cpu)?;
            cells.number(memory)?;
        }
        for column in &self.identity {
            cells.text(container.and_then(|container| column.of(container)).unwrap_or_default())?;
        }
        cells.end_row()
    }
}

/// The documented columns, then those of the selected metrics. A column that is in both, such as
/// `cpu.usage`, has the same figures, and is written once: names in a header must be distinct.
fn columns(metrics: MetricSet) -> Vec<Column> {
    let documented = Column::all();
    let is_new = |column: &Column| documented.iter().all(|known| known.name() != column.name());
    let others = Column::of_metrics(metrics).into_iter().filter(is_new);
    documented.iter().cloned().chain(others).collect()
}

impl Format for Csv {
    fn begin(&self, out: &mut Vec<u8>) -> io::Result<()> {
        let after = if self.extended { &AFTER[..] } else { &[] };
        let names = self.columns.iter().map(Column::name);
        let mut rows = csv::Writer::from_writer(out);
        let identity = self.identity.iter().map(IdentityColumn::title);
        let titles = BEFORE.into_iter().chain(names).chain(after.iter().copied()).chain(identity);
        rows.write_record(titles).map_err(io_error)?;
        rows.flush()
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
        let mut cells = Cells::new(out);
        for point in points {
            self.row(point, Some(container), &mut cells)?;
        }
        cells.rows.flush()
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
    let format = Csv::new(metrics, false, extended);
    let mut titles = Vec::new();
    format.begin(&mut titles)?;
    out.write_all(&titles)?;
    let mut cells = Cells::new(out);
    for point in points {
        format.row(point.borrow(), None, &mut cells)?;
    }
    cells.rows.flush()
}

/// Writes rows cell by cell.
struct Cells<W: Write> {
    rows: csv::Writer<W>,
    text: Vec<u8>,
}

impl<W: Write> Cells<W> {
    fn new(out: W) -> Self {
        Self { rows: csv::Writer::from_writer(out), text: Vec::new() }
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        self.rows.write_field(text).map_err(io_error)
    }

    /// Writes a number as in JSON.
    fn number(&mut self, number: Option<impl Serialize>) -> io::Result<()> {
        self.text.clear();
        if let Some(number) = number {
            serde_json::to_writer(&mut self.text, &number)?;
        }
        self.rows.write_field(&self.text).map_err(io_error)
    }

    fn end_row(&mut self) -> io::Result<()> {
        self.rows.write_record(None::<&[u8]>).map_err(io_error)
    }
}

/// The error of the output itself, of which the caller checks the kind.
pub(super) fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(failure) => failure,
        other => io::Error::other(format!("{other:?}")),
    }
}
