//! Opens a store: reads its manifest, segments and logs.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::catalog::Catalog;
use super::disk::{Disk, Folder, WriterLock};
use super::log::{LogEnd, log_name, log_number};
use super::manifest::{MANIFEST, Manifest};
use super::options::{StoreOptions, SyncPolicy};
use super::orphans::check_no_orphans;
use super::replay::{self, Replayed};
use super::reserve;
use super::sealed::{Sealed, segment_name, segment_number};
use super::tail::Rules;
use super::torn_copies::{keep_torn, torn_off};
use super::view::{Parts, State, View};
use super::writer::Writer;
use crate::cancel::Cancel;
use crate::error::{Error, Problem};
use crate::time::NANOS_PER_SECOND;

/// How often reading is retried while the writer changes the store.
pub(super) const MOST_TRIES: u32 = 50;
/// What to do about a missing segment.
const MISSING: &str = "it is missing: put it back, or make a new store of the rest with \
                       'cmetrics store salvage'";
/// The outcome of a cancelled opening.
const UNOPENED: &str = "the store was not opened";

/// Everything that opening found.
#[derive(Debug)]
pub(super) struct Opening {
    pub(super) folder: PathBuf,
    pub(super) disk: Arc<dyn Disk>,
    pub(super) rules: Rules,
    pub(super) catalog: Arc<Catalog>,
    pub(super) parts: Parts,
    pub(super) writer: Option<Writer>,
    pub(super) batch: u64,
    pub(super) manifest: Manifest,
    pub(super) next: u64,
    pub(super) sync: SyncPolicy,
    pub(super) memory: Option<usize>,
    pub(super) despite_damage: bool,
    pub(super) torn: u64,
    /// Logs without batches.
    pub(super) empty_logs: Vec<u64>,
    pub(super) torn_logs: Vec<LogEnd>,
    pub(super) lock: Option<WriterLock>,
}

/// Opens a store for writing, new if there is none.
pub(super) fn to_write(
    folder: &Path,
    options: &StoreOptions,
    cancel: &Cancel,
) -> Result<Opening, Error> {
    let failed = |doing| move |cause| Error::store(doing, folder.to_owned(), cause);
    if !folder.exists() {
        // Checked before any file is created.
        options.for_new()?;
    }
    let disk: Arc<dyn Disk> = Arc::new(Folder::create(folder).map_err(failed("make"))?);
    let lock = WriterLock::take(folder)?;
    let mut opening = to_write_on(&disk, folder, options, cancel)?;
    reserve::lay_by(&*disk);
    opening.lock = Some(lock);
    Ok(opening)
}

/// The same on any disk. No other process may write to it.
pub(super) fn to_write_on(
    disk: &Arc<dyn Disk>,
    folder: &Path,
    options: &StoreOptions,
    cancel: &Cancel,
) -> Result<Opening, Error> {
    let manifest = if let Some(manifest) = Manifest::read(&**disk)? {
        manifest
    } else {
        check_empty(&**disk)?;
        begin(&**disk, options)?
    };
    manifest.check_writable(&**disk)?;
    // A writer that was stopped may not have synced what it wrote; syncing here makes all later
    // work durable.
    disk.sync().map_err(|cause| Error::store("sync", folder.to_owned(), cause))?;
    let files = disk.list().map_err(|cause| Error::store("list", folder.to_owned(), cause))?;
    let mut opening = open(disk, folder, options, manifest, cancel)?;
    remove_left_over(&**disk, &opening.manifest, &files);
    for end in &opening.torn_logs {
        // Kept for inspection: nothing in it was acknowledged.
        let _ = keep_torn(&**disk, end);
    }
    for name in opening.empty_logs.iter().map(|number| log_name(*number)) {
        let failed = |cause| Error::store("remove", disk.path(&name), cause);
        disk.remove(&name).map_err(failed)?;
    }
    let highest = files.iter().filter_map(|name| log_number(name).or_else(|| segment_number(name)));
    opening.next = highest.max().map_or(0, |number| number + 1).max(opening.manifest.next);
    Ok(opening)
}

/// Opens a store for reading, while a writer may change it.
pub(super) fn to_read(
    folder: &Path,
    options: &StoreOptions,
    cancel: &Cancel,
) -> Result<Opening, Error> {
    let disk: Arc<dyn Disk> = Arc::new(Folder::new(folder));
    to_read_on(&disk, folder, options, cancel)
}

pub(super) fn to_read_on(
    disk: &Arc<dyn Disk>,
    folder: &Path,
    options: &StoreOptions,
    cancel: &Cancel,
) -> Result<Opening, Error> {
    let read = || {
        let Some(manifest) = Manifest::read(&**disk)? else {
            check_empty(&**disk)?;
            return Err(no_store(&**disk));
        };
        let logs = replay::logs(&**disk, &manifest)?;
        Ok::<_, Error>((manifest, logs))
    };
    let mut before = read()?;
    for _ in 0..MOST_TRIES {
        let opened = open(disk, folder, options, before.0.clone(), cancel);
        cancel.check(UNOPENED)?;
        let now = read()?;
        let is_same = now.0 == before.0 && now.1 == before.1;
        if is_same || (opened.is_ok() && now.0.has_logs_of(&before.0)) {
            return opened.map(|opening| Opening { writer: None, ..opening });
        }
        before = now;
    }
    let why = "its writer changed it each time that it was read: try again";
    Err(Error::new(Problem::Refused { path: folder.to_owned(), why: why.to_owned() }))
}

/// The error for a missing store.
pub(super) fn no_store(disk: &dyn Disk) -> Error {
    let cause = io::Error::new(io::ErrorKind::NotFound, "there is no store");
    Error::store("read", disk.path(MANIFEST), cause)
}

/// Refuses a folder that holds files of a store but no manifest.
pub(super) fn check_empty(disk: &dyn Disk) -> Result<(), Error> {
    let files = match disk.list() {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(()),
        files => files.map_err(|cause| Error::store("list", disk.path(""), cause))?,
    };
    let mut parts: Vec<_> = files
        .into_iter()
        .filter(|name| segment_number(name).or_else(|| log_number(name)).is_some())
        .collect();
    parts.sort_unstable();
    let Some(first) = parts.first() else { return Ok(()) };
    let what = format!(
        "it is missing, and {} of its files are there ({first}, ...): put it back, or make a new \
         store of them with 'cmetrics store salvage'",
        parts.len()
    );
    Err(Error::damaged(&disk.path(MANIFEST), None, what))
}

/// Creates the manifest of a new store.
fn begin(disk: &dyn Disk, options: &StoreOptions) -> Result<Manifest, Error> {
    let (settings, lateness) = options.for_new()?;
    let manifest = Manifest::new(settings.interval_seconds(), settings.max_gap_seconds(), lateness);
    manifest.write(disk)?;
    Ok(manifest)
}

/// Removes files that a stopped writer left: those that are not part of the store yet, or no longer
/// are.
fn remove_left_over(disk: &dyn Disk, manifest: &Manifest, files: &[String]) {
    let is_left = |name: &String| match (segment_number(name), log_number(name)) {
        (Some(number), _) => manifest.segments.iter().all(|entry| entry.number != number),
        (_, Some(number)) => number < manifest.first_log,
        // Kept as long as its log, for inspection.
        _ => torn_off(name).is_some_and(|number| number < manifest.first_log),
    };
    for name in files.iter().filter(|name| is_left(name)) {
        // If this fails, it does no harm.
        let _ = disk.remove(name);
    }
}

fn open(
    disk: &Arc<dyn Disk>,
    folder: &Path,
    options: &StoreOptions,
    manifest: Manifest,
    cancel: &Cancel,
) -> Result<Opening, Error> {
    let settings = options.for_kept(&manifest)?;
    let lateness = manifest.lateness.saturating_mul(NANOS_PER_SECOND);
    let rules = Rules { settings, lateness };
    let catalog = Arc::new(Catalog::default());
    let mut parts = Parts { floor: manifest.floor, ..Parts::default() };
    for entry in &manifest.segments {
        cancel.check(UNOPENED)?;
        match segment(&**disk, entry, &catalog) {
            Ok(sealed) => parts.segments.push(Arc::new(sealed)),
            Err(_) if options.despite_damage => {}
            Err(error) => return Err(error),
        }
    }
    let mut loaded = HashSet::new();
    for sealed in parts.segments.iter().rev() {
        cancel.check(UNOPENED)?;
        match sealed.load_metadata(&catalog, &mut loaded) {
            Err(error) if !options.despite_damage => return Err(error),
            _ => {}
        }
    }
    let state = Arc::new(State { batch: 0, parts: Arc::new(parts) });
    let view = View { state, catalog: Arc::clone(&catalog), rules };
    let replayed = replay::replay(&**disk, &view, &manifest, options.despite_damage, cancel);
    // Cancelling cuts reading short, which is no damage.
    cancel.check(UNOPENED)?;
    let replayed = replayed?;
    // Otherwise a loss of power may have taken it.
    let is_sure = replayed.ends.iter().any(|end| end.header.is_of_boot(disk.boot()));
    if is_sure && !options.despite_damage {
        check_no_orphans(&**disk, &manifest, &replayed.ends)?;
    }
    let mut parts = Parts::clone(view.parts());
    parts.memories.push(Arc::clone(&replayed.memory));
    let Replayed { memory, batch, torn, ends, headless, empty, last, logs, .. } = replayed;
    let torn_logs = ends.into_iter().filter(|end| end.torn.is_some()).collect();
    let last = last.and_then(|(end, encoder)| Some((end, encoder?)));
    // Otherwise its content may not be durable, and no sync would show that: after a failed sync,
    // the system takes the data for written.
    let is_sure = logs <= 1 && manifest.closed.is_some();
    // A log of an earlier release may lack the metadata that points are made with.
    let is_sure = is_sure && manifest.tells_features();
    // A log of an earlier boot could not tell later what a loss of power took.
    let is_of_now = |end: &LogEnd| end.header.boot == disk.boot();
    let last = last.filter(|(end, _)| is_sure && end.is_clean() && is_of_now(end));
    let next = manifest.next;
    Ok(Opening {
        folder: folder.to_owned(),
        disk: Arc::clone(disk),
        rules,
        catalog,
        parts,
        writer: Some(Writer::new(memory, batch, last)),
        batch,
        manifest,
        next,
        sync: options.sync,
        memory: options.memory,
        despite_damage: options.despite_damage,
        torn,
        torn_logs,
        empty_logs: headless.into_iter().chain(empty).collect(),
        lock: None,
    })
}

pub(super) fn segment(
    disk: &dyn Disk,
    entry: &super::manifest::SegmentEntry,
    catalog: &Catalog,
) -> Result<Sealed, Error> {
    let name = segment_name(entry.number);
    let path = disk.path(&name);
    let stored = disk.open(&name).map_err(|cause| match cause.kind() {
        io::ErrorKind::NotFound => Error::damaged(&path, None, MISSING),
        _ => Error::store("open", path.clone(), cause),
    })?;
    Sealed::open(entry.clone(), stored, path, catalog)
}
