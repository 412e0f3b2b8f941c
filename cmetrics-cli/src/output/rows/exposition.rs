//! Rows as the text of Prometheus and OpenMetrics. Both want all rows of a family together, each
//! series in the order of time, so the rows of each name are kept apart.

use std::io;

use cmetrics_core::names::{Names, Row, RowKind};

use super::RowText;
use super::spool::{Family, put_container, put_part};

/// The first line. By it, what is written reads back to the points; a family without rows harms
/// no other reader.
pub(super) const TITLE: &[u8] =
    b"# HELP cmetrics_points Points by cmetrics: sums of growth from the first one on, and means.\n";
/// The last line of OpenMetrics.
pub(super) const END: &[u8] = b"# EOF\n";

const TOTAL: &str = "_total";

/// The text of a container's rows, in parts by name.
pub(super) struct Text {
    is_open: bool,
    /// By the place of the name.
    parts: Vec<Part>,
    has_begun: bool,
}

#[derive(Clone, Default)]
struct Part {
    /// The name and the labels, which all rows begin with.
    series: Vec<u8>,
    rows: Vec<u8>,
}

impl Text {
    pub(super) fn new(names: &Names, is_open: bool) -> Self {
        Self { is_open, parts: vec![Part::default(); names.iter().len()], has_begun: false }
    }
}

impl RowText for Text {
    fn row(&mut self, row: &Row<'_>, _: &mut Vec<u8>) {
        let Some(part) = self.parts.get_mut(row.place()) else { return };
        if part.series.is_empty() {
            put_series(row, &mut part.series);
        }
        part.rows.extend_from_slice(&part.series);
        // Seconds in OpenMetrics, milliseconds in the text before it.
        let unit = if self.is_open { "" } else { "000" };
        let time = if row.time() == 0 { "" } else { unit };
        part.rows.extend(format!("{} {}{time}\n", row.value(), row.time()).bytes());
    }

    fn flush(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        if !std::mem::replace(&mut self.has_begun, true) {
            put_container(out);
        }
        for (place, part) in self.parts.iter_mut().enumerate() {
            put_part(place, &part.rows, out)?;
            part.rows.clear();
        }
        Ok(())
    }
}

/// Writes the name and the labels of a row.
fn put_series(row: &Row<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(row.name().as_bytes());
    for (index, (label, value)) in row.labels().enumerate() {
        out.push(if index == 0 { b'{' } else { b',' });
        out.extend_from_slice(label.as_bytes());
        out.extend_from_slice(b"=\"");
        for byte in value.bytes() {
            match byte {
                b'\\' | b'"' => out.extend_from_slice(&[b'\\', byte]),
                b'\n' => out.extend_from_slice(b"\\n"),
                byte => out.push(byte),
            }
        }
        out.push(b'"');
    }
    out.extend_from_slice(if row.labels().next().is_some() { b"} " } else { b" " });
}

/// The family of each name: its first place, and the line before its rows.
pub(super) fn families(names: &Names, is_open: bool) -> Vec<Family> {
    let mut families: Vec<Family> = Vec::new();
    let mut last = None;
    for (place, name) in names.iter().enumerate() {
        let known = families.last().filter(|_| last == Some(name.name()));
        let family = known.cloned().unwrap_or_else(|| {
            let title = type_line(name.name(), name.kind(), is_open);
            Family { first: place, title }
        });
        last = Some(name.name());
        families.push(family);
    }
    families
}

/// OpenMetrics names the family of a counter without its suffix, and knows no counter without one.
fn type_line(name: &str, kind: RowKind, is_open: bool) -> String {
    let (family, kind) = match (kind, is_open, name.strip_suffix(TOTAL)) {
        (RowKind::Gauge, ..) => (name, "gauge"),
        (_, false, _) => (name, "counter"),
        (_, true, Some(family)) => (family, "counter"),
        (_, true, None) => (name, "unknown"),
    };
    format!("# TYPE {family} {kind}\n")
}
