//! A row: `name{label="value",…} value [time]`.

use std::borrow::Cow;

use super::labels::{Labels, unescaped};
use crate::parse::decimal::{Decimal, Number, number};

/// What is wrong with a line, and where in it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bad {
    pub(super) at: usize,
    pub(super) expected: &'static str,
}

/// The part of a row that is the same in each scrape.
#[derive(Debug)]
pub(super) struct Head<'t> {
    pub(super) name: Cow<'t, str>,
    pub(super) labels: Labels<'t>,
    pub(super) length: usize,
}

/// What comes after the head of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tail {
    pub(super) value: Number,
    pub(super) time: Option<Decimal>,
    /// Its length, with the line end.
    pub(super) length: usize,
}

/// Reads the name and the labels at the beginning of a line, these into `labels`. They are read of
/// families that `is_read` returns true for.
pub(super) fn head<'t>(
    line: &'t [u8],
    labels: Labels<'t>,
    is_read: impl FnOnce(&str) -> bool,
) -> Result<Head<'t>, Bad> {
    let mut at = 0;
    let mut head = Head { name: Cow::Borrowed(""), labels, length: 0 };
    let name_length = name_length(line);
    if name_length > 0 {
        let name = std::str::from_utf8(line.get(..name_length).unwrap_or_default());
        head.name = Cow::Borrowed(name.unwrap_or_default());
        head.labels.are_ignored = !is_read(&head.name);
        at = name_length;
    } else if line.first() != Some(&b'{') {
        return Err(Bad { at, expected: "the name of a metric" });
    }
    head.length = at;
    skip_blanks(line, &mut at);
    if line.get(at) == Some(&b'{') {
        at += 1;
        read_labels(line, &mut at, &mut head)?;
        head.length = at;
    }
    if head.name.is_empty() {
        return Err(Bad { at, expected: "a quoted name in the braces" });
    }
    Ok(head)
}

/// Reads labels, up to the bracket that closes them. A quoted entry without a value is the name.
fn read_labels<'t>(line: &'t [u8], at: &mut usize, head: &mut Head<'t>) -> Result<(), Bad> {
    loop {
        skip_blanks(line, at);
        if line.get(*at) == Some(&b'}') {
            *at += 1;
            return Ok(());
        }
        let start = *at;
        let is_quoted = line.get(*at) == Some(&b'"');
        let name = if is_quoted { quoted(line, at)? } else { bare(line, at)? };
        skip_blanks(line, at);
        if line.get(*at) == Some(&b'=') {
            *at += 1;
            skip_blanks(line, at);
            let value_at = *at;
            let value = quoted(line, at)?;
            let name = if is_quoted { unescaped_bytes(name) } else { Cow::Borrowed(name) };
            if !head.labels.add(&name, value) {
                return Err(Bad { at: value_at, expected: "a label in UTF-8" });
            }
        } else if is_quoted && head.name.is_empty() {
            head.name = String::from_utf8_lossy(name);
            if let Cow::Borrowed(text) = head.name {
                head.name = unescaped(text);
            }
        } else {
            let expected = if is_quoted { "one name" } else { "`=` after the name of a label" };
            return Err(Bad { at: if is_quoted { start } else { *at }, expected });
        }
        skip_blanks(line, at);
        match line.get(*at) {
            Some(b',') => *at += 1,
            Some(b'}') => {}
            _ => return Err(Bad { at: *at, expected: "`,` or `}` after a label" }),
        }
    }
}

fn bare<'t>(line: &'t [u8], at: &mut usize) -> Result<&'t [u8], Bad> {
    let start = *at;
    *at += name_length(line.get(start..).unwrap_or_default());
    if *at == start {
        return Err(Bad { at: start, expected: "the name of a label, or `}`" });
    }
    Ok(line.get(start..*at).unwrap_or_default())
}

/// The text between the quotes ahead, as it is written.
fn quoted<'t>(line: &'t [u8], at: &mut usize) -> Result<&'t [u8], Bad> {
    let start = *at;
    if line.get(start) != Some(&b'"') {
        return Err(Bad { at: start, expected: "a value in double quotes" });
    }
    *at += 1;
    loop {
        let rest = line.get(*at..).unwrap_or_default();
        match memchr::memchr2(b'"', b'\\', rest) {
            Some(escape) if rest.get(escape) == Some(&b'\\') => *at += escape + 2,
            Some(length) => {
                *at += length + 1;
                return Ok(line.get(start + 1..*at - 1).unwrap_or_default());
            }
            None => {
                return Err(Bad { at: start, expected: "a quote that closes the one here" });
            }
        }
    }
}

fn unescaped_bytes(written: &[u8]) -> Cow<'_, [u8]> {
    match std::str::from_utf8(written).map(unescaped) {
        Ok(Cow::Owned(text)) => Cow::Owned(text.into_bytes()),
        _ => Cow::Borrowed(written),
    }
}

/// The length of the name that a text begins with.
pub(super) fn name_length(text: &[u8]) -> usize {
    let is_of_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':');
    text.iter().take_while(is_of_name).count()
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

#[inline]
fn skip_blanks(line: &[u8], at: &mut usize) {
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
    use super::super::labels::Label;
    use super::*;

    fn name_and_id(line: &str) -> Result<(String, Option<String>, usize), Bad> {
        let head = head(line.as_bytes(), Labels::default(), |_| true)?;
        let id = head.labels.get(Label::Id).map(str::to_owned);
        Ok((head.name.into_owned(), id, head.length))
    }

    #[test]
    fn a_head_has_a_name_and_labels_however_they_are_written() {
        for (line, length) in [
            (r#"a_b{id="/x"} 1"#, 12),
            (r#"a_b{id="/x",} 1"#, 13),
            ("a_b \t{ zone = \"\\\"}\" ,id\t=\"/x\" , id=\"/y\" } 1", 41),
            (r#"{"a_b",id="/x"} 1"#, 15),
            (r#"{"other label"="v","id"="/x","a_b"} 1"#, 35),
        ] {
            assert_eq!(
                name_and_id(line).unwrap(),
                ("a_b".to_owned(), Some("/x".to_owned()), length),
                "{line}"
            );
        }
        assert_eq!(name_and_id("a 1").unwrap(), ("a".to_owned(), None, 1));
        assert_eq!(name_and_id("a{} 1").unwrap(), ("a".to_owned(), None, 3));
        assert_eq!(name_and_id(r#"{"a \"b"} 1"#).unwrap().0, "a \"b");
    }

    #[test]
    fn a_bad_head_is_named_with_its_place() {
        for (line, at, expected) in [
            ("?", 0, "the name"),
            (r#"a{id="/x} 1"#, 5, "a quote that closes"),
            (r#"a{id="/x\"} 1"#, 5, "a quote that closes"),
            (r"a{id=x} 1", 5, "in double quotes"),
            (r#"a{id="x" b="y"} 1"#, 9, "`,` or `}`"),
            (r#"a{id="x",,} 1"#, 9, "the name of a label"),
            (r"a{id} 1", 4, "`=`"),
            (r#"{"a","b"} 1"#, 5, "one name"),
            (r#"a{"b"} 1"#, 2, "one name"),
            (r#"{id="x"} 1"#, 8, "a quoted name"),
        ] {
            let bad = name_and_id(line).unwrap_err();
            assert!(bad.at == at && bad.expected.contains(expected), "{line}: {bad:?}");
        }
    }

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
