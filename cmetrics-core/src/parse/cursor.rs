//! Walks one JSON document from front to back. `serde_json` checks and skips values; this file adds
//! what it does not offer: the offset of each value in the text.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use super::extent::{End, Extent, Search};
use super::lanes::{Dispatch, Literal};
use super::{decimal, lenient};

/// A place in a document from which on it is not JSON.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SyntaxError {
    pub(super) at: usize,
    pub(super) message: String,
}

pub(super) const UNEXPECTED_END: &str = "the text ends inside a document";

/// A read position in a document's text.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'t> {
    text: &'t [u8],
    at: usize,
    /// Whether plain values are skipped by their quotes and brackets alone.
    lenient: bool,
    /// What skips long values.
    dispatch: Option<Dispatch>,
    /// Whether no string of the text has escapes or control characters.
    without_escapes: bool,
}

/// The state of a walk over the members of an object or list: which separator has to come before
/// the next member.
#[derive(Clone, Copy)]
pub(super) struct Members {
    close: u8,
    pub(super) first: bool,
}

impl Members {
    /// The walk continues after a member of an object or list that ends with `close`.
    pub(super) fn after_member(close: u8) -> Self {
        Self { close, first: false }
    }

    /// The walk begins before the first member.
    pub(super) fn before_first(close: u8) -> Self {
        Self { close, first: true }
    }
}

/// A count as the text has it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Count<'t> {
    Null,
    Whole(u64),
    /// A whole number with a fraction, an exponent or quotes.
    Unusual(u64),
    /// Something else: a part of a number, a negative number, a text.
    Other(&'t [u8]),
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Self { text, at: 0, lenient: false, dispatch: None, without_escapes: false }
    }

    /// A cursor that checks only the quotes and brackets of the values it skips.
    pub(super) fn lenient(text: &'t [u8]) -> Self {
        Self { lenient: true, ..Self::new(text) }
    }

    /// The same, with instructions for it.
    pub(super) fn fast(text: &'t [u8], dispatch: Dispatch) -> Self {
        Self { dispatch: Some(dispatch), ..Self::lenient(text) }
    }

    /// The same, for a text of which it is known that no string has escapes or control characters.
    pub(super) fn without_escapes(text: &'t [u8], dispatch: Dispatch) -> Self {
        Self { without_escapes: true, ..Self::fast(text, dispatch) }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn seek(&mut self, at: usize) {
        self.at = at;
    }

    /// The text from the current position on.
    pub(super) fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The text from `start` to the current position.
    pub(super) fn text_since(&self, start: usize) -> &'t [u8] {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// Consumes this text, if it is ahead.
    #[inline]
    pub(super) fn take<const N: usize>(&mut self, text: &[u8; N]) -> Option<&mut Self> {
        if self.text.get(self.at..)?.first_chunk() != Some(text) {
            return None;
        }
        self.at += N;
        Some(self)
    }

    /// Skips white space and returns the next byte, without consuming it.
    #[inline]
    pub(super) fn peek(&mut self) -> Option<u8> {
        self.at = lenient::visible(self.text, self.at);
        self.text.get(self.at).copied()
    }

    /// Enters the object or list that opens with `open`.
    pub(super) fn enter(&mut self, open: u8) -> Result<Members, SyntaxError> {
        self.expect(open, if open == b'{' { "`{`" } else { "`[`" })?;
        Ok(Members { close: if open == b'{' { b'}' } else { b']' }, first: true })
    }

    /// Reads the next key of an object, and leaves the cursor before its value; `None` at the end
    /// of the object. A key that is not valid Unicode is returned as the empty one, which matches
    /// nothing.
    pub(super) fn next_key(
        &mut self,
        members: &mut Members,
    ) -> Result<Option<Cow<'t, str>>, SyntaxError> {
        if !self.next_member(members)? {
            return Ok(None);
        }
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a key in double quotes"));
        }
        let key = unquote(self.skip()?).unwrap_or_default();
        self.expect(b':', "`:`")?;
        Ok(Some(key))
    }

    /// Like [`next_key`](Self::next_key), for a key that is compared alone: it need not be valid
    /// Unicode.
    #[inline]
    pub(super) fn next_raw_key(
        &mut self,
        members: &mut Members,
    ) -> Result<Option<Cow<'t, [u8]>>, SyntaxError> {
        if let Some(key) = self.plain_key(members) {
            return Ok(Some(Cow::Borrowed(key)));
        }
        Ok(self.next_key(members)?.map(|key| match key {
            Cow::Borrowed(key) => Cow::Borrowed(key.as_bytes()),
            Cow::Owned(key) => Cow::Owned(key.into_bytes()),
        }))
    }

    /// Reads the next key of an object if it is a plain one. Consumes nothing else but white space.
    #[inline]
    pub(super) fn plain_key(&mut self, members: &mut Members) -> Option<&'t [u8]> {
        if !self.without_escapes {
            return None;
        }
        let mut at = lenient::visible(self.text, self.at);
        if !members.first {
            if self.text.get(at) != Some(&b',') {
                return None;
            }
            at = lenient::visible(self.text, at + 1);
        }
        let (key, length) = lenient::key(self.text.get(at..)?)?;
        self.at = at + length;
        members.first = false;
        Some(key)
    }

    /// Consumes the next key of an object if it is this one, which is in quotes and with its colon.
    /// It must be plain. Otherwise consumes nothing.
    pub(super) fn take_key(&mut self, members: &mut Members, key: &Literal) -> bool {
        if !self.without_escapes {
            return false;
        }
        let mut at = lenient::visible(self.text, self.at);
        if !members.first {
            if self.text.get(at) != Some(&b',') {
                return false;
            }
            at = lenient::visible(self.text, at + 1);
        }
        if !self.text.get(at..).is_some_and(|rest| rest.starts_with(key.text())) {
            return false;
        }
        self.at = at + key.length;
        members.first = false;
        true
    }

    /// The whole text and the instructions for it, if none of its strings has escapes.
    #[inline]
    pub(super) fn text_without_escapes(&self) -> Option<(Dispatch, &'t [u8])> {
        self.dispatch.filter(|_| self.without_escapes).map(|dispatch| (dispatch, self.text))
    }

    /// Consumes the bracket that ends an object or list, if it is ahead.
    #[inline]
    pub(super) fn take_end(&mut self, members: Members) -> bool {
        let is_end = self.peek() == Some(members.close);
        self.at += usize::from(is_end);
        is_end
    }

    /// Moves to the next member of an object or list; `false` at its end.
    pub(super) fn next_member(&mut self, members: &mut Members) -> Result<bool, SyntaxError> {
        if self.take_end(*members) {
            return Ok(false);
        }
        if !std::mem::take(&mut members.first) {
            self.expect(b',', if members.close == b'}' { "`,` or `}`" } else { "`,` or `]`" })?;
        }
        Ok(true)
    }

    /// Skips the value ahead, and returns its text.
    pub(super) fn skip(&mut self) -> Result<&'t [u8], SyntaxError> {
        self.peek();
        let start = self.at;
        self.pass()?;
        Ok(self.text_since(start))
    }

    /// Skips the value ahead.
    #[inline]
    pub(super) fn pass(&mut self) -> Result<(), SyntaxError> {
        self.at = lenient::visible(self.text, self.at);
        let rest = self.text.get(self.at..).unwrap_or_default();
        if self.without_escapes
            && let Some(length) = lenient::scalar_length(rest)
        {
            self.at += length;
            return Ok(());
        }
        self.pass_any(rest)
    }

    fn pass_any(&mut self, rest: &[u8]) -> Result<(), SyntaxError> {
        if let Some(length) = self.plain_length(rest) {
            self.at += length;
            return Ok(());
        }
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<IgnoredAny>();
        match values.next() {
            Some(Ok(_)) => {
                self.at += values.byte_offset();
                Ok(())
            }
            Some(Err(error)) => Err(self.syntax_error(rest, &error)),
            None => Err(self.unexpected("a value")),
        }
    }

    /// The length of the value ahead, if it is a plain one.
    fn plain_length(&self, rest: &[u8]) -> Option<usize> {
        if !self.lenient {
            return None;
        }
        if let Some(dispatch) = self.dispatch
            && matches!(rest, [b'{' | b'[', second, ..] if !matches!(second, b'}' | b']'))
            && let End::At(length) =
                dispatch.run(Search { extent: &mut Extent::default(), text: rest, ended: true })
        {
            return Some(length);
        }
        lenient::value_length(rest)
    }

    /// Reads the count ahead if it is a plain one. Consumes nothing else but white space.
    #[inline]
    pub(super) fn plain_count(&mut self) -> Option<u64> {
        if !self.lenient {
            return None;
        }
        self.at = lenient::visible(self.text, self.at);
        let (value, length) = lenient::whole_number(self.text.get(self.at..)?)?;
        self.at += length;
        Some(value)
    }

    /// Reads the text ahead if it is a plain one, and returns what is between its quotes. Consumes
    /// nothing else but white space.
    #[inline]
    pub(super) fn plain_text(&mut self) -> Option<&'t [u8]> {
        if !self.without_escapes {
            return None;
        }
        self.at = lenient::visible(self.text, self.at);
        let text = lenient::text(self.text.get(self.at..)?)?;
        self.at += text.len() + 2;
        Some(text)
    }

    /// Skips the value ahead, and returns it if it is a text. An invalid text is none.
    #[inline]
    pub(super) fn text(&mut self) -> Result<Option<Cow<'t, str>>, SyntaxError> {
        let mut ahead = self.clone();
        if let Some(Ok(text)) = ahead.plain_text().map(std::str::from_utf8) {
            *self = ahead;
            return Ok(Some(Cow::Borrowed(text)));
        }
        self.skip().map(unquote)
    }

    /// Reads the count ahead.
    pub(super) fn count(&mut self) -> Result<Count<'t>, SyntaxError> {
        let text = self.skip()?;
        let digits = text.iter().all(u8::is_ascii_digit);
        Ok(match std::str::from_utf8(text).map(str::parse) {
            _ if text == b"null" => Count::Null,
            Ok(Ok(value)) if digits => Count::Whole(value),
            _ => decimal::whole(unquoted(text)).map_or(Count::Other(text), Count::Unusual),
        })
    }

    fn expect(&mut self, byte: u8, expected: &str) -> Result<(), SyntaxError> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(self.unexpected(expected))
        }
    }

    #[cold]
    fn unexpected(&self, expected: &str) -> SyntaxError {
        let message = match self.text.get(self.at) {
            Some(&byte) => format!("expected {expected}, found {}", display_byte(byte)),
            None => UNEXPECTED_END.to_owned(),
        };
        SyntaxError { at: self.at, message }
    }

    #[cold]
    fn syntax_error(&self, rest: &[u8], error: &serde_json::Error) -> SyntaxError {
        if error.is_eof() {
            return SyntaxError { at: self.text.len(), message: UNEXPECTED_END.to_owned() };
        }
        let message = error.to_string();
        let message = message.rsplit_once(" at line ").map_or(&*message, |(before, _)| before);
        SyntaxError { at: self.at + byte_offset(rest, error), message: message.to_owned() }
    }
}

/// The offset in `text` of the line and column in `error`. Both count from 1.
fn byte_offset(text: &[u8], error: &serde_json::Error) -> usize {
    let lines = text.split_inclusive(|&byte| byte == b'\n');
    let before: usize = lines.take(error.line().saturating_sub(1)).map(<[u8]>::len).sum();
    (before + error.column().saturating_sub(1)).min(text.len())
}

fn display_byte(byte: u8) -> String {
    if byte.is_ascii_graphic() {
        format!("`{}`", char::from(byte))
    } else {
        format!("the byte 0x{byte:02x}")
    }
}

/// The inside of a string, or any other value as it is.
pub(super) fn unquoted(value: &[u8]) -> &[u8] {
    let inner = value.strip_prefix(b"\"").and_then(|inner| inner.strip_suffix(b"\""));
    inner.unwrap_or(value)
}

/// Decodes a JSON string; `None` for any other value, and for a string that is not valid Unicode.
pub(super) fn unquote(value: &[u8]) -> Option<Cow<'_, str>> {
    let inner = value.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    if inner.contains(&b'\\') {
        serde_json::from_slice(value).ok().map(Cow::Owned)
    } else {
        std::str::from_utf8(inner).ok().map(Cow::Borrowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_with_their_keys() {
        let mut cursor = Cursor::new(br#" { "a" : [1, "x"] , "\u0062":null } "#);
        let mut members = cursor.enter(b'{').unwrap();
        assert_eq!(cursor.next_key(&mut members).unwrap().unwrap(), "a");
        assert_eq!(cursor.skip().unwrap(), br#"[1, "x"]"#);
        assert_eq!(cursor.next_key(&mut members).unwrap().unwrap(), "b");
        assert_eq!(cursor.count().unwrap(), Count::Null);
        assert_eq!(cursor.next_key(&mut members).unwrap(), None);
        assert_eq!(cursor.peek(), None);
    }

    #[test]
    fn a_key_that_is_expected_is_taken_if_it_comes() {
        let dispatch = Dispatch::new(crate::parse::Instructions::Portable).unwrap();
        let text = br#"{"a":1 , "b":2,"ab":3,"c" :4}"#;
        let mut cursor = Cursor::without_escapes(text, dispatch);
        let mut members = cursor.enter(b'{').unwrap();
        let literal = |key| Literal::new(format!("\"{key}\":").as_bytes()).unwrap();
        for (expected, other) in [("a", "b"), ("b", "a"), ("ab", "a")] {
            let before = cursor.at();
            assert!(!cursor.take_key(&mut members, &literal(other)));
            assert_eq!(cursor.at(), before);
            let key = literal(expected);
            assert!(cursor.take_key(&mut members, &key), "{expected}");
            assert_eq!(cursor.skip().unwrap().len(), 1);
        }
        assert!(!cursor.take_key(&mut members, &literal("c")));
        assert_eq!(cursor.next_key(&mut members).unwrap().unwrap(), "c");
        let mut checking = Cursor::new(text);
        let mut members = checking.enter(b'{').unwrap();
        assert!(!checking.take_key(&mut members, &literal("a")));
    }

    #[test]
    fn a_count_is_a_whole_number_that_fits() {
        let count = |text| match Cursor::new(text).count() {
            Ok(Count::Whole(value)) => Some(value),
            Ok(Count::Null | Count::Unusual(_) | Count::Other(_)) => None,
            Err(error) => panic!("{error:?}"),
        };
        assert_eq!(count(b"18446744073709551615"), Some(u64::MAX));
        for text in ["18446744073709551616", "-1", "-0", "1.0", "1e3", "null", "\"1\"", "[1]"] {
            assert_eq!(count(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_syntax_error_has_its_offset() {
        let error = |text: &'static str| {
            let mut cursor = Cursor::new(text.as_bytes());
            let mut members = cursor.enter(b'[').unwrap();
            while cursor.next_member(&mut members)? {
                cursor.skip()?;
            }
            Ok::<_, SyntaxError>(())
        };
        assert_eq!(error("[1,\n 2 3]").unwrap_err().at, 7);
        assert_eq!(error("[1, {\"a\":\n x}]").unwrap_err().at, 11);
        assert_eq!(error("[1, {\"a\"").unwrap_err().at, 8);
        assert_eq!(error("[1, {\"a\"").unwrap_err().message, UNEXPECTED_END);
        assert_eq!(error("[1").unwrap_err().message, UNEXPECTED_END);
        assert!(error("[1, 2]").is_ok());
    }
}
