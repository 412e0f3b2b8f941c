//! What the documents of a container tell beside its samples: its starts and its CPUs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::document::Told;
use super::timestamp::nanoseconds;

/// The CPUs of a container of which no document tells.
const CPUS_OF_THE_UNKNOWN: i128 = 4096;

#[derive(Debug, Clone, Default)]
pub(crate) struct Spec {
    /// In nanoseconds since the epoch.
    pub(crate) starts: BTreeSet<i128>,
    most_cpus: Option<i128>,
}

/// By container, over all documents.
pub(crate) fn collect(told: &[Told]) -> BTreeMap<String, Spec> {
    let mut all: BTreeMap<String, Spec> = BTreeMap::new();
    for one in told {
        all.entry(one.container.clone()).or_default().add(one.spec);
    }
    all
}

impl Spec {
    pub(crate) fn of(told: &[Value]) -> Self {
        let mut spec = Self::default();
        for one in told {
            spec.add(one);
        }
        spec
    }

    fn add(&mut self, told: &Value) {
        self.starts.extend(start_time(told));
        // Of several numbers the largest counts.
        self.most_cpus = self.most_cpus.max(cpus_in_mask(told));
    }

    pub(crate) fn cpus(&self) -> i128 {
        self.most_cpus.unwrap_or(CPUS_OF_THE_UNKNOWN)
    }
}

/// Go's zero time, and what is no timestamp, says nothing.
fn start_time(spec: &Value) -> Option<i128> {
    let time = nanoseconds(spec.get("start_time")?.as_str()?)?;
    (time > 0).then_some(time)
}

/// How many CPUs a list like `0-3,6` names; what is no such list says nothing.
fn cpus_in_mask(spec: &Value) -> Option<i128> {
    let mask = spec.get("cpu")?.get("mask")?.as_str()?;
    let mut cpus = BTreeSet::new();
    for range in mask.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last) = (cpu_number(first)?, cpu_number(last)?);
        if first > last {
            return None;
        }
        cpus.extend(first..=last);
    }
    i128::try_from(cpus.len()).ok()
}

fn cpu_number(text: &str) -> Option<u32> {
    // `parse` alone would take a sign.
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}
