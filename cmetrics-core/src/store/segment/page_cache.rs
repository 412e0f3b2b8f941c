//! A cache of the index pages of segments.

use std::collections::VecDeque;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use parking_lot::Mutex;

use super::index::{BlockEntry, FramePlace};
use super::page::{Page, PageEntry};

/// The cached pages of a segment, by their index.
pub(super) type Slots = Arc<[ArcSwapOption<Page>]>;

/// The cached pages of all segments of a store. The oldest are dropped first.
#[derive(Debug)]
pub(crate) struct PageCache {
    most: usize,
    cached: Mutex<Cached>,
}

#[derive(Debug, Default)]
struct Cached {
    bytes: usize,
    /// Each with its index and its size in bytes.
    pages: VecDeque<(Slots, usize, usize)>,
}

impl Default for PageCache {
    fn default() -> Self {
        const MOST: usize = 16 << 20;
        Self { most: MOST, cached: Mutex::default() }
    }
}

impl PageCache {
    /// Adds a page, and drops others if necessary.
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

    /// Drops the pages of a segment.
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

/// A container in a page of the index.
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
        self.entry().is_some_and(PageEntry::has_tail)
    }

    fn entry(&self) -> Option<&PageEntry> {
        self.page.entries.get(self.index)
    }

    /// Whether a group has its tail.
    pub(super) fn has_grouped_tail(&self) -> bool {
        self.entry().is_some_and(|entry| entry.has_grouped_tail)
    }

    pub(super) fn has_grouped_events(&self) -> bool {
        self.entry().is_some_and(|entry| entry.has_grouped_events)
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
