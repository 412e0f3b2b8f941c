//! Whole segments that the manifest does not name. They show that the manifest may be older than
//! the store.

use std::sync::Arc;

use super::disk::Disk;
use super::log::LogEnd;
use super::manifest::{MANIFEST, Manifest, SegmentEntry};
use super::sealed::{segment_name, segment_number};
use super::segment::Segment;
use crate::error::Error;

/// Segments that are newer than the manifest, and hold newer data than any that it names. A writer
/// that is stopped before it names a segment leaves one, too; but then a log has the same data.
pub(super) fn orphans(disk: &dyn Disk, manifest: &Manifest) -> Result<Vec<SegmentEntry>, Error> {
    let files = disk.list().map_err(|cause| Error::store("list", disk.path(""), cause))?;
    let named = manifest.segments.iter().filter(|entry| !entry.tails).map(|entry| entry.end).max();
    let mut found = Vec::new();
    for number in files.iter().filter_map(|name| segment_number(name)) {
        if number < manifest.next || manifest.segments.iter().any(|entry| entry.number == number) {
            continue;
        }
        let Ok(file) = disk.open(&segment_name(number)) else { continue };
        let mut last = 0;
        let mut note = |_, _: &str, end: Option<u64>| last = last.max(end.unwrap_or(0));
        // A segment that is not whole was never ready to be named.
        let is_whole = Segment::open(file, &Arc::default(), &mut note).is_ok();
        if is_whole && named.is_none_or(|named| last > named) {
            found.push(SegmentEntry::unknown(number));
        }
    }
    found.sort_unstable_by_key(|entry| entry.number);
    Ok(found)
}

/// Refuses a manifest that does not name a segment if no log has its data.
pub(super) fn check_no_orphans(
    disk: &dyn Disk,
    manifest: &Manifest,
    logs: &[LogEnd],
) -> Result<(), Error> {
    if !logs.iter().all(LogEnd::is_empty) {
        return Ok(());
    }
    orphans(disk, manifest)?.first().map_or(Ok(()), |entry| Err(outdated_manifest(disk, entry)))
}

/// The error for a manifest that lacks a segment.
pub(super) fn outdated_manifest(disk: &dyn Disk, entry: &SegmentEntry) -> Error {
    let name = segment_name(entry.number);
    let what = format!(
        "it does not name {name}, which was made later: put the newest one back, or make a new store \
         of what is there with 'cmetrics store salvage'"
    );
    Error::damaged(&disk.path(MANIFEST), None, what)
}
