//! Ways to pass bytes to a parser.

use std::io::{self, ErrorKind, Read};

use cmetrics_core::parse::{Parser, Receiver};

use super::rng::Rng;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// All at once, from memory.
    Slice,
    /// From a reader that returns this many at a time.
    Blocks(usize),
    /// From a reader that returns varying amounts, and is interrupted.
    Ragged,
}

impl Input {
    pub const ALL: [Self; 6] = [
        Self::Slice,
        Self::Blocks(1),
        Self::Blocks(7),
        Self::Blocks(64),
        Self::Blocks(4096),
        Self::Ragged,
    ];

    pub fn feed(self, parser: &mut Parser, bytes: &[u8], receiver: &mut dyn Receiver) -> u64 {
        match self {
            Self::Slice => parser.read_bytes(bytes, receiver),
            Self::Blocks(size) => parser.read(Blocks { rest: bytes, size }, receiver),
            Self::Ragged => {
                let rng = Rng::new(bytes.len() as u64);
                parser.read(Ragged { rest: bytes, rng }, receiver)
            }
        }
    }
}

/// Returns at most `size` bytes at a time.
pub struct Blocks<'b> {
    pub rest: &'b [u8],
    pub size: usize,
}

impl Read for Blocks<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.size.min(buffer.len());
        self.rest.by_ref().take(size as u64).read(buffer)
    }
}

struct Ragged<'b> {
    rest: &'b [u8],
    rng: Rng,
}

impl Read for Ragged<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.rng.one_in(8) {
            return Err(ErrorKind::Interrupted.into());
        }
        let size = if self.rng.one_in(2) { self.rng.below(5) } else { self.rng.below(3000) };
        let size = (size + 1).min(buffer.len());
        self.rest.by_ref().take(size as u64).read(buffer)
    }
}
