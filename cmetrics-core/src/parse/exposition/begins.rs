//! Tells an exposition by its first lines.

use super::line::{name_length, tail};

/// Returns whether an exposition begins here. `text` is what is ahead, up to some length.
pub(in crate::parse) fn begins(text: &[u8]) -> bool {
    for line in text.split(|byte| *byte == b'\n') {
        if begins_line(line) || is_plain_row(line) {
            return true;
        }
        let first = line.iter().find(|byte| !byte.is_ascii_whitespace());
        if first.is_some_and(|byte| *byte != b'#') {
            return false;
        }
    }
    false
}

/// Returns whether a line is surely one of an exposition, whatever comes before it: one that
/// describes a family, the end of a document, or a row with labels.
pub(in crate::parse) fn begins_line(line: &[u8]) -> bool {
    const WORDS: [&[u8]; 3] = [b"# HELP ", b"# TYPE ", b"# UNIT "];
    WORDS.iter().any(|word| line.starts_with(word)) || is_end(line) || is_labelled_row(line)
}

/// Returns whether a line ends a document.
pub(super) fn is_end(line: &[u8]) -> bool {
    line.strip_prefix(b"# EOF").is_some_and(|rest| rest.trim_ascii().is_empty())
}

/// Returns whether a line begins points that cmetrics wrote. Both formats have such lines, and no
/// row is of this family.
pub(super) fn begins_points(line: &[u8]) -> bool {
    line.starts_with(b"# HELP cmetrics_points ")
}

/// Returns whether a line begins a row whose name stands in its braces: `{"any name",`. A JSON
/// document has a colon there.
pub(in crate::parse) fn is_quoted_row(line: &[u8]) -> bool {
    let Some(inner) = line.strip_prefix(b"{") else { return false };
    let inner = inner.trim_ascii_start();
    let Some(mut rest) = inner.strip_prefix(b"\"") else { return false };
    loop {
        match memchr::memchr3(b'"', b'\\', b'\n', rest) {
            Some(end) if rest.get(end) == Some(&b'"') => {
                let after = rest.get(end + 1..).unwrap_or_default();
                let after = after.iter().find(|byte| !matches!(byte, b' ' | b'\t'));
                return matches!(after, Some(b',' | b'}' | b'='));
            }
            Some(escape) if rest.get(escape) == Some(&b'\\') => {
                rest = rest.get(escape + 2..).unwrap_or_default();
            }
            _ => return false,
        }
    }
}

fn is_labelled_row(line: &[u8]) -> bool {
    let name = name_length(line);
    let after = line.get(name..).unwrap_or_default();
    if name == 0 {
        return is_quoted_row(line);
    }
    let braces = after.trim_ascii_start();
    let Some(labels) = braces.strip_prefix(b"{") else { return false };
    let labels = labels.trim_ascii_start();
    let label = name_length(labels);
    match labels.get(label..).unwrap_or_default().trim_ascii_start() {
        [b'=', rest @ ..] => label > 0 && rest.trim_ascii_start().starts_with(b"\""),
        [b'}', ..] => label == 0,
        [b'"', ..] => label == 0 && is_quoted_row(braces),
        _ => false,
    }
}

/// Returns whether a line is a row without labels. Its name has to look like one of a metric: other
/// text has a word and a number, too.
fn is_plain_row(line: &[u8]) -> bool {
    let name = line.get(..name_length(line)).unwrap_or_default();
    let after = line.get(name.len()..).unwrap_or_default();
    memchr::memchr2(b'_', b':', name).is_some()
        && !after.trim_ascii_start().starts_with(b"{")
        && tail(after).is_ok()
}

/// Returns whether delimited protobuf begins here: the length of a message, and in it first the
/// name of a family.
pub(in crate::parse) fn is_protobuf(text: &[u8]) -> bool {
    const LONGEST_VARINT: usize = 5;
    const NAME: u8 = 0x0a;
    let Some(varint) = text.iter().take(LONGEST_VARINT).position(|byte| *byte < 0x80) else {
        return false;
    };
    match text.get(varint + 1..) {
        Some([NAME, length, name @ ..]) => {
            let length = usize::from(*length);
            // What follows the name is no text: the description, the type or the first series.
            let follows = matches!(name.get(length), Some(0x12 | 0x18 | 0x22));
            length > 0 && name_length(name) == length && follows
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exposition_is_told_by_its_lines() {
        for text in [
            "# HELP a b\n",
            "# TYPE a counter",
            "# EOF\n",
            "\n# a comment\n\na_b 1\n",
            "a{id=\"/\"} 1\n",
            "a{} 1\n",
            "a { id = \"a long value that is cut",
            "a:b 1 1600000000000\n",
            "{\"any name\",a=\"b\"} 1\n",
            "{ \"a \\\" b\" } 1\n",
            "{\"a\"=\"b\",\"c\"} 1\n",
        ] {
            assert!(begins(text.as_bytes()), "{text}");
        }
        for text in [
            "",
            "# a comment\n",
            "# a comment\n{\"/\": {}}",
            "{\"key\": 1}",
            "{\"key\"",
            "{\n  \"key\" : 1}",
            "{\"a\\",
            "[1]",
            "null",
            "Error 404\n",
            "unknown container\n",
            "a_b one\n",
            "func a() {\n",
            "a {b}\n",
            "#EOF\n",
        ] {
            assert!(!begins(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn delimited_protobuf_is_told_by_its_first_message() {
        assert!(is_protobuf(b"\x8f\x01\x0a\x04go_a\x12\x02"));
        assert!(is_protobuf(b"\x10\x0a\x04go_a\x12\x02"));
        assert!(!is_protobuf(b"\x10\x0a\x04go-a\x12\x02"));
        assert!(!is_protobuf(b"a\n# HELP"));
        assert!(!is_protobuf(b"\n\n"));
        assert!(!is_protobuf(b""));
    }
}
