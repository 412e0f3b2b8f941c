//! Replays the logs of a store, and finds damage in them.

use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::apply::{Applier, Losses, ReplayedContainer, ReplayedContainers};
use super::disk::{Cancellable, Disk, Frozen, ReadFile};
use super::log::{LogEnd, LogHeader, log_name, log_number, read_log};
use super::manifest::{ClosedLog, Manifest};
use super::memory::{Content, Memory};
use super::records::{Decoder, Encoder, Record};
use super::sealed::Sealed;
use super::tail::MOST_PIECES;
use super::view::View;
use crate::cancel::Cancel;
use crate::error::Error;

/// The content of the logs.
#[derive(Default)]
pub(super) struct Replayed {
    pub(super) memory: Arc<Memory>,
    pub(super) batch: u64,
    pub(super) torn: u64,
    /// The end of each log.
    pub(super) ends: Vec<LogEnd>,
    /// Logs whose header is incomplete, and logs with a header alone.
    pub(super) headless: Vec<u64>,
    pub(super) empty: Vec<u64>,
    pub(super) logs: usize,
    losses: Losses,
    containers: ReplayedContainers,
    /// The last log, and the encoder to continue it with.
    pub(super) last: Option<(LogEnd, Option<Encoder>)>,
}

/// The numbers of the logs that hold data which no segment holds.
pub(super) fn logs(disk: &dyn Disk, manifest: &Manifest) -> Result<Vec<u64>, Error> {
    let failed = |cause| Error::store("list", disk.path(""), cause);
    let files = disk.list().map_err(failed)?;
    let mut numbers: Vec<u64> = files.iter().filter_map(|name| log_number(name)).collect();
    numbers.retain(|number| *number >= manifest.first_log);
    numbers.sort_unstable();
    Ok(numbers)
}

/// The readable part of the logs. Errors go to `lost`.
pub(super) fn readable(
    disk: &dyn Disk,
    view: &View,
    manifest: &Manifest,
    lost: &mut Vec<Error>,
    cancel: &Cancel,
) -> Result<Arc<Memory>, Error> {
    if let Err(error) = replay(disk, view, manifest, false, cancel) {
        lost.push(error);
    }
    Ok(replay(disk, view, manifest, true, cancel)?.memory)
}

/// Reads the logs into memory. If it is cancelled, it fails or returns a part.
pub(super) fn replay(
    disk: &dyn Disk,
    view: &View,
    manifest: &Manifest,
    despite_damage: bool,
    cancel: &Cancel,
) -> Result<Replayed, Error> {
    let numbers = logs(disk, manifest)?;
    let disk = &Frozen::new(disk);
    let memory = Arc::new(Memory::default());
    memory.set_position(numbers.first().copied().unwrap_or(manifest.first_log), 0);
    let is_of = |sealed: &Arc<Sealed>| manifest.segments.contains(&sealed.entry);
    let mut replayed = Replayed { memory, logs: numbers.len(), ..Replayed::default() };
    if manifest.segments.len() > view.parts().segments.iter().filter(|one| is_of(one)).count() {
        replayed.losses.note();
    }
    let is_gone = |number| number >= manifest.first_log && !numbers.contains(&number);
    for number in &numbers {
        let before = previous_log(disk, view, *number)?;
        if let Some((gone, _)) = before.filter(|(before, _)| is_gone(*before)) {
            replayed.lose(missing(disk, gone), despite_damage)?;
        }
        if before.is_some_and(|(number, length)| replayed.lacks(number, length)) {
            if !despite_damage {
                // Power was lost before the preceding log was synced.
                replayed.torn += length_of(disk, *number);
                continue;
            }
            replayed.losses.note();
        }
        let batch = replayed.batch;
        let sealed_to = if *number == manifest.first_log { manifest.sealed_to } else { 0 };
        // The log may still have what is unreadable in segments.
        let behind = if despite_damage { 0 } else { sealed_to };
        let last = read_one(disk, view, *number, behind, &mut replayed, despite_damage, cancel)?;
        if last.as_ref().map_or(0, |(end, _)| end.length) < sealed_to {
            let shortened = shortened(disk, *number, sealed_to);
            replayed.lose(shortened, despite_damage)?;
        }
        let is_closed = manifest.closed.iter().flatten().any(|closed| closed.number == *number);
        if last.as_ref().is_some_and(|(end, _)| end.is_empty()) && !is_closed {
            replayed.empty.push(*number);
        }
        if let Some(cut) = replayed.headless.last()
            && replayed.batch > batch
            && !despite_damage
        {
            // A writer that continues removes it first.
            let what = "it ends within its header, and more was written to a later log";
            return Err(Error::damaged(&disk.path(&log_name(*cut)), Some(0), what));
        }
        replayed.ends.extend(last.as_ref().map(|(end, _)| end.clone()));
        // A log without batches was created in advance.
        if last.as_ref().is_none_or(|(end, _)| end.is_empty()) {
            replayed.logs -= 1;
        } else {
            replayed.last = last;
        }
    }
    // If later logs hold anything, they were begun with all of it.
    if manifest.sealed_to > 0 && replayed.logs == 0 && is_gone(manifest.first_log) {
        let shortened = shortened(disk, manifest.first_log, manifest.sealed_to);
        replayed.lose(shortened, despite_damage)?;
    }
    if let Some(closed) = manifest.closed.as_ref().filter(|_| !despite_damage) {
        check_closed(disk, closed, &replayed, &numbers)?;
    }
    replayed.keep_tails(view);
    Ok(replayed)
}

/// The number and length of the preceding log, if this log has them.
fn previous_log(disk: &Frozen<'_>, view: &View, number: u64) -> Result<Option<(u64, u64)>, Error> {
    let name = log_name(number);
    let failed = |cause| Error::store("read", disk.path(&name), cause);
    let first = Cancel::default();
    let file = Cancellable { file: disk.open(&name).map_err(failed)?, cancel: &first };
    let mut decoder = Decoder::new(view.rules.settings.interval_seconds());
    // The first batch has them. Other damage is found when the log is read.
    let _ = read_log(&file, None, &mut |_, bytes| {
        if !first.is_cancelled() {
            decoder.read(bytes, &mut |_| {});
            first.cancel();
        }
    });
    Ok(decoder.previous_log())
}

/// The error for a log that is shorter than what segments hold of it. It had been synced before the
/// manifest named those segments.
fn shortened(disk: &Frozen<'_>, number: u64, sealed_to: u64) -> Error {
    let what = format!(
        "it is missing or cut: the manifest says that it has at least {sealed_to} bytes; make a new \
         store of the rest with 'cmetrics store salvage'"
    );
    Error::damaged(&disk.path(&log_name(number)), None, what)
}

/// The error for a missing log that a later log follows. A loss of power is no explanation: its
/// name had been synced before the later log was written to.
fn missing(disk: &Frozen<'_>, number: u64) -> Error {
    Error::damaged(
        &disk.path(&log_name(number)),
        None,
        "it is missing, and a later log continues it",
    )
}

impl Replayed {
    /// Notes a loss. It is an error unless the store is opened despite damage.
    fn lose(&mut self, error: Error, despite_damage: bool) -> Result<(), Error> {
        self.losses.note();
        if despite_damage { Ok(()) } else { Err(error) }
    }

    fn keep_tails(&mut self, view: &View) {
        for mut container in self.containers.drain().map(|(_, container)| container) {
            container.make_points(view.rules.settings, &self.memory, self.batch);
            let ReplayedContainer { recent, tail, .. } = container;
            if let Some(tail) = tail {
                let tail = Arc::new(tail.in_pieces(MOST_PIECES));
                self.memory.add(&recent, self.batch, Content::Tail(tail));
            }
        }
    }

    /// Whether a log that another one follows has lost a part.
    fn lacks(&self, number: u64, length: u64) -> bool {
        let Some(last) = self.ends.last() else { return false };
        let end = self.ends.iter().find(|end| end.header.number == number);
        end.is_some_and(|end| end.length < length)
            || (end.is_none() && number >= last.header.number)
    }
}

fn length_of(disk: &Frozen<'_>, number: u64) -> u64 {
    disk.open(&log_name(number)).and_then(|file| file.length()).unwrap_or_default()
}

/// Checks that the logs are as they were when the store was closed.
fn check_closed(
    disk: &Frozen<'_>,
    closed: &[ClosedLog],
    replayed: &Replayed,
    numbers: &[u64],
) -> Result<(), Error> {
    for closed in closed {
        let path = disk.path(&log_name(closed.number));
        if !numbers.contains(&closed.number) {
            return Err(Error::damaged(
                &path,
                None,
                "it was there when the store was closed, and is gone",
            ));
        }
        let end = replayed.ends.iter().find(|end| end.header.number == closed.number);
        let differs = end.is_none_or(|end| {
            end.length != closed.length || end.checksum != closed.checksum || end.torn.is_some()
        });
        if differs {
            let length = closed.length;
            let what = format!(
                "the store was closed when it had {length} bytes, and they have changed since"
            );
            return Err(Error::damaged(&path, end.map(|end| end.length), what));
        }
    }
    Ok(())
}

type Last = Option<(LogEnd, Option<Encoder>)>;

fn read_one(
    disk: &Frozen<'_>,
    view: &View,
    number: u64,
    sealed_to: u64,
    replayed: &mut Replayed,
    despite_damage: bool,
    cancel: &Cancel,
) -> Result<Last, Error> {
    let path = disk.path(&log_name(number));
    let failed = |cause: io::Error| Error::store("read", path.clone(), cause);
    let file = Cancellable { file: disk.open(&log_name(number)).map_err(failed)?, cancel };
    let mut decoder = Decoder::new(view.rules.settings.interval_seconds());
    let Some(end) = end_of(&path, number, &file, replayed, despite_damage)? else {
        return Ok(None);
    };
    let damage = end.damage.first().map_or(u64::MAX, |range| range.start);
    let synced = if end.damage.is_empty() { 0 } else { synced(&file, view).map_err(failed)? };
    // A loss of power may keep any part of what was not synced. Only the part before the first gap
    // is what was written.
    let is_all_there = end.header.is_of_boot(disk.boot());
    let synced = synced.max(sealed_to);
    let lost_power = !is_all_there && !despite_damage && (synced..u64::MAX).contains(&damage);
    let until = if lost_power { damage } else { u64::MAX };
    let (mut bad, mut batch) = (None, replayed.batch);
    let mut lost = end.damage.iter().map(|range| range.start).peekable();
    let Replayed { memory, losses, containers, .. } = &mut *replayed;
    let mut applier = Applier { view, memory, containers, losses, is_sealed: false };
    let mut unread = None;
    let read = read_log(&file, None, &mut |offset, bytes| {
        if offset < until {
            batch += 1;
            applier.is_sealed = offset < sealed_to;
            while lost.next_if(|lost| *lost < offset).is_some() {
                applier.losses.note();
            }
            let mut each = |record: Record<'_>| {
                if !cancel.is_cancelled() {
                    let result = applier.apply(batch, record);
                    unread = unread.take().or(result.err());
                }
            };
            if decoder.read(bytes, &mut each).is_none() {
                bad.get_or_insert(offset);
                applier.losses.note();
            }
        }
    });
    read.map_err(failed)?;
    if let Some(error) = unread.filter(|_| !despite_damage) {
        return Err(error);
    }
    replayed.batch = batch;
    let bad = bad.or(damage_in(&end, lost_power, is_all_there)).filter(|_| !despite_damage);
    if let Some(offset) = bad {
        let what = "what was written here is lost; make a new store of the rest with \
                    'cmetrics store salvage'";
        return Err(Error::damaged(&path, Some(offset), what));
    }
    if lost_power {
        let length = file.length().map_err(failed)?;
        replayed.torn += length - damage;
        // The writer begins a new log; this part is kept for inspection.
        return Ok(Some((LogEnd { length: damage, ..end }, None)));
    }
    if end.torn.is_some() && is_all_there && !end.is_cut {
        // It was changed, and later logs may follow.
        replayed.losses.note();
    }
    replayed.torn += end.torn.as_ref().map_or(0, |torn| torn.end - torn.start);
    let encoder = decoder.into_encoder(|name| view.catalog.get_or_insert(name).number);
    Ok(Some((end, encoder)))
}

/// The end of a log. `None` if nothing of it is readable, and that is harmless.
fn end_of(
    path: &Path,
    number: u64,
    file: &dyn ReadFile,
    replayed: &mut Replayed,
    despite_damage: bool,
) -> Result<Option<LogEnd>, Error> {
    let damaged = match read_log(file, None, &mut |_, _| {}) {
        Ok(end) if end.header.number == number => return Ok(Some(end)),
        Ok(end) => {
            let what = format!("its header says that it is log {}", end.header.number);
            return Err(Error::damaged(path, Some(0), what));
        }
        // Its writer was stopped before it wrote a frame: frames follow only once the header is
        // synced.
        Err(_) if file.length().is_ok_and(|length| length <= LogHeader::LENGTH) => {
            replayed.headless.push(number);
            return Ok(None);
        }
        Err(cause) if cause.kind() == io::ErrorKind::InvalidData => {
            Error::damaged(path, Some(0), cause.to_string())
        }
        Err(cause) => return Err(Error::store("read", path.to_owned(), cause)),
    };
    replayed.losses.note();
    if despite_damage { Ok(None) } else { Err(damaged) }
}

/// The first damage of a log that should be complete.
fn damage_in(end: &LogEnd, lost_power: bool, is_all_there: bool) -> Option<u64> {
    let damaged = end.damage.first().filter(|_| !lost_power);
    let changed = end.torn.as_ref().filter(|_| is_all_there && !end.is_cut);
    damaged.or(changed).map(|range| range.start)
}

/// The lost parts of a log that had been synced.
pub(super) fn lost(
    file: &dyn ReadFile,
    view: &View,
    boot: Option<u64>,
) -> io::Result<Vec<Range<u64>>> {
    let mut end = match read_log(file, None, &mut |_, _| {}) {
        Err(_) if file.length()? <= LogHeader::LENGTH => return Ok(Vec::new()),
        end => end?,
    };
    if end.header.is_of_boot(boot) {
        end.damage.extend(end.torn.filter(|_| !end.is_cut));
        return Ok(end.damage);
    }
    let first = end.damage.first().map(|range| range.start);
    if let Some(first) = first
        && first >= synced(file, view)?
    {
        end.damage.clear();
    }
    Ok(end.damage)
}

/// Up to where the log was synced, by its own records.
fn synced(file: &dyn ReadFile, view: &View) -> io::Result<u64> {
    let mut decoder = Decoder::new(view.rules.settings.interval_seconds());
    read_log(file, None, &mut |_, bytes| {
        // A batch behind an invalid one may decode only in part.
        decoder.read(bytes, &mut |_| {});
    })?;
    Ok(decoder.synced())
}
