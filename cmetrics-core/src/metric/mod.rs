//! What cAdvisor measures: one table, from which parsing, delta, points, output and help follow.

mod set;
mod table;

use std::fmt;
use std::str::FromStr;

pub use set::MetricSet;
pub use table::Metric;

/// How the readings of a metric become a figure of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Rises since the container started; a point holds its growth in the interval.
    Counter,
    /// Goes up and down; a point holds mean, least and greatest of its readings.
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
    /// Things counted: packets, errors.
    Count,
    /// Threads that run or could.
    Threads,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bytes => "bytes",
            Self::Nanoseconds => "ns",
            Self::Count => "count",
            Self::Threads => "threads",
        })
    }
}

/// A block of a sample that cAdvisor fills or leaves out as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Section {
    /// `cpu`.
    Cpu,
    /// `memory`.
    Memory,
    /// `network`.
    Network,
    /// `diskio`.
    Diskio,
}

impl Section {
    /// Every section, in the order of the documented point.
    pub const ALL: [Self; 4] = [Self::Cpu, Self::Memory, Self::Network, Self::Diskio];

    /// Its key in a sample.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Network => "network",
            Self::Diskio => "diskio",
        }
    }

    /// The key whose value `false` says that this section is absent, whatever the sample carries.
    pub const fn flag(self) -> &'static str {
        match self {
            Self::Cpu => "has_cpu",
            Self::Memory => "has_memory",
            Self::Network => "has_network",
            Self::Diskio => "has_diskio",
        }
    }

    pub(crate) fn of_flag(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|section| section.flag() == key)
    }
}

/// What there is one counter for: the container, or each of its interfaces or devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// One for the container.
    Container,
    /// One for each network interface, by name.
    Interface,
    /// One for each block device, by major:minor.
    Device,
}

/// One row of the table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) kind: Kind,
    pub(crate) unit: Unit,
    pub(crate) section: Section,
    /// Where a sample holds it: keys joined by dots, `[]` after the key of a list.
    pub(crate) path: &'static str,
    /// How many of what cAdvisor writes make one base unit.
    pub(crate) per_unit: u32,
    /// Its place in the documented point, and how many base units make one unit there.
    pub(crate) documented: Option<(&'static str, u32)>,
}

impl Metric {
    /// Its name, such as `network.rx_bytes`.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// What it measures, in one line.
    pub fn description(self) -> &'static str {
        self.row().description
    }

    /// Counter or gauge.
    pub fn kind(self) -> Kind {
        self.row().kind
    }

    /// The unit of its figures.
    pub fn unit(self) -> Unit {
        self.row().unit
    }

    /// The block of a sample that holds it.
    pub fn section(self) -> Section {
        self.row().section
    }

    /// Where a sample holds it: keys joined by dots, `[]` after the key of a list.
    pub fn path(self) -> &'static str {
        self.row().path
    }

    /// What there is one of it for.
    pub fn scope(self) -> Scope {
        match self.path().split_once("[].") {
            Some((_, _)) if self.section() == Section::Network => Scope::Interface,
            Some((_, _)) => Scope::Device,
            None => Scope::Container,
        }
    }

    /// Whether its fall, without a fall of the CPU counter, means that it began again at 0
    /// (contract, rule 6): so it is with an interface's counters.
    pub(crate) fn begins_again_alone(self) -> bool {
        self.scope() == Scope::Interface
    }

    /// Whether its first reading counts from 0 where the sample before did not list it (contract,
    /// rule 7).
    pub(crate) fn starts_at_zero(self) -> bool {
        self.scope() == Scope::Device
    }

    /// Its bit in a set of metrics.
    pub(crate) const fn bit(self) -> u128 {
        1 << self as u8
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No metric has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no metric is called {0:?}")]
pub struct UnknownMetric(String);

impl FromStr for Metric {
    type Err = UnknownMetric;

    fn from_str(name: &str) -> Result<Self, UnknownMetric> {
        Self::ALL
            .into_iter()
            .find(|metric| metric.name() == name)
            .ok_or_else(|| UnknownMetric(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_in_the_order_of_their_metrics() {
        for (index, metric) in Metric::ALL.into_iter().enumerate() {
            assert_eq!(metric as usize, index);
        }
    }

    #[test]
    fn a_metric_is_found_by_its_name_and_by_no_other() {
        for metric in Metric::ALL {
            assert_eq!(metric.name().parse(), Ok(metric));
        }
        assert!("network.rx".parse::<Metric>().is_err());
    }

    #[test]
    fn a_path_begins_with_the_key_of_its_section() {
        for metric in Metric::ALL {
            assert_eq!(metric.path().split('.').next(), Some(metric.section().key()));
        }
    }
}
