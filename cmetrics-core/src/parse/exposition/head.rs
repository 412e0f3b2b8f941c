//! The head of a row: `name{label="value",…}`. Rows that follow each other mostly begin alike, so a
//! head is read from where it differs from the one before.

use std::borrow::Cow;
use std::ops::Range;

use super::labels::{Label, Labels, OF_CONTAINER, unescaped};
use super::line::{Bad, name_length, skip_blanks};
use crate::parse::lanes::common_length;

/// Reads heads, one after another. It remembers the last one.
#[derive(Debug, Default)]
pub(super) struct HeadReader {
    /// The text of the last head; empty where the next one is to be read from its beginning.
    text: Vec<u8>,
    name: Name,
    labels: Vec<LabelText>,
}

/// Where the name of a metric is.
#[derive(Clone, Debug)]
enum Name {
    /// Before the braces.
    Bare(usize),
    /// In the braces, between quotes.
    Quoted(Range<usize>),
}

impl Default for Name {
    fn default() -> Self {
        Self::Bare(0)
    }
}

/// Where a label is in the text.
#[derive(Debug)]
struct LabelText {
    /// `None` for one that is not read.
    label: Option<Label>,
    /// Its name, if it is one of the container itself.
    of_container: Option<Range<usize>>,
    /// The value between its quotes.
    value: Range<usize>,
    /// The offset behind the comma that follows.
    end: Option<usize>,
}

impl HeadReader {
    /// Reads the form of the head that a line begins with, and returns its length.
    pub(super) fn read(&mut self, line: &[u8]) -> Result<usize, Bad> {
        let mut text = std::mem::take(&mut self.text);
        let same = common_length(&text, line);
        let is_kept = |label: &LabelText| label.end.is_some_and(|end| end <= same);
        let kept = self.labels.iter().take_while(|label| is_kept(label)).count();
        self.labels.truncate(kept);
        let length = match self.labels.last().and_then(|label| label.end) {
            Some(end) => self.read_labels(line, end),
            None => self.read_name(line),
        }?;
        text.clear();
        if matches!(self.name, Name::Bare(_)) {
            text.extend_from_slice(line.get(..length).unwrap_or_default());
        }
        self.text = text;
        Ok(length)
    }

    /// The name in the line that was read last.
    pub(super) fn name<'t>(&self, line: &'t [u8]) -> Cow<'t, [u8]> {
        match &self.name {
            Name::Bare(length) => Cow::Borrowed(line.get(..*length).unwrap_or_default()),
            Name::Quoted(place) => {
                let written = String::from_utf8_lossy(line.get(place.clone()).unwrap_or_default());
                Cow::Owned(unescaped(&written).into_owned().into_bytes())
            }
        }
    }

    /// Whether the name stands before the braces.
    pub(super) fn has_bare_name(&self) -> bool {
        matches!(self.name, Name::Bare(_))
    }

    /// Adds the labels of the line that was read last.
    pub(super) fn labels<'t>(&self, line: &'t [u8], into: &mut Labels<'t>) -> Result<(), Bad> {
        let end = self.labels.last().map_or(0, |label| label.value.end);
        let text = std::str::from_utf8(line.get(..end).unwrap_or_default()).ok();
        let written = |place: &Range<usize>| {
            let of_text = text.and_then(|text| text.get(place.clone()));
            // Elsewhere in the head there may be what is no text.
            of_text.or_else(|| std::str::from_utf8(line.get(place.clone())?).ok())
        };
        let wants_of_container = into.wants_of_container();
        for LabelText { label, of_container, value, .. } in &self.labels {
            let of_container = of_container.as_ref().filter(|_| wants_of_container);
            if label.is_none() && of_container.is_none() {
                continue;
            }
            let Some(value_text) = written(value) else {
                return Err(Bad { at: value.start - 1, expected: "a label in UTF-8" });
            };
            if let Some(label) = *label {
                into.add(label, value_text);
            }
            if let Some(name) = of_container.and_then(written) {
                into.add_of_container(name, value_text);
            }
        }
        Ok(())
    }

    /// Reads a head from its beginning.
    fn read_name(&mut self, line: &[u8]) -> Result<usize, Bad> {
        self.name = Name::Bare(name_length(line));
        let Name::Bare(length) = self.name else { return Ok(0) };
        let mut at = length;
        if length == 0 && line.first() != Some(&b'{') {
            return Err(Bad { at, expected: "the name of a metric" });
        }
        skip_blanks(line, &mut at);
        if line.get(at) != Some(&b'{') {
            return Ok(length);
        }
        self.read_labels(line, at + 1)
    }

    /// Reads labels from here on, up to the bracket that closes them. A quoted entry without a value
    /// is the name. Returns where they end.
    fn read_labels(&mut self, line: &[u8], mut at: usize) -> Result<usize, Bad> {
        loop {
            skip_blanks(line, &mut at);
            if line.get(at) == Some(&b'}') {
                break;
            }
            let start = at;
            let is_quoted = line.get(at) == Some(&b'"');
            let name = if is_quoted { quoted(line, &mut at)? } else { bare(line, &mut at)? };
            skip_blanks(line, &mut at);
            if line.get(at) == Some(&b'=') {
                at += 1;
                skip_blanks(line, &mut at);
                let value = quoted(line, &mut at)?;
                let text = line.get(name.clone()).unwrap_or_default();
                let label = if is_quoted { quoted_label(text) } else { Label::of(text) };
                let of_container = text.starts_with(OF_CONTAINER.as_bytes()).then_some(name);
                self.labels.push(LabelText { label, of_container, value, end: None });
            } else if is_quoted && matches!(self.name, Name::Bare(0)) {
                if !name.is_empty() {
                    self.name = Name::Quoted(name);
                }
            } else {
                let expected = if is_quoted { "one name" } else { "`=` after the name of a label" };
                return Err(Bad { at: if is_quoted { start } else { at }, expected });
            }
            skip_blanks(line, &mut at);
            match line.get(at) {
                Some(b',') => {
                    at += 1;
                    self.labels.last_mut().into_iter().for_each(|label| label.end = Some(at));
                }
                Some(b'}') => {}
                _ => return Err(Bad { at, expected: "`,` or `}` after a label" }),
            }
        }
        let is_named = !matches!(self.name, Name::Bare(0));
        is_named
            .then_some(at + 1)
            .ok_or(Bad { at: at + 1, expected: "a quoted name in the braces" })
    }
}

fn quoted_label(written: &[u8]) -> Option<Label> {
    let name = std::str::from_utf8(written).ok().map(unescaped)?;
    Label::of(name.as_bytes())
}

fn bare(line: &[u8], at: &mut usize) -> Result<Range<usize>, Bad> {
    let start = *at;
    *at += name_length(line.get(start..).unwrap_or_default());
    if *at == start {
        return Err(Bad { at: start, expected: "the name of a label, or `}`" });
    }
    Ok(start..*at)
}

/// The text between the quotes ahead, as it is written.
fn quoted(line: &[u8], at: &mut usize) -> Result<Range<usize>, Bad> {
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
                return Ok(start + 1..*at - 1);
            }
            None => {
                return Err(Bad { at: start, expected: "a quote that closes the one here" });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name_and_id(
        reader: &mut HeadReader,
        line: &str,
    ) -> Result<(String, Option<String>, usize), Bad> {
        let length = reader.read(line.as_bytes())?;
        let mut labels = Labels::default();
        reader.labels(line.as_bytes(), &mut labels)?;
        let name = String::from_utf8(reader.name(line.as_bytes()).into_owned()).unwrap();
        Ok((name, labels.get(Label::Id).map(str::to_owned), length))
    }

    fn alone(line: &str) -> Result<(String, Option<String>, usize), Bad> {
        name_and_id(&mut HeadReader::default(), line)
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
                alone(line).unwrap(),
                ("a_b".to_owned(), Some("/x".to_owned()), length),
                "{line}"
            );
        }
        assert_eq!(alone("a 1").unwrap(), ("a".to_owned(), None, 1));
        assert_eq!(alone("a{} 1").unwrap(), ("a".to_owned(), None, 3));
        assert_eq!(alone(r#"{"a \"b"} 1"#).unwrap().0, "a \"b");
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
            let bad = alone(line).unwrap_err();
            assert!(bad.at == at && bad.expected.contains(expected), "{line}: {bad:?}");
        }
    }

    #[test]
    fn only_a_label_that_is_read_has_to_be_text() {
        for (line, is_text) in [
            (&b"a{zone=\"\xff\",id=\"/x\"} 1"[..], true),
            (b"a{id=\"\xff\"} 1", false),
            (b"a{id=\"\xc3\"\xa9} 1", false),
        ] {
            let mut reader = HeadReader::default();
            let mut labels = Labels::default();
            let read = reader.read(line).and_then(|_| reader.labels(line, &mut labels));
            assert_eq!(read.is_ok(), is_text, "{line:?}");
            assert_eq!(labels.get(Label::Id).is_some(), is_text);
        }
    }

    #[test]
    fn a_head_is_the_same_whatever_was_read_before() {
        let lines = [
            r#"a_b{id="/x",zone="1"} 1"#,
            r#"a_b{id="/x",zone="1",} 1"#,
            r#"a_b{id="/x",zone="1" , id="/y"} 1"#,
            r#"a_b{id="/x",zone="12"} 1"#,
            r#"a_b{id="/x",zone} 1"#,
            r#"a_b{id="/x",} 1"#,
            r#"a_b{id="/x"} 1"#,
            r#"a_b{id="/x" } 1"#,
            r#"a_b{id="/x",zone="1"} 1"#,
            r#"a_b{id="/xy",zone="1"} 1"#,
            r#"a_bc{id="/x",zone="1"} 1"#,
            r#"a_b {id="/x",zone="1"} 1"#,
            r#"a_b{zone="1",id="/x",other="2"} 1"#,
            r#"a_b{zone="1",id="/y",other="2"} 1"#,
            r#"a_b{zone="1",id="/y",,other="2"} 1"#,
            r#"{"a_b",id="/x",zone="1"} 1"#,
            r#"{"a_b",id="/x",zone="2"} 1"#,
            r#"{"","a_b",id="/x"} 1"#,
            r#"{id="/x",zone="2"} 1"#,
            "a_b 1",
            "a_b{} 1",
            "",
        ];
        for first in lines {
            for second in lines {
                let mut reader = HeadReader::default();
                let _ = name_and_id(&mut reader, first);
                let read = name_and_id(&mut reader, second);
                assert_eq!(read, alone(second), "{first}, then {second}");
                let read = name_and_id(&mut reader, first);
                assert_eq!(read, alone(first), "{second}, then {first}");
            }
        }
    }
}
