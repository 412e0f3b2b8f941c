//! The pages of segments, which are read when they are asked for and forgotten when they are too
//! many.

use std::collections::VecDeque;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use parking_lot::Mutex;

use super::index::{BlockEntry, FramePlace};
use super::page::{Page, PageEntry};

/// Pages that were read, by their place among the pages of a segment.
pub(super) type Slots = Arc<[ArcSwapOption<Page>]>;

/// The pages of all segments of a store that are in memory. Those that were read first go first.
#[derive(Debug)]
pub(crate) struct PageCache {
    most: usize,
    cached: Mutex<Cached>,
}

#[derive(Debug, Default)]
struct Cached {
    bytes: usize,
    /// Each with its place and how many bytes it takes.
    pages: VecDeque<(Slots, usize, usize)>,
}

impl Default for PageCache {
    fn default() -> Self {
        const MOST: usize = 16 << 20;
        Self { most: MOST, cached: Mutex::default() }
    }
}

impl PageCache {
    /// Keeps a page, and forgets others if need be.
    pub(super) fn insert(&self, slots: &Slots, place: usize, page: &Arc<Page>) {
        let Some(slot) = slots.get(place) else { return };
        let mut cached = self.cached.lock();
        if slot.swap(Some(Arc::clone(page))).is_some() {
            // Another reader was first.
            return;
        }
        let bytes = page.memory();
        cached.pages.push_back((Arc::clone(slots), place, bytes));
        cached.bytes += bytes;
        while cached.bytes > self.most && cached.pages.len() > 1 {
            let Some((slots, place, bytes)) = cached.pages.pop_front() else { return };
            slots.get(place).inspect(|slot| slot.store(None));
            cached.bytes -= bytes;
        }
    }

    /// Forgets the pages of a segment.
    pub(super) fn forget(&self, slots: &Slots) {
        let mut cached = self.cached.lock();
        let mut bytes = 0;
        cached.pages.retain(|(of, _, length)| {
            let is_other = !Arc::ptr_eq(of, slots);
            bytes += if is_other { *length } else { 0 };
            is_other
        });
        cached.bytes = bytes;
    }
}

/// A container, as a page tells of it.
#[derive(Clone, Debug)]
pub(crate) struct Listing {
    pub(super) page: Arc<Page>,
    pub(super) index: usize,
    /// Its number in the segment.
    pub(super) container: usize,
}

impl Listing {
    pub(crate) fn name(&self) -> &str {
        self.page.name(self.index)
    }

    /// Whether its points replace those of older segments.
    pub(crate) fn is_superseding(&self) -> bool {
        self.entry().is_some_and(|entry| entry.is_superseding)
    }

    /// Whether it has a raw tail.
    pub(crate) fn has_tail(&self) -> bool {
        self.tail().is_some()
    }

    fn entry(&self) -> Option<&PageEntry> {
        self.page.entries.get(self.index)
    }

    pub(super) fn tail(&self) -> Option<FramePlace> {
        self.entry().and_then(|entry| entry.tail.some())
    }

    pub(super) fn events(&self) -> Option<FramePlace> {
        self.entry().and_then(|entry| entry.events.some())
    }

    pub(super) fn blocks(&self) -> &[BlockEntry] {
        self.page.blocks_of(self.index)
    }
}
