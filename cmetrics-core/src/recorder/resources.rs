//! What a log needs only while it is awake.

#![allow(unsafe_code, reason = "what is not needed any more is freed")]

use std::ptr;

use super::block::{Block, SPARES};
use super::pins::{GracePeriod, Pin};
use super::times::Times;
use crate::sync::{AtomicPtr, Ordering};

/// What a log needs only while it is awake.
#[derive(Debug)]
#[repr(align(16))]
pub(super) struct Resources<T> {
    /// How often the log had fallen asleep when it woke with these resources.
    pub(super) sleep_count: u64,
    pub(super) times: Times,
    /// Blocks that nobody uses: whoever swaps one out owns it.
    pub(super) spares: [AtomicPtr<Block<T>>; SPARES],
    /// Read by each user of the resources and written by whoever frees them, so that models notice
    /// where both happen at the same time.
    #[cfg(loom)]
    used: crate::sync::UnsafeCell<()>,
}

/// The resources that a log had before it fell asleep. They are freed once no thread can be reading
/// them.
#[derive(Debug)]
pub(super) struct Retired<T> {
    pub(super) resources: *mut Resources<T>,
    pub(super) grace: GracePeriod,
}

// SAFETY: it alone owns what it points to. Holders of pins may read that, from any thread.
unsafe impl<T: Send> Send for Retired<T> {}

impl<T> Drop for Retired<T> {
    fn drop(&mut self) {
        // SAFETY: made by `install_resources`. No holder of a pin reads them any more, or the log
        // is dropped, too.
        drop(unsafe { Box::from_raw(self.resources) });
    }
}

/// The value of `resources` for a log without resources that has fallen asleep this many times.
pub(super) fn absent<T>(sleep_count: u64) -> *mut Resources<T> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "no log of a 32-bit program sleeps so often"
    )]
    ptr::without_provenance_mut(sleep_count as usize * 2 + 1)
}

/// Whether a value of `resources` points to resources.
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
            used: crate::sync::UnsafeCell::new(()),
        }
    }

    /// The resources to which a value of `resources` points, if any.
    ///
    /// # Safety
    /// The pin must have been taken before the value was loaded: so the resources are not freed
    /// until the pin is released.
    #[inline]
    pub(super) unsafe fn from_ptr<'l>(resources: *mut Self, _: &'l Pin<'_>) -> Option<&'l Self> {
        // SAFETY: guaranteed by the caller.
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
                // SAFETY: made by `Block::boxed`, and nobody uses it.
                unsafe { Block::free(block) };
            }
        }
    }
}
