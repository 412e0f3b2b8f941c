//! The writer: puts a batch into the log, and then into memory. `batch.rs` publishes it.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use arc_swap::ArcSwap;
use parking_lot::Mutex;

use super::catalog::Catalog;
use super::disk::Disk;
use super::event::Happening;
use super::expected::{ExpectedContainers, Place};
use super::log::{FailStopFile, LogEnd, LogWriter, log_name, log_number};
use super::memory::{Content, Memory, Recent, TailGrowth};
use super::metadata::Metadata;
use super::records::{BatchEncoder, Encoder, StagedRun, TailExtent};
use super::stored::StoredContainer;
use super::tail::Tail;
use super::view::State;
use crate::time::Timestamp;

/// The current log, and the memory that holds its content.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) memory: Arc<Memory>,
    /// The number of the last batch.
    pub(super) batch: u64,
    log: Option<Log>,
    /// The number of the preceding log, if that failed.
    highest: Option<u64>,
    expected: ExpectedContainers,
    /// A buffer for the rows of a batch.
    rows: Vec<u8>,
    /// A log to continue, and its encoder.
    pub(super) last: Option<(LogEnd, Encoder)>,
    /// The preceding log and its length, until this log records them: this one counts only if all
    /// of the preceding one is there.
    previous_log: Option<(u64, u64)>,
    /// Earlier logs that may not be synced.
    unsynced: Vec<(u64, Arc<FailStopFile>)>,
    /// Up to where the log is synced, and the part of that which it has recorded.
    synced: (u64, u64),
    /// Whether a write failed, so that a new log must hold all of the memory.
    failed: bool,
    /// Whether the log may hold more than the memory does: what lies in other memories, or in
    /// segments.
    holds_more: bool,
}

#[derive(Debug)]
struct Log {
    writer: LogWriter,
    encoder: Encoder,
    number: u64,
}

/// A batch that is being assembled.
#[derive(Debug)]
pub(super) struct Staged<'w> {
    pub(super) batch: BatchEncoder<'w>,
    memory: &'w Memory,
    pub(super) expected: &'w mut ExpectedContainers,
    /// The place is that of an expected container.
    runs: Vec<(Option<Place>, Arc<Recent>, StagedRun)>,
    entries: Vec<(Arc<Recent>, Content)>,
    new_metadata: Vec<(Arc<StoredContainer>, Metadata)>,
}

impl Staged<'_> {
    /// Adds a container's points of one shape, in rising time.
    pub(super) fn run(
        &mut self,
        container: &Arc<StoredContainer>,
        points: &[crate::DataPoint],
        replaces: bool,
    ) {
        let number = self.batch.container(container);
        if let Some(run) = self.batch.run(points, replaces, Some(number)) {
            self.runs.push((None, self.memory.get_or_insert(container), run));
        }
    }

    /// Adds points of the container that is expected at this position, behind all stored ones, and
    /// if `logged` to the log.
    pub(super) fn expected_run(
        &mut self,
        position: usize,
        points: &[crate::DataPoint],
        logged: bool,
    ) {
        let Self { batch, memory, expected, runs, .. } = self;
        let number = if logged {
            expected.in_log(position, |container| batch.container(container))
        } else {
            None
        };
        let Some(run) = batch.run(points, false, number) else { return };
        if let Some((place, recent)) = expected.lend(position, memory) {
            runs.push((Some(place), recent, run));
        }
    }

    pub(super) fn metadata(&mut self, container: &Arc<StoredContainer>, metadata: Metadata) {
        self.batch.metadata(container, &metadata);
        self.new_metadata.push((Arc::clone(container), metadata));
    }

    /// Adds the extension of a tail, of which `tail` is the result. Memory gets the whole tail if
    /// it has none yet, or if the tail was repacked.
    pub(super) fn tail_growth(
        &mut self,
        container: &Arc<StoredContainer>,
        piece: Option<Arc<[u8]>>,
        tail: Tail,
        extent: TailExtent,
    ) {
        self.batch.tail(container, &tail.header, piece.as_slice(), extent);
        let recent = self.memory.get(container.number);
        let is_packed = tail.pieces.len() <= piece.iter().len();
        let what = match recent.filter(|recent| !is_packed && recent.has_tail(u64::MAX)) {
            Some(_) => Content::TailGrowth(Box::new(TailGrowth { piece, header: tail.header })),
            None => Content::Tail(Arc::new(tail)),
        };
        self.entry(container, what);
    }

    pub(super) fn event(
        &mut self,
        container: &Arc<StoredContainer>,
        at: Timestamp,
        what: Happening,
    ) {
        self.batch.event(container, at, &what);
        self.entry(container, Content::Event(at, what));
    }

    pub(super) fn entry(&mut self, container: &Arc<StoredContainer>, what: Content) {
        let last = self.entries.last().map(|(recent, _)| recent);
        let same = last.filter(|recent| recent.container.number == container.number).cloned();
        let recent = same.unwrap_or_else(|| self.memory.get_or_insert(container));
        self.entries.push((recent, what));
    }
}

/// What is needed to begin a log.
pub(super) struct NewLog<'n> {
    pub(super) disk: &'n dyn Disk,
    pub(super) number: &'n mut dyn FnMut() -> u64,
    /// A log that was created in advance, so that nobody waits for the disk.
    pub(super) spare: &'n Mutex<Option<LogWriter>>,
    /// Logs whose creation failed, and that must still be removed.
    pub(super) abandoned: &'n Mutex<Vec<u64>>,
    /// The state, whose memories hold what no segment holds, the oldest first.
    pub(super) state: &'n ArcSwap<State>,
}

impl Writer {
    pub(super) fn new(memory: Arc<Memory>, batch: u64, last: Option<(LogEnd, Encoder)>) -> Self {
        // The content of several logs, or of an incomplete one, goes to a new log first.
        let (failed, holds_more) = (last.is_none() && !memory.is_empty(), last.is_some());
        Self {
            memory,
            batch,
            log: None,
            highest: None,
            expected: ExpectedContainers::default(),
            rows: Vec::new(),
            last,
            previous_log: None,
            unsynced: Vec::new(),
            synced: (0, 0),
            failed,
            holds_more,
        }
    }

    /// The log file, for syncing.
    pub(super) fn file(&self) -> Option<Arc<FailStopFile>> {
        self.log.as_ref().map(|log| log.writer.file())
    }

    /// Earlier logs that must be synced, too, from log `first` on, the first with data that no
    /// segment holds.
    pub(super) fn unsynced_logs(&mut self, first: u64) -> Vec<(u64, Arc<FailStopFile>)> {
        self.forget_before(first);
        self.unsynced.clone()
    }

    /// Drops the logs before this one: segments hold their data, so they need no sync.
    pub(super) fn forget_before(&mut self, first: u64) {
        self.unsynced.retain(|(number, _)| *number >= first);
    }

    /// Notes that these logs were synced, and log `log` up to `length`.
    pub(super) fn note_synced(&mut self, logs: &[(u64, Arc<FailStopFile>)], log: u64, length: u64) {
        self.unsynced.retain(|(number, _)| logs.iter().all(|(synced, _)| synced != number));
        if self.number() == Some(log) {
            self.synced.0 = self.synced.0.max(length);
        }
    }

    /// Whether the whole log is synced.
    pub(super) fn is_synced(&self) -> bool {
        self.synced.0 >= self.length()
    }

    /// Whether acknowledged data may not outlast a loss of power, whatever file is synced.
    pub(super) fn needs_new_log(&self) -> bool {
        let log = self.log.as_ref();
        self.failed || log.map_or(!self.memory.is_empty(), |log| log.writer.has_failed())
    }

    /// The number of the current log.
    pub(super) fn number(&self) -> Option<u64> {
        self.log.as_ref().map(|log| log.number)
    }

    /// The length of the current log.
    pub(super) fn length(&self) -> u64 {
        self.log.as_ref().map_or(0, |log| log.writer.length())
    }

    pub(super) fn end(&self) -> Option<(u64, u64, u32)> {
        let log = self.log.as_ref().filter(|log| !log.writer.has_failed())?;
        Some((log.number, log.writer.length(), log.writer.checksum()))
    }

    /// Ensures that there is a log to write to.
    pub(super) fn prepare(&mut self, mut new: NewLog<'_>) -> io::Result<()> {
        if self.log.as_ref().is_some_and(|log| log.writer.has_failed()) {
            self.failed = true;
            self.highest = self.number();
            self.log = None;
        }
        if self.failed {
            return self.rewrite_log(&mut new);
        }
        if self.log.is_none() {
            self.log = Some(match self.last.take() {
                Some((end, encoder)) => {
                    // Unless it can be continued.
                    self.failed = true;
                    let writer = LogWriter::resume(new.disk, &end)?;
                    (self.failed, self.synced) = (false, (end.length, 0));
                    Log { writer, encoder, number: end.header.number }
                }
                None => begin(&mut new, self.highest)?,
            });
        }
        Ok(())
    }

    /// Has the next call rewrite what the logs hold, as one of them failed.
    pub(super) fn distrust_logs(&mut self) {
        self.failed = true;
    }

    /// Begins a log with everything that no segment holds, since the content of the earlier logs is
    /// unknown. Returns once it is synced.
    fn rewrite_log(&mut self, new: &mut NewLog<'_>) -> io::Result<()> {
        let above = self.number().or(self.highest);
        let mut log = begin(new, above)?;
        let mut batch = BatchEncoder::new(&mut log.encoder, log.writer.begin());
        let parts = Arc::clone(&new.state.load().parts);
        for (index, memory) in parts.memories.iter().enumerate() {
            let newer = parts.memories.get(index + 1..).unwrap_or_default();
            for recent in memory.all() {
                put_all(&mut batch, &recent, newer, self.batch);
            }
        }
        if let Err(error) = log.writer.commit().and_then(|()| log.writer.sync()) {
            if remove(new.disk, log.number).is_err() {
                new.abandoned.lock().push(log.number);
            }
            return Err(error);
        }
        let first = parts.memories.first().map_or(log.number, |memory| memory.position().log);
        parts.memories.iter().for_each(|memory| memory.set_position(log.number, 0));
        remove_logs(new.disk, &(first..log.number));
        self.holds_more = parts.memories.len() > 1;
        self.unsynced.clear();
        (self.synced, self.previous_log) = ((log.writer.length(), 0), None);
        (self.log, self.failed) = (Some(log), false);
        Ok(())
    }

    /// Begins a new log and a new memory.
    pub(super) fn rotate(&mut self, mut new: NewLog<'_>) -> io::Result<()> {
        let log = begin(&mut new, self.number())?;
        let number = log.number;
        if let Some(full) = self.log.replace(log) {
            self.previous_log = Some((full.number, full.writer.length()));
            self.unsynced.push((full.number, full.writer.file()));
        }
        (self.synced, self.holds_more) = ((0, 0), false);
        self.replace_memory();
        self.memory.set_position(number, 0);
        Ok(())
    }

    /// Whether the log holds nothing that matters, of this memory or of others.
    pub(super) fn has_nothing(&self) -> bool {
        self.memory.is_empty() && !self.holds_more
    }

    /// Begins a new memory, whose content follows in the same log.
    pub(super) fn begin_memory(&mut self) {
        if let Some(log) = &self.log {
            let position = (log.number, log.writer.length());
            self.memory.continue_in(log.writer.file());
            self.holds_more = true;
            self.replace_memory();
            self.memory.set_position(position.0, position.1);
        }
    }

    fn replace_memory(&mut self) {
        self.memory = Arc::default();
        self.expected.forget_memory();
    }

    /// Has the next batch look up its containers, as some have left the catalog.
    pub(super) fn forget_expected(&mut self) {
        self.expected.forget();
    }

    /// Writes a batch that `fill` assembles. When this returns, it is in memory, and synced if
    /// `sync` is set. It is not published yet.
    pub(super) fn write<R>(
        &mut self,
        catalog: &Catalog,
        sync: bool,
        fill: impl FnOnce(&mut Staged<'_>) -> Result<R, crate::Error>,
        failed: impl Fn(io::Error) -> crate::Error,
    ) -> Result<R, crate::Error> {
        // Set until this returns: if a value from the caller panics, the part of the batch that the
        // encoder has seen is unknown.
        self.failed = true;
        let written = self.write_whole(catalog, sync, fill, failed);
        self.failed = false;
        written
    }

    fn write_whole<R>(
        &mut self,
        catalog: &Catalog,
        sync: bool,
        fill: impl FnOnce(&mut Staged<'_>) -> Result<R, crate::Error>,
        failed: impl Fn(io::Error) -> crate::Error,
    ) -> Result<R, crate::Error> {
        let Some(log) = &mut self.log else {
            return Err(failed(io::Error::other("there is no log to write to")));
        };
        let before = (log.encoder.mark(), self.synced.1);
        let batch = BatchEncoder::new(&mut log.encoder, log.writer.begin());
        let mut batch = batch.with_rows(std::mem::take(&mut self.rows));
        if let Some((number, length)) = self.previous_log {
            batch.previous_log(number, length);
        }
        if self.synced.0 > self.synced.1 {
            batch.synced(self.synced.0);
            self.synced.1 = self.synced.0;
        }
        let (memory, expected) = (&*self.memory, &mut self.expected);
        expected.begin_batch(log.number);
        let (runs, entries, new_metadata) = (Vec::new(), Vec::new(), Vec::new());
        let mut staged = Staged { batch, memory, expected, runs, entries, new_metadata };
        let filled = fill(&mut staged);
        let Staged { batch, runs, entries, new_metadata, .. } = staged;
        let rows = batch.into_rows();
        let is_empty = runs.is_empty() && entries.is_empty() && new_metadata.is_empty();
        if filled.is_err() || is_empty {
            log.encoder.roll_back(before.0);
            self.expected.forget_log();
            self.synced.1 = before.1;
            return filled;
        }
        let result = filled?;
        log.writer.commit().map_err(&failed)?;
        self.previous_log = None;
        if sync {
            log.writer.sync().map_err(&failed)?;
            self.synced.0 = log.writer.length();
        }
        self.batch += 1;
        let added = runs.iter().map(|(_, recent, run)| (&**recent, run.run(&rows)));
        memory.add_runs(self.batch, added);
        for (place, recent, _) in runs {
            if let Some(place) = place {
                self.expected.take_back(place, recent);
            }
        }
        for (recent, what) in entries {
            memory.add(&recent, self.batch, what);
        }
        self.rows = kept(rows);
        for (container, metadata) in new_metadata {
            // Otherwise metadata alone would be lost with the log.
            memory.get_or_insert(&container);
            catalog.describe(&container, metadata);
        }
        Ok(result)
    }
}

/// An empty buffer, for reuse unless it is large.
fn kept(mut rows: Vec<u8>) -> Vec<u8> {
    const MOST: usize = 4 << 20;
    rows.clear();
    rows.shrink_to(MOST);
    rows
}

/// Begins a log with a number above `above`: logs are ordered by number.
fn begin(new: &mut NewLog<'_>, above: Option<u64>) -> io::Result<Log> {
    // Only the last log may have an incomplete header: a reader cannot tell whether an earlier one
    // was truncated.
    let mut abandoned = new.abandoned.lock();
    while let Some(number) = abandoned.last() {
        remove(new.disk, *number)?;
        abandoned.pop();
    }
    drop(abandoned);
    let mut spare = new.spare.lock().take();
    if let Some(low) = spare.take_if(|spare| Some(spare.header().number) <= above) {
        let _ = remove(new.disk, low.header().number);
    }
    let writer = spare.map_or_else(|| new_log(new.disk, (new.number)(), new.abandoned), Ok)?;
    let number = writer.header().number;
    Ok(Log { writer, encoder: Encoder::default(), number })
}

/// Creates a log without batches, and syncs its header and name, so that the header survives
/// whatever is lost behind it. If this fails, the log is removed, or goes to `abandoned`.
pub(super) fn new_log(
    disk: &dyn Disk,
    number: u64,
    abandoned: &Mutex<Vec<u64>>,
) -> io::Result<LogWriter> {
    use std::hash::{BuildHasher, Hasher};
    // Seeded by the system: no two logs share it.
    let salt = std::hash::RandomState::new().build_hasher().finish();
    let begun = LogWriter::create(disk, number, salt, disk.boot()).and_then(|writer| {
        writer.sync()?;
        disk.sync()?;
        Ok(writer)
    });
    if begun.is_err() && remove(disk, number).is_err() {
        abandoned.lock().push(number);
    }
    begun
}

/// Removes the logs of these numbers, whose content is stored elsewhere by now. If one stays, its
/// content is read twice.
pub(super) fn remove_logs(disk: &dyn Disk, numbers: &Range<u64>) {
    for name in disk.list().unwrap_or_default() {
        if log_number(&name).is_some_and(|number| numbers.contains(&number)) {
            let _ = disk.remove(&name);
        }
    }
}

fn remove(disk: &dyn Disk, log: u64) -> io::Result<()> {
    match disk.remove(&log_name(log)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Records everything that a memory has of a container, without its tail if there is a newer one.
fn put_all(batch: &mut BatchEncoder<'_>, recent: &Recent, newer: &[Arc<Memory>], until: u64) {
    let container = &recent.container;
    let number = batch.container(container);
    recent.runs(until).for_each(|run| batch.same_run(number, &run));
    for what in recent.until(until) {
        match what {
            Content::Event(at, happening) => batch.event(container, *at, happening),
            Content::Tail(_) | Content::TailGrowth(_) => {}
        }
    }
    let mut newer = newer.iter().filter_map(|memory| memory.get(container.number));
    let is_newest = newer.all(|newer| !newer.has_tail(until));
    if let Some(tail) = recent.tail(until).filter(|_| is_newest) {
        batch.tail(container, &tail.header, &tail.pieces, TailExtent::Whole);
    }
}
