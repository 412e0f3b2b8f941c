//! How points are made.

use crate::error::{Error, Problem};
use crate::metric::{Metric, MetricSet};
use crate::time::NANOS_PER_SECOND;

/// How points are made: the width of intervals, the longest gap over which growth is shared out
/// (both in whole seconds), and what points contain.
///
/// ```
/// use cmetrics_core::Settings;
///
/// assert_eq!(Settings::default().interval(), 5);
/// assert_eq!(Settings::default().max_gap(), 150);
/// assert_eq!(Settings::new(7, Some(20)).unwrap().max_gap(), 20);
/// assert_eq!(Settings::new(300, None).unwrap().max_gap(), 300);
/// let error = Settings::new(5, Some(3)).unwrap_err();
/// assert_eq!(error.to_string(), "max gap is 3 s, but must be from 5 to 500000 s for an interval of 5 s");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    interval: u64,
    max_gap: u64,
    metrics: MetricSet,
    shares: bool,
}

impl Settings {
    /// The default width, in seconds.
    pub const DEFAULT_INTERVAL: u64 = 5;
    /// The default longest gap, in seconds; of a wider interval it is the width. For idle
    /// containers cAdvisor slows down to 60 s, plus as much jitter.
    pub const DEFAULT_MAX_GAP: u64 = 150;
    /// The widest interval, in seconds (some 31 years).
    pub const WIDEST_INTERVAL: u64 = 1_000_000_000;
    /// The largest allowed `max_gap`, in intervals: it bounds how many points two samples can make.
    pub const LONGEST_GAP: u64 = 100_000;

    /// Settings with this interval, and this longest gap or the default one.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`](crate::ErrorKind::Setting) if the interval is 0 or wider than
    /// [`WIDEST_INTERVAL`](Self::WIDEST_INTERVAL), or the gap is shorter than the interval or
    /// longer than [`LONGEST_GAP`](Self::LONGEST_GAP) of them.
    pub fn new(interval: u64, max_gap: Option<u64>) -> Result<Self, Error> {
        if !(1..=Self::WIDEST_INTERVAL).contains(&interval) {
            let allowed = format!("from 1 to {} s", Self::WIDEST_INTERVAL);
            return Err(refused("interval", interval, allowed));
        }
        let longest = interval * Self::LONGEST_GAP;
        match max_gap {
            Some(gap) if !(interval..=longest).contains(&gap) => {
                let allowed =
                    format!("from {interval} to {longest} s for an interval of {interval} s");
                Err(refused("max_gap", gap, allowed))
            }
            Some(max_gap) => Ok(Self { interval, max_gap, ..Self::default() }),
            None => {
                let max_gap = interval.max(Self::DEFAULT_MAX_GAP);
                Ok(Self { interval, max_gap, ..Self::default() })
            }
        }
    }

    /// The width of an interval, in seconds.
    pub const fn interval(&self) -> u64 {
        self.interval
    }

    /// The longest time between two readings over which growth is shared out, in seconds.
    pub const fn max_gap(&self) -> u64 {
        self.max_gap
    }

    /// These settings, with points that contain these metrics beside the documented ones.
    pub const fn with_metrics(self, metrics: MetricSet) -> Self {
        Self { metrics, ..self }
    }

    /// These settings, with points that contain their shares of the container's limits.
    pub const fn with_shares(self) -> Self {
        Self { shares: true, ..self }
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

    pub(crate) const fn max_gap_nanos(&self) -> u64 {
        self.max_gap.saturating_mul(NANOS_PER_SECOND)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            interval: Self::DEFAULT_INTERVAL,
            max_gap: Self::DEFAULT_MAX_GAP,
            metrics: MetricSet::default(),
            shares: false,
        }
    }
}

#[cold]
fn refused(name: &'static str, value: u64, allowed: String) -> Error {
    Error::new(Problem::Setting { name, value: format!("{value} s"), allowed })
}
