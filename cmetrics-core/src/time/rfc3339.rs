//! Parsing of RFC 3339, and the calendar that it needs.

const SECONDS_PER_DAY: i64 = 86_400;

/// Why a text is not a timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimestampError {
    /// Not of the form `2026-11-21T07:37:46.41Z`, or with more than nine fraction digits.
    #[error("not an RFC 3339 time with at most 9 fraction digits")]
    Form,
    /// A month, day, hour, minute, second or offset that does not exist (a second 60 included).
    #[error("no such date or time of day")]
    NoSuchTime,
    /// At or before the Unix epoch.
    #[error("a time at or before 1970-01-01T00:00:00Z")]
    TooEarly,
    /// In the year 2263 or later.
    #[error("a time past the year 2262")]
    TooLate,
}

/// The rest of a timestamp's text, consumed from the front.
pub(super) struct Reader<'t> {
    rest: &'t [u8],
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { rest: text.as_bytes() }
    }

    pub(super) fn end(&self) -> Result<(), TimestampError> {
        if self.rest.is_empty() { Ok(()) } else { Err(TimestampError::Form) }
    }

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
            let digit = self.next()?.wrapping_sub(b'0');
            if digit > 9 {
                return Err(TimestampError::Form);
            }
            value = value * 10 + i64::from(digit);
        }
        Ok(value)
    }

    /// Two digits, a number in `0..limit`.
    fn pair_below(&mut self, limit: i64) -> Result<i64, TimestampError> {
        let value = self.digits(2)?;
        if value < limit { Ok(value) } else { Err(TimestampError::NoSuchTime) }
    }

    /// Seconds from the epoch to the start of the day.
    pub(super) fn date(&mut self) -> Result<i64, TimestampError> {
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

    pub(super) fn time_of_day(&mut self) -> Result<i64, TimestampError> {
        let hour = self.pair_below(24)?;
        self.expect(b":")?;
        let minute = self.pair_below(60)?;
        self.expect(b":")?;
        let second = self.pair_below(60)?;
        Ok((hour * 60 + minute) * 60 + second)
    }

    pub(super) fn fraction(&mut self) -> Result<u64, TimestampError> {
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

    /// The offset from UTC in seconds, to be subtracted.
    pub(super) fn offset(&mut self) -> Result<i64, TimestampError> {
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
pub(super) fn civil_from_days(days: i64) -> (i64, i64, i64) {
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
