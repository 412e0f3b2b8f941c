//! What came since the last segment: a log's content, by container.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use papaya::HashMap;
use parking_lot::Mutex;
use smallvec::SmallVec;

use super::disk::Appending;
use super::entries::{End, Entries};
use super::event::Happening;
use super::names::Known;
use super::row::{Rows, Shape};
use super::tail::{MOST_PIECES, Marks, Tail};
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
    pub(super) shape: Arc<Shape>,
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
        let mut rows = Rows::new(&self.rows, &self.shape, width, self.first);
        while !rows.is_empty() {
            let Some(point) = rows.point(name) else { return false };
            give(point);
        }
        true
    }
}

/// What was put into a memory at once.
#[derive(Debug)]
pub(super) enum What {
    Run(Run),
    Tail(Arc<Tail>),
    /// What the tail before it grew by.
    Grown(Box<Growth>),
    Event(Timestamp, Happening),
}

/// What a tail grew by.
#[derive(Debug)]
pub(super) struct Growth {
    pub(super) piece: Option<Arc<[u8]>>,
    pub(super) marks: Marks,
}

#[derive(Debug)]
pub(super) struct Entry {
    /// Which batch it came with.
    pub(super) batch: u64,
    pub(super) what: What,
}

/// What a memory has of a container.
#[derive(Debug)]
pub(super) struct Recent {
    pub(super) known: Arc<Known>,
    entries: Entries<Entry>,
    /// Only the writer adds, so that nobody ever waits for this.
    end: Mutex<End<Entry>>,
}

impl Recent {
    fn new(known: Arc<Known>) -> Self {
        let (entries, end) = Entries::new();
        Self { known, entries, end: Mutex::new(end) }
    }

    /// What came with a batch up to this one.
    pub(super) fn until(&self, batch: u64) -> impl Iterator<Item = &What> {
        self.entries.iter().take_while(move |entry| entry.batch <= batch).map(|entry| &entry.what)
    }

    pub(super) fn runs(&self, batch: u64) -> impl Iterator<Item = &Run> {
        self.until(batch).filter_map(|what| match what {
            What::Run(run) => Some(run),
            _ => None,
        })
    }

    /// The tail as it was last.
    pub(super) fn tail(&self, batch: u64) -> Option<Arc<Tail>> {
        self.last_tail(batch).map(|(_, tail)| tail)
    }

    /// The same, and the batch that it came with.
    fn last_tail(&self, batch: u64) -> Option<(u64, Arc<Tail>)> {
        let (mut last, mut grown) = (None, SmallVec::<[&Growth; MOST_PIECES]>::new());
        for entry in self.entries.iter().take_while(|entry| entry.batch <= batch) {
            match &entry.what {
                What::Tail(tail) => {
                    grown.clear();
                    last = Some((entry.batch, tail));
                }
                What::Grown(growth) => {
                    grown.push(growth);
                    last = last.map(|(_, tail)| (entry.batch, tail));
                }
                What::Run(_) | What::Event(..) => {}
            }
        }
        let (batch, whole) = last?;
        let Some(newest) = grown.last() else { return Some((batch, Arc::clone(whole))) };
        let pieces = grown.iter().filter_map(|growth| growth.piece.clone());
        let pieces = whole.pieces.iter().cloned().chain(pieces).collect();
        Some((batch, Arc::new(Tail { pieces, marks: newest.marks.clone() })))
    }

    /// Whether it has a tail.
    pub(super) fn has_tail(&self, batch: u64) -> bool {
        self.until(batch).any(|what| matches!(what, What::Tail(_)))
    }

    pub(super) fn events(&self, batch: u64) -> impl Iterator<Item = (Timestamp, &Happening)> {
        self.until(batch).filter_map(|what| match what {
            What::Event(at, happening) => Some((*at, happening)),
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
    place: Mutex<Place>,
    /// The most entries that a container has.
    longest: AtomicUsize,
    /// Whether it has the tails of what lies in segments, and nothing else.
    is_of_tails: bool,
}

/// Where the content of a memory lies.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    /// The first log that it lies in, and where it begins in it; 0 for all of that log.
    pub(super) log: u64,
    pub(super) offset: u64,
    /// The log, where the content of the memory behind goes on in it.
    pub(super) goes_on: Option<Arc<dyn Appending>>,
}

impl Memory {
    /// The tails of memories that become segments without them, as the log that their samples lie
    /// in goes on.
    pub(super) fn of_tails(memories: &[Arc<Self>]) -> Self {
        let tails = Self { is_of_tails: true, ..Self::default() };
        let first = memories.first().map(|memory| memory.place()).unwrap_or_default();
        tails.begins_with(first.log, 0);
        let newest_first = memories.iter().rev().flat_map(|memory| memory.all());
        for recent in newest_first.filter(|recent| tails.get(recent.known.number).is_none()) {
            if let Some((batch, tail)) = recent.last_tail(u64::MAX) {
                tails.add(&tails.of(&recent.known), batch, What::Tail(tail));
            }
        }
        tails
    }

    /// Whether it has the tails of what lies in segments, and nothing else.
    pub(super) fn is_of_tails(&self) -> bool {
        self.is_of_tails
    }

    pub(super) fn get(&self, number: u32) -> Option<Arc<Recent>> {
        self.containers.pin().get(&number).cloned()
    }

    /// What it has of a container, nothing if need be.
    pub(super) fn of(&self, known: &Arc<Known>) -> Arc<Recent> {
        let pinned = self.containers.pin();
        if let Some(recent) = pinned.get(&known.number) {
            return Arc::clone(recent);
        }
        let recent = Arc::new(Recent::new(Arc::clone(known)));
        pinned.insert(known.number, Arc::clone(&recent));
        self.grow(size_of::<Recent>() + 300);
        recent
    }

    /// Adds what came with a batch.
    pub(super) fn add(&self, recent: &Recent, batch: u64, what: What) {
        let size = match &what {
            What::Run(run) => {
                // Relaxed, here and below: figures that nothing else is read by.
                self.points.fetch_add(run.count.into(), Ordering::Relaxed);
                run.rows.len()
            }
            What::Tail(tail) => tail.pieces.last().map_or(0, |piece| piece.len()) + 400,
            What::Grown(growth) => growth.piece.as_ref().map_or(0, |piece| piece.len()) + 100,
            What::Event(..) => 64,
        };
        self.grow(size + size_of::<Entry>() * 3 / 2);
        let mut end = recent.end.lock();
        end.add(Entry { batch, what });
        self.longest.fetch_max(end.len(), Ordering::Relaxed);
    }

    /// All containers that it has anything of, by name.
    pub(super) fn all(&self) -> Vec<Arc<Recent>> {
        let pinned = self.containers.pin();
        let mut all: Vec<_> = pinned.values().cloned().collect();
        all.sort_unstable_by(|left, right| left.known.name.cmp(&right.known.name));
        all
    }

    /// Says which log is the first that its content lies in, from where on, and that no other
    /// memory's does behind it.
    pub(super) fn begins_with(&self, log: u64, offset: u64) {
        *self.place.lock() = Place { log, offset, goes_on: None };
    }

    /// Says that the log that its content lies in goes on with that of the memory behind.
    pub(super) fn goes_on_in(&self, log: Arc<dyn Appending>) {
        self.place.lock().goes_on = Some(log);
    }

    /// Where its content lies.
    pub(super) fn place(&self) -> Place {
        self.place.lock().clone()
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
