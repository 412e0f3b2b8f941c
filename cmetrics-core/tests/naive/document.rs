//! Finds the samples of a document, and what it tells of containers. Its kind is told by its
//! content alone.

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

/// The `spec` of a container, which stands beside its samples or without any.
pub(crate) struct Told<'a> {
    pub(crate) container: String,
    pub(crate) spec: &'a Value,
}

/// What the documents hold, in the order of reading.
#[derive(Default)]
pub(crate) struct Contents<'a> {
    pub(crate) samples: Vec<Found<'a>>,
    pub(crate) specs: Vec<Told<'a>>,
}

impl<'a> Contents<'a> {
    pub(crate) fn read(&mut self, document: &'a Value, machine: Option<&str>) {
        match document {
            Value::Array(items) => {
                for item in items {
                    if item.get("timestamp").is_some() {
                        self.machine_sample(item, machine);
                    } else {
                        self.read(item, machine);
                    }
                }
            }
            Value::Object(object) if is_v1_container(object) => {
                self.v1_container(object, "", machine);
            }
            Value::Object(map) => {
                for (path, value) in map {
                    self.map_entry(path, value, machine);
                }
            }
            _ => {}
        }
    }

    /// `machinestats` is of the root alone, and has no flags.
    fn machine_sample(&mut self, sample: &'a Value, machine: Option<&str>) {
        self.samples.push(Found {
            container: container_name(None, "/", machine),
            kind: Kind::MachineStats,
            flags: &Value::Null,
            sample,
        });
    }

    fn map_entry(&mut self, path: &str, value: &'a Value, machine: Option<&str>) {
        match value {
            Value::Array(stats) => {
                // Rule 3 of `docs/points.md`: v2.0 has its flags in the sample.
                self.samples.extend(stats.iter().map(|sample| Found {
                    container: container_name(None, path, machine),
                    kind: Kind::V20,
                    flags: sample,
                    sample,
                }));
            }
            Value::Object(object) if is_v1_container(object) => {
                self.v1_container(object, path, machine);
            }
            Value::Object(object) => {
                let container = container_name(None, path, machine);
                self.with_spec(object, &container, Kind::V21);
            }
            _ => {}
        }
    }

    fn v1_container(
        &mut self,
        object: &'a Map<String, Value>,
        path_in_map: &str,
        machine: Option<&str>,
    ) {
        let text = |key| object.get(key).and_then(Value::as_str);
        let path = text("name").unwrap_or(path_in_map);
        let container = container_name(text("id"), path, machine);
        self.with_spec(object, &container, Kind::V1);
    }

    /// Rule 3 of `docs/points.md`: v1 and v2.1 have their flags in `spec`; `stats` absent or null
    /// is no samples.
    fn with_spec(&mut self, object: &'a Map<String, Value>, container: &str, kind: Kind) {
        let flags = object.get("spec").unwrap_or(&Value::Null);
        self.specs.push(Told { container: container.to_owned(), spec: flags });
        if let Some(Value::Array(stats)) = object.get("stats") {
            let container = || container.to_owned();
            let found = |sample| Found { container: container(), kind, flags, sample };
            self.samples.extend(stats.iter().map(found));
        }
    }
}

/// Only v1 says name or id beside `stats`; in a map of containers no value is a string.
fn is_v1_container(object: &Map<String, Value>) -> bool {
    let says = |key| object.get(key).is_some_and(Value::is_string);
    says("name") || says("id")
}
