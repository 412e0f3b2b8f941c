//! The set of the times of one container's samples: of the writers that insert a time, one is the
//! first.
//!
//! Time is divided into windows of one width. A window has a bucket of a few cells, which it shares
//! with windows so far apart that the older one is long forgotten: a cell that holds a time of an
//! older window may be taken. A writer takes the first such cell of the bucket. Cells only ever go
//! from an older window to a newer one. So two writers of one time that both do not find it either
//! try for the same cell, or one of them finds that cell taken; and the one that gets the cell by
//! compare-and-swap is the only one.
//!
//! If a bucket is full, times go to the buckets of windows half as wide. A full bucket stays full
//! until a newer window takes it, so all writers of a time take the same path.

#![allow(unsafe_code, reason = "finer windows are made when they are needed")]

use std::ptr;

use crate::sync::{AtomicPtr, AtomicU64, Ordering, fence};

/// How many cells a bucket has: a cache line.
const CELLS: usize = if cfg!(loom) { 2 } else { 8 };

/// The times that were inserted of late, in nanoseconds since the epoch and not 0.
#[derive(Debug)]
pub(super) struct Times {
    /// For how long a time is known at least, after a newer one was inserted.
    remembered_nanos: u64,
    widest: Windows,
}

/// Windows of one width.
#[derive(Debug)]
struct Windows {
    /// The binary logarithm of the width in nanoseconds.
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

/// The result of inserting a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inserted {
    /// The time was not known, and is known now.
    New,
    /// The time was known.
    Known,
    /// The time is not known, and is so much older than others that it could not be.
    TooOld,
}

/// What a bucket holds for a time.
enum Lookup {
    Known,
    /// The first cell that may be taken, and what it holds.
    Free(usize, u64),
    Newer,
    Full,
}

impl Times {
    /// A set in which times are known for at least this long.
    pub(super) fn new(remembered_nanos: u64) -> Self {
        const WINDOWS: u64 = 16;
        let width = (remembered_nanos / WINDOWS).checked_ilog2().unwrap_or(0);
        Self { remembered_nanos, widest: Windows::new(remembered_nanos, width) }
    }

    /// Whether this time was inserted. A time may be forgotten that is older than the newest by
    /// more than `remembered_nanos`.
    #[inline]
    pub(super) fn contains(&self, time: u64) -> bool {
        let mut windows = Some(&self.widest);
        while let Some(these) = windows {
            match these.find(time) {
                Lookup::Known => {
                    // Acquires what was published with the time: its cell was taken by a release.
                    fence(Ordering::Acquire);
                    return true;
                }
                Lookup::Free(..) => return false,
                Lookup::Newer | Lookup::Full => windows = these.finer(),
            }
        }
        false
    }

    /// Inserts a time.
    #[inline]
    pub(super) fn insert(&self, time: u64) -> Inserted {
        let (mut windows, mut too_old) = (&self.widest, false);
        loop {
            match windows.find(time) {
                Lookup::Known => {
                    fence(Ordering::Acquire); // as in `contains`
                    return Inserted::Known;
                }
                Lookup::Free(..) if too_old => return Inserted::TooOld,
                Lookup::Free(cell, before) => {
                    if windows.try_take(time, cell, before) {
                        return Inserted::New;
                    }
                    continue;
                }
                Lookup::Newer => too_old = true,
                Lookup::Full => {}
            }
            windows = match windows.finer() {
                Some(finer) => finer,
                None if too_old => return Inserted::TooOld,
                None => windows.make_finer(self.remembered_nanos),
            };
        }
    }
}

impl Windows {
    fn new(remembered_nanos: u64, width: u32) -> Self {
        // The windows that the remembered times touch, and one that is being filled.
        let number = (remembered_nanos >> width) + 2;
        let bucket = || Bucket { cells: std::array::from_fn(|_| AtomicU64::new(0)) };
        let buckets = (0..number).map(|_| bucket()).collect();
        Self { width, buckets, finer: AtomicPtr::new(ptr::null_mut()) }
    }

    /// What this time's bucket holds for it. Relaxed: of each cell only the order of its own values
    /// matters.
    #[inline]
    fn find(&self, time: u64) -> Lookup {
        let window = time >> self.width;
        let (mut free, mut newer) = (None, false);
        for (index, cell) in self.bucket(time).cells.iter().enumerate() {
            let known = cell.load(Ordering::Relaxed);
            if known == time {
                return Lookup::Known;
            }
            let other = known >> self.width;
            newer |= other > window;
            if free.is_none() && (known == 0 || other < window) {
                free = Some((index, known));
            }
        }
        match free {
            _ if newer => Lookup::Newer,
            Some((index, known)) => Lookup::Free(index, known),
            None => Lookup::Full,
        }
    }

    /// Takes a cell for a time, unless another writer was faster. Release: whoever finds the time
    /// knows what its writer did before.
    #[inline]
    fn try_take(&self, time: u64, cell: usize, before: u64) -> bool {
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
        // Acquire: the windows are made.
        let finer = self.finer.load(Ordering::Acquire);
        // SAFETY: null, or made by `make_finer` and alive until these windows are dropped.
        unsafe { finer.as_ref() }
    }

    /// Makes windows half as wide, unless another writer was faster. Windows of a nanosecond are
    /// never full.
    #[cold]
    fn make_finer(&self, remembered_nanos: u64) -> &Self {
        let made =
            Box::into_raw(Box::new(Self::new(remembered_nanos, self.width.saturating_sub(1))));
        // Release: the windows are made. Acquire: so are another writer's.
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
        // SAFETY: not null, and alive until these windows are dropped.
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

    const REMEMBERED: u64 = 1_000;

    proptest! {
        #[test]
        fn each_remembered_time_is_inserted_once(
            steps in vec((0_u64..120, 0_u64..REMEMBERED, any::<bool>()), 1..400),
        ) {
            let (times, mut known) = (Times::new(REMEMBERED), BTreeSet::new());
            let mut newest = 10_000;
            for (forward, back, leap) in steps {
                newest += forward + if leap && forward == 7 { 5 * REMEMBERED } else { 0 };
                let time = newest - back;
                prop_assert_eq!(times.contains(time), known.contains(&time));
                let noted = if known.insert(time) { Inserted::New } else { Inserted::Known };
                prop_assert_eq!(times.insert(time), noted);
                newest = newest.max(time);
                known = known.split_off(&(newest - REMEMBERED));
            }
        }
    }

    #[test]
    fn windows_get_finer_where_times_are_dense() {
        let times = Times::new(REMEMBERED);
        for time in 5_000..5_000 + REMEMBERED {
            assert_eq!(times.insert(time), Inserted::New);
        }
        for time in 5_000..5_000 + REMEMBERED {
            assert!(times.contains(time));
            assert_eq!(times.insert(time), Inserted::Known);
        }
        assert!(!times.contains(4_999) && !times.contains(5_000 + REMEMBERED));
    }

    #[test]
    fn a_time_older_than_all_that_its_bucket_may_hold_is_too_old() {
        let times = Times::new(REMEMBERED);
        let buckets = times.widest.buckets.len() as u64;
        let again = 5_000 + (buckets << times.widest.width);
        assert_eq!(times.insert(5_000), Inserted::New);
        assert_eq!(times.insert(again), Inserted::New);
        assert_eq!(times.insert(5_000), Inserted::TooOld);
        assert_eq!(times.insert(again), Inserted::Known);
    }

    #[test]
    fn of_many_writers_of_one_time_one_is_the_first() {
        let times = Times::new(REMEMBERED);
        for round in 0..if cfg!(miri) { 2 } else { 200_u64 } {
            let firsts: usize = std::thread::scope(|scope| {
                let insert = || {
                    (0..50)
                        .filter(|time| times.insert(7 + round * 40 + time) == Inserted::New)
                        .count()
                };
                let threads: Vec<_> = (0..3).map(|_| scope.spawn(insert)).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).sum()
            });
            assert_eq!(firsts, if round == 0 { 50 } else { 40 }, "round {round}");
        }
    }
}
