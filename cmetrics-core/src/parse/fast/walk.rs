//! Where the reader is in a document that comes in while it is read.

use std::io::Read;
use std::sync::Arc;

use super::super::frame::FrameReader;
use super::super::schemas::Schemas;
use super::FastReader;
use super::delivered::CountingReceiver;
use super::text::{StepError, Text};
use crate::container::Container;

/// The longest sample.
pub(super) const MAX_SAMPLE_BYTES: usize = 16 << 20;
/// Beyond this what stands before samples is left to the strict reader.
pub(super) const MAX_HEADER_BYTES: usize = 1 << 20;

/// Why the text cannot be followed any further.
#[derive(Debug)]
pub(super) enum WalkError {
    Fallback,
    TooLong,
}

pub(super) struct Walk<'w, 'i, R> {
    pub(super) fast: &'w mut FastReader,
    pub(super) schemas: &'w Schemas,
    pub(super) input: &'w mut FrameReader<'i, R>,
    pub(super) receiver: CountingReceiver<'w>,
    /// Where the walk is, from the beginning of what the frames hold.
    pub(super) at: usize,
    /// The path of the container at hand.
    pub(super) container: Option<Arc<Container>>,
    /// The time of the sample that lies ahead, where it was read already, and where it ends.
    pub(super) next_time: Option<(crate::time::Timestamp, usize)>,
    /// Whether no line ended so far.
    pub(super) single_line: bool,
    /// Whether the frames still hold all of the document.
    pub(super) rewindable: bool,
}

impl<R: Read> Walk<'_, '_, R> {
    pub(super) fn text(&self) -> Text<'_> {
        Text { bytes: self.input.rest(), ended: self.input.ended() }
    }

    /// How much of the text lies ahead.
    fn bytes_ahead(&self) -> usize {
        self.input.rest().len().saturating_sub(self.at)
    }

    /// Reads on until twice as much lies ahead: what is looked at anew each time costs no more than
    /// twice what it would at once.
    pub(super) fn read_more(&mut self) -> Result<(), WalkError> {
        let enough = self.bytes_ahead() * 2;
        loop {
            if self.bytes_ahead() > MAX_SAMPLE_BYTES {
                return Err(WalkError::TooLong);
            }
            // At the input's end there may be no more, but then that is known.
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

    /// Does `what` with the text, and reads on for as long as it is too short, up to `longest`
    /// bytes.
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

    /// The next byte, which was not read yet.
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

    /// Whether another member of a list or object follows; else goes behind its end.
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
