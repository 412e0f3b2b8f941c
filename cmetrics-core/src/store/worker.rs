//! What is done behind the scenes: full memories become segments, small segments larger ones.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError};
use parking_lot::Mutex;

use super::SyncPolicy;
use super::manifest::{Manifest, SegmentEntry};
use super::memory::Memory;
use super::merge::Merge;
use super::opening;
use super::sealed::{Sealed, segment_name};
use super::shared::Shared;
use super::view::Parts;
use super::writer::remove_logs;
use crate::cancel::Cancel;
use crate::error::Error;

/// So many segments of about one size become one.
const OF_ONE_SIZE: usize = 4;
/// Segments of more points are left as they are: to write them anew would gain little.
const LARGE: u64 = 8_000_000;
/// What went wrong is tried again after so long.
const AGAIN: Duration = Duration::from_secs(5);

/// Seals whenever it is told to, until the store is closed.
pub(super) fn seal(shared: &Shared, woken: &Receiver<()>) {
    whenever_woken(shared, woken, &shared.trouble, &|| {
        // If it cannot be, it is begun when it is needed.
        let _ = shared.prepare_log();
        let done = seal_all(shared);
        // Full: it is awake already.
        let _ = shared.wake_compaction.try_send(());
        done
    });
}

/// Compacts whenever it is told to, beside sealing: who writes may wait for that, and must not
/// wait for this.
pub(super) fn compact(shared: &Shared, woken: &Receiver<()>) {
    whenever_woken(shared, woken, &shared.compaction_trouble, &|| compact_some(shared));
}

/// Does a thing whenever it is told to, and again after a while where that failed.
fn whenever_woken(
    shared: &Shared,
    woken: &Receiver<()>,
    trouble: &Mutex<Option<String>>,
    act: &dyn Fn() -> Result<(), Error>,
) {
    loop {
        let failed = trouble.lock().is_some();
        let waited = if failed {
            woken.recv_timeout(AGAIN)
        } else {
            woken.recv().map_err(|_| RecvTimeoutError::Disconnected)
        };
        if waited == Err(RecvTimeoutError::Disconnected) || shared.stopping.load(Ordering::Acquire)
        {
            return;
        }
        *trouble.lock() = without_panic(act).err();
        shared.tell_sealed();
    }
}

/// What went wrong, in words. Who waits for what a thread does would wait for ever if a panic ended
/// that thread.
fn without_panic(act: &dyn Fn() -> Result<(), Error>) -> Result<(), String> {
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

/// Makes segments of all memories but the one that is written to.
pub(super) fn seal_all(shared: &Shared) -> Result<(), Error> {
    while shared.waiting() > 0 {
        seal_first(shared)?;
        shared.tell_sealed();
    }
    Ok(())
}

fn seal_first(shared: &Shared) -> Result<(), Error> {
    let _sealing = shared.sealing_one.lock();
    if shared.waiting() == 0 {
        return Ok(());
    }
    let view = shared.view();
    let Some(memory) = view.parts().memories.first() else { return Ok(()) };
    let next = view.parts().memories.get(1).map(|next| next.first_log());
    let memories = vec![Arc::clone(memory)];
    let parts = Parts { memories, segments: Vec::new(), floor: view.parts().floor };
    // All of a memory that is full was acknowledged, or will be with the one behind it.
    let merge = Merge::new(parts, u64::MAX, &shared.names, shared.rules);
    let entry = merge.write(&*shared.disk, shared.next_number())?;
    install(shared, &[], Some(memory), entry, next)
}

/// Puts a segment in the place of what it was made of.
fn install(
    shared: &Shared,
    merged: &[Arc<Sealed>],
    memory: Option<&Arc<Memory>>,
    entry: Option<SegmentEntry>,
    first_log: Option<u64>,
) -> Result<(), Error> {
    let mut manifest = shared.manifest.lock();
    let mut changed = Manifest::clone(&manifest);
    let is_there = |sealed: &Arc<Sealed>| {
        changed.segments.iter().any(|entry| entry.number == sealed.entry.number)
    };
    if !merged.is_empty() && !merged.iter().any(is_there) {
        // All of it was dropped meanwhile.
        drop(manifest);
        if let Some(entry) = entry {
            let _ = shared.disk.remove(&segment_name(entry.number));
        }
        return Ok(());
    }
    let is_merged = |number: u64| merged.iter().any(|sealed| sealed.entry.number == number);
    let at = changed.segments.iter().position(|entry| is_merged(entry.number));
    let at = at.unwrap_or(changed.segments.len());
    changed.segments.retain(|entry| !is_merged(entry.number));
    let sealed = match &entry {
        Some(entry) => {
            changed.segments.insert(at, entry.clone());
            shared.counted.sealed.fetch_add(entry.bytes, Ordering::Relaxed);
            Some(Arc::new(opening::segment(&*shared.disk, entry, &shared.names)?))
        }
        None => None,
    };
    changed.first_log = first_log.unwrap_or(changed.first_log);
    changed.next = shared.highest_number();
    changed.write(&*shared.disk)?;
    *manifest = changed;
    shared.replace(|parts| {
        parts.segments.retain(|sealed| !is_merged(sealed.entry.number));
        if let Some(sealed) = sealed {
            parts.segments.insert(at.min(parts.segments.len()), sealed);
        }
        if let Some(memory) = memory {
            parts.memories.retain(|known| !Arc::ptr_eq(known, memory));
        }
    });
    drop(manifest);
    for sealed in merged {
        // If it stays, it is removed when the store is next opened.
        let _ = shared.disk.remove(&segment_name(sealed.entry.number));
    }
    if let Some(first) = first_log {
        remove_logs(&*shared.disk, &(0..first));
    }
    Ok(())
}

/// Makes larger segments of small ones, as long as there are enough of about one size.
pub(super) fn compact_some(shared: &Shared) -> Result<(), Error> {
    let _compacting = shared.compacting.lock();
    loop {
        let segments = shared.view().parts().segments.clone();
        let Some(range) = of_one_size(&segments) else { return Ok(()) };
        merge(shared, segments.get(range).unwrap_or_default(), &Cancel::default())?;
        if shared.stopping.load(Ordering::Acquire) {
            return Ok(());
        }
    }
}

/// Makes one segment of these, which lie together.
pub(super) fn merge(
    shared: &Shared,
    segments: &[Arc<Sealed>],
    cancel: &Cancel,
) -> Result<(), Error> {
    let floor = shared.view().parts().floor;
    let parts = Parts { memories: Vec::new(), segments: segments.to_vec(), floor };
    let merge = Merge::new(parts, u64::MAX, &shared.names, shared.rules).until(cancel);
    let entry = merge.write(&*shared.disk, shared.next_number())?;
    install(shared, segments, None, entry, None)
}

/// The newest segments in succession that are about of one size, if they are many.
fn of_one_size(segments: &[Arc<Sealed>]) -> Option<std::ops::Range<usize>> {
    let class = |sealed: &Arc<Sealed>| (sealed.entry.points.max(1)).ilog2() / 2;
    let mut end = segments.len();
    while end > 0 {
        let of = class(segments.get(end - 1)?);
        let same = segments.get(..end)?.iter().rev().take_while(|sealed| class(sealed) <= of);
        let count = same.count();
        let range = end - count..end;
        let points: u64 =
            segments.get(range.clone())?.iter().map(|sealed| sealed.entry.points).sum();
        if count >= OF_ONE_SIZE && points <= LARGE {
            return Some(range);
        }
        end = range.start;
    }
    None
}

/// Syncs what was written every so often, also when nothing more is.
pub(super) fn sync_every(shared: &Shared, stop: &Receiver<()>) {
    let SyncPolicy::Every(period) = shared.sync else { return };
    while stop.recv_timeout(period) == Err(RecvTimeoutError::Timeout) {
        *shared.sync_trouble.lock() = without_panic(&|| shared.sync_now()).err();
    }
}
