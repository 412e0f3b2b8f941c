//! A naive reference model of the contract (`semantics.md` and `metrics.md`): whole
//! passes over whole series, exact integers, no streaming, no cleverness. It takes
//! well-formed dumps; damaged ones and bad numbers are tested elsewhere.

#![allow(dead_code, reason = "each test binary asks for a part of the model")]

mod catalogue;
mod counter;
mod document;
mod gauge;
mod naming;
mod point;
mod reading;
mod series;
mod timestamp;

use std::collections::{BTreeMap, BTreeSet};

use catalogue::Metric;
use counter::Growths;
use gauge::Readings;
use series::Series;

pub struct Options {
    /// Width of an interval, in seconds.
    pub interval: u64,
    /// In seconds; `None` leaves the choice to rule 5.
    pub max_gap: Option<u64>,
    /// Adds the `metrics` object, with every metric of the catalogue.
    pub all_metrics: bool,
    /// Adds `samples` and `coverage`.
    pub extended: bool,
}

pub struct Dump {
    pub machine: Option<String>,
    pub document: serde_json::Value,
}

/// What a container's series held, by the catalogue's metric names. Metrics without any
/// pair of readings are in neither map, and only amounts above 0 in `unattributed`.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tally {
    pub samples: u64,
    pub restarts: u64,
    pub unattributed: BTreeMap<String, u128>,
    pub growths: BTreeMap<String, u128>,
}

/// The points of all dumps, sorted by name and start.
pub fn points(dumps: &[Dump], options: &Options) -> Vec<serde_json::Value> {
    let clock = Clock::new(options);
    let mut points = Vec::new();
    for (name, series) in series_of(dumps, options) {
        let container = Container::new(&series, options, &clock);
        for interval in container.intervals() {
            points.push(point::point(&name, interval, &container, options, &clock));
        }
    }
    points
}

/// What was counted beside the points, by container.
pub fn tally(dumps: &[Dump], options: &Options) -> BTreeMap<String, Tally> {
    let clock = Clock::new(options);
    let mut tallies = BTreeMap::new();
    for (name, series) in series_of(dumps, options) {
        let container = Container::new(&series, options, &clock);
        tallies.insert(name, container.tally());
    }
    tallies
}

fn series_of(dumps: &[Dump], options: &Options) -> BTreeMap<String, Series> {
    let mut found = Vec::new();
    for dump in dumps {
        document::find_samples(&dump.document, dump.machine.as_deref(), &mut found);
    }
    series::collect(&found, &catalogue::chosen(options.all_metrics))
}

/// Widths and limits in nanoseconds.
pub(crate) struct Clock {
    pub(crate) width: i128,
    pub(crate) max_gap: i128,
}

const SECOND: i128 = 1_000_000_000;

impl Clock {
    fn new(options: &Options) -> Self {
        // Rule 5: 150 s, or the interval where that is wider, unless the caller says otherwise.
        let max_gap = options.max_gap.unwrap_or(options.interval.max(150));
        Self { width: i128::from(options.interval) * SECOND, max_gap: i128::from(max_gap) * SECOND }
    }

    /// Number of the interval that an instant lies in; it starts at its number times the width.
    pub(crate) fn interval_of(&self, time: i128) -> i128 {
        time.div_euclid(self.width)
    }

    pub(crate) fn edges(&self, interval: i128) -> (i128, i128) {
        (interval * self.width, (interval + 1) * self.width)
    }
}

/// One container's series with everything that its points are made of.
pub(crate) struct Container<'a> {
    pub(crate) series: &'a Series,
    pub(crate) counters: Vec<(Metric, Growths)>,
    pub(crate) gauges: Vec<(Metric, Readings)>,
    pub(crate) samples: BTreeMap<i128, u64>,
    pub(crate) covered: BTreeMap<i128, i128>,
}

impl<'a> Container<'a> {
    fn new(series: &'a Series, options: &Options, clock: &Clock) -> Self {
        let mut counters = Vec::new();
        let mut gauges = Vec::new();
        for metric in catalogue::chosen(options.all_metrics) {
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
    /// a share) or a gauge by rule 9. Only documented metrics count, so that the choice of
    /// metrics changes no points.
    fn intervals(&self) -> BTreeSet<i128> {
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

    fn tally(&self) -> Tally {
        let mut tally = Tally {
            samples: self.series.samples.len() as u64,
            restarts: self.series.restarts().len() as u64,
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
