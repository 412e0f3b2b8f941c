//! What came since the last segment: a log's content, by container.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use papaya::HashMap;
use parking_lot::Mutex;
use smallvec::SmallVec;

use super::append_list::{AppendList, Appender};
use super::catalog::StoredContainer;
use super::disk::AppendFile;
use super::event::Happening;
use super::point_rows::{RowReader, RowShape};
use super::tail::{MOST_PIECES, Tail, TailHeader};
use crate::point::DataPoint;
use crate::time::Timestamp;

/// A container's points of one shape, in rising time.
#[derive(Clone, Debug)]
pub(super) struct Run {
    /// Where its first interval begins, and where its last one ends, in seconds.
    pub(super) first: u64,
    pub(super) end: u64,
    pub(super) count: u32,
    /// Whether it holds points in the place of stored ones.
    pub(super) replaces: bool,
    pub(super) shape: Arc<RowShape>,
    pub(super) rows: Arc<[u8]>,
}

impl Run {
    /// Gives its points. `false` where the bytes are none.
    pub(super) fn each(
        &self,
        name: &Arc<str>,
        width: u64,
        give: &mut dyn FnMut(DataPoint),
    ) -> bool {
        let mut rows = RowReader::new(&self.rows, &self.shape, width, self.first);
        while !rows.is_empty() {
            let Some(point) = rows.point(name) else { return false };
            give(point);
        }
        true
    }
}

/// What was put into a memory at once.
#[derive(Debug)]
pub(super) enum Content {
    Run(Run),
    Tail(Arc<Tail>),
    /// What the tail before it grew by.
    TailGrowth(Box<TailGrowth>),
    Event(Timestamp, Happening),
}

/// What a tail grew by.
#[derive(Debug)]
pub(super) struct TailGrowth {
    pub(super) piece: Option<Arc<[u8]>>,
    pub(super) header: TailHeader,
}

#[derive(Debug)]
pub(super) struct Item {
    /// Which batch it came with.
    pub(super) batch: u64,
    pub(super) content: Content,
}

/// What a memory has of a container.
#[derive(Debug)]
pub(super) struct Recent {
    pub(super) container: Arc<StoredContainer>,
    items: AppendList<Item>,
    /// Only the writer adds, so that nobody ever waits for this.
    appender: Mutex<Appender<Item>>,
}

impl Recent {
    fn new(container: Arc<StoredContainer>) -> Self {
        let (items, appender) = AppendList::new();
        Self { container, items, appender: Mutex::new(appender) }
    }

    /// What came with a batch up to this one.
    pub(super) fn until(&self, batch: u64) -> impl Iterator<Item = &Content> {
        self.items.iter().take_while(move |item| item.batch <= batch).map(|item| &item.content)
    }

    pub(super) fn runs(&self, batch: u64) -> impl Iterator<Item = &Run> {
        self.until(batch).filter_map(|content| match content {
            Content::Run(run) => Some(run),
            _ => None,
        })
    }

    /// The tail as it was last.
    pub(super) fn tail(&self, batch: u64) -> Option<Arc<Tail>> {
        self.last_tail(batch).map(|(_, tail)| tail)
    }

    /// The same, and the batch that it came with.
    fn last_tail(&self, batch: u64) -> Option<(u64, Arc<Tail>)> {
        let (mut last, mut grown) = (None, SmallVec::<[&TailGrowth; MOST_PIECES]>::new());
        for item in self.items.iter().take_while(|item| item.batch <= batch) {
            match &item.content {
                Content::Tail(tail) => {
                    grown.clear();
                    last = Some((item.batch, tail));
                }
                Content::TailGrowth(growth) => {
                    grown.push(growth);
                    last = last.map(|(_, tail)| (item.batch, tail));
                }
                Content::Run(_) | Content::Event(..) => {}
            }
        }
        let (batch, whole) = last?;
        let Some(newest) = grown.last() else { return Some((batch, Arc::clone(whole))) };
        let pieces = grown.iter().filter_map(|growth| growth.piece.clone());
        let pieces = whole.pieces.iter().cloned().chain(pieces).collect();
        Some((batch, Arc::new(Tail { pieces, header: newest.header.clone() })))
    }

    /// Whether it has a tail.
    pub(super) fn has_tail(&self, batch: u64) -> bool {
        self.until(batch).any(|content| matches!(content, Content::Tail(_)))
    }

    pub(super) fn events(&self, batch: u64) -> impl Iterator<Item = (Timestamp, &Happening)> {
        self.until(batch).filter_map(|content| match content {
            Content::Event(at, happening) => Some((*at, happening)),
            _ => None,
        })
    }
}

/// All that a memory has.
#[derive(Debug, Default)]
pub(super) struct Memory {
    containers: HashMap<u32, Arc<Recent>, foldhash::fast::RandomState>,
    /// About how many bytes it takes.
    size: AtomicUsize,
    points: AtomicU64,
    position: Mutex<LogPosition>,
    /// The most entries that a container has.
    longest: AtomicUsize,
    /// Whether it has the tails of what lies in segments, and nothing else.
    holds_only_tails: bool,
}

/// Where the content of a memory lies.
#[derive(Clone, Debug, Default)]
pub(super) struct LogPosition {
    /// The first log that it lies in, and where it begins in it; 0 for all of that log.
    pub(super) log: u64,
    pub(super) offset: u64,
    /// The log, where the content of the memory behind goes on in it.
    pub(super) continued_in: Option<Arc<dyn AppendFile>>,
}

impl Memory {
    /// The tails of memories that become segments without them, as the log that their samples lie
    /// in goes on.
    pub(super) fn tails_of(memories: &[Arc<Self>]) -> Self {
        let tails = Self { holds_only_tails: true, ..Self::default() };
        let first = memories.first().map(|memory| memory.position()).unwrap_or_default();
        tails.set_position(first.log, 0);
        let newest_first = memories.iter().rev().flat_map(|memory| memory.all());
        for recent in newest_first.filter(|recent| tails.get(recent.container.number).is_none()) {
            if let Some((batch, tail)) = recent.last_tail(u64::MAX) {
                tails.add(&tails.get_or_insert(&recent.container), batch, Content::Tail(tail));
            }
        }
        tails
    }

    /// Whether it has the tails of what lies in segments, and nothing else.
    pub(super) fn holds_only_tails(&self) -> bool {
        self.holds_only_tails
    }

    pub(super) fn get(&self, number: u32) -> Option<Arc<Recent>> {
        self.containers.pin().get(&number).cloned()
    }

    /// What it has of a container, nothing if need be.
    pub(super) fn get_or_insert(&self, container: &Arc<StoredContainer>) -> Arc<Recent> {
        let pinned = self.containers.pin();
        if let Some(recent) = pinned.get(&container.number) {
            return Arc::clone(recent);
        }
        let recent = Arc::new(Recent::new(Arc::clone(container)));
        pinned.insert(container.number, Arc::clone(&recent));
        self.grow(size_of::<Recent>() + 300);
        recent
    }

    /// Adds what came with a batch.
    pub(super) fn add(&self, recent: &Recent, batch: u64, content: Content) {
        let size = match &content {
            Content::Run(run) => {
                // Relaxed, here and below: figures that nothing else is read by.
                self.points.fetch_add(run.count.into(), Ordering::Relaxed);
                run.rows.len()
            }
            Content::Tail(tail) => tail.pieces.last().map_or(0, |piece| piece.len()) + 400,
            Content::TailGrowth(growth) => {
                growth.piece.as_ref().map_or(0, |piece| piece.len()) + 100
            }
            Content::Event(..) => 64,
        };
        self.grow(size + size_of::<Item>() * 3 / 2);
        let mut appender = recent.appender.lock();
        appender.add(Item { batch, content });
        self.longest.fetch_max(appender.len(), Ordering::Relaxed);
    }

    /// All containers that it has anything of, by name.
    pub(super) fn all(&self) -> Vec<Arc<Recent>> {
        let pinned = self.containers.pin();
        let mut all: Vec<_> = pinned.values().cloned().collect();
        all.sort_unstable_by(|left, right| left.container.name.cmp(&right.container.name));
        all
    }

    /// Says which log is the first that its content lies in, from where on, and that no other
    /// memory's does behind it.
    pub(super) fn set_position(&self, log: u64, offset: u64) {
        *self.position.lock() = LogPosition { log, offset, continued_in: None };
    }

    /// Says that the log that its content lies in goes on with that of the memory behind.
    pub(super) fn continue_in(&self, log: Arc<dyn AppendFile>) {
        self.position.lock().continued_in = Some(log);
    }

    /// Where its content lies.
    pub(super) fn position(&self) -> LogPosition {
        self.position.lock().clone()
    }

    /// Whether a container has so many entries that going through them takes a while.
    pub(super) fn is_long(&self) -> bool {
        const LONG: usize = 256;
        self.longest.load(Ordering::Relaxed) >= LONG
    }

    /// About how many bytes it takes.
    pub(super) fn size(&self) -> usize {
        self.size.load(Ordering::Relaxed)
    }

    pub(super) fn points(&self) -> u64 {
        self.points.load(Ordering::Relaxed)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.containers.is_empty()
    }

    fn grow(&self, bytes: usize) {
        self.size.fetch_add(bytes, Ordering::Relaxed);
    }
}
