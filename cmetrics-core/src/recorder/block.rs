//! Blocks of slots: a slot belongs to its writer until its state says what became of it.

#![allow(unsafe_code, reason = "slots are handed from thread to thread by their state")]

use std::ptr;

use super::word::{GROWTH_LOG2, block_len};
use crate::sync::{AtomicPtr, AtomicU8, Ordering, UnsafeCell};

/// How many spare blocks are kept at most.
pub(super) const SPARES: usize = if cfg!(loom) { 1 } else { 8 };

/// The states of a slot: it has no value yet, it has one, or it will have none.
pub(super) const EMPTY: u8 = 0;
const FULL: u8 = 1;
const VOID: u8 = 2;

pub(super) type CurrentBlock<T> = super::word::CurrentBlock<Block<T>>;

#[derive(Debug)]
#[repr(align(16))]
pub(super) struct Block<T> {
    /// The block in use from which slots were claimed before; null if there is none, and in a spare
    /// block.
    pub(super) previous: AtomicPtr<Self>,
    pub(super) slots: Box<[Slot<T>]>,
}

#[derive(Debug)]
pub(super) struct Slot<T> {
    state: AtomicU8,
    value: UnsafeCell<T>,
}

/// A slot that a writer owns. Dropped without a value, it becomes void.
#[derive(Debug)]
pub(super) struct Claim<'l, T> {
    slot: &'l Slot<T>,
}

impl<T: Default> Block<T> {
    pub(super) fn boxed(size_class: u32) -> *mut Self {
        let empty = || Slot { state: AtomicU8::new(EMPTY), value: UnsafeCell::new(T::default()) };
        let slots = (0..block_len(size_class)).map(|_| empty()).collect();
        Box::into_raw(Box::new(Self { previous: AtomicPtr::new(ptr::null_mut()), slots }))
    }
}

impl<T> Block<T> {
    /// Frees a block.
    ///
    /// # Safety
    /// The block must exist, be made by `boxed`, and be used by nobody else.
    pub(super) unsafe fn free(block: *mut Self) {
        // SAFETY: guaranteed by the caller.
        drop(unsafe { Box::from_raw(block) });
    }

    pub(super) fn size_class(&self) -> u32 {
        self.slots.len().ilog2() / GROWTH_LOG2
    }
}

impl<T> Slot<T> {
    /// Passes the value to `visit` if the slot is full, empties the slot, and returns the state
    /// that it had.
    #[inline]
    pub(super) fn drain(&self, visit: &mut dyn FnMut(&mut T)) -> u8 {
        // Acquire: the value is written.
        let state = self.state.load(Ordering::Acquire);
        if state == FULL {
            // SAFETY: the writer that claimed the slot is done with it, and only the reader calls
            // this.
            self.value.with_mut(|value| visit(unsafe { &mut *value }));
        }
        if state != EMPTY {
            // Relaxed: published when slots of the block can be claimed again.
            self.state.store(EMPTY, Ordering::Relaxed);
        }
        state
    }
}

impl<T> Claim<'_, T> {
    /// The slot that was claimed when the word was this.
    ///
    /// # Safety
    /// The caller must have claimed the slot. So the block exists: the reader neither reuses nor
    /// frees a block with a claimed slot that is not done with.
    #[inline]
    pub(super) unsafe fn of(current: &CurrentBlock<T>) -> Self {
        // SAFETY: by the caller, the block exists, and stays until the claim is done with.
        let block = unsafe { &*current.block };
        #[expect(clippy::indexing_slicing, reason = "the block was not full")]
        Self { slot: &block.slots[current.claimed] }
    }

    /// Writes the slot's value, over one that was read long ago.
    #[inline]
    pub(super) fn fill(self, write: impl FnOnce(&mut T)) {
        // SAFETY: a slot is claimed once until the reader gives it back, and the reader does not
        // touch it until it is full.
        self.slot.value.with_mut(|value| write(unsafe { &mut *value }));
        // Release: the value is written.
        self.slot.state.store(FULL, Ordering::Release);
        std::mem::forget(self);
    }
}

impl<T> Drop for Claim<'_, T> {
    fn drop(&mut self) {
        // Release: nothing was written, but the log's resources may have been used.
        self.slot.state.store(VOID, Ordering::Release);
    }
}
