//! CSV: a point a row. What was not measured is an empty cell.

use std::io::{self, Write};

use cmetrics_core::{Column, DataPoint, Identity};
use serde::Serialize;

use super::PointWriter;

/// The columns before and behind those of [`Column::all`].
const BEFORE: [&str; 3] = ["name", "start", "end"];
const BEHIND: [&str; 2] = ["samples", "coverage"];

pub(super) struct Csv<'w> {
    rows: csv::Writer<&'w mut dyn Write>,
    extended: bool,
    cell: Vec<u8>,
}

impl<'w> Csv<'w> {
    pub(super) fn new(out: &'w mut dyn Write, extended: bool) -> io::Result<Self> {
        let mut rows = csv::Writer::from_writer(out);
        let behind = if extended { &BEHIND[..] } else { &[] };
        let names = Column::all().iter().map(Column::name);
        rows.write_record(BEFORE.into_iter().chain(names).chain(behind.iter().copied()))
            .map_err(io_error)?;
        Ok(Self { rows, extended, cell: Vec::new() })
    }

    /// Writes a number as it stands in the JSON.
    fn cell(&mut self, number: Option<impl Serialize>) -> io::Result<()> {
        self.cell.clear();
        if let Some(number) = number {
            serde_json::to_writer(&mut self.cell, &number)?;
        }
        self.rows.write_field(&self.cell).map_err(io_error)
    }
}

impl PointWriter for Csv<'_> {
    fn point(&mut self, _: &Identity, point: &DataPoint) -> io::Result<()> {
        self.rows.write_field(point.name()).map_err(io_error)?;
        self.cell(Some(point.interval().start()))?;
        self.cell(Some(point.interval().end()))?;
        for column in Column::all() {
            self.cell(column.figure(point))?;
        }
        if self.extended {
            self.cell(point.samples())?;
            self.cell(point.coverage())?;
        }
        self.rows.write_record(None::<&[u8]>).map_err(io_error)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.rows.flush()
    }
}

/// The failure of the output, which the caller must be able to tell from others.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(failure) => failure,
        other => io::Error::other(format!("{other:?}")),
    }
}
