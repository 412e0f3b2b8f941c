//! Reads what one sample measured.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::catalogue::{Metric, Source};
use super::document::{Found, Kind};

/// Readings of one metric: by interface or device name, or by `""` where it has no parts.
pub(crate) type Parts = BTreeMap<String, i128>;

/// Everything that one sample, or all its copies together, measured.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    pub(crate) readings: BTreeMap<&'static str, Parts>,
    /// The devices that each list of the disk section names; `None` without the section.
    pub(crate) disk: Option<BTreeMap<&'static str, BTreeSet<String>>>,
    pub(crate) told_by_v1: bool,
    pub(crate) only_from_machinestats: bool,
}

impl Sample {
    pub(crate) fn cpu_usage(&self) -> Option<i128> {
        self.readings.get("cpu.usage")?.get("").copied()
    }
}

pub(crate) fn read(found: &Found, metrics: &[Metric]) -> Sample {
    let mut readings = BTreeMap::new();
    for metric in metrics {
        let parts =
            if flag_denies(found, metric.flag) { Parts::new() } else { parts_of(found, metric) };
        if !parts.is_empty() {
            readings.insert(metric.name, parts);
        }
    }
    Sample {
        readings,
        disk: disk_section(found),
        told_by_v1: found.kind == Kind::V1,
        only_from_machinestats: found.kind == Kind::MachineStats,
    }
}

/// Rule 3 of `docs/points.md`: only `false` makes a section absent; `has_load` is a flag of v2.
fn flag_denies(found: &Found, flag: Option<&str>) -> bool {
    let Some(flag) = flag else { return false };
    let known = flag != "has_load" || found.kind != Kind::V1;
    known && found.flags.get(flag) == Some(&Value::Bool(false))
}

fn parts_of(found: &Found, metric: &Metric) -> Parts {
    let sample = found.sample;
    let single = match metric.source {
        Source::Interface(field) => return interface_parts(sample, field),
        Source::Device(list, field) => return device_parts(sample, list, field),
        Source::Number(path) => at_path(sample, path).and_then(number),
        Source::Schedstat(key) => schedstat(sample, key),
        Source::Tasks(key) => {
            let section = if found.kind == Kind::V1 { "task_stats" } else { "load_stats" };
            sample.get(section).and_then(|tasks| tasks.get(key)).and_then(number)
        }
        Source::FileSystem(_, key) if found.kind == Kind::V21 => {
            key.and_then(|key| sample.get("filesystem")?.get(key)).and_then(number)
        }
        Source::FileSystem(key, _) => sum_of_entries(sample, "filesystem", key, |_| true),
        Source::Inodes(key) => sum_of_entries(sample, "filesystem", key, |entry| {
            entry.get("has_inodes") != Some(&Value::Bool(false))
        }),
        Source::Accelerators(key) => sum_of_entries(sample, "accelerators", key, |_| true),
    };
    // A swap of 2^63 or more is a wrapped subtraction, not a measurement.
    let wrapped = |value: &i128| metric.name == "memory.swap" && *value >= 1 << 63;
    let single = single.filter(|value| !wrapped(value));
    single.map(|value| (String::new(), value)).into_iter().collect()
}

/// Absent and null are not measured. Counters are never negative; `load_average` is an int.
fn number(value: &Value) -> Option<i128> {
    value.as_u64().map(i128::from).or_else(|| value.as_i64().map(i128::from))
}

fn at_path<'a>(sample: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(sample, |value, key| value.get(key))
}

/// A schedstat whose three figures are all 0 was not read.
fn schedstat(sample: &Value, key: &str) -> Option<i128> {
    let section = sample.get("cpu")?.get("schedstat")?;
    let figure = |key: &str| section.get(key).and_then(number);
    let keys = ["run_time", "runqueue_time", "run_periods"];
    if keys.iter().all(|key| figure(key) == Some(0)) {
        return None;
    }
    figure(key)
}

fn entries<'a>(section: &'a Value, list: &str) -> &'a [Value] {
    section.get(list).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A gauge summed over a list is measured where at least one entry carries the key, also where the
/// sum is beyond 64 bits.
fn sum_of_entries(
    sample: &Value,
    list: &str,
    key: &str,
    counts: impl Fn(&Value) -> bool,
) -> Option<i128> {
    let counting = entries(sample, list).iter().filter(|entry| counts(entry));
    let values: Vec<i128> = counting.filter_map(|entry| number(entry.get(key)?)).collect();
    (!values.is_empty()).then(|| values.into_iter().sum())
}

/// `interfaces` is what is summed; the top level serves only where that is absent or null.
fn interface_parts(sample: &Value, field: &str) -> Parts {
    let Some(network) = sample.get("network") else {
        return Parts::new();
    };
    let interfaces: Vec<&Value> = match network.get("interfaces") {
        Some(Value::Array(interfaces)) => interfaces.iter().collect(),
        // A top level whose name is "" is an empty struct: not measured.
        _ if network.get("name").and_then(Value::as_str) == Some("") => Vec::new(),
        _ => vec![network],
    };
    let named = interfaces.into_iter().filter_map(|interface| {
        let name = interface.get("name")?.as_str()?;
        Some((name.to_owned(), number(interface.get(field)?)?))
    });
    added_by_name(named)
}

fn device_parts(sample: &Value, list: &str, field: &str) -> Parts {
    let Some(diskio) = sample.get("diskio") else {
        return Parts::new();
    };
    let named = entries(diskio, list).iter().filter_map(|entry| {
        let value = number(entry.get("stats")?.get(field)?)?;
        Some((device_name(entry)?, value))
    });
    added_by_name(named)
}

/// Entries of one name or one major:minor in a sample are added.
fn added_by_name(named: impl Iterator<Item = (String, i128)>) -> Parts {
    let mut parts = Parts::new();
    for (name, value) in named {
        *parts.entry(name).or_insert(0) += value;
    }
    parts
}

fn device_name(entry: &Value) -> Option<String> {
    let major = entry.get("major").and_then(Value::as_u64)?;
    let minor = entry.get("minor").and_then(Value::as_u64)?;
    Some(format!("{major}:{minor}"))
}

/// An empty `diskio`, or one with nothing but `psi`, was measured and lists no device.
fn disk_section(found: &Found) -> Option<BTreeMap<&'static str, BTreeSet<String>>> {
    if flag_denies(found, Some("has_diskio")) {
        return None;
    }
    let diskio = found.sample.get("diskio").filter(|diskio| diskio.is_object())?;
    let listed = |list| entries(diskio, list).iter().filter_map(device_name).collect();
    Some(["io_service_bytes", "io_serviced"].map(|list| (list, listed(list))).into())
}
