//! Reads timestamps fast: usually only the part after the minute changes from sample to sample.

use crate::parse::lanes::{digits_value, leading_digits};
use crate::time::{NANOS_PER_SECOND, Timestamp};

/// `2026-11-21T07:37:`
const MINUTE_LENGTH: usize = 17;
/// `2026-11-21T07:37:54.764020603+02:00`
const MAX_LENGTH: usize = 35;
const NANOS: [u64; 10] =
    [1_000_000_000, 100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];

/// Reads timestamps. It remembers the last minute, for the common form: UTC with a fraction.
#[derive(Debug, Default)]
pub(super) struct TimestampReader {
    /// The text of the minute that was read last, and that minute in nanoseconds since the epoch.
    minute: [u8; MINUTE_LENGTH],
    nanos: u64,
}

impl TimestampReader {
    /// Reads the time that `text` begins with, up to a quote. Returns it with its length without
    /// the quote; `None` for text that is left to the strict reader.
    #[inline(always)]
    pub(super) fn read(&mut self, text: &[u8]) -> Option<(Timestamp, usize)> {
        self.read_common(text).or_else(|| read_any(text))
    }

    #[inline(always)]
    fn read_common(&mut self, text: &[u8]) -> Option<(Timestamp, usize)> {
        let text: &[u8; 40] = text.first_chunk()?;
        let (minute, tail) = text.split_first_chunk::<MINUTE_LENGTH>()?;
        let &[tens, ones, point, ..] = tail else { return None };
        let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
        if point != b'.' || tens > 5 || ones > 9 {
            return None;
        }
        if *minute != self.minute {
            self.set_minute(minute)?;
        }
        let fraction = tail.get(3..)?;
        let word = u64::from_le_bytes(*fraction.first_chunk()?);
        let (mut length, mut number) = (leading_digits(word), 0);
        number += digits_value(word, length);
        let ninth = fraction.get(8)?.wrapping_sub(b'0');
        if length == 8 && ninth <= 9 {
            number = number * 10 + u64::from(ninth);
            length = 9;
        }
        if length == 0 || fraction.get(length..length + 2)? != b"Z\"" {
            return None;
        }
        let nanos = number * NANOS.get(length)?;
        let seconds = u64::from(tens) * 10 + u64::from(ones);
        let time = Timestamp::from_nanos(self.nanos + seconds * NANOS_PER_SECOND + nanos)?;
        Some((time, MINUTE_LENGTH + 3 + length + 1))
    }

    /// Parses and remembers another minute.
    #[cold]
    fn set_minute(&mut self, minute: &[u8; MINUTE_LENGTH]) -> Option<()> {
        let text = std::str::from_utf8(minute).ok()?;
        let start = Timestamp::parse(&format!("{text}00Z")).ok()??;
        self.nanos = start.nanos();
        self.minute = *minute;
        Some(())
    }
}

/// Reads any form, such as one without a fraction or with an offset.
#[cold]
fn read_any(text: &[u8]) -> Option<(Timestamp, usize)> {
    let length = text.iter().take(MAX_LENGTH + 1).position(|byte| *byte == b'"')?;
    let text = std::str::from_utf8(text.get(..length)?).ok()?;
    Some((Timestamp::parse(text).ok()??, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_as_the_strict_reader_reads_it() {
        let mut reader = TimestampReader::default();
        for text in [
            "2026-11-21T07:37:54.764020603Z",
            "2026-11-21T07:37:59.76402060Z",
            "2026-11-21T07:37:00.1Z",
            "2024-02-29T23:59:59.999999999Z",
            "2026-11-21T07:38:54.0Z",
            "2026-11-21T07:38:54Z",
            "2026-11-21T07:38:54.5+02:00",
            "2026-11-21t07:38:54.764020603-11:30",
        ] {
            let line = format!("{text}\",\"cpu\":{{\"usage\":{{\"total\":1");
            let (time, length) = reader.read(line.as_bytes()).unwrap();
            assert_eq!((Ok(Some(time)), length), (Timestamp::parse(text), text.len()));
        }
        for text in [
            "2026-11-21T07:38:54.Z",
            "2026-11-21T07:38:60.5Z",
            "2026-11-21T07:38:54.1234567890Z",
            "2026-02-30T07:38:54.5Z",
            "2026-11-21T07:38:5:.5Z",
            "2026-11-21T07:38:54.5Zz",
            "0001-01-01T00:00:00.5Z",
            "1970-01-01T00:00:00.000000000Z",
        ] {
            let line = format!("{text}\",\"cpu\":{{\"usage\":{{\"total\":1");
            assert_eq!(reader.read(line.as_bytes()), None, "{text}");
        }
    }
}
