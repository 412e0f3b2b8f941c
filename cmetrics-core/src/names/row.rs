//! A flat row: one figure of a container at one time.

use serde::Serialize;

use super::number::Number;
use super::rule::Label;

/// What a row has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RowKind {
    /// All growth up to its time, from the zero on. It never falls, and the difference of two rows
    /// is the growth between them.
    Cumulative,
    /// The growth in the interval that begins at its time.
    Delta,
    /// A level or rate in the interval that begins at its time, or a limit.
    Gauge,
}

/// A flat row: one figure of a container at one time.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    pub(super) place: usize,
    pub(super) name: &'a str,
    pub(super) unit: &'a str,
    pub(super) kind: RowKind,
    pub(super) of_container: &'a [Label],
    pub(super) own: &'static [(&'static str, &'static str)],
    pub(super) time: u64,
    pub(super) since: u64,
    pub(super) until: u64,
    pub(super) value: Number,
}

impl<'a> Row<'a> {
    /// The place of its name in [`Names::iter`](super::Names::iter).
    pub fn place(&self) -> usize {
        self.place
    }

    /// Its name.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// The unit of its value; empty for that of its metric.
    pub fn unit(&self) -> &'a str {
        self.unit
    }

    /// What it has.
    pub fn kind(&self) -> RowKind {
        self.kind
    }

    /// The labels of its container, which all rows of the container have.
    pub fn container_labels(&self) -> impl Iterator<Item = (&'static str, &'a str)> + Clone {
        self.of_container.iter().map(|(label, value)| (*label, &**value))
    }

    /// The labels of its name.
    pub fn own_labels(&self) -> &'static [(&'static str, &'static str)] {
        self.own
    }

    /// All its labels.
    pub fn labels(&self) -> impl Iterator<Item = (&'static str, &'a str)> + Clone {
        self.container_labels().chain(self.own.iter().copied())
    }

    /// The start of its interval, in seconds since the epoch. The last row of a cumulative counter
    /// before an interval without it, and before the end, stands at the end of an interval.
    pub fn time(&self) -> u64 {
        self.time
    }

    /// The time from which on its value is, in seconds since the epoch: the zero of a cumulative
    /// counter, else the start of its interval.
    pub fn since(&self) -> u64 {
        self.since
    }

    /// The end of its interval; its time, where that is the end of one.
    pub fn until(&self) -> u64 {
        self.until
    }

    /// Its value.
    pub fn value(&self) -> Number {
        self.value
    }

    /// Writes it as a JSON object on one line, without the line's end.
    ///
    /// ```text
    /// {"name":"memory/rss","labels":{"type":"node"},"time":1795262400,"value":8192}
    /// ```
    pub fn write_json(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"name\":");
        put(out, self.name);
        out.extend_from_slice(b",\"labels\":{");
        for (index, (label, value)) in self.labels().enumerate() {
            out.extend_from_slice(if index == 0 { b"" } else { b"," });
            put(out, label);
            out.push(b':');
            put(out, value);
        }
        out.extend_from_slice(b"},\"time\":");
        put(out, &self.time);
        out.extend_from_slice(b",\"value\":");
        out.extend_from_slice(self.value.to_string().as_bytes());
        out.push(b'}');
    }
}

fn put(out: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    // All are numbers and texts, and a vector takes all.
    let written = serde_json::to_writer(out, value);
    debug_assert!(written.is_ok(), "{written:?}");
}
