//! What only a log has that is awake.

#![allow(unsafe_code, reason = "what is not needed any more is freed")]

use std::ptr;

use super::block::{Block, SPARES};
use super::pins::{GracePeriod, Pin};
use super::sync::{AtomicPtr, Ordering};
use super::times::Times;

/// What only a log has that is awake.
#[derive(Debug)]
#[repr(align(16))]
pub(super) struct Resources<T> {
    /// How often the log had fallen asleep when it woke to this.
    pub(super) sleep_count: u64,
    pub(super) times: Times,
    /// Blocks that are nobody's: who swaps one out has it.
    pub(super) spares: [AtomicPtr<Block<T>>; SPARES],
    /// Used by who uses this, and changed by who frees it: so models see where that is at once.
    #[cfg(loom)]
    used: super::sync::UnsafeCell<()>,
}

/// What a log had before it fell asleep: it goes once nobody looks at it any more.
#[derive(Debug)]
pub(super) struct Retired<T> {
    pub(super) resources: *mut Resources<T>,
    pub(super) grace: GracePeriod,
}

// SAFETY: it alone has what it points to, but for who looks at it; and that is seen by any thread.
unsafe impl<T: Send> Send for Retired<T> {}

impl<T> Drop for Retired<T> {
    fn drop(&mut self) {
        // SAFETY: made by `install_resources`. Nobody looks at it any more, or the log goes too.
        drop(unsafe { Box::from_raw(self.resources) });
    }
}

/// What `resources` holds where a log has nothing that fell asleep so many times.
pub(super) fn absent<T>(sleep_count: u64) -> *mut Resources<T> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "no log of a 32-bit program sleeps so often"
    )]
    ptr::without_provenance_mut(sleep_count as usize * 2 + 1)
}

/// Whether `resources` holds something.
pub(super) fn is_present<T>(resources: *mut Resources<T>) -> bool {
    resources.addr().is_multiple_of(2)
}

impl<T> Resources<T> {
    pub(super) fn new(sleep_count: u64, remembered_nanos: u64) -> Self {
        let spares = std::array::from_fn(|_| AtomicPtr::new(ptr::null_mut()));
        Self {
            sleep_count,
            times: Times::new(remembered_nanos),
            spares,
            #[cfg(loom)]
            used: super::sync::UnsafeCell::new(()),
        }
    }

    /// What was found in `resources`, if it is anything.
    ///
    /// # Safety
    /// The look must have begun before: so it is not freed until that ends.
    #[inline]
    pub(super) unsafe fn from_ptr<'l>(resources: *mut Self, _: &'l Pin<'_>) -> Option<&'l Self> {
        // SAFETY: by the caller.
        is_present(resources).then(|| unsafe { &*resources }.mark_used())
    }

    #[inline]
    pub(super) fn mark_used(&self) -> &Self {
        #[cfg(loom)]
        self.used.with(|_| ());
        self
    }
}

impl<T> Drop for Resources<T> {
    fn drop(&mut self) {
        #[cfg(loom)]
        self.used.with_mut(|_| ());
        for spare in &self.spares {
            let block = spare.load(Ordering::Relaxed);
            if !block.is_null() {
                // SAFETY: made by `Block::boxed`, and nobody's.
                unsafe { Block::free(block) };
            }
        }
    }
}
