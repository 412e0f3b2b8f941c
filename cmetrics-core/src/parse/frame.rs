//! Cutting a stream of bytes into documents, so that no more than one of them is in memory.
//!
//! Only brackets, quotes and what stands before them are looked at: enough to find where a
//! document ends, and to notice soon when a truncated one runs into the next.

use std::io::{self, Read};

use super::position::Position;
use super::scan::{End, Scan};

/// The longest document that is read.
pub(super) const LONGEST_DOCUMENT: usize = 1 << 30;
const BLOCK: usize = 1 << 18;
const LONGEST_WORD: usize = 4096;

/// A piece of the input.
#[derive(Debug)]
pub(super) struct Frame<'b> {
    pub(super) text: &'b [u8],
    pub(super) start: Position,
    pub(super) state: State,
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
pub(super) struct Frames<R> {
    input: R,
    longest: usize,
    buffer: Vec<u8>,
    /// Where the next piece begins in `buffer`, and in the input.
    start: usize,
    position: Position,
    /// The length of the piece handed out last.
    handed_out: usize,
    ended: bool,
    failure: Option<io::Error>,
    /// After damage, only lines that begin a document are looked at.
    lost: bool,
}

impl<R: Read> Frames<R> {
    pub(super) fn new(input: R, longest: usize) -> Self {
        Self {
            input,
            longest,
            buffer: Vec::new(),
            start: 0,
            position: Position::START,
            handed_out: 0,
            ended: false,
            failure: None,
            lost: false,
        }
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
        let (length, state) = if self.lost { self.find_line()? } else { self.find_next()? };
        self.lost = state != State::Whole;
        self.handed_out = length;
        let text = self.rest().get(..length).unwrap_or_default();
        Some(Frame { text, start: self.position, state })
    }

    /// The piece at the next byte that is no white space.
    fn find_next(&mut self) -> Option<(usize, State)> {
        if self.position.offset == 0 && self.available(BOM.len()) && self.rest().starts_with(BOM) {
            self.consume(BOM.len());
        }
        self.skip_while(is_blank);
        match self.rest().first()? {
            b'{' | b'[' => Some(self.document()),
            _ => Some(self.word()),
        }
    }

    /// After damage: the piece at the next line's start where a document begins.
    fn find_line(&mut self) -> Option<(usize, State)> {
        if self.position.column > 1 {
            self.skip_line();
        }
        loop {
            self.available(2);
            if matches!(self.rest().first()?, b'{' | b'[') {
                let compact = begins_compactly(self.rest());
                let (length, state) = self.document();
                let is_document = match state {
                    State::Whole => !self.continues_after(length),
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
            if let Some(end) = scan.advance(unseen) {
                break end;
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

    /// How much of a damaged document is its own: its first line, where the next line begins
    /// another document.
    fn up_to_damage(&mut self, damage: usize) -> usize {
        let own = self.rest().get(..damage).unwrap_or_default();
        let Some(line) = own.iter().position(|&byte| byte == b'\n') else {
            return damage;
        };
        while self.rest().len() < line + 3 && self.fill() {}
        let next = self.rest().get(line + 1..).unwrap_or_default();
        if begins_compactly(next) { line } else { damage }
    }

    /// A value without brackets, such as `null`, or text that is no JSON.
    fn word(&mut self) -> (usize, State) {
        self.available(LONGEST_WORD);
        let start = self.rest().get(..self.rest().len().min(LONGEST_WORD)).unwrap_or_default();
        let line = start.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let mut values =
            serde_json::Deserializer::from_slice(line).into_iter::<serde::de::IgnoredAny>();
        match values.next() {
            Some(Ok(_)) => (values.byte_offset(), State::Whole),
            _ => (line.len(), State::Text),
        }
    }

    /// Whether what follows on the line shows that a value is no document but part of one.
    fn continues_after(&mut self, length: usize) -> bool {
        self.available(length + 1);
        matches!(self.rest().get(length), Some(b',' | b':' | b']' | b'}'))
    }

    fn rest(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
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
            let length = self.rest().iter().take_while(|&&byte| skip(byte)).count();
            self.consume(length);
            if !self.rest().is_empty() || !self.fill() {
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
    fn fill(&mut self) -> bool {
        if self.ended {
            return false;
        }
        if self.start > 0 && self.start >= self.buffer.len() / 2 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        let before = self.buffer.len();
        match (&mut self.input).take(BLOCK as u64).read_to_end(&mut self.buffer) {
            Ok(read) => self.ended = read < BLOCK,
            Err(failure) => {
                self.failure = Some(failure);
                self.ended = true;
            }
        }
        self.buffer.len() > before
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
