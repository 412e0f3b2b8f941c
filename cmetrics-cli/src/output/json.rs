//! JSON: one array, or one document per line.

use std::borrow::Borrow;
use std::io::{self, Write};
use std::time::Duration;

use cmetrics_core::container::{Identity, LimitsJson};
use cmetrics_core::parse::{Door, Note};
use cmetrics_core::point::Extended;
use cmetrics_core::series::Inspection;
use cmetrics_core::{DataPoint, Series};
use serde::Serialize;

use cmetrics_core::names::Subject;

use super::{ContainerText, EachPoint, Format, PointText};

/// Writes an array with one item per line.
pub(super) struct Array<'w> {
    out: &'w mut dyn Write,
    line: Vec<u8>,
    any: bool,
}

impl<'w> Array<'w> {
    pub(super) fn new(out: &'w mut dyn Write) -> Self {
        Self { out, line: Vec::new(), any: false }
    }

    pub(super) fn item(&mut self, item: &impl Serialize) -> io::Result<()> {
        self.line.clear();
        self.line.extend(if std::mem::replace(&mut self.any, true) { b",\n" } else { b"[\n" });
        serde_json::to_writer(&mut self.line, item)?;
        self.out.write_all(&self.line)
    }

    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.out.write_all(if self.any { b"\n]\n" } else { b"[]\n" })
    }
}

/// Which members a point has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// Whether its metrics are its only figures.
    pub(super) is_catalogue: bool,
    /// Whether its samples, its coverage and its shares follow.
    pub(super) extended: bool,
}

impl Shape {
    fn write(self, point: &DataPoint, out: &mut Vec<u8>) {
        match (self.is_catalogue, self.extended) {
            (true, extended) => point.write_metrics_json(extended, out),
            (false, true) => Extended(point).write_json(out),
            (false, false) => point.write_json(out),
        }
    }
}

/// All points in one array, with one point per line.
pub(super) struct Json(pub(super) Shape);

impl PointText for Json {
    fn points(
        &self,
        _: &Identity,
        points: &mut dyn Iterator<Item = &DataPoint>,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        for (index, point) in points.enumerate() {
            if index > 0 {
                out.extend_from_slice(b",\n");
            }
            self.0.write(point, out);
        }
        Ok(())
    }
}

impl Format for Json {
    fn begin(&self, out: &mut Vec<u8>) -> io::Result<()> {
        out.push(b'[');
        Ok(())
    }

    fn container<'c>(&'c self, subject: &'c Subject<'c>) -> Box<dyn ContainerText + 'c> {
        Box::new(EachPoint(self, subject.identity()))
    }

    fn before(&self, first: bool) -> &'static str {
        if first { "\n" } else { ",\n" }
    }

    fn end(&self, any: bool) -> &'static str {
        if any { "\n]\n" } else { "]\n" }
    }
}

/// One point per line.
pub(super) struct Ndjson(pub(super) Shape);

impl PointText for Ndjson {
    fn points(
        &self,
        _: &Identity,
        points: &mut dyn Iterator<Item = &DataPoint>,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        for point in points {
            self.0.write(point, out);
            out.push(b'\n');
        }
        Ok(())
    }
}

impl Format for Ndjson {
    fn container<'c>(&'c self, subject: &'c Subject<'c>) -> Box<dyn ContainerText + 'c> {
        Box::new(EachPoint(self, subject.identity()))
    }
}

/// Writes a point as `cmetrics points --format ndjson` does: on a line.
#[cfg(feature = "live")]
pub(crate) fn write_line(point: &DataPoint, extended: bool, out: &mut Vec<u8>) {
    Shape { is_catalogue: false, extended }.write(point, out);
    out.push(b'\n');
}

/// Writes points as `cmetrics points --format json` does: one array with one point per line, and
/// with samples, coverage and shares if `extended` is true.
///
/// # Errors
/// The errors of `out`.
pub fn write_json(
    points: impl IntoIterator<Item = impl Borrow<DataPoint>>,
    extended: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let shape = Shape { is_catalogue: false, extended };
    let format = Json(shape);
    let (mut text, mut any) = (Vec::new(), false);
    format.begin(&mut text)?;
    for point in points {
        text.extend_from_slice(format.before(!std::mem::replace(&mut any, true)).as_bytes());
        shape.write(point.borrow(), &mut text);
        out.write_all(&text)?;
        text.clear();
    }
    text.extend_from_slice(format.end(any).as_bytes());
    out.write_all(&text)
}

/// Writes an array with one container per line.
pub(crate) fn write_inspections(
    inspected: &[(&Series, Inspection)],
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut array = Array::new(out);
    for (series, inspection) in inspected {
        array.item(&InspectionJson::new(series, inspection))?;
    }
    array.finish()
}

/// The statistics of a container's samples in JSON output.
#[derive(Serialize)]
struct InspectionJson<'i> {
    name: &'i str,
    id: Option<&'i str>,
    machine: Option<&'i str>,
    aliases: &'i [String],
    paths: &'i [String],
    image: Option<&'i str>,
    door: Door,
    notes: &'i [Note],
    first: Option<String>,
    last: Option<String>,
    samples: u64,
    duplicates: u64,
    left_out: u64,
    median_spacing_seconds: Option<f64>,
    largest_spacing_seconds: Option<f64>,
    restarts: usize,
    gaps: usize,
    set_aside: usize,
    corrections: usize,
    implausible: usize,
    sections: Vec<&'static str>,
    limits: LimitsJson,
    limit_changes: u64,
    label_changes: u64,
}

impl<'i> InspectionJson<'i> {
    fn new(series: &'i Series, inspection: &'i Inspection) -> Self {
        let identity = series.identity();
        #[expect(clippy::cast_precision_loss, reason = "a time between samples, in seconds")]
        let seconds = |length: Duration| length.as_nanos() as f64 / 1e9;
        Self {
            name: identity.name(),
            id: identity.id(),
            machine: identity.machine(),
            aliases: identity.aliases(),
            paths: identity.paths(),
            image: identity.image(),
            door: inspection.door,
            notes: &inspection.notes,
            first: inspection.first.map(|time| time.to_string()),
            last: inspection.last.map(|time| time.to_string()),
            samples: inspection.samples,
            duplicates: inspection.duplicates,
            left_out: inspection.left_out,
            median_spacing_seconds: inspection.median_spacing.map(seconds),
            largest_spacing_seconds: inspection.largest_spacing.map(seconds),
            restarts: inspection.events.restarts.len(),
            gaps: inspection.events.gaps.len(),
            set_aside: inspection.events.set_aside.len(),
            corrections: inspection.events.corrections.len(),
            implausible: inspection.events.implausible.len(),
            sections: inspection.sections.iter().map(|section| section.key()).collect(),
            limits: series.limits().into(),
            limit_changes: series.limit_changes(),
            label_changes: series.label_changes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(items: &[u8]) -> String {
        let mut out = Vec::new();
        let mut array = Array::new(&mut out);
        for item in items {
            array.item(item).unwrap();
        }
        array.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_array_has_an_item_a_line() {
        assert_eq!(array(&[]), "[]\n");
        assert_eq!(array(&[1]), "[\n1\n]\n");
        assert_eq!(array(&[1, 2]), "[\n1,\n2\n]\n");
    }
}
