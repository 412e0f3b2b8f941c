//! Where the next line begins an exposition.

use std::io::Read;

use super::{FrameReader, MAX_SCALAR_BYTES};
use crate::parse::exposition::begins;

/// How much of a line usually shows what it is.
const SHORT_LINE: usize = 128;

impl<R: Read> FrameReader<'_, R> {
    /// Returns whether the line ahead, which begins with this byte, is surely one of an exposition.
    pub(super) fn at_exposition_line(&mut self, first: u8) -> bool {
        if first != b'#' && first != b'{' && !first.is_ascii_alphabetic() && first != b'_' {
            return false;
        }
        begins::begins_line(self.line_start())
    }

    /// Returns whether the line ahead, which begins with a bracket, is a row of an exposition.
    pub(super) fn at_quoted_row(&mut self) -> bool {
        begins::is_quoted_row(self.line_start())
    }

    /// The beginning of the line ahead.
    fn line_start(&mut self) -> &[u8] {
        let mut length = SHORT_LINE;
        loop {
            let is_more = self.fill_to(length);
            let ahead = self.rest().get(..length).unwrap_or(self.rest());
            let end = memchr::memchr(b'\n', ahead);
            if end.is_some() || !is_more || length >= MAX_SCALAR_BYTES {
                let end = end.unwrap_or(ahead.len());
                return self.rest().get(..end).unwrap_or_default();
            }
            length = MAX_SCALAR_BYTES;
        }
    }
}
