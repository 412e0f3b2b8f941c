//! A naive reference model of `docs/points.md` and `docs/metrics.md`: whole passes over
//! whole series, exact integers, no streaming, no cleverness. It takes well-formed dumps;
//! damaged ones and bad numbers are tested elsewhere.

#![allow(dead_code, unused_imports, reason = "each test binary asks for a part of the model")]

mod catalogue;
mod container;
mod counter;
mod document;
mod gauge;
mod judge;
mod naming;
mod point;
mod reading;
mod series;
mod spec;
mod timestamp;

use std::collections::{BTreeMap, BTreeSet};

use container::Container;
pub use container::Tally;
use document::Contents;
pub use judge::{Cpu, Restart};
use series::Series;

pub struct Options {
    /// Width of an interval, in seconds.
    pub interval: u64,
    /// In seconds; `None` leaves the choice to rule 5 of `docs/points.md`.
    pub max_gap: Option<u64>,
    /// Where there are any, adds the `metrics` object with those that bear these names.
    pub metrics: BTreeSet<String>,
    /// Adds `samples` and `coverage`.
    pub extended: bool,
}

pub struct Dump {
    pub machine: Option<String>,
    pub document: serde_json::Value,
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
        tallies.insert(name, container.tally(&clock));
    }
    tallies
}

/// What the CPU readings of a container say, by their times, where these specs are told of it.
pub fn judged(readings: &BTreeMap<i128, i128>, specs: &[serde_json::Value]) -> BTreeMap<i128, Cpu> {
    judge::judged(readings, &spec::Spec::of(specs))
}

/// When a container was started, as far as these tell.
pub fn starts(specs: &[serde_json::Value]) -> Vec<i128> {
    spec::Spec::of(specs).starts.into_iter().collect()
}

fn series_of(dumps: &[Dump], options: &Options) -> BTreeMap<String, Series> {
    let mut contents = Contents::default();
    for dump in dumps {
        contents.read(&dump.document, dump.machine.as_deref());
    }
    // What a container's documents tell of its starts and CPUs is all known before any sample.
    let specs = spec::collect(&contents.specs);
    let samples = series::collect(&contents.samples, &catalogue::made(&options.metrics));
    let clock = Clock::new(options);
    let series = samples.into_iter().map(|(name, samples)| {
        let spec = specs.get(&name).cloned().unwrap_or_default();
        (name, Series::new(samples, &spec, &clock))
    });
    series.collect()
}

/// Widths and limits in nanoseconds.
pub(crate) struct Clock {
    pub(crate) width: i128,
    pub(crate) max_gap: i128,
}

const SECOND: i128 = 1_000_000_000;

impl Clock {
    fn new(options: &Options) -> Self {
        // Rule 5 of `docs/points.md`: 150 s, or the interval where that is wider, unless the caller
        // says otherwise.
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
