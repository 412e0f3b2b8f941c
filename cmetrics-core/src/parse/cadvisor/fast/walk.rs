//! The state of the walk through a document that is being read.

use std::io::Read;
use std::sync::Arc;

use super::FastReader;
use super::delivered::CountingReceiver;
use super::text::{StepError, Text};
use crate::container::Container;
use crate::parse::cadvisor::schemas::Schemas;
use crate::parse::doors::DoorShape;
use crate::parse::frame::FrameReader;

/// The longest sample that is read.
pub(super) const MAX_SAMPLE_BYTES: usize = 16 << 20;
/// The longest header before samples; a longer one is left to the strict reader.
pub(super) const MAX_HEADER_BYTES: usize = 1 << 20;

/// Why the walk ends.
#[derive(Debug)]
pub(super) enum WalkError {
    /// The document is of another door.
    Of(DoorShape),
    Fallback,
    TooLong,
}

pub(super) struct Walk<'w, 'i, R> {
    pub(super) fast: &'w mut FastReader,
    pub(super) schemas: &'w Schemas,
    pub(super) input: &'w mut FrameReader<'i, R>,
    pub(super) receiver: CountingReceiver<'w>,
    /// The current offset, from the start of what `input` holds.
    pub(super) at: usize,
    /// The current container.
    pub(super) container: Option<Arc<Container>>,
    /// The time of the sample ahead, if it was read already, and the end of its text.
    pub(super) next_time: Option<(crate::time::Timestamp, usize)>,
    /// Whether the text up to `at` has no line end.
    pub(super) single_line: bool,
    /// Whether it was noted that numbers of the current container are written in an unusual way.
    pub(super) noted: bool,
    /// Whether `input` still holds the document from its beginning, so that the strict reader can
    /// read it.
    pub(super) rewindable: bool,
}

impl<R: Read> Walk<'_, '_, R> {
    pub(super) fn text(&self) -> Text<'_> {
        Text { bytes: self.input.rest(), ended: self.input.ended() }
    }

    /// How much text is in memory from `at` on.
    fn bytes_ahead(&self) -> usize {
        self.input.rest().len().saturating_sub(self.at)
    }

    /// Reads until twice as much text is ahead. So a step that starts over each time costs at most
    /// twice as much as it would with all text at once.
    pub(super) fn read_more(&mut self) -> Result<(), WalkError> {
        let enough = self.bytes_ahead() * 2;
        loop {
            if self.bytes_ahead() > MAX_SAMPLE_BYTES {
                return Err(WalkError::TooLong);
            }
            // At the end of the input there is nothing more to read, but `ended` is set then.
            if !self.input.fill() && !self.input.ended() {
                return Err(WalkError::Fallback);
            }
            if self.input.is_cancelled() {
                return Err(WalkError::Fallback);
            }
            if self.bytes_ahead() >= enough || self.input.ended() {
                return Ok(());
            }
        }
    }

    /// Calls `what`, and reads more while the text is too short for it, up to `longest` bytes.
    pub(super) fn attempt<T>(
        &mut self,
        longest: usize,
        mut what: impl FnMut(&mut Self) -> Result<T, StepError>,
    ) -> Result<T, WalkError> {
        loop {
            match what(self) {
                Ok(done) => return Ok(done),
                Err(StepError::Fallback) => return Err(WalkError::Fallback),
                Err(StepError::Incomplete) if self.bytes_ahead() > longest => {
                    return Err(WalkError::Fallback);
                }
                Err(StepError::Incomplete) => self.read_more()?,
            }
        }
    }

    /// The next byte.
    #[inline(always)]
    pub(super) fn peek(&mut self) -> Result<u8, WalkError> {
        match self.input.rest().get(self.at) {
            Some(&byte) => Ok(byte),
            None => self.peek_further(),
        }
    }

    /// The next byte, if it is not in memory.
    #[cold]
    fn peek_further(&mut self) -> Result<u8, WalkError> {
        self.attempt(MAX_HEADER_BYTES, |walk| {
            let text = walk.text();
            text.bytes.get(walk.at).copied().ok_or(text.end_error())
        })
    }

    pub(super) fn expect(&mut self, byte: u8) -> Result<(), WalkError> {
        if self.peek()? != byte {
            return Err(WalkError::Fallback);
        }
        self.at += 1;
        Ok(())
    }

    /// Returns whether another member of a list or object follows. Consumes the comma, or the end.
    pub(super) fn next_member(&mut self, close: u8) -> Result<bool, WalkError> {
        let next = self.peek()?;
        if self.input.is_cancelled() {
            return Err(WalkError::Fallback);
        }
        self.at += 1;
        match next {
            b',' => Ok(true),
            _ if next == close => Ok(false),
            _ => Err(WalkError::Fallback),
        }
    }
}
