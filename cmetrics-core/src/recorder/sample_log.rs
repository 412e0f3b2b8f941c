//! A log of one container's samples: many writers add to it, one reader reads and empties it.
//!
//! Slots lie in blocks. `word` contains the block from which slots are claimed, and how many were:
//! adding 1 to it claims a slot, and counts the writer in. A writer that finds the block full
//! replaces it by a spare or a new one. No writer ever waits for another: a slot belongs to the
//! writer that claimed it until its state says what became of it, and slots behind it are claimed,
//! written and read meanwhile.
//!
//! The reader goes through all claimed slots, and empties them. A slot that is not written yet is a
//! *hole*, which the next sweep checks again. A block whose slots were all read becomes a spare
//! one, or is reused in its place if it is the current one. A log to which nothing comes has no
//! block: it is asleep (`sleep.rs`).

#![allow(unsafe_code, reason = "slots are handed from thread to thread by their state")]

use std::ptr;

use super::block::{Block, Claim, CurrentBlock, EMPTY, SPARES};
use super::log_reader::{Hole, LogReader, OpenBlock};
use super::pins::{Pin, Pins};
use super::resources::{Resources, absent};
use super::word::{MAX_SIZE_CLASS, asleep_word, sleep_count_of, with_next_claim};
use crate::sync::{AtomicPtr, AtomicU64, Ordering};

#[derive(Debug)]
#[repr(C)]
pub(super) struct SampleLog<T> {
    pub(super) word: AtomicU64,
    /// What the log has while it is awake (`sleep.rs`).
    pub(super) resources: AtomicPtr<Resources<T>>,
}

// SAFETY: one thread at a time reaches a value: the writer that claimed its slot until the state is
// FULL, and from then on the reader until the state is EMPTY and slots of the block are claimed
// again.
unsafe impl<T: Send> Sync for SampleLog<T> {}
// SAFETY: it owns its blocks.
unsafe impl<T: Send> Send for SampleLog<T> {}

/// Whether a block of this length may be needed again, where sweeps found about `usual_len` slots
/// of late.
fn is_needed(len: usize, usual_len: usize) -> bool {
    const SHORT: usize = 128;
    // While so many slots are written between two sweeps, blocks that are up to twelve times as
    // long come into use: the shorter ones are being written or read by then.
    const MANY: usize = 16;
    len <= SHORT.max(MANY * usual_len)
}

impl<T: Default> SampleLog<T> {
    /// An empty log, which is asleep, and its reader.
    pub(super) fn new() -> (Self, LogReader<T>) {
        let (word, resources) = (AtomicU64::new(asleep_word(0)), AtomicPtr::new(absent(0)));
        (Self { word, resources }, LogReader::new())
    }

    /// Claims a slot. A log that is asleep wakes, and remembers times for `remembered_nanos`. From
    /// here on the writer sees whatever the reader did before its last sweep that does not count
    /// this slot.
    #[inline]
    pub(super) fn claim(&self, remembered_nanos: u64, pins: &Pins) -> Claim<'_, T> {
        let current = CurrentBlock::of(self.add_one());
        if current.is_full() {
            return self.claim_slow(remembered_nanos, &pins.pin());
        }
        // SAFETY: the slot is claimed.
        unsafe { Claim::of(&current) }
    }

    /// Adds 1 to the word, and returns what it was before.
    #[inline]
    fn add_one(&self) -> u64 {
        // Acquire: from the writer that installed the block, that it is made or emptied; and from
        // the reader's sweep, what the reader knew then.
        self.word.fetch_add(1, Ordering::Acquire)
    }

    /// Claims a slot where the block was full or the log asleep.
    #[cold]
    fn claim_slow(&self, remembered_nanos: u64, pin: &Pin<'_>) -> Claim<'_, T> {
        let mut new = None;
        // SeqCst: see `SampleLog::sleep`.
        let mut word = self.word.load(Ordering::SeqCst);
        loop {
            if !CurrentBlock::<T>::of(word).is_full() {
                // Another writer was faster, or the reader was.
                word = self.add_one();
                let current = CurrentBlock::of(word);
                if !current.is_full() {
                    if let Some(new) = new {
                        Self::put_spare(new, self.resources(pin));
                    }
                    // SAFETY: the slot is claimed.
                    return unsafe { Claim::of(&current) };
                }
                word = with_next_claim(word);
                continue;
            }
            if let Some(sleep_count) = sleep_count_of(word) {
                self.install_resources(sleep_count, remembered_nanos, pin);
            }
            let block = *new.get_or_insert_with(|| self.take_spare(word, pin));
            match self.install_block(block, word) {
                Ok(size_class) => {
                    // SAFETY: installing the block claimed its first slot.
                    return unsafe { Claim::of(&CurrentBlock { block, size_class, claimed: 0 }) };
                }
                Err(now) => word = now,
            }
        }
    }

    /// Puts a block that the caller owns into the word, with its first slot claimed, if the word is
    /// still this. Returns the block's size class, or what the word is instead.
    fn install_block(&self, block: *mut Block<T>, word: u64) -> Result<u32, u64> {
        // SAFETY: the writer owns it until it is in the word.
        let (previous, size_class) = unsafe { (&(*block).previous, (*block).size_class()) };
        let is_asleep = sleep_count_of(word).is_some();
        let last = if is_asleep { ptr::null_mut() } else { CurrentBlock::<T>::of(word).block };
        previous.store(last, Ordering::Relaxed);
        let new = CurrentBlock { block, size_class, claimed: 1 }.word();
        // Release: whoever claims a slot of the block sees that it is made or emptied, which block
        // came before it, and the resources with which the log woke. Acquire: as in `add_one`.
        // SeqCst: see `SampleLog::sleep`.
        let put = self.word.compare_exchange(word, new, Ordering::SeqCst, Ordering::Relaxed);
        put.map(|_| size_class)
    }

    /// Takes a spare block, or makes one: a longer one than in this word, or the shortest if the
    /// log is asleep.
    fn take_spare(&self, word: u64, pin: &Pin<'_>) -> *mut Block<T> {
        let spares = self.resources(pin).into_iter().flat_map(|resources| &resources.spares);
        // Acquire: whoever put it there is done with it.
        let mut swapped = spares.map(|spare| match spare.load(Ordering::Relaxed) {
            unused if unused.is_null() => unused,
            _ => spare.swap(ptr::null_mut(), Ordering::Acquire),
        });
        let spare = swapped.find(|spare| !spare.is_null());
        let is_asleep = sleep_count_of(word).is_some();
        let size_class = || {
            if is_asleep {
                0
            } else {
                (CurrentBlock::<T>::of(word).size_class + 1).min(MAX_SIZE_CLASS)
            }
        };
        spare.unwrap_or_else(|| Block::boxed(size_class()))
    }

    /// Keeps a block that the caller owns as a spare, or frees it if enough are kept or the log is
    /// asleep.
    fn put_spare(block: *mut Block<T>, resources: Option<&Resources<T>>) {
        // SAFETY: the caller owns it.
        unsafe { (*block).previous.store(ptr::null_mut(), Ordering::Relaxed) };
        for spare in resources.into_iter().flat_map(|resources| &resources.spares) {
            // Release: the caller is done with it.
            let (set, failed) = (Ordering::Release, Ordering::Relaxed);
            if spare.compare_exchange(ptr::null_mut(), block, set, failed).is_ok() {
                return;
            }
        }
        // SAFETY: the caller owns it.
        unsafe { Block::free(block) };
    }

    /// Passes all values that were written since the last sweep to `visit`, and empties their
    /// slots. Each writer that claims later sees what the reader knows when it calls this.
    pub(super) fn sweep(&self, reader: &mut LogReader<T>, visit: &mut dyn FnMut(&mut T)) {
        reader.sweeps += 1;
        // This adds nothing, but it is a step in the word's order: writers that claim behind it see
        // what came before it (Release), and it returns which slots were claimed before it.
        // Acquire: the blocks that were installed are made.
        let word = self.word.fetch_add(0, Ordering::AcqRel);
        let current = CurrentBlock::of(word);
        if sleep_count_of(word).is_none() {
            reader.add_new_blocks(current.block);
        }
        reader.recheck_holes(visit);
        let (sweeps, mut number, mut known) = (reader.sweeps, 0, reader.holes.len());
        for open in &mut reader.open_blocks {
            let slots = &open.block().slots;
            let end = if open.block == current.block {
                current.claimed.min(slots.len())
            } else {
                slots.len()
            };
            number += end - open.seen;
            for (index, slot) in slots.iter().enumerate().take(end).skip(open.seen) {
                if slot.drain(visit) == EMPTY {
                    reader.holes.push(Hole { block: open.block, index, sweep: sweeps });
                }
            }
            let holes = reader.holes.len() - known;
            (open.seen, open.holes, known) = (end, open.holes + holes, known + holes);
        }
        // It falls slowly, so that in a lull no block is freed that is soon needed again.
        reader.usual_len = number.max(reader.usual_len - reader.usual_len.div_ceil(1024));
        self.recycle(reader, word);
    }

    /// Makes those blocks reusable whose slots were all read.
    fn recycle(&self, reader: &mut LogReader<T>, word: u64) {
        let current = CurrentBlock::<T>::of(word).block;
        if let Some(last) = reader.open_blocks.last_mut().filter(|last| last.is_read()) {
            // Reuses the block in its place, unless a writer has claimed from it meanwhile.
            // Release: its slots are empty.
            let begun = CurrentBlock { claimed: 0, ..CurrentBlock::<T>::of(word) }.word();
            let (set, failed) = (Ordering::Release, Ordering::Relaxed);
            if self.word.compare_exchange(word, begun, set, failed).is_ok() {
                last.seen = 0;
            }
        }
        let is_done =
            |open: &OpenBlock<T>| !open.block.is_null() && open.block != current && open.is_read();
        let done = reader.open_blocks.iter().filter(|open| is_done(open)).count();
        // If more are done than are kept, the shortest are freed: they take the least effort to
        // make again.
        for _ in SPARES..done {
            let done = reader.open_blocks.iter_mut().filter(|open| is_done(open));
            if let Some(shortest) = done.min_by_key(|open| open.len()) {
                // SAFETY: it is not in the word, and all of its slots were claimed, done with, and
                // read.
                unsafe { Block::free(shortest.take()) };
            }
        }
        for open in reader.open_blocks.iter_mut().filter(|open| is_done(open)) {
            if is_needed(open.len(), reader.usual_len) {
                // SAFETY: there is a block in the word, so the log is awake; and the caller is the
                // reader.
                let resources = unsafe { self.resources_of_reader() };
                Self::put_spare(open.take(), Some(resources));
            } else {
                // SAFETY: as above.
                unsafe { Block::free(open.take()) };
            }
        }
        reader.open_blocks.retain(|open| !open.block.is_null());
        let mut previous = ptr::null_mut();
        for open in &reader.open_blocks {
            // Relaxed: only the reader reads it.
            open.block().previous.store(previous, Ordering::Relaxed);
            previous = open.block;
        }
    }

    /// Whether all claimed slots were read.
    pub(super) fn is_empty(&self, reader: &LogReader<T>) -> bool {
        // A load might not see the last claims; a step in the word's order does. Relaxed: nothing
        // but their number matters.
        let word = self.word.fetch_add(0, Ordering::Relaxed);
        sleep_count_of(word).is_some() || reader.only_block(word).is_some()
    }

    /// Differs from [`LogReader::version`] once a slot is claimed that no sweep counted.
    pub(super) fn version(&self) -> u64 {
        self.word.load(Ordering::Relaxed)
    }

    /// The version, read as a step in the order of the word.
    pub(super) fn version_in_order(&self) -> u64 {
        // Release: whoever claims a slot behind it knows what was done before.
        self.word.fetch_add(0, Ordering::Release)
    }
}

impl<T> Drop for SampleLog<T> {
    fn drop(&mut self) {
        self.drop_resources();
        let word = self.word.load(Ordering::Relaxed);
        let is_awake = sleep_count_of(word).is_none();
        let mut block = if is_awake { CurrentBlock::<T>::of(word).block } else { ptr::null_mut() };
        while !block.is_null() {
            // SAFETY: made by `Block::boxed`, and nobody else is left who could use it. Those
            // before it are in use, too.
            let unused = unsafe { Box::from_raw(block) };
            block = unused.previous.load(Ordering::Relaxed);
        }
    }
}
