//! A list that one thread appends to while others read it. Nobody waits.

#![allow(unsafe_code, reason = "a slot and an allocation for each run took half of an append")]

use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::sync::{Arc, OnceLock};

use crate::sync::{AtomicUsize, Ordering};

/// A chain of links of growing length. Entries never change, so readers need only know how many
/// there are.
#[derive(Debug)]
pub(super) struct AppendList<T> {
    first: Arc<Link<T>>,
}

/// A part of a list, whose entries lie side by side.
#[derive(Debug)]
pub(super) struct Link<T> {
    /// The first `filled` hold an entry.
    slots: Box<[UnsafeCell<MaybeUninit<T>>]>,
    filled: AtomicUsize,
    next: OnceLock<Arc<Self>>,
    /// Tells loom which slots are written and read.
    #[cfg(loom)]
    touched: Box<[loom::cell::UnsafeCell<()>]>,
}

/// The end of the list. Its owner is the only appender.
#[derive(Debug)]
pub(super) struct Appender<T> {
    last: Arc<Link<T>>,
    used: usize,
}

// SAFETY: a slot is written once, by the owner of the only appender, before `filled` counts it; from
// then on it is only read, and dropped by the last owner of the link.
unsafe impl<T: Send + Sync> Sync for Link<T> {}

impl<T> Link<T> {
    fn new(length: usize) -> Arc<Self> {
        Arc::new(Self {
            slots: (0..length).map(|_| UnsafeCell::new(MaybeUninit::uninit())).collect(),
            filled: AtomicUsize::new(0),
            next: OnceLock::new(),
            #[cfg(loom)]
            touched: (0..length).map(|_| loom::cell::UnsafeCell::new(())).collect(),
        })
    }

    /// The entries that were appended so far.
    pub(super) fn entries(&self) -> &[T] {
        // Acquire: the entries that it counts are written.
        let filled = self.filled.load(Ordering::Acquire);
        #[cfg(loom)]
        self.touched.iter().take(filled).for_each(|slot| slot.with(|_| ()));
        // SAFETY: `filled` is at most the length, and the slots that it counts hold entries that
        // never change.
        unsafe { std::slice::from_raw_parts(self.slots.as_ptr().cast(), filled) }
    }

    /// The next link. If there is one, this one gets no more entries.
    pub(super) fn next(&self) -> Option<&Arc<Self>> {
        self.next.get()
    }
}

impl<T> AppendList<T> {
    /// An empty list and its appender.
    pub(super) fn new() -> (Self, Appender<T>) {
        let first = Link::new(0);
        (Self { first: Arc::clone(&first) }, Appender { last: first, used: 0 })
    }

    /// The links so far, in order.
    pub(super) fn links(&self) -> impl Iterator<Item = &Arc<Link<T>>> {
        std::iter::successors(Some(&self.first), |link| link.next())
    }

    /// All entries so far, in the order in which they were appended.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.links().flat_map(|link| link.entries())
    }
}

impl<T> Appender<T> {
    /// How many entries there is room for in the last link.
    pub(super) fn room(&self) -> usize {
        self.last.slots.len() - self.used
    }

    /// Begins a link with room for so many entries, and returns how many it has room for.
    pub(super) fn begin_link(&mut self, length: usize) -> usize {
        const LEAST_BYTES: usize = if cfg!(loom) { 2 } else { 256 };
        const MOST_BYTES: usize = if cfg!(loom) { 4 } else { 4_096 };
        let fitting = |bytes: usize| (bytes / size_of::<T>().max(1)).max(1);
        let (least, most) = (fitting(LEAST_BYTES), fitting(MOST_BYTES));
        let room = (self.last.slots.len() * 2).clamp(least, most).max(length);
        let next = Link::new(room);
        // This is the only appender, so it is not set yet.
        let _ = self.last.next.set(Arc::clone(&next));
        (self.last, self.used) = (next, 0);
        room
    }

    pub(super) fn push(&mut self, entry: T) {
        if self.room() == 0 {
            self.begin_link(1);
        }
        self.write(&[MaybeUninit::new(entry)]);
        self.publish();
    }

    /// Appends entries side by side: to the last link, or to a new one if they do not fit. Readers
    /// see all of them or none.
    pub(super) fn extend(&mut self, parts: [&[T]; 2])
    where
        T: Copy,
    {
        let length = parts.iter().map(|part| part.len()).sum();
        if length > self.room() {
            self.begin_link(length);
        }
        for part in parts {
            // SAFETY: an entry may be looked at as if it were not initialised.
            self.write(unsafe { std::slice::from_raw_parts(part.as_ptr().cast(), part.len()) });
        }
        self.publish();
    }

    /// Moves entries to the last link, which must have room for them.
    fn write(&mut self, entries: &[MaybeUninit<T>]) {
        debug_assert!(entries.len() <= self.room());
        #[cfg(loom)]
        self.last.touched.iter().skip(self.used).take(entries.len()).for_each(|slot| {
            slot.with_mut(|_| ());
        });
        // SAFETY: by the callers there is room behind `used`. Readers do not look at slots that `filled` does not
        // count, and there is no other appender.
        unsafe {
            let end = UnsafeCell::raw_get(self.last.slots.as_ptr().add(self.used));
            std::ptr::copy_nonoverlapping(entries.as_ptr(), end, entries.len());
        }
        self.used += entries.len();
    }

    fn publish(&self) {
        // Release: the entries are written.
        self.last.filled.store(self.used, Ordering::Release);
    }
}

impl<T> Drop for Link<T> {
    fn drop(&mut self) {
        // Acquire: another thread may have appended.
        let filled = self.filled.load(Ordering::Acquire);
        let entries = std::ptr::slice_from_raw_parts_mut(self.slots.as_mut_ptr().cast(), filled);
        // SAFETY: these slots hold entries, and nobody else has the link any more.
        unsafe { std::ptr::drop_in_place::<[T]>(entries) };
        // Link by link: recursion would overflow the stack for a long list.
        let mut next = self.next.take();
        while let Some(link) = next {
            next = Arc::into_inner(link).and_then(|mut link| link.next.take());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of four bytes, the first half of which is appended apart.
    fn extend(appender: &mut Appender<u8>, number: u32) {
        let bytes = number.to_le_bytes();
        let (left, right) = bytes.split_at(2);
        appender.extend([left, right]);
    }

    /// How many numbers there are, which are those from 0 on.
    fn found(list: &AppendList<u8>) -> u32 {
        let links = list.links().flat_map(|link| link.entries().chunks(4));
        (0..).zip(links).fold(0, |_, (number, bytes)| {
            assert_eq!(bytes, u32::to_le_bytes(number));
            number + 1
        })
    }

    #[cfg(not(loom))]
    #[test]
    fn readers_see_what_was_appended_in_its_order_while_more_is_appended() {
        const COUNT: u32 = if cfg!(miri) { 300 } else { 50_000 };
        let (list, mut appender) = AppendList::new();
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    let mut seen = 0;
                    while seen < COUNT {
                        let found = found(&list);
                        assert!(found >= seen);
                        seen = found;
                    }
                });
            }
            (0..COUNT).for_each(|number| extend(&mut appender, number));
        });
        drop(appender);
        assert_eq!(found(&list), COUNT);
    }

    #[cfg(not(loom))]
    #[test]
    fn readers_see_what_was_added_in_its_order_while_more_is_added() {
        const COUNT: usize = if cfg!(miri) { 300 } else { 50_000 };
        let (list, mut appender) = AppendList::new();
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    let mut seen = 0;
                    while seen < COUNT {
                        let found: Vec<usize> =
                            list.iter().map(|number: &Arc<usize>| **number).collect();
                        assert!(found.len() >= seen);
                        assert!(found.iter().copied().eq(0..found.len()));
                        seen = found.len();
                    }
                });
            }
            (0..COUNT).for_each(|number| appender.push(Arc::new(number)));
        });
        drop(appender);
        assert_eq!(list.iter().count(), COUNT);
    }

    #[cfg(not(loom))]
    #[test]
    fn what_is_longer_than_a_link_gets_one_of_its_own() {
        let (list, mut appender) = AppendList::<u8>::new();
        let long = [7; 10_000];
        appender.extend([&[1], &[2]]);
        assert_eq!(appender.room(), 254);
        appender.extend([&long, &long]);
        assert_eq!(appender.room(), 0);
        appender.extend([&[3], &[]]);
        assert_eq!(appender.room(), 4_095);
        let lengths: Vec<_> = list.links().map(|link| link.entries().len()).collect();
        assert_eq!(lengths, [0, 2, 20_000, 1]);
    }

    #[cfg(not(loom))]
    #[test]
    fn each_entry_is_dropped_once() {
        let entry = Arc::new(());
        for count in 0..700 {
            let (list, mut appender) = AppendList::new();
            (0..count).for_each(|_| appender.push(Arc::clone(&entry)));
            assert_eq!(Arc::strong_count(&entry), count + 1);
            drop(list);
            drop(appender);
            assert_eq!(Arc::strong_count(&entry), 1);
        }
    }

    #[cfg(not(loom))]
    #[test]
    fn a_long_list_is_dropped_link_by_link() {
        let (list, mut appender) = AppendList::new();
        (0..2_000_000).for_each(|number: u32| appender.push(number));
        drop((list, appender));
        let (list, mut appender) = AppendList::<u8>::new();
        for _ in 0..20_000 {
            appender.extend([&[0; 3_000], &[]]);
        }
        drop((list, appender));
    }

    #[cfg(loom)]
    #[test]
    fn readers_see_what_was_appended_in_its_order_under_every_schedule() {
        loom::model(|| {
            let (list, mut appender) = AppendList::new();
            let append = move || (0..3).for_each(|number| extend(&mut appender, number));
            let writer = loom::thread::spawn(append);
            let mut seen = 0;
            for _ in 0..2 {
                let found = found(&list);
                assert!(found >= seen);
                seen = found;
            }
            writer.join().unwrap();
            assert_eq!(found(&list), 3);
        });
    }

    #[cfg(loom)]
    #[test]
    fn readers_see_what_was_added_in_its_order_under_every_schedule() {
        loom::model(|| {
            let (list, mut appender) = AppendList::new();
            let writer = loom::thread::spawn(move || (0..3_u8).for_each(|one| appender.push(one)));
            let found: Vec<_> = list.iter().copied().collect();
            assert!(found.iter().copied().eq(0..u8::try_from(found.len()).unwrap()));
            writer.join().unwrap();
            assert!(list.iter().copied().eq(0..3));
        });
    }
}
