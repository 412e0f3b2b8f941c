use super::{Metric, MetricSet};

/// Values by metric. A metric that was not measured is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct MetricValues {
    present: MetricSet,
    /// The values of the metrics in `present`, in its order.
    values: Vec<u64>,
}

impl MetricValues {
    pub(crate) fn get(&self, metric: Metric) -> Option<u64> {
        if self.present.contains(metric) {
            self.values.get(self.present.rank(metric)).copied()
        } else {
            None
        }
    }

    /// Sets the value of `metric`, and replaces an earlier one.
    pub(crate) fn set(&mut self, metric: Metric, value: u64) {
        let rank = self.present.rank(metric);
        if !self.present.contains(metric) {
            self.present.insert(metric);
            self.values.insert(rank, value);
        } else if let Some(slot) = self.values.get_mut(rank) {
            *slot = value;
        }
    }

    /// The metrics and their values, in the table's order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Metric, u64)> + Clone {
        self.present.iter().zip(self.values.iter().copied())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_of_each_metric_is_kept() {
        let mut values = MetricValues::default();
        values.set(Metric::MemoryUsage, 1);
        values.set(Metric::CpuUsage, 2);
        values.set(Metric::MemoryUsage, 3);
        let all: Vec<_> = values.iter().collect();
        assert_eq!(all, [(Metric::CpuUsage, 2), (Metric::MemoryUsage, 3)]);
    }
}
