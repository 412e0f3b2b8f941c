//! Runs of consecutive steady pairs.

use super::layout_map::LayoutMap;
use super::open_intervals::OpenIntervals;
use super::share::share_narrow;
use crate::delta::SteadyPair;
use crate::time::{Interval, Timestamp};

/// Consecutive steady pairs of one layout.
///
/// The growth of a counter in an interval is its level at the end of the interval less its level
/// at the start (`docs/points.md`, rule 4). So the growth of single pairs is not added up: levels
/// are computed at the ends of intervals only.
#[derive(Clone, Debug, Default)]
pub(super) struct Run {
    /// The interval that contains the last sample; `None` where there is no run.
    interval: Option<Interval>,
    /// The end of `interval`, in nanoseconds since the epoch.
    end: u64,
    /// The last sample's time, in nanoseconds since the epoch.
    last: u64,
    /// The last sample's values.
    values: Vec<u64>,
    /// The time from which on growth is not yet added to intervals, in nanoseconds since the
    /// epoch.
    since: u64,
    /// The levels of the counters at `since`, by index of the value.
    levels: Vec<u64>,
}

impl Run {
    pub(super) fn is_open(&self) -> bool {
        self.interval.is_some()
    }

    pub(super) fn interval(&self) -> Option<Interval> {
        self.interval
    }

    /// Whether the run ends with a sample of this time.
    pub(super) fn ends_at(&self, time: u64) -> bool {
        self.is_open() && self.last == time
    }

    /// Ends the run, without adding the rest of its growth to intervals.
    pub(super) fn discard(&mut self) {
        self.interval = None;
    }

    /// Starts a run at a sample.
    pub(super) fn start(&mut self, time: u64, values: &[u64], open: &OpenIntervals) {
        self.interval = Timestamp::from_nanos(time).map(|time| open.interval(time));
        self.end = self.interval.map_or(0, Interval::end_nanos);
        (self.since, self.last) = (time, time);
        self.levels.clear();
        self.levels.extend_from_slice(values);
    }

    /// Extends the run by a pair that begins at its end.
    #[inline]
    pub(super) fn extend(
        &mut self,
        pair: &SteadyPair<'_>,
        map: &LayoutMap,
        open: &mut OpenIntervals,
    ) {
        while pair.to.0 >= self.end {
            let Some(interval) = self.interval else { return };
            self.cross_end(interval, pair, map, open);
        }
        self.last = pair.to.0;
        self.values.clear();
        self.values.extend_from_slice(pair.to.1);
    }

    /// Ends the run, and adds the rest of its growth to its last interval.
    pub(super) fn close(&mut self, map: &LayoutMap, open: &mut OpenIntervals) {
        let Some(interval) = self.interval.take().filter(|_| self.since < self.last) else {
            return;
        };
        let open = open.get_or_insert(interval);
        open.watched_nanos += self.last - self.since;
        open.makes_point |= map.makes_point;
        open.present = open.present.union(map.grown);
        for &(slot, rank) in &map.counters {
            if let (Some(before), Some(now)) = (self.levels.get(slot), self.values.get(slot)) {
                open.add_growth(rank, u128::from(now - before));
            }
        }
    }

    /// Adds the growth up to the end of the current interval, which `pair` reaches, and goes on to
    /// the next one.
    fn cross_end(
        &mut self,
        interval: Interval,
        pair: &SteadyPair<'_>,
        map: &LayoutMap,
        open: &mut OpenIntervals,
    ) {
        let open = open.get_or_insert(interval);
        let ((from, before), (to, now)) = (pair.from, pair.to);
        let (part, whole) = (self.end - from, to - from);
        for &(slot, rank) in &map.counters {
            let values = (self.levels.get_mut(slot), before.get(slot), now.get(slot));
            if let (Some(level), Some(before), Some(now)) = values {
                let at_end = before + share_narrow(now - before, part, whole);
                open.add_growth(rank, u128::from(at_end - *level));
                *level = at_end;
            }
        }
        open.watched_nanos += self.end - self.since;
        open.makes_point |= map.makes_point;
        open.present = open.present.union(map.grown);
        if from <= interval.start_nanos() {
            for &(slot, rank, metric) in &map.gauges {
                if let (Some(before), Some(now)) = (before.get(slot), now.get(slot)) {
                    open.set_between(metric, rank, (from, *before), (to, *now));
                }
            }
        }
        self.since = self.end;
        let next = interval.next();
        self.interval = Some(next);
        self.end = next.end_nanos();
    }
}
