//! What happened to a container besides its points.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::container::Limits;
use crate::delta::{Change, Growth};
use crate::metric::Metric;
use crate::time::Timestamp;

/// What happened to a container, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The container's name.
    pub container: Arc<str>,
    /// The sample that told of it; of a restart its instant, where that is known.
    pub at: Timestamp,
    /// What happened.
    pub what: Happening,
}

/// What can happen to a container besides points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Happening {
    /// It was restarted.
    Restart,
    /// A sample was set aside: its CPU reading was a collector's slip.
    SetAside,
    /// Its CPU counter fell without a restart.
    Correction,
    /// Its CPU counter rose by more than all CPUs can use.
    Implausible,
    /// No sample for longer than the longest gap.
    Gap {
        /// The sample before, in nanoseconds since the epoch.
        from: u64,
    },
    /// A counter grew across a gap: that belongs to no interval.
    Unattributed {
        /// The counter's name.
        metric: String,
        /// By how much, in its base unit.
        growth: u128,
    },
    /// It was given other limits.
    Limits(Limits),
}

impl Happening {
    /// What a change out of the ordinary means, if it is kept.
    pub(super) fn of(change: &Change) -> Option<Self> {
        match *change {
            Change::Restart(_) => Some(Self::Restart),
            Change::SetAside(_) => Some(Self::SetAside),
            Change::Correction(_) => Some(Self::Correction),
            Change::Implausible(_) => Some(Self::Implausible),
            Change::Gap { from, .. } => Some(Self::Gap { from }),
            Change::Growth { metric, growth: Growth::Unattributed { growth, .. } }
                if growth > 0 =>
            {
                let metric: Metric = metric;
                Some(Self::Unattributed { metric: metric.name().to_owned(), growth })
            }
            _ => None,
        }
    }

    /// Adds what else of its kind happened at the same sample. `false` where it is another kind.
    pub(super) fn absorb(&mut self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Unattributed { metric, growth },
                Self::Unattributed { metric: of, growth: more },
            ) if metric == of => {
                *growth = growth.saturating_add(*more);
                true
            }
            _ => false,
        }
    }

    /// As bytes: JSON, which those who add kinds of events need not agree on beforehand.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// `None` for a kind that is not known here.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}
