//! Formats of flat rows: one figure of a container at one time.

mod exposition;
mod otlp;
mod spool;
mod tabular;

use std::io::{self, Write};

use cmetrics_core::DataPoint;
use cmetrics_core::names::{Names, Row, RowMaker, Subject};

use super::{ContainerText, Format};

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowFormat {
    /// One JSON array, with a row a line.
    Json,
    /// A JSON object a line.
    Ndjson,
    /// A title row, then one row each: its name, its labels, its time and its value.
    Csv,
    /// Prometheus' text, version 0.0.4.
    Prometheus,
    /// OpenMetrics' text.
    OpenMetrics,
    /// An OTLP export request a line, in JSON.
    Otlp,
}

/// Rows in one format.
pub(super) struct Rows<'n> {
    names: &'n Names,
    format: RowFormat,
}

impl<'n> Rows<'n> {
    pub(super) fn new(names: &'n Names, format: RowFormat) -> Self {
        Self { names, format }
    }

    fn text(&self) -> Box<dyn RowText + '_> {
        match self.format {
            RowFormat::Json => Box::new(tabular::Json { is_array: true }),
            RowFormat::Ndjson => Box::new(tabular::Json { is_array: false }),
            RowFormat::Csv => Box::new(tabular::Csv::new(self.names.labels())),
            RowFormat::Prometheus => Box::new(exposition::Text::new(self.names, false)),
            RowFormat::OpenMetrics => Box::new(exposition::Text::new(self.names, true)),
            RowFormat::Otlp => Box::new(otlp::Text::default()),
        }
    }
}

/// The text of a container's rows.
trait RowText {
    /// Writes a row, or keeps it.
    fn row(&mut self, row: &Row<'_>, out: &mut Vec<u8>);

    /// Writes what was kept.
    fn flush(&mut self, _out: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }
}

impl Format for Rows<'_> {
    fn begin(&self, out: &mut Vec<u8>) -> io::Result<()> {
        match self.format {
            RowFormat::Json => out.push(b'['),
            RowFormat::Csv => return tabular::titles(&self.names.labels(), out),
            _ => {}
        }
        Ok(())
    }

    fn container<'c>(&'c self, subject: &'c Subject<'c>) -> Box<dyn ContainerText + 'c> {
        Box::new(RowsOfContainer { maker: self.names.rows_of(subject), text: self.text() })
    }

    fn before(&self, first: bool) -> &'static str {
        match self.format {
            RowFormat::Json if first => "\n",
            RowFormat::Json => ",\n",
            _ => "",
        }
    }

    fn end(&self, any: bool) -> &'static str {
        match self.format {
            RowFormat::Json if any => "\n]\n",
            RowFormat::Json => "]\n",
            _ => "",
        }
    }

    fn write(
        &self,
        out: &mut dyn Write,
        write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let is_open = match self.format {
            RowFormat::Prometheus => false,
            RowFormat::OpenMetrics => true,
            _ => return write(out),
        };
        let mut spool = spool::Spool::default();
        write(&mut spool)?;
        out.write_all(exposition::TITLE)?;
        spool.copy_by_family(&exposition::families(self.names, is_open), out)?;
        out.write_all(if is_open { exposition::END } else { b"" })
    }
}

/// The rows of one container.
struct RowsOfContainer<'c> {
    maker: RowMaker<'c>,
    text: Box<dyn RowText + 'c>,
}

impl ContainerText for RowsOfContainer<'_> {
    fn pass(&mut self, point: &DataPoint) {
        self.maker.pass(point);
    }

    fn points(
        &mut self,
        points: &mut dyn Iterator<Item = &DataPoint>,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        for point in points {
            self.maker.add(point, &mut |row| self.text.row(row, out));
        }
        self.text.flush(out)
    }

    fn finish(mut self: Box<Self>, out: &mut Vec<u8>) -> io::Result<()> {
        self.maker.finish(&mut |row| self.text.row(row, out));
        self.text.flush(out)
    }
}
