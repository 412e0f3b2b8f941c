//! Ranges of time.

use std::ops::{Bound, Range};

use super::Timestamp;

/// A range of Unix seconds as one of timestamps, as a [`Store`](crate::Store) takes them. From the
/// epoch on, and up to a second past the last timestamp, it is not bounded.
///
/// ```
/// use std::ops::RangeBounds;
///
/// use cmetrics_core::time::unix_seconds;
/// use cmetrics_core::{Interval, Timestamp};
///
/// let interval = Interval::new(1_795_262_400, 1_795_262_405).unwrap();
/// let range = unix_seconds(interval.start()..interval.end());
/// assert!(range.contains(&interval.start_time()));
/// assert!(!range.contains(&interval.end_time()));
/// assert!(unix_seconds(0..u64::MAX).contains(&Timestamp::MAX));
/// assert!(!unix_seconds(0..0).contains(&Timestamp::MIN));
/// ```
pub fn unix_seconds(range: Range<u64>) -> (Bound<Timestamp>, Bound<Timestamp>) {
    if range.is_empty() {
        return (Bound::Excluded(Timestamp::MIN), Bound::Excluded(Timestamp::MIN));
    }
    let start = match Timestamp::from_seconds(range.start) {
        Some(start) => Bound::Included(start),
        None if range.start == 0 => Bound::Unbounded,
        None => Bound::Excluded(Timestamp::MAX),
    };
    (start, Timestamp::from_seconds(range.end).map_or(Bound::Unbounded, Bound::Excluded))
}
