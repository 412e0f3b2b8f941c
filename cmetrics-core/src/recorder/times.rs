//! The times of one container's samples, each noted by one writer only.
//!
//! Time is cut into windows of one width, and a window has a bucket of a few cells, which it
//! shares with windows so far apart that the older one is long forgotten: a cell that holds a time
//! of an older window may be taken. A writer takes the first such cell of the bucket. Cells only
//! ever go from an older window to a newer one. So two writers of one time, who both find it
//! nowhere, try for the same cell or one of them finds that cell taken; and whoever gets it by
//! compare-and-swap is the only one.
//!
//! Where a bucket is full, times go on to buckets of windows half as wide. A full bucket stays
//! full until a newer window takes it, so all writers of a time go the same way.

#![allow(unsafe_code, reason = "finer windows are made when they are needed")]

use std::ptr;

use super::sync::{AtomicPtr, AtomicU64, Ordering, fence};

/// How many cells a bucket has: a line of the cache.
const CELLS: usize = if cfg!(loom) { 2 } else { 8 };

/// The times that were noted within the last while, in nanoseconds since the epoch and not 0.
#[derive(Debug)]
pub(super) struct Times {
    /// For how long a time is known at least, after a newer one was noted.
    cover: u64,
    widest: Windows,
}

/// Windows of one width.
#[derive(Debug)]
struct Windows {
    /// The width's binary logarithm, in nanoseconds.
    width: u32,
    buckets: Box<[Bucket]>,
    /// Windows half as wide, once they are needed.
    finer: AtomicPtr<Windows>,
}

#[derive(Debug)]
#[cfg_attr(not(loom), repr(align(64)))]
struct Bucket {
    cells: [AtomicU64; CELLS],
}

/// What became of noting a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Noted {
    /// It was not known, and is known now.
    First,
    /// It was known.
    Known,
    /// It is not known, and so much older than others that it could not be.
    Passed,
}

/// What a bucket has for a time.
enum Found {
    Time,
    /// The first cell that may be taken, and what it holds.
    Cell(usize, u64),
    Newer,
    Full,
}

impl Times {
    /// Times that are known for so long at least, in nanoseconds.
    pub(super) fn new(cover: u64) -> Self {
        const WINDOWS: u64 = 16;
        let width = (cover / WINDOWS).checked_ilog2().unwrap_or(0);
        Self { cover, widest: Windows::new(cover, width) }
    }

    /// Whether this time was noted. Of what is older than the newest by more than they are known
    /// for, it may be forgotten.
    #[inline]
    pub(super) fn contains(&self, time: u64) -> bool {
        let mut windows = Some(&self.widest);
        while let Some(these) = windows {
            match these.find(time) {
                Found::Time => {
                    // What was told with the time: its cell was taken by a release.
                    fence(Ordering::Acquire);
                    return true;
                }
                Found::Cell(..) => return false,
                Found::Newer | Found::Full => windows = these.finer(),
            }
        }
        false
    }

    /// Notes a time.
    #[inline]
    pub(super) fn note(&self, time: u64) -> Noted {
        let (mut windows, mut passed) = (&self.widest, false);
        loop {
            match windows.find(time) {
                Found::Time => {
                    fence(Ordering::Acquire); // as in `contains`
                    return Noted::Known;
                }
                Found::Cell(..) if passed => return Noted::Passed,
                Found::Cell(cell, before) => {
                    if windows.take(time, cell, before) {
                        return Noted::First;
                    }
                    continue;
                }
                Found::Newer => passed = true,
                Found::Full => {}
            }
            windows = match windows.finer() {
                Some(finer) => finer,
                None if passed => return Noted::Passed,
                None => windows.make_finer(self.cover),
            };
        }
    }
}

impl Windows {
    fn new(cover: u64, width: u32) -> Self {
        // The windows that the cover touches, and one that is being filled.
        let number = (cover >> width) + 2;
        let bucket = || Bucket { cells: std::array::from_fn(|_| AtomicU64::new(0)) };
        let buckets = (0..number).map(|_| bucket()).collect();
        Self { width, buckets, finer: AtomicPtr::new(ptr::null_mut()) }
    }

    /// Relaxed: of each cell only the order of its own values matters.
    #[inline]
    fn find(&self, time: u64) -> Found {
        let window = time >> self.width;
        let (mut free, mut newer) = (None, false);
        for (index, cell) in self.bucket(time).cells.iter().enumerate() {
            let known = cell.load(Ordering::Relaxed);
            if known == time {
                return Found::Time;
            }
            let of = known >> self.width;
            newer |= of > window;
            if free.is_none() && (known == 0 || of < window) {
                free = Some((index, known));
            }
        }
        match free {
            _ if newer => Found::Newer,
            Some((index, known)) => Found::Cell(index, known),
            None => Found::Full,
        }
    }

    /// Takes a cell for a time, unless another writer was faster. Release: who finds the time
    /// knows what its writer did before.
    #[inline]
    fn take(&self, time: u64, cell: usize, before: u64) -> bool {
        let cell = self.bucket(time).cells.get(cell);
        cell.is_some_and(|cell| {
            cell.compare_exchange(before, time, Ordering::Release, Ordering::Relaxed).is_ok()
        })
    }

    #[inline]
    #[expect(clippy::indexing_slicing, reason = "there are so many buckets")]
    #[expect(clippy::cast_possible_truncation, reason = "buckets lie in memory")]
    fn bucket(&self, time: u64) -> &Bucket {
        &self.buckets[((time >> self.width) % self.buckets.len() as u64) as usize]
    }

    #[inline]
    fn finer(&self) -> Option<&Self> {
        // Acquire: they are made.
        let finer = self.finer.load(Ordering::Acquire);
        // SAFETY: null, or made by `make_finer` and there until these windows are dropped.
        unsafe { finer.as_ref() }
    }

    /// Makes windows half as wide, unless another writer was faster. Windows of a nanosecond are
    /// never full.
    #[cold]
    fn make_finer(&self, cover: u64) -> &Self {
        let made = Box::into_raw(Box::new(Self::new(cover, self.width.saturating_sub(1))));
        // Release: they are made. Acquire: so are another's.
        let put = self.finer.compare_exchange(
            ptr::null_mut(),
            made,
            Ordering::Release,
            Ordering::Acquire,
        );
        let finer = match put {
            Ok(_) => made,
            Err(others) => {
                // SAFETY: just made, and nobody else knows of it.
                drop(unsafe { Box::from_raw(made) });
                others
            }
        };
        // SAFETY: not null, and there until these windows are dropped.
        unsafe { &*finer }
    }
}

impl Drop for Windows {
    fn drop(&mut self) {
        let finer = self.finer.load(Ordering::Relaxed);
        if !finer.is_null() {
            // SAFETY: made by `make_finer`, and nobody else is left who could use it.
            drop(unsafe { Box::from_raw(finer) });
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::collections::BTreeSet;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const COVER: u64 = 1_000;

    proptest! {
        #[test]
        fn each_time_within_the_cover_is_noted_once(
            steps in vec((0_u64..120, 0_u64..COVER, any::<bool>()), 1..400),
        ) {
            let (times, mut known) = (Times::new(COVER), BTreeSet::new());
            let mut newest = 10_000;
            for (forward, back, leap) in steps {
                newest += forward + if leap && forward == 7 { 5 * COVER } else { 0 };
                let time = newest - back;
                prop_assert_eq!(times.contains(time), known.contains(&time));
                let noted = if known.insert(time) { Noted::First } else { Noted::Known };
                prop_assert_eq!(times.note(time), noted);
                newest = newest.max(time);
                known = known.split_off(&(newest - COVER));
            }
        }
    }

    #[test]
    fn windows_get_finer_where_times_are_dense() {
        let times = Times::new(COVER);
        for time in 5_000..5_000 + COVER {
            assert_eq!(times.note(time), Noted::First);
        }
        for time in 5_000..5_000 + COVER {
            assert!(times.contains(time));
            assert_eq!(times.note(time), Noted::Known);
        }
        assert!(!times.contains(4_999) && !times.contains(5_000 + COVER));
    }

    #[test]
    fn what_is_older_than_all_that_a_bucket_may_hold_is_passed() {
        let times = Times::new(COVER);
        let buckets = times.widest.buckets.len() as u64;
        let again = 5_000 + (buckets << times.widest.width);
        assert_eq!(times.note(5_000), Noted::First);
        assert_eq!(times.note(again), Noted::First);
        assert_eq!(times.note(5_000), Noted::Passed);
        assert_eq!(times.note(again), Noted::Known);
    }

    #[test]
    fn of_many_writers_of_one_time_one_is_the_first() {
        let times = Times::new(COVER);
        for round in 0..if cfg!(miri) { 2 } else { 200_u64 } {
            let firsts: usize = std::thread::scope(|scope| {
                let note = || {
                    (0..50).filter(|time| times.note(7 + round * 40 + time) == Noted::First).count()
                };
                let threads: Vec<_> = (0..3).map(|_| scope.spawn(note)).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).sum()
            });
            assert_eq!(firsts, if round == 0 { 50 } else { 40 }, "round {round}");
        }
    }
}
