//! A container's samples in time order, each once.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Clock;
use super::catalogue::Metric;
use super::document::Found;
use super::judge::{Cpu, Restart, judged, start_before};
use super::reading::{Parts, Sample, read};
use super::spec::Spec;
use super::timestamp::nanoseconds;

/// Samples by their time, in nanoseconds since the epoch, without those that are set aside.
#[derive(Debug, Default)]
pub(crate) struct Series {
    pub(crate) samples: BTreeMap<i128, Sample>,
    cpu: BTreeMap<i128, Cpu>,
    /// The start before the first sample, where one counts.
    pub(crate) first_start: Option<i128>,
}

/// All copies of all samples, by container name.
pub(crate) fn collect(
    found: &[Found],
    metrics: &[Metric],
) -> BTreeMap<String, BTreeMap<i128, Sample>> {
    let mut all: BTreeMap<String, BTreeMap<i128, Sample>> = BTreeMap::new();
    for one in found {
        let text = one.sample.get("timestamp").and_then(Value::as_str);
        let Some(time) = text.and_then(nanoseconds) else {
            continue;
        };
        // Rule 2 of `docs/points.md`: a time at or before the epoch marks a sample that was never
        // taken.
        if time <= 0 {
            continue;
        }
        add(all.entry(one.container.clone()).or_default(), time, read(one, metrics), metrics);
    }
    all
}

/// Rule 1 of `docs/points.md`: a sample is identified by container and timestamp; copies count
/// once.
fn add(samples: &mut BTreeMap<i128, Sample>, time: i128, copy: Sample, metrics: &[Metric]) {
    match samples.get_mut(&time) {
        None => {
            samples.insert(time, copy);
        }
        Some(first) => complete(first, copy, metrics),
    }
}

impl Series {
    pub(crate) fn new(mut samples: BTreeMap<i128, Sample>, spec: &Spec, clock: &Clock) -> Self {
        let used = |(time, sample): (&i128, &Sample)| Some((*time, sample.cpu_usage()?));
        let readings: BTreeMap<i128, i128> = samples.iter().filter_map(used).collect();
        let first_start = samples.first_key_value().and_then(|(first_sample, _)| {
            start_before(*first_sample, &readings, spec, clock.max_gap)
        });
        let cpu = judged(&readings, spec);
        samples.retain(|time, _| cpu.get(time) != Some(&Cpu::SetAside));
        Self { samples, cpu, first_start }
    }

    pub(crate) fn cpu(&self, time: i128) -> Cpu {
        self.cpu.get(&time).copied().unwrap_or(Cpu::Unknown)
    }

    /// The times of the samples of which the CPU counter says this.
    pub(crate) fn when(&self, said: Cpu) -> Vec<i128> {
        self.cpu.iter().filter(|(_, cpu)| **cpu == said).map(|(time, _)| *time).collect()
    }

    pub(crate) fn restarts(&self) -> Vec<Restart> {
        let restart = |cpu: &Cpu| match *cpu {
            Cpu::Restarted(restart) => Some(restart),
            _ => None,
        };
        self.cpu.values().filter_map(restart).collect()
    }

    /// The restart that has the one instant before it and the other at or behind it.
    pub(crate) fn restart_between(&self, from: i128, to: i128) -> Option<Restart> {
        self.restarts().into_iter().find(|restart| from < restart.time() && restart.time() <= to)
    }

    /// Successive samples.
    fn neighbours(&self) -> Vec<(i128, i128)> {
        let times: Vec<i128> = self.samples.keys().copied().collect();
        times.windows(2).map(|pair| (pair[0], pair[1])).collect()
    }

    /// Successive samples that are more than `max_gap` apart.
    pub(crate) fn gaps(&self, clock: &Clock) -> Vec<(i128, i128)> {
        let pairs = self.neighbours().into_iter();
        pairs.filter(|(from, to)| to - from > clock.max_gap).collect()
    }

    pub(crate) fn samples_by_interval(&self, clock: &Clock) -> BTreeMap<i128, u64> {
        let mut counts = BTreeMap::new();
        for time in self.samples.keys() {
            *counts.entry(clock.interval_of(*time)).or_insert(0) += 1;
        }
        counts
    }

    /// Nanoseconds of each interval that lie between successive samples with no restart between
    /// them, or between a known start and the sample behind it; at most `max_gap` apart.
    pub(crate) fn covered_by_interval(&self, clock: &Clock) -> BTreeMap<i128, i128> {
        let mut spans = Vec::new();
        if let (Some(start), Some((first, _))) = (self.first_start, self.samples.first_key_value())
        {
            spans.push((start, *first));
        }
        for (from, to) in self.neighbours() {
            match self.restart_between(from, to) {
                None => spans.push((from, to)),
                Some(Restart::AtStart(start)) => spans.push((start, to)),
                Some(Restart::AtSample(_)) => {}
            }
        }
        let mut covered = BTreeMap::new();
        for (from, to) in spans {
            if to - from > clock.max_gap {
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
    if from == to {
        return Vec::new();
    }
    let intervals = clock.interval_of(from)..=clock.interval_of(to - 1);
    let piece = |interval| {
        let (start, end) = clock.edges(interval);
        (interval, start.max(from), end.min(to))
    };
    intervals.map(piece).collect()
}

/// Rule 1 of `docs/points.md`: copies complete each other.
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
