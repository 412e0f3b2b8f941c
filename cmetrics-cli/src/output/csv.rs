//! CSV: a point a row. What was not measured is an empty cell.

use std::io::{self, Write};

use cmetrics_core::{Column, DataPoint, Identity, MetricSet, Shares};
use serde::Serialize;

use super::PointWriter;

/// The columns before and behind those of metrics.
const BEFORE: [&str; 3] = ["name", "start", "end"];
const BEHIND: [&str; 4] = ["samples", "coverage", "of_limit.cpu", "of_limit.memory"];

pub(super) struct Csv<'w> {
    cells: Cells<'w>,
    columns: Vec<Column>,
    extended: bool,
}

impl<'w> Csv<'w> {
    pub(super) fn new(
        out: &'w mut dyn Write,
        metrics: MetricSet,
        extended: bool,
    ) -> io::Result<Self> {
        let columns = columns(metrics);
        let mut rows = csv::Writer::from_writer(out);
        let behind = if extended { &BEHIND[..] } else { &[] };
        let names = columns.iter().map(Column::name);
        rows.write_record(BEFORE.into_iter().chain(names).chain(behind.iter().copied()))
            .map_err(io_error)?;
        Ok(Self { cells: Cells { rows, text: Vec::new() }, columns, extended })
    }
}

/// The documented columns, and behind them those of metrics. The few that both have, such as
/// `cpu.usage`, are the same figures: a header must not have a name twice.
fn columns(metrics: MetricSet) -> Vec<Column> {
    let documented = Column::all();
    let is_new = |column: &Column| documented.iter().all(|known| known.name() != column.name());
    let others = Column::of_metrics(metrics).into_iter().filter(is_new);
    documented.iter().cloned().chain(others).collect()
}

impl PointWriter for Csv<'_> {
    fn point(&mut self, _: &Identity, point: &DataPoint) -> io::Result<()> {
        let Self { cells, columns, extended } = self;
        cells.rows.write_field(point.name()).map_err(io_error)?;
        cells.number(Some(point.interval().start()))?;
        cells.number(Some(point.interval().end()))?;
        for column in columns {
            cells.number(column.figure(point))?;
        }
        if *extended {
            let Shares { cpu, memory } = point.shares().unwrap_or_default();
            cells.number(point.samples())?;
            cells.number(point.coverage())?;
            cells.number(cpu)?;
            cells.number(memory)?;
        }
        cells.rows.write_record(None::<&[u8]>).map_err(io_error)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.cells.rows.flush()
    }
}

/// Rows under construction.
struct Cells<'w> {
    rows: csv::Writer<&'w mut dyn Write>,
    text: Vec<u8>,
}

impl Cells<'_> {
    /// Writes a number as it stands in the JSON.
    fn number(&mut self, number: Option<impl Serialize>) -> io::Result<()> {
        self.text.clear();
        if let Some(number) = number {
            serde_json::to_writer(&mut self.text, &number)?;
        }
        self.rows.write_field(&self.text).map_err(io_error)
    }
}

/// The failure of the output, which the caller must be able to tell from others.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(failure) => failure,
        other => io::Error::other(format!("{other:?}")),
    }
}
