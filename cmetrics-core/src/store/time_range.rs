//! The ranges of time that callers ask for.

use std::ops::{Bound, Range, RangeBounds};

use crate::time::{NANOS_PER_SECOND, Timestamp};

/// A range of instants, in nanoseconds since the epoch.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeRange {
    start: u64,
    /// `u64::MAX` where it is not bounded: points that were read from JSON may begin later than any
    /// timestamp.
    end: u64,
}

impl TimeRange {
    pub(super) fn of(range: &impl RangeBounds<Timestamp>) -> Self {
        let start = match range.start_bound() {
            Bound::Included(first) => first.nanos(),
            Bound::Excluded(before) => before.nanos().saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(last) => last.nanos().saturating_add(1),
            Bound::Excluded(end) => end.nanos(),
            Bound::Unbounded => u64::MAX,
        };
        Self { start, end }
    }

    pub(super) fn of_seconds(range: &Range<u64>) -> Self {
        let nanos = |second: u64| second.saturating_mul(NANOS_PER_SECOND);
        Self { start: nanos(range.start), end: nanos(range.end) }
    }

    pub(super) fn is_empty(self) -> bool {
        self.start >= self.end
    }

    pub(super) fn contains(self, time: Timestamp) -> bool {
        (self.start..self.end).contains(&time.nanos())
    }

    /// The seconds that begin in this range: intervals begin at whole seconds.
    pub(super) fn begun_seconds(self) -> Range<u64> {
        self.start.div_ceil(NANOS_PER_SECOND)..self.end_second()
    }

    /// The seconds that have a part in this range.
    pub(super) fn touched_seconds(self) -> Range<u64> {
        self.start / NANOS_PER_SECOND..self.end_second()
    }

    fn end_second(self) -> u64 {
        if self.end == u64::MAX { u64::MAX } else { self.end.div_ceil(NANOS_PER_SECOND) }
    }
}
