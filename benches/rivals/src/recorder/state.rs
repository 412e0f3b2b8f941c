//! What each rival keeps of a container behind its lock, and does with a sample: what the recorder
//! does too, made of the public stages.
//!
//! They do less in this: nobody's silence is noticed, copies complete nothing, and a point is given
//! when its interval ended the longest gap ago, as [`Aggregator::settle`] has it, rather than as
//! soon as nothing can change it any more.

use std::collections::VecDeque;

use cmetrics_core::aggregate::Aggregator;
use cmetrics_core::delta::Tracker;
use cmetrics_core::recorder::RecorderSettings;
use cmetrics_core::{DataPoint, Sample, Settings};

use crate::contender::Sums;
use crate::workload::SECOND;

const HISTORY: u64 = RecorderSettings::DEFAULT_HISTORY.as_secs() * SECOND;

#[derive(Debug)]
pub(crate) struct State {
    tracker: Tracker,
    aggregator: Aggregator,
    lateness: u64,
    /// The times of the last samples, rising.
    times: VecDeque<u64>,
    /// Samples that an older one may still come before, in rising time.
    waiting: VecDeque<Sample>,
    points: Vec<DataPoint>,
    accepted: u64,
}

impl State {
    /// `lateness` is in seconds.
    pub(crate) fn new(container: usize, lateness: u64) -> Self {
        let settings = Settings::default();
        Self {
            tracker: Tracker::new(&settings),
            aggregator: Aggregator::new(format!("{container:064x}").into(), settings),
            lateness: lateness * SECOND,
            times: VecDeque::new(),
            waiting: VecDeque::new(),
            points: Vec::new(),
            accepted: 0,
        }
    }

    /// Takes a sample. Says whether it is neither late nor known.
    pub(crate) fn record(&mut self, sample: &Sample) -> bool {
        self.accepts(sample) && self.put(sample.clone())
    }

    /// Takes a sample of which no copy is needed.
    pub(crate) fn record_own(&mut self, sample: Sample) -> bool {
        self.accepts(&sample) && self.put(sample)
    }

    pub(crate) fn has_points(&self) -> bool {
        !self.points.is_empty()
    }

    /// Gives the points that were made.
    pub(crate) fn drain(&mut self, sums: &mut Sums) {
        self.points.drain(..).for_each(|point| sums.add(&point));
    }

    /// Gives the points of all samples, and says how many samples there were.
    pub(crate) fn finish(&mut self, sums: &mut Sums) -> u64 {
        while let Some(sample) = self.waiting.pop_front() {
            self.feed(&sample);
        }
        let none = Self::new(0, 0);
        let tracker = std::mem::replace(&mut self.tracker, none.tracker);
        let aggregator = std::mem::replace(&mut self.aggregator, none.aggregator);
        aggregator.finish(tracker, &mut |_| (), &mut |point| self.points.push(point));
        self.drain(sums);
        self.accepted
    }

    /// Notes a sample's time, unless it is late or known.
    fn accepts(&mut self, sample: &Sample) -> bool {
        let time = sample.time().nanos();
        let newest = self.times.back().copied().unwrap_or(0);
        if time > newest {
            self.times.push_back(time);
        } else if time < newest.saturating_sub(self.lateness) {
            return false;
        } else {
            match self.times.binary_search(&time) {
                Ok(_) => return false,
                Err(place) => self.times.insert(place, time),
            }
        }
        while self.times.front().is_some_and(|first| first + HISTORY < time) {
            self.times.pop_front();
        }
        self.accepted += 1;
        true
    }

    /// Puts a sample among those that wait, and feeds those that need not any more.
    fn put(&mut self, sample: Sample) -> bool {
        let behind = self.waiting.iter().rev().take_while(|one| one.time() > sample.time()).count();
        self.waiting.insert(self.waiting.len() - behind, sample);
        let newest = self.times.back().copied().unwrap_or(0);
        let closed = newest.saturating_sub(self.lateness);
        while self.waiting.front().is_some_and(|first| first.time().nanos() <= closed) {
            if let Some(sample) = self.waiting.pop_front() {
                self.feed(&sample);
            }
        }
        true
    }

    fn feed(&mut self, sample: &Sample) {
        let Self { tracker, aggregator, points, .. } = self;
        let observed = aggregator.observe(tracker, sample);
        assert!(observed.is_ok(), "samples are fed in rising time");
        aggregator.settle(tracker, sample.time(), &mut |point| points.push(point));
    }
}
