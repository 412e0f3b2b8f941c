//! Cutting a stream of bytes into documents, so that no more than one of them is in memory.
//!
//! Only brackets, quotes and what stands before them are looked at: enough to find where a
//! document ends, and to notice soon when a truncated one runs into the next.

use std::io::{self, Read};

use super::kind;
use super::position::Position;
use super::scan::{End, Scan};
use crate::cancel::Cancel;
use crate::error::Place;

/// The longest document that is read.
pub(super) const LONGEST_DOCUMENT: usize = 1 << 30;
const BLOCK: usize = 1 << 18;
const LONGEST_WORD: usize = 4096;
/// As much is looked through, byte by byte, before one asks whether to go on.
const AT_ONCE: usize = 4 << 20;
/// As far as documents of one kind begin alike: `{"/`, `[{"`.
const ALIKE: usize = 3;

/// A piece of the input.
#[derive(Debug)]
pub(super) struct Frame<'b> {
    pub(super) text: &'b [u8],
    pub(super) start: Position,
    pub(super) state: State,
    /// Whether it was looked for after damage.
    pub(super) after_damage: bool,
}

/// How whole a piece of the input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// A JSON value, as far as brackets and quotes go.
    Whole,
    /// The beginning of one, up to damage or the end of the input.
    Broken,
    /// The beginning of one that is nested too deeply.
    TooDeep,
    /// The beginning of one that is longer than allowed.
    TooLong,
    /// No JSON from its first byte on.
    Text,
}

/// The pieces of an input, one after another.
pub(super) struct Frames<'i, R> {
    input: R,
    /// All of the input, where it lies in memory.
    bytes: Option<&'i [u8]>,
    longest: usize,
    /// Room for the input, of which the first `filled` bytes hold some.
    buffer: Vec<u8>,
    filled: usize,
    /// Where the next piece begins in `buffer`, and in the input.
    start: usize,
    position: Position,
    /// The length of the piece handed out last.
    handed_out: usize,
    ended: bool,
    failure: Option<io::Error>,
    /// After damage, only lines that begin a document are looked at.
    lost: bool,
    cancel: Cancel,
}

impl<'i> Frames<'i, io::Empty> {
    /// The pieces of an input that lies in memory.
    pub(super) fn of(bytes: &'i [u8], longest: usize, cancel: Cancel) -> Self {
        let none = Self::new(io::empty(), longest, Vec::new(), cancel);
        Self { bytes: Some(bytes), ended: true, ..none }
    }
}

impl<R: Read> Frames<'_, R> {
    /// The pieces of an input that is read into `buffer`, which may have been used before.
    pub(super) fn new(input: R, longest: usize, buffer: Vec<u8>, cancel: Cancel) -> Self {
        Self {
            input,
            bytes: None,
            longest,
            buffer,
            filled: 0,
            start: 0,
            position: Position::START,
            handed_out: 0,
            ended: false,
            failure: None,
            lost: false,
            cancel,
        }
    }

    /// Whether the input is to be left before its end. What is cut off by that is not looked at: who
    /// reads pieces asks before each, and after what took long.
    #[inline]
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// How far the input was read: its length, once there is no next piece.
    pub(super) fn position(&self) -> Position {
        self.position
    }

    /// Why reading ended before the input's end.
    pub(super) fn take_failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    pub(super) fn failed(&self) -> bool {
        self.failure.is_some()
    }

    /// The next piece, or `None` at the end.
    pub(super) fn next(&mut self) -> Option<Frame<'_>> {
        let handed_out = std::mem::take(&mut self.handed_out);
        self.consume(handed_out);
        let after_damage = self.lost;
        let (length, state) = if after_damage { self.find_line()? } else { self.find_next()? };
        self.lost = state != State::Whole;
        self.handed_out = length;
        let text = self.rest().get(..length).unwrap_or_default();
        Some(Frame { text, start: self.position, state, after_damage })
    }

    /// The piece at the next byte that is no white space.
    fn find_next(&mut self) -> Option<(usize, State)> {
        self.skip_to_next();
        match self.rest().first()? {
            b'{' | b'[' => Some(self.document()),
            _ => Some(self.word()),
        }
    }

    fn skip_to_next(&mut self) {
        if self.position.offset == 0 && self.available(BOM.len()) && self.rest().starts_with(BOM) {
            self.consume(BOM.len());
        }
        self.skip_while(is_blank);
    }

    /// After damage: the piece at the next line's start where a document begins.
    fn find_line(&mut self) -> Option<(usize, State)> {
        if self.position.column > 1 {
            self.skip_line();
        }
        loop {
            if self.is_cancelled() {
                return None;
            }
            self.available(2);
            if matches!(self.rest().first()?, b'{' | b'[') {
                let compact = begins_compactly(self.rest());
                let (length, state) = self.document();
                let is_document = match state {
                    State::Whole => !self.is_part(length),
                    _ => compact,
                };
                if is_document {
                    return Some((length, state));
                }
            }
            self.skip_line();
        }
    }

    /// The document that begins here.
    fn document(&mut self) -> (usize, State) {
        let mut scan = Scan::default();
        let end = loop {
            let unseen = self.rest().get(scan.length()..).unwrap_or_default();
            let block = unseen.get(..AT_ONCE).unwrap_or(unseen);
            let is_all = block.len() == unseen.len();
            if let Some(end) = scan.advance(block) {
                break end;
            }
            if self.is_cancelled() {
                return (scan.length(), State::Broken);
            }
            if !is_all {
                continue;
            }
            if scan.length() >= self.longest {
                return (scan.length(), State::TooLong);
            }
            if !self.fill() {
                break End::Broken;
            }
        };
        match end {
            End::Whole => (scan.length(), State::Whole),
            End::TooDeep => (scan.length(), State::TooDeep),
            End::Broken => (self.up_to_damage(scan.length()), State::Broken),
        }
    }

    /// How much of a damaged document is its own: its first line, where the next line is
    /// another document rather than more of this one.
    fn up_to_damage(&mut self, damage: usize) -> usize {
        let own = self.rest().get(..damage).unwrap_or_default();
        let Some(line) = memchr::memchr(b'\n', own) else {
            return damage;
        };
        let behind_it = own.get(line..).unwrap_or_default();
        if behind_it.iter().filter(|byte| !is_blank(**byte)).nth(1).is_none() {
            // What begins the next line cannot go on with this one.
            return line;
        }
        if self.is_document_line(line + 1) { line } else { damage }
    }

    /// Whether the line at `start` looks like a document of its own: whole, and neither followed
    /// by more of a list nor a sample; or at least begun as the document before it.
    fn is_document_line(&mut self, start: usize) -> bool {
        while memchr::memchr(b'\n', self.rest().get(start..).unwrap_or_default()).is_none()
            && self.rest().len() < self.longest
            && self.fill()
        {}
        let next = self.rest().get(start..).unwrap_or_default();
        let line = next.split(|&byte| byte == b'\n').next().unwrap_or_default();
        if !begins_compactly(line) {
            return false;
        }
        let mut scan = Scan::default();
        match scan.advance(line) {
            Some(End::Whole) => {
                let behind = line.get(scan.length()..).unwrap_or_default();
                behind.iter().all(|&byte| is_blank(byte)) && !kind::is_a_sample(line)
            }
            _ => line.get(..ALIKE) == self.rest().get(..ALIKE),
        }
    }

    /// A value without brackets, such as `null`, or text that is no JSON.
    fn word(&mut self) -> (usize, State) {
        self.available(LONGEST_WORD);
        let start = self.rest().get(..self.rest().len().min(LONGEST_WORD)).unwrap_or_default();
        let line = start.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let mut values =
            serde_json::Deserializer::from_slice(line).into_iter::<serde::de::IgnoredAny>();
        let whole = values.next().is_some_and(|value| value.is_ok());
        let behind = line.get(values.byte_offset()..).unwrap_or_default();
        match behind.iter().find(|byte| !is_blank(**byte)) {
            None | Some(b'{' | b'[') if whole => (values.byte_offset(), State::Whole),
            _ => (line.len(), State::Text),
        }
    }

    /// Whether the value of this length is no document but part of one: a sample, or followed by
    /// more of a list or object.
    fn is_part(&mut self, length: usize) -> bool {
        self.available(length + 1);
        let (value, behind) = self.rest().split_at_checked(length).unwrap_or_default();
        matches!(behind.first(), Some(b',' | b':' | b']' | b'}')) || kind::is_a_sample(value)
    }

    /// Whether a document lies ahead of which nothing is known to be wrong.
    pub(super) fn document_ahead(&mut self) -> bool {
        let handed_out = std::mem::take(&mut self.handed_out);
        self.consume(handed_out);
        if self.lost {
            return false;
        }
        self.skip_to_next();
        matches!(self.rest().first(), Some(b'{' | b'['))
    }

    /// Takes out what was read of the next piece; `plain` says that no line ends in it.
    pub(super) fn take(&mut self, length: usize, plain: bool) {
        if plain {
            self.position.offset += length as u64;
            self.position.column += length as u64;
            self.start += length;
        } else {
            self.consume(length);
        }
    }

    /// Has the next piece begin with `byte` in the place of what it begins with.
    pub(super) fn put(&mut self, byte: u8) {
        if let Some(first) = self.buffer.get_mut(self.start) {
            *first = byte;
        }
    }

    /// Goes on behind damage.
    pub(super) fn lose(&mut self) {
        self.lost = true;
    }

    /// Where the next piece begins.
    pub(super) fn start(&self) -> Position {
        self.position
    }

    /// The place so many bytes ahead.
    pub(super) fn place(&self, at: usize) -> Place {
        self.position.behind(self.rest().get(..at).unwrap_or_default()).into()
    }

    /// Whether nothing is read beyond what is here.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Whether the whole input lies in memory anyhow.
    pub(super) fn is_all_there(&self) -> bool {
        self.bytes.is_some()
    }

    /// What was read from the next piece's start on.
    pub(super) fn rest(&self) -> &[u8] {
        let read = self.buffer.get(..self.filled).unwrap_or_default();
        self.bytes.unwrap_or(read).get(self.start..).unwrap_or_default()
    }

    /// Reads on until so many bytes lie ahead; says whether they do.
    fn available(&mut self, length: usize) -> bool {
        while self.rest().len() < length {
            if !self.fill() {
                return false;
            }
        }
        true
    }

    fn skip_while(&mut self, skip: impl Fn(u8) -> bool) {
        loop {
            let block = self.rest().get(..AT_ONCE).unwrap_or(self.rest());
            let length = block.iter().take_while(|&&byte| skip(byte)).count();
            let is_all = length == block.len();
            self.consume(length);
            if !is_all || (self.rest().is_empty() && !self.fill()) || self.is_cancelled() {
                return;
            }
        }
    }

    fn skip_line(&mut self) {
        self.skip_while(|byte| byte != b'\n');
        self.consume(usize::from(!self.rest().is_empty()));
    }

    fn consume(&mut self, length: usize) {
        let text = self.rest().get(..length).unwrap_or_default();
        self.position = self.position.behind(text);
        self.start += length;
    }

    /// Reads another block; says whether there was any.
    pub(super) fn fill(&mut self) -> bool {
        if self.ended {
            return false;
        }
        if self.start > 0 && self.start >= self.filled / 2 {
            self.buffer.copy_within(self.start..self.filled, 0);
            self.filled -= self.start;
            self.start = 0;
        }
        if self.buffer.len() < self.filled + BLOCK {
            self.buffer.resize(self.filled + BLOCK.max(self.filled / 2), 0);
        }
        let before = self.filled;
        let end = before + BLOCK;
        while self.filled < end && !self.ended && !self.is_cancelled() {
            let room = self.buffer.get_mut(self.filled..end).unwrap_or_default();
            match self.input.read(room) {
                Ok(0) => self.ended = true,
                Ok(read) => self.filled += read,
                Err(failure) if failure.kind() == io::ErrorKind::Interrupted => {}
                Err(failure) => {
                    self.failure = Some(failure);
                    self.ended = true;
                }
            }
        }
        self.filled > before
    }

    /// The room that was made, for another input.
    pub(super) fn into_buffer(self) -> Vec<u8> {
        self.buffer
    }
}

const BOM: &[u8] = b"\xef\xbb\xbf";

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

/// Whether a line begins a document that is written without white space.
fn begins_compactly(line: &[u8]) -> bool {
    matches!(line, [b'{' | b'[', second, ..] if !is_blank(*second))
}
