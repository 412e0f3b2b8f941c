//! A row: `name{label="value",…} value [time]`, of which `head.rs` reads what comes before the value.

use crate::parse::decimal::{Decimal, Number, number};
use crate::parse::lanes::leading_name;
use crate::time::Timestamp;

/// What is wrong with a line, and where in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bad {
    pub(super) at: usize,
    pub(super) expected: &'static str,
}

/// What comes after the head of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tail {
    pub(super) value: Number,
    pub(super) time: Time,
    /// Its length, with the line end.
    pub(super) length: usize,
}

/// The time of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Time {
    /// It has none.
    None,
    /// In nanoseconds since the epoch; 0 for a time at or before it.
    At(u64),
    /// Beyond the year 2262.
    Beyond,
}

impl Time {
    /// Text 0.0.4 has milliseconds, `OpenMetrics` seconds: no time of the one looks like one of the
    /// other.
    fn of(time: Decimal) -> Self {
        const FIRST_MILLIS: u64 = 100_000_000_000;
        const SECONDS: u8 = 9;
        const MILLIS: u8 = 6;
        if time.is_negative() {
            return Self::At(0);
        }
        let places = match time.shifted(0) {
            Some(whole) if whole < FIRST_MILLIS => SECONDS,
            Some(_) => MILLIS,
            None => return Self::Beyond,
        };
        match time.shifted(places) {
            Some(nanos) if nanos == 0 || Timestamp::from_nanos(nanos).is_some() => Self::At(nanos),
            _ => Self::Beyond,
        }
    }
}

/// The length of the name that a text begins with.
pub(super) fn name_length(text: &[u8]) -> usize {
    let (words, rest) = text.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let length = leading_name(u64::from_le_bytes(*word));
        if length < 8 {
            return 8 * index + length;
        }
    }
    let is_of_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':');
    8 * words.len() + rest.iter().take_while(is_of_name).count()
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

#[inline]
pub(super) fn skip_blanks(line: &[u8], at: &mut usize) {
    while line.get(*at).is_some_and(|byte| is_blank(*byte)) {
        *at += 1;
    }
}

/// Reads what comes behind heads. It remembers times: each container has one, which most of its rows
/// repeat.
#[derive(Debug)]
pub(super) struct TailReader {
    /// By the last bytes of their texts.
    times: [KnownTime; TIMES],
}

/// A time, and its text with the line end.
#[derive(Clone, Copy, Debug)]
struct KnownTime {
    text: [u8; TIME_LENGTH],
    time: Time,
}

/// The digits of milliseconds since the epoch, and a line end.
const TIME_LENGTH: usize = 14;
/// The length of a tail with a value of one digit, and a time.
const SHORTEST: usize = TIME_LENGTH + 3;
/// How many times are remembered.
const TIMES: usize = 128;

impl Default for TailReader {
    fn default() -> Self {
        // No text is like this: a line end is its last byte.
        let none = KnownTime { text: [0; TIME_LENGTH], time: Time::None };
        Self { times: [none; TIMES] }
    }
}

impl TailReader {
    /// Where the time of this text is remembered: by its last digits, which differ most.
    #[inline]
    fn place(text: &[u8; TIME_LENGTH]) -> usize {
        const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
        let last = text.last_chunk::<8>().map_or(0, |last| u64::from_le_bytes(*last));
        let place = last.wrapping_mul(SPREAD) >> (u64::BITS - TIMES.ilog2());
        usize::try_from(place).unwrap_or_default()
    }

    /// Reads the value and the time behind the head of a row, and what may follow them, up to and
    /// with the line end. The offset of what is wrong counts from the start of `rest`.
    #[inline]
    pub(super) fn read(&mut self, rest: &[u8]) -> Result<Tail, Bad> {
        // Most values are 0.
        if let Some([b' ', digit @ b'0'..=b'9', b' ', text @ ..]) = rest.first_chunk::<SHORTEST>()
            && let Some(known) = self.times.get(Self::place(text))
            && known.text == *text
        {
            let value = Number::Finite(Decimal::digit(*digit));
            return Ok(Tail { value, time: known.time, length: SHORTEST });
        }
        self.read_any(rest)
    }

    fn read_any(&mut self, rest: &[u8]) -> Result<Tail, Bad> {
        let (value, mut at) = value(rest)?;
        let mut time = Time::None;
        if rest.get(at).is_some_and(|byte| is_blank(*byte)) {
            skip_blanks(rest, &mut at);
            let ahead = rest.get(at..).unwrap_or_default();
            let text = ahead.first_chunk::<TIME_LENGTH>();
            let place = text.map_or(0, Self::place);
            if let (Some(text), Some(known)) = (text, self.times.get(place))
                && *text == known.text
            {
                return Ok(Tail { value, time: known.time, length: at + TIME_LENGTH });
            }
            if ahead.first().is_some_and(|byte| byte.is_ascii_digit() || *byte == b'-') {
                let Some((Number::Finite(read), length)) = number(ahead) else {
                    return Err(Bad { at, expected: "a time" });
                };
                (time, at) = (Time::of(read), at + length);
                if let Some(text @ [.., b'\n']) = text
                    && length + 1 == TIME_LENGTH
                    && let Some(known) = self.times.get_mut(place)
                {
                    *known = KnownTime { text: *text, time };
                }
            }
        }
        let length = match rest.get(at..) {
            Some([b'\n', ..]) => at + 1,
            Some([b'\r', b'\n', ..]) => at + 2,
            _ => uncommon_end(rest, at)?,
        };
        Ok(Tail { value, time, length })
    }
}

/// The value behind the head of a row, and where it ends.
#[inline]
fn value(rest: &[u8]) -> Result<(Number, usize), Bad> {
    let mut at = 0;
    skip_blanks(rest, &mut at);
    match rest.get(at..).and_then(number).filter(|_| at > 0) {
        Some((value, length)) => Ok((value, at + length)),
        None => Err(Bad { at, expected: "a number" }),
    }
}

/// Reads what comes behind one head.
pub(super) fn tail(rest: &[u8]) -> Result<Tail, Bad> {
    TailReader::default().read(rest)
}

/// What comes behind value and time where that is no line end: nothing at the end of the input, or
/// blanks, an exemplar, or the start time of `OpenMetrics` 2.0.
#[cold]
fn uncommon_end(rest: &[u8], end: usize) -> Result<usize, Bad> {
    let mut at = end;
    skip_blanks(rest, &mut at);
    let left = rest.get(at..).unwrap_or_default();
    let line = memchr::memchr(b'\n', left).map_or(left, |end| left.get(..end).unwrap_or_default());
    let is_apart = at > end
        || end.checked_sub(1).is_some_and(|last| rest.get(last).copied().is_some_and(is_blank));
    let follows = is_apart && (line.starts_with(b"#") || line.starts_with(b"st@"));
    if follows || line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r')) {
        return Ok((at + line.len() + 1).min(rest.len()));
    }
    let expected = if is_apart { "a time or the end of the line" } else { "a number" };
    Err(Bad { at, expected })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_follow_a_value_and_its_time_is_passed_over() {
        for (rest, has_time) in [
            (" 5\n", false),
            ("\t5 1000\n", true),
            (" 5 1000\r\n", true),
            (" 5 1000", true),
            (" 5 \n", false),
            (" 5 1000.5 \t\n", true),
            (" 5 # {trace=\"x\"} 1 2\n", false),
            (" 5 1000 # {trace=\"x\"} 1 2\n", true),
            (" 5 1000 st@500 # {trace=\"x\"} 1 2\n", true),
            (" 5 -62135596800000\n", true),
        ] {
            let tail = tail(rest.as_bytes()).unwrap();
            assert_eq!((tail.time != Time::None, tail.length), (has_time, rest.len()), "{rest:?}");
        }
        for rest in [
            "",
            "\n",
            " \n",
            "5\n",
            " x\n",
            " 5x\n",
            " 5 x\n",
            " 5 1 2\n",
            " 5 1x\n",
            " 5#\n",
            " 5 -inf\n",
        ] {
            assert!(tail(rest.as_bytes()).is_err(), "{rest:?}");
        }
    }

    #[test]
    fn a_tail_is_the_same_whatever_was_read_before() {
        let tails = [
            " 5 1795246732333\n",
            " 6 1795246732333\n",
            " 5 1795246732334\n",
            " 5 179524673233\n",
            " 5 17952467323333\n",
            " 5 1795246732333",
            " 5 1795246732333\r\n",
            " 5 1795246732333 # {} 1\n",
            " 5 179524673233.\n",
            " 5\n",
            " 5 \n",
            "",
        ];
        for first in tails {
            for second in tails {
                let mut reader = TailReader::default();
                let _ = reader.read(first.as_bytes());
                assert_eq!(reader.read(second.as_bytes()), tail(second.as_bytes()), "{first}");
            }
        }
    }
}
