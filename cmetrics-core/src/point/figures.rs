//! The figures of a point, side by side.

use smallvec::SmallVec;

use super::Gauge;
use crate::metric::{Kind, Metric, MetricSet};

const COUNTERS: MetricSet = MetricSet::of_kind(Kind::Counter);
const GAUGES: MetricSet = MetricSet::of_kind(Kind::Gauge);

/// As many growths and gauges as the documented metrics have lie in the point itself.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Figures {
    present: MetricSet,
    /// Those of the counters in `present`, in its order.
    growths: SmallVec<[u64; 13]>,
    /// Those of the gauges.
    gauges: SmallVec<[Gauge; 2]>,
}

impl Clone for Figures {
    /// At once, where the derived one goes number by number.
    fn clone(&self) -> Self {
        let (growths, gauges) = (&self.growths, &self.gauges);
        let (growths, gauges) = (SmallVec::from_slice(growths), SmallVec::from_slice(gauges));
        Self { present: self.present, growths, gauges }
    }
}

impl Figures {
    /// Figures of these metrics, which come in their order.
    #[inline]
    pub(crate) fn new(
        present: MetricSet,
        growths: impl Iterator<Item = u64>,
        gauges: impl Iterator<Item = Gauge>,
    ) -> Self {
        Self { present, growths: growths.collect(), gauges: gauges.collect() }
    }

    pub(super) fn growth(&self, metric: Metric) -> Option<u64> {
        let growths = self.present.within(COUNTERS);
        let rank = growths.contains(metric).then(|| growths.rank(metric))?;
        self.growths.get(rank).copied()
    }

    pub(super) fn gauge(&self, metric: Metric) -> Option<Gauge> {
        let gauges = self.present.within(GAUGES);
        let rank = gauges.contains(metric).then(|| gauges.rank(metric))?;
        self.gauges.get(rank).copied()
    }

    /// Sets the growth of a counter, in the place of an earlier one.
    pub(super) fn set_growth(&mut self, metric: Metric, growth: u64) {
        let rank = self.present.within(COUNTERS).rank(metric);
        if !self.present.contains(metric) {
            self.present.insert(metric);
            self.growths.insert(rank, growth);
        } else if let Some(place) = self.growths.get_mut(rank) {
            *place = growth;
        }
    }

    /// Sets the figures of a gauge, in the place of earlier ones.
    pub(super) fn set_gauge(&mut self, metric: Metric, gauge: Gauge) {
        let rank = self.present.within(GAUGES).rank(metric);
        if !self.present.contains(metric) {
            self.present.insert(metric);
            self.gauges.insert(rank, gauge);
        } else if let Some(place) = self.gauges.get_mut(rank) {
            *place = gauge;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::point::DataPoint;

    #[test]
    fn the_documented_figures_of_a_point_lie_in_the_point() {
        let documented = MetricSet::documented();
        let mut figures = Figures::default();
        assert_eq!(documented.within(COUNTERS).len(), figures.growths.inline_size());
        assert_eq!(documented.within(GAUGES).len(), figures.gauges.inline_size());
        for (number, metric) in (0_u32..).zip(documented.iter()) {
            let real = f64::from(number);
            match metric.kind() {
                Kind::Counter => figures.set_growth(metric, number.into()),
                Kind::Gauge => {
                    figures.set_gauge(metric, Gauge { ave: real, min: real, max: real });
                }
            }
        }
        assert!(!figures.growths.spilled() && !figures.gauges.spilled());
        for (number, metric) in (0_u32..).zip(documented.iter()) {
            let real = f64::from(number);
            let gauge = (metric.kind() == Kind::Gauge).then_some(real);
            assert_eq!(figures.gauge(metric).map(|gauge| gauge.max), gauge);
            let growth = (metric.kind() == Kind::Counter).then_some(number.into());
            assert_eq!(figures.growth(metric), growth);
        }
        assert!(size_of::<DataPoint>() <= 300, "{}", size_of::<DataPoint>());
    }
}
