//! Background work: sealing full memories, and compacting segments.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError};
use parking_lot::Mutex;

use super::SyncPolicy;
use super::disk::AppendFile;
use super::manifest::{Manifest, SegmentEntry};
use super::memory::{LogPosition, Memory};
use super::merge::Merge;
use super::opening;
use super::reserve;
use super::sealed::{Sealed, segment_name};
use super::shared::Shared;
use super::view::Parts;
use super::writer::remove_logs;
use crate::cancel::Cancel;
use crate::error::Error;

/// How many segments of similar size are merged.
const SIMILAR_COUNT: usize = 4;
/// Limits of a merged segment, since a segment can only be dropped as a whole: at most `FEW`
/// points, or at most `MANY` points within a day.
const FEW: u64 = 8_000_000;
const DAY: u64 = 86_400;
const MANY: u64 = 200_000_000;
/// The most points that closing a store waits to be merged.
pub(super) const SMALL: u64 = 1 << 20;
/// The time between retries after an error.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// Seals whenever it is woken, until the store is closed.
pub(super) fn seal(shared: &Shared, woken: &Receiver<()>) {
    run_when_woken(shared, woken, &shared.seal_error, &|| {
        // If this fails, the log is created when it is needed.
        let _ = shared.prepare_log();
        let done = seal_all(shared);
        // Full: the thread is already woken.
        let _ = shared.wake_compaction.try_send(());
        done
    });
}

/// Compacts whenever it is woken, on a thread of its own: writers may wait for sealing, and must
/// not wait for compaction.
pub(super) fn compact(shared: &Shared, woken: &Receiver<()>) {
    run_when_woken(shared, woken, &shared.compaction_error, &|| compact_some(shared, MANY));
}

/// Runs `act` whenever it is woken, and again after a while if that failed.
fn run_when_woken(
    shared: &Shared,
    woken: &Receiver<()>,
    last_error: &Mutex<Option<String>>,
    act: &dyn Fn() -> Result<(), Error>,
) {
    loop {
        let failed = last_error.lock().is_some();
        let waited = if failed {
            woken.recv_timeout(RETRY_AFTER)
        } else {
            woken.recv().map_err(|_| RecvTimeoutError::Disconnected)
        };
        if waited == Err(RecvTimeoutError::Disconnected) || shared.stopping.is_cancelled() {
            return;
        }
        *last_error.lock() = catch_panic(act).err();
        shared.notify_sealed();
    }
}

/// Returns the error or panic as text. If a panic ended the thread, those that wait for its work
/// would wait forever.
pub(super) fn catch_panic(act: &dyn Fn() -> Result<(), Error>) -> Result<(), String> {
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(act));
    match done {
        Ok(done) => done.map_err(|error| error.to_string()),
        Err(panic) => {
            let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
            Err(format!("a thread of the store panicked: {}", text.unwrap_or_default()))
        }
    }
}

/// Seals all memories but the one that is being written.
pub(super) fn seal_all(shared: &Shared) -> Result<(), Error> {
    while shared.waiting() > 0 {
        seal_first(shared)?;
        shared.notify_sealed();
    }
    Ok(())
}

fn seal_first(shared: &Shared) -> Result<(), Error> {
    let _sealing = shared.sealing_one.lock();
    let view = shared.view();
    let parts = view.parts();
    let Some(memory) = parts.waiting().first() else { return Ok(()) };
    let is_sealed = |one: &&Arc<Memory>| one.holds_only_tails() || Arc::ptr_eq(one, memory);
    let memories: Vec<_> = parts.memories.iter().filter(is_sealed).cloned().collect();
    let log = memory.position().continued_in;
    // The first segment may have the tails, too: there are no others that it would keep for longer
    // than they count.
    let is_first = log.is_none() && parts.segments.is_empty();
    let newer = if is_first { Vec::new() } else { memories.clone() };
    let newer = Parts { memories: newer, ..Parts::default() };
    let merge = |segments, memories| {
        let parts = Parts { segments, memories, floor: parts.floor };
        // Everything in a full memory was acknowledged.
        Merge::new(parts, u64::MAX, &shared.catalog, shared.rules).without_tails_of(newer)
    };
    let disk = &*shared.disk;
    if let Some(log) = log {
        // Otherwise a loss of power could leave points without the samples after them.
        log.sync().map_err(|failure| shared.io("sync the log of", failure))?;
        let merge = merge(Vec::new(), vec![Arc::clone(memory)]);
        let replacement =
            Replacement::of([], merge.write(disk, shared.next_number())?.into_iter().collect());
        return install(
            shared,
            vec![replacement],
            Some(&SealedMemories { memories, tails_stay: true }),
        );
    }
    let tails: Vec<_> = parts.tail_segments().cloned().collect();
    let merge = merge(tails.clone(), memories.clone());
    let points_entry = merge.write(disk, shared.next_number())?;
    let tails_entry = merge.write_tails(disk, shared.next_number());
    if tails_entry.is_err() {
        remove_segments(shared, points_entry.iter().map(|entry| entry.number));
    }
    let replacement =
        Replacement::of(&tails, points_entry.into_iter().chain(tails_entry?).collect());
    install(shared, vec![replacement], Some(&SealedMemories { memories, tails_stay: false }))
}

/// The numbers of segments, and the segments that replace them.
#[derive(Debug)]
pub(super) struct Replacement {
    old: Vec<u64>,
    new: Vec<SegmentEntry>,
}

impl Replacement {
    pub(super) fn of<'s>(
        old: impl IntoIterator<Item = &'s Arc<Sealed>>,
        new: Vec<SegmentEntry>,
    ) -> Self {
        Self { old: old.into_iter().map(|sealed| sealed.entry.number).collect(), new }
    }

    pub(super) fn new_numbers(&self) -> impl Iterator<Item = u64> {
        self.new.iter().map(|entry| entry.number)
    }
}

/// Replaces segments and memories by the segments that were made of them.
pub(super) fn install(
    shared: &Shared,
    mut replacements: Vec<Replacement>,
    sealed_memories: Option<&SealedMemories>,
) -> Result<(), Error> {
    let mut manifest = shared.manifest.lock();
    let mut changed = Manifest::clone(&manifest);
    replacements.retain(|replacement| {
        let is_there = |number: &u64| changed.segments.iter().any(|entry| entry.number == *number);
        let stays = sealed_memories.is_some() || replacement.old.iter().any(is_there);
        if !stays {
            // All of the old ones were dropped meanwhile.
            remove_segments(shared, replacement.new_numbers());
        }
        stays
    });
    if replacements.is_empty() {
        return Ok(());
    }
    let (mut opened, is_newest) =
        (Vec::with_capacity(replacements.len()), sealed_memories.is_some());
    for Replacement { old, new } in replacements {
        let open = |entry| opening::segment(&*shared.disk, entry, &shared.catalog).map(Arc::new);
        let sealed = new.iter().map(open).collect::<Result<Vec<_>, _>>()?;
        let bytes = new.iter().map(|entry| entry.bytes).sum();
        shared.counters.sealed.fetch_add(bytes, Ordering::Relaxed);
        let is_old = |entry: &SegmentEntry| old.contains(&entry.number);
        replace_in(&mut changed.segments, is_old, new, is_newest);
        opened.push((old, sealed));
    }
    if let Some(next) =
        sealed_memories.and_then(|sealed_memories| sealed_memories.next(shared.view().parts()))
    {
        (changed.first_log, changed.sealed_to) = (next.log, next.offset);
    }
    let first_log = changed.first_log;
    changed.next = shared.highest_number();
    changed.note_features();
    changed.write(&*shared.disk)?;
    *manifest = changed;
    reserve::lay_by(&*shared.disk);
    shared.replace(|parts| {
        for (old, new) in &opened {
            let is_old = |one: &Arc<Sealed>| old.contains(&one.entry.number);
            replace_in(&mut parts.segments, is_old, new.clone(), is_newest);
        }
        if let Some(sealed_memories) = sealed_memories {
            sealed_memories.leave(&mut parts.memories);
        }
    });
    drop(manifest);
    remove_segments(shared, opened.into_iter().flat_map(|(old, _)| old));
    if sealed_memories.is_some() {
        remove_logs(&*shared.disk, &(0..first_log));
    }
    Ok(())
}

/// Memories that segments replace.
pub(super) struct SealedMemories {
    memories: Vec<Arc<Memory>>,
    /// Whether their tails stay in memory, since a log keeps the samples.
    tails_stay: bool,
}

impl SealedMemories {
    /// Where the log holds the first data that no segment holds.
    fn next(&self, parts: &Parts) -> Option<LogPosition> {
        let last = self.memories.last()?;
        let mut behind = parts.memories.iter().skip_while(|one| !Arc::ptr_eq(one, last));
        Some(behind.nth(1)?.position())
    }

    fn leave(&self, all: &mut Vec<Arc<Memory>>) {
        all.retain(|one| self.memories.iter().all(|memory| !Arc::ptr_eq(one, memory)));
        if self.tails_stay {
            all.insert(0, Arc::new(Memory::tails_of(&self.memories)));
        }
    }
}

/// Replaces the first old element by these, or appends them if they are the newest.
fn replace_in<T>(all: &mut Vec<T>, is_old: impl Fn(&T) -> bool, new: Vec<T>, is_newest: bool) {
    let at = all.iter().position(&is_old);
    all.retain(|one| !is_old(one));
    let at = at.filter(|_| !is_newest).unwrap_or(all.len());
    all.splice(at..at, new);
}

/// If this fails, the next opening removes it.
pub(super) fn remove_segments(shared: &Shared, numbers: impl IntoIterator<Item = u64>) {
    for number in numbers {
        let _ = shared.disk.remove(&segment_name(number));
    }
}

/// Merges segments, of at most `most` points together, as long as there are enough of similar size.
pub(super) fn compact_some(shared: &Shared, most: u64) -> Result<(), Error> {
    // A running compaction covers these.
    let Some(_compacting) = shared.compacting.try_lock() else { return Ok(()) };
    loop {
        let view = shared.view();
        let segments: Vec<_> = view.parts().point_segments().cloned().collect();
        let Some(range) = similar_segments(&segments, most) else { return Ok(()) };
        let segments = segments.get(range).unwrap_or_default();
        let is_small = points(segments) <= SMALL;
        let cancel = if is_small { Cancel::default() } else { shared.stopping.clone() };
        merge(shared, segments, &cancel)?;
        if shared.stopping.is_cancelled() {
            return Ok(());
        }
    }
}

fn points(segments: &[Arc<Sealed>]) -> u64 {
    segments.iter().map(|sealed| sealed.entry.points).sum()
}

/// Merges adjacent segments into one.
pub(super) fn merge(
    shared: &Shared,
    segments: &[Arc<Sealed>],
    cancel: &Cancel,
) -> Result<(), Error> {
    let view = shared.view();
    let floor = view.parts().floor;
    let parts = Parts { memories: Vec::new(), segments: segments.to_vec(), floor };
    let is_newer = |sealed: &&Arc<Sealed>| segments.iter().all(|one| !Arc::ptr_eq(one, sealed));
    let newer = view.parts().tail_segments().filter(is_newer).cloned().collect();
    let newer = Parts { segments: newer, ..Parts::default() };
    let merge = Merge::new(parts, u64::MAX, &shared.catalog, shared.rules);
    let merge = merge.without_tails_of(newer).until(cancel);
    let entry = merge.write(&*shared.disk, shared.next_number())?;
    install(shared, vec![Replacement::of(segments, entry.into_iter().collect())], None)
}

/// The newest run of enough segments of similar size: the oldest of them that may be merged.
fn similar_segments(segments: &[Arc<Sealed>], most: u64) -> Option<std::ops::Range<usize>> {
    let class = |sealed: &Arc<Sealed>| (sealed.entry.points.max(1)).ilog2() / 2;
    let mut end = segments.len();
    while end > 0 {
        let of = class(segments.get(end - 1)?);
        let same = segments.get(..end)?.iter().rev().take_while(|sealed| class(sealed) <= of);
        let count = same.count();
        let start = end - count;
        let fits = |length: &usize| {
            segments.get(start..start + length).is_some_and(|segments| may_merge(segments, most))
        };
        if count >= SIMILAR_COUNT
            && let Some(length) = (2..=count).rev().find(fits)
        {
            return Some(start..start + length);
        }
        end = start;
    }
    None
}

/// Whether these may be merged.
fn may_merge(segments: &[Arc<Sealed>], most: u64) -> bool {
    let points = points(segments);
    let first = segments.iter().map(|sealed| sealed.entry.first).min().unwrap_or_default();
    let end = segments.iter().map(|sealed| sealed.entry.end).max().unwrap_or_default();
    points <= FEW.min(most) || (points <= most && end.saturating_sub(first) <= DAY)
}

/// Syncs periodically, until the store is closed.
pub(super) fn sync_every(shared: &Shared, stop: &Receiver<()>) {
    let SyncPolicy::Every(period) = shared.sync else { return };
    while stop.recv_timeout(period) == Err(RecvTimeoutError::Timeout) {
        *shared.sync_error.lock() = catch_panic(&|| shared.sync_now()).err();
    }
}
