//! What happened besides points: nothing is dropped without being counted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::delta::{Change, Growth};
use crate::metric::Metric;
use crate::time::Timestamp;

/// A time between two samples in succession that is longer than the allowed gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// The sample before it.
    pub from: Timestamp,
    /// The sample behind it.
    pub to: Timestamp,
}

/// What happened to one container while its samples became points.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Events {
    /// When the container was restarted: its new start where documents tell it, else the first
    /// sample behind the restart.
    pub restarts: Vec<Timestamp>,
    /// Samples that were set aside, as their CPU reading is a collector's slip (`docs/points.md`,
    /// *Odd readings*).
    pub set_aside: Vec<Timestamp>,
    /// Samples whose CPU reading fell without a restart: the collector was corrected.
    pub corrections: Vec<Timestamp>,
    /// Samples whose CPU reading rose by more than all CPUs can use, and stayed there.
    pub implausible: Vec<Timestamp>,
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
            Change::Growth { metric, growth: Growth::Unattributed { growth, .. } } => {
                *self.unattributed.entry(metric).or_default() += growth;
            }
            Change::Gap { from, to } => {
                let gap = Timestamp::from_nanos(from).zip(Timestamp::from_nanos(to));
                self.gaps.extend(gap.map(|(from, to)| Gap { from, to }));
            }
            Change::Restart(at) => self.restarts.push(at),
            Change::SetAside(at) => self.set_aside.push(at),
            Change::Correction(at) => self.corrections.push(at),
            Change::Implausible(at) => self.implausible.push(at),
            _ => {}
        }
    }
}
