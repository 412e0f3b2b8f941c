//! What is dropped, and when; and what is made of what is left.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::log::log_name;
use super::manifest::{ClosedLog, Manifest};
use super::replay;
use super::sealed::segment_name;
use super::shared::{LOOK, Shared};
use super::worker;
use crate::cancel::Cancel;
use crate::error::Error;
use crate::time::Timestamp;

/// How much is to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retention {
    /// What is not older than so many seconds.
    Age {
        /// The time that it is.
        now: Timestamp,
        /// For how many seconds points are kept.
        seconds: u64,
    },
    /// About so many points, the newest ones: whole segments are dropped.
    Points(u64),
}

/// What was dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retained {
    /// Segments that are gone.
    pub segments: u64,
    /// The points in them.
    pub points: u64,
    /// Points that end at or before this second are not answered, and refused.
    pub floor: u64,
}

/// What is left of work that is cancelled.
const AS_BEFORE: &str = "the store's segments are as they were";
const NO_SNAPSHOT: &str = "no snapshot was made";

impl Shared {
    pub(super) fn retain(&self, retention: Retention, cancel: &Cancel) -> Result<Retained, Error> {
        let retained = self.drop_more(retention, cancel)?;
        self.forget_names()?;
        Ok(retained)
    }

    fn drop_more(&self, retention: Retention, cancel: &Cancel) -> Result<Retained, Error> {
        let mut writer = self.writer()?;
        let floor = match retention {
            Retention::Age { now, seconds } => {
                let oldest = super::tail::second(now.nanos()).saturating_sub(seconds);
                oldest / self.rules.settings.interval() * self.rules.settings.interval()
            }
            Retention::Points(most) => {
                // What is in memory can only be counted among segments.
                self.ready(&mut writer)?;
                self.rotate(&mut writer)?;
                self.wait_until_sealed(cancel);
                self.floor_for(most)
            }
        };
        cancel.check("nothing was dropped")?;
        self.drop_before(floor)
    }

    /// The end of the last of the oldest segments that must go for so many points to be left.
    fn floor_for(&self, most: u64) -> u64 {
        let view = self.view();
        let mut segments: Vec<_> = view.parts().segments.iter().map(|one| &one.entry).collect();
        segments.sort_by_key(|entry| entry.end);
        let mut left: u64 = segments.iter().map(|entry| entry.points).sum();
        let mut floor = view.parts().floor;
        for entry in segments {
            if left <= most {
                break;
            }
            left -= entry.points;
            floor = floor.max(entry.end);
        }
        floor
    }

    fn drop_before(&self, floor: u64) -> Result<Retained, Error> {
        let mut manifest = self.manifest.lock();
        let floor = floor.max(manifest.floor);
        let mut changed = Manifest::clone(&manifest);
        changed.floor = floor;
        let is_gone = |end: u64| end <= floor;
        let gone: Vec<_> =
            changed.segments.iter().filter(|entry| is_gone(entry.end)).cloned().collect();
        changed.segments.retain(|entry| !is_gone(entry.end));
        if changed != *manifest {
            changed.next = self.highest_number();
            changed.write(&*self.disk)?;
            *manifest = changed;
        }
        self.replace(|parts| {
            parts.floor = floor;
            parts.segments.retain(|sealed| !is_gone(sealed.entry.end));
        });
        drop(manifest);
        for entry in &gone {
            // If it stays, it is removed when the store is next opened.
            let _ = self.disk.remove(&segment_name(entry.number));
        }
        let points = gone.iter().map(|entry| entry.points).sum();
        Ok(Retained { segments: gone.len() as u64, points, floor })
    }

    /// Forgets the containers of which nothing is left anywhere.
    fn forget_names(&self) -> Result<(), Error> {
        // Nobody may make a container known meanwhile. Where somebody is about to, there is another
        // time.
        let _writer = self.writer()?;
        let (compacting, sealing) = (self.compacting.try_lock(), self.sealing_one.try_lock());
        let (Some(_compacting), Some(_sealing)) = (compacting, sealing) else { return Ok(()) };
        let view = self.view();
        let numbers = view.parts().segments.iter().flat_map(|sealed| sealed.numbers());
        let mut left: BTreeSet<u32> = numbers.collect();
        for memory in &view.parts().memories {
            left.extend(memory.all().iter().map(|recent| recent.known.number));
        }
        let all = self.names.all().into_iter();
        let gone = all.filter(|known| !left.contains(&known.number));
        self.names.forget(&gone.map(|known| Arc::clone(&known.name)).collect());
        Ok(())
    }

    pub(super) fn compact(&self, cancel: &Cancel) -> Result<(), Error> {
        {
            let mut writer = self.writer()?;
            self.ready(&mut writer)?;
            self.rotate(&mut writer)?;
        }
        // What went wrong before is tried again.
        *self.trouble.lock() = None;
        let is_sealed = self.wait_until_sealed(cancel);
        cancel.check(AS_BEFORE)?;
        if !is_sealed {
            let why = self.trouble.lock().clone().unwrap_or_default();
            return Err(self.refused(format!("what is in memory could not be sealed: {why}")));
        }
        let _compacting = loop {
            if let Some(compacting) = self.compacting.try_lock_for(LOOK) {
                break compacting;
            }
            cancel.check(AS_BEFORE)?;
        };
        let segments = self.view().parts().segments.clone();
        if segments.len() < 2 && self.view().parts().floor == 0 {
            return Ok(());
        }
        worker::merge(self, &segments, cancel)
    }

    pub(super) fn snapshot(&self, to: &Path, cancel: &Cancel) -> Result<(), Error> {
        let failed = |cause| Error::store("write the snapshot", to.to_owned(), cause);
        std::fs::create_dir(to).map_err(failed)?;
        let written = self.snapshot_into(to, cancel);
        if written.is_err() && cancel.is_cancelled() {
            let _ = std::fs::remove_dir_all(to);
        }
        written
    }

    /// The same into a folder that is there.
    fn snapshot_into(&self, to: &Path, cancel: &Cancel) -> Result<(), Error> {
        let failed = |cause| Error::store("write the snapshot", to.to_owned(), cause);
        // Neither is a batch written nor a file removed meanwhile.
        let writer = if self.is_read_only() { None } else { Some(self.writer()?) };
        let manifest = self.manifest.lock();
        for entry in &manifest.segments {
            cancel.check(NO_SNAPSHOT)?;
            let name = segment_name(entry.number);
            let (from, to) = (self.disk.path(&name), to.join(&name));
            if std::fs::hard_link(&from, &to).is_err() {
                std::fs::copy(&from, &to).map_err(failed)?;
            }
        }
        let mut closed = manifest.closed.clone();
        for name in replay::logs(&*self.disk, &manifest)?.into_iter().map(log_name) {
            cancel.check(NO_SNAPSHOT)?;
            std::fs::copy(self.disk.path(&name), to.join(&name)).map_err(failed)?;
        }
        if let Some((number, length, checksum)) = writer.as_ref().and_then(|writer| writer.end()) {
            let log = std::fs::OpenOptions::new().write(true).open(to.join(log_name(number)));
            log.and_then(|log| log.set_len(length).and_then(|()| log.sync_all()))
                .map_err(failed)?;
            closed = Some(vec![ClosedLog { number, length, checksum }]);
        }
        let manifest = Manifest { closed, next: self.highest_number(), ..manifest.clone() };
        let disk = super::disk::Folder::new(to);
        manifest.write(&disk)
    }
}
