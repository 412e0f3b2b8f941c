//! Types that the parser and the receiver of its samples share.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::footprint::Footprint;
use crate::time::Timestamp;

/// A way in which readings of a container arrive. Readings of different doors are never paired
/// (`docs/doors.md`).
///
/// The order is the rank: of an interval's figures each comes from the first door that tells it.
///
/// ```
/// use cmetrics_core::parse::Door;
///
/// assert!(Door::Cadvisor < Door::Exposition);
/// assert_eq!("otlp.docker".parse(), Ok(Door::OtlpDocker));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Door {
    /// cAdvisor's JSON.
    #[default]
    Cadvisor,
    /// The exposition of cAdvisor or of the kubelet's `/metrics/cadvisor`: Prometheus or
    /// `OpenMetrics` text.
    Exposition,
    /// The Docker Engine's stats, and Podman's.
    Engine,
    /// The kubelet's `/stats/summary`.
    Summary,
    /// The exposition of the kubelet's `/metrics/resource`.
    Resource,
    /// OTLP JSON of the OpenTelemetry collector's `docker_stats` receiver.
    OtlpDocker,
    /// OTLP JSON of the OpenTelemetry collector's `kubeletstats` receiver.
    OtlpKubelet,
    /// OTLP JSON of points that cmetrics wrote (`--names otel --temporality cumulative`).
    OtlpCmetrics,
    /// An exposition of points that cmetrics wrote (`--names prometheus`).
    ExpositionCmetrics,
}

impl Door {
    /// Every door, in the order of their rank.
    pub const ALL: &'static [Self] = &Self::USUAL;

    pub(crate) const USUAL: [Self; 9] = [
        Self::Cadvisor,
        Self::Exposition,
        Self::Engine,
        Self::Summary,
        Self::Resource,
        Self::OtlpDocker,
        Self::OtlpKubelet,
        Self::OtlpCmetrics,
        Self::ExpositionCmetrics,
    ];

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks it")]
    pub(crate) fn is_cadvisor(&self) -> bool {
        *self == Self::Cadvisor
    }

    /// Its name, such as `otlp.docker`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cadvisor => "cadvisor",
            Self::Exposition => "exposition",
            Self::Engine => "engine",
            Self::Summary => "summary",
            Self::Resource => "resource",
            Self::OtlpDocker => "otlp.docker",
            Self::OtlpKubelet => "otlp.kubelet",
            Self::OtlpCmetrics => "otlp.cmetrics",
            Self::ExpositionCmetrics => "exposition.cmetrics",
        }
    }
}

impl fmt::Display for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that is not the name of a door.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a door; the doors are {doors}", doors = door_names())]
pub struct UnknownDoor(String);

fn door_names() -> String {
    Door::ALL.iter().map(|door| door.name()).collect::<Vec<_>>().join(", ")
}

impl FromStr for Door {
    type Err = UnknownDoor;

    fn from_str(name: &str) -> Result<Self, UnknownDoor> {
        let found = Self::ALL.iter().copied().find(|door| door.name() == name);
        found.ok_or_else(|| UnknownDoor(name.to_owned()))
    }
}

/// As its name.
impl Serialize for Door {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Door {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// Which document a container was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DocumentKind {
    /// cAdvisor's v1 `containers`, `subcontainers`, `docker`.
    V1,
    /// cAdvisor's v2.0 `stats`.
    V2_0,
    /// cAdvisor's v2.1 `stats`.
    V2_1,
    /// cAdvisor's v2 `machinestats`, which contains fewer readings of the machine than the others.
    MachineStats,
    /// The only kind of document of another door.
    Of(Door),
}

impl DocumentKind {
    /// Whether copies of a sample may have readings that this document lacks: `machinestats` tells
    /// less than other documents, and of other doors a document may have any part of a sample.
    pub(crate) fn is_partial(self) -> bool {
        match self {
            Self::V1 | Self::V2_0 | Self::V2_1 => false,
            Self::MachineStats | Self::Of(_) => true,
        }
    }

    /// The door of the document.
    pub fn door(self) -> Door {
        match self {
            Self::V1 | Self::V2_0 | Self::V2_1 | Self::MachineStats => Door::Cadvisor,
            Self::Of(door) => door,
        }
    }
}

/// Something that a reader of points should know of a container's samples. `inspect` shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Note {
    /// Rows, or some of them, have no times: their samples are at the time of the scrape, which the
    /// caller passed or the name of the file tells. A reading that the collector repeats looks like a
    /// new one.
    TimesOfScrape,
    /// The same, and their samples are at the time at which the file was written.
    TimesOfFile,
    /// CPU time is in whole seconds (metrics that the container runtime made).
    WholeSeconds,
    /// The times are those of the receiver's clock, up to some seconds after the readings.
    TimesOfReceiver,
    /// The times are those of the receiver's clock, and it may take a reading twice, at two times.
    ReadingsRepeated,
    /// They are of the Docker Engine, whose command shows other figures.
    ShownByDocker,
    /// Memory is the commit charge of a Windows container, not resident memory.
    CommittedMemory,
    /// The working set is the usage less the whole cache (collectors before 0.78).
    WorkingSetWithoutCache,
    /// Whole numbers were written as `1e+09`, `1.0` or `"123"`.
    UnusualNumbers,
}

impl Note {
    /// Every note.
    pub const ALL: &'static [Self] = &[
        Self::TimesOfScrape,
        Self::TimesOfFile,
        Self::WholeSeconds,
        Self::TimesOfReceiver,
        Self::ReadingsRepeated,
        Self::ShownByDocker,
        Self::CommittedMemory,
        Self::WorkingSetWithoutCache,
        Self::UnusualNumbers,
    ];

    /// A sentence for people.
    pub fn text(self) -> &'static str {
        match self {
            Self::TimesOfScrape => {
                "rows have no times: their samples are at the time of the scrape"
            }
            Self::TimesOfFile => {
                "rows have no times: their samples are at the time of the file; \
                 name the time of the scrape with --scraped-at"
            }
            Self::WholeSeconds => "CPU time is in whole seconds",
            Self::TimesOfReceiver => {
                "times are of the receiver's clock, after the readings: the total is right, \
                 the shares at the edges of intervals are off by that delay"
            }
            Self::ReadingsRepeated => {
                "times are of the receiver's clock, up to 15 s after the readings, and a reading may \
                 come twice, at two times: growth of 0, and then of both; save the kubelet's \
                 /stats/summary where that matters"
            }
            Self::ShownByDocker => {
                "`docker stats` shows memory.working_set as MEM USAGE and its share of the limit as \
                 MEM %, the CPU of one second in percent of a core as CPU %, and sums since the \
                 start as NET I/O and BLOCK I/O"
            }
            Self::CommittedMemory => "memory is the commit charge, not resident memory",
            Self::WorkingSetWithoutCache => {
                "the working set is usage less the whole cache, which is smaller than that of \
                 other doors"
            }
            Self::UnusualNumbers => {
                "whole numbers are written with a fraction, an exponent or quotes"
            }
        }
    }
}

/// As its text.
impl Serialize for Note {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}

/// A part of a document that is well formed and has no samples for cmetrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Skipped {
    /// Logs of OTLP.
    Logs,
    /// Traces of OTLP.
    Traces,
    /// OTLP metrics of other receivers than `docker_stats` and `kubeletstats`.
    OtherMetrics,
}

/// As words.
impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Logs => "OTLP logs",
            Self::Traces => "OTLP traces",
            Self::OtherMetrics => "OTLP metrics of other receivers",
        })
    }
}

/// How many parts of documents were [skipped](Skipped).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SkippedParts {
    /// Lists of [logs](Skipped::Logs), one for each request.
    pub logs: u64,
    /// Lists of [traces](Skipped::Traces), one for each request.
    pub traces: u64,
    /// Scopes with [metrics of other receivers](Skipped::OtherMetrics).
    pub other_metrics: u64,
}

impl SkippedParts {
    /// The parts of which there are any, with their number.
    pub fn iter(self) -> impl Iterator<Item = (Skipped, u64)> {
        [
            (Skipped::Logs, self.logs),
            (Skipped::Traces, self.traces),
            (Skipped::OtherMetrics, self.other_metrics),
        ]
        .into_iter()
        .filter(|(_, count)| *count > 0)
    }

    pub(crate) fn add(&mut self, what: Skipped, count: u64) {
        *match what {
            Skipped::Logs => &mut self.logs,
            Skipped::Traces => &mut self.traces,
            Skipped::OtherMetrics => &mut self.other_metrics,
        } += count;
    }

    pub(crate) fn add_all(&mut self, others: Self) {
        for (what, count) in others.iter() {
            self.add(what, count);
        }
    }
}

/// The time at which an exposition was scraped, for rows that have no time of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScrapeTime {
    /// The caller said so, or the name of the file.
    Told(Timestamp),
    /// The file was last written then.
    OfFile(Timestamp),
}

impl ScrapeTime {
    /// The time.
    pub fn time(self) -> Timestamp {
        match self {
            Self::Told(time) | Self::OfFile(time) => time,
        }
    }
}

/// How much of a sample the receiver wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Nothing: the sample is known.
    Nothing,
    /// Nothing: the sample is known, and the parser may skip a text with this footprint.
    Copy(Footprint),
    /// All metrics that the parser reads.
    Whole,
}
