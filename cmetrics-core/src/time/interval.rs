//! The intervals of points.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{NANOS_PER_SECOND, Timestamp};

/// A half-open interval `[start, end)`, aligned to the epoch: `start` is a multiple of its width.
///
/// ```
/// use cmetrics_core::Interval;
///
/// let interval = Interval::new(10, 15).unwrap();
/// let json = serde_json::to_string(&interval)?;
/// assert_eq!(json, r#"{"start":10,"end":15}"#);
/// assert_eq!(serde_json::from_str::<Interval>(&json)?, interval);
/// assert!(serde_json::from_str::<Interval>(r#"{"start":11,"end":16}"#).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "UncheckedInterval")]
pub struct Interval {
    start: u64,
    end: u64,
}

/// A deserialised interval that is not checked yet.
#[derive(Deserialize)]
struct UncheckedInterval {
    start: u64,
    end: u64,
}

impl TryFrom<UncheckedInterval> for Interval {
    type Error = &'static str;

    fn try_from(UncheckedInterval { start, end }: UncheckedInterval) -> Result<Self, Self::Error> {
        Self::from_serialized(start, end)
            .ok_or("no interval that begins at a multiple of its width")
    }
}

impl Interval {
    /// The interval of this width that contains `time`. `None` unless the width is whole seconds,
    /// and at least one.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use cmetrics_core::{Interval, Timestamp};
    ///
    /// let time: Timestamp = "2026-11-21T12:00:07.5Z".parse()?;
    /// let interval = Interval::containing(time, Duration::from_secs(5)).unwrap();
    /// assert_eq!(interval.start_time().to_string(), "2026-11-21T12:00:05Z");
    /// assert_eq!(Interval::containing(time, Duration::from_millis(500)), None);
    /// # Ok::<(), cmetrics_core::time::TimestampError>(())
    /// ```
    pub fn containing(time: Timestamp, width: Duration) -> Option<Self> {
        let is_whole = width.subsec_nanos() == 0 && width.as_secs() > 0;
        is_whole.then(|| Self::of_width(time, width.as_secs()))
    }

    /// The interval of `width` seconds that contains `time`. A width of 0 counts as 1.
    pub(crate) fn of_width(time: Timestamp, width: u64) -> Self {
        Self::around(time.seconds(), width)
    }

    /// The interval of `width` seconds that contains a second. A width of 0 counts as 1.
    pub(crate) fn around(second: u64, width: u64) -> Self {
        let width = width.max(1);
        let start = second / width * width;
        Self { start, end: start.saturating_add(width) }
    }

    /// The interval of `width` seconds, at least one, before which so many lie since the epoch. It
    /// must fit 64 bits.
    pub(crate) const fn numbered(number: u64, width: u64) -> Self {
        let start = number.wrapping_mul(width);
        Self { start, end: start.wrapping_add(width) }
    }

    /// The interval from `start` to `end`, both in seconds since the epoch. `None` unless `start`
    /// is before `end` and a multiple of the width.
    pub fn new(start: u64, end: u64) -> Option<Self> {
        let width = end.checked_sub(start).filter(|&width| width > 0)?;
        start.is_multiple_of(width).then_some(Self { start, end })
    }

    /// As [`new`](Self::new), for ends that were deserialised: the end must also fit an Arrow
    /// timestamp, which is a signed number of microseconds.
    pub(crate) fn from_serialized(start: u64, end: u64) -> Option<Self> {
        const MICROS_PER_SECOND: u64 = 1_000_000;
        i64::try_from(end.checked_mul(MICROS_PER_SECOND)?).ok()?;
        Self::new(start, end)
    }

    /// The first second, in Unix seconds (since 1970-01-01T00:00:00Z).
    pub const fn start(self) -> u64 {
        self.start
    }

    /// The first second after the interval, in Unix seconds.
    pub const fn end(self) -> u64 {
        self.end
    }

    /// The width in seconds, at least 1.
    pub const fn seconds(self) -> u64 {
        self.end - self.start
    }

    /// The first instant: [`start`](Self::start) as a timestamp. At the epoch, which no timestamp
    /// is, the first one after it; past the last one, the last one.
    pub fn start_time(self) -> Timestamp {
        Timestamp::at_second(self.start)
    }

    /// The first instant after the interval: [`end`](Self::end) as a timestamp. Past the last
    /// timestamp, the last one.
    pub fn end_time(self) -> Timestamp {
        Timestamp::at_second(self.end)
    }

    /// The width.
    pub const fn duration(self) -> Duration {
        Duration::from_secs(self.seconds())
    }

    /// The first instant, in nanoseconds since the epoch.
    pub(crate) const fn start_nanos(self) -> u64 {
        self.start.saturating_mul(NANOS_PER_SECOND)
    }

    /// The first instant after the interval, in nanoseconds since the epoch.
    pub(crate) const fn end_nanos(self) -> u64 {
        self.end.saturating_mul(NANOS_PER_SECOND)
    }

    pub(crate) const fn next(self) -> Self {
        let width = self.end - self.start;
        Self { start: self.end, end: self.end.saturating_add(width) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_aligned_to_the_epoch_and_half_open() {
        let at = |text| Timestamp::parse(text).unwrap().unwrap();
        let interval = Interval::of_width(at("2026-07-20T21:23:54.999999999Z"), 5);
        assert_eq!((interval.start(), interval.end()), (1_784_582_630, 1_784_582_635));
        assert_eq!(Interval::of_width(at("2026-07-20T21:23:55Z"), 5), interval.next());
        assert_eq!(Interval::of_width(at("2026-07-20T21:23:55Z"), 7).start() % 7, 0);
    }

    #[test]
    fn an_interval_past_what_timestamps_can_be_ends_at_the_last_one() {
        let first = Interval::new(0, 5).unwrap();
        assert_eq!((first.start_time(), first.end_time().nanos()), (Timestamp::MIN, 5_000_000_000));
        let last = Interval::new(1 << 62, 1 << 63).unwrap();
        assert_eq!((last.start_time(), last.end_time()), (Timestamp::MAX, Timestamp::MAX));
        assert_eq!(last.duration(), Duration::from_secs(1 << 62));
    }
}
