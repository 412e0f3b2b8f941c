//! What came since the last segment, by container. It has the content of the log.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use papaya::HashMap;
use parking_lot::Mutex;
use smallvec::SmallVec;

use super::append_list::{AppendList, Appender, Link};
use super::event::Happening;
use super::log::FailStopFile;
use super::run::{Run, RunAppender, RunList};
use super::stored::StoredContainer;
use super::tail::{MOST_PIECES, Tail, TailHeader, second};
use crate::time::Timestamp;

/// What an item of a memory holds.
#[derive(Debug)]
pub(super) enum Content {
    Tail(Arc<Tail>),
    /// An extension of the tail before it.
    TailGrowth(Box<TailGrowth>),
    Event(Timestamp, Happening),
}

/// An extension of a tail.
#[derive(Debug)]
pub(super) struct TailGrowth {
    pub(super) piece: Option<Arc<[u8]>>,
    pub(super) header: TailHeader,
}

#[derive(Debug)]
pub(super) struct Item {
    /// The number of its batch.
    pub(super) batch: u64,
    pub(super) content: Content,
}

/// What a memory has of one container.
#[derive(Debug)]
pub(super) struct Recent {
    pub(super) container: Arc<StoredContainer>,
    runs: RunList,
    /// Tails and events.
    items: AppendList<Item>,
    /// Only the writer appends, so nobody waits for this lock.
    appenders: Mutex<Appenders>,
}

#[derive(Debug)]
struct Appenders {
    runs: RunAppender,
    items: Appender<Item>,
    /// The number of runs and items.
    length: usize,
}

impl Recent {
    fn new(container: Arc<StoredContainer>) -> Self {
        let ((runs, run_appender), (items, item_appender)) = (RunList::new(), AppendList::new());
        let appenders = Appenders { runs: run_appender, items: item_appender, length: 0 };
        Self { container, runs, items, appenders: Mutex::new(appenders) }
    }

    /// The items of all batches up to this one.
    pub(super) fn until(&self, batch: u64) -> impl Iterator<Item = &Content> {
        self.items.iter().take_while(move |item| item.batch <= batch).map(|item| &item.content)
    }

    /// The runs of all batches up to this one.
    pub(super) fn runs(&self, batch: u64) -> impl Iterator<Item = Run<'_>> {
        self.runs.until(batch)
    }

    /// The links that hold the runs.
    pub(super) fn links(&self) -> impl Iterator<Item = &Arc<Link<u8>>> {
        self.runs.links()
    }

    /// The end of what is newest, in seconds.
    pub(super) fn newest(&self, batch: u64, width: u64) -> Option<u64> {
        let end = |what: &Content| match what {
            Content::Event(at, _) => Some(second(at.nanos()) + 1),
            Content::Tail(tail) => tail.end(width),
            Content::TailGrowth(growth) => growth.header.end(width),
        };
        let runs = self.runs(batch).map(|run| run.header.end);
        runs.chain(self.until(batch).filter_map(end)).max()
    }

    /// The latest tail.
    pub(super) fn tail(&self, batch: u64) -> Option<Arc<Tail>> {
        self.last_tail(batch).map(|(_, tail)| tail)
    }

    /// The latest tail, and the number of its batch.
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
                Content::Event(..) => {}
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

/// The memory (memtable): recent points, events and tails by container.
#[derive(Debug, Default)]
pub(super) struct Memory {
    containers: HashMap<u32, Arc<Recent>, foldhash::fast::RandomState>,
    /// Its approximate size in bytes.
    size: AtomicUsize,
    points: AtomicU64,
    position: Mutex<LogPosition>,
    /// The largest number of runs and items of a container.
    longest: AtomicUsize,
    /// Whether it holds only the tails of containers whose points lie in segments.
    holds_only_tails: bool,
}

/// Where the log holds the content of a memory.
#[derive(Clone, Debug, Default)]
pub(super) struct LogPosition {
    /// The first log that holds some of it, and the offset there; 0 for the whole log.
    pub(super) log: u64,
    pub(super) offset: u64,
    /// The log file, if the next memory's content follows in the same log.
    pub(super) continued_in: Option<Arc<FailStopFile>>,
}

impl Memory {
    /// Collects the tails of memories whose points become a segment, while the log that holds the
    /// samples continues.
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

    /// Whether it holds only the tails of containers whose points lie in segments.
    pub(super) fn holds_only_tails(&self) -> bool {
        self.holds_only_tails
    }

    pub(super) fn get(&self, number: u32) -> Option<Arc<Recent>> {
        self.containers.pin().get(&number).cloned()
    }

    /// The items of a container, created empty if there are none.
    pub(super) fn get_or_insert(&self, container: &Arc<StoredContainer>) -> Arc<Recent> {
        let pinned = self.containers.pin();
        if let Some(recent) = pinned.get(&container.number) {
            return Arc::clone(recent);
        }
        let recent = Arc::new(Recent::new(Arc::clone(container)));
        pinned.insert(container.number, Arc::clone(&recent));
        self.grow(size_of::<Recent>() + 150);
        recent
    }

    /// Adds runs of a batch. Their containers know of these intervals then.
    pub(super) fn add_runs<'r>(
        &self,
        batch: u64,
        runs: impl IntoIterator<Item = (&'r Recent, Run<'r>)>,
    ) {
        let (mut points, mut header) = (0, Vec::new());
        for (recent, run) in runs {
            points += u64::from(run.header.count);
            recent.container.note_interval(run.header.end.saturating_sub(1));
            let mut appenders = recent.appenders.lock();
            let grown = appenders.runs.add(batch, &run, &mut header);
            self.note_added(&mut appenders);
            drop(appenders);
            if grown > 0 {
                self.grow(grown + size_of::<Link<u8>>() + 32);
            }
        }
        // Relaxed, here and below: statistics that order no other data.
        self.points.fetch_add(points, Ordering::Relaxed);
    }

    /// Adds an item of a batch.
    pub(super) fn add(&self, recent: &Recent, batch: u64, content: Content) {
        let size = match &content {
            Content::Tail(tail) => tail.pieces.last().map_or(0, |piece| piece.len()) + 400,
            Content::TailGrowth(growth) => {
                growth.piece.as_ref().map_or(0, |piece| piece.len()) + 100
            }
            Content::Event(..) => 64,
        };
        self.grow(size + size_of::<Item>() * 3 / 2);
        let mut appenders = recent.appenders.lock();
        appenders.items.push(Item { batch, content });
        self.note_added(&mut appenders);
    }

    fn note_added(&self, appenders: &mut Appenders) {
        appenders.length += 1;
        if appenders.length > self.longest.load(Ordering::Relaxed) {
            self.longest.fetch_max(appenders.length, Ordering::Relaxed);
        }
    }

    /// The items of all containers, by name.
    pub(super) fn all(&self) -> Vec<Arc<Recent>> {
        let pinned = self.containers.pin();
        let mut all: Vec<_> = pinned.values().cloned().collect();
        all.sort_unstable_by(|left, right| left.container.name.cmp(&right.container.name));
        all
    }

    /// Sets the first log that holds its content, and the offset there. No other memory follows in
    /// that log.
    pub(super) fn set_position(&self, log: u64, offset: u64) {
        *self.position.lock() = LogPosition { log, offset, continued_in: None };
    }

    /// Notes that the next memory's content follows in the same log.
    pub(super) fn continue_in(&self, log: Arc<FailStopFile>) {
        self.position.lock().continued_in = Some(log);
    }

    /// Whether its content cannot be sealed, as the log that holds it has failed.
    pub(super) fn is_in_failed_log(&self) -> bool {
        self.position.lock().continued_in.as_ref().is_some_and(|log| log.has_failed())
    }

    /// Where the log holds its content.
    pub(super) fn position(&self) -> LogPosition {
        self.position.lock().clone()
    }

    /// Whether a container has so many items that iterating over them takes long.
    pub(super) fn is_long(&self) -> bool {
        const LONG: usize = 256;
        self.longest.load(Ordering::Relaxed) >= LONG
    }

    /// Its approximate size in bytes.
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
