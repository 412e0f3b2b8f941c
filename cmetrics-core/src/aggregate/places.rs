//! Where the readings of a layout's values go.

use crate::metric::{Kind, Metric, MetricSet};
use crate::sample::{Layout, metrics_of};

/// The metrics that are gathered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gathered {
    pub(super) counters: MetricSet,
    pub(super) gauges: MetricSet,
    /// Those that decide which intervals give a point.
    pub(super) documented: MetricSet,
}

/// What a layout's values are to an aggregator.
#[derive(Clone, Debug)]
pub(super) struct Places {
    /// Which values are counters' that are gathered, and the rank of each counter.
    pub(super) counters: Vec<(usize, usize)>,
    /// The same of gauges.
    pub(super) gauges: Vec<(usize, usize, Metric)>,
    /// Gauges that are gathered of which there is a reading without a value.
    pub(super) too_large: MetricSet,
    /// The counters.
    pub(super) grown: MetricSet,
    /// Whether a pair of samples gives a point for each interval between them.
    pub(super) gives_point: bool,
}

impl Gathered {
    pub(super) fn new(metrics: MetricSet) -> Self {
        Self {
            counters: metrics.intersection(MetricSet::of_kind(Kind::Counter)),
            gauges: metrics.intersection(MetricSet::of_kind(Kind::Gauge)),
            documented: MetricSet::documented(),
        }
    }

    /// The rank of a counter among those that are gathered.
    pub(super) fn counter(&self, metric: Metric) -> Option<usize> {
        self.counters.contains(metric).then(|| self.counters.rank(metric))
    }

    /// The rank of a gauge among those that are gathered.
    pub(super) fn gauge(&self, metric: Metric) -> Option<usize> {
        self.gauges.contains(metric).then(|| self.gauges.rank(metric))
    }

    pub(super) fn places(&self, layout: &Layout) -> Places {
        let metrics = || metrics_of(layout).enumerate();
        let counter = |(slot, metric)| Some((slot, self.counter(metric)?));
        let gauge = |(slot, metric)| Some((slot, self.gauge(metric)?, metric));
        let gathered = self.counters.union(self.gauges).intersection(self.documented);
        Places {
            counters: metrics().filter_map(counter).collect(),
            gauges: metrics().take(layout.own.len()).filter_map(gauge).collect(),
            too_large: layout.too_large.intersection(self.gauges),
            grown: metrics_of(layout).collect::<MetricSet>().intersection(self.counters),
            gives_point: metrics_of(layout).any(|metric| gathered.contains(metric)),
        }
    }
}
