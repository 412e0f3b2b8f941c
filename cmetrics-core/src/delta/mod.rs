//! Samples to changes: how much each counter grew, and between which readings a gauge is a line.
//!
//! A [`Tracker`] holds one container's last readings. It takes samples in rising time and knows
//! nothing of intervals. A sample is as a rule like the one before it and no counter fell; then
//! all that it tells follows from the two, and the older readings are looked at only otherwise.
//!
//! A CPU reading that cannot be is *odd*, and the next one decides what becomes of it: until then
//! its sample waits, and those behind it (`waiting.rs`).

mod counter;
mod judge;
mod past;
mod plan;
mod planning;
#[cfg(test)]
mod tests;
mod tracker;
mod waiting;

use std::sync::Arc;

pub use counter::Growth;
pub use tracker::Tracker;

use crate::metric::{Kind, Metric};
use crate::sample::{Layout, Row, metrics_of};
use crate::time::Timestamp;

/// What a sample adds to those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// A counter, of the container or of one interface or device, was read again.
    Growth {
        /// What it counts.
        metric: Metric,
        /// By how much it grew, and where that belongs.
        growth: Growth,
    },
    /// A gauge was read again, without a gap or restart between. Times are nanoseconds since the
    /// epoch, values as cAdvisor writes them.
    Line {
        /// What it measures.
        metric: Metric,
        /// Time and value of the earlier reading.
        from: (u64, u64),
        /// Time and value of the later one.
        to: (u64, u64),
    },
    /// The container was watched from one instant to another, without a gap or restart between.
    Watched {
        /// The earlier sample's time, nanoseconds since the epoch.
        from: u64,
        /// The later sample's time.
        to: u64,
    },
    /// Two samples in succession lie further apart than the allowed gap.
    Gap {
        /// The earlier sample's time, nanoseconds since the epoch.
        from: u64,
        /// The later sample's time.
        to: u64,
    },
    /// The container was restarted: at its new start where that is known, else before the sample of
    /// this time.
    Restart(Timestamp),
    /// The sample of this time was set aside: it is as if it were not there (`docs/points.md`,
    /// *Odd readings*).
    SetAside(Timestamp),
    /// The CPU counter fell at this sample, and it was no restart: the collector was corrected.
    Correction(Timestamp),
    /// The CPU counter rose at this sample by more than all CPUs can use, and stayed there: growth
    /// is unattributed.
    Implausible(Timestamp),
}

impl Change {
    /// When it happened, in nanoseconds since the epoch: at the sample that tells of it, a restart
    /// at its instant.
    pub fn nanos(&self) -> u64 {
        match *self {
            Self::Growth { growth, .. } => match growth {
                Growth::Shared { to: at, .. }
                | Growth::Credited { at, .. }
                | Growth::Unattributed { at, .. } => at,
            },
            Self::Line { to: (at, _), .. }
            | Self::Watched { to: at, .. }
            | Self::Gap { to: at, .. } => at,
            Self::Restart(at)
            | Self::SetAside(at)
            | Self::Correction(at)
            | Self::Implausible(at) => at.nanos(),
        }
    }
}

/// A sample that is no later than the one before it; the tracker is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sample of {time} after one of {last}: samples must come in rising time")]
pub struct NotLater {
    /// Its time.
    pub time: Timestamp,
    /// The last sample's time.
    pub last: Timestamp,
}

/// Who is told what samples change.
pub(crate) trait Told {
    /// A single change.
    fn change(&mut self, change: Change);

    /// All that a sample changed, where nothing out of the ordinary did.
    fn steady(&mut self, pair: &Steady<'_>);

    /// The sample whose changes were told; one that is set aside is not.
    fn sample(&mut self, row: Row<'_>);
}

/// Two samples in succession of one layout, near enough in time, of which no counter fell: the
/// container was watched between them, every counter's growth is shared out between them, and
/// every gauge is a line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Steady<'s> {
    pub(crate) layout: &'s Arc<Layout>,
    /// Time, in nanoseconds since the epoch, and values of the earlier one.
    pub(crate) from: (u64, &'s [u64]),
    /// Those of the later one.
    pub(crate) to: (u64, &'s [u64]),
}

/// Tells each change by itself.
struct EachChange<'t>(&'t mut dyn FnMut(Change));

impl Told for EachChange<'_> {
    fn change(&mut self, change: Change) {
        (self.0)(change);
    }

    fn steady(&mut self, pair: &Steady<'_>) {
        let (from, to) = (pair.from.0, pair.to.0);
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
                (self.0)(Change::Line { metric, from: (from, before), to: (to, now) });
            }
        }
    }

    fn sample(&mut self, _row: Row<'_>) {}
}
