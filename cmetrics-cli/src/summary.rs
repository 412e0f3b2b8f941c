//! The closing summary.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use cmetrics_core::{Events, Metric, Pipeline, Series};

use crate::messages;

/// What the containers that counted add up to.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    containers: u64,
    samples: u64,
    duplicates: u64,
    never_taken: u64,
    faulty: u64,
    restarts: u64,
    gaps: u64,
    overflows: u64,
    unattributed: BTreeMap<Metric, u128>,
    pub(crate) points: u64,
}

impl Totals {
    /// Adds a container.
    pub(crate) fn add(&mut self, series: &Series, events: &Events) {
        let counts = series.counts();
        self.containers += 1;
        self.samples += series.len() as u64;
        self.duplicates += counts.duplicates;
        self.never_taken += counts.never_taken;
        self.faulty += counts.faulty;
        self.restarts += events.restarts.len() as u64;
        self.gaps += events.gaps.len() as u64;
        self.overflows += events.overflows;
        for (&metric, growth) in &events.unattributed {
            *self.unattributed.entry(metric).or_default() += growth;
        }
    }

    /// Tells the totals, and how long it took to get there.
    pub(crate) fn tell(&self, pipeline: &Pipeline, points: Option<u64>, time: Duration) {
        let read = pipeline.summary();
        let all = pipeline.series().count() as u64;
        let of_all = if all == self.containers { String::new() } else { format!(" of {all}") };
        messages::plain(format_args!(
            "{}, {}{of_all} {}, {} ({}), {}, {}{}",
            counted(read.inputs, "file"),
            self.containers,
            if all == 1 { "container" } else { "containers" },
            counted(self.samples, "sample"),
            counted(self.duplicates, "duplicate"),
            counted(self.restarts, "restart"),
            counted(self.gaps, "gap"),
            if read.errors == 0 {
                String::new()
            } else {
                format!(", {}", counted(read.errors, "error"))
            },
        ));
        messages::plain(format_args!("unattributed growth: {}", Listed(&self.unattributed)));
        self.tell_what_was_left_out(pipeline);
        tell_speed(read.bytes, points, time);
    }

    fn tell_what_was_left_out(&self, pipeline: &Pipeline) {
        let skipped = pipeline.skipped().len() as u64;
        let parts = [
            (self.faulty, "skipped sample", "a value cannot be"),
            (self.never_taken, "skipped sample", "never taken"),
            (self.overflows, "overflowed figure", "null"),
            (skipped, "skipped file", "no dump"),
        ];
        let told: Vec<_> = parts
            .iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, noun, why)| format!("{} ({why})", counted(*count, noun)))
            .collect();
        if !told.is_empty() {
            messages::plain(format_args!("{}", told.join(", ")));
        }
    }
}

/// Tells how long it took to read so many bytes, and to make so many points.
pub(crate) fn tell_speed(bytes: u64, points: Option<u64>, time: Duration) {
    let points = points.map(|points| format!("{} in ", counted(points, "point")));
    messages::plain(format_args!(
        "{}{:.2} s, {:.1} MB of JSON, {:.0} MB/s",
        points.unwrap_or_default(),
        time.as_secs_f64(),
        megabytes(bytes),
        megabytes(bytes) / time.as_secs_f64().max(1e-9),
    ));
}

#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

pub(crate) fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// Growth by metric, with its unit.
struct Listed<'g>(&'g BTreeMap<Metric, u128>);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut any = false;
        for (metric, growth) in self.0.iter().filter(|(_, growth)| **growth > 0) {
            let comma = if std::mem::replace(&mut any, true) { ", " } else { "" };
            match metric.unit() {
                cmetrics_core::Unit::Count => write!(f, "{comma}{metric} {growth}")?,
                unit => write!(f, "{comma}{metric} {growth} {unit}")?,
            }
        }
        if any { Ok(()) } else { f.write_str("none") }
    }
}
