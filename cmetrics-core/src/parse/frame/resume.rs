//! Where reading continues after damage: at the next line that begins a document.

use std::io::Read;

use super::{FrameReader, FrameState, begins_compactly, is_blank, prefix};
use crate::parse::classify;
use crate::parse::exposition::begins;
use crate::parse::scan::{End, Scanner};
use crate::parse::wrapping::is_stdout_line;

/// How many first bytes documents of one kind have in common: `{"/`, `[{"`.
const DOCUMENT_PREFIX: usize = 3;

impl<R: Read> FrameReader<'_, R> {
    /// After damage: the length and state of the frame at the next line that begins a document.
    pub(super) fn next_document_line(&mut self) -> Option<(usize, FrameState)> {
        if self.position.column > 1 {
            self.pass_line();
        }
        loop {
            if self.is_cancelled() {
                return None;
            }
            self.skip_byte_order_mark();
            self.fill_to(prefix::LONGEST);
            let first = *self.rest().first()?;
            let prefix = prefix::length(self.rest());
            let begins = matches!(first, b'{' | b'[') || is_stdout_line(self.rest());
            if prefix.is_none() && self.at_exposition_line(first) {
                return Some((0, FrameState::Exposition));
            }
            if let Some(before) = prefix.or_else(|| begins.then_some(0)) {
                self.consume(before);
                let found = self.document_here();
                if found.is_some() {
                    return found;
                }
            }
            self.pass_line();
        }
    }

    /// The length and state of the value here, if it is a document.
    fn document_here(&mut self) -> Option<(usize, FrameState)> {
        if is_stdout_line(self.rest()) {
            return Some(self.stdout_line());
        }
        if self.rest().starts_with(b"\"") {
            return self.text_document();
        }
        self.fill_to(2);
        let (compact, bare) = (begins_compactly(self.rest()), self.is_bare_bracket(0));
        let (length, state) = self.document();
        let is_document = match state {
            FrameState::Whole => !self.is_part(length),
            _ => compact || (bare && classify::is_document_text(self.first(length))),
        };
        is_document.then_some((length, state))
    }

    /// Returns whether the value of this length is not a document but a part of one: it is a
    /// sample, or more of an object comes after it, or more of a list that is not one of documents.
    fn is_part(&mut self, length: usize) -> bool {
        self.fill_to(length + 1);
        let (value, after) = self.rest().split_at_checked(length).unwrap_or_default();
        match after.first() {
            Some(b':' | b'}') => true,
            Some(b',' | b']') => {
                let is_part = !classify::is_document_text(value);
                self.in_torn_list |= !is_part;
                is_part
            }
            _ => classify::is_sample_text(value),
        }
    }

    /// The length of a line that ends in a text, if the next line is as long and does not begin a
    /// document: lines were broken at a width.
    pub(super) fn broken_width(&mut self, scan: &Scanner) -> Option<usize> {
        let end = scan.length().checked_sub(1).filter(|_| scan.is_in_string())?;
        let text = self.within(0, scan.length());
        let start = memchr::memrchr(b'\n', text.strip_suffix(b"\n")?).map_or(0, |at| at + 1);
        let width = end - start;
        self.fill_to(end + width + 2);
        let next = self.within(end + 1, end + width + 2);
        let is_as_long = next.iter().position(|byte| *byte == b'\n') == Some(width);
        let begins_document =
            matches!(next.first(), Some(b'{' | b'[')) || prefix::length(next).is_some();
        (width > 0 && is_as_long && !begins_document).then_some(width)
    }

    /// How much of the text before the damage is the damaged document: what comes before the first
    /// line that is a document of its own rather than a continuation.
    pub(super) fn damaged_length(&mut self, damage: usize) -> usize {
        let own_start = usize::from(self.rest().first() == Some(&b'['));
        let mut scan = Scanner::default();
        let mut from = 0;
        while let Some(line) = memchr::memchr(b'\n', self.within(from, damage)) {
            let (before, line) = (from, from + line);
            scan.advance(self.within(before, line));
            from = line + 1;
            // The bracket that begins a line and cannot continue the document begins another one.
            let at_damage = from + 1 == damage && matches!(self.within(from, damage), b"{" | b"[");
            let rest = self.within(from, damage);
            let is_second = before == 0;
            if at_damage
                || (is_second && rest.iter().filter(|byte| !is_blank(**byte)).nth(1).is_none())
            {
                return line;
            }
            let is_member =
                scan.depth() <= own_start && self.rest().get(from) == self.rest().get(1);
            if !is_member && self.is_document_line(from) {
                return line;
            }
        }
        damage
    }

    /// Returns whether the line at `start` looks like a document of its own. Either it is a
    /// complete value, with nothing after it but the comma or the end of a list of documents, that
    /// is not a sample; or it begins as the document before it does.
    fn is_document_line(&mut self, start: usize) -> bool {
        let ahead = self.rest().get(start..).unwrap_or_default();
        if begins::begins_line(ahead.split(|&byte| byte == b'\n').next().unwrap_or_default()) {
            return true;
        }
        match self.rest().get(start) {
            Some(b'{' | b'[') => {}
            // What stands before documents stands before each.
            Some(_) => {
                return prefix::length(self.rest().get(start..).unwrap_or_default()).is_some();
            }
            None => return false,
        }
        if self.is_bare_bracket(start) {
            return self.is_indented(0) && self.is_indented(start);
        }
        while memchr::memchr(b'\n', self.rest().get(start..).unwrap_or_default()).is_none()
            && self.rest().len() < self.max_document_bytes
            && self.fill()
        {}
        let next = self.rest().get(start..).unwrap_or_default();
        let line = next.split(|&byte| byte == b'\n').next().unwrap_or_default();
        if !begins_compactly(line) {
            return false;
        }
        let mut scan = Scanner::default();
        let own = self.rest();
        let own = own.strip_prefix(b"[").filter(|_| line.starts_with(b"{")).unwrap_or(own);
        match scan.advance(line) {
            Some(End::Whole) => {
                let (value, after) = line.split_at_checked(scan.length()).unwrap_or_default();
                match after.trim_ascii() {
                    b"" => !classify::is_sample_text(value),
                    b"," | b"]" => classify::is_document_text(value),
                    _ => false,
                }
            }
            _ => line.get(..DOCUMENT_PREFIX) == own.get(..DOCUMENT_PREFIX),
        }
    }

    /// Returns whether the line at `start` is an opening bracket and nothing else, as the first
    /// line of an indented document is.
    fn is_bare_bracket(&mut self, start: usize) -> bool {
        self.fill_to(start + 3);
        let line = self.rest().get(start + 1..).unwrap_or_default();
        line.starts_with(b"\n") || line.starts_with(b"\r\n")
    }

    /// Returns whether the line after the one at `start`, a bracket, is indented.
    fn is_indented(&mut self, start: usize) -> bool {
        self.fill_to(start + 4);
        let after = self.rest().get(start + 1..).unwrap_or_default();
        let after = after.strip_prefix(b"\r").unwrap_or(after);
        matches!(after, [b'\n', b' ' | b'\t', ..])
    }

    fn within(&self, start: usize, end: usize) -> &[u8] {
        self.rest().get(start..end).unwrap_or_default()
    }

    fn first(&self, length: usize) -> &[u8] {
        self.within(0, length)
    }

    /// Passes over the rest of a line, and counts it.
    fn pass_line(&mut self) {
        let before = self.position.offset;
        let mut blank = true;
        self.skip_while(|byte| {
            blank &= is_blank(byte);
            byte != b'\n'
        });
        if !blank {
            self.passed_over += self.position.offset - before;
        }
        self.consume(usize::from(!self.rest().is_empty()));
    }
}
