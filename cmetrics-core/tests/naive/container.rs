//! One container's series with everything that its points are made of.

use std::collections::{BTreeMap, BTreeSet};

use super::catalogue::{self, Metric};
use super::counter::{self, Growths};
use super::gauge::{self, Readings};
use super::judge::{Cpu, Restart};
use super::series::Series;
use super::{Clock, Options};

pub(crate) struct Container<'a> {
    pub(crate) series: &'a Series,
    pub(crate) counters: Vec<(Metric, Growths)>,
    pub(crate) gauges: Vec<(Metric, Readings)>,
    pub(crate) samples: BTreeMap<i128, u64>,
    pub(crate) covered: BTreeMap<i128, i128>,
}

/// What a container's series held. Instants are in nanoseconds since the epoch, and metrics go by
/// the catalogue's names: those without any pair of readings are in neither map, and only amounts
/// above 0 in `unattributed`.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tally {
    pub samples: u64,
    pub restarts: Vec<i128>,
    pub set_aside: Vec<i128>,
    pub corrections: Vec<i128>,
    pub implausible: Vec<i128>,
    pub gaps: Vec<(i128, i128)>,
    pub unattributed: BTreeMap<String, u128>,
    pub growths: BTreeMap<String, u128>,
    pub overflows: u64,
}

impl<'a> Container<'a> {
    pub(crate) fn new(series: &'a Series, options: &Options, clock: &Clock) -> Self {
        let mut counters = Vec::new();
        let mut gauges = Vec::new();
        for metric in catalogue::made(&options.metrics) {
            if metric.is_counter() {
                counters.push((metric, counter::growths(series, &metric, clock)));
            } else {
                gauges.push((metric, gauge::readings(series, &metric, clock)));
            }
        }
        Self {
            series,
            counters,
            gauges,
            samples: series.samples_by_interval(clock),
            covered: series.covered_by_interval(clock),
        }
    }

    /// An interval gives a point when it has a sample, a share of a growth (a share of 0 is
    /// a share) or a gauge by rule 9 of `docs/points.md`. Only documented metrics count, so that
    /// the choice of metrics changes no points.
    pub(crate) fn intervals(&self) -> BTreeSet<i128> {
        let mut intervals: BTreeSet<i128> = self.samples.keys().copied().collect();
        for (metric, growths) in &self.counters {
            if metric.documented {
                intervals.extend(growths.shares.keys());
            }
        }
        for (metric, readings) in &self.gauges {
            if metric.documented {
                intervals.extend(readings.by_interval.keys());
            }
        }
        intervals
    }

    /// Figures that do not fit 64 bits and are null.
    fn overflows(&self) -> u64 {
        let beyond = |interval: i128| {
            let counters = self.counters.iter().filter(|(_, growths)| {
                growths.shares.get(&interval).is_some_and(|share| u64::try_from(*share).is_err())
            });
            let gauges = self.gauges.iter().filter(|(_, readings)| {
                readings.by_interval.get(&interval).is_some_and(Option::is_none)
            });
            counters.count() + gauges.count()
        };
        self.intervals().into_iter().map(|interval| beyond(interval) as u64).sum()
    }

    pub(crate) fn tally(&self, clock: &Clock) -> Tally {
        let series = self.series;
        let mut tally = Tally {
            samples: series.samples.len() as u64,
            restarts: series.restarts().into_iter().map(Restart::time).collect(),
            set_aside: series.when(Cpu::SetAside),
            corrections: series.when(Cpu::Correction),
            implausible: series.when(Cpu::Implausible),
            gaps: series.gaps(clock),
            overflows: self.overflows(),
            ..Tally::default()
        };
        for (metric, growths) in &self.counters {
            if growths.pairs > 0 {
                tally.growths.insert(metric.name.to_owned(), growths.total);
            }
            if growths.unattributed > 0 {
                tally.unattributed.insert(metric.name.to_owned(), growths.unattributed);
            }
        }
        tally
    }
}
