//! A lock-free stack, on which containers are handed to sealers.

#![allow(unsafe_code, reason = "owners are handed over by pointer")]

use std::ptr;
use std::sync::Arc;

use crate::sync::{AtomicPtr, Ordering};

/// What a [`Stack`] can hold.
pub(super) trait Linked: Sized {
    /// What was pushed before it, while it is on a stack.
    fn next(&self) -> &AtomicPtr<Self>;
}

/// A stack onto which any thread pushes containers without waiting, each at most once at a time;
/// taking takes all of them. It owns what is on it.
#[derive(Debug)]
pub(super) struct Stack<C> {
    last: AtomicPtr<C>,
}

impl<C: Linked> Stack<C> {
    pub(super) fn new() -> Self {
        Self { last: AtomicPtr::new(ptr::null_mut()) }
    }

    /// The pointer that marks a closed stack.
    fn closed_marker() -> *mut C {
        ptr::dangling_mut()
    }

    /// Pushes a container that is not on the stack.
    pub(super) fn push(&self, container: &Arc<C>) {
        let mut last = self.last.load(Ordering::Relaxed);
        if last == Self::closed_marker() {
            return;
        }
        let added = Arc::into_raw(Arc::clone(container)).cast_mut();
        loop {
            // Relaxed: published with the container.
            container.next().store(last, Ordering::Relaxed);
            // Release: whoever takes it sees what was pushed before, and what happened until then.
            let (set, failed) = (Ordering::Release, Ordering::Relaxed);
            match self.last.compare_exchange_weak(last, added, set, failed) {
                Ok(_) => return,
                Err(now) => last = now,
            }
            if last == Self::closed_marker() {
                // SAFETY: made above, and nobody else has it.
                drop(unsafe { Arc::from_raw(added) });
                return;
            }
        }
    }

    /// Takes all containers.
    pub(super) fn take_all(&self, into: &mut Vec<Arc<C>>) {
        self.swap_and_take(ptr::null_mut(), into);
    }

    /// Drops all containers, and accepts none from now on.
    pub(super) fn close(&self) {
        self.swap_and_take(Self::closed_marker(), &mut Vec::new());
    }

    fn swap_and_take(&self, new_last: *mut C, into: &mut Vec<Arc<C>>) {
        // Relaxed: only a hint.
        if self.last.load(Ordering::Relaxed).is_null() && new_last.is_null() {
            return;
        }
        // Acquire: what the threads did that pushed.
        let mut last = self.last.swap(new_last, Ordering::Acquire);
        while !last.is_null() && last != Self::closed_marker() {
            // SAFETY: `push` put it there as an owner, and it is taken out once.
            let container = unsafe { Arc::from_raw(last.cast_const()) };
            last = container.next().load(Ordering::Relaxed);
            into.push(container);
        }
    }
}
