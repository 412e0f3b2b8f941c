//! An allocator that counts.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's memory, with a count for each thread: tests run side by side.
struct Counting;

thread_local! {
    static TIMES: Cell<u64> = const { Cell::new(0) };
    static BYTES: Cell<usize> = const { Cell::new(0) };
}

fn count(taken: usize, given_back: usize) {
    // While a thread ends, its counts are gone.
    let _ = TIMES.try_with(|times| times.set(times.get() + u64::from(taken > 0)));
    let change = |bytes: usize| bytes.wrapping_add(taken).wrapping_sub(given_back);
    let _ = BYTES.try_with(|bytes| bytes.set(change(bytes.get())));
}

// SAFETY: every call goes to the system's allocator as it came; counting allocates nothing, as the
// counts are constants at first and have no destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: the caller's promises are those that the system's allocator asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        count(0, layout.size());
        // SAFETY: as above, and `place` comes from it.
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size, layout.size());
        // SAFETY: as above.
        unsafe { System.realloc(place, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// How often `work` asks for memory, how many bytes it keeps, and what it makes.
pub(crate) fn counted<T>(work: impl FnOnce() -> T) -> (u64, usize, T) {
    let before = (TIMES.get(), BYTES.get());
    let made = work();
    (TIMES.get() - before.0, BYTES.get().wrapping_sub(before.1), made)
}
