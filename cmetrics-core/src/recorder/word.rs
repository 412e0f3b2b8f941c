//! The word of a log: the block from which slots are claimed, and how many were.

use std::alloc::{Layout, handle_alloc_error};
use std::ptr;

/// How many times as long as a block the next one is, as a binary logarithm. The shortest block has
/// one slot.
pub(super) const GROWTH_LOG2: u32 = if cfg!(loom) { 1 } else { 2 };
/// The size class of the longest blocks: 16 384 slots.
pub(super) const MAX_SIZE_CLASS: u32 = if cfg!(loom) { 2 } else { 7 };

/// The bits of the word, from the lowest: how many slots were claimed, with room for as many
/// writers that find the block full; the block's size class; whether the log is asleep; and the
/// block's address, without its lowest bits, which are 0, and its highest ones, which are 0 in the
/// addresses that programs get.
///
/// A log that is asleep has no block, and its word looks like one with a full block of one slot. In
/// the place of the address is how often the log fell asleep, so that no two sleeps have the same
/// word.
const CLAIMED_BITS: u32 = 16;
const SIZE_CLASS_BITS: u32 = 3;
const ADDRESS_SHIFT: u32 = CLAIMED_BITS + SIZE_CLASS_BITS + 1;
const ADDRESS_BITS: u32 = 48;
const ALIGNMENT: u64 = 16;
const ASLEEP: u64 = 1 << (CLAIMED_BITS + SIZE_CLASS_BITS);

/// What the word of a log contains that is awake.
#[derive(Debug)]
pub(super) struct CurrentBlock<B> {
    pub(super) block: *mut B,
    pub(super) size_class: u32,
    pub(super) claimed: usize,
}

/// The word of a log that is asleep, and has fallen asleep this many times.
pub(super) const fn asleep_word(sleep_count: u64) -> u64 {
    sleep_count << ADDRESS_SHIFT | ASLEEP | 1
}

/// How many times the log of a sleeping word has fallen asleep; `None` if the log is awake.
pub(super) const fn sleep_count_of(word: u64) -> Option<u64> {
    if word & ASLEEP == 0 { None } else { Some(word >> ADDRESS_SHIFT) }
}

/// The word after one more claim.
pub(super) const fn with_next_claim(word: u64) -> u64 {
    word + 1
}

/// How many slots a block of a size class has.
pub(super) const fn block_len(size_class: u32) -> usize {
    1 << (GROWTH_LOG2 * size_class)
}

impl<B> CurrentBlock<B> {
    #[inline]
    pub(super) fn of(word: u64) -> Self {
        let address = (word >> ADDRESS_SHIFT) * ALIGNMENT;
        #[expect(clippy::cast_possible_truncation, reason = "what was put together")]
        Self {
            block: ptr::with_exposed_provenance_mut(address as usize),
            size_class: (word >> CLAIMED_BITS) as u32 & ((1 << SIZE_CLASS_BITS) - 1),
            claimed: (word & ((1 << CLAIMED_BITS) - 1)) as usize,
        }
    }

    pub(super) fn word(&self) -> u64 {
        let address = self.block.expose_provenance() as u64;
        if address >> ADDRESS_BITS != 0 {
            // A program gets such an address only if it asks for it.
            handle_alloc_error(Layout::new::<B>());
        }
        let size_class = u64::from(self.size_class) << CLAIMED_BITS;
        (address / ALIGNMENT) << ADDRESS_SHIFT | size_class | self.claimed as u64
    }

    pub(super) fn is_full(&self) -> bool {
        self.claimed >= block_len(self.size_class)
    }
}
