//! Salvages a damaged store: copies everything readable into a new one.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::catalog::Catalog;
use super::disk::{Disk, Folder};
use super::log::log_number;
use super::manifest::{Manifest, SegmentEntry};
use super::merge::Merge;
use super::opening;
use super::options::StoreOptions;
use super::orphans::{orphans, outdated_manifest};
use super::replay;
use super::sealed::{Sealed, segment_name, segment_number};
use super::segment::{Segment, SegmentWriter};
use super::tail::Rules;
use super::view::{Parts, State, View};
use crate::cancel::Cancel;
use crate::chain_name;
use crate::error::Error;
use crate::settings::Settings;
use crate::time::NANOS_PER_SECOND;

/// What was salvaged, and what was not.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Salvaged {
    /// Points in the new store.
    pub points: u64,
    /// Containers in the new store.
    pub containers: u64,
    /// The errors of what is unreadable.
    pub lost: Vec<Error>,
}

/// The outcome of a cancelled salvage.
const UNMADE: &str = "nothing was salvaged";

/// Makes a new store of everything readable in another one.
pub(super) fn salvage(
    from: &Path,
    to: &Path,
    superseded: bool,
    cancel: &Cancel,
) -> Result<Salvaged, Error> {
    let failed = |cause| Error::store("make", to.to_owned(), cause);
    std::fs::create_dir(to).map_err(failed)?;
    let salvaged = salvage_into(from, to, superseded, cancel);
    if salvaged.is_err() && cancel.is_cancelled() {
        let _ = std::fs::remove_dir_all(to);
        cancel.check(UNMADE)?;
    }
    salvaged
}

/// The same into an existing folder.
fn salvage_into(
    from: &Path,
    to: &Path,
    superseded: bool,
    cancel: &Cancel,
) -> Result<Salvaged, Error> {
    let (from, to): (Arc<dyn Disk>, _) = (Arc::new(Folder::new(from)), Folder::new(to));
    let mut lost = Vec::new();
    let mut manifest = match Manifest::read(&*from) {
        Ok(Some(manifest)) => manifest,
        Ok(None) => {
            lost.extend(opening::check_empty(&*from).err());
            if lost.is_empty() {
                return Err(opening::no_store(&*from));
            }
            guess_manifest(&*from)?
        }
        Err(error) => {
            lost.push(error);
            guess_manifest(&*from)?
        }
    };
    let orphans = orphans(&*from, &manifest)?;
    manifest.segments.extend(orphans.iter().cloned());
    let settings = StoreOptions::default().for_kept(&manifest)?;
    let lateness = manifest.lateness.saturating_mul(NANOS_PER_SECOND);
    let rules = Rules { settings, lateness };
    let catalog = Arc::new(Catalog::default());
    let mut parts = Parts { floor: manifest.floor, ..Parts::default() };
    for (index, entry) in (1..).zip(&manifest.segments) {
        cancel.check(UNMADE)?;
        let sealed = opening::segment(&*from, entry, &catalog).or_else(|error| {
            lost.push(error);
            rebuilt(&*from, &to, entry, index, &catalog, cancel)
        });
        match sealed {
            Ok(sealed) => parts.segments.push(Arc::new(sealed)),
            Err(error) => lost.push(error),
        }
    }
    let mut loaded = HashSet::new();
    for sealed in parts.segments.iter().rev() {
        cancel.check(UNMADE)?;
        lost.extend(sealed.load_metadata(&catalog, &mut loaded).err());
    }
    let state = Arc::new(State { batch: 0, parts: Arc::new(parts) });
    let view = View { state, catalog: Arc::clone(&catalog), rules };
    let memory = replay::readable(&*from, &view, &manifest, &mut lost, cancel);
    // Cancelling cuts reading short, which loses nothing.
    cancel.check(UNMADE)?;
    let memory = memory?;
    lost.extend(
        orphans.first().filter(|_| memory.is_empty()).map(|one| outdated_manifest(&*from, one)),
    );
    let mut parts = Parts::clone(view.parts());
    parts.memories.push(memory);
    let merge = Merge::new(parts, u64::MAX, &catalog, rules).until(cancel);
    write(&to, &manifest, merge, superseded, lost)
}

/// Writes everything as a store of one segment.
fn write(
    to: &Folder,
    of: &Manifest,
    merge: Merge,
    superseded: bool,
    mut lost: Vec<Error>,
) -> Result<Salvaged, Error> {
    let merge = merge.despite_damage(superseded);
    let entry = merge.write(to, 0)?;
    lost.extend(merge.into_lost());
    let next = of.segments.len() as u64 + 1;
    for number in 1..next {
        // Only rebuilt segments lie there.
        let _ = to.remove(&segment_name(number));
    }
    let mut manifest = Manifest::new(of.interval, of.max_gap, of.lateness);
    (manifest.floor, manifest.next) = (of.floor, next);
    (manifest.first_log, manifest.closed) = (next, Some(Vec::new()));
    let mut salvaged = Salvaged { lost, ..Salvaged::default() };
    if let Some(entry) = entry {
        let catalog = Catalog::default();
        let sealed = opening::segment(to, &entry, &catalog)?;
        let is_own = |name: &str| chain_name::told(name) == name;
        salvaged.containers = sealed.containers().filter(|one| is_own(&one.name)).count() as u64;
        salvaged.points = entry.points;
        manifest.segments.push(entry);
    }
    manifest.write(to)?;
    Ok(salvaged)
}

/// Guesses the manifest from the files that exist.
fn guess_manifest(disk: &dyn Disk) -> Result<Manifest, Error> {
    let files = disk.list().map_err(|cause| Error::store("list", disk.path(""), cause))?;
    let mut numbers: Vec<u64> = files.iter().filter_map(|name| segment_number(name)).collect();
    numbers.sort_unstable();
    let stored = |number: u64| disk.open(&segment_name(number)).ok();
    let interval = numbers.iter().find_map(|number| {
        let stored = stored(*number)?;
        let whole = Segment::open(Arc::clone(&stored), &Arc::default(), &mut |_, _, _| {});
        let whole = whole.ok().map(|one| one.interval_seconds());
        whole
            .or_else(|| Some(Segment::salvage(&*stored).interval_seconds))
            .filter(|width| *width > 0)
    });
    let settings =
        Settings::new(interval.map_or(Settings::DEFAULT_INTERVAL, Duration::from_secs), None)?;
    let lateness = StoreOptions::DEFAULT_LATENESS.as_secs();
    let mut manifest =
        Manifest::new(settings.interval_seconds(), settings.max_gap_seconds(), lateness);
    manifest.segments = numbers.into_iter().map(SegmentEntry::unknown).collect();
    // Earlier logs are sealed, as far as is known.
    manifest.first_log = files.iter().filter_map(|name| log_number(name)).min().unwrap_or_default();
    Ok(manifest)
}

/// Rebuilds a segment without a readable index from its readable parts.
fn rebuilt(
    from: &dyn Disk,
    to: &Folder,
    entry: &SegmentEntry,
    number: u64,
    catalog: &Catalog,
    cancel: &Cancel,
) -> Result<Sealed, Error> {
    let (old, new) = (segment_name(entry.number), segment_name(number));
    let stored = from.open(&old).map_err(|cause| Error::store("open", from.path(&old), cause))?;
    let failed = |cause| Error::store("write", to.path(&new), cause);
    let salvaged = Segment::salvage(&*stored);
    let file = to.create(&new).map_err(failed)?;
    let mut writer =
        SegmentWriter::new(&*file, salvaged.interval_seconds.max(1), super::merge::BLOCK);
    for (name, found) in &salvaged.containers {
        writer.container(name, &found.metadata, found.tail.as_deref()).map_err(failed)?;
        for (at, event) in &found.events {
            writer.event(*at, event).map_err(failed)?;
        }
        for point in &found.points {
            cancel.check(UNMADE)?;
            writer.point(point).map_err(failed)?;
        }
    }
    writer.finish().map_err(failed)?;
    opening::segment(to, &SegmentEntry { number, bytes: 0, ..entry.clone() }, catalog)
}
