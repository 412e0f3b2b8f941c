//! The text ahead, a block at a time.

use super::lanes::{Block, Lanes, Masks, bring_line_near};

/// How far ahead memory is asked for.
const AHEAD: usize = 8192;

/// Why the text cannot be read fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// More of it has to be read first.
    Short,
    /// It has something in it that is left to the strict reader.
    Odd,
}

/// What of a document lies in memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text<'t> {
    pub(super) bytes: &'t [u8],
    /// Whether nothing follows.
    pub(super) ended: bool,
}

impl<'t> Text<'t> {
    /// The bytes from `at` on.
    pub(super) fn from(self, at: usize) -> &'t [u8] {
        self.bytes.get(at..).unwrap_or_default()
    }

    /// Why there is nothing at the text's end.
    pub(super) fn stop(self) -> Stop {
        if self.ended { Stop::Odd } else { Stop::Short }
    }

    /// The block at `at`; the last one of all is filled up with spaces in `room`.
    #[inline(always)]
    pub(super) fn block<'b>(self, at: usize, room: &'b mut Block) -> Result<&'b Block, Stop>
    where
        't: 'b,
    {
        match self.bytes.get(at..).and_then(<[u8]>::first_chunk) {
            Some(block) => Ok(block),
            None => self.last_block(at, room),
        }
    }

    #[cold]
    fn last_block(self, at: usize, room: &mut Block) -> Result<&Block, Stop> {
        let rest = self.from(at);
        match room.get_mut(..rest.len()) {
            Some(start) if self.ended && !rest.is_empty() => {
                start.copy_from_slice(rest);
                if let Some(behind) = room.get_mut(rest.len()..) {
                    behind.fill(b' ');
                }
                Ok(room)
            }
            _ => Err(self.stop()),
        }
    }

    /// The place behind the bracket that closes what is open at `at`, which lies in no string.
    /// Escapes and control characters are odd, and so is what has not as many square brackets that
    /// close as open.
    #[inline(always)]
    pub(super) fn leave<L: Lanes>(
        self,
        lanes: L,
        mut at: usize,
        Inside { mut depth, mut lists }: Inside,
    ) -> Result<usize, Stop> {
        // All ones where a block begins inside a string.
        let mut inside = 0u64;
        let mut room = [0; 64];
        loop {
            let block = self.block(at, &mut room)?;
            bring_line_near(self.bytes, at + AHEAD);
            if let Some(quotes) = lanes.plain(block) {
                inside ^= u64::from(quotes & 1).wrapping_neg();
                at += 64;
                continue;
            }
            let Masks { quotes, opens, closes, square, odd } = lanes.masks(block);
            if odd {
                return Err(Stop::Odd);
            }
            let strings = lanes.parities(quotes) ^ inside;
            let (opens, closes) = (opens & !strings, closes & !strings);
            let lists_opened = |within: u64| (opens & square & within).count_ones();
            let lists_left = |within: u64| (closes & square & within).count_ones();
            if closes.count_ones() < depth {
                depth = depth + opens.count_ones() - closes.count_ones();
            } else if let Some(index) = closing(opens, closes, &mut depth) {
                let up_to = u64::MAX >> (63 - index);
                let balanced = lists + lists_opened(up_to) == lists_left(up_to);
                return if balanced { Ok(at + index + 1) } else { Err(Stop::Odd) };
            }
            lists = (lists + lists_opened(u64::MAX))
                .checked_sub(lists_left(u64::MAX))
                .ok_or(Stop::Odd)?;
            inside = (strings >> 63).wrapping_neg();
            at += 64;
        }
    }
}

/// How many objects and lists are to be left, and how many of them are lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Inside {
    pub(super) depth: u32,
    pub(super) lists: u32,
}

impl Inside {
    pub(super) const OBJECT: Self = Self { depth: 1, lists: 0 };
    pub(super) const LIST: Self = Self { depth: 1, lists: 1 };
}

/// The bracket that brings the depth to 0.
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
