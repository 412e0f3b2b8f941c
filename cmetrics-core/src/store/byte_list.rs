//! Bytes that one thread appends to while others read them. Nobody waits.

#![allow(unsafe_code, reason = "a slot and an allocation for each run took half of an append")]

use std::cell::UnsafeCell;
use std::sync::{Arc, OnceLock};

use crate::sync::{AtomicUsize, Ordering};

/// A chain of chunks of growing length. Bytes that were appended never change, so readers need only
/// know how many there are.
#[derive(Debug)]
pub(super) struct ByteList {
    first: Arc<Chunk>,
}

#[derive(Debug)]
pub(super) struct Chunk {
    bytes: Box<[UnsafeCell<u8>]>,
    /// How many bytes were appended.
    filled: AtomicUsize,
    next: OnceLock<Arc<Self>>,
    /// Tells loom which bytes are written and read.
    #[cfg(loom)]
    touched: Box<[loom::cell::UnsafeCell<()>]>,
}

/// The end of the bytes. Its owner is the only appender.
#[derive(Debug)]
pub(super) struct ByteAppender {
    last: Arc<Chunk>,
    used: usize,
}

// SAFETY: a byte is written once, by the owner of the only appender, before `filled` counts it; from
// then on it is only read.
unsafe impl Sync for Chunk {}

impl Chunk {
    fn new(length: usize) -> Arc<Self> {
        Arc::new(Self {
            bytes: (0..length).map(|_| UnsafeCell::new(0)).collect(),
            filled: AtomicUsize::new(0),
            next: OnceLock::new(),
            #[cfg(loom)]
            touched: (0..length).map(|_| loom::cell::UnsafeCell::new(())).collect(),
        })
    }

    /// The bytes that were appended so far.
    pub(super) fn bytes(&self) -> &[u8] {
        // Acquire: the bytes that it counts are written.
        let filled = self.filled.load(Ordering::Acquire);
        #[cfg(loom)]
        self.touched.iter().take(filled).for_each(|byte| byte.with(|_| ()));
        // SAFETY: `filled` is at most the length, and the bytes that it counts never change.
        unsafe { std::slice::from_raw_parts(self.bytes.as_ptr().cast(), filled) }
    }

    /// The next chunk. If there is one, this one gets no more bytes.
    pub(super) fn next(&self) -> Option<&Arc<Self>> {
        self.next.get()
    }
}

impl ByteList {
    /// An empty list and its appender.
    pub(super) fn new() -> (Self, ByteAppender) {
        let first = Chunk::new(0);
        (Self { first: Arc::clone(&first) }, ByteAppender { last: first, used: 0 })
    }

    /// The chunks so far, in order.
    pub(super) fn chunks(&self) -> impl Iterator<Item = &Arc<Chunk>> {
        std::iter::successors(Some(&self.first), |chunk| chunk.next())
    }
}

impl ByteAppender {
    /// How many bytes there is room for in the last chunk.
    pub(super) fn room(&self) -> usize {
        self.last.bytes.len() - self.used
    }

    /// Begins a chunk with room for so many bytes, and returns how many it has room for.
    pub(super) fn begin_chunk(&mut self, length: usize) -> usize {
        const LEAST: usize = if cfg!(loom) { 2 } else { 256 };
        const MOST: usize = if cfg!(loom) { 4 } else { 4_096 };
        let room = (self.last.bytes.len() * 2).clamp(LEAST, MOST).max(length);
        let next = Chunk::new(room);
        // This is the only appender, so it is not set yet.
        let _ = self.last.next.set(Arc::clone(&next));
        (self.last, self.used) = (next, 0);
        room
    }

    /// Appends bytes to the last chunk, or to a new one if they do not fit.
    pub(super) fn append(&mut self, bytes: [&[u8]; 2]) {
        let length = bytes.iter().map(|part| part.len()).sum();
        if length > self.room() {
            self.begin_chunk(length);
        }
        for part in bytes {
            #[cfg(loom)]
            self.last.touched.iter().skip(self.used).take(part.len()).for_each(|byte| {
                byte.with_mut(|_| ());
            });
            // SAFETY: there is room behind `used`. Readers do not look at bytes that `filled` does
            // not count, and there is no other appender.
            unsafe {
                let end = UnsafeCell::raw_get(self.last.bytes.as_ptr().add(self.used));
                std::ptr::copy_nonoverlapping(part.as_ptr(), end, part.len());
            }
            self.used += part.len();
        }
        // Release: the bytes are written.
        self.last.filled.store(self.used, Ordering::Release);
    }
}

impl Drop for Chunk {
    /// Drops chunk by chunk: recursion would overflow the stack for a long list.
    fn drop(&mut self) {
        let mut next = self.next.take();
        while let Some(chunk) = next {
            next = Arc::into_inner(chunk).and_then(|mut chunk| chunk.next.take());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of four bytes, the first half of which is appended apart.
    fn append(appender: &mut ByteAppender, number: u32) {
        let bytes = number.to_le_bytes();
        let (left, right) = bytes.split_at(2);
        appender.append([left, right]);
    }

    /// How many numbers there are, which are those from 0 on.
    fn found(list: &ByteList) -> u32 {
        let chunks = list.chunks().flat_map(|chunk| chunk.bytes().chunks(4));
        (0..).zip(chunks).fold(0, |_, (number, bytes)| {
            assert_eq!(bytes, u32::to_le_bytes(number));
            number + 1
        })
    }

    #[cfg(not(loom))]
    #[test]
    fn readers_see_what_was_appended_in_its_order_while_more_is_appended() {
        const COUNT: u32 = if cfg!(miri) { 300 } else { 50_000 };
        let (list, mut appender) = ByteList::new();
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
            (0..COUNT).for_each(|number| append(&mut appender, number));
        });
        drop(appender);
        assert_eq!(found(&list), COUNT);
    }

    #[cfg(not(loom))]
    #[test]
    fn what_is_longer_than_a_chunk_gets_one_of_its_own() {
        let (list, mut appender) = ByteList::new();
        let long = [7; 10_000];
        appender.append([&[1], &[2]]);
        assert_eq!(appender.room(), 254);
        appender.append([&long, &long]);
        assert_eq!(appender.room(), 0);
        appender.append([&[3], &[]]);
        assert_eq!(appender.room(), 4_095);
        let lengths: Vec<_> = list.chunks().map(|chunk| chunk.bytes().len()).collect();
        assert_eq!(lengths, [0, 2, 20_000, 1]);
    }

    #[cfg(not(loom))]
    #[test]
    fn a_long_list_is_dropped_chunk_by_chunk() {
        let (list, mut appender) = ByteList::new();
        for _ in 0..20_000 {
            appender.append([&[0; 3_000], &[]]);
        }
        drop(appender);
        drop(list);
    }

    #[cfg(loom)]
    #[test]
    fn readers_see_what_was_appended_in_its_order_under_every_schedule() {
        loom::model(|| {
            let (list, mut appender) = ByteList::new();
            let append = move || (0..3).for_each(|number| append(&mut appender, number));
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
}
