//! Where the reader is in a document that comes in while it is read.

use std::io::Read;
use std::sync::Arc;

use super::super::frame::Frames;
use super::super::trees::Trees;
use super::Fast;
use super::text::{Stop, Text};
use super::told::Counting;
use crate::container::Container;

/// The longest sample.
pub(super) const LONGEST_SAMPLE: usize = 16 << 20;
/// Beyond this what stands before samples is left to the strict reader.
pub(super) const LONGEST_DESCRIPTION: usize = 1 << 20;

/// Why the text cannot be followed any further.
#[derive(Debug)]
pub(super) enum Halt {
    Odd,
    TooLong,
}

pub(super) struct Walk<'w, 'i, R> {
    pub(super) fast: &'w mut Fast,
    pub(super) trees: &'w Trees,
    pub(super) frames: &'w mut Frames<'i, R>,
    pub(super) receiver: Counting<'w>,
    /// Where the walk is, from the beginning of what the frames hold.
    pub(super) at: usize,
    /// The path of the container at hand.
    pub(super) container: Option<Arc<Container>>,
    /// The time of the sample that lies ahead, where it was read already, and where it ends.
    pub(super) begun: Option<(crate::time::Timestamp, usize)>,
    /// Whether no line ended so far.
    pub(super) plain: bool,
    /// Whether the frames still hold all of the document.
    pub(super) whole: bool,
}

impl<R: Read> Walk<'_, '_, R> {
    pub(super) fn text(&self) -> Text<'_> {
        Text { bytes: self.frames.rest(), ended: self.frames.ended() }
    }

    /// How much of the text lies ahead.
    fn ahead(&self) -> usize {
        self.frames.rest().len().saturating_sub(self.at)
    }

    /// Reads on until twice as much lies ahead: what is looked at anew each time costs no more than
    /// twice what it would at once.
    pub(super) fn more(&mut self) -> Result<(), Halt> {
        let enough = self.ahead() * 2;
        loop {
            if self.ahead() > LONGEST_SAMPLE {
                return Err(Halt::TooLong);
            }
            // At the input's end there may be no more, but then that is known.
            if !self.frames.fill() && !self.frames.ended() {
                return Err(Halt::Odd);
            }
            if self.frames.is_cancelled() {
                return Err(Halt::Odd);
            }
            if self.ahead() >= enough || self.frames.ended() {
                return Ok(());
            }
        }
    }

    /// Does `what` with the text, and reads on for as long as it is too short, up to `longest`
    /// bytes.
    pub(super) fn attempt<T>(
        &mut self,
        longest: usize,
        mut what: impl FnMut(&mut Self) -> Result<T, Stop>,
    ) -> Result<T, Halt> {
        loop {
            match what(self) {
                Ok(done) => return Ok(done),
                Err(Stop::Odd) => return Err(Halt::Odd),
                Err(Stop::Short) if self.ahead() > longest => return Err(Halt::Odd),
                Err(Stop::Short) => self.more()?,
            }
        }
    }

    /// The next byte.
    #[inline(always)]
    pub(super) fn peek(&mut self) -> Result<u8, Halt> {
        match self.frames.rest().get(self.at) {
            Some(&byte) => Ok(byte),
            None => self.peek_further(),
        }
    }

    /// The next byte, which was not read yet.
    #[cold]
    fn peek_further(&mut self) -> Result<u8, Halt> {
        self.attempt(LONGEST_DESCRIPTION, |walk| {
            let text = walk.text();
            text.bytes.get(walk.at).copied().ok_or(text.stop())
        })
    }

    pub(super) fn expect(&mut self, byte: u8) -> Result<(), Halt> {
        if self.peek()? != byte {
            return Err(Halt::Odd);
        }
        self.at += 1;
        Ok(())
    }

    /// Whether another member of a list or object follows; else goes behind its end.
    pub(super) fn another(&mut self, close: u8) -> Result<bool, Halt> {
        let next = self.peek()?;
        if self.frames.is_cancelled() {
            return Err(Halt::Odd);
        }
        self.at += 1;
        match next {
            b',' => Ok(true),
            _ if next == close => Ok(false),
            _ => Err(Halt::Odd),
        }
    }
}
