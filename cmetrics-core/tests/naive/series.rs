//! A container's samples in time order, each once.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Clock;
use super::catalogue::Metric;
use super::document::Found;
use super::reading::{Parts, Sample, read};
use super::timestamp::nanoseconds;

/// What the CPU counter says at a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cpu {
    /// Not read here, or never before.
    Unknown,
    RanOn,
    Fell,
}

/// Samples by their time, in nanoseconds since the epoch.
#[derive(Debug, Default)]
pub(crate) struct Series {
    pub(crate) samples: BTreeMap<i128, Sample>,
}

/// All series, by container name.
pub(crate) fn collect(found: &[Found], metrics: &[Metric]) -> BTreeMap<String, Series> {
    let mut all: BTreeMap<String, Series> = BTreeMap::new();
    for one in found {
        let text = one.sample.get("timestamp").and_then(Value::as_str);
        let Some(time) = text.and_then(nanoseconds) else {
            continue;
        };
        // Rule 2: a time at or before the epoch marks a sample that was never taken.
        if time <= 0 {
            continue;
        }
        let series = all.entry(one.container.clone()).or_default();
        series.add(time, read(one, metrics), metrics);
    }
    all
}

impl Series {
    /// Rule 1: a sample is identified by container and timestamp; copies count once.
    fn add(&mut self, time: i128, copy: Sample, metrics: &[Metric]) {
        match self.samples.get_mut(&time) {
            None => {
                self.samples.insert(time, copy);
            }
            Some(first) => complete(first, copy, metrics),
        }
    }

    pub(crate) fn cpu(&self) -> BTreeMap<i128, Cpu> {
        let mut last = None;
        let mut states = BTreeMap::new();
        for (time, sample) in &self.samples {
            let now = sample.readings.get("cpu.usage").and_then(|parts| parts.get(""));
            let state = match (last, now) {
                (Some(before), Some(now)) if now < before => Cpu::Fell,
                (Some(_), Some(_)) => Cpu::RanOn,
                _ => Cpu::Unknown,
            };
            states.insert(*time, state);
            last = now.or(last);
        }
        states
    }

    /// Rule 6: the restart lies at the sample whose CPU reading fell, between any earlier
    /// sample and that one. A gap before it (rule 5) makes it no less a restart.
    pub(crate) fn restarts(&self) -> Vec<i128> {
        let states = self.cpu().into_iter();
        states.filter(|(_, cpu)| *cpu == Cpu::Fell).map(|(time, _)| time).collect()
    }

    pub(crate) fn samples_by_interval(&self, clock: &Clock) -> BTreeMap<i128, u64> {
        let mut counts = BTreeMap::new();
        for time in self.samples.keys() {
            *counts.entry(clock.interval_of(*time)).or_insert(0) += 1;
        }
        counts
    }

    /// Nanoseconds of each interval that lie between successive samples at most `max_gap`
    /// apart and with no restart between them.
    pub(crate) fn covered_by_interval(&self, clock: &Clock) -> BTreeMap<i128, i128> {
        let cpu = self.cpu();
        let times: Vec<i128> = self.samples.keys().copied().collect();
        let mut covered = BTreeMap::new();
        for pair in times.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            if to - from > clock.max_gap || cpu[&to] == Cpu::Fell {
                continue;
            }
            for (interval, start, end) in pieces(from, to, clock) {
                *covered.entry(interval).or_insert(0) += end - start;
            }
        }
        covered
    }
}

/// The span between two instants, cut at the edges of intervals: only parts of some length,
/// so a span that ends on an edge has no part in the interval that begins there.
pub(crate) fn pieces(from: i128, to: i128, clock: &Clock) -> Vec<(i128, i128, i128)> {
    let intervals = clock.interval_of(from)..=clock.interval_of(to - 1);
    let piece = |interval| {
        let (start, end) = clock.edges(interval);
        (interval, start.max(from), end.min(to))
    };
    intervals.map(piece).collect()
}

/// Rule 1, and "Copies complete each other" of the catalogue.
fn complete(first: &mut Sample, copy: Sample, metrics: &[Metric]) {
    for metric in metrics {
        let Some(parts) = copy.readings.get(metric.name) else {
            continue;
        };
        if metric.larger_copy_stays() {
            keep_larger(first, metric, parts);
        } else if first.only_from_machinestats {
            take_what_lacks(first, metric, parts);
        }
    }
    if first.only_from_machinestats && first.disk.is_none() {
        first.disk = copy.disk;
    }
    first.told_by_v1 |= copy.told_by_v1;
    first.only_from_machinestats &= copy.only_from_machinestats;
}

fn keep_larger(first: &mut Sample, metric: &Metric, parts: &Parts) {
    let known = first.readings.entry(metric.name).or_default();
    for (part, value) in parts {
        let larger = known.get(part).copied().unwrap_or(*value).max(*value);
        known.insert(part.clone(), larger);
    }
}

fn take_what_lacks(first: &mut Sample, metric: &Metric, parts: &Parts) {
    let known = first.readings.entry(metric.name).or_default();
    for (part, value) in parts {
        known.entry(part.clone()).or_insert(*value);
    }
}
