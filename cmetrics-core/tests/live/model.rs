//! When a point is final: the contract's *Streams*, read naively.

#![allow(dead_code, reason = "each test takes what it needs of it")]

use std::collections::BTreeMap;

use cmetrics_core::{DataPoint, Pipeline, Settings};
use serde_json::Value;

use super::steps::{SECOND, document, time_of};

/// For how many seconds a live pipeline remembers samples.
const HISTORY: u64 = 150;

/// What a sample has a reading of.
fn read_in(sample: &Value) -> Vec<String> {
    // The sample itself is one: the container was watched from it on.
    let mut keys = vec!["sample".to_owned()];
    for path in ["/cpu/usage/total", "/cpu/load_average", "/memory/usage", "/diskio"] {
        keys.extend(sample.pointer(path).map(|_| path.to_owned()));
    }
    let interfaces = sample.pointer("/network/interfaces").and_then(Value::as_array);
    let devices = sample.pointer("/diskio/io_service_bytes").and_then(Value::as_array);
    let named = |entry: &Value| format!("{} {}", entry["name"], entry["minor"]);
    keys.extend(interfaces.into_iter().chain(devices).flatten().map(named));
    keys
}

/// The contract's *Streams*, read naively, for one container.
pub(crate) struct Model {
    settings: Settings,
    lateness: u64,
    history: u64,
    /// What it is called: a slash and this.
    pub(crate) number: usize,
    /// The accepted samples of a container that is not forgotten.
    accepted: BTreeMap<u64, Value>,
    pub(crate) newest: u64,
    remembered_since: u64,
    pub(crate) late: u64,
    pub(crate) duplicates: u64,
    /// The points of those times after which the container was forgotten.
    pub(crate) before: Vec<DataPoint>,
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
            accepted: BTreeMap::new(),
            newest: 0,
            remembered_since: 0,
            late: 0,
            duplicates: 0,
            before: Vec::new(),
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
    }

    /// Takes the time of whom settles.
    pub(crate) fn settle(&mut self, now: Option<u64>) {
        self.newest = self.newest.max(now.unwrap_or(0));
        self.remembered_since = self.newest.saturating_sub(self.history.max(self.lateness));
    }

    /// Whether the container is forgotten when it is settled.
    pub(crate) fn is_over(&self) -> bool {
        let most = self.history.max(self.settings.max_gap() * SECOND);
        let last = self.accepted.last_key_value().map_or(0, |(time, _)| *time);
        last + most + self.lateness < self.newest
    }

    pub(crate) fn forget(&mut self) {
        self.before.extend(self.batch());
        self.accepted.clear();
        (self.late, self.duplicates) = (0, 0);
    }

    /// The points of a container that is not forgotten, all samples being there.
    pub(crate) fn batch(&self) -> Vec<DataPoint> {
        let stats: Vec<_> = self.accepted.values().cloned().collect();
        let mut containers = vec![Vec::new(); self.number];
        containers.push(stats);
        let mut pipeline = Pipeline::new(self.settings);
        pipeline.read("batch", document(&containers).to_string().as_bytes());
        pipeline.points()
    }

    /// When each counter, gauge and section that is not forgotten was last read, of all samples
    /// before which none can come.
    fn last_read(&self) -> Vec<u64> {
        let (mut read, mut cpu) = (BTreeMap::new(), 0);
        for (&time, sample) in &self.accepted {
            if time + self.lateness > self.newest {
                break;
            }
            if let Some(now) = sample.pointer("/cpu/usage/total").and_then(Value::as_u64) {
                if now < cpu {
                    read.clear();
                }
                cpu = now;
            }
            read.extend(read_in(sample).into_iter().map(|key| (key, time)));
        }
        read.into_values().collect()
    }

    /// The final points of a container that is not forgotten, and the others.
    pub(crate) fn points(&self) -> (Vec<DataPoint>, Vec<DataPoint>) {
        let last_read = self.last_read();
        let silent = self.settings.max_gap() * SECOND + self.lateness;
        let is_final = |point: &DataPoint| {
            let end = point.interval().end() * SECOND;
            end + self.lateness <= self.newest
                && last_read.iter().all(|read| *read >= end || read + silent < self.newest)
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
