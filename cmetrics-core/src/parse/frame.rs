//! Cuts a stream of bytes into frames of one document each, so that memory never holds more than
//! one document.
//!
//! It looks only at brackets, quotes and separators. That is enough to find the end of a document,
//! and to notice early where a truncated document runs into the next one.

mod exposition;
mod prefix;
mod resume;

use std::io::{self, Read};

use super::classify::{self, DocumentShape};
use super::cursor::Cursor;
use super::exposition::begins;

use super::position::Position;
use super::scan::{End, Scanner};
use super::unread;
use super::wrapping::is_stdout_line;
use crate::cancel::Cancel;
use crate::error::{Error, ErrorKind, Place};

/// The longest document that is read, in bytes.
pub(super) const MAX_DOCUMENT_BYTES: usize = 1 << 30;
const READ_BYTES: usize = 1 << 18;
const MAX_SCALAR_BYTES: usize = 4096;
/// The longest line of cAdvisor's storage driver `stdout` that is read as a whole.
const MAX_LINE_BYTES: usize = 1 << 20;
/// The scan checks for cancellation each time it has passed this many bytes.
const CANCEL_INTERVAL: usize = 4 << 20;

/// A part of the input: a document, or what is left of one.
#[derive(Debug)]
pub(super) struct Frame<'b> {
    pub(super) text: &'b [u8],
    pub(super) start: Position,
    pub(super) state: FrameState,
    /// Whether it comes after damage, at the start of a line.
    pub(super) after_damage: bool,
    /// How many bytes of text were passed over before it.
    pub(super) passed_over: u64,
}

impl Frame<'_> {
    /// Whether it is not surely without samples.
    pub(super) fn may_have_samples(&self) -> bool {
        let shape = classify::classify(Cursor::new(self.text));
        self.state != FrameState::Whole || shape != DocumentShape::Unknown
    }

    /// The error, which says whether the frame may well be a dump.
    pub(super) fn may_be_a_dump(&self, error: Error) -> Error {
        let is_damage = matches!(error.kind(), ErrorKind::Json | ErrorKind::TooLarge);
        if is_damage && unread::may_be_a_dump(self.text) { error.of_a_dump() } else { error }
    }

    /// How many bytes of the frame were not read because of an error.
    pub(super) fn left_by(&self, error: &Error) -> u64 {
        let end = self.start.offset + self.text.trim_ascii_end().len() as u64;
        match error.place().offset {
            // A member of a list was no dump.
            Some(at) if error.kind() == ErrorKind::NotADump && at != self.start.offset => 0,
            at => end.saturating_sub(at.unwrap_or(end)),
        }
    }
}

/// Whether a frame is a complete document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FrameState {
    /// A JSON value whose brackets and quotes match.
    Whole,
    /// The beginning of a value, up to damage or the end of the input.
    Broken,
    /// The beginning of a value, up to the end of a line of this length inside a text. The next
    /// line is as long: lines were broken at a width.
    BrokenLine(usize),
    /// The beginning of a value that is nested too deeply.
    TooDeep,
    /// The beginning of a value that is too long.
    TooLong,
    /// A line of cAdvisor's storage driver `stdout`.
    StdoutLine,
    /// Text that is not JSON from its first byte on.
    NotJson,
    /// Nothing yet: the next line begins an exposition.
    Exposition,
}

/// Splits an input into frames.
#[expect(clippy::struct_excessive_bools, reason = "each says another thing of the input")]
pub(super) struct FrameReader<'i, R> {
    input: R,
    /// The whole input, if it is in memory.
    bytes: Option<&'i [u8]>,
    max_document_bytes: usize,
    /// The input read so far is in the first `filled` bytes.
    buffer: Vec<u8>,
    filled: usize,
    /// The start of the next frame: its index in `buffer` (or `bytes`), and its place in the input.
    start: usize,
    position: Position,
    /// The length of the frame returned last, which the next call removes from the buffer.
    handed_out: usize,
    ended: bool,
    io_error: Option<io::Error>,
    /// Set after damage: only a line that begins a document is read next.
    resyncing: bool,
    /// Whether a document was just read.
    after_document: bool,
    /// Whether the documents are those of a list that is damaged.
    in_torn_list: bool,
    /// How many bytes of text were passed over after damage, since that was last asked for.
    passed_over: u64,
    cancel: Cancel,
}

impl<'i> FrameReader<'i, io::Empty> {
    /// Splits an input that is in memory.
    pub(super) fn from_slice(bytes: &'i [u8], max_document_bytes: usize, cancel: Cancel) -> Self {
        let none = Self::new(io::empty(), max_document_bytes, Vec::new(), cancel);
        Self { bytes: Some(bytes), ended: true, ..none }
    }
}

impl<R: Read> FrameReader<'_, R> {
    /// Splits an input that is read into `buffer`, which an earlier input may have used.
    pub(super) fn new(
        input: R,
        max_document_bytes: usize,
        buffer: Vec<u8>,
        cancel: Cancel,
    ) -> Self {
        Self {
            input,
            bytes: None,
            max_document_bytes,
            buffer,
            filled: 0,
            start: 0,
            position: Position::START,
            handed_out: 0,
            ended: false,
            io_error: None,
            resyncing: false,
            after_document: false,
            in_torn_list: false,
            passed_over: 0,
            cancel,
        }
    }

    /// Returns whether reading is cancelled. Cancelling can truncate a frame, which must then not
    /// be reported: callers check this before they read a frame, and after steps that take long.
    #[inline]
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// What cancels reading.
    pub(super) fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// The place up to which the input was read. After the last frame, its offset is the input's
    /// length.
    pub(super) fn position(&self) -> Position {
        self.position
    }

    /// The error, if any, that ended reading before the end of the input.
    pub(super) fn take_io_error(&mut self) -> Option<io::Error> {
        self.io_error.take()
    }

    pub(super) fn failed(&self) -> bool {
        self.io_error.is_some()
    }

    /// The first bytes of the input, this many if there are as many. Nothing must have been read.
    pub(super) fn start_of_input(&mut self, length: usize) -> &[u8] {
        self.fill_to(length);
        self.rest()
    }

    /// Returns the next frame; `None` at the end of the input.
    pub(super) fn next(&mut self) -> Option<Frame<'_>> {
        let handed_out = std::mem::take(&mut self.handed_out);
        self.consume(handed_out);
        let after_damage = self.resyncing;
        let (length, state) =
            if after_damage { self.next_document_line()? } else { self.next_frame()? };
        let goes_on =
            matches!(state, FrameState::Whole | FrameState::StdoutLine | FrameState::Exposition);
        self.resyncing = !goes_on;
        self.after_document = state == FrameState::Whole;
        self.handed_out = length;
        let passed_over = self.take_passed_over();
        let text = self.rest().get(..length).unwrap_or_default();
        Some(Frame { text, start: self.position, state, after_damage, passed_over })
    }

    /// The length and state of the frame at the next byte that is not white space.
    fn next_frame(&mut self) -> Option<(usize, FrameState)> {
        self.skip_to_document();
        match self.rest().first().copied()? {
            b'{' if self.at_quoted_row() => Some((0, FrameState::Exposition)),
            b'{' | b'[' => Some(self.document()),
            b'c' if is_stdout_line(self.rest()) => Some(self.stdout_line()),
            b'"' => self.text_document().or_else(|| Some(self.scalar_or_text())),
            _ => Some(self.scalar_or_text()),
        }
    }

    /// Skips what may come before a document: white space, byte order marks, a comma, and other
    /// text on its line.
    fn skip_to_document(&mut self) {
        self.skip_blank();
        if let Some(b',' | b']') = self.rest().first()
            && self.skip_separator()
        {
            self.skip_blank();
        }
        self.after_document = false;
        if self.position.column == 1 && self.may_have_prefix() {
            self.fill_to(prefix::LONGEST);
            if let Some(length) = prefix::length(self.rest()) {
                self.consume(length);
            }
        }
    }

    /// Whether the text ahead may have something before its document. The first two bytes of most
    /// documents show that they have not.
    fn may_have_prefix(&mut self) -> bool {
        match self.rest().first() {
            None | Some(b'{' | b'"') => false,
            Some(b'[') => {
                self.fill_to(2);
                self.rest().get(1).is_some_and(u8::is_ascii_alphanumeric)
            }
            Some(_) => true,
        }
    }

    fn skip_blank(&mut self) {
        loop {
            self.skip_while(is_blank);
            if !self.skip_byte_order_mark() {
                return;
            }
        }
    }

    /// Skips a byte order mark. There may be one before each document: joined files keep theirs.
    fn skip_byte_order_mark(&mut self) -> bool {
        let is_mark = self.rest().first() == BOM.first()
            && self.fill_to(BOM.len())
            && self.rest().starts_with(BOM);
        if is_mark {
            self.position.offset += BOM.len() as u64;
            self.start += BOM.len();
        }
        is_mark
    }

    /// Skips the comma between two documents, or the end of a list that is damaged.
    fn skip_separator(&mut self) -> bool {
        const ENOUGH: usize = 64;
        self.fill_to(ENOUGH);
        let comma = self.rest().starts_with(b",");
        let mut after = self.rest().iter().skip(1).filter(|byte| !is_blank(**byte));
        let is_separator = match after.next() {
            _ if !comma => std::mem::take(&mut self.in_torn_list),
            None | Some(b'{' | b'[' | 0xef) => self.after_document,
            Some(b']') => self.in_torn_list,
            Some(_) => false,
        };
        if is_separator {
            self.consume(1);
        }
        is_separator
    }

    /// The line ahead, of cAdvisor's storage driver `stdout`.
    fn stdout_line(&mut self) -> (usize, FrameState) {
        let mut at = 0;
        loop {
            let rest = self.rest().get(at..).unwrap_or_default();
            if let Some(end) = memchr::memchr(b'\n', rest) {
                return (at + end, FrameState::StdoutLine);
            }
            at += rest.len();
            if at >= MAX_LINE_BYTES || !self.fill() {
                return (at, FrameState::StdoutLine);
            }
        }
    }

    /// The length of a text in quotes that may hold a document; `None` for another text.
    fn text_document(&mut self) -> Option<(usize, FrameState)> {
        self.fill_to(2);
        if !matches!(self.rest(), [b'"', b'{' | b'[', ..]) {
            return None;
        }
        let mut at = 1;
        loop {
            let rest = self.rest().get(at..).unwrap_or_default();
            match memchr::memchr3(b'"', b'\\', b'\n', rest) {
                Some(found) => match rest.get(found) {
                    Some(b'"') => return Some((at + found + 1, FrameState::Whole)),
                    Some(b'\\') => at += found + 2,
                    _ => return None,
                },
                None if at >= self.max_document_bytes || self.is_cancelled() => return None,
                None => {
                    at += rest.len();
                    if !self.fill() {
                        return None;
                    }
                }
            }
        }
    }

    /// The length and state of the document that begins here.
    fn document(&mut self) -> (usize, FrameState) {
        let mut scan = Scanner::default();
        let end = loop {
            let unseen = self.rest().get(scan.length()..).unwrap_or_default();
            let block = unseen.get(..CANCEL_INTERVAL).unwrap_or(unseen);
            let is_all = block.len() == unseen.len();
            if let Some(end) = scan.advance(block) {
                break end;
            }
            if self.is_cancelled() {
                return (scan.length(), FrameState::Broken);
            }
            if !is_all {
                continue;
            }
            if scan.length() >= self.max_document_bytes {
                return (scan.length(), FrameState::TooLong);
            }
            if !self.fill() {
                break End::Broken;
            }
        };
        match end {
            End::Whole => (scan.length(), FrameState::Whole),
            End::TooDeep => match self.damaged_length(scan.length()) {
                length if length < scan.length() => (length, FrameState::Broken),
                length => (length, FrameState::TooDeep),
            },
            End::Broken => match self.broken_width(&scan) {
                Some(width) => (scan.length() - 1, FrameState::BrokenLine(width)),
                None => (self.damaged_length(scan.length()), FrameState::Broken),
            },
        }
    }

    /// The length and state of a value without brackets, such as `null`, or of text that is not
    /// JSON.
    fn scalar_or_text(&mut self) -> (usize, FrameState) {
        self.fill_to(MAX_SCALAR_BYTES);
        let start = self.rest().get(..self.rest().len().min(MAX_SCALAR_BYTES)).unwrap_or_default();
        if begins::begins(start) {
            return (0, FrameState::Exposition);
        }
        if begins::is_protobuf(start) {
            return (start.len(), FrameState::NotJson);
        }
        let line = start.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let mut values =
            serde_json::Deserializer::from_slice(line).into_iter::<serde::de::IgnoredAny>();
        let whole = values.next().is_some_and(|value| value.is_ok());
        let after = line.get(values.byte_offset()..).unwrap_or_default();
        match after.iter().find(|byte| !is_blank(**byte)) {
            _ if unread::is_chunk_size(line) => (line.len(), FrameState::NotJson),
            None | Some(b'{' | b'[') if whole => (values.byte_offset(), FrameState::Whole),
            _ => (line.len(), FrameState::NotJson),
        }
    }

    /// Returns whether a document comes next that is not known to be damaged.
    pub(super) fn at_document(&mut self) -> bool {
        let handed_out = std::mem::take(&mut self.handed_out);
        self.consume(handed_out);
        if self.resyncing {
            return false;
        }
        self.skip_to_document();
        match self.rest().first().copied() {
            Some(b'{') => !self.at_quoted_row(),
            first => first == Some(b'['),
        }
    }

    /// How many bytes of text were passed over after damage since this was asked.
    pub(super) fn take_passed_over(&mut self) -> u64 {
        std::mem::take(&mut self.passed_over)
    }

    /// Consumes `length` bytes of the next frame. `single_line` promises that they have no line
    /// end, so that they need not be searched for one.
    pub(super) fn advance(&mut self, length: usize, single_line: bool) {
        self.after_document = true;
        if single_line {
            self.position.offset += length as u64;
            self.position.column += length as u64;
            self.start += length;
        } else {
            self.consume(length);
        }
    }

    /// Consumes `length` bytes of the next frame, which have so many line ends.
    pub(super) fn advance_lines(&mut self, length: usize, line_ends: usize) {
        self.after_document = true;
        let text = self.rest().get(..length).unwrap_or_default();
        self.position = self.position.after_lines(text, line_ends);
        self.start += length;
    }

    /// Replaces the first byte of the next frame.
    pub(super) fn replace_first_byte(&mut self, byte: u8) {
        if let Some(first) = self.buffer.get_mut(self.start) {
            *first = byte;
        }
    }

    /// Continues after damage, at the next line that begins a document.
    pub(super) fn resync(&mut self) {
        self.resyncing = true;
    }

    /// The place `at` bytes after the start of the next frame.
    pub(super) fn place(&self, at: usize) -> Place {
        self.position.after(self.rest().get(..at).unwrap_or_default()).into()
    }

    /// Returns whether the input is read to its end.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Returns whether the whole input is in memory.
    pub(super) fn is_in_memory(&self) -> bool {
        self.bytes.is_some()
    }

    /// What was read of the input, from the start of the next frame on.
    pub(super) fn rest(&self) -> &[u8] {
        let read = self.buffer.get(..self.filled).unwrap_or_default();
        self.bytes.unwrap_or(read).get(self.start..).unwrap_or_default()
    }

    /// Reads until `length` bytes are ahead. Returns whether the input has as many.
    fn fill_to(&mut self, length: usize) -> bool {
        while self.rest().len() < length {
            if !self.fill() {
                return false;
            }
        }
        true
    }

    /// Skips the rest of the line.
    pub(super) fn skip_line(&mut self) {
        self.skip_while(|byte| byte != b'\n');
        self.consume(usize::from(!self.rest().is_empty()));
    }

    fn skip_while(&mut self, mut skip: impl FnMut(u8) -> bool) {
        loop {
            let block = self.rest().get(..CANCEL_INTERVAL).unwrap_or(self.rest());
            let length = block.iter().take_while(|&&byte| skip(byte)).count();
            let is_all = length == block.len();
            self.consume(length);
            if !is_all || (self.rest().is_empty() && !self.fill()) || self.is_cancelled() {
                return;
            }
        }
    }

    fn consume(&mut self, length: usize) {
        let text = self.rest().get(..length).unwrap_or_default();
        self.position = self.position.after(text);
        self.start += length;
    }

    /// Reads more of the input. Returns whether there was any.
    pub(super) fn fill(&mut self) -> bool {
        if self.ended {
            return false;
        }
        if self.start > 0 && self.start >= self.filled / 2 {
            self.buffer.copy_within(self.start..self.filled, 0);
            self.filled -= self.start;
            self.start = 0;
        }
        if self.buffer.len() < self.filled + READ_BYTES {
            self.buffer.resize(self.filled + READ_BYTES.max(self.filled / 2), 0);
        }
        let before = self.filled;
        let end = before + READ_BYTES;
        while self.filled < end && !self.ended && !self.is_cancelled() {
            let free = self.buffer.get_mut(self.filled..end).unwrap_or_default();
            match self.input.read(free) {
                Ok(0) => self.ended = true,
                Ok(read) => self.filled += read,
                Err(failure) if failure.kind() == io::ErrorKind::Interrupted => {}
                Err(failure) => {
                    self.io_error = Some(failure);
                    self.ended = true;
                }
            }
        }
        self.filled > before
    }

    /// Returns what was read of the input and not consumed, and the rest of it.
    pub(super) fn into_input(self) -> (Vec<u8>, R) {
        (self.rest().to_vec(), self.input)
    }

    /// Returns the buffer, for another input.
    pub(super) fn into_buffer(self) -> Vec<u8> {
        self.buffer
    }
}

const BOM: &[u8] = b"\xef\xbb\xbf";

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

/// Returns whether a line begins a document that is written without white space.
fn begins_compactly(line: &[u8]) -> bool {
    matches!(line, [b'{' | b'[', second, ..] if !is_blank(*second))
}
