//! Rows as OTLP in JSON: one `ExportMetricsServiceRequest` a line, with all rows of a container at a
//! time.

use std::io;

use cmetrics_core::names::{Row, RowKind};
use serde::Serialize;

use super::RowText;

/// The text of a container's rows.
#[derive(Default)]
pub(super) struct Text {
    /// The line up to the metrics, which is the same at each time.
    head: Vec<u8>,
    /// The metrics of the present time.
    metrics: Vec<u8>,
    time: u64,
    /// The name of the last metric, which has more rows if the next one has this name.
    last: String,
}

const METRIC_END: &[u8] = b"]}}";
const LINE_END: &[u8] = b"]}]}]}\n";

impl RowText for Text {
    fn row(&mut self, row: &Row<'_>, out: &mut Vec<u8>) {
        if self.time != row.time() {
            self.end_line(out);
            self.time = row.time();
        }
        if self.head.is_empty() {
            put_head(row, &mut self.head);
        }
        if self.metrics.is_empty() || self.last != row.name() {
            if !self.metrics.is_empty() {
                self.metrics.extend_from_slice(METRIC_END);
                self.metrics.push(b',');
            }
            put_metric(row, &mut self.metrics);
            row.name().clone_into(&mut self.last);
        } else {
            self.metrics.push(b',');
        }
        put_data_point(row, &mut self.metrics);
    }

    fn flush(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        self.end_line(out);
        Ok(())
    }
}

impl Text {
    fn end_line(&mut self, out: &mut Vec<u8>) {
        if !self.metrics.is_empty() {
            for part in [&*self.head, &*self.metrics, METRIC_END, LINE_END] {
                out.extend_from_slice(part);
            }
            self.metrics.clear();
        }
    }
}

/// The resource, which is the container, and the scope.
fn put_head(row: &Row<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"resourceMetrics":[{"resource":{"attributes":["#);
    put_attributes(row.container_labels(), out);
    out.extend_from_slice(br#"]},"scopeMetrics":[{"scope":{"name":"cmetrics","version":"#);
    put(env!("CARGO_PKG_VERSION"), out);
    out.extend_from_slice(br#"},"metrics":["#);
}

/// A metric up to its first data point.
fn put_metric(row: &Row<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"name":"#);
    put(row.name(), out);
    out.extend_from_slice(br#","unit":"#);
    put(row.unit(), out);
    out.extend_from_slice(match row.kind() {
        RowKind::Delta => {
            br#","sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":["#
        }
        RowKind::Cumulative => {
            br#","sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":["#
        }
        RowKind::Gauge => &br#","gauge":{"dataPoints":["#[..],
    });
}

fn put_data_point(row: &Row<'_>, out: &mut Vec<u8>) {
    out.push(b'{');
    if !row.own_labels().is_empty() {
        out.extend_from_slice(br#""attributes":["#);
        put_attributes(row.own_labels().iter().copied(), out);
        out.extend_from_slice(b"],");
    }
    // The growth in an interval is known at its end.
    let (start, time) = match row.kind() {
        RowKind::Delta => (Some(row.time()), row.until()),
        RowKind::Cumulative => (Some(row.since()), row.time()),
        RowKind::Gauge => (None, row.time()),
    };
    if let Some(start) = start {
        put_time("startTimeUnixNano", start, out);
    }
    put_time("timeUnixNano", time, out);
    let value = match row.value().as_whole() {
        Some(whole) => format!(r#""asInt":"{whole}"}}"#),
        None => format!(r#""asDouble":{}}}"#, row.value()),
    };
    out.extend_from_slice(value.as_bytes());
}

/// A time in nanoseconds; as a text, as all integers of 64 bits are.
fn put_time(key: &str, second: u64, out: &mut Vec<u8>) {
    let nanos = u128::from(second) * 1_000_000_000;
    out.extend(format!(r#""{key}":"{nanos}","#).bytes());
}

fn put_attributes<'a>(
    attributes: impl Iterator<Item = (&'static str, &'a str)>,
    out: &mut Vec<u8>,
) {
    for (index, (key, value)) in attributes.enumerate() {
        out.extend_from_slice(if index == 0 { br#"{"key":"# } else { &br#",{"key":"#[..] });
        put(key, out);
        out.extend_from_slice(br#","value":{"stringValue":"#);
        put(value, out);
        out.extend_from_slice(b"}}");
    }
}

fn put(text: &(impl Serialize + ?Sized), out: &mut Vec<u8>) {
    // A text can be written, and a vector takes all.
    let written = serde_json::to_writer(out, text);
    debug_assert!(written.is_ok(), "{written:?}");
}
