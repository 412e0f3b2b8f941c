//! A buffer over a file that is read from front to back.

use std::io;

use crate::store::disk::ReadFile;

/// How much is read at once, unless more is requested: it fits a cache.
const USUAL: usize = 256 << 10;
/// The most that may be requested.
pub(super) const MOST: usize = 2 << 20;

pub(super) struct Window<'s> {
    file: &'s dyn ReadFile,
    end: u64,
    /// The offset of the first byte.
    start: u64,
    bytes: Vec<u8>,
    filled: usize,
}

impl<'s> Window<'s> {
    /// A window over a file up to `end`.
    pub(super) fn new(file: &'s dyn ReadFile, end: u64) -> Self {
        Self { file, end, start: 0, bytes: Vec::new(), filled: 0 }
    }

    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// The buffered bytes from `offset` on, at least `least` of them; `None` if the file has fewer.
    /// `offset` may only rise.
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

    /// Moves the window to `offset` and fills it.
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
