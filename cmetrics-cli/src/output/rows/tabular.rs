//! Rows as JSON objects and as CSV.

use std::io;

use cmetrics_core::names::Row;

use super::RowText;
use crate::output::csv::io_error;

/// Rows as JSON objects, one a line.
pub(super) struct Json {
    /// Whether commas stand between them.
    pub(super) is_array: bool,
}

impl RowText for Json {
    fn row(&mut self, row: &Row<'_>, out: &mut Vec<u8>) {
        if self.is_array && !out.is_empty() {
            out.extend_from_slice(b",\n");
        }
        row.write_json(out);
        if !self.is_array {
            out.push(b'\n');
        }
    }
}

/// The title row of CSV.
pub(super) fn titles(labels: &[&str], out: &mut Vec<u8>) -> io::Result<()> {
    let labels = labels.iter().map(|label| format!("labels.{label}"));
    let titles = ["name".to_owned()].into_iter().chain(labels);
    let mut rows = csv::Writer::from_writer(out);
    let all = titles.chain(["time", "value"].map(str::to_owned));
    rows.write_record(all).map_err(io_error)?;
    rows.flush()
}

/// Rows as CSV, with a column for each label.
pub(super) struct Csv {
    labels: Vec<&'static str>,
    rows: csv::Writer<Vec<u8>>,
    /// The first error; a vector takes all.
    error: Option<csv::Error>,
}

impl Csv {
    pub(super) fn new(labels: Vec<&'static str>) -> Self {
        Self { labels, rows: csv::Writer::from_writer(Vec::new()), error: None }
    }

    fn write(&mut self, row: &Row<'_>) -> Result<(), csv::Error> {
        self.rows.write_field(row.name())?;
        for label in &self.labels {
            let value = row.labels().find(|(known, _)| known == label);
            self.rows.write_field(value.map_or("", |(_, value)| value))?;
        }
        self.rows.write_field(row.time().to_string())?;
        self.rows.write_field(row.value().to_string())?;
        self.rows.write_record(None::<&[u8]>)
    }
}

impl RowText for Csv {
    fn row(&mut self, row: &Row<'_>, _: &mut Vec<u8>) {
        if let Err(error) = self.write(row) {
            self.error.get_or_insert(error);
        }
    }

    fn flush(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        if let Some(error) = self.error.take() {
            return Err(io_error(error));
        }
        let rows = std::mem::replace(&mut self.rows, csv::Writer::from_writer(Vec::new()));
        out.extend(rows.into_inner().map_err(csv::IntoInnerError::into_error)?);
        Ok(())
    }
}
