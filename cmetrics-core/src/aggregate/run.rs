//! Steady pairs of samples in succession.

use super::open::Open;
use super::places::Places;
use super::share::share;
use crate::delta::Steady;
use crate::time::{Interval, Timestamp};

/// The pairs since something last was out of the ordinary, of one layout.
///
/// What counters grew by in an interval is their level at its end less their level at its start
/// (`docs/points.md`, rule 4). So nothing is added up from pair to pair: levels are worked out at
/// the edges, where they need be.
#[derive(Clone, Debug, Default)]
pub(super) struct Run {
    /// The interval that holds its end, or that ends with it.
    interval: Option<Interval>,
    end: u64,
    /// The last sample's time, in nanoseconds since the epoch, and its values.
    last: u64,
    values: Vec<u64>,
    /// From where on its growth is not yet in `interval`, and the levels of counters there.
    since: u64,
    levels: Vec<u64>,
}

impl Run {
    pub(super) fn is_open(&self) -> bool {
        self.interval.is_some()
    }

    pub(super) fn interval(&self) -> Option<Interval> {
        self.interval
    }

    /// Whether it has come to this time.
    pub(super) fn has_come_to(&self, time: u64) -> bool {
        self.is_open() && self.last == time
    }

    /// Ends, and with it what is not in intervals.
    pub(super) fn abandon(&mut self) {
        self.interval = None;
    }

    /// Begins at a sample.
    pub(super) fn begin(&mut self, (time, values): (u64, &[u64]), open: &Open) {
        self.interval = Timestamp::from_nanos(time).map(|time| open.interval(time));
        self.end = self.interval.map_or(0, Interval::end_nanos);
        (self.since, self.last) = (time, time);
        self.levels.clear();
        self.levels.extend_from_slice(values);
    }

    /// Goes on by a pair that begins where it ends.
    #[inline]
    pub(super) fn go_on(&mut self, pair: &Steady<'_>, places: &Places, open: &mut Open) {
        while pair.to.0 >= self.end {
            let Some(interval) = self.interval else { return };
            self.cross(interval, pair, places, open);
        }
        self.last = pair.to.0;
        self.values.clear();
        self.values.extend_from_slice(pair.to.1);
    }

    /// Ends: all of its growth is in intervals.
    pub(super) fn close(&mut self, places: &Places, open: &mut Open) {
        let Some(interval) = self.interval.take().filter(|_| self.since < self.last) else {
            return;
        };
        let open = open.filling(interval);
        open.watched_nanos += self.last - self.since;
        open.gives_point |= places.gives_point;
        open.present = open.present.union(places.grown);
        for &(slot, rank) in &places.counters {
            if let (Some(before), Some(now)) = (self.levels.get(slot), self.values.get(slot)) {
                open.grow(rank, u128::from(now - before));
            }
        }
    }

    /// Goes over the end of its interval, which `pair` reaches.
    fn cross(&mut self, interval: Interval, pair: &Steady<'_>, places: &Places, open: &mut Open) {
        let open = open.filling(interval);
        let ((from, before), (to, now)) = (pair.from, pair.to);
        let (part, whole) = (self.end - from, to - from);
        for &(slot, rank) in &places.counters {
            let values = (self.levels.get_mut(slot), before.get(slot), now.get(slot));
            if let (Some(level), Some(before), Some(now)) = values {
                let at_end = before + risen(now - before, part, whole);
                open.grow(rank, u128::from(at_end - *level));
                *level = at_end;
            }
        }
        open.watched_nanos += self.end - self.since;
        open.gives_point |= places.gives_point;
        open.present = open.present.union(places.grown);
        if from <= interval.start_nanos() {
            for &(slot, rank, metric) in &places.gauges {
                if let (Some(before), Some(now)) = (before.get(slot), now.get(slot)) {
                    open.lie_between(metric, rank, (from, *before), (to, *now));
                }
            }
        }
        self.since = self.end;
        let next = interval.next();
        self.interval = Some(next);
        self.end = next.end_nanos();
    }
}

/// [`share`] of a growth that fits 64 bits, without 128 of them where the product fits too.
#[inline]
fn risen(growth: u64, part: u64, whole: u64) -> u64 {
    match growth.checked_mul(part) {
        Some(0) => 0,
        Some(product) => product / whole,
        // No more than the growth.
        None => u64::try_from(share(growth.into(), part, whole)).unwrap_or(growth),
    }
}
