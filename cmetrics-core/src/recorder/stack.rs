//! Containers that someone who seals is to look at, on their way to him.

#![allow(unsafe_code, reason = "owners are handed over by pointer")]

use std::ptr;
use std::sync::Arc;

use super::sync::{AtomicPtr, Ordering};

/// What can be in a [`Stack`].
pub(super) trait Linked: Sized {
    /// What was added before it, while it is in one.
    fn next(&self) -> &AtomicPtr<Self>;
}

/// A stack to which any thread adds containers, each at most once at a time, without waiting; who
/// takes takes all. It owns those that are in it.
#[derive(Debug)]
pub(super) struct Stack<C> {
    last: AtomicPtr<C>,
}

impl<C: Linked> Stack<C> {
    pub(super) fn new() -> Self {
        Self { last: AtomicPtr::new(ptr::null_mut()) }
    }

    /// What is there in the place of a container where none is taken any more.
    fn closed_marker() -> *mut C {
        ptr::dangling_mut()
    }

    /// Adds a container that is not in it.
    pub(super) fn push(&self, container: &Arc<C>) {
        let mut last = self.last.load(Ordering::Relaxed);
        if last == Self::closed_marker() {
            return;
        }
        let added = Arc::into_raw(Arc::clone(container)).cast_mut();
        loop {
            // Relaxed: told of with the container.
            container.next().store(last, Ordering::Relaxed);
            // Release: who takes it sees what was woken before, and what happened until then.
            let (set, failed) = (Ordering::Release, Ordering::Relaxed);
            match self.last.compare_exchange_weak(last, added, set, failed) {
                Ok(_) => return,
                Err(now) => last = now,
            }
            if last == Self::closed_marker() {
                // SAFETY: made above, and nobody else's.
                drop(unsafe { Arc::from_raw(added) });
                return;
            }
        }
    }

    /// Takes all.
    pub(super) fn take_all(&self, into: &mut Vec<Arc<C>>) {
        self.swap_and_take(ptr::null_mut(), into);
    }

    /// Takes all, and no more are added from now on.
    pub(super) fn close(&self) {
        self.swap_and_take(Self::closed_marker(), &mut Vec::new());
    }

    fn swap_and_take(&self, new_last: *mut C, into: &mut Vec<Arc<C>>) {
        // Relaxed: a look only.
        if self.last.load(Ordering::Relaxed).is_null() && new_last.is_null() {
            return;
        }
        // Acquire: what those who added did.
        let mut last = self.last.swap(new_last, Ordering::Acquire);
        while !last.is_null() && last != Self::closed_marker() {
            // SAFETY: `add` put it there as an owner, and it was taken out once.
            let container = unsafe { Arc::from_raw(last.cast_const()) };
            last = container.next().load(Ordering::Relaxed);
            into.push(container);
        }
    }
}
