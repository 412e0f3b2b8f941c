//! What the reader of a log knows: which blocks are in use, and which slots are not done with.

#![allow(unsafe_code, reason = "the reader's blocks are reached by pointer")]

use std::ptr;

use super::block::{Block, CurrentBlock, EMPTY};
use super::resources::Retired;
use super::word::{asleep_word, block_len};
use crate::sync::Ordering;

/// What the reader knows of a log. Each log has one, and whoever holds it is the reader.
#[derive(Debug)]
pub(super) struct LogReader<T> {
    /// The blocks in use, in the order in which slots were claimed from them.
    pub(super) open_blocks: Vec<OpenBlock<T>>,
    pub(super) holes: Vec<Hole<T>>,
    /// How many sweeps it made.
    pub(super) sweeps: u64,
    /// How many slots its sweeps found of late.
    pub(super) usual_len: usize,
    /// The number of the log's last sleep.
    pub(super) sleep_count: u64,
    pub(super) retired: Option<Retired<T>>,
}

/// A block in use.
#[derive(Debug)]
pub(super) struct OpenBlock<T> {
    pub(super) block: *mut Block<T>,
    /// How many of its slots were visited.
    pub(super) seen: usize,
    /// How many of these are holes.
    pub(super) holes: usize,
}

/// A slot that was claimed, and neither filled nor given up when it was last visited.
#[derive(Debug)]
pub(super) struct Hole<T> {
    pub(super) block: *mut Block<T>,
    pub(super) index: usize,
    /// The first sweep that counted it.
    pub(super) sweep: u64,
}

// SAFETY: its pointers are to blocks of the log, which the reader may read from any thread.
unsafe impl<T: Send> Send for LogReader<T> {}

impl<T> LogReader<T> {
    /// The reader of a log that is asleep and has nothing.
    pub(super) fn new() -> Self {
        Self {
            open_blocks: Vec::new(),
            holes: Vec::new(),
            sweeps: 0,
            usual_len: 0,
            sleep_count: 0,
            retired: None,
        }
    }
}

impl<T> OpenBlock<T> {
    pub(super) fn len(&self) -> usize {
        self.block().slots.len()
    }

    /// Whether all of its slots were read.
    pub(super) fn is_read(&self) -> bool {
        self.holes == 0 && self.seen == self.len()
    }

    /// Takes the block out of use.
    pub(super) fn take(&mut self) -> *mut Block<T> {
        std::mem::replace(&mut self.block, ptr::null_mut())
    }

    pub(super) fn block(&self) -> &Block<T> {
        // SAFETY: the reader found it in the log, and has neither made it a spare nor freed it;
        // only the reader does so.
        unsafe { &*self.block }
    }
}

impl<T> LogReader<T> {
    /// How many sweeps it made.
    pub(super) fn sweeps(&self) -> u64 {
        self.sweeps
    }

    /// The log's version as long as all claimed slots were read.
    pub(super) fn version(&self) -> u64 {
        self.open_blocks.last().map_or(asleep_word(self.sleep_count), |open| {
            CurrentBlock {
                block: open.block,
                size_class: open.block().size_class(),
                claimed: open.seen,
            }
            .word()
        })
    }

    /// The only block in use, if it is the one in `word` and all of its claimed slots were read.
    pub(super) fn only_block(&self, word: u64) -> Option<*mut Block<T>> {
        let current = CurrentBlock::of(word);
        let claimed = current.claimed.min(block_len(current.size_class));
        let [open] = &*self.open_blocks else { return None };
        (open.block == current.block && open.seen == claimed && open.holes == 0)
            .then_some(open.block)
    }

    /// Forgets the blocks of a log that fell asleep; `sleep_count` is the number of this sleep.
    pub(super) fn clear_blocks(&mut self, sleep_count: u64) {
        (self.open_blocks, self.holes) = (Vec::new(), Vec::new());
        (self.usual_len, self.sleep_count) = (0, sleep_count);
    }

    /// Whether all slots that were claimed before this sweep are done with.
    pub(super) fn is_complete_before(&self, sweep: u64) -> bool {
        self.holes.iter().all(|hole| hole.sweep > sweep)
    }

    /// Adds the blocks from which slots were claimed since the last sweep; `block` is the last of
    /// them.
    pub(super) fn add_new_blocks(&mut self, mut block: *mut Block<T>) {
        let (known, last) =
            (self.open_blocks.len(), self.open_blocks.last().map(|open| open.block));
        while !block.is_null() && Some(block) != last {
            let open = OpenBlock { block, seen: 0, holes: 0 };
            block = open.block().previous.load(Ordering::Relaxed);
            self.open_blocks.insert(known, open);
        }
    }

    pub(super) fn recheck_holes(&mut self, visit: &mut dyn FnMut(&mut T)) {
        let open = &mut self.open_blocks;
        self.holes.retain(|hole| {
            let block = open.iter_mut().find(|open| open.block == hole.block);
            let Some(open) = block else { return false };
            let slot = open.block().slots.get(hole.index);
            let is_hole = slot.is_some_and(|slot| slot.drain(visit) == EMPTY);
            open.holes -= usize::from(!is_hole);
            is_hole
        });
    }
}
