//! The intervals that can still change.

use std::collections::VecDeque;

use super::accumulator::Accumulator;
use super::layout_map::AggregatedMetrics;
use crate::time::{Interval, Timestamp};

/// Intervals in rising time. Intervals without samples may be missing: a container can be silent
/// for years.
#[derive(Clone, Debug)]
pub(super) struct OpenIntervals {
    width: u64,
    metrics: AggregatedMetrics,
    queue: VecDeque<Accumulator>,
    /// Accumulators of closed intervals, for reuse.
    spare: Vec<Accumulator>,
}

impl OpenIntervals {
    /// No intervals yet. `width` is in seconds.
    pub(super) fn new(width: u64, metrics: AggregatedMetrics) -> Self {
        Self { width, metrics, queue: VecDeque::new(), spare: Vec::new() }
    }

    /// The interval that contains `time`.
    pub(super) fn interval(&self, time: Timestamp) -> Interval {
        Interval::of_width(time, self.width)
    }

    /// The accumulator of the interval that contains `time`. A missing one is inserted.
    #[inline]
    pub(super) fn containing(&mut self, time: Timestamp) -> &mut Accumulator {
        let newest = self.queue.back().map(|open| open.interval);
        let in_newest = |interval: &Interval| {
            (interval.start_nanos()..interval.end_nanos()).contains(&time.nanos())
        };
        let interval = newest.filter(in_newest).unwrap_or_else(|| self.interval(time));
        self.get_or_insert(interval)
    }

    /// The accumulator of this interval. A missing one is inserted.
    pub(super) fn get_or_insert(&mut self, interval: Interval) -> &mut Accumulator {
        let newest = self.queue.back().map(|open| open.interval);
        let last = self.queue.len().wrapping_sub(1);
        let index = match newest {
            Some(newest) if newest == interval => last,
            Some(newest) if newest > interval => {
                let index = self.queue.partition_point(|open| open.interval < interval);
                if self.queue.get(index).is_none_or(|open| open.interval != interval) {
                    let new = self.new_accumulator(interval);
                    self.queue.insert(index, new);
                }
                index
            }
            _ => {
                let new = self.new_accumulator(interval);
                self.queue.push_back(new);
                self.queue.len() - 1
            }
        };
        #[expect(clippy::indexing_slicing, reason = "found or inserted there")]
        &mut self.queue[index]
    }

    /// The first interval.
    pub(super) fn first(&self) -> Option<Interval> {
        self.queue.front().map(|open| open.interval)
    }

    /// Removes the first interval.
    pub(super) fn take_first(&mut self) -> Option<Accumulator> {
        self.queue.pop_front()
    }

    /// Keeps the accumulator of a closed interval for another one.
    pub(super) fn recycle(&mut self, closed: Accumulator) {
        const MAX_SPARE: usize = 256;
        if self.spare.len() < MAX_SPARE {
            self.spare.push(closed);
        }
    }

    fn new_accumulator(&mut self, interval: Interval) -> Accumulator {
        match self.spare.pop() {
            Some(mut spare) => {
                spare.reset(interval);
                spare
            }
            None => Accumulator::new(interval, &self.metrics),
        }
    }
}
