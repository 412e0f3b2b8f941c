//! A log of one container's samples: many write to it, one reads and empties it.
//!
//! Slots lie in blocks, each longer than the one before. `word` holds the block that slots
//! are claimed of and how many were: adding 1 to it claims a slot, and counts the writer in. Who
//! finds the block full takes one that is free, or makes one, and puts it in its place. No writer
//! ever waits for another: a slot belongs to who claimed it until its state says what became of
//! it, and slots behind it are claimed, written and read all the same.
//!
//! The reader goes through all slots that were claimed, and empties them. One that is not written
//! yet is a *hole*, and looked at again the next time. A block all of whose slots were read is
//! free again.

#![allow(unsafe_code, reason = "slots are handed from thread to thread by their state")]

use std::alloc::{Layout, handle_alloc_error};
use std::ptr;

use super::sync::{AtomicPtr, AtomicU8, AtomicU32, AtomicU64, Ordering, UnsafeCell};

/// How many slots the shortest block has.
const SHORTEST: usize = 1;
/// How many times as long as a block the next one is, as a binary logarithm.
const STEP: usize = if cfg!(loom) { 1 } else { 2 };
/// How many blocks there are at most: the longest would fill any memory.
const MOST_BLOCKS: usize = if cfg!(loom) { 4 } else { 15 };
/// Where in the word the block stands; below, how many of its slots were claimed.
const BLOCK_SHIFT: u32 = 56;

/// A slot's states: nothing is in it yet, a value is, or nothing will be.
const EMPTY: u8 = 0;
const FULL: u8 = 1;
const VOID: u8 = 2;

#[derive(Debug)]
#[repr(C)]
pub(super) struct Log<T> {
    word: AtomicU64,
    /// Which blocks are nobody's, a bit each. Who clears one may make or free that block.
    free: AtomicU32,
    blocks: [AtomicPtr<Block<T>>; MOST_BLOCKS],
}

#[derive(Debug)]
struct Block<T> {
    /// The block that slots were claimed of before.
    before: AtomicU8,
    slots: Box<[Slot<T>]>,
}

#[derive(Debug)]
struct Slot<T> {
    state: AtomicU8,
    value: UnsafeCell<T>,
}

/// A slot of a writer's own. Dropped without a value, it is void.
#[derive(Debug)]
pub(super) struct Claim<'l, T> {
    slot: &'l Slot<T>,
}

/// What the reader knows of a log. There is one for each log, and whoever has it is the reader.
#[derive(Debug)]
pub(super) struct Reader {
    /// The blocks that are not free, as slots were claimed of them.
    open: Vec<Open>,
    holes: Vec<Hole>,
    /// How often it went through the log.
    sweeps: u64,
    /// How many slots it found of late, and the longest block it met.
    usual: usize,
    longest: usize,
}

/// A block that is not free.
#[derive(Debug)]
struct Open {
    block: usize,
    /// How many of its slots were looked at.
    seen: usize,
    /// How many of these are holes.
    holes: usize,
}

/// A slot that was claimed and neither filled nor given up when it was last looked at.
#[derive(Clone, Copy, Debug)]
struct Hole {
    block: usize,
    index: usize,
    /// The sweep that counted it first.
    since: u64,
}

// SAFETY: a value is reached by one thread at a time: by who claimed its slot until the state says
// FULL, by the reader from then on until it says EMPTY and the block is given back.
unsafe impl<T: Send> Sync for Log<T> {}
// SAFETY: it owns its blocks.
unsafe impl<T: Send> Send for Log<T> {}

const fn len_of(block: usize) -> usize {
    SHORTEST << (STEP * block)
}

const fn split(word: u64) -> (usize, usize) {
    ((word >> BLOCK_SHIFT) as usize, (word & ((1 << BLOCK_SHIFT) - 1)) as usize)
}

const fn joined(block: usize, claimed: usize) -> u64 {
    (block as u64) << BLOCK_SHIFT | claimed as u64
}

impl<T: Default> Block<T> {
    fn boxed(block: usize) -> *mut Self {
        let empty = || Slot { state: AtomicU8::new(EMPTY), value: UnsafeCell::new(T::default()) };
        let slots = (0..len_of(block)).map(|_| empty()).collect();
        Box::into_raw(Box::new(Self { before: AtomicU8::new(0), slots }))
    }
}

impl<T: Default> Log<T> {
    /// An empty log, and its reader.
    pub(super) fn new() -> (Self, Reader) {
        let blocks = std::array::from_fn(|_| AtomicPtr::new(ptr::null_mut()));
        let log =
            Self { word: AtomicU64::new(0), free: AtomicU32::new((1 << MOST_BLOCKS) - 2), blocks };
        if let Some(first) = log.blocks.first() {
            first.store(Block::boxed(0), Ordering::Relaxed);
        }
        let open = vec![Open { block: 0, seen: 0, holes: 0 }];
        (log, Reader { open, holes: Vec::new(), sweeps: 0, usual: 0, longest: 0 })
    }

    /// Claims a slot. Whatever the reader did before its last sweep of the log that does not count
    /// this slot is seen by the writer from here on.
    #[inline]
    pub(super) fn claim(&self) -> Claim<'_, T> {
        let word = self.add_one();
        let (block, index) = split(word);
        match self.slot(block, index) {
            Some(slot) => Claim { slot },
            None => self.claim_of_another(word + 1),
        }
    }

    #[inline]
    fn add_one(&self) -> u64 {
        // Acquire: of who put the block there, that it is made or was given back; and of the
        // reader's sweep, what it knew then.
        self.word.fetch_add(1, Ordering::Acquire)
    }

    /// Claims a slot where the block was full.
    #[cold]
    fn claim_of_another(&self, mut word: u64) -> Claim<'_, T> {
        let new = self.take_free();
        loop {
            let (block, claimed) = split(word);
            if claimed < len_of(block) {
                // Another writer was faster, or the reader.
                let (block, index) = split(self.add_one());
                if let Some(slot) = self.slot(block, index) {
                    self.give_back(new);
                    return Claim { slot };
                }
                word = joined(block, index + 1);
                continue;
            }
            #[expect(clippy::cast_possible_truncation, reason = "there are few blocks")]
            self.block(new).before.store(block as u8, Ordering::Relaxed);
            // Release: who claims of the block sees that it is made, or given back, and what was
            // before it. Acquire: as in `add_one`.
            let put = self.word.compare_exchange(
                word,
                joined(new, 1),
                Ordering::AcqRel,
                Ordering::Relaxed,
            );
            match put {
                Ok(_) => {
                    #[expect(clippy::indexing_slicing, reason = "no block is without slots")]
                    return Claim { slot: &self.block(new).slots[0] };
                }
                Err(now) => word = now,
            }
        }
    }

    /// Takes the shortest block that is nobody's, and makes it where it is not there.
    fn take_free(&self) -> usize {
        let mut free = self.free.load(Ordering::Relaxed);
        let block = loop {
            if free == 0 {
                handle_alloc_error(Layout::new::<Block<T>>());
            }
            // Acquire: who gave it back is done with its slots.
            let left = free & (free - 1);
            match self.free.compare_exchange_weak(free, left, Ordering::Acquire, Ordering::Relaxed)
            {
                Ok(_) => break free.trailing_zeros() as usize,
                Err(now) => free = now,
            }
        };
        let place = self.pointer(block);
        if place.load(Ordering::Relaxed).is_null() {
            // Relaxed: told of by `word`, or by `free`.
            place.store(Block::boxed(block), Ordering::Relaxed);
        }
        block
    }

    /// Shows all values that were written since the last sweep, and empties their slots. What the
    /// reader knows at its call is seen by each writer who claims later.
    pub(super) fn sweep(&self, reader: &mut Reader, found: &mut dyn FnMut(&mut T)) {
        reader.sweeps += 1;
        // Nothing is added, but it is a step in the word's order: writers that claim behind it see
        // what came before it (Release), and of those that claimed a slot before it, which they
        // are. Acquire: the blocks that were put there are made.
        let word = self.word.fetch_add(0, Ordering::AcqRel);
        let (current, claimed) = split(word);
        self.note_new_blocks(reader, current);
        self.look_into_holes(reader, found);
        let (sweeps, mut number) = (reader.sweeps, 0);
        for open in &mut reader.open {
            let block = open.block;
            let end = if block == current { claimed.min(len_of(block)) } else { len_of(block) };
            number += end - open.seen;
            for index in open.seen..end {
                if self.empty(block, index, found) == EMPTY {
                    open.holes += 1;
                    reader.holes.push(Hole { block, index, since: sweeps });
                }
            }
            open.seen = end;
        }
        // Slowly, so that a lull gives nothing to the allocator that is soon needed again.
        reader.usual = number.max(reader.usual - reader.usual.div_ceil(1024));
        self.recycle(reader, word);
    }

    /// Notes the blocks that slots were claimed of since the last sweep.
    fn note_new_blocks(&self, reader: &mut Reader, current: usize) {
        let (known, last) = (reader.open.len(), reader.open.last().map(|open| open.block));
        let mut block = current;
        while Some(block) != last {
            reader.open.insert(known, Open { block, seen: 0, holes: 0 });
            reader.longest = reader.longest.max(block);
            block = self.block(block).before.load(Ordering::Relaxed).into();
        }
    }

    fn look_into_holes(&self, reader: &mut Reader, found: &mut dyn FnMut(&mut T)) {
        let open = &mut reader.open;
        reader.holes.retain(|hole| {
            let is_hole = self.empty(hole.block, hole.index, found) == EMPTY;
            if !is_hole && let Some(open) = open.iter_mut().find(|open| open.block == hole.block) {
                open.holes -= 1;
            }
            is_hole
        });
    }

    /// Shows the value of a slot where it is full, empties it, and says what its state was.
    #[inline]
    fn empty(&self, block: usize, index: usize, found: &mut dyn FnMut(&mut T)) -> u8 {
        let Some(slot) = self.slot(block, index) else { return VOID };
        // Acquire: the value is written.
        let state = slot.state.load(Ordering::Acquire);
        if state == FULL {
            // SAFETY: the slot is full, so who claimed it is done with it, and the caller is the
            // only reader.
            slot.value.with_mut(|value| found(unsafe { &mut *value }));
        }
        if state != EMPTY {
            // Relaxed: told of when the block is used again.
            slot.state.store(EMPTY, Ordering::Relaxed);
        }
        state
    }

    /// Makes the blocks free all slots of which were read.
    fn recycle(&self, reader: &mut Reader, word: u64) {
        let current = split(word).0;
        reader.open.retain_mut(|open| {
            let is_read = open.seen == len_of(open.block) && open.holes == 0;
            if is_read && open.block != current {
                self.give_back(open.block);
            }
            if is_read && open.block == current {
                // Unless a writer is at it already, the block begins anew. Release: its slots are
                // empty.
                let begun = joined(current, 0);
                let (set, failed) = (Ordering::Release, Ordering::Relaxed);
                if self.word.compare_exchange(word, begun, set, failed).is_ok() {
                    open.seen = 0;
                }
            }
            !is_read || open.block == current
        });
        self.free_the_longest(reader);
    }

    /// Gives the longest block to the allocator, where it is many times as long as what is needed
    /// of late.
    fn free_the_longest(&self, reader: &mut Reader) {
        const SHORT: usize = if cfg!(loom) { 1 } else { 128 };
        // While so many are written between two sweeps, blocks that are up to twelve times as long
        // come to use: the shorter ones are being written or read by then.
        const MANY: usize = 16;
        let block = reader.longest;
        if len_of(block) <= SHORT.max(MANY * reader.usual) {
            return;
        }
        // Acquire: who gave it back is done with its slots.
        if self.free.fetch_and(!(1 << block), Ordering::Acquire) & (1 << block) != 0 {
            let unused = self.pointer(block).swap(ptr::null_mut(), Ordering::Relaxed);
            if !unused.is_null() {
                // SAFETY: made by `Block::boxed`, and nobody's but the caller's: it was free, and
                // is not any more.
                drop(unsafe { Box::from_raw(unused) });
            }
            self.give_back(block);
            reader.longest -= 1;
        }
    }

    /// Whether all slots that were claimed were read.
    pub(super) fn is_empty(&self, reader: &Reader) -> bool {
        // A load might not see the last claims; a step in the word's order does. Relaxed: nothing
        // but their number matters.
        let (current, claimed) = split(self.word.fetch_add(0, Ordering::Relaxed));
        let is_read = |open: &Open| {
            open.block == current && open.seen == claimed.min(len_of(current)) && open.holes == 0
        };
        reader.open.len() == 1 && reader.open.iter().all(is_read)
    }

    /// Another than [`Reader::version`] once a slot was claimed that no sweep counted.
    pub(super) fn version(&self) -> u64 {
        self.word.load(Ordering::Relaxed)
    }

    fn give_back(&self, block: usize) {
        // Release: nothing that was done with the block comes after it is free.
        self.free.fetch_or(1 << block, Ordering::Release);
    }

    #[expect(clippy::indexing_slicing, reason = "the number of a block")]
    fn pointer(&self, block: usize) -> &AtomicPtr<Block<T>> {
        &self.blocks[block]
    }

    #[inline]
    fn block(&self, block: usize) -> &Block<T> {
        let block = self.pointer(block).load(Ordering::Relaxed);
        // SAFETY: made before its number was given to anyone, in `new` or `take_free`, and given
        // to the allocator only by who has taken its number off the free ones. So nobody has the
        // number, or a slot, of a block that is not there.
        unsafe { &*block }
    }

    /// A slot of a block that is not free; `None` where the block is not that long.
    #[inline]
    fn slot(&self, block: usize, index: usize) -> Option<&Slot<T>> {
        if index < len_of(block) { self.block(block).slots.get(index) } else { None }
    }
}

impl<T> Drop for Log<T> {
    fn drop(&mut self) {
        for block in &self.blocks {
            let block = block.load(Ordering::Relaxed);
            if !block.is_null() {
                // SAFETY: made by `Block::boxed`, and nobody else is left who could use it.
                drop(unsafe { Box::from_raw(block) });
            }
        }
    }
}

impl<T> Claim<'_, T> {
    /// Writes the slot's value, in the place of one that was read long ago.
    #[inline]
    pub(super) fn fill(self, write: impl FnOnce(&mut T)) {
        // SAFETY: a slot is claimed once until the reader gives it back, and the reader leaves it
        // alone until it is full.
        self.slot.value.with_mut(|value| write(unsafe { &mut *value }));
        // Release: the value is written.
        self.slot.state.store(FULL, Ordering::Release);
        std::mem::forget(self);
    }
}

impl<T> Drop for Claim<'_, T> {
    fn drop(&mut self) {
        // Relaxed: nothing was written.
        self.slot.state.store(VOID, Ordering::Relaxed);
    }
}

impl Reader {
    /// How often it went through the log.
    pub(super) fn sweeps(&self) -> u64 {
        self.sweeps
    }

    /// What the log's version is as long as no slot is claimed that was not read.
    pub(super) fn version(&self) -> u64 {
        self.open.last().map_or(0, |open| joined(open.block, open.seen))
    }

    /// Whether all slots that were claimed before the sweep of this number are done with.
    pub(super) fn has_all_before(&self, sweep: u64) -> bool {
        self.holes.iter().all(|hole| hole.since > sweep)
    }
}
