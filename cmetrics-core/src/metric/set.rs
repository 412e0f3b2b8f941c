use super::Metric;

/// A set of metrics, in the order of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MetricSet(u128);

impl MetricSet {
    /// The metrics of the documented point.
    pub fn documented() -> Self {
        Metric::ALL.into_iter().filter(|metric| metric.row().documented.is_some()).collect()
    }

    /// Whether `metric` is in it.
    pub const fn contains(self, metric: Metric) -> bool {
        self.0 & metric.bit() != 0
    }

    /// Adds `metric`.
    pub const fn insert(&mut self, metric: Metric) {
        self.0 |= metric.bit();
    }

    /// How many there are.
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many of them stand before `metric` in the table.
    pub const fn rank(self, metric: Metric) -> usize {
        (self.0 & (metric.bit() - 1)).count_ones() as usize
    }

    /// Its metrics in the table's order.
    pub fn iter(self) -> impl Iterator<Item = Metric> {
        Metric::ALL.into_iter().filter(move |&metric| self.contains(metric))
    }
}

impl FromIterator<Metric> for MetricSet {
    fn from_iter<I: IntoIterator<Item = Metric>>(metrics: I) -> Self {
        let mut set = Self::default();
        metrics.into_iter().for_each(|metric| set.insert(metric));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_has_as_many_before_it_as_come_before_it_in_the_order_of_the_set() {
        let set: MetricSet =
            [Metric::NetworkRxBytes, Metric::CpuUsage, Metric::DiskioWrite].into_iter().collect();
        assert_eq!(set.len(), 3);
        for (rank, metric) in set.iter().enumerate() {
            assert_eq!(set.rank(metric), rank);
        }
        assert!(!set.contains(Metric::MemoryUsage));
    }
}
