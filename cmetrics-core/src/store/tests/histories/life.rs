//! A naive model of a container's samples: what is final, and the points of the rest.

use std::collections::BTreeSet;

use super::super::points::{START, WIDTH};
use super::super::*;
use crate::{Container, Metric, Pipeline, Sample};

pub(super) const SECOND: u64 = 1_000_000_000;
pub(super) const LATENESS: u64 = 20;

/// The start of the interval that contains a time.
fn start_of(nanos: u64) -> u64 {
    nanos / SECOND / WIDTH * WIDTH
}

/// The time of a container's sample of a second, off the edges of intervals.
pub(super) fn time_of(second: u64) -> u64 {
    (START + second) * SECOND + 7 + second % 3 * 100_000_000
}

/// A measurement at a time: a counter that rises unevenly, and a gauge.
pub(super) fn sample(time: u64) -> Sample {
    let mixed = time.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    let mut sample = Sample::new(Timestamp::from_nanos(time).unwrap());
    sample.set(Metric::CpuUsage, time / 1_000 % (1 << 40) + mixed % 50_000);
    sample.set(Metric::MemoryUsage, mixed);
    sample
}

/// The samples of these times in one pipeline.
pub(super) fn pipeline<'t>(of: impl Iterator<Item = (&'t str, &'t BTreeSet<u64>)>) -> Pipeline {
    let mut pipeline = Pipeline::default();
    for (name, times) in of {
        for time in times {
            pipeline.insert(&Container::at_path(name), None, sample(*time));
        }
    }
    pipeline
}

fn batch<'t>(name: &str, times: impl Iterator<Item = &'t u64>) -> Vec<DataPoint> {
    pipeline([(name, &times.copied().collect())].into_iter()).points()
}

/// The samples of a container that points may still be made of, by their times in nanoseconds.
/// Removing samples in the middle ends one life and begins another, as no line leads across the
/// hole.
#[derive(Clone, Debug, Default)]
pub(super) struct Life {
    samples: BTreeSet<u64>,
    newest: u64,
    /// No more samples come up to here.
    closed: u64,
    /// The start of the first interval that is not final, in seconds.
    open_from: u64,
    /// Nothing is known before this time.
    begins: u64,
}

/// What happened to samples.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) accepted: u64,
    pub(super) duplicates: u64,
    pub(super) late: BTreeSet<u64>,
    pub(super) settled: Vec<DataPoint>,
}

impl Life {
    pub(super) fn take_in(
        &mut self,
        name: &str,
        times: &BTreeSet<u64>,
        closed: Option<u64>,
    ) -> Taken {
        let cutoff = match closed {
            Some(_) => self.closed,
            None => self.newest.saturating_sub(LATENESS * SECOND),
        };
        // A sample was removed that was newer by more than the lateness than what is left: what
        // lies before the base is final nevertheless.
        let cutoff = cutoff.max(self.begins).max(self.resumed_from().unwrap_or(0));
        let (mut taken, base) = (Taken::default(), self.base());
        for time in times {
            if *time >= base && self.samples.contains(time) {
                taken.duplicates += 1;
            } else if *time < cutoff {
                taken.late.insert(*time);
            } else {
                taken.accepted += 1;
                self.samples.insert(*time);
                self.newest = self.newest.max(*time);
            }
        }
        let closed = closed.unwrap_or(self.newest.saturating_sub(LATENESS * SECOND));
        self.closed = self.closed.max(closed);
        taken.settled = self.settle(name);
        taken
    }

    /// The points that became final: no sample that may still come changes them.
    fn settle(&mut self, name: &str) -> Vec<DataPoint> {
        let Some(last) = self.samples.range(..=self.closed).next_back() else { return Vec::new() };
        let is_silent = self.closed - last > Settings::default().max_gap_seconds() * SECOND;
        let until = start_of(*last) + if is_silent { WIDTH } else { 0 };
        let from = self.open_from;
        self.open_from = from.max(until);
        let mut points = batch(name, self.samples.iter());
        points.retain(|point| (from..until).contains(&point.interval().start()));
        points
    }

    /// The points that are not final.
    pub(super) fn open(&self, name: &str) -> Vec<DataPoint> {
        let mut points = batch(name, self.samples.iter());
        points.retain(|point| point.interval().start() >= self.open_from);
        points
    }

    /// The end of the newest sample's interval.
    pub(super) fn end(&self) -> u64 {
        start_of(self.newest) + WIDTH
    }

    /// The sample from which the open intervals continue.
    fn base(&self) -> u64 {
        self.resumed_from().or(self.samples.first().copied()).unwrap_or(self.begins)
    }

    /// The last sample before the open intervals.
    fn resumed_from(&self) -> Option<u64> {
        self.samples.range(..self.open_from * SECOND).next_back().copied()
    }

    /// Removes the samples in a range of whole intervals, and returns the points that are stored as
    /// they are, since their samples are gone. Before the range, stored points end at `stored`.
    /// `None` if nothing is left.
    pub(super) fn without(
        mut self,
        name: &str,
        range: &Range<u64>,
        stored: Option<u64>,
    ) -> (Option<Self>, Vec<DataPoint>) {
        let (from, to) = (range.start.saturating_mul(SECOND), range.end.saturating_mul(SECOND));
        let base = self.base();
        let open = self.open_from.max(base / SECOND)..self.end();
        let has_samples = self.samples.range(from.max(base)..).next().is_some_and(|one| *one < to);
        let is_touched = has_samples || (open.start < range.end && open.end > range.start);
        if to <= base || !is_touched {
            return (Some(self), Vec::new());
        }
        let last = self.samples.range(..from).next_back().copied().filter(|last| *last >= base);
        let behind = self.samples.split_off(&to);
        self.samples.retain(|time| *time < from);
        if let Some(last) = last
            && behind.is_empty()
            && stored.is_none_or(|stored| stored <= start_of(last) + WIDTH)
        {
            // It continues as if that had never been there.
            self.newest = last;
            self.closed = self.closed.min(last);
            self.open_from = self.open_from.min(start_of(last) + WIDTH);
            return (Some(self), Vec::new());
        }
        let mut known = if last.is_some() { self.open(name) } else { Vec::new() };
        known.retain(|point| point.interval().end() <= range.start);
        if !behind.is_empty() {
            let open_from = self.open_from.max(range.end);
            return (Some(Self { samples: behind, open_from, begins: to - 1, ..self }), known);
        }
        let ends = stored.max(known.last().map(|point| point.interval().end()));
        let begun = |open_from: u64| {
            let before = open_from * SECOND - 1;
            let (newest, closed, begins) = (before, before, before);
            Self { samples: behind, newest, closed, open_from, begins }
        };
        (ends.map(begun), known)
    }
}
