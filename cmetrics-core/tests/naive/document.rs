//! Finds the samples of a document. Its kind is told by its content alone.

use serde_json::{Map, Value};

use super::naming::container_name;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    V1,
    V20,
    V21,
    MachineStats,
}

/// One element of a `stats` array, and where it was found.
pub(crate) struct Found<'a> {
    pub(crate) container: String,
    pub(crate) kind: Kind,
    /// The object that carries the `has_*` flags.
    pub(crate) flags: &'a Value,
    pub(crate) sample: &'a Value,
}

pub(crate) fn find_samples<'a>(
    document: &'a Value,
    machine: Option<&str>,
    found: &mut Vec<Found<'a>>,
) {
    match document {
        Value::Array(items) => {
            for item in items {
                if item.get("timestamp").is_some() {
                    found.push(machine_sample(item, machine));
                } else {
                    find_samples(item, machine, found);
                }
            }
        }
        Value::Object(object) if is_v1_container(object) => {
            v1_container(object, "", machine, found);
        }
        Value::Object(map) => {
            for (path, value) in map {
                map_entry(path, value, machine, found);
            }
        }
        _ => {}
    }
}

/// `machinestats` is of the root alone, and has no flags.
fn machine_sample<'a>(sample: &'a Value, machine: Option<&str>) -> Found<'a> {
    Found {
        container: container_name(None, "/", machine),
        kind: Kind::MachineStats,
        flags: &Value::Null,
        sample,
    }
}

/// Only v1 says name or id beside `stats`; in a map of containers no value is a string.
fn is_v1_container(object: &Map<String, Value>) -> bool {
    let says = |key| object.get(key).is_some_and(Value::is_string);
    says("name") || says("id")
}

fn map_entry<'a>(path: &str, value: &'a Value, machine: Option<&str>, found: &mut Vec<Found<'a>>) {
    match value {
        Value::Array(stats) => {
            // Rule 3: v2.0 has its flags in the sample.
            found.extend(stats.iter().map(|sample| Found {
                container: container_name(None, path, machine),
                kind: Kind::V20,
                flags: sample,
                sample,
            }));
        }
        Value::Object(object) if is_v1_container(object) => {
            v1_container(object, path, machine, found);
        }
        Value::Object(object) => {
            let container = container_name(None, path, machine);
            with_spec(object, &container, Kind::V21, found);
        }
        _ => {}
    }
}

fn v1_container<'a>(
    object: &'a Map<String, Value>,
    path_in_map: &str,
    machine: Option<&str>,
    found: &mut Vec<Found<'a>>,
) {
    let text = |key| object.get(key).and_then(Value::as_str);
    let path = text("name").unwrap_or(path_in_map);
    let container = container_name(text("id"), path, machine);
    with_spec(object, &container, Kind::V1, found);
}

/// Rule 3: v1 and v2.1 have their flags in `spec`; `stats` absent or null is no samples.
fn with_spec<'a>(
    object: &'a Map<String, Value>,
    container: &str,
    kind: Kind,
    found: &mut Vec<Found<'a>>,
) {
    let Some(Value::Array(stats)) = object.get("stats") else {
        return;
    };
    found.extend(stats.iter().map(|sample| Found {
        container: container.to_owned(),
        kind,
        flags: object.get("spec").unwrap_or(&Value::Null),
        sample,
    }));
}
