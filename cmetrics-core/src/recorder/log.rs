//! A log of one container's samples: many write to it, one reads and empties it.
//!
//! Slots lie in blocks. `word` holds the block that slots are claimed of and how many were: adding
//! 1 to it claims a slot, and counts the writer in. Who finds the block full takes a spare one, or
//! makes one, and puts it in its place. No writer ever waits for another: a slot belongs to who
//! claimed it until its state says what became of it, and slots behind it are claimed, written and
//! read all the same.
//!
//! The reader goes through all slots that were claimed, and empties them. One that is not written
//! yet is a *hole*, and looked at again the next time. A block all of whose slots were read
//! becomes a spare one, or begins anew where it is the last. A log that nothing comes to has none:
//! it is asleep (`sleep.rs`).

#![allow(unsafe_code, reason = "slots are handed from thread to thread by their state")]

use std::ptr;

use super::looks::{Look, Looks};
use super::sleep::{Awake, Retired, nothing};
use super::sync::{AtomicPtr, AtomicU8, AtomicU64, Ordering, UnsafeCell};
use super::word::{LONGEST, STEP, asleep, len_of, sleeps_of, with_one_more};

/// How many spare blocks are kept at most.
pub(super) const SPARES: usize = if cfg!(loom) { 1 } else { 8 };

/// A slot's states: nothing is in it yet, a value is, or nothing will be.
const EMPTY: u8 = 0;
const FULL: u8 = 1;
const VOID: u8 = 2;

pub(super) type Tail<T> = super::word::Tail<Block<T>>;

#[derive(Debug)]
#[repr(C)]
pub(super) struct Log<T> {
    pub(super) word: AtomicU64,
    /// What it has while it is awake (`sleep.rs`).
    pub(super) awake: AtomicPtr<Awake<T>>,
}

#[derive(Debug)]
#[repr(align(16))]
pub(super) struct Block<T> {
    /// The block in use that slots were claimed of before; null where there is none, and of a spare
    /// one.
    before: AtomicPtr<Self>,
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
pub(super) struct Reader<T> {
    /// The blocks that are in use, as slots were claimed of them.
    open: Vec<Open<T>>,
    holes: Vec<Hole<T>>,
    /// How often it went through the log.
    sweeps: u64,
    /// How many slots it found of late.
    usual: usize,
    /// How often the log had fallen asleep when it last did.
    sleeps: u64,
    pub(super) retired: Option<Retired<T>>,
}

/// A block that is in use.
#[derive(Debug)]
struct Open<T> {
    block: *mut Block<T>,
    /// How many of its slots were looked at.
    seen: usize,
    /// How many of these are holes.
    holes: usize,
}

/// A slot that was claimed and neither filled nor given up when it was last looked at.
#[derive(Debug)]
struct Hole<T> {
    block: *mut Block<T>,
    index: usize,
    /// The sweep that counted it first.
    since: u64,
}

// SAFETY: a value is reached by one thread at a time: by who claimed its slot until the state says
// FULL, by the reader from then on until it says EMPTY and slots of the block are claimed anew.
unsafe impl<T: Send> Sync for Log<T> {}
// SAFETY: it owns its blocks.
unsafe impl<T: Send> Send for Log<T> {}
// SAFETY: its pointers are to blocks of the log, which whoever reads may read from any thread.
unsafe impl<T: Send> Send for Reader<T> {}

impl<T: Default> Block<T> {
    fn boxed(kind: u32) -> *mut Self {
        let empty = || Slot { state: AtomicU8::new(EMPTY), value: UnsafeCell::new(T::default()) };
        let slots = (0..len_of(kind)).map(|_| empty()).collect();
        Box::into_raw(Box::new(Self { before: AtomicPtr::new(ptr::null_mut()), slots }))
    }
}

/// Whether a block of so many slots may be needed again where of late so many were found at a time.
fn is_needed(len: usize, usual: usize) -> bool {
    const SHORT: usize = 128;
    // While so many are written between two sweeps, blocks that are up to twelve times as long
    // come to use: the shorter ones are being written or read by then.
    const MANY: usize = 16;
    len <= SHORT.max(MANY * usual)
}

impl<T> Block<T> {
    /// Gives a block to the allocator.
    ///
    /// # Safety
    /// It must be there, made by `boxed`, and nobody else's.
    pub(super) unsafe fn free(block: *mut Self) {
        // SAFETY: by the caller.
        drop(unsafe { Box::from_raw(block) });
    }

    fn kind(&self) -> u32 {
        self.slots.len().ilog2() / STEP
    }
}

impl<T: Default> Log<T> {
    /// An empty log, which is asleep, and its reader.
    pub(super) fn new() -> (Self, Reader<T>) {
        let reader = Reader {
            open: Vec::new(),
            holes: Vec::new(),
            sweeps: 0,
            usual: 0,
            sleeps: 0,
            retired: None,
        };
        let (word, awake) = (AtomicU64::new(asleep(0)), AtomicPtr::new(nothing(0)));
        (Self { word, awake }, reader)
    }

    /// Claims a slot, and wakes the log to know times for so long. Whatever the reader did before
    /// its last sweep of the log that does not count this slot is seen by the writer from here on.
    #[inline]
    pub(super) fn claim(&self, cover: u64, looks: &Looks) -> Claim<'_, T> {
        let tail = Tail::of(self.add_one());
        if tail.is_full() {
            return self.claim_of_another(cover, &looks.look());
        }
        // SAFETY: the slot is claimed.
        unsafe { Claim::of(&tail) }
    }

    /// Adds 1 to the word, and returns what it was before.
    #[inline]
    fn add_one(&self) -> u64 {
        // Acquire: of who put the block there, that it is made or emptied; and of the reader's
        // sweep, what it knew then.
        self.word.fetch_add(1, Ordering::Acquire)
    }

    /// Claims a slot where the block was full, or the log asleep.
    #[cold]
    fn claim_of_another(&self, cover: u64, look: &Look<'_>) -> Claim<'_, T> {
        let mut new = None;
        // SeqCst: see `Log::sleep`.
        let mut word = self.word.load(Ordering::SeqCst);
        loop {
            if !Tail::<T>::of(word).is_full() {
                // Another writer was faster, or the reader.
                word = self.add_one();
                let tail = Tail::of(word);
                if !tail.is_full() {
                    if let Some(new) = new {
                        Self::put_spare(new, self.look_at(look));
                    }
                    // SAFETY: the slot is claimed.
                    return unsafe { Claim::of(&tail) };
                }
                word = with_one_more(word);
                continue;
            }
            if let Some(sleeps) = sleeps_of(word) {
                self.rouse(sleeps, cover, look);
            }
            let block = *new.get_or_insert_with(|| self.take_spare(word, look));
            match self.put_block(block, word) {
                // SAFETY: its first slot is claimed by that.
                Ok(kind) => return unsafe { Claim::of(&Tail { block, kind, claimed: 0 }) },
                Err(now) => word = now,
            }
        }
    }

    /// Puts a block of the caller's own into the word, where it still is this, with its first slot
    /// claimed. Returns its kind, or what the word is.
    fn put_block(&self, block: *mut Block<T>, word: u64) -> Result<u32, u64> {
        // SAFETY: the writer's own, until it is in the word.
        let (before, kind) = unsafe { (&(*block).before, (*block).kind()) };
        let is_asleep = sleeps_of(word).is_some();
        let last = if is_asleep { ptr::null_mut() } else { Tail::<T>::of(word).block };
        before.store(last, Ordering::Relaxed);
        let new = Tail { block, kind, claimed: 1 }.word();
        // Release: who claims of the block sees that it is made or emptied, what was before it,
        // and what the log woke to. Acquire: as in `add_one`. SeqCst: see `Log::sleep`.
        let put = self.word.compare_exchange(word, new, Ordering::SeqCst, Ordering::Relaxed);
        put.map(|_| kind)
    }

    /// Takes a block that is nobody's, or makes one: a longer one than is in this word, the shortest
    /// where the log is asleep.
    fn take_spare(&self, word: u64, look: &Look<'_>) -> *mut Block<T> {
        let spares = self.look_at(look).into_iter().flat_map(|awake| &awake.spares);
        // Acquire: who put it there is done with it.
        let mut taken = spares.map(|spare| match spare.load(Ordering::Relaxed) {
            unused if unused.is_null() => unused,
            _ => spare.swap(ptr::null_mut(), Ordering::Acquire),
        });
        let found = taken.find(|spare| !spare.is_null());
        let is_asleep = sleeps_of(word).is_some();
        let kind = || if is_asleep { 0 } else { (Tail::<T>::of(word).kind + 1).min(LONGEST) };
        found.unwrap_or_else(|| Block::boxed(kind()))
    }

    /// Keeps a block of the caller's own for later, or frees it where enough are kept or the log is
    /// asleep.
    fn put_spare(block: *mut Block<T>, awake: Option<&Awake<T>>) {
        // SAFETY: the caller's own.
        unsafe { (*block).before.store(ptr::null_mut(), Ordering::Relaxed) };
        for spare in awake.into_iter().flat_map(|awake| &awake.spares) {
            // Release: the caller is done with it.
            let (set, failed) = (Ordering::Release, Ordering::Relaxed);
            if spare.compare_exchange(ptr::null_mut(), block, set, failed).is_ok() {
                return;
            }
        }
        // SAFETY: the caller's own.
        unsafe { Block::free(block) };
    }

    /// Shows all values that were written since the last sweep, and empties their slots. What the
    /// reader knows at its call is seen by each writer who claims later.
    pub(super) fn sweep(&self, reader: &mut Reader<T>, found: &mut dyn FnMut(&mut T)) {
        reader.sweeps += 1;
        // Nothing is added, but it is a step in the word's order: writers that claim behind it see
        // what came before it (Release), and of those that claimed a slot before it, which they
        // are. Acquire: the blocks that were put there are made.
        let word = self.word.fetch_add(0, Ordering::AcqRel);
        let tail = Tail::of(word);
        if sleeps_of(word).is_none() {
            reader.note_new_blocks(tail.block);
        }
        reader.look_into_holes(found);
        let (sweeps, mut number, mut known) = (reader.sweeps, 0, reader.holes.len());
        for open in &mut reader.open {
            let slots = &open.block().slots;
            let end =
                if open.block == tail.block { tail.claimed.min(slots.len()) } else { slots.len() };
            number += end - open.seen;
            for (index, slot) in slots.iter().enumerate().take(end).skip(open.seen) {
                if slot.empty(found) == EMPTY {
                    reader.holes.push(Hole { block: open.block, index, since: sweeps });
                }
            }
            let holes = reader.holes.len() - known;
            (open.seen, open.holes, known) = (end, open.holes + holes, known + holes);
        }
        // Slowly, so that a lull gives nothing to the allocator that is soon needed again.
        reader.usual = number.max(reader.usual - reader.usual.div_ceil(1024));
        self.recycle(reader, word);
    }

    /// Lets the blocks be used again all slots of which were read.
    fn recycle(&self, reader: &mut Reader<T>, word: u64) {
        let current = Tail::<T>::of(word).block;
        if let Some(last) = reader.open.last_mut().filter(|last| last.is_read()) {
            // Unless a writer is at it already, the block begins anew. Release: its slots are
            // empty.
            let begun = Tail { claimed: 0, ..Tail::<T>::of(word) }.word();
            let (set, failed) = (Ordering::Release, Ordering::Relaxed);
            if self.word.compare_exchange(word, begun, set, failed).is_ok() {
                last.seen = 0;
            }
        }
        let is_done =
            |open: &Open<T>| !open.block.is_null() && open.block != current && open.is_read();
        let done = reader.open.iter().filter(|open| is_done(open)).count();
        // Of more than are kept, the shortest go: they are made again with the least effort.
        for _ in SPARES..done {
            let done = reader.open.iter_mut().filter(|open| is_done(open));
            if let Some(shortest) = done.min_by_key(|open| open.len()) {
                // SAFETY: it is not in the word, and of its slots all were claimed, done with, and
                // read.
                unsafe { Block::free(shortest.take()) };
            }
        }
        for open in reader.open.iter_mut().filter(|open| is_done(open)) {
            if is_needed(open.len(), reader.usual) {
                // SAFETY: there is a block in the word.
                let awake = unsafe { self.awake_of_reader() };
                Self::put_spare(open.take(), Some(awake));
            } else {
                // SAFETY: as above.
                unsafe { Block::free(open.take()) };
            }
        }
        reader.open.retain(|open| !open.block.is_null());
        let mut before = ptr::null_mut();
        for open in &reader.open {
            // Relaxed: only the reader looks.
            open.block().before.store(before, Ordering::Relaxed);
            before = open.block;
        }
    }

    /// Whether all slots that were claimed were read.
    pub(super) fn is_empty(&self, reader: &Reader<T>) -> bool {
        // A load might not see the last claims; a step in the word's order does. Relaxed: nothing
        // but their number matters.
        let word = self.word.fetch_add(0, Ordering::Relaxed);
        sleeps_of(word).is_some() || reader.only_block(word).is_some()
    }

    /// Another than [`Reader::version`] once a slot was claimed that no sweep counted.
    pub(super) fn version(&self) -> u64 {
        self.word.load(Ordering::Relaxed)
    }

    /// The same as a step in the order of the word.
    pub(super) fn version_in_order(&self) -> u64 {
        // Release: who claims a slot behind it knows what was done before.
        self.word.fetch_add(0, Ordering::Release)
    }
}

impl<T> Slot<T> {
    /// Shows the value to the reader where the slot is full, empties it, and says what its state
    /// was.
    #[inline]
    fn empty(&self, found: &mut dyn FnMut(&mut T)) -> u8 {
        // Acquire: the value is written.
        let state = self.state.load(Ordering::Acquire);
        if state == FULL {
            // SAFETY: who claimed the slot is done with it, and only the reader calls this.
            self.value.with_mut(|value| found(unsafe { &mut *value }));
        }
        if state != EMPTY {
            // Relaxed: told of when slots of the block are claimed anew.
            self.state.store(EMPTY, Ordering::Relaxed);
        }
        state
    }
}

impl<T> Drop for Log<T> {
    fn drop(&mut self) {
        self.drop_awake();
        let word = self.word.load(Ordering::Relaxed);
        let is_awake = sleeps_of(word).is_none();
        let mut block = if is_awake { Tail::<T>::of(word).block } else { ptr::null_mut() };
        while !block.is_null() {
            // SAFETY: made by `Block::boxed`, and nobody else is left who could use it. Those
            // before it are in use.
            let unused = unsafe { Box::from_raw(block) };
            block = unused.before.load(Ordering::Relaxed);
        }
    }
}

impl<T> Claim<'_, T> {
    /// The slot that was claimed where the word said this.
    ///
    /// # Safety
    /// The caller must have claimed it. So the block is there: the reader neither gives away nor
    /// frees a block with a slot that is claimed and not done with.
    #[inline]
    unsafe fn of(tail: &Tail<T>) -> Self {
        // SAFETY: by the caller, the block is there, and stays until the claim is done with.
        let block = unsafe { &*tail.block };
        #[expect(clippy::indexing_slicing, reason = "the block was not full")]
        Self { slot: &block.slots[tail.claimed] }
    }

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
        // Release: nothing was written, but what the log has may have been used.
        self.slot.state.store(VOID, Ordering::Release);
    }
}

impl<T> Open<T> {
    fn len(&self) -> usize {
        self.block().slots.len()
    }

    /// Whether all of its slots were read.
    fn is_read(&self) -> bool {
        self.holes == 0 && self.seen == self.len()
    }

    /// Takes the block out of use.
    fn take(&mut self) -> *mut Block<T> {
        std::mem::replace(&mut self.block, ptr::null_mut())
    }

    fn block(&self) -> &Block<T> {
        // SAFETY: the reader met it in the log and has neither kept it for later nor freed it; only
        // the reader does so.
        unsafe { &*self.block }
    }
}

impl<T> Reader<T> {
    /// How often it went through the log.
    pub(super) fn sweeps(&self) -> u64 {
        self.sweeps
    }

    /// What the log's version is as long as no slot is claimed that was not read.
    pub(super) fn version(&self) -> u64 {
        self.open.last().map_or(asleep(self.sleeps), |open| {
            Tail { block: open.block, kind: open.block().kind(), claimed: open.seen }.word()
        })
    }

    /// The block that is in use where the word is this, all slots that were claimed were read, and
    /// there is no other.
    pub(super) fn only_block(&self, word: u64) -> Option<*mut Block<T>> {
        let tail = Tail::of(word);
        let claimed = tail.claimed.min(len_of(tail.kind));
        let [open] = &*self.open else { return None };
        (open.block == tail.block && open.seen == claimed && open.holes == 0).then_some(open.block)
    }

    /// Notes that the log fell asleep for the time of this number.
    pub(super) fn forget_blocks(&mut self, sleeps: u64) {
        (self.open, self.holes) = (Vec::new(), Vec::new());
        (self.usual, self.sleeps) = (0, sleeps);
    }

    /// Whether all slots that were claimed before the sweep of this number are done with.
    pub(super) fn has_all_before(&self, sweep: u64) -> bool {
        self.holes.iter().all(|hole| hole.since > sweep)
    }

    /// Notes the blocks that slots were claimed of since the last sweep; `block` is the last.
    fn note_new_blocks(&mut self, mut block: *mut Block<T>) {
        let (known, last) = (self.open.len(), self.open.last().map(|open| open.block));
        while !block.is_null() && Some(block) != last {
            let open = Open { block, seen: 0, holes: 0 };
            block = open.block().before.load(Ordering::Relaxed);
            self.open.insert(known, open);
        }
    }

    fn look_into_holes(&mut self, found: &mut dyn FnMut(&mut T)) {
        let open = &mut self.open;
        self.holes.retain(|hole| {
            let block = open.iter_mut().find(|open| open.block == hole.block);
            let Some(open) = block else { return false };
            let slot = open.block().slots.get(hole.index);
            let is_hole = slot.is_some_and(|slot| slot.empty(found) == EMPTY);
            open.holes -= usize::from(!is_hole);
            is_hole
        });
    }
}
