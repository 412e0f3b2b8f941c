//! The intervals that are being filled.

use std::collections::VecDeque;

use super::accumulator::Accumulator;
use super::places::Gathered;
use crate::time::{Interval, Timestamp};

/// Intervals in rising time. There may be holes: a container can be silent for years.
#[derive(Clone, Debug)]
pub(super) struct Open {
    width: u64,
    gathered: Gathered,
    queue: VecDeque<Accumulator>,
    /// What was emptied, to be filled again.
    spare: Vec<Accumulator>,
}

impl Open {
    /// No interval of this width in seconds yet.
    pub(super) fn new(width: u64, gathered: Gathered) -> Self {
        Self { width, gathered, queue: VecDeque::new(), spare: Vec::new() }
    }

    pub(super) fn interval(&self, time: Timestamp) -> Interval {
        Interval::containing(time, self.width)
    }

    /// The interval that holds `time`.
    #[inline]
    pub(super) fn holding(&mut self, time: Timestamp) -> &mut Accumulator {
        let newest = self.queue.back().map(|open| open.interval);
        let in_newest = |interval: &Interval| {
            (interval.start_nanos()..interval.end_nanos()).contains(&time.nanos())
        };
        let interval = newest.filter(in_newest).unwrap_or_else(|| self.interval(time));
        self.filling(interval)
    }

    /// This interval; new if need be.
    pub(super) fn filling(&mut self, interval: Interval) -> &mut Accumulator {
        let newest = self.queue.back().map(|open| open.interval);
        let last = self.queue.len().wrapping_sub(1);
        let index = match newest {
            Some(newest) if newest == interval => last,
            Some(newest) if newest > interval => {
                let index = self.queue.partition_point(|open| open.interval < interval);
                if self.queue.get(index).is_none_or(|open| open.interval != interval) {
                    let new = self.unfilled(interval);
                    self.queue.insert(index, new);
                }
                index
            }
            _ => {
                let new = self.unfilled(interval);
                self.queue.push_back(new);
                self.queue.len() - 1
            }
        };
        #[expect(clippy::indexing_slicing, reason = "found or put there")]
        &mut self.queue[index]
    }

    pub(super) fn first(&self) -> Option<Interval> {
        self.queue.front().map(|open| open.interval)
    }

    /// Closes the first interval.
    pub(super) fn take_first(&mut self) -> Option<Accumulator> {
        self.queue.pop_front()
    }

    /// Takes what was closed, for another interval.
    pub(super) fn reuse(&mut self, closed: Accumulator) {
        const MOST: usize = 256;
        if self.spare.len() < MOST {
            self.spare.push(closed);
        }
    }

    fn unfilled(&mut self, interval: Interval) -> Accumulator {
        match self.spare.pop() {
            Some(mut spare) => {
                spare.reset(interval);
                spare
            }
            None => Accumulator::new(interval, &self.gathered),
        }
    }
}
