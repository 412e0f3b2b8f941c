//! A log of one container's samples: many write to it, one reads and empties it.
//!
//! Slots lie in blocks, each twice as long as the one before. `word` holds the block that slots
//! are claimed of and how many were: adding 1 to it claims a slot, and counts the writer in. Who
//! finds the block full takes one that is free, or makes one, and puts it in its place. No writer
//! ever waits for another: a slot belongs to who claimed it until its state says what became of
//! it, and slots behind it are claimed, written and read all the same.
//!
//! The reader goes through all slots that were claimed. One that is not written yet is a *hole*,
//! and looked at again the next time. A block all of whose slots were written, read and given
//! back is free again.

#![allow(unsafe_code, reason = "slots are handed from thread to thread by their state")]

use std::alloc::{Layout, handle_alloc_error};
use std::ptr;

use super::sync::{AtomicPtr, AtomicU8, AtomicU32, AtomicU64, Ordering, UnsafeCell};

/// How many slots the shortest block has.
const SHORTEST: usize = if cfg!(loom) { 1 } else { 4 };
/// How many blocks there are at most: the longest would fill any memory.
const MOST_BLOCKS: usize = if cfg!(loom) { 4 } else { 28 };
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
    /// How many values it found of late.
    usual: usize,
}

/// A block that is not free.
#[derive(Debug)]
struct Open {
    block: usize,
    /// How many of its slots were looked at.
    seen: usize,
    /// How many of these are holes, or were found and not given back.
    in_use: usize,
}

/// A slot that was claimed and neither filled nor given up when it was last looked at.
#[derive(Debug)]
struct Hole {
    place: Place,
    since: u64,
}

/// A slot that the reader found full. It is the reader's until given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    block: u8,
    index: u32,
}

// SAFETY: a value is reached by one thread at a time: by who claimed its slot until the state says
// FULL, by the reader from then on until the slot is given back.
unsafe impl<T: Send> Sync for Log<T> {}
// SAFETY: it owns its blocks.
unsafe impl<T: Send> Send for Log<T> {}

const fn len_of(block: usize) -> usize {
    SHORTEST << block
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
        let open = vec![Open { block: 0, seen: 0, in_use: 0 }];
        (log, Reader { open, holes: Vec::new(), sweeps: 0, usual: 0 })
    }

    /// Claims a slot. Whatever the reader did before its last sweep of the log that does not count
    /// this slot is seen by the writer from here on.
    #[inline]
    pub(super) fn claim(&self) -> Claim<'_, T> {
        // Acquire: of who put the block there, that it is made or was given back; and of the
        // reader's sweep, what it knew then.
        let word = self.word.fetch_add(1, Ordering::Acquire);
        let (block, index) = split(word);
        match self.slot(block, index) {
            Some(slot) => Claim { slot },
            None => self.claim_of_another(word + 1),
        }
    }

    /// Claims a slot where the block was full.
    #[cold]
    fn claim_of_another(&self, mut word: u64) -> Claim<'_, T> {
        let new = self.take_free();
        loop {
            let (block, claimed) = split(word);
            if claimed < len_of(block) {
                // Another writer was faster.
                self.give_back(new);
                return self.claim();
            }
            #[expect(clippy::cast_possible_truncation, reason = "there are few blocks")]
            self.block(new).before.store(block as u8, Ordering::Relaxed);
            // Release: who claims of the block sees that it is made, or given back, and what was
            // before it. Acquire: as in `claim`.
            let put = self.word.compare_exchange(
                word,
                joined(new, 1),
                Ordering::AcqRel,
                Ordering::Acquire,
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

    /// Goes through all slots that were claimed, and shows those that were filled since. What the
    /// reader knows at its call is seen by each writer who claims later.
    pub(super) fn sweep(&self, reader: &mut Reader, found: &mut dyn FnMut(Place, &mut T)) {
        reader.sweeps += 1;
        // Nothing is added, but it is a step in the word's order: writers that claim behind it see
        // what came before it (Release), and of those that claimed a slot before it, which they
        // are. Acquire: the blocks that were put there are made.
        let (current, claimed) = split(self.word.fetch_add(0, Ordering::AcqRel));
        let mut number = 0;
        let mut holes = std::mem::take(&mut reader.holes);
        holes.retain(|hole| {
            let state = self.look(hole.place, found);
            number += usize::from(state == FULL);
            if state == VOID {
                reader.used_no_more(hole.place);
            }
            state == EMPTY
        });
        reader.holes = holes;
        self.note_new_blocks(reader, current);
        for open in &mut reader.open {
            let block = open.block;
            let end = if block == current { claimed.min(len_of(block)) } else { len_of(block) };
            while open.seen < end {
                let place = Place::of(block, open.seen);
                open.seen += 1;
                let state = self.look(place, found);
                open.in_use += usize::from(state != VOID);
                number += usize::from(state == FULL);
                if state == EMPTY {
                    reader.holes.push(Hole { place, since: reader.sweeps });
                }
            }
        }
        reader.usual = number.max(reader.usual - reader.usual / 8);
    }

    /// Notes the blocks that slots were claimed of since the last sweep.
    fn note_new_blocks(&self, reader: &mut Reader, current: usize) {
        let (known, last) = (reader.open.len(), reader.open.last().map(|open| open.block));
        let mut block = current;
        while Some(block) != last {
            reader.open.insert(known, Open { block, seen: 0, in_use: 0 });
            block = self.block(block).before.load(Ordering::Relaxed).into();
        }
    }

    /// The state of a slot, and its value where it is full. What is void is emptied.
    fn look(&self, place: Place, found: &mut dyn FnMut(Place, &mut T)) -> u8 {
        let Some(slot) = self.slot(place.block.into(), place.index as usize) else { return VOID };
        // Acquire: the value is written.
        let state = slot.state.load(Ordering::Acquire);
        match state {
            // SAFETY: the slot is full, so who claimed it is done with it, and the caller is the
            // only reader.
            FULL => slot.value.with_mut(|value| found(place, unsafe { &mut *value })),
            // Relaxed: `give_back` tells of it.
            VOID => slot.state.store(EMPTY, Ordering::Relaxed),
            _ => {}
        }
        state
    }

    /// Shows the value that was found at this place.
    #[inline]
    pub(super) fn with<R>(
        &self,
        _: &Reader,
        place: Place,
        look: impl FnOnce(&T) -> R,
    ) -> Option<R> {
        let slot = self.slot(place.block.into(), place.index as usize)?;
        // SAFETY: the slot is full and was not given back, as its place is known, and who has the
        // reader is the only one to look.
        Some(slot.value.with(|value| look(unsafe { &*value })))
    }

    /// Gives a slot back that was found full. Its place means nothing from then on.
    #[inline]
    pub(super) fn release(&self, reader: &mut Reader, place: Place) {
        if let Some(slot) = self.slot(place.block.into(), place.index as usize) {
            // Relaxed: `give_back` tells of it.
            slot.state.store(EMPTY, Ordering::Relaxed);
            reader.used_no_more(place);
        }
    }

    /// Gives the blocks back that all slots of were given back; those that are longer than what
    /// is needed of late, to the allocator.
    pub(super) fn recycle(&self, reader: &mut Reader) {
        const SHORT: usize = 64;
        let current = reader.open.len() - 1;
        let mut index = 0;
        let usual = reader.usual;
        reader.open.retain(|open| {
            let is_done = open.seen == len_of(open.block) && open.in_use == 0 && index < current;
            index += 1;
            if is_done {
                if len_of(open.block) > SHORT && len_of(open.block) / 4 > usual {
                    let block = self.pointer(open.block).swap(ptr::null_mut(), Ordering::Relaxed);
                    // SAFETY: made by `Block::boxed`. Slots are claimed of another block; of this
                    // one all were claimed, written or given up, and read.
                    drop(unsafe { Box::from_raw(block) });
                }
                self.give_back(open.block);
            }
            !is_done
        });
    }

    /// Whether no slot was claimed that was not given back.
    pub(super) fn is_empty(&self, reader: &Reader) -> bool {
        let (current, claimed) = split(self.word.load(Ordering::Relaxed));
        let is_read = |open: &Open| {
            open.block == current && open.seen == claimed.min(len_of(current)) && open.in_use == 0
        };
        reader.open.len() == 1 && reader.open.iter().all(is_read)
    }

    /// Changes when a slot is claimed.
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
        // SAFETY: made before its number was given to anyone, in `new` or `take_free`. It is freed
        // by the reader, once all of its slots were claimed and are done with, and then its number
        // is nobody's until it is made anew; so nobody has a number, or a slot, of a block that
        // is not there.
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
        // Release: as the reader's load is the same for both states. Nothing was written.
        self.slot.state.store(VOID, Ordering::Release);
    }
}

impl Place {
    #[expect(clippy::cast_possible_truncation, reason = "there are few blocks, and none so long")]
    const fn of(block: usize, index: usize) -> Self {
        Self { block: block as u8, index: index as u32 }
    }
}

impl Reader {
    /// How often it went through the log.
    pub(super) fn sweeps(&self) -> u64 {
        self.sweeps
    }

    /// Whether all slots that were claimed before the sweep of this number are done with.
    pub(super) fn has_all_before(&self, sweep: u64) -> bool {
        self.holes.iter().all(|hole| hole.since > sweep)
    }

    fn used_no_more(&mut self, place: Place) {
        let block = usize::from(place.block);
        if let Some(open) = self.open.iter_mut().find(|open| open.block == block) {
            open.in_use -= 1;
        }
    }
}
