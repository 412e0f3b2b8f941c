use crate::metric::{Metric, MetricSet};

/// Readings by metric. A metric that was not measured has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readings<'s> {
    pub(super) present: MetricSet,
    /// The values of the metrics in `present`, in its order.
    pub(super) values: &'s [u64],
}

impl<'s> Readings<'s> {
    /// The reading of `metric`.
    pub fn get(&self, metric: Metric) -> Option<u64> {
        if self.present.contains(metric) {
            self.values.get(self.present.rank(metric)).copied()
        } else {
            None
        }
    }

    /// The metrics and their readings, in the order of [`Metric::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Metric, u64)> + Clone + use<'s> {
        self.present.iter().zip(self.values.iter().copied())
    }

    /// Whether nothing was measured.
    pub fn is_empty(&self) -> bool {
        self.present.is_empty()
    }
}

/// The counters of a network interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Interface<'s> {
    /// Its name, such as `eth0`: what identifies it from sample to sample.
    pub name: &'s str,
    /// Its counters.
    pub readings: Readings<'s>,
}

/// The counters of a block device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Device<'s> {
    /// Major and minor number: what identifies it from sample to sample.
    pub number: (u64, u64),
    /// Its counters.
    pub readings: Readings<'s>,
}
