//! Points in the formats that they are answered in: the bytes that the command writes.

use cmetrics_core::point::{Csv, Extended};
use cmetrics_core::{DataPoint, MetricSet};

use super::arrow::ArrowStream;
use crate::contract::{ARROW, CSV, NDJSON};
use crate::problem::Problem;

/// Writes points in a format.
pub(super) struct Writer {
    format: Format,
    extended: bool,
    has_begun: bool,
    any: bool,
}

enum Format {
    Json,
    Ndjson,
    Csv(Csv),
    Arrow(Box<ArrowStream>),
}

impl Writer {
    /// Writes points of this media type.
    pub(super) fn new(kind: &str, metrics: MetricSet, extended: bool) -> Result<Self, Problem> {
        let format = match kind {
            NDJSON => Format::Ndjson,
            CSV => Format::Csv(Csv::new(metrics, extended)),
            ARROW => Format::Arrow(Box::new(ArrowStream::new(metrics, extended)?)),
            _ => Format::Json,
        };
        Ok(Self { format, extended, has_begun: false, any: false })
    }

    /// Writes the text before all points, once.
    pub(super) fn begin(&mut self, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.has_begun, true) {
            return;
        }
        match &mut self.format {
            Format::Json => out.push(b'['),
            Format::Csv(csv) => csv.write_titles([], out),
            Format::Ndjson => {}
            Format::Arrow(stream) => stream.take(out),
        }
    }

    /// Writes points.
    pub(super) fn points(
        &mut self,
        points: &[DataPoint],
        out: &mut Vec<u8>,
    ) -> Result<(), Problem> {
        match &mut self.format {
            Format::Json => {
                for point in points {
                    let first = !std::mem::replace(&mut self.any, true);
                    out.extend_from_slice(if first { b"\n" } else { b",\n" });
                    write_json(point, self.extended, out);
                }
            }
            Format::Ndjson => {
                for point in points {
                    write_json(point, self.extended, out);
                    out.push(b'\n');
                }
            }
            Format::Csv(csv) => points.iter().for_each(|point| csv.write_row(point, [], out)),
            Format::Arrow(stream) => stream.write(points, out)?,
        }
        Ok(())
    }

    /// Writes the text after all points.
    pub(super) fn end(&mut self, out: &mut Vec<u8>) -> Result<(), Problem> {
        match &mut self.format {
            Format::Json => out.extend_from_slice(if self.any { b"\n]\n" } else { b"]\n" }),
            Format::Ndjson | Format::Csv(_) => {}
            Format::Arrow(stream) => stream.end(out)?,
        }
        Ok(())
    }
}

fn write_json(point: &DataPoint, extended: bool, out: &mut Vec<u8>) {
    if extended {
        Extended(point).write_json(out);
    } else {
        point.write_json(out);
    }
}
