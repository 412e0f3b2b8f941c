//! The head of a row: `name{label="value",…}`. Rows that follow each other mostly have the same name
//! and labels, so what stands between the values is compared with that of the head before, and read
//! from where it differs.

use std::borrow::Cow;
use std::ops::Range;

use super::labels::{Label, Labels, OF_CONTAINER, unescaped};
use super::line::{Bad, name_length, skip_blanks};
use crate::parse::lanes::quote_or_backslash;

/// Reads heads, one after another. It remembers the last one.
#[derive(Debug, Default)]
pub(super) struct HeadReader {
    /// The text of the last head; empty where the next one is to be read from its beginning.
    text: Vec<u8>,
    name: Name,
    labels: Vec<LabelText>,
    /// Whether any value may have escapes.
    has_escapes: bool,
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
}

impl LabelText {
    /// The value stands here; its name is as far before it as it was.
    #[inline]
    fn move_to(&mut self, value: Range<usize>) {
        if let Some(name) = &mut self.of_container {
            let before = self.value.start - name.start;
            let start = value.start - before;
            *name = start..start + name.len();
        }
        self.value = value;
    }
}

impl HeadReader {
    /// Reads the form of the head that a line begins with, and returns its length.
    pub(super) fn read(&mut self, line: &[u8]) -> Result<usize, Bad> {
        let mut text = std::mem::take(&mut self.text);
        self.has_escapes = false;
        let length = match self.follow(&text, line) {
            Followed::Whole(length) => length,
            Followed::Labels(0, _) => {
                self.labels.clear();
                self.read_name(line)?
            }
            Followed::Labels(number, end) => {
                self.labels.truncate(number);
                let mut at = end + 1;
                end_entry(line, &mut at)?;
                self.read_labels(line, at)?
            }
        };
        text.clear();
        if matches!(self.name, Name::Bare(_)) {
            text.extend_from_slice(line.get(..length).unwrap_or_default());
        }
        self.text = text;
        Ok(length)
    }

    /// Finds the values of the labels in a line that has between them what `text` has, the last
    /// head. The name may be another one.
    #[inline]
    fn follow(&mut self, text: &[u8], line: &[u8]) -> Followed {
        let Name::Bare(was_name) = self.name else { return Followed::Labels(0, 0) };
        let same_name = text.get(..=was_name).is_some_and(|name| line.starts_with(name));
        let name = if same_name { was_name } else { name_length(line) };
        if name == 0 {
            return Followed::Labels(0, 0);
        }
        self.name = Name::Bare(name);
        // Up to here both were read.
        let (mut was, mut end) = (was_name, name);
        for (number, label) in self.labels.iter_mut().enumerate() {
            let between = text.get(was..label.value.start).unwrap_or_default();
            let start = end + between.len();
            let is_alike = !between.is_empty() && line.get(end..start) == Some(between);
            let found = is_alike.then(|| quote_or_backslash(line.get(start..)?)).flatten();
            let value_end = match found.map(|length| start + length) {
                Some(end) if line.get(end) == Some(&b'"') => end,
                // The value is read anew.
                _ => return Followed::Labels(number, end),
            };
            was = label.value.end;
            label.move_to(start..value_end);
            end = value_end;
        }
        let ahead = text.get(was..).unwrap_or_default();
        if !ahead.is_empty() && line.get(end..).is_some_and(|rest| rest.starts_with(ahead)) {
            Followed::Whole(end + ahead.len())
        } else {
            Followed::Labels(self.labels.len(), end)
        }
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
            match *label {
                Some(label) if self.has_escapes => into.add(label, value_text),
                Some(label) => drop(into.add_plain(label, value_text)),
                None => {}
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
                let written = line.get(value.clone()).unwrap_or_default();
                self.has_escapes |= memchr::memchr(b'\\', written).is_some();
                let text = line.get(name.clone()).unwrap_or_default();
                let label = if is_quoted { quoted_label(text) } else { Label::of(text) };
                let of_container = text.starts_with(OF_CONTAINER.as_bytes()).then_some(name);
                self.labels.push(LabelText { label, of_container, value });
            } else if is_quoted && matches!(self.name, Name::Bare(0)) {
                if !name.is_empty() {
                    self.name = Name::Quoted(name);
                }
            } else {
                let expected = if is_quoted { "one name" } else { "`=` after the name of a label" };
                return Err(Bad { at: if is_quoted { start } else { at }, expected });
            }
            end_entry(line, &mut at)?;
        }
        let is_named = !matches!(self.name, Name::Bare(0));
        is_named
            .then_some(at + 1)
            .ok_or(Bad { at: at + 1, expected: "a quoted name in the braces" })
    }
}

/// How far a head was read as the one before.
enum Followed {
    /// All of it: its length.
    Whole(usize),
    /// So many labels, and where the value of the last one ends.
    Labels(usize, usize),
}

/// Passes over the comma behind a label, if there is one.
fn end_entry(line: &[u8], at: &mut usize) -> Result<(), Bad> {
    skip_blanks(line, at);
    match line.get(*at) {
        Some(b',') => *at += 1,
        Some(b'}') => {}
        _ => return Err(Bad { at: *at, expected: "`,` or `}` after a label" }),
    }
    Ok(())
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

    /// The name, the values of some labels, and the length.
    type Told = (String, Option<String>, usize, Vec<(String, String)>);

    fn told(reader: &mut HeadReader, line: &str) -> Result<Told, Bad> {
        let length = reader.read(line.as_bytes())?;
        let mut labels = Labels::new(true);
        reader.labels(line.as_bytes(), &mut labels)?;
        let name = String::from_utf8(reader.name(line.as_bytes()).into_owned()).unwrap();
        let id = labels.get(Label::Id).map(str::to_owned);
        Ok((name, id, length, labels.told_of_container().to_vec()))
    }

    fn name_and_id(line: &str) -> Result<(String, Option<String>, usize), Bad> {
        alone(line).map(|(name, id, length, _)| (name, id, length))
    }

    fn alone(line: &str) -> Result<Told, Bad> {
        told(&mut HeadReader::default(), line)
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
            r#"a_b{container_label_a="1",id="/x",zone="2"} 1"#,
            r#"a_b{container_label_a="12",id="/xy",zone="2"} 1"#,
            r#"a_b{container_label_ab="1",id="/x",zone="2"} 1"#,
            r#"a_b{id="/x",container_label_a="1"} 1"#,
            r#"c{id="/x",container_label_a="\\1"} 1"#,
            r#"c{id="\\\"/x",container_label_a="1"} 1"#,
            r#"a_b{id="/x\",container_label_a="1"} 1"#,
            r#"c:{id="/y",container_label_a="1"} 1"#,
            r#"{id="/y",container_label_a="1"} 1"#,
            r#"c-{id="/y",container_label_a="1"} 1"#,
            r#"{"a_b",id="/x",zone="1"} 1"#,
            r#"{"a_b",id="/x",zone="2"} 1"#,
            r#"{"","a_b",id="/x"} 1"#,
            r#"{id="/x",zone="2"} 1"#,
            "a_b 1",
            "a_b{} 1",
            "c{} 1",
            "c {} 1",
            "c 1",
            "",
        ];
        for first in lines {
            for second in lines {
                let mut reader = HeadReader::default();
                let _ = told(&mut reader, first);
                let read = told(&mut reader, second);
                assert_eq!(read, alone(second), "{first}, then {second}");
                let read = told(&mut reader, first);
                assert_eq!(read, alone(first), "{second}, then {first}");
            }
        }
    }
}
