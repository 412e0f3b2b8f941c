//! Samples to changes: how much each counter grew, and between which readings a gauge is a line.
//!
//! A [`Tracker`] holds the last readings of one container. It takes samples in rising time and
//! does not know about intervals.
//!
//! There are two paths. Most samples have the layout of the sample before them, and no counter
//! fell. Then the two samples are a *steady pair*: all changes follow from them, and older
//! readings do not matter. Any other sample is compared with the last reading of each counter and
//! gauge (`reading_table.rs`).
//!
//! A CPU reading that no container can have made is *odd*, and the next CPU reading decides what
//! it was (`restarts.rs`). Until then its sample and all samples after it wait (`waiting.rs`).

mod counter;
mod current_sample;
mod finality;
mod last_readings;
mod plan;
mod planning;
mod reading_table;
mod restarts;
#[cfg(test)]
mod tests;
mod tracker;
mod waiting;

use std::sync::Arc;

pub use counter::Growth;
pub use tracker::Tracker;

use crate::metric::{Kind, Metric};
use crate::sample::{Layout, SampleRow, metrics_of};
use crate::time::Timestamp;

/// What a gauge read at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reading {
    /// The sample's time.
    pub time: Timestamp,
    /// The value in cAdvisor's unit.
    pub value: u64,
}

impl Reading {
    /// Nanoseconds since the epoch, and the value.
    #[inline]
    pub(crate) fn to_pair(self) -> (u64, u64) {
        (self.time.nanos(), self.value)
    }
}

/// A change from one sample to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// A counter of the container, of an interface or of a device was read again.
    Growth {
        /// The metric of the counter.
        metric: Metric,
        /// How much the counter grew, and the time over which it grew.
        growth: Growth,
    },
    /// A gauge was read again, without a gap or restart between the readings.
    Line {
        /// The metric of the gauge.
        metric: Metric,
        /// The earlier reading.
        from: Reading,
        /// The later reading.
        to: Reading,
    },
    /// The container was watched from one instant to another, without a gap or restart between.
    Watched {
        /// The earlier sample's time.
        from: Timestamp,
        /// The later sample's time.
        to: Timestamp,
    },
    /// Two consecutive samples are further apart than the longest allowed gap.
    Gap {
        /// The earlier sample's time.
        from: Timestamp,
        /// The later sample's time.
        to: Timestamp,
    },
    /// The container was restarted. The time is its new start where that is known, else the time
    /// of the first sample after the restart.
    Restart(Timestamp),
    /// The sample of this time was set aside: it counts as if it did not exist (`docs/points.md`,
    /// *Odd readings*).
    SetAside(Timestamp),
    /// The CPU counter fell at this sample without a restart: the collector corrected it.
    Correction(Timestamp),
    /// The CPU counter rose at this sample by more than all CPUs can use, and stayed there: growth
    /// is unattributed.
    Implausible(Timestamp),
}

impl Change {
    /// The time of the change: the time of the later sample, or the instant of a restart.
    pub fn time(&self) -> Timestamp {
        match *self {
            Self::Growth { growth, .. } => match growth {
                Growth::Shared { to: at, .. }
                | Growth::Credited { at, .. }
                | Growth::Unattributed { at, .. } => at,
            },
            Self::Line { to: Reading { time: at, .. }, .. }
            | Self::Watched { to: at, .. }
            | Self::Gap { to: at, .. }
            | Self::Restart(at)
            | Self::SetAside(at)
            | Self::Correction(at)
            | Self::Implausible(at) => at,
        }
    }
}

/// A sample that is no later than the one before it; the tracker is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sample of {time} after one of {last}: samples must come in rising time")]
#[non_exhaustive]
pub struct NotLater {
    /// The sample's time.
    pub time: Timestamp,
    /// The last sample's time.
    pub last: Timestamp,
}

/// Receives what a tracker finds in samples.
pub(crate) trait Listener {
    /// A single change.
    fn on_change(&mut self, change: Change);

    /// All changes from one sample to the next, where the two are a steady pair.
    fn on_steady(&mut self, pair: &SteadyPair<'_>);

    /// A sample, after its changes. Samples that are set aside are left out.
    fn on_sample(&mut self, row: SampleRow<'_>);
}

/// Two consecutive samples of one layout, without a gap between them, of which no counter fell.
/// The container was watched between them, the growth of every counter is shared out between
/// them, and every gauge is a line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SteadyPair<'s> {
    pub(crate) layout: &'s Arc<Layout>,
    /// Time (nanoseconds since the epoch) and values of the earlier sample.
    pub(crate) from: (u64, &'s [u64]),
    /// Time and values of the later sample.
    pub(crate) to: (u64, &'s [u64]),
}

/// Calls a function with each change; a steady pair is split into its changes.
struct SingleChanges<'c>(&'c mut dyn FnMut(Change));

impl Listener for SingleChanges<'_> {
    fn on_change(&mut self, change: Change) {
        (self.0)(change);
    }

    fn on_steady(&mut self, pair: &SteadyPair<'_>) {
        let (from, to) = (Timestamp::clamped(pair.from.0), Timestamp::clamped(pair.to.0));
        (self.0)(Change::Watched { from, to });
        let values = pair.from.1.iter().copied().zip(pair.to.1.iter().copied());
        let readings = || metrics_of(pair.layout).zip(values.clone());
        for (metric, (before, now)) in readings() {
            if metric.kind() == Kind::Counter {
                let growth = Growth::Shared { from, to, growth: u128::from(now - before) };
                (self.0)(Change::Growth { metric, growth });
            }
        }
        for (metric, (before, now)) in readings().take(pair.layout.own.len()) {
            if metric.kind() == Kind::Gauge {
                let from = Reading { time: from, value: before };
                let to = Reading { time: to, value: now };
                (self.0)(Change::Line { metric, from, to });
            }
        }
    }

    fn on_sample(&mut self, _row: SampleRow<'_>) {}
}
