//! The figures of a point, in dense arrays.

use smallvec::SmallVec;

use super::{Gauge, Level, Value};
use crate::metric::{Kind, Metric, MetricSet};
use crate::time::Interval;

const COUNTERS: MetricSet = MetricSet::of_kind(Kind::Counter);
const GAUGES: MetricSet = MetricSet::of_kind(Kind::Gauge);

/// As many growths and gauges as the documented metrics have are stored in the point itself; more
/// go to the heap.
pub(crate) const INLINE_GROWTHS: usize = 13;
pub(crate) const INLINE_GAUGES: usize = 2;

/// The growths and gauges of a point, by metric.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    present: MetricSet,
    /// The metrics whose figure did not fit 64 bits; they are not in `present`.
    too_large: MetricSet,
    /// The growths of the counters in `present`, in its order.
    growths: SmallVec<[u64; INLINE_GROWTHS]>,
    /// The levels of the gauges in `present`, in its order.
    gauges: SmallVec<[Level; INLINE_GAUGES]>,
}

/// Values of which the first `count` matter. There are usually more, because a copy of a constant
/// length is the fastest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Padded<'p, T> {
    pub(crate) values: &'p [T],
    pub(crate) count: usize,
}

impl<T: Copy> Padded<'_, T> {
    #[inline]
    fn to_inline<const INLINE: usize>(self) -> SmallVec<[T; INLINE]> {
        match self.values.first_chunk::<INLINE>() {
            Some(chunk) if self.count <= INLINE => SmallVec::from_buf_and_len(*chunk, self.count),
            _ => SmallVec::from_slice(self.values.get(..self.count).unwrap_or(self.values)),
        }
    }
}

impl Clone for Figures {
    /// Copies whole slices; the derived implementation clones element by element.
    fn clone(&self) -> Self {
        let (growths, gauges) = (&self.growths, &self.gauges);
        let (growths, gauges) = (SmallVec::from_slice(growths), SmallVec::from_slice(gauges));
        Self { present: self.present, too_large: self.too_large, growths, gauges }
    }
}

impl Figures {
    /// Figures of these metrics; both iterators must be in the order of `present`.
    #[inline]
    pub(crate) fn new(
        present: MetricSet,
        growths: impl Iterator<Item = u64>,
        gauges: impl Iterator<Item = Level>,
    ) -> Self {
        let (growths, gauges) = (growths.collect(), gauges.collect());
        Self { present, too_large: MetricSet::default(), growths, gauges }
    }

    /// Figures of the metrics that are present, in their order, and the metrics that are too large.
    #[inline]
    pub(crate) fn from_padded(
        present: MetricSet,
        too_large: MetricSet,
        growths: Padded<'_, u64>,
        gauges: Padded<'_, Level>,
    ) -> Self {
        let (growths, gauges) = (growths.to_inline(), gauges.to_inline());
        Self { present, too_large, growths, gauges }
    }

    pub(crate) fn growth(&self, metric: Metric) -> Option<u64> {
        let growths = self.present.intersection(COUNTERS);
        let rank = growths.contains(metric).then(|| growths.rank(metric))?;
        self.growths.get(rank).copied()
    }

    pub(crate) fn level(&self, metric: Metric) -> Option<&Level> {
        let gauges = self.present.intersection(GAUGES);
        let rank = gauges.contains(metric).then(|| gauges.rank(metric))?;
        self.gauges.get(rank)
    }

    /// A cursor over the figures, in the order of their metrics.
    pub(super) fn cursor(&self) -> FigureCursor<'_, impl Iterator<Item = Metric>> {
        let metrics = self.present.iter();
        FigureCursor {
            metrics: metrics.peekable(),
            growths: self.growths.iter(),
            gauges: self.gauges.iter(),
        }
    }

    /// The metrics that have a figure.
    pub(crate) fn present(&self) -> MetricSet {
        self.present
    }

    /// The metrics whose figure did not fit 64 bits.
    pub(crate) fn too_large(&self) -> MetricSet {
        self.too_large
    }

    /// The same figures, with these metrics as too large.
    pub(crate) fn with_too_large(self, too_large: MetricSet) -> Self {
        Self { too_large, ..self }
    }

    /// The growths of the counters that are present, in their order.
    pub(crate) fn growths(&self) -> &[u64] {
        &self.growths
    }

    /// The levels of the gauges that are present, in their order.
    pub(crate) fn levels(&self) -> &[Level] {
        &self.gauges
    }

    /// Sets the growth of a counter, and replaces an earlier one.
    pub(crate) fn set_growth(&mut self, metric: Metric, growth: u64) {
        let rank = self.present.intersection(COUNTERS).rank(metric);
        if !self.present.contains(metric) {
            self.present.insert(metric);
            self.growths.insert(rank, growth);
        } else if let Some(slot) = self.growths.get_mut(rank) {
            *slot = growth;
        }
    }

    /// Takes the figures of these metrics, which are not here, from others.
    pub(super) fn fill_from(&mut self, other: &Self, metrics: MetricSet) {
        for metric in metrics.iter() {
            if let Some(growth) = other.growth(metric) {
                self.set_growth(metric, growth);
            } else if let Some(level) = other.level(metric) {
                self.set_level(metric, *level);
            }
        }
    }

    /// Sets the figures of a gauge, and replaces earlier ones.
    pub(super) fn set_gauge(&mut self, metric: Metric, gauge: Gauge) {
        self.set_level(metric, Level::Inexact(gauge));
    }

    /// Sets the level of a gauge, and replaces an earlier one.
    pub(crate) fn set_level(&mut self, metric: Metric, level: Level) {
        let rank = self.present.intersection(GAUGES).rank(metric);
        if !self.present.contains(metric) {
            self.present.insert(metric);
            self.gauges.insert(rank, level);
        } else if let Some(slot) = self.gauges.get_mut(rank) {
            *slot = level;
        }
    }
}

/// Looks figures up in the order of their metrics, which is faster than a search for each.
pub(super) struct FigureCursor<'f, I: Iterator<Item = Metric>> {
    metrics: std::iter::Peekable<I>,
    growths: std::slice::Iter<'f, u64>,
    gauges: std::slice::Iter<'f, Level>,
}

impl<I: Iterator<Item = Metric>> FigureCursor<'_, I> {
    /// The value of a metric, which must come after those of earlier calls in the metrics' order.
    #[inline]
    pub(super) fn value(&mut self, metric: Metric, interval: Interval) -> Option<Value> {
        while let Some(present) = self.metrics.next_if(|present| *present as u8 <= metric as u8) {
            let (growth, level) = match present.kind() {
                Kind::Counter => (self.growths.next(), None),
                Kind::Gauge => (None, self.gauges.next()),
            };
            if present == metric {
                let gauge = level.map(|level| Value::Gauge(level.gauge(interval, metric)));
                return growth.copied().map(Value::Growth).or(gauge);
            }
        }
        None
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
        assert_eq!(documented.intersection(COUNTERS).len(), figures.growths.inline_size());
        assert_eq!(documented.intersection(GAUGES).len(), figures.gauges.inline_size());
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
            let level = gauge.map(|real| Level::Inexact(Gauge { ave: real, min: real, max: real }));
            assert_eq!(figures.level(metric), level.as_ref());
            let growth = (metric.kind() == Kind::Counter).then_some(number.into());
            assert_eq!(figures.growth(metric), growth);
        }
        assert!(size_of::<DataPoint>() <= 340, "{}", size_of::<DataPoint>());
    }
}
