//! The part of a file that is in memory while it is read from front to back.

use std::io;

use crate::store::disk::ReadFile;

/// What is read at once, unless more is asked for: little enough to stay in a cache.
const USUAL: usize = 256 << 10;
/// The most that may be asked for.
pub(super) const MOST: usize = 2 << 20;

pub(super) struct Window<'s> {
    file: &'s dyn ReadFile,
    end: u64,
    /// The place in the file of the first byte.
    start: u64,
    bytes: Vec<u8>,
    filled: usize,
}

impl<'s> Window<'s> {
    /// A window on a file up to `end`.
    pub(super) fn new(file: &'s dyn ReadFile, end: u64) -> Self {
        Self { file, end, start: 0, bytes: Vec::new(), filled: 0 }
    }

    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// The bytes at `offset` and behind it as far as they are in memory, at least `least` of them;
    /// `None` if the file has not as many. `offset` may only rise.
    pub(super) fn at(&mut self, offset: u64, least: usize) -> io::Result<Option<&[u8]>> {
        if least > MOST || self.end.saturating_sub(offset) < least as u64 {
            return Ok(None);
        }
        if self.filled_from(offset) < least {
            self.refill(offset, least)?;
        }
        let skipped = self.skipped(offset);
        Ok(self.bytes.get(skipped..self.filled).filter(|bytes| bytes.len() >= least))
    }

    fn skipped(&self, offset: u64) -> usize {
        let skipped = offset.saturating_sub(self.start);
        usize::try_from(skipped).map_or(self.filled, |skipped| skipped.min(self.filled))
    }

    fn filled_from(&self, offset: u64) -> usize {
        self.filled - self.skipped(offset)
    }

    /// Moves the window to `offset`, and fills it.
    fn refill(&mut self, offset: u64, least: usize) -> io::Result<()> {
        let kept = self.skipped(offset)..self.filled;
        let old = kept.len();
        self.bytes.copy_within(kept, 0);
        (self.start, self.filled) = (offset, old);
        let left = usize::try_from(self.end - offset).unwrap_or(usize::MAX);
        let wanted = least.max(USUAL).min(left);
        if self.bytes.len() < wanted {
            self.bytes.resize(wanted, 0);
        }
        let room = self.bytes.get_mut(old..wanted).unwrap_or_default();
        self.file.read_at(room, offset + old as u64)?;
        self.filled = wanted.max(old);
        Ok(())
    }
}
