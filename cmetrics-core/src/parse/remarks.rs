//! Reads the values of fields, and notes what is wrong with them.

use std::borrow::Cow;

use super::cursor::{Count, Cursor, SyntaxError, unquote};
use super::decimal;
use super::fault::{COUNT, Fault, excerpt};
use crate::error::Problem;
use crate::time::{Timestamp, TimestampError};

/// What is noticed while fields are read.
#[derive(Default)]
pub(super) struct Remarks {
    /// The fields that were left out.
    pub(super) faults: Vec<Fault>,
    /// Whether a whole number was written with a fraction, an exponent or quotes.
    pub(super) unusual_numbers: bool,
    /// The time that was read last.
    last_time: Option<LastTime>,
}

/// A time, and the text of it.
#[derive(Clone, Copy)]
struct LastTime {
    text: [u8; LONGEST_TIME],
    length: usize,
    time: Timestamp,
}

/// A time in a document: its offset, its text with quotes, and what it is.
struct WrittenTime<'t> {
    at: usize,
    text: &'t [u8],
    time: Result<Option<Timestamp>, TimestampError>,
}

/// The bytes of `2026-11-21T07:37:54.764020603+02:00`.
const LONGEST_TIME: usize = 35;

/// When a sample was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Read {
    At(Timestamp),
    /// At or before the epoch: never.
    NeverTaken,
    /// What is written is no time.
    Bad,
}

impl Remarks {
    /// Skips the value ahead, which is not of the kind that was expected.
    pub(super) fn expected(
        &mut self,
        expected: &'static str,
        path: &'static str,
        cursor: &mut Cursor<'_>,
    ) -> Result<(), SyntaxError> {
        cursor.peek();
        let at = cursor.at();
        let found = cursor.skip()?;
        self.faults.push(Fault::of_field(at, path, expected, found));
        Ok(())
    }

    /// Reads the whole number ahead. One that has a fraction of zeros, an exponent or quotes counts,
    /// and is noted.
    #[inline]
    pub(super) fn count(
        &mut self,
        path: &'static str,
        cursor: &mut Cursor<'_>,
    ) -> Result<Option<u64>, SyntaxError> {
        match cursor.plain_count() {
            Some(value) => Ok(Some(value)),
            None => self.unusual_count(path, cursor),
        }
    }

    fn unusual_count(
        &mut self,
        path: &'static str,
        cursor: &mut Cursor<'_>,
    ) -> Result<Option<u64>, SyntaxError> {
        cursor.peek();
        let at = cursor.at();
        match cursor.count()? {
            Count::Null => Ok(None),
            Count::Whole(value) => Ok(Some(value)),
            Count::Unusual(value) => {
                self.unusual_numbers = true;
                Ok(Some(value))
            }
            Count::Other(text) => Ok(self.no_number(at, path, text)),
        }
    }

    /// The whole number that a text is, which is usually quoted.
    pub(super) fn whole(&mut self, at: usize, path: &'static str, text: &[u8]) -> Option<u64> {
        decimal::whole(text).or_else(|| self.no_number(at, path, text))
    }

    /// Remarks that a text is no number that a reading can be.
    pub(super) fn no_number(&mut self, at: usize, path: &'static str, found: &[u8]) -> Option<u64> {
        self.faults.push(Fault::of_field(at, path, COUNT, found));
        None
    }

    /// Reads the time ahead, which is that of a sample.
    pub(super) fn time(&mut self, cursor: &mut Cursor<'_>) -> Result<Read, SyntaxError> {
        let WrittenTime { at, text, time } = self.written_time(cursor)?;
        Ok(match time {
            Ok(Some(time)) => Read::At(time),
            Ok(None) => Read::NeverTaken,
            Err(cause) => {
                self.bad_time(at, text, cause);
                Read::Bad
            }
        })
    }

    /// Reads the time ahead, which is that of a field alone; `None` for one at or before the epoch.
    pub(super) fn time_of_field(
        &mut self,
        path: &'static str,
        cursor: &mut Cursor<'_>,
    ) -> Result<Option<Timestamp>, SyntaxError> {
        let WrittenTime { at, text, time } = self.written_time(cursor)?;
        if time.is_err() {
            self.faults.push(Fault::of_field(at, path, "a time", text));
        }
        Ok(time.ok().flatten())
    }

    /// The time that a text is, if it is the one that was read last. The parts of a document mostly
    /// have the same time.
    #[inline]
    pub(super) fn known_time(&self, text: &[u8]) -> Option<Timestamp> {
        let last = self.last_time.as_ref()?;
        (last.text.get(..last.length)? == text).then_some(last.time)
    }

    /// Reads the time ahead.
    fn written_time<'t>(
        &mut self,
        cursor: &mut Cursor<'t>,
    ) -> Result<WrittenTime<'t>, SyntaxError> {
        cursor.peek();
        let at = cursor.at();
        if let Some(last) = &self.last_time
            && let Some(text) = cursor.rest().strip_prefix(b"\"")
            && text.starts_with(last.text.get(..last.length).unwrap_or_default())
            && text.get(last.length) == Some(&b'"')
        {
            cursor.seek(at + last.length + 2);
            return Ok(WrittenTime { at, text: cursor.text_since(at), time: Ok(Some(last.time)) });
        }
        let value = cursor.skip()?;
        let text = unquote(value);
        let time = text.as_deref().map_or(Err(TimestampError::Form), Timestamp::parse);
        if let (Ok(Some(time)), Some(Cow::Borrowed(written))) = (time, text) {
            let mut text = [0; LONGEST_TIME];
            if let Some(start) = text.get_mut(..written.len()) {
                start.copy_from_slice(written.as_bytes());
                self.last_time = Some(LastTime { text, length: written.len(), time });
            }
        }
        Ok(WrittenTime { at, text: value, time })
    }

    /// Remarks that a sample has no time.
    pub(super) fn bad_time(&mut self, at: usize, found: &[u8], cause: TimestampError) {
        let found = if found.is_empty() { "none".to_owned() } else { excerpt(found) };
        self.faults.push(Fault { at, problem: Problem::Timestamp { found, cause } });
    }

    /// Reads the string ahead.
    pub(super) fn text<'t>(
        &mut self,
        path: &'static str,
        cursor: &mut Cursor<'t>,
    ) -> Result<Option<Cow<'t, str>>, SyntaxError> {
        cursor.peek();
        let at = cursor.at();
        let text = cursor.text()?;
        let value = cursor.text_since(at);
        if text.is_none() && value != b"null" {
            self.faults.push(Fault::of_field(at, path, "a text", value));
        }
        Ok(text)
    }
}
