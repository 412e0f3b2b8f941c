//! The events of a container: everything that its points do not show is counted here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::delta::{Change, Growth};
use crate::metric::Metric;
use crate::time::Timestamp;

/// A time between two consecutive samples that is longer than the allowed gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// The time of the sample before the gap.
    pub from: Timestamp,
    /// The time of the sample after the gap.
    pub to: Timestamp,
}

/// What happened to one container, beside its points.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Events {
    /// The restarts of the container: its new start if it is known, else the time of the first
    /// sample after the restart.
    pub restarts: Vec<Timestamp>,
    /// Samples that were set aside because the collector made an error in their CPU reading
    /// (`docs/points.md`, *Odd readings*).
    pub set_aside: Vec<Timestamp>,
    /// Samples whose CPU reading fell without a restart: the collector was corrected.
    pub corrections: Vec<Timestamp>,
    /// Samples whose CPU reading rose by more than all CPUs can use, and stayed there.
    pub implausible: Vec<Timestamp>,
    /// The gaps between samples.
    pub gaps: Vec<Gap>,
    /// Growth across gaps, which belongs to no interval, by metric and in its base unit.
    pub unattributed: BTreeMap<Metric, u128>,
    /// Figures that did not fit 64 bits and are `null`.
    pub overflows: u64,
}

impl Events {
    /// Records a change, if it is one of these events.
    pub fn note(&mut self, change: &Change) {
        match *change {
            Change::Growth { metric, growth: Growth::Unattributed { growth, .. } } => {
                *self.unattributed.entry(metric).or_default() += growth;
            }
            Change::Gap { from, to } => self.gaps.push(Gap { from, to }),
            Change::Restart(at) => self.restarts.push(at),
            Change::SetAside(at) => self.set_aside.push(at),
            Change::Correction(at) => self.corrections.push(at),
            Change::Implausible(at) => self.implausible.push(at),
            _ => {}
        }
    }
}
