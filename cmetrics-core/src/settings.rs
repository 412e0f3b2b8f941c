//! How points are made.

use std::time::Duration;

use crate::document::Door;
use crate::error::{Error, Problem};
use crate::metric::{Metric, MetricSet};
use crate::time::{NANOS_PER_SECOND, shown_seconds};

/// How points are made: the width of intervals, the longest gap over which growth is shared out,
/// and what points contain.
///
/// Both times are whole seconds: an interval starts at a multiple of its width since the Unix
/// epoch.
///
/// ```
/// use std::time::Duration;
///
/// use cmetrics_core::Settings;
///
/// assert_eq!(Settings::default().interval(), Duration::from_secs(5));
/// assert_eq!(Settings::default().max_gap(), Duration::from_secs(150));
/// let minutes = Settings::new(Duration::from_secs(60), Some(Duration::from_secs(300))).unwrap();
/// assert_eq!(minutes.max_gap(), Duration::from_secs(300));
/// let error = Settings::new(Duration::from_secs(5), Some(Duration::from_secs(3))).unwrap_err();
/// assert_eq!(error.to_string(), "max gap is 3 s, but must be from 5 to 500000 s for an interval of 5 s");
/// let error = Settings::new(Duration::from_millis(2500), None).unwrap_err();
/// assert_eq!(error.to_string(), "interval is 2.5 s, but must be whole seconds");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    interval_seconds: u64,
    max_gap_seconds: u64,
    metrics: MetricSet,
    shares: bool,
    labels: bool,
    doors: [Door; Door::ALL.len()],
}

impl Settings {
    /// The default width.
    pub const DEFAULT_INTERVAL: Duration = Duration::from_secs(5);
    /// The default longest gap; of a wider interval it is the width. For idle containers cAdvisor
    /// slows down to 60 s, plus as much jitter.
    pub const DEFAULT_MAX_GAP: Duration = Duration::from_secs(150);
    /// The widest interval (some 31 years).
    pub const WIDEST_INTERVAL: Duration = Duration::from_secs(1_000_000_000);
    /// How many intervals the longest gap may have: it bounds how many points two samples can make.
    pub const MOST_INTERVALS_IN_GAP: u32 = 100_000;

    /// Settings with this interval, and this longest gap or the default one.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`](crate::ErrorKind::Setting) if one of them is not whole seconds, the
    /// interval is 0 or wider than [`WIDEST_INTERVAL`](Self::WIDEST_INTERVAL), or the gap is
    /// shorter than the interval or longer than
    /// [`MOST_INTERVALS_IN_GAP`](Self::MOST_INTERVALS_IN_GAP) of them.
    pub fn new(interval: Duration, max_gap: Option<Duration>) -> Result<Self, Error> {
        let interval_seconds = whole_seconds("interval", interval)?;
        let widest = Self::WIDEST_INTERVAL.as_secs();
        if !(1..=widest).contains(&interval_seconds) {
            return Err(refused("interval", interval, format!("from 1 to {widest} s")));
        }
        let max_gap_seconds = match max_gap {
            Some(max_gap) => max_gap_seconds(max_gap, interval_seconds)?,
            None => interval.max(Self::DEFAULT_MAX_GAP).as_secs(),
        };
        Ok(Self { interval_seconds, max_gap_seconds, ..Self::default() })
    }

    /// The width of an interval.
    pub const fn interval(&self) -> Duration {
        Duration::from_secs(self.interval_seconds)
    }

    /// The longest time between two readings over which growth is shared out.
    pub const fn max_gap(&self) -> Duration {
        Duration::from_secs(self.max_gap_seconds)
    }

    /// These settings, with points that contain these metrics beside the documented ones.
    pub const fn with_metrics(self, metrics: MetricSet) -> Self {
        Self { metrics, ..self }
    }

    /// These settings, with points that contain their shares of the container's limits.
    pub const fn with_shares(self) -> Self {
        Self { shares: true, ..self }
    }

    /// These settings, with the labels of containers in their
    /// [identities](crate::container::Identity::labels). Those of a store have them, and a recorder
    /// for a store keeps them.
    pub const fn with_labels(self) -> Self {
        Self { labels: true, ..self }
    }

    /// Whether identities have the labels of containers.
    pub const fn labels(&self) -> bool {
        self.labels
    }

    /// These settings, with another rank of the doors, the highest first. Doors that are left out
    /// come last, in their usual order; of a repeated door the first counts.
    ///
    /// ```
    /// use cmetrics_core::Settings;
    /// use cmetrics_core::parse::Door;
    ///
    /// let settings = Settings::default().with_doors(&[Door::Engine]);
    /// assert_eq!(settings.doors()[..2], [Door::Engine, Door::Cadvisor]);
    /// ```
    #[must_use]
    pub fn with_doors(self, order: &[Door]) -> Self {
        let mut doors = Door::ALL.to_vec();
        let place = |door: &Door| order.iter().position(|known| known == door);
        doors.sort_by_key(|door| place(door).unwrap_or(order.len()));
        Self { doors: doors.try_into().unwrap_or(self.doors), ..self }
    }

    /// The same doors, all of them.
    #[cfg(feature = "store")]
    pub(crate) const fn ranked_doors(&self) -> [Door; Door::ALL.len()] {
        self.doors
    }

    /// The doors by rank, the highest first: of an interval's figures each comes from the first
    /// door that tells it.
    pub fn doors(&self) -> &[Door] {
        &self.doors
    }

    /// The rank of a door: 0 for the highest.
    pub(crate) fn rank(&self, door: Door) -> usize {
        self.doors.iter().position(|known| *known == door).unwrap_or(self.doors.len())
    }

    /// The metrics that points contain beside the documented ones.
    pub const fn metrics(&self) -> MetricSet {
        self.metrics
    }

    /// Whether points contain their shares of the container's limits.
    pub const fn shares(&self) -> bool {
        self.shares
    }

    /// All metrics that are read.
    pub(crate) fn all_metrics(&self) -> MetricSet {
        let mut all = MetricSet::documented().union(self.metrics);
        if self.shares {
            all.insert(Metric::MemoryWorkingSet);
        }
        all
    }

    pub(crate) const fn interval_seconds(&self) -> u64 {
        self.interval_seconds
    }

    pub(crate) const fn max_gap_seconds(&self) -> u64 {
        self.max_gap_seconds
    }

    pub(crate) const fn max_gap_nanos(&self) -> u64 {
        self.max_gap_seconds.saturating_mul(NANOS_PER_SECOND)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            interval_seconds: Self::DEFAULT_INTERVAL.as_secs(),
            max_gap_seconds: Self::DEFAULT_MAX_GAP.as_secs(),
            metrics: MetricSet::default(),
            shares: false,
            labels: false,
            doors: Door::USUAL,
        }
    }
}

fn max_gap_seconds(max_gap: Duration, interval: u64) -> Result<u64, Error> {
    let seconds = whole_seconds("max_gap", max_gap)?;
    let longest = interval.saturating_mul(Settings::MOST_INTERVALS_IN_GAP.into());
    if (interval..=longest).contains(&seconds) {
        return Ok(seconds);
    }
    let allowed = format!("from {interval} to {longest} s for an interval of {interval} s");
    Err(refused("max_gap", max_gap, allowed))
}

/// Refuses a fraction of a second.
pub(crate) fn whole_seconds(name: &'static str, time: Duration) -> Result<u64, Error> {
    match time.subsec_nanos() {
        0 => Ok(time.as_secs()),
        _ => Err(refused(name, time, "whole seconds".to_owned())),
    }
}

#[cold]
fn refused(name: &'static str, value: Duration, allowed: String) -> Error {
    Error::new(Problem::Setting { name, value: shown_seconds(value), allowed })
}
