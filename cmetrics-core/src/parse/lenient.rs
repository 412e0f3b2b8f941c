//! Finds the end of plain values, and reads plain keys and numbers. `serde_json` reads the others.

use super::brackets::OpenBrackets;
use super::lanes::{Lanes, Portable, leading_digits};

/// The length of the value at the beginning of `text`: of a string without escapes, a number without
/// an exponent, `true`, `false` or `null`, or an object or list of such, of which only quotes and
/// brackets are checked. `None` for any other value, and where the value may continue after the
/// text.
pub(super) fn value_length(text: &[u8]) -> Option<usize> {
    match text.first()? {
        b'"' => string(text),
        b'0'..=b'9' => number(text),
        b'-' => Some(1 + number(text.get(1..)?)?),
        b'{' | b'[' => nested(text),
        b't' => text.starts_with(b"true").then_some(4),
        b'f' => text.starts_with(b"false").then_some(5),
        b'n' => text.starts_with(b"null").then_some(4),
        _ => None,
    }
}

fn string(text: &[u8]) -> Option<usize> {
    let length = plain_length(text.get(1..)?);
    (text.get(length + 1) == Some(&b'"')).then_some(length + 2)
}

/// How many bytes come before the next quote, backslash or control character.
#[inline]
fn plain_length(text: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let (words, rest) = text.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        // The highest bit of a byte is set where it is found, and perhaps in bytes after such one.
        let equal = |byte: u64| {
            let difference = word ^ (ONES * byte);
            difference.wrapping_sub(ONES) & !difference
        };
        let below_space = word.wrapping_sub(ONES * 0x20) & !word;
        let found = (equal(0x22) | equal(0x5c) | below_space) & (ONES * 0x80);
        if found != 0 {
            return 8 * index + (found.trailing_zeros() / 8) as usize;
        }
    }
    let is_plain = |byte: &&u8| !matches!(**byte, b'"' | b'\\' | 0..0x20);
    8 * words.len() + rest.iter().take_while(is_plain).count()
}

fn number(text: &[u8]) -> Option<usize> {
    let digits = digits(text);
    let plain = digits == 1 || digits > 1 && !text.starts_with(b"0");
    match text.get(digits)? {
        after if plain && ends_number(*after) => Some(digits),
        b'.' if plain => {
            let places = self::digits(text.get(digits + 1..)?);
            let length = digits + 1 + places;
            (places > 0 && ends_number(*text.get(length)?)).then_some(length)
        }
        _ => None,
    }
}

/// Whether a byte may come after a number.
#[inline]
pub(super) fn ends_number(byte: u8) -> bool {
    matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t')
}

fn digits(text: &[u8]) -> usize {
    let (words, rest) = text.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let digits = leading_digits(u64::from_le_bytes(*word));
        if digits < 8 {
            return 8 * index + digits;
        }
    }
    8 * words.len() + rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

fn nested(text: &[u8]) -> Option<usize> {
    let mut open = OpenBrackets::default();
    let mut at = 0;
    loop {
        match *text.get(at)? {
            b'"' => at += string(text.get(at..)?)? - 1,
            bracket @ (b'{' | b'[') => open.open(bracket).then_some(())?,
            bracket @ (b'}' | b']') => open.close(bracket).then_some(())?,
            b'\n' | b'\r' | b'\t' => {}
            b'\\' | 0..0x20 => return None,
            _ => {}
        }
        at += 1;
        if open.is_empty() {
            return Some(at);
        }
    }
}

/// The whole number at the beginning of `text`, and its length; `None` for one that does not fit 64
/// bits, and for what [`value_length`] has no length of.
#[inline]
pub(super) fn whole_number(text: &[u8]) -> Option<(u64, usize)> {
    let (value, digits) = match text.first_chunk() {
        Some(block) => Portable.number(block),
        None => last_number(text)?,
    };
    (digits > 0 && ends_number(*text.get(digits)?)).then_some((value, digits))
}

/// The same near the end of the text.
#[cold]
fn last_number(text: &[u8]) -> Option<(u64, usize)> {
    let mut last = [b' '; 64];
    last.get_mut(..text.len())?.copy_from_slice(text);
    Some(Portable.number(&last))
}

/// The offset of the first byte from `at` on that is no white space.
#[inline]
pub(super) fn visible(text: &[u8], at: usize) -> usize {
    if text.get(at).is_some_and(|byte| *byte > b' ') { at } else { after_blank(text, at) }
}

fn after_blank(text: &[u8], mut at: usize) -> usize {
    const INDENT: &[u8; 8] = b"        ";
    let mut rest = text.get(at..).unwrap_or_default();
    while let Some(further) = rest.strip_prefix(INDENT) {
        (rest, at) = (further, at + INDENT.len());
    }
    let blank = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t'));
    at + blank.count()
}

/// The key at the beginning of `text`, a string without escapes, and the length of it with its colon.
#[inline]
pub(super) fn key(text: &[u8]) -> Option<(&[u8], usize)> {
    let inner = text.strip_prefix(b"\"")?;
    let (key, after) = inner.split_at_checked(quote(inner)?)?;
    after.starts_with(b"\":").then_some((key, key.len() + 3))
}

/// What is between the quotes of the string at the beginning of `text`, where no string has escapes.
#[inline]
pub(super) fn text(text: &[u8]) -> Option<&[u8]> {
    let inner = text.strip_prefix(b"\"")?;
    inner.get(..quote(inner)?)
}

/// The length of the string or number at the beginning of `text`, where no string has escapes. `None`
/// for any other value, and for a long number.
#[inline]
pub(super) fn scalar_length(text: &[u8]) -> Option<usize> {
    let (first, rest) = text.split_first()?;
    if *first == b'"' {
        return Some(quote(rest)? + 2);
    }
    let (words, _) = text.first_chunk::<16>()?.as_chunks::<8>();
    let [low, high] = words else { return None };
    let mut digits = leading_digits(u64::from_le_bytes(*low));
    if digits == 8 {
        digits += leading_digits(u64::from_le_bytes(*high));
    }
    let is_plain = digits == 1 || digits > 1 && *first != b'0';
    let after = *text.get(digits).filter(|_| is_plain)?;
    if ends_number(after) {
        return Some(digits);
    }
    let fraction = text.get(digits + 1..)?.first_chunk()?;
    let places = leading_digits(u64::from_le_bytes(*fraction));
    let length = digits + 1 + places;
    (after == b'.' && places > 0 && ends_number(*text.get(length)?)).then_some(length)
}

/// How many bytes come before the next quote.
#[inline]
fn quote(text: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let (words, rest) = text.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let difference = u64::from_le_bytes(*word) ^ (ONES * 0x22);
        let found = difference.wrapping_sub(ONES) & !difference & (ONES * 0x80);
        if found != 0 {
            return Some(8 * index + (found.trailing_zeros() / 8) as usize);
        }
    }
    Some(8 * words.len() + rest.iter().position(|byte| *byte == b'"')?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_values_have_their_length_and_others_none() {
        for (text, expected) in [
            (r#""a b","#, Some(5)),
            (r#""","#, Some(2)),
            (r#""a\"b","#, None),
            ("\"a\nb\"", None),
            (r#""a"#, None),
            ("0,", Some(1)),
            ("123}", Some(3)),
            ("01,", None),
            ("1.5,", Some(3)),
            ("-1.50]", Some(5)),
            ("1.,", None),
            (".5,", None),
            ("-,", None),
            ("-01,", None),
            ("1.5.5,", None),
            ("1e5,", None),
            ("12", None),
            ("true,", Some(4)),
            ("nul", None),
            ("-1,", Some(2)),
            (r#"{"a":["}",{}]},"#, Some(14)),
            (r#"{"a":["}",{}]"#, None),
            ("[1},", None),
            ("{[}],", None),
            (r#"["\u0041"]"#, None),
            ("{ }", Some(3)),
            ("", None),
        ] {
            assert_eq!(value_length(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn whole_numbers_and_keys_are_read_where_they_are_plain() {
        assert_eq!(whole_number(b"18446744073709551615}"), Some((u64::MAX, 20)));
        assert_eq!(whole_number(b"0]"), Some((0, 1)));
        assert_eq!(whole_number(b"12\n}"), Some((12, 2)));
        for text in ["18446744073709551616,", "01,", "-1,", "1.0,", "1x,", "12", ",", ""] {
            assert_eq!(whole_number(text.as_bytes()), None, "{text}");
        }
        assert_eq!(key(br#""a b":1"#), Some((&b"a b"[..], 6)));
        for text in [r#""a" :1"#, r#""a"#, r#""a""#, "a", ""] {
            assert_eq!(key(text.as_bytes()), None, "{text}");
        }
        assert_eq!(scalar_length(br#""a long text","#), Some(13));
        let padded = |text: &str| scalar_length(format!("{text:24}").as_bytes());
        for text in ["1234567,", "1234567890123456,", "0,", "0.5,", "12.34567}", "1.5 "] {
            assert_eq!(padded(text), Some(text.len() - 1), "{text}");
        }
        let others =
            ["12345678901234567,", "01,", "01.5,", "1.,", ".5,", "1x5,", "1.5.5,", "1.5e5,"];
        for text in others.into_iter().chain(["-1,", "{},", "x,", "true,", "null,", ""]) {
            assert_eq!(padded(text), None, "{text}");
        }
        assert_eq!(scalar_length(b"1,"), None);
    }

    #[test]
    fn a_string_ends_at_the_first_quote_wherever_that_is() {
        for length in 0..40 {
            for (last, plain) in [("\"", true), ("\\", false), ("\u{1f}", false), ("\n", false)] {
                let text = format!("\"{}{last}\"\u{1}", "\u{e9}~ ".repeat(length));
                let expected = plain.then_some(2 + 4 * length);
                assert_eq!(value_length(text.as_bytes()), expected, "{text:?}");
            }
        }
    }
}
