//! Which counters and gauges of an interval the values of a layout belong to.

use crate::metric::{Kind, Metric, MetricSet};
use crate::sample::{Layout, metrics_of};

/// The metrics that points are made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct AggregatedMetrics {
    pub(super) counters: MetricSet,
    pub(super) gauges: MetricSet,
    /// The metrics that decide which intervals get a point.
    pub(super) documented: MetricSet,
}

/// Maps the values of a layout to the ranks of counters and gauges in an accumulator.
#[derive(Clone, Debug)]
pub(super) struct LayoutMap {
    /// The aggregated counters: index of the value, and rank.
    pub(super) counters: Vec<(usize, usize)>,
    /// The aggregated gauges: index of the value, rank, and metric.
    pub(super) gauges: Vec<(usize, usize, Metric)>,
    /// The aggregated gauges that the layout has a reading of without a value.
    pub(super) too_large: MetricSet,
    /// The metrics of `counters`.
    pub(super) grown: MetricSet,
    /// Whether each interval between two samples of this layout gets a point.
    pub(super) makes_point: bool,
}

impl AggregatedMetrics {
    pub(super) fn new(metrics: MetricSet) -> Self {
        Self {
            counters: metrics.intersection(MetricSet::of_kind(Kind::Counter)),
            gauges: metrics.intersection(MetricSet::of_kind(Kind::Gauge)),
            documented: MetricSet::documented(),
        }
    }

    /// The rank of a counter among the aggregated ones.
    pub(super) fn counter(&self, metric: Metric) -> Option<usize> {
        self.counters.contains(metric).then(|| self.counters.rank(metric))
    }

    /// The rank of a gauge among the aggregated ones.
    pub(super) fn gauge(&self, metric: Metric) -> Option<usize> {
        self.gauges.contains(metric).then(|| self.gauges.rank(metric))
    }

    /// The map for a layout.
    pub(super) fn layout_map(&self, layout: &Layout) -> LayoutMap {
        let metrics = || metrics_of(layout).enumerate();
        let counter = |(slot, metric)| Some((slot, self.counter(metric)?));
        let gauge = |(slot, metric)| Some((slot, self.gauge(metric)?, metric));
        let documented = self.counters.union(self.gauges).intersection(self.documented);
        LayoutMap {
            counters: metrics().filter_map(counter).collect(),
            gauges: metrics().take(layout.own.len()).filter_map(gauge).collect(),
            too_large: layout.too_large.intersection(self.gauges),
            grown: metrics_of(layout).collect::<MetricSet>().intersection(self.counters),
            makes_point: metrics_of(layout).any(|metric| documented.contains(metric)),
        }
    }
}
