//! The word of a log: the block that slots are claimed of, and how many were.

use std::alloc::{Layout, handle_alloc_error};
use std::ptr;

/// How many times as long as a block the next one is, as a binary logarithm. The shortest has one
/// slot.
pub(super) const STEP: u32 = if cfg!(loom) { 1 } else { 2 };
/// The longest blocks' kind: 16 384 slots.
pub(super) const LONGEST: u32 = if cfg!(loom) { 2 } else { 7 };

/// In the word, from the lowest bit: how many slots were claimed, with room for as many writers
/// who find the block full; the block's kind; and its address, of which the lowest bits are 0 and
/// the highest of those that programs get too.
const CLAIMED_BITS: u32 = 16;
const KIND_BITS: u32 = 4;
const ADDRESS_BITS: u32 = 48;
const ALIGNMENT: u64 = 16;

/// What the word says.
#[derive(Debug)]
pub(super) struct Tail<B> {
    pub(super) block: *mut B,
    pub(super) kind: u32,
    pub(super) claimed: usize,
}

/// How many slots a block of a kind has.
pub(super) const fn len_of(kind: u32) -> usize {
    1 << (STEP * kind)
}

impl<B> Tail<B> {
    #[inline]
    pub(super) fn of(word: u64) -> Self {
        let address = (word >> (CLAIMED_BITS + KIND_BITS)) * ALIGNMENT;
        #[expect(clippy::cast_possible_truncation, reason = "what was put together")]
        Self {
            block: ptr::with_exposed_provenance_mut(address as usize),
            kind: (word >> CLAIMED_BITS) as u32 & ((1 << KIND_BITS) - 1),
            claimed: (word & ((1 << CLAIMED_BITS) - 1)) as usize,
        }
    }

    pub(super) fn word(&self) -> u64 {
        let address = self.block.expose_provenance() as u64;
        if address >> ADDRESS_BITS != 0 {
            // No program gets such an address that does not ask for it.
            handle_alloc_error(Layout::new::<B>());
        }
        let kind = (address / ALIGNMENT) << KIND_BITS | u64::from(self.kind);
        kind << CLAIMED_BITS | self.claimed as u64
    }

    /// The word once a slot more is claimed.
    pub(super) fn with_one_more(&self) -> u64 {
        self.word() + 1
    }

    pub(super) fn is_full(&self) -> bool {
        self.claimed >= len_of(self.kind)
    }
}
