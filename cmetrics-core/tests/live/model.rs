//! When a point is final: `docs/points.md`, *Streams*, read naively.

#![allow(dead_code, reason = "each test takes what it needs of it")]

use std::collections::BTreeMap;

use cmetrics_core::{DataPoint, Input, MetricSet, Pipeline, Settings};
use serde_json::{Value, json};

use super::naive::{self, Cpu, Restart};
use super::steps::{SECOND, START_MILLIS, at, text_with, time_of};

/// For how many seconds a live pipeline remembers samples.
const HISTORY: u64 = 150;

/// Where a metric that tests tell stands in a sample.
const PATHS: [(&str, &str); 20] = [
    ("cpu.usage", "/cpu/usage/total"),
    ("cpu.cfs_periods", "/cpu/cfs/periods"),
    ("cpu.schedstat_run_time", "/cpu/schedstat/run_time"),
    ("cpu.schedstat_runqueue_time", "/cpu/schedstat/runqueue_time"),
    ("cpu.schedstat_run_periods", "/cpu/schedstat/run_periods"),
    ("cpu.load", "/cpu/load_average"),
    ("tasks.sleeping", "/task_stats/nr_sleeping"),
    ("memory.usage", "/memory/usage"),
    ("memory.swap", "/memory/swap"),
    ("memory.failures", "/memory/failcnt"),
    ("memory.page_faults", "/memory/container_data/pgfault"),
    ("memory.oom_events", "/oom_events"),
    ("memory.referenced", "/referenced_memory"),
    ("filesystem.usage", "/filesystem"),
    ("filesystem.base_usage", "/filesystem"),
    ("filesystem.inodes", "/filesystem"),
    ("processes.count", "/processes/process_count"),
    ("processes.fds", "/processes/fd_count"),
    ("gpu.memory_used", "/accelerators"),
    ("gpu.memory_total", "/accelerators/0/memory_total"),
];

/// What a sample has a reading of.
fn read_in(sample: &Value, metrics: MetricSet) -> Vec<String> {
    let selected = MetricSet::documented().union(metrics);
    let is_selected = |name: &str| selected.iter().any(|metric| metric.name() == name);
    // The sample itself is one: the container was watched from it on.
    let mut keys = vec!["sample".to_owned()];
    for (name, path) in PATHS {
        let is_read = sample.pointer(path).is_some_and(|value| !is_no_reading(sample, name, value));
        keys.extend((is_read && is_selected(name)).then(|| name.to_owned()));
    }
    keys.extend(sample.get("diskio").map(|_| "diskio".to_owned()));
    let interfaces = sample.pointer("/network/interfaces").and_then(Value::as_array);
    keys.extend(interfaces.into_iter().flatten().map(|entry| entry["name"].to_string()));
    for (list, field, name) in [
        ("io_service_bytes", "Read", "diskio.read"),
        ("io_service_bytes", "Write", "diskio.write"),
        ("io_serviced", "Read", "diskio.read_ops"),
    ] {
        let devices = sample["diskio"].get(list).and_then(Value::as_array).into_iter().flatten();
        let told = devices.filter(|device| device["stats"].get(field).is_some());
        let told = told.filter(|_| is_selected(name));
        keys.extend(told.map(|device| format!("{name} {}", device["minor"])));
    }
    keys
}

/// A wrapped swap, and a schedstat of zeros.
fn is_no_reading(sample: &Value, name: &str, value: &Value) -> bool {
    let schedstat = &sample["cpu"]["schedstat"];
    match name {
        "memory.swap" => value.as_u64().is_some_and(|swap| swap >= 1 << 63),
        _ if name.starts_with("cpu.schedstat") => {
            schedstat.as_object().unwrap().values().all(|figure| figure == 0)
        }
        _ => false,
    }
}

/// The readings of the CPU counter.
fn cpu_readings<'s>(samples: impl Iterator<Item = &'s Value>) -> BTreeMap<i128, i128> {
    let used = |sample: &Value| {
        let used = sample.pointer("/cpu/usage/total")?.as_u64()?;
        Some((time_of(sample).into(), used.into()))
    };
    samples.filter_map(used).collect()
}

/// Whether the reading was odd and nothing behind it decided otherwise.
fn is_undecided(cpu: Cpu) -> bool {
    matches!(cpu, Cpu::Implausible | Cpu::Correction | Cpu::Restarted(Restart::AtSample(_)))
}

/// Long before any sample, in seconds.
const LONG_AGO: u64 = START_MILLIS / 1_000 - SINCE_THEN;
const SINCE_THEN: u64 = 100_000;

/// What is forgotten of a container that comes back might be this: all devices that there are were
/// listed and the CPU counter was read, too long ago for any growth since.
fn long_ago(cpu: Option<&Value>) -> Value {
    let device = |minor| json!({ "major": 8, "minor": minor, "stats": { "Read": 0, "Write": 0 } });
    let devices = [0, 1].map(device);
    json!({
        "timestamp": at(LONG_AGO * SECOND).to_string(),
        "diskio": { "io_service_bytes": devices, "io_serviced": devices },
        "oom_events": 0,
        "cpu": { "usage": cpu },
    })
}

/// The first odd CPU reading behind which the next one comes too late to decide about it in a
/// stream: a batch decides by it all the same (`docs/points.md`, *Streams*).
fn left_open(readings: &BTreeMap<i128, i128>, specs: &[Value], max_gap: u64) -> Option<i128> {
    let max_gap = i128::from(max_gap * SECOND);
    let times: Vec<i128> = readings.keys().copied().collect();
    let is_open = |pair: &&[i128]| {
        let known = readings.range(..=pair[0]).map(|(time, used)| (*time, *used)).collect();
        pair[1] - pair[0] > max_gap && is_undecided(naive::judged(&known, specs)[&pair[0]])
    };
    times.windows(2).find(is_open).map(|pair| pair[0])
}

pub(crate) fn is_left_open<'s>(samples: impl Iterator<Item = &'s Value>, max_gap: u64) -> bool {
    left_open(&cpu_readings(samples), &[], max_gap).is_some()
}

/// The samples up to the first one that is left open.
pub(crate) fn closed(mut stats: Vec<Value>, specs: &[Value], max_gap: u64) -> Vec<Value> {
    if let Some(last) = left_open(&cpu_readings(stats.iter()), specs, max_gap) {
        stats.retain(|sample| i128::from(time_of(sample)) <= last);
    }
    stats
}

/// `docs/points.md`, *Streams*, read naively, for one container.
pub(crate) struct Model {
    settings: Settings,
    lateness: u64,
    history: u64,
    /// What it is called: a slash and this.
    pub(crate) number: usize,
    /// What every document tells of it.
    pub(crate) specs: Vec<Value>,
    /// Whether an odd CPU reading was ever followed by the next one too late to be decided by it.
    pub(crate) is_left_open: bool,
    /// The accepted samples of a container that is not forgotten.
    accepted: BTreeMap<u64, Value>,
    pub(crate) newest: u64,
    remembered_since: u64,
    pub(crate) late: u64,
    pub(crate) duplicates: u64,
    /// The points of those times after which the container was forgotten.
    pub(crate) before: Vec<DataPoint>,
    /// Whether there were such times.
    is_back: bool,
}

impl Model {
    pub(crate) fn new(settings: Settings, lateness: u64) -> Self {
        Self::with_history(settings, lateness, HISTORY)
    }

    /// One that remembers times for so many seconds.
    pub(crate) fn with_history(settings: Settings, lateness: u64, history: u64) -> Self {
        Self {
            settings,
            lateness: lateness * SECOND,
            history: history * SECOND,
            number: 0,
            specs: Vec::new(),
            is_left_open: false,
            accepted: BTreeMap::new(),
            newest: 0,
            remembered_since: 0,
            late: 0,
            duplicates: 0,
            before: Vec::new(),
            is_back: false,
        }
    }

    pub(crate) fn deliver(&mut self, sample: &Value) {
        let time = time_of(sample);
        if time >= self.remembered_since && self.accepted.contains_key(&time) {
            self.duplicates += 1;
        } else if self.is_late(time) {
            self.late += 1;
        } else {
            self.accept(sample);
        }
    }

    pub(crate) fn is_late(&self, time: u64) -> bool {
        time + self.lateness < self.newest
    }

    pub(crate) fn accept(&mut self, sample: &Value) {
        let time = time_of(sample);
        assert!(self.accepted.insert(time, sample.clone()).is_none());
        self.newest = self.newest.max(time);
        let readings = cpu_readings(self.accepted.values());
        let left_open = left_open(&readings, &self.specs, self.settings.max_gap().as_secs());
        self.is_left_open |= left_open.is_some();
    }

    /// Takes the time of whom settles.
    pub(crate) fn settle(&mut self, now: Option<u64>) {
        self.newest = self.newest.max(now.unwrap_or(0));
        self.remembered_since = self.newest.saturating_sub(self.history.max(self.lateness));
    }

    /// Whether the container is forgotten when it is settled.
    pub(crate) fn is_over(&self) -> bool {
        let most = self.history.max(self.settings.max_gap().as_secs() * SECOND);
        let last = self.accepted.last_key_value().map_or(0, |(time, _)| *time);
        last + most + self.lateness < self.newest
    }

    pub(crate) fn forget(&mut self) {
        self.before.extend(self.batch());
        self.is_back |= self.is_known();
        self.accepted.clear();
        (self.late, self.duplicates) = (0, 0);
    }

    /// The points of a container that is not forgotten, all samples being there.
    pub(crate) fn batch(&self) -> Vec<DataPoint> {
        let cpu = || self.accepted.values().find_map(|sample| sample.pointer("/cpu/usage"));
        let forgotten = self.is_back.then(|| long_ago(cpu()));
        let stats: Vec<_> = forgotten.into_iter().chain(self.accepted.values().cloned()).collect();
        let mut pipeline = Pipeline::new(self.settings);
        let text = text_with(&self.specs, &format!("/{}", self.number), &stats);
        pipeline.read(Input::reader("batch", text.as_bytes())).into_result().unwrap();
        let mut points = pipeline.points();
        points.retain(|point| point.interval().start() > LONG_AGO + SINCE_THEN / 2);
        points
    }

    /// The samples before which none can come.
    fn sure(&self) -> impl Iterator<Item = &Value> {
        let sure =
            self.accepted.iter().take_while(|(time, _)| **time + self.lateness <= self.newest);
        sure.map(|(_, sample)| sample)
    }

    /// When each counter, gauge and section that is not forgotten was last read, of all samples
    /// before which none can come; and the same of those that a sample has which waits for the
    /// next CPU reading, be it odd or behind an odd one: whatever its fate, it is not silence.
    fn last_read(&self) -> (Vec<u64>, Vec<u64>) {
        let cpu = naive::judged(&cpu_readings(self.sure()), &self.specs);
        let waiting = cpu.last_key_value().filter(|(time, said)| {
            let decided_at = **time + i128::from(self.settings.max_gap().as_secs() * SECOND);
            is_undecided(**said)
                && i128::from(self.newest) - i128::from(self.lateness) <= decided_at
        });
        let (mut read, mut held) = (BTreeMap::new(), Vec::new());
        for sample in self.sure() {
            let time = time_of(sample);
            let keys = read_in(sample, self.settings.metrics());
            if waiting.is_some_and(|(waits, _)| *waits <= i128::from(time)) {
                let is_near =
                    |read: &u64| time <= *read + self.settings.max_gap().as_secs() * SECOND;
                held.extend(keys.iter().filter_map(|key| read.get(key).copied()).filter(is_near));
                held.push(time);
                continue;
            }
            match cpu.get(&i128::from(time)) {
                Some(Cpu::SetAside) => continue,
                Some(Cpu::Restarted(_)) => read.clear(),
                _ => {}
            }
            read.extend(keys.into_iter().map(|key| (key, time)));
        }
        held.extend(self.undecided_start(&cpu, waiting.map(|(time, _)| *time)));
        (read.into_values().collect(), held)
    }

    /// The first start behind the last CPU reading which was decided about, if the next reading
    /// may still grow from it.
    fn undecided_start(&self, cpu: &BTreeMap<i128, Cpu>, waiting: Option<i128>) -> Option<u64> {
        let now = i128::from(self.newest.saturating_sub(self.lateness));
        let next = waiting.unwrap_or(now);
        let stands = |(time, said): (&i128, &Cpu)| (*said != Cpu::SetAside).then_some(*time);
        let last = cpu.range(..waiting.unwrap_or(i128::MAX)).rev().find_map(stands)?;
        let max_gap = i128::from(self.settings.max_gap().as_secs() * SECOND);
        let is_near = |start: &i128| last < *start && *start <= now && next <= *start + max_gap;
        let start = naive::starts(&self.specs).into_iter().find(is_near)?;
        u64::try_from(start).ok()
    }

    /// The final points of a container that is not forgotten, and the others.
    pub(crate) fn points(&self) -> (Vec<DataPoint>, Vec<DataPoint>) {
        let (last_read, held) = self.last_read();
        let silent = self.settings.max_gap().as_secs() * SECOND + self.lateness;
        // Before the first sample of which it is sure that none comes before, nothing is known.
        let is_begun = self.sure().next().is_some();
        let is_final = |point: &DataPoint| {
            let end = point.interval().end() * SECOND;
            is_begun
                && end + self.lateness <= self.newest
                && last_read.iter().all(|read| *read >= end || read + silent < self.newest)
                && held.iter().all(|read| *read >= end)
        };
        self.batch().into_iter().partition(is_final)
    }

    /// Whether there are samples of it that are not forgotten.
    pub(crate) fn is_known(&self) -> bool {
        !self.accepted.is_empty()
    }

    /// The samples that are remembered.
    pub(crate) fn remembered(&self) -> Vec<u64> {
        self.accepted.range(self.remembered_since..).map(|(time, _)| *time).collect()
    }
}
