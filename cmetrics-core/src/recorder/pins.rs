//! Who may be looking at what is about to be freed.
//!
//! Who looks is counted while he does, in one of a few places, so that threads do not meet. What
//! nobody can find any more is freed once each place was seen to count nobody since: whoever looked
//! before that is done, and whoever looks later does not find it.

use super::sync::{AtomicUsize, Ordering, loom_seq_cst_fence};

/// How many places there are.
const COUNTERS: usize = if cfg!(loom) { 1 } else { 8 };

#[derive(Debug)]
pub(super) struct Pins {
    counters: [PinCount; COUNTERS],
}

/// How many are looking, in a line of the cache of its own.
#[derive(Debug, Default)]
#[repr(align(64))]
struct PinCount(AtomicUsize);

/// What was found while it lasts is not freed.
#[derive(Debug)]
pub(super) struct Pin<'l>(&'l PinCount);

/// The places, by bit, that may count someone who has looked since before this was made.
#[derive(Debug)]
pub(super) struct GracePeriod(u8);

impl Pins {
    pub(super) fn new() -> Self {
        Self { counters: std::array::from_fn(|_| PinCount::default()) }
    }

    /// Looks. What is looked for must be read with sequential consistency, like all that hides it.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "there are so many counters")]
    pub(super) fn pin(&self) -> Pin<'_> {
        let counter = &self.counters[thread_number() % COUNTERS];
        // SeqCst, here, where it is hidden, where it is looked for and in `is_over`: in the one
        // order of all these, a look comes either before its place is seen to count nobody, or
        // finds what is hidden by then hidden.
        counter.0.fetch_add(1, Ordering::SeqCst);
        loom_seq_cst_fence();
        Pin(counter)
    }

    /// Whether all are done who looked before.
    pub(super) fn is_over(&self, grace: &mut GracePeriod) -> bool {
        loom_seq_cst_fence();
        for (counter, bit) in self.counters.iter().zip((0..).map(|number| 1 << number)) {
            // SeqCst: see `look`. It acquires what they did, too.
            if grace.0 & bit != 0 && counter.0.load(Ordering::SeqCst) == 0 {
                grace.0 &= !bit;
            }
        }
        grace.0 == 0
    }
}

impl GracePeriod {
    /// Since before something was hidden from who looks.
    pub(super) const fn start() -> Self {
        Self(u8::MAX >> (u8::BITS as usize - COUNTERS))
    }
}

impl Drop for Pin<'_> {
    fn drop(&mut self) {
        // Release: who finds the place empty may free what was looked at.
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
