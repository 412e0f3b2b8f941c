//! What stands before a document on its line: a time stamp, the header of a log's line, a number in
//! a listing.

use crate::parse::exposition::begins::begins_line;
use crate::parse::wrapping::is_stdout_line;

/// The longest text before a document.
pub(super) const LONGEST: usize = 512;
/// How far the first key of a document is looked for.
const LONGEST_KEY: usize = 512;

/// The length of the text before the document on this line; `None` where the line begins with a
/// document, or has none.
pub(super) fn length(line: &[u8]) -> Option<usize> {
    let first = *line.first()?;
    let from = if first == b'[' { bracketed(line)? } else { 0 };
    // Otherwise it is a part of a damaged document.
    if matches!(first, b'{' | b'}' | b']' | b'"' | b'\'' | b',' | b':' | 0..=b' ') {
        return None;
    }
    let start = line.get(..line.len().min(LONGEST)).unwrap_or_default();
    let start = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    // A label may have the text of a document as its value.
    if begins_line(start) {
        return None;
    }
    let may_begin = |at: &usize| matches!(start.get(*at), Some(b'{' | b'[' | b'"' | b'c'));
    let follows =
        |at: &usize| matches!(start.get(*at - 1), Some(b' ' | b'\t' | b'|' | b'=' | b':' | b'>'));
    let found = (from.max(1)..start.len())
        .filter(|at| may_begin(at) && follows(at))
        .find(|at| begins_document(line.get(*at..).unwrap_or_default()))?;
    // Quotes before it are those of a key: it is a part of a damaged document.
    let before = start.get(..found)?;
    (!before.contains(&b'"')).then_some(found)
}

/// The length of a time stamp or word in brackets; `None` where the bracket is that of a list.
fn bracketed(line: &[u8]) -> Option<usize> {
    let inner = line.get(1..line.len().min(LONGEST))?;
    inner.first().filter(|byte| byte.is_ascii_alphanumeric())?;
    let length = inner.iter().position(|byte| matches!(byte, b']' | b'\n' | b'"' | b'{'))?;
    let whole = line.get(..length + 2)?;
    let is_list = serde_json::from_slice::<serde::de::IgnoredAny>(whole).is_ok();
    (whole.ends_with(b"]") && !is_list).then_some(length + 2)
}

/// Whether a text begins as an object with a key, as a list of objects, or as a text of either.
fn begins_document(text: &[u8]) -> bool {
    match text {
        [b'"', rest @ ..] => rest.starts_with(br#"{\""#) || rest.starts_with(br#"[{\""#),
        [b'[', rest @ ..] => rest.trim_ascii_start().starts_with(b"{\""),
        [b'{', rest @ ..] => begins_with_key(rest.trim_ascii_start()),
        _ => is_stdout_line(text),
    }
}

fn begins_with_key(text: &[u8]) -> bool {
    let Some(key) = text.strip_prefix(b"\"") else { return false };
    let key = key.get(..key.len().min(LONGEST_KEY)).unwrap_or_default();
    let Some(length) = memchr::memchr(b'"', key) else { return false };
    key.get(length + 1..).unwrap_or_default().trim_ascii_start().starts_with(b":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_a_document_has_its_length() {
        for (line, expected) in [
            (r#"2026-11-21T12:00:13.5Z {"/a": {}}"#, Some(23)),
            (r#"2026-11-21T12:00:13Z stdout F {"/a":{}}"#, Some(30)),
            (r#"[2026-11-21 12:00:13] {"/a":{}}"#, Some(22)),
            (r#"[pod/web] [{"name":"/a"}]"#, Some(10)),
            (r#"1795262413.2 {"/a":{}}"#, Some(13)),
            (r#"Nov 21 12:00:13 node1 cadvisor[7]: {"/a":{}}"#, Some(35)),
            (r#"web-1  | {"/a":{}}"#, Some(9)),
            (r#"1) "{\"timestamp\":1}""#, Some(3)),
            (r#"data: {"/a":{}}"#, Some(6)),
            (r#"{"/a":{}}"#, None),
            (r#""stats": {"a":1}"#, None),
            (r#"  12 {"a":1}"#, None),
            (r#"[null, {"a":1}]"#, None),
            (r#"[1, {"a":1}]"#, None),
            (r#"[{"a":1}]"#, None),
            (r#"container_cpu{id="/"} 1 2"#, None),
            (r#"{"a.b","c"="d"} 1"#, None),
            (r#"a {"b"="c"} 1"#, None),
            (r#"a{b="{\"a\":1}",id="/"} 1"#, None),
            (r#"p":"2026-11-21","cpu":{"usage":{"total":1}}"#, None),
            ("error: {foo}", None),
            ("x\n{\"a\":1}", None),
            ("", None),
        ] {
            assert_eq!(length(line.as_bytes()), expected, "{line}");
        }
    }
}
