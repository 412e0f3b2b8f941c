//! The metrics that cAdvisor measures: one table, from which parsing, delta, points, output and
//! help are derived.

mod listed;
mod section;
mod set;
mod table;
mod values;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use listed::MetricJson;
pub use section::Section;
pub(crate) use section::SectionSet;
pub use set::{MetricSet, UnknownMetric};
pub use table::Metric;
pub(crate) use values::MetricValues;

/// How the readings of a metric become the figures of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Rises from the container's start on; a point has its growth in the interval.
    Counter,
    /// Goes up and down; a point has the mean, the least and the greatest of its readings.
    Gauge,
}

/// The base unit of a metric's figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// Nanoseconds.
    Nanoseconds,
    /// Microseconds.
    Microseconds,
    /// A plain count, such as of packets or errors.
    Count,
    /// Threads that run or are ready to run.
    Threads,
    /// Tasks.
    Tasks,
    /// Enforcement periods or time slices of the scheduler.
    Periods,
    /// Page faults.
    Faults,
    /// Pages of memory.
    Pages,
    /// Disk operations.
    Operations,
    /// Inodes.
    Inodes,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bytes => "bytes",
            Self::Nanoseconds => "ns",
            Self::Microseconds => "µs",
            Self::Count => "count",
            Self::Threads => "threads",
            Self::Tasks => "tasks",
            Self::Periods => "periods",
            Self::Faults => "faults",
            Self::Pages => "pages",
            Self::Operations => "operations",
            Self::Inodes => "inodes",
        })
    }
}

/// What a sample has one reading of a metric for: the container, or each of its interfaces or
/// devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scope {
    /// One reading for the container.
    Container,
    /// One reading for each network interface, by name.
    Interface,
    /// One reading for each block device, by major:minor.
    Device,
    /// One reading for the container: the sum over a list.
    Sum,
}

/// The lists of block devices in a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum DeviceList {
    Bytes,
    Operations,
}

impl DeviceList {
    pub(crate) const ALL: [Self; 2] = [Self::Bytes, Self::Operations];
}

/// What the table says of a metric.
#[derive(Debug)]
pub(crate) struct MetricInfo {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) kind: Kind,
    pub(crate) unit: Unit,
    pub(crate) section: Section,
    /// Derived from the section and the path, as is `list`.
    pub(crate) scope: Scope,
    pub(crate) list: DeviceList,
    /// The path in a sample: keys joined by dots, `[]` after the key of a list.
    pub(crate) path: &'static str,
    /// The path in documents of v2, where it differs.
    pub(crate) in_v2: Option<&'static str>,
    /// The path in v2.1 `stats`, where it differs; empty where they lack the metric.
    pub(crate) in_v2_1: Option<&'static str>,
    /// How many of the units that cAdvisor writes make one base unit.
    pub(crate) per_unit: u32,
    /// The path in the documented point, and how many base units make one unit there.
    pub(crate) documented: Option<(&'static str, u32)>,
}

/// The scope of a metric at this path: `[].` follows the key of a list.
const fn scope_at(section: Section, path: &str) -> Scope {
    match section {
        _ if !contains(path, b"[].") => Scope::Container,
        Section::Network => Scope::Interface,
        Section::Diskio => Scope::Device,
        _ => Scope::Sum,
    }
}

const fn list_at(path: &str) -> DeviceList {
    if contains(path, b"io_serviced[") { DeviceList::Operations } else { DeviceList::Bytes }
}

/// `str::contains` as a constant function.
#[expect(clippy::indexing_slicing, reason = "evaluated while compiling")]
const fn contains(text: &str, part: &[u8]) -> bool {
    let text = text.as_bytes();
    let mut start = 0;
    while start + part.len() <= text.len() {
        let mut same = 0;
        while same < part.len() && text[start + same] == part[same] {
            same += 1;
        }
        if same == part.len() {
            return true;
        }
        start += 1;
    }
    false
}

impl Metric {
    /// Its name, such as `network.rx_bytes`.
    pub fn name(self) -> &'static str {
        self.info().name
    }

    /// A description of one line.
    pub fn description(self) -> &'static str {
        self.info().description
    }

    /// Counter or gauge.
    pub fn kind(self) -> Kind {
        self.info().kind
    }

    /// The unit of its figures.
    pub fn unit(self) -> Unit {
        self.info().unit
    }

    /// The section of a sample that contains it.
    pub fn section(self) -> Section {
        self.info().section
    }

    /// Its path in a sample: keys joined by dots, `[]` after the key of a list.
    pub fn path(self) -> &'static str {
        self.info().path
    }

    /// What a sample has one reading of it for.
    pub fn scope(self) -> Scope {
        self.info().scope
    }

    /// The list of block devices that contains it.
    pub(crate) fn list(self) -> DeviceList {
        self.info().list
    }

    /// Whether it is one of the three schedstat metrics, which are all 0 where cAdvisor did not
    /// read them.
    pub(crate) fn is_schedstat(self) -> bool {
        matches!(
            self,
            Self::CpuSchedstatRunTime
                | Self::CpuSchedstatRunqueueTime
                | Self::CpuSchedstatRunPeriods
        )
    }

    /// Whether copies of one sample may have different values of it; then the larger one counts.
    pub(crate) fn varies_between_copies(self) -> bool {
        matches!(
            self.section(),
            Section::TaskStats
                | Section::Filesystem
                | Section::Processes
                | Section::Gpu
                | Section::OomEvents
        )
    }

    /// Whether it may restart at 0 while the CPU counter does not (`docs/points.md`, rule 6), so
    /// that its fall alone means a restart. This holds for the counters of an interface, and for
    /// what the collector itself counts.
    pub(crate) fn resets_alone(self) -> bool {
        self.scope() == Scope::Interface || self == Self::MemoryOomEvents || self.is_schedstat()
    }

    /// Its bit in a [`MetricSet`].
    pub(crate) const fn bit(self) -> u128 {
        1 << self as u8
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Metric {
    type Err = UnknownMetric;

    fn from_str(name: &str) -> Result<Self, UnknownMetric> {
        let found = Self::ALL.iter().copied().find(|metric| metric.name() == name);
        found.ok_or_else(|| UnknownMetric::new(name))
    }
}

/// As its name.
impl Serialize for Metric {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Metric {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_in_the_order_of_their_metrics() {
        for (index, metric) in Metric::ALL.iter().copied().enumerate() {
            assert_eq!(metric as usize, index);
        }
    }

    #[test]
    fn a_metric_is_found_by_its_name_and_by_no_other() {
        for &metric in Metric::ALL {
            assert_eq!(metric.name().parse(), Ok(metric));
            let json = serde_json::to_string(&metric).unwrap();
            assert_eq!(serde_json::from_str::<Metric>(&json).unwrap(), metric);
        }
        assert!("network.rx".parse::<Metric>().is_err());
    }

    #[test]
    fn a_path_begins_with_the_key_of_its_section() {
        for &metric in Metric::ALL {
            let first = metric.path().split('.').next().unwrap().trim_end_matches("[]");
            assert_eq!(first, metric.section().key());
        }
    }
}
