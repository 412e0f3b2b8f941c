//! When a point is final: the contract's *Streams*, read naively.

use std::collections::BTreeMap;

use cmetrics_core::{DataPoint, Pipeline, Settings};
use serde_json::Value;

use super::steps::document;
use super::{SECOND, shown, time_of};

const HISTORY: u64 = 150 * SECOND;

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
    /// The accepted samples of a container that is not forgotten.
    accepted: BTreeMap<u64, Value>,
    pub(crate) newest: u64,
    remembered_since: u64,
    pub(crate) late: u64,
    pub(crate) duplicates: u64,
    /// The points of those times after which the container was forgotten.
    pub(crate) before: Vec<Value>,
}

impl Model {
    pub(crate) fn new(settings: Settings, lateness: u64) -> Self {
        Self {
            settings,
            lateness: lateness * SECOND,
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
        } else if time + self.lateness < self.newest {
            self.late += 1;
        } else {
            assert!(self.accepted.insert(time, sample.clone()).is_none());
            self.newest = self.newest.max(time);
        }
    }

    /// Takes the time of whom settles.
    pub(crate) fn settle(&mut self, now: Option<u64>) {
        self.newest = self.newest.max(now.unwrap_or(0));
        self.remembered_since = self.newest.saturating_sub(HISTORY.max(self.lateness));
    }

    /// Whether the container is forgotten when it is settled.
    pub(crate) fn is_over(&self) -> bool {
        let most = HISTORY.max(self.settings.max_gap() * SECOND);
        let last = self.accepted.last_key_value().map_or(0, |(time, _)| *time);
        last + most + self.lateness < self.newest
    }

    pub(crate) fn forget(&mut self) {
        self.before.extend(self.batch().iter().map(shown));
        self.accepted.clear();
        (self.late, self.duplicates) = (0, 0);
    }

    fn batch(&self) -> Vec<DataPoint> {
        let stats: Vec<_> = self.accepted.values().cloned().collect();
        let mut pipeline = Pipeline::new(self.settings);
        pipeline.read("batch", document(&[stats]).to_string().as_bytes());
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

    /// The final points, and the others.
    pub(crate) fn points(&self) -> (Vec<Value>, Vec<Value>) {
        let last_read = self.last_read();
        let silent = self.settings.max_gap() * SECOND + self.lateness;
        let is_final = |point: &DataPoint| {
            let end = point.interval().end() * SECOND;
            end + self.lateness <= self.newest
                && last_read.iter().all(|read| *read >= end || read + silent < self.newest)
        };
        let (settled, open): (Vec<_>, Vec<_>) = self.batch().into_iter().partition(is_final);
        let settled = self.before.iter().cloned().chain(settled.iter().map(shown));
        (settled.collect(), open.iter().map(shown).collect())
    }

    /// The samples that are remembered.
    pub(crate) fn remembered(&self) -> Vec<u64> {
        self.accepted.range(self.remembered_since..).map(|(time, _)| *time).collect()
    }
}
