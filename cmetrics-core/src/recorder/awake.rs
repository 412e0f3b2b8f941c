//! What only a log has that is awake.

#![allow(unsafe_code, reason = "what is not needed any more is freed")]

use std::ptr;

use super::block::{Block, SPARES};
use super::looks::{Look, Since};
use super::sync::{AtomicPtr, Ordering};
use super::times::Times;

/// What only a log has that is awake.
#[derive(Debug)]
#[repr(align(16))]
pub(super) struct Awake<T> {
    /// How often the log had fallen asleep when it woke to this.
    pub(super) sleeps: u64,
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
    pub(super) awake: *mut Awake<T>,
    pub(super) since: Since,
}

// SAFETY: it alone has what it points to, but for who looks at it; and that is seen by any thread.
unsafe impl<T: Send> Send for Retired<T> {}

impl<T> Drop for Retired<T> {
    fn drop(&mut self) {
        // SAFETY: made by `rouse`. Nobody looks at it any more, or the log goes too.
        drop(unsafe { Box::from_raw(self.awake) });
    }
}

/// What `awake` holds where a log has nothing that fell asleep so many times.
pub(super) fn nothing<T>(sleeps: u64) -> *mut Awake<T> {
    #[expect(clippy::cast_possible_truncation, reason = "so often no log of such a program sleeps")]
    ptr::without_provenance_mut(sleeps as usize * 2 + 1)
}

/// Whether `awake` holds something.
pub(super) fn is_there<T>(awake: *mut Awake<T>) -> bool {
    awake.addr().is_multiple_of(2)
}

impl<T> Awake<T> {
    pub(super) fn new(sleeps: u64, cover: u64) -> Self {
        let spares = std::array::from_fn(|_| AtomicPtr::new(ptr::null_mut()));
        Self {
            sleeps,
            times: Times::new(cover),
            spares,
            #[cfg(loom)]
            used: super::sync::UnsafeCell::new(()),
        }
    }

    /// What was found in `awake`, if it is anything.
    ///
    /// # Safety
    /// The look must have begun before: so it is not freed until that ends.
    #[inline]
    pub(super) unsafe fn found<'l>(awake: *mut Self, _: &'l Look<'_>) -> Option<&'l Self> {
        // SAFETY: by the caller.
        is_there(awake).then(|| unsafe { &*awake }.in_use())
    }

    #[inline]
    pub(super) fn in_use(&self) -> &Self {
        #[cfg(loom)]
        self.used.with(|_| ());
        self
    }
}

impl<T> Drop for Awake<T> {
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
