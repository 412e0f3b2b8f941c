//! The text ahead, in blocks of 64 bytes.

use crate::parse::lanes::{Block, Lanes, Masks, prefetch_line};

/// How far ahead memory is prefetched, in bytes.
const PREFETCH_DISTANCE: usize = 8192;

/// Why the fast reader cannot continue in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StepError {
    /// More of the input has to be read first.
    Incomplete,
    /// The strict reader has to read this.
    Fallback,
}

/// The part of a document that is in memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text<'t> {
    pub(super) bytes: &'t [u8],
    /// Whether the input ends with it.
    pub(super) ended: bool,
}

impl<'t> Text<'t> {
    /// The bytes from `at` on.
    pub(super) fn from(self, at: usize) -> &'t [u8] {
        self.bytes.get(at..).unwrap_or_default()
    }

    /// The error for a read past the end of the text.
    pub(super) fn end_error(self) -> StepError {
        if self.ended { StepError::Fallback } else { StepError::Incomplete }
    }

    /// The block at `at`. The last block of the input is copied to `scratch` and padded with
    /// spaces.
    #[inline(always)]
    pub(super) fn block<'b>(self, at: usize, scratch: &'b mut Block) -> Result<&'b Block, StepError>
    where
        't: 'b,
    {
        match self.bytes.get(at..).and_then(<[u8]>::first_chunk) {
            Some(block) => Ok(block),
            None => self.last_block(at, scratch),
        }
    }

    #[cold]
    fn last_block(self, at: usize, scratch: &mut Block) -> Result<&Block, StepError> {
        let rest = self.from(at);
        match scratch.get_mut(..rest.len()) {
            Some(start) if self.ended && !rest.is_empty() => {
                start.copy_from_slice(rest);
                if let Some(padding) = scratch.get_mut(rest.len()..) {
                    padding.fill(b' ');
                }
                Ok(scratch)
            }
            _ => Err(self.end_error()),
        }
    }

    /// Returns the offset after the bracket that closes `nesting`. `at` must be outside strings.
    /// Escapes, control characters and square brackets that do not match in number are left to the
    /// strict reader.
    #[inline(always)]
    pub(super) fn leave<L: Lanes>(
        self,
        lanes: L,
        mut at: usize,
        Nesting { mut depth, mut lists }: Nesting,
    ) -> Result<usize, StepError> {
        // All ones if a block begins inside a string, otherwise 0.
        let mut carry = 0u64;
        let mut scratch = [0; 64];
        loop {
            let block = self.block(at, &mut scratch)?;
            prefetch_line(self.bytes, at + PREFETCH_DISTANCE);
            if let Some(quotes) = lanes.quotes_if_plain(block) {
                carry ^= u64::from(quotes & 1).wrapping_neg();
                at += 64;
                continue;
            }
            let Masks { quotes, opens, closes, square, escape_or_control } = lanes.masks(block);
            if escape_or_control {
                return Err(StepError::Fallback);
            }
            let in_string = lanes.prefix_xor(quotes) ^ carry;
            let (opens, closes) = (opens & !in_string, closes & !in_string);
            let lists_opened = |within: u64| (opens & square & within).count_ones();
            let lists_left = |within: u64| (closes & square & within).count_ones();
            if closes.count_ones() < depth {
                depth = depth + opens.count_ones() - closes.count_ones();
            } else if let Some(index) = closing(opens, closes, &mut depth) {
                let up_to = u64::MAX >> (63 - index);
                let balanced = lists + lists_opened(up_to) == lists_left(up_to);
                return if balanced { Ok(at + index + 1) } else { Err(StepError::Fallback) };
            }
            lists = (lists + lists_opened(u64::MAX))
                .checked_sub(lists_left(u64::MAX))
                .ok_or(StepError::Fallback)?;
            carry = (in_string >> 63).wrapping_neg();
            at += 64;
        }
    }
}

/// How many objects and lists to leave, and how many of these are lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Nesting {
    pub(super) depth: u32,
    pub(super) lists: u32,
}

impl Nesting {
    pub(super) const OBJECT: Self = Self { depth: 1, lists: 0 };
    pub(super) const LIST: Self = Self { depth: 1, lists: 1 };
}

/// The index of the bracket that brings the depth to 0.
#[inline(always)]
fn closing(opens: u64, closes: u64, depth: &mut u32) -> Option<usize> {
    let mut brackets = opens | closes;
    while brackets != 0 {
        let lowest = brackets & brackets.wrapping_neg();
        if closes & lowest == 0 {
            *depth += 1;
        } else {
            *depth -= 1;
            if *depth == 0 {
                return Some(lowest.trailing_zeros() as usize);
            }
        }
        brackets ^= lowest;
    }
    None
}
