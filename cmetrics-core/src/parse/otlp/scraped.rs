//! What one receiver told of a resource: the meaning of its data points.

use std::collections::BTreeMap;

use super::instant::Instant;
use super::point::{Point, Value};
use super::table::{DeviceMetrics, Meaning, Named};
use crate::container::Limits;
use crate::metric::Metric;
use crate::parse::decimal;
use crate::parse::remarks::Remarks;

/// What one receiver told of a resource.
#[derive(Default)]
pub(super) struct Scraped<'t> {
    /// The readings by time, in nanoseconds since the epoch.
    pub(super) instants: BTreeMap<u64, Instant<'t>>,
    /// `None` if none was told of. A receiver may tell of them in a request of their own.
    pub(super) limits: Option<Limits>,
    /// Whether memory is that of cgroup v2.
    pub(super) is_of_v2: bool,
    /// Whether the working set leaves out the whole cache.
    pub(super) is_without_cache: bool,
}

/// Where no device is named.
const ANY_DEVICE: (u64, u64) = (0, 0);

impl<'t> Scraped<'t> {
    /// Adds a data point.
    pub(super) fn add(
        &mut self,
        named: Named,
        operation: Option<&str>,
        point: &Point<'t>,
        remarks: &mut Remarks,
    ) {
        let direction = point.direction.as_deref();
        match named {
            Named::Own(metric, meaning) => {
                if let Some(value) = value(point.value, meaning, remarks) {
                    self.instant(point).set(metric, value);
                }
            }
            Named::OfInterface(metric) => self.of_interface(metric, point, remarks),
            Named::OfDirection(received, transmitted) => match direction {
                Some("receive") => self.of_interface(received, point, remarks),
                Some("transmit") => self.of_interface(transmitted, point, remarks),
                _ => {}
            },
            Named::OfDevice(metrics) => {
                let operation = operation.or(point.operation.as_deref()).unwrap_or_default();
                self.of_device(metrics, operation, point, remarks);
            }
            Named::OfAnyDevice(metric) => self.of_any_device(metric, point, remarks),
            Named::ReadOrWritten(read, written) => match direction {
                Some("read") => self.of_any_device(read, point, remarks),
                Some("write") => self.of_any_device(written, point, remarks),
                _ => {}
            },
            Named::Faults => {
                if let Some(value) = value(point.value, Meaning::Plain, remarks) {
                    match direction {
                        Some("minor") => self.instant(point).set_minor_faults(value),
                        Some("major") => {
                            self.instant(point).set(Metric::MemoryMajorPageFaults, value);
                        }
                        _ => {}
                    }
                }
            }
            Named::MemoryLimit => {
                self.limits_at(point).memory_bytes = value(point.value, Meaning::Limit, remarks);
            }
            Named::CpuShares => {
                self.limits_at(point).cpu_shares = value(point.value, Meaning::NotZero, remarks);
            }
            Named::CpuCores => {
                let cores = std::str::from_utf8(point.value.text).ok();
                let cores = cores.and_then(|cores| cores.parse::<f64>().ok());
                self.limits_at(point).cpu_cores =
                    cores.filter(|cores| cores.is_finite() && *cores > 0.0);
            }
        }
    }

    fn of_interface(&mut self, metric: Metric, point: &Point<'t>, remarks: &mut Remarks) {
        if let Some(value) = value(point.value, Meaning::Plain, remarks) {
            let interface = point.interface.clone().unwrap_or_default();
            self.instant(point).set_of_interface(interface, metric, value);
        }
    }

    fn of_device(
        &mut self,
        metrics: DeviceMetrics,
        operation: &str,
        point: &Point<'t>,
        remarks: &mut Remarks,
    ) {
        let found = metrics.iter().find(|(known, _)| known.eq_ignore_ascii_case(operation));
        let Some((_, metric)) = found else { return };
        let Some(value) = value(point.value, Meaning::Plain, remarks) else { return };
        let part = |number: &Option<_>| number.as_deref().map_or(Ok(0), str::parse);
        if let (Ok(major), Ok(minor)) = (part(&point.major), part(&point.minor)) {
            self.instant(point).set_of_device((major, minor), *metric, value);
        }
    }

    fn of_any_device(&mut self, metric: Metric, point: &Point<'t>, remarks: &mut Remarks) {
        if let Some(value) = value(point.value, Meaning::Plain, remarks) {
            self.instant(point).set_of_device(ANY_DEVICE, metric, value);
        }
    }

    /// The limits, which hold from the sample of their time on: that the sample has no readings
    /// here does not mean that it has none in other requests.
    fn limits_at(&mut self, point: &Point<'_>) -> &mut Limits {
        self.instant(point);
        self.limits.get_or_insert_default()
    }

    fn instant(&mut self, point: &Point<'_>) -> &mut Instant<'t> {
        self.instants.entry(point.time).or_default()
    }
}

/// The value of a data point; `None` where it was not measured, or is a wrong one, which is
/// remarked.
fn value(value: Value<'_>, meaning: Meaning, remarks: &mut Remarks) -> Option<u64> {
    let Value { at, text } = value;
    if matches!(text, b"NaN" | b"Infinity" | b"-Infinity") {
        return None;
    }
    let places = match meaning {
        Meaning::Seconds | Meaning::SecondsFromZero => Some(NANOS_OF_SECONDS),
        Meaning::Mean { places } => Some(places),
        Meaning::Plain | Meaning::NotZero | Meaning::Limit => None,
    };
    let value = match places {
        Some(places) => {
            let value = decimal::shifted(text, places);
            value.or_else(|| remarks.no_number(at, "asDouble", text))
        }
        None => remarks.whole(at, "asInt", text),
    }?;
    match meaning {
        Meaning::Plain | Meaning::SecondsFromZero | Meaning::Mean { .. } => Some(value),
        Meaning::NotZero | Meaning::Seconds => Some(value).filter(|value| *value > 0),
        Meaning::Limit => Limits::told(value),
    }
}

/// How many places nanoseconds are behind the point of seconds.
const NANOS_OF_SECONDS: u8 = 9;
