//! The intervals of points.

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
    /// The interval of `width` seconds that contains `time`. A width of 0 counts as 1.
    pub fn containing(time: Timestamp, width: u64) -> Self {
        let width = width.max(1);
        let start = time.nanos() / NANOS_PER_SECOND / width * width;
        Self { start, end: start.saturating_add(width) }
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

    /// The first second, since the epoch.
    pub const fn start(self) -> u64 {
        self.start
    }

    /// The first second after the interval, since the epoch.
    pub const fn end(self) -> u64 {
        self.end
    }

    /// The width in seconds, at least 1.
    pub const fn seconds(self) -> u64 {
        self.end - self.start
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
        let interval = Interval::containing(at("2026-07-20T21:23:54.999999999Z"), 5);
        assert_eq!((interval.start(), interval.end()), (1_784_582_630, 1_784_582_635));
        assert_eq!(Interval::containing(at("2026-07-20T21:23:55Z"), 5), interval.next());
        assert_eq!(Interval::containing(at("2026-07-20T21:23:55Z"), 7).start() % 7, 0);
    }
}
