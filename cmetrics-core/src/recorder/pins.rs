//! Pins: they count the threads that may be reading what is about to be freed.
//!
//! A thread pins before it loads a shared pointer, and unpins when it is done with it, as in
//! epoch-based reclamation. Pins are counted in a few counters, so that threads rarely share one.
//! What no thread can find any more is freed once each counter was seen at zero since: a thread
//! that pinned before is done by then, and one that pins later does not find it.

use crate::sync::{AtomicUsize, Ordering, loom_seq_cst_fence};

/// How many counters there are.
const COUNTERS: usize = if cfg!(loom) { 1 } else { 8 };

#[derive(Debug)]
pub(super) struct Pins {
    counters: [PinCount; COUNTERS],
}

/// How many pins are held, in a cache line of its own.
#[derive(Debug, Default)]
#[repr(align(64))]
struct PinCount(AtomicUsize);

/// While it is held, nothing that was found under it is freed.
#[derive(Debug)]
pub(super) struct Pin<'l>(&'l PinCount);

/// The counters, by bit, that may still count a pin from before this was made.
#[derive(Debug)]
pub(super) struct GracePeriod(u8);

impl Pins {
    pub(super) fn new() -> Self {
        Self { counters: std::array::from_fn(|_| PinCount::default()) }
    }

    /// Takes a pin. The load that finds a pointer under the pin must be sequentially consistent,
    /// and so must each step that hides the pointer.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "there are so many counters")]
    pub(super) fn pin(&self) -> Pin<'_> {
        let counter = &self.counters[thread_number() % COUNTERS];
        // SeqCst here, where the pointer is hidden, where it is loaded and in `is_over`: in the one
        // order of all these steps, a pin either comes before its counter is seen at zero, or its
        // holder finds the pointer hidden that was hidden before.
        counter.0.fetch_add(1, Ordering::SeqCst);
        loom_seq_cst_fence();
        Pin(counter)
    }

    /// Whether all pins are released that were held when the grace period began.
    pub(super) fn is_over(&self, grace: &mut GracePeriod) -> bool {
        loom_seq_cst_fence();
        for (counter, bit) in self.counters.iter().zip((0..).map(|number| 1 << number)) {
            // SeqCst: see `pin`. It also acquires what the holders did.
            if grace.0 & bit != 0 && counter.0.load(Ordering::SeqCst) == 0 {
                grace.0 &= !bit;
            }
        }
        grace.0 == 0
    }
}

impl GracePeriod {
    /// Begins a grace period for something that was just hidden.
    pub(super) const fn start() -> Self {
        Self(u8::MAX >> (u8::BITS as usize - COUNTERS))
    }
}

impl Drop for Pin<'_> {
    fn drop(&mut self) {
        // Release: whoever sees the counter at zero may free what was found under the pin.
        self.0.0.fetch_sub(1, Ordering::Release);
    }
}

#[cfg(not(loom))]
#[inline]
fn thread_number() -> usize {
    use std::cell::Cell;

    thread_local! {
        static NUMBER: Cell<usize> = const { Cell::new(usize::MAX) };
    }

    #[cold]
    fn next() -> usize {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        // Relaxed: any number will do.
        let number = THREADS.fetch_add(1, Ordering::Relaxed) % COUNTERS;
        NUMBER.set(number);
        number
    }

    match NUMBER.get() {
        usize::MAX => next(),
        number => number,
    }
}

#[cfg(loom)]
fn thread_number() -> usize {
    0
}
