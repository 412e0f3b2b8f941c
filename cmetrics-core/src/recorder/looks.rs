//! Who may be looking at what is about to be freed.
//!
//! Who looks is counted while he does, in one of a few places, so that threads do not meet. What
//! nobody can find any more is freed once each place was seen to count nobody since: whoever looked
//! before that is done, and whoever looks later does not find it.

use super::sync::{AtomicUsize, Ordering, in_one_order};

/// How many places there are.
const PLACES: usize = if cfg!(loom) { 1 } else { 8 };

#[derive(Debug)]
pub(super) struct Looks {
    places: [Place; PLACES],
}

/// How many are looking, in a line of the cache of its own.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Place(AtomicUsize);

/// What was found while it lasts is not freed.
#[derive(Debug)]
pub(super) struct Look<'l>(&'l Place);

/// The places, by bit, that may count someone who has looked since before this was made.
#[derive(Debug)]
pub(super) struct Since(u8);

impl Looks {
    pub(super) fn new() -> Self {
        Self { places: std::array::from_fn(|_| Place::default()) }
    }

    /// Looks. What is looked for must be read with sequential consistency, like all that hides it.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "there are so many places")]
    pub(super) fn look(&self) -> Look<'_> {
        let place = &self.places[number_of_thread() % PLACES];
        // SeqCst, here, where it is hidden, where it is looked for and in `is_over`: in the one
        // order of all these, a look comes either before its place is seen to count nobody, or
        // finds what is hidden by then hidden.
        place.0.fetch_add(1, Ordering::SeqCst);
        in_one_order();
        Look(place)
    }

    /// Whether all are done who looked before.
    pub(super) fn is_over(&self, since: &mut Since) -> bool {
        in_one_order();
        for (place, bit) in self.places.iter().zip((0..).map(|number| 1 << number)) {
            // SeqCst: see `look`. It acquires what they did, too.
            if since.0 & bit != 0 && place.0.load(Ordering::SeqCst) == 0 {
                since.0 &= !bit;
            }
        }
        since.0 == 0
    }
}

impl Since {
    /// Since before something was hidden from who looks.
    pub(super) const fn now() -> Self {
        Self(u8::MAX >> (u8::BITS as usize - PLACES))
    }
}

impl Drop for Look<'_> {
    fn drop(&mut self) {
        // Release: who finds the place empty may free what was looked at.
        self.0.0.fetch_sub(1, Ordering::Release);
    }
}

#[cfg(not(loom))]
#[inline]
fn number_of_thread() -> usize {
    use std::cell::Cell;

    thread_local! {
        static NUMBER: Cell<usize> = const { Cell::new(usize::MAX) };
    }

    #[cold]
    fn next() -> usize {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        // Relaxed: any number will do.
        let number = THREADS.fetch_add(1, Ordering::Relaxed) % PLACES;
        NUMBER.set(number);
        number
    }

    match NUMBER.get() {
        usize::MAX => next(),
        number => number,
    }
}

#[cfg(loom)]
fn number_of_thread() -> usize {
    0
}
