//! Timestamps and intervals. This crate never reads a clock.
//!
//! An instant is a [`Timestamp`], and a length of time a [`Duration`]. Only what the documented
//! JSON has as a number is one: an [`Interval`] has its start and end in Unix seconds.

pub(crate) mod as_nanos;
mod convert;
mod interval;
mod range;
mod rfc3339;

use std::fmt;
use std::num::NonZeroU64;
use std::time::Duration;

pub use interval::Interval;
pub use range::unix_seconds;
pub use rfc3339::TimestampError;
use rfc3339::{Reader, civil_from_days};

pub(crate) const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// A length of time as text: `5 s`, `2.5 s`.
pub(crate) fn shown_seconds(time: Duration) -> String {
    format!("{}{} s", time.as_secs(), fraction(time.subsec_nanos().into()))
}

/// A fraction of a second as text, without trailing zeros: `.41`, or nothing for none.
fn fraction(nanos: u64) -> String {
    match nanos {
        0 => String::new(),
        nanos => format!(".{nanos:09}").trim_end_matches('0').to_owned(),
    }
}

/// A length of time in whole seconds; a part of one counts as a whole one.
pub(crate) const fn seconds_rounded_up(time: Duration) -> u64 {
    let part = if time.subsec_nanos() > 0 { 1 } else { 0 };
    time.as_secs().saturating_add(part)
}

/// 2263-01-01T00:00:00Z: the first instant that cmetrics refuses.
const END_OF_TIME_SECONDS: i64 = 9_246_182_400;

/// An instant: nanoseconds since the Unix epoch, after the epoch and before the year 2263.
///
/// ```
/// use cmetrics_core::Timestamp;
///
/// let time = Timestamp::parse("2026-11-21T07:37:46.41+01:00").unwrap().unwrap();
/// assert_eq!(time.nanos(), 1_795_243_066_410_000_000);
/// assert_eq!(time.to_string(), "2026-11-21T06:37:46.41Z");
/// // Go's zero time marks a sample that was never taken.
/// assert_eq!(Timestamp::parse("0001-01-01T00:00:00Z").unwrap(), None);
/// assert!(Timestamp::parse("yesterday").is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(NonZeroU64);

impl Timestamp {
    /// The first timestamp, a nanosecond after the epoch.
    pub const MIN: Self = Self(NonZeroU64::MIN);
    /// The last timestamp, a nanosecond before the year 2263.
    pub const MAX: Self =
        match Self::from_nanos(END_OF_TIME_SECONDS.unsigned_abs() * NANOS_PER_SECOND - 1) {
            Some(last) => last,
            None => Self::MIN,
        };

    /// The instant `nanos` nanoseconds after the epoch. `None` for 0 and from the year 2263 on.
    pub const fn from_nanos(nanos: u64) -> Option<Self> {
        match NonZeroU64::new(nanos) {
            Some(nanos) if nanos.get() < END_OF_TIME_SECONDS.unsigned_abs() * NANOS_PER_SECOND => {
                Some(Self(nanos))
            }
            _ => None,
        }
    }

    /// The instant `seconds` seconds after the epoch. `None` for 0 and from the year 2263 on.
    pub const fn from_seconds(seconds: u64) -> Option<Self> {
        match seconds.checked_mul(NANOS_PER_SECOND) {
            Some(nanos) => Self::from_nanos(nanos),
            None => None,
        }
    }

    /// The timestamp that is nearest to this instant.
    pub(crate) fn clamped(nanos: u64) -> Self {
        let nearest = if nanos == 0 { Self::MIN } else { Self::MAX };
        Self::from_nanos(nanos).unwrap_or(nearest)
    }

    /// The timestamp that is nearest to the start of a second since the epoch.
    pub(crate) fn at_second(second: u64) -> Self {
        Self::clamped(second.saturating_mul(NANOS_PER_SECOND))
    }

    /// Whole seconds since the epoch, rounded down: Unix seconds.
    pub const fn seconds(self) -> u64 {
        self.nanos() / NANOS_PER_SECOND
    }

    /// Nanoseconds since the epoch, at least 1.
    pub const fn nanos(self) -> u64 {
        self.0.get()
    }

    /// Adds a duration. `None` where the result is in the year 2263 or later.
    pub fn checked_add(self, duration: Duration) -> Option<Self> {
        let nanos = u64::try_from(duration.as_nanos()).ok()?;
        Self::from_nanos(self.nanos().checked_add(nanos)?)
    }

    /// Subtracts a duration. `None` where the result is at or before the epoch.
    pub fn checked_sub(self, duration: Duration) -> Option<Self> {
        let nanos = u64::try_from(duration.as_nanos()).ok()?;
        Self::from_nanos(self.nanos().checked_sub(nanos)?)
    }

    /// The time from `earlier` to this instant; zero where `earlier` is later.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use cmetrics_core::Timestamp;
    ///
    /// let time: Timestamp = "2026-11-21T07:37:46.41Z".parse()?;
    /// let later = time.checked_add(Duration::from_secs(5)).unwrap();
    /// assert_eq!(later.since(time), Duration::from_secs(5));
    /// assert_eq!(time.since(later), Duration::ZERO);
    /// # Ok::<(), cmetrics_core::time::TimestampError>(())
    /// ```
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.nanos().saturating_sub(earlier.nanos()))
    }

    /// Parses RFC 3339, exact to the nanosecond: 0 to 9 fraction digits, `Z` or an offset, `t` and
    /// `z` in either case. `Ok(None)` is a time at or before the epoch.
    ///
    /// # Errors
    /// [`TimestampError`] where the text is not of this form, or no time that exists.
    pub fn parse(text: &str) -> Result<Option<Self>, TimestampError> {
        let mut reader = Reader::new(text);
        let seconds = reader.date()? + reader.time_of_day()?;
        let nanos = reader.fraction()?;
        let seconds = seconds - reader.offset()?;
        reader.end()?;
        if seconds >= END_OF_TIME_SECONDS {
            return Err(TimestampError::TooLate);
        }
        let Ok(seconds) = u64::try_from(seconds) else {
            return Ok(None);
        };
        Ok(Self::from_nanos(seconds * NANOS_PER_SECOND + nanos))
    }
}

/// Writes RFC 3339 in UTC without trailing zeros of the fraction, as cAdvisor does.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.nanos() / NANOS_PER_SECOND;
        let (days, of_day) = (seconds / 86_400, seconds % 86_400);
        let (year, month, day) = civil_from_days(i64::try_from(days).unwrap_or(i64::MAX));
        let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
        let fraction = fraction(self.nanos() % NANOS_PER_SECOND);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanos(text: &str) -> u64 {
        Timestamp::parse(text).unwrap().unwrap().nanos()
    }

    #[test]
    fn a_time_is_read_to_the_nanosecond_in_every_allowed_form() {
        assert_eq!(nanos("1970-01-01T00:00:00.000000001Z"), 1);
        assert_eq!(nanos("2026-07-20T21:23:50Z"), 1_784_582_630_000_000_000);
        assert_eq!(nanos("2026-07-20t21:23:50.123456789z"), 1_784_582_630_123_456_789);
        assert_eq!(nanos("2026-07-20T21:23:50.12+02:00"), 1_784_575_430_120_000_000);
        assert_eq!(nanos("2024-02-29T23:59:59-23:59"), nanos("2024-03-01T23:58:59Z"));
        assert_eq!(nanos("2262-12-31T23:59:59.999999999Z"), 9_246_182_399_999_999_999);
    }

    #[test]
    fn a_time_at_or_before_the_epoch_was_never_taken() {
        for text in ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1970-01-01T00:59:59+01:00"] {
            assert_eq!(Timestamp::parse(text), Ok(None), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "2026-07-20",
            "2026-07-20 21:23:50Z",
            "2026-07-20T21:23:50",
            "2026-07-20T21:23:50.Z",
            "2026-07-20T21:23:50.1234567890Z",
            "2026-07-20T21:23:50,1Z",
            "2026-07-20T21:23:50Zz",
            "2026-07-20T21:23:50+2:00",
            "+026-07-20T21:23:50Z",
        ] {
            assert_eq!(Timestamp::parse(text), Err(TimestampError::Form), "{text}");
        }
        for text in [
            "2026-07-20T21:23:60Z",
            "2026-07-20T24:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-01-01T00:00:00+24:00",
        ] {
            assert_eq!(Timestamp::parse(text), Err(TimestampError::NoSuchTime), "{text}");
        }
        for text in ["2263-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2262-12-31T23:59:59-01:00"] {
            assert_eq!(Timestamp::parse(text), Err(TimestampError::TooLate), "{text}");
        }
    }

    #[test]
    fn what_is_shown_reads_back() {
        for seconds in (1..END_OF_TIME_SECONDS).step_by(86_400 * 17 + 12_345) {
            let nanos = seconds.unsigned_abs() * NANOS_PER_SECOND + 120_000_000;
            let time = Timestamp::from_nanos(nanos).unwrap();
            assert_eq!(Timestamp::parse(&time.to_string()), Ok(Some(time)));
        }
    }
}
