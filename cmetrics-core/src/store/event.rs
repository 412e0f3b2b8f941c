//! Events of a container: what happened besides its points.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::container::Limits;
use crate::delta::{Change, Growth};
use crate::document::Door;
use crate::metric::Metric;
use crate::series::Lump;
use crate::time::Timestamp;

/// An event of a container.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The container's name.
    pub container: Arc<str>,
    /// The door of the samples that show it.
    pub door: Door,
    /// The time of the sample that shows it. For a restart, its own time where that is known.
    pub at: Timestamp,
    /// What happened.
    pub what: Happening,
}

/// The kinds of events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Happening {
    /// It was restarted.
    Restart,
    /// A sample was set aside: its CPU reading was an error of the collector.
    SetAside,
    /// Its CPU counter fell without a restart.
    Correction,
    /// Its CPU counter rose by more than all CPUs can use.
    Implausible,
    /// There was no sample for longer than the longest gap.
    Gap {
        /// The time of the sample before. Serialised as nanoseconds since the epoch.
        #[serde(with = "crate::time::as_nanos")]
        from: Timestamp,
    },
    /// A counter grew across a gap. The growth belongs to no interval.
    Unattributed {
        /// The counter's name.
        metric: String,
        /// By how much, in its base unit.
        growth: u128,
    },
    /// Its limits changed.
    Limits(Limits),
    /// Counters whose growth counts in one interval, although it stands for the time since `from`.
    /// No event of its own: readers need it where a container has samples of several doors.
    #[doc(hidden)]
    Lump {
        /// The counters' names.
        metrics: Vec<String>,
        /// The time of the reading before. Serialised as nanoseconds since the epoch.
        #[serde(with = "crate::time::as_nanos")]
        from: Timestamp,
    },
    /// Its labels changed to these, by key.
    Labels(BTreeMap<String, String>),
}

impl Happening {
    /// The word for its kind in lists: `restart`, `gap` and so on.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::SetAside => "set_aside",
            Self::Correction => "correction",
            Self::Implausible => "implausible",
            Self::Gap { .. } => "gap",
            Self::Unattributed { .. } => "unattributed",
            Self::Limits(_) => "limits",
            Self::Labels(_) => "labels",
            Self::Lump { .. } => "other",
        }
    }

    /// The event of a change, if the store keeps one.
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
            Change::Growth { metric, growth: Growth::Credited { from, .. } } => {
                Some(Self::Lump { metrics: vec![metric.name().to_owned()], from })
            }
            _ => None,
        }
    }

    /// The lumps of an event of this time.
    pub(super) fn lumps(&self, to: Timestamp) -> impl Iterator<Item = Lump> {
        let (metrics, from) = match self {
            Self::Lump { metrics, from } => (metrics.as_slice(), *from),
            _ => (&[][..], to),
        };
        // A later release may know more metrics.
        let known = metrics.iter().filter_map(|name| name.parse().ok());
        known.map(move |metric| Lump { metric, from, to })
    }

    /// Merges another event of the same sample. Returns `false` if they cannot be one.
    pub(super) fn absorb(&mut self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Unattributed { metric, growth },
                Self::Unattributed { metric: of, growth: more },
            ) if metric == of => {
                *growth = growth.saturating_add(*more);
                true
            }
            (Self::Lump { metrics, from }, Self::Lump { metrics: more, from: of })
                if from == of =>
            {
                for metric in more {
                    if !metrics.contains(metric) {
                        metrics.push(metric.clone());
                    }
                }
                true
            }
            _ => false,
        }
    }

    /// Encodes it as JSON, so that new kinds of events need no change of the format.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// `None` for an unknown kind.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_kept_with_its_time_in_nanoseconds() {
        let gap = Happening::Gap { from: Timestamp::from_nanos(1_500_000_000).unwrap() };
        assert_eq!(gap.to_bytes(), br#"{"gap":{"from":1500000000}}"#);
        assert_eq!(Happening::from_bytes(&gap.to_bytes()), Some(gap));
        assert_eq!(Happening::from_bytes(br#"{"gap":{"from":0}}"#), None);
    }
}
