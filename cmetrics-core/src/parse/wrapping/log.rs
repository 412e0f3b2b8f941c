//! The logs of container runtimes: each line of text is one record, or several if it is long. The
//! documents in them may be longer than a record, and of many lines.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use serde::Deserialize;

use crate::container::Container;
use crate::document::{DocumentKind, Note, Skipped, Wanted};
use crate::error::{Error, Place};
use crate::parse::Receiver;
use crate::parse::position::Position;
use crate::sample::Sample;
use crate::time::Timestamp;

/// The longest record that is decoded. A longer one passes as it is.
const LONGEST_RECORD: u64 = 16 << 20;
/// How much text of standard error waits for the end of a document on standard output.
const MOST_HELD: usize = 1 << 20;
/// How many places are remembered. Of more, every other one is dropped, so that places become
/// those of some record before.
const MOST_PLACES: usize = 1 << 16;

/// How records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::parse) enum LogFormat {
    /// Docker's `json-file`: `{"log":"…\n","stream":"stdout","time":"…"}`.
    Docker,
    /// CRI, of Kubernetes and podman: `2026-11-21T12:00:13Z stdout F …`.
    Cri,
}

/// The format of a log that begins like this; `None` for another input.
pub(in crate::parse) fn log_format(start: &[u8]) -> Option<LogFormat> {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    if let Some(object) = start.strip_prefix(b"{") {
        let after_key = object.trim_ascii_start().strip_prefix(b"\"log\"")?;
        let value = after_key.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
        return value.starts_with(b"\"").then_some(LogFormat::Docker);
    }
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    cri(line).map(|_| LogFormat::Cri)
}

#[derive(Deserialize)]
struct DockerRecord<'r> {
    #[serde(borrow)]
    log: Cow<'r, str>,
    #[serde(borrow, default)]
    stream: Cow<'r, str>,
}

/// The text of a record.
struct Record<'r> {
    text: Cow<'r, [u8]>,
    is_error: bool,
    /// Whether the line of text ends with it.
    ends_line: bool,
    /// The offset of the text in the record, and whether it is there byte for byte.
    at: usize,
    verbatim: bool,
}

fn docker(line: &[u8]) -> Option<Record<'_>> {
    let record: DockerRecord<'_> = serde_json::from_slice(line).ok()?;
    let text = match record.log {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    };
    let (is_error, ends_line) = (record.stream == "stderr", text.ends_with(b"\n"));
    let at = memchr::memmem::find(line, b":").map_or(0, |colon| colon + 1);
    Some(Record { text, is_error, ends_line, at, verbatim: false })
}

fn cri(line: &[u8]) -> Option<Record<'_>> {
    let mut words = line.splitn(4, |byte| *byte == b' ');
    let (time, stream, tags) = (words.next()?, words.next()?, words.next()?);
    let text = words.next().unwrap_or_default();
    Timestamp::parse(std::str::from_utf8(time).ok()?).ok()?;
    let is_error = stream == b"stderr";
    let is_part = matches!(tags, [b'P'] | [b'P', b':', ..]);
    let is_record = (is_error || stream == b"stdout") && (is_part || tags.starts_with(b"F"));
    let ends = text.ends_with(b"\n");
    let text = if is_part { text.strip_suffix(b"\n").unwrap_or(text) } else { text };
    let text = if is_part && ends { text.strip_suffix(b"\r").unwrap_or(text) } else { text };
    let at =
        line.len() - words.next().map_or(text.len() + usize::from(is_part && ends), <[u8]>::len);
    let text = Cow::Borrowed(text);
    is_record.then_some(Record { text, is_error, ends_line: !is_part, at, verbatim: true })
}

/// A reader of the text in a log. What is on standard error does not tear documents on standard
/// output: it waits for the next line there that is not indented, or for the end.
pub(in crate::parse) struct LogReader<R> {
    input: BufReader<R>,
    format: LogFormat,
    record: Vec<u8>,
    /// The place of the record in the log.
    position: Position,
    text: Vec<u8>,
    at: usize,
    /// Whether the last line of standard output has not ended.
    in_line: bool,
    /// Text of standard error, and its places.
    held: Vec<u8>,
    held_places: Vec<(usize, OuterPlace)>,
    places: Rc<RefCell<Places>>,
}

impl<R: Read> LogReader<R> {
    pub(in crate::parse) fn new(input: R, format: LogFormat) -> Self {
        Self {
            input: BufReader::with_capacity(1 << 18, input),
            format,
            record: Vec::new(),
            position: Position::START,
            text: Vec::new(),
            at: 0,
            in_line: false,
            held: Vec::new(),
            held_places: Vec::new(),
            places: Rc::default(),
        }
    }

    /// A receiver that gives errors their places in the log.
    pub(in crate::parse) fn placing<'r>(&self, receiver: &'r mut dyn Receiver) -> Placing<'r> {
        Placing { receiver, places: Rc::clone(&self.places) }
    }

    /// Decodes the next record. Returns whether there was one.
    fn decode(&mut self) -> io::Result<bool> {
        self.text.clear();
        self.at = 0;
        let mut line = std::mem::take(&mut self.record);
        line.clear();
        let read = (&mut self.input).take(LONGEST_RECORD).read_until(b'\n', &mut line);
        let start = self.position;
        self.position = start.after(&line);
        self.add(&line, start);
        let is_empty = line.is_empty();
        self.record = line;
        if read? == 0 || is_empty {
            self.release();
            return Ok(false);
        }
        Ok(true)
    }

    fn add(&mut self, line: &[u8], start: Position) {
        let record = match self.format {
            LogFormat::Docker => docker(line),
            LogFormat::Cri => cri(line),
        };
        let as_it_is = || Record {
            text: Cow::Borrowed(line),
            is_error: false,
            ends_line: true,
            at: 0,
            verbatim: true,
        };
        let record = record.unwrap_or_else(as_it_is);
        let position = start.after(line.get(..record.at).unwrap_or_default());
        let place = OuterPlace { position, verbatim: record.verbatim };
        if record.is_error && self.held.len() < MOST_HELD {
            self.held_places.push((self.held.len(), place));
            self.held.extend_from_slice(&record.text);
            return;
        }
        let may_begin = !matches!(record.text.first(), Some(b' ' | b'\t' | b'}' | b']') | None);
        if !self.in_line && may_begin {
            self.release();
        }
        self.put(&record.text, place);
        self.in_line = !record.ends_line;
    }

    fn put(&mut self, text: &[u8], place: OuterPlace) {
        self.places.borrow_mut().add(text.len(), place);
        self.text.extend_from_slice(text);
    }

    /// Adds the text that was held.
    fn release(&mut self) {
        let (held, places) =
            (std::mem::take(&mut self.held), std::mem::take(&mut self.held_places));
        let ends = places.iter().skip(1).map(|(at, _)| *at).chain([held.len()]);
        for ((at, place), end) in places.iter().zip(ends) {
            self.put(held.get(*at..end).unwrap_or_default(), *place);
        }
    }
}

impl<R: Read> Read for LogReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.text.len() {
            if !self.decode()? && self.text.is_empty() {
                return Ok(0);
            }
        }
        let mut rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.read(buffer)?;
        self.at += length;
        Ok(length)
    }
}

/// Where in the log a piece of text is.
#[derive(Clone, Copy)]
struct OuterPlace {
    position: Position,
    verbatim: bool,
}

/// Where in the log the text is.
#[derive(Default)]
struct Places {
    /// By the offset in the text.
    of: Vec<(u64, OuterPlace)>,
    length: u64,
}

impl Places {
    fn add(&mut self, length: usize, place: OuterPlace) {
        if self.of.len() == MOST_PLACES {
            let mut index = 0_usize;
            self.of.retain(|_| {
                index += 1;
                index % 2 == 1
            });
        }
        self.of.push((self.length, place));
        self.length += length as u64;
    }

    /// The place in the log of a place in the text.
    fn outer(&self, place: &Place) -> Place {
        let Some(offset) = place.offset else { return place.clone() };
        let after = self.of.partition_point(|(at, _)| *at <= offset);
        let Some((at, outer)) = after.checked_sub(1).and_then(|index| self.of.get(index)) else {
            return place.clone();
        };
        let Position { offset: start, line, column } = outer.position;
        let further = if outer.verbatim { offset - at } else { 0 };
        Place {
            offset: Some(start + further),
            line: Some(line),
            column: Some(column + further),
            ..place.clone()
        }
    }
}

/// Forwards to a receiver. Errors get their places in the log.
pub(in crate::parse) struct Placing<'r> {
    receiver: &'r mut dyn Receiver,
    places: Rc<RefCell<Places>>,
}

impl Placing<'_> {
    fn placed(&self, error: Error) -> Error {
        let place = self.places.borrow().outer(error.place());
        error.placed(place)
    }
}

impl Receiver for Placing<'_> {
    fn container(&mut self, container: &Container, kind: DocumentKind) {
        self.receiver.container(container, kind);
    }

    fn wants(&mut self, time: Timestamp) -> Wanted {
        self.receiver.wants(time)
    }

    fn wants_labels(&self) -> bool {
        self.receiver.wants_labels()
    }

    fn sample(&mut self, sample: &Sample, text: &[u8]) {
        self.receiver.sample(sample, text);
    }

    fn never_taken(&mut self) {
        self.receiver.never_taken();
    }

    fn faulty(&mut self, error: Error) {
        let error = self.placed(error);
        self.receiver.faulty(error);
    }

    fn note(&mut self, note: Note) {
        self.receiver.note(note);
    }

    fn skipped(&mut self, what: Skipped, count: u64) {
        self.receiver.skipped(what, count);
    }

    fn no_containers(&mut self) {
        self.receiver.no_containers();
    }

    fn error(&mut self, error: Error) {
        let error = self.placed(error);
        self.receiver.error(error);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(log: &str) -> String {
        let format = log_format(log.as_bytes()).unwrap();
        io::read_to_string(LogReader::new(log.as_bytes(), format)).unwrap()
    }

    #[test]
    fn the_pieces_of_a_line_are_joined_whatever_the_other_stream_says_meanwhile() {
        let log = "2026-11-21T12:00:13.5Z stdout P {\"a\":\n\
                   2026-11-21T12:00:13.5Z stderr F oops\n\
                   2026-11-21T12:00:13.6Z stdout P  1,\n\
                   2026-11-21T12:00:13.6Z stdout F \"b\": 2}\n\
                   no record\n\
                   2026-11-21T12:00:14Z stdout F {}\n";
        assert_eq!(text(log), "{\"a\": 1,\"b\": 2}\noops\nno record\n{}\n");
        let log = "2026-11-21T12:00:13.5Z stdout F {\n\
                   2026-11-21T12:00:13.5Z stderr F oops\n\
                   2026-11-21T12:00:13.6Z stdout F   \"a\": 1\n\
                   2026-11-21T12:00:13.6Z stdout F }\n";
        assert_eq!(text(log), "{\n  \"a\": 1\n}\noops\n");
        let log = "{\"log\":\"{\\\"a\\\":\",\"stream\":\"stdout\",\"time\":\"x\"}\n\
                   {\"log\":\"oops\\n\",\"stream\":\"stderr\"}\n\
                   {\"log\":\"1}\\n\",\"stream\":\"stdout\"}\n\
                   {\"log\":\"{\\n\"}\n\
                   {\"log\":";
        assert_eq!(text(log), "{\"a\":1}\noops\n{\n{\"log\":");
    }

    #[test]
    fn a_log_is_told_by_its_first_line() {
        for (start, format) in [
            (r#"{"log":"x"#, Some(LogFormat::Docker)),
            (r#"{ "log" : "x"#, Some(LogFormat::Docker)),
            ("\u{feff}2026-11-21T12:00:13+01:00 stderr F x", Some(LogFormat::Cri)),
            ("2026-11-21T12:00:13Z stdout P:x ", Some(LogFormat::Cri)),
            ("2026-11-21T12:00:13Z stdout x", None),
            ("2026-11-21T12:00:13Z info F x", None),
            (r#"{"log":{"#, None),
            (r#"{"/a":"#, None),
            ("", None),
        ] {
            assert_eq!(log_format(start.as_bytes()), format, "{start}");
        }
    }

    #[test]
    fn a_place_in_the_text_is_one_in_the_log() {
        let log = "2026-11-21T12:00:13Z stdout P abc\n2026-11-21T12:00:14Z stdout F def\n";
        let mut reader = LogReader::new(log.as_bytes(), LogFormat::Cri);
        assert_eq!(io::read_to_string(&mut reader).unwrap(), "abcdef\n");
        let places = reader.places.borrow();
        for (inner, byte) in [(0, "a"), (2, "c"), (3, "d"), (5, "f")] {
            let place = places.outer(&Place { offset: Some(inner), ..Place::default() });
            let offset = log.find(byte).filter(|_| byte != "d" && byte != "f");
            let offset = offset.unwrap_or_else(|| log.rfind(byte).unwrap());
            assert_eq!(place.offset, Some(offset as u64), "{byte}");
            assert_eq!(place.line, Some(1 + inner / 3), "{byte}");
        }
    }
}
