//! A row: `name{label="value",…} value [time]`, of which `head.rs` reads what comes before the value.

use crate::parse::decimal::{Decimal, Number, number};
use crate::parse::lanes::leading_name;

/// What is wrong with a line, and where in it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bad {
    pub(super) at: usize,
    pub(super) expected: &'static str,
}

/// What comes after the head of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tail {
    pub(super) value: Number,
    pub(super) time: Option<Decimal>,
    /// Its length, with the line end.
    pub(super) length: usize,
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

/// Reads the value and the time behind the head of a row, and what may follow them, up to and with
/// the line end. The offset of what is wrong counts from the start of `rest`.
#[inline]
pub(super) fn tail(rest: &[u8]) -> Result<Tail, Bad> {
    let mut at = 0;
    skip_blanks(rest, &mut at);
    let Some((value, length)) = rest.get(at..).and_then(number).filter(|_| at > 0) else {
        return Err(Bad { at, expected: "a number" });
    };
    at += length;
    let mut time = None;
    if rest.get(at).is_some_and(|byte| is_blank(*byte)) {
        skip_blanks(rest, &mut at);
        if rest.get(at).is_some_and(|byte| byte.is_ascii_digit() || *byte == b'-') {
            let Some((Number::Finite(read), length)) = rest.get(at..).and_then(number) else {
                return Err(Bad { at, expected: "a time" });
            };
            (time, at) = (Some(read), at + length);
        }
    }
    match rest.get(at..) {
        Some([b'\n', ..]) => Ok(Tail { value, time, length: at + 1 }),
        Some([b'\r', b'\n', ..]) => Ok(Tail { value, time, length: at + 2 }),
        _ => uncommon_end(rest, at).map(|length| Tail { value, time, length }),
    }
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
            assert_eq!((tail.time.is_some(), tail.length), (has_time, rest.len()), "{rest:?}");
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
}
