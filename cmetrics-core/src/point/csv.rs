//! Points as rows of CSV.

use serde::Serialize;

use super::{Column, DataPoint, Shares};
use crate::metric::MetricSet;

/// The columns before and after those of metrics.
const BEFORE: [&str; 3] = ["name", "start", "end"];
const AFTER: [&str; 4] = ["samples", "coverage", "of_limit.cpu", "of_limit.memory"];

/// Writes points as CSV: a row of titles, then one row for each point. A value that was not
/// measured is an empty cell, and numbers are written as in JSON.
///
/// ```
/// use cmetrics_core::point::Csv;
/// use cmetrics_core::{Input, MetricSet, Pipeline};
///
/// let dump = br#"{"/docker": {"spec": {"has_cpu": true}, "stats": [
///     {"timestamp": "2026-11-21T12:00:00Z", "cpu": {"usage": {"total": 0}}},
///     {"timestamp": "2026-11-21T12:00:05Z", "cpu": {"usage": {"total": 3000}}}]}}"#;
/// let mut pipeline = Pipeline::default();
/// pipeline.read(Input::bytes("now.json", dump)).into_result().unwrap();
/// let csv = Csv::new(MetricSet::default(), false);
/// let mut text = Vec::new();
/// csv.write_titles([], &mut text);
/// csv.write_row(&pipeline.points()[0], [], &mut text);
/// let text = String::from_utf8(text).unwrap();
/// assert!(text.starts_with("name,start,end,cpu.usage,"));
/// assert!(text.contains("\n/docker,1795262400,1795262405,3000,"));
/// ```
#[derive(Clone, Debug)]
pub struct Csv {
    columns: Vec<Column>,
    extended: bool,
}

impl Csv {
    /// The documented columns, then those of these metrics; with samples, coverage and shares
    /// behind them if `extended` is true. A column that is in both, such as `cpu.usage`, is written
    /// once.
    pub fn new(metrics: MetricSet, extended: bool) -> Self {
        let documented = Column::all();
        let is_new = |column: &Column| documented.iter().all(|known| known.name() != column.name());
        let others = Column::of_metrics(metrics).into_iter().filter(is_new);
        Self { columns: documented.iter().cloned().chain(others).collect(), extended }
    }

    /// The columns of these metrics alone, in their base units.
    pub fn of_metrics(metrics: MetricSet, extended: bool) -> Self {
        Self { columns: Column::of_metrics(metrics), extended }
    }

    /// Writes the titles, with these behind the others.
    pub fn write_titles<'t>(&self, more: impl IntoIterator<Item = &'t str>, out: &mut Vec<u8>) {
        let after = if self.extended { &AFTER[..] } else { &[] };
        let names = self.columns.iter().map(Column::name);
        let mut cells = Cells { out, any: false };
        BEFORE
            .into_iter()
            .chain(names)
            .chain(after.iter().copied())
            .for_each(|title| cells.text(title));
        more.into_iter().for_each(|title| cells.text(title));
        cells.end_row();
    }

    /// Writes a point, with these cells behind the others.
    pub fn write_row<'t>(
        &self,
        point: &DataPoint,
        more: impl IntoIterator<Item = &'t str>,
        out: &mut Vec<u8>,
    ) {
        let mut cells = Cells { out, any: false };
        cells.text(point.name());
        cells.number(Some(point.interval().start()));
        cells.number(Some(point.interval().end()));
        for column in &self.columns {
            cells.number(column.figure(point));
        }
        if self.extended {
            let Shares { cpu, memory } = point.shares().unwrap_or_default();
            cells.number(point.samples());
            cells.number(point.coverage());
            cells.number(cpu);
            cells.number(memory);
        }
        more.into_iter().for_each(|cell| cells.text(cell));
        cells.end_row();
    }
}

/// Writes a row cell by cell.
struct Cells<'o> {
    out: &'o mut Vec<u8>,
    any: bool,
}

impl Cells<'_> {
    fn begin(&mut self) {
        if std::mem::replace(&mut self.any, true) {
            self.out.push(b',');
        }
    }

    /// Writes a text, in quotes if it needs them.
    fn text(&mut self, text: &str) {
        self.begin();
        if !text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\r' | b'\n')) {
            return self.out.extend_from_slice(text.as_bytes());
        }
        self.out.push(b'"');
        self.out.extend_from_slice(text.replace('"', "\"\"").as_bytes());
        self.out.push(b'"');
    }

    /// Writes a number as in JSON.
    fn number(&mut self, number: Option<impl Serialize>) {
        self.begin();
        if let Some(number) = number {
            // Writing a number to memory cannot fail.
            let _ = serde_json::to_writer(&mut *self.out, &number);
        }
    }

    fn end_row(&mut self) {
        self.out.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_with_a_comma_a_quote_or_a_line_end_is_in_quotes() {
        let mut out = Vec::new();
        let mut cells = Cells { out: &mut out, any: false };
        for text in ["plain", "", "a,b", "say \"a\"", "two\nlines"] {
            cells.text(text);
        }
        cells.number(Some(1.5));
        cells.number(None::<u64>);
        cells.end_row();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "plain,,\"a,b\",\"say \"\"a\"\"\",\"two\nlines\",1.5,\n");
    }
}
