//! Instants and intervals. Nothing here, or anywhere in this crate, reads a clock.

use std::fmt;

use serde::{Deserialize, Serialize};

pub(crate) const NANOS_PER_SECOND: u64 = 1_000_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

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
pub struct Timestamp(u64);

/// Why a text is no timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimestampError {
    /// Not of the form `2026-11-21T07:37:46.41Z`, or with more than nine fraction digits.
    #[error("not an RFC 3339 time with at most 9 fraction digits")]
    Form,
    /// A month, day, hour, minute, second or offset that does not exist (a second 60 included).
    #[error("no such date or time of day")]
    NoSuchTime,
    /// After the year 2262.
    #[error("a time past the year 2262")]
    TooLate,
}

impl Timestamp {
    /// The instant so many nanoseconds after the epoch; `None` for 0 and from the year 2263 on.
    pub const fn from_nanos(nanos: u64) -> Option<Self> {
        if nanos == 0 || nanos >= END_OF_TIME_SECONDS.unsigned_abs() * NANOS_PER_SECOND {
            None
        } else {
            Some(Self(nanos))
        }
    }

    /// Nanoseconds since the epoch, at least 1.
    pub const fn nanos(self) -> u64 {
        self.0
    }

    /// Reads RFC 3339, exact to the nanosecond: 0 to 9 fraction digits, `Z` or an offset, `t` and
    /// `z` in either case. `Ok(None)` is a time at or before the epoch.
    ///
    /// # Errors
    /// [`TimestampError`] says why the text is no such time.
    pub fn parse(text: &str) -> Result<Option<Self>, TimestampError> {
        let mut reader = Reader { rest: text.as_bytes() };
        let seconds = reader.date()? + reader.time_of_day()?;
        let nanos = reader.fraction()?;
        let seconds = seconds - reader.offset()?;
        if !reader.rest.is_empty() {
            return Err(TimestampError::Form);
        }
        if seconds >= END_OF_TIME_SECONDS {
            return Err(TimestampError::TooLate);
        }
        let Ok(seconds) = u64::try_from(seconds) else {
            return Ok(None);
        };
        Ok(Self::from_nanos(seconds * NANOS_PER_SECOND + nanos))
    }
}

/// What is left of a timestamp's text, eaten from the front.
struct Reader<'t> {
    rest: &'t [u8],
}

impl Reader<'_> {
    fn next(&mut self) -> Result<u8, TimestampError> {
        let (&first, rest) = self.rest.split_first().ok_or(TimestampError::Form)?;
        self.rest = rest;
        Ok(first)
    }

    fn expect(&mut self, allowed: &[u8]) -> Result<u8, TimestampError> {
        let byte = self.next()?;
        if allowed.contains(&byte) { Ok(byte) } else { Err(TimestampError::Form) }
    }

    fn digits(&mut self, count: usize) -> Result<i64, TimestampError> {
        let mut value = 0;
        for _ in 0..count {
            let digit = self.expect(b"0123456789")?;
            value = value * 10 + i64::from(digit - b'0');
        }
        Ok(value)
    }

    /// Two digits that must lie in `0..limit`.
    fn pair_below(&mut self, limit: i64) -> Result<i64, TimestampError> {
        let value = self.digits(2)?;
        if value < limit { Ok(value) } else { Err(TimestampError::NoSuchTime) }
    }

    /// Seconds from the epoch to the start of the day.
    fn date(&mut self) -> Result<i64, TimestampError> {
        let year = self.digits(4)?;
        self.expect(b"-")?;
        let month = self.digits(2)?;
        self.expect(b"-")?;
        let day = self.digits(2)?;
        if !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
            return Err(TimestampError::NoSuchTime);
        }
        self.expect(b"Tt")?;
        Ok(days_from_civil(year, month, day) * SECONDS_PER_DAY)
    }

    fn time_of_day(&mut self) -> Result<i64, TimestampError> {
        let hour = self.pair_below(24)?;
        self.expect(b":")?;
        let minute = self.pair_below(60)?;
        self.expect(b":")?;
        let second = self.pair_below(60)?;
        Ok((hour * 60 + minute) * 60 + second)
    }

    fn fraction(&mut self) -> Result<u64, TimestampError> {
        if self.rest.first() != Some(&b'.') {
            return Ok(0);
        }
        self.next()?;
        let (mut nanos, mut digits) = (0, 0);
        while let Some(digit @ b'0'..=b'9') = self.rest.first().copied() {
            self.next()?;
            nanos = nanos * 10 + u64::from(digit - b'0');
            digits += 1;
            if digits > 9 {
                return Err(TimestampError::Form);
            }
        }
        if digits == 0 {
            return Err(TimestampError::Form);
        }
        Ok(nanos * 10_u64.pow(9 - digits))
    }

    /// Seconds to subtract to get to UTC.
    fn offset(&mut self) -> Result<i64, TimestampError> {
        let sign = match self.expect(b"Zz+-")? {
            b'+' => 1,
            b'-' => -1,
            _ => return Ok(0),
        };
        let hours = self.pair_below(24)?;
        self.expect(b":")?;
        let minutes = self.pair_below(60)?;
        Ok(sign * (hours * 60 + minutes) * 60)
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date of the Gregorian calendar.
///
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_from_civil`], from the same source: year, month and day.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + days.div_euclid(146_097) * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// RFC 3339 in UTC, with the fraction's trailing zeros left out, as cAdvisor writes it.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0 / NANOS_PER_SECOND;
        let (days, of_day) = (seconds / 86_400, seconds % 86_400);
        let (year, month, day) = civil_from_days(i64::try_from(days).unwrap_or(i64::MAX));
        let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        match self.0 % NANOS_PER_SECOND {
            0 => write!(f, "Z"),
            nanos => write!(f, ".{}Z", format!("{nanos:09}").trim_end_matches('0')),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A stretch of time `[start, end)`, aligned to the epoch: `start` is a multiple of its width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Interval {
    start: u64,
    end: u64,
}

impl Interval {
    /// The interval of `width` seconds that holds `time`. A width of 0 counts as 1.
    pub fn containing(time: Timestamp, width: u64) -> Self {
        let width = width.max(1);
        let start = time.0 / NANOS_PER_SECOND / width * width;
        Self { start, end: start.saturating_add(width) }
    }

    /// The interval from `start` to `end`, both in seconds since the epoch; `None` where that is
    /// no stretch of time or `start` is no multiple of the width.
    pub fn new(start: u64, end: u64) -> Option<Self> {
        let width = end.checked_sub(start).filter(|&width| width > 0)?;
        start.is_multiple_of(width).then_some(Self { start, end })
    }

    /// First second, since the epoch.
    pub const fn start(self) -> u64 {
        self.start
    }

    /// The second it ends before, since the epoch.
    pub const fn end(self) -> u64 {
        self.end
    }

    /// Width in seconds, at least 1.
    pub const fn seconds(self) -> u64 {
        self.end - self.start
    }

    /// First instant, nanoseconds since the epoch.
    pub(crate) const fn start_nanos(self) -> u64 {
        self.start.saturating_mul(NANOS_PER_SECOND)
    }

    /// The instant it ends before, nanoseconds since the epoch.
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

    #[test]
    fn an_interval_is_aligned_to_the_epoch_and_half_open() {
        let at = |text| Timestamp::parse(text).unwrap().unwrap();
        let interval = Interval::containing(at("2026-07-20T21:23:54.999999999Z"), 5);
        assert_eq!((interval.start(), interval.end()), (1_784_582_630, 1_784_582_635));
        assert_eq!(Interval::containing(at("2026-07-20T21:23:55Z"), 5), interval.next());
        assert_eq!(Interval::containing(at("2026-07-20T21:23:55Z"), 7).start() % 7, 0);
    }
}
