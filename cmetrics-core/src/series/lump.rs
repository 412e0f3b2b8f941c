//! Growth that belongs to no line between two readings.

use crate::delta::{Change, Growth};
use crate::metric::Metric;
use crate::time::Timestamp;

/// Growth that is credited as a whole to the interval of the later of two readings. It stands for
/// the whole time between them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lump {
    pub(crate) metric: Metric,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
}

impl Lump {
    pub(crate) fn of(change: &Change) -> Option<Self> {
        match *change {
            Change::Growth { metric, growth: Growth::Credited { from, at: to, .. } } => {
                Some(Self { metric, from, to })
            }
            _ => None,
        }
    }
}
