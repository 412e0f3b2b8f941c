//! What happened besides points: nothing is dropped without being counted.

use std::collections::BTreeMap;

use crate::delta::{Change, Growth};
use crate::metric::Metric;
use crate::time::Timestamp;

/// A time between two samples in succession that is longer than the allowed gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The sample before it.
    pub from: Timestamp,
    /// The sample behind it.
    pub to: Timestamp,
}

/// What happened to one container while its samples became points.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Events {
    /// The samples before which the container was restarted.
    pub restarts: Vec<Timestamp>,
    /// The gaps between its samples.
    pub gaps: Vec<Gap>,
    /// Growth across gaps, which belongs to no interval, by metric and in its base unit.
    pub unattributed: BTreeMap<Metric, u128>,
    /// Figures that did not fit 64 bits and are `null`.
    pub overflows: u64,
}

impl Events {
    /// Counts a change.
    pub fn note(&mut self, change: &Change) {
        match *change {
            Change::Growth { metric, growth: Growth::Unattributed(growth) } => {
                *self.unattributed.entry(metric).or_default() += growth;
            }
            Change::Gap { from, to } => {
                let gap = Timestamp::from_nanos(from).zip(Timestamp::from_nanos(to));
                self.gaps.extend(gap.map(|(from, to)| Gap { from, to }));
            }
            Change::Restart(at) => self.restarts.push(at),
            _ => {}
        }
    }
}
