//! Snapshots: copies of a store in another folder.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::disk::Folder;
use super::log::log_name;
use super::manifest::{ClosedLog, Manifest};
use super::opening::{self, MOST_TRIES};
use super::replay;
use super::sealed::segment_name;
use super::shared::Shared;
use crate::cancel::Cancel;
use crate::error::Error;

const NO_SNAPSHOT: &str = "no snapshot was made";

impl Shared {
    pub(super) fn snapshot(&self, to: &Path, cancel: &Cancel) -> Result<(), Error> {
        let failed = |cause| Error::store("write the snapshot", to.to_owned(), cause);
        fs::create_dir(to).map_err(failed)?;
        let written = if self.is_read_only() {
            self.snapshot_of_another(to, cancel)
        } else {
            self.snapshot_of_own(to, cancel)
        };
        if written.is_err() {
            let _ = fs::remove_dir_all(to);
        }
        written
    }

    /// Copies a store that this process writes. The locks keep out writes and deletions meanwhile.
    fn snapshot_of_own(&self, to: &Path, cancel: &Cancel) -> Result<(), Error> {
        let failed = |cause| Error::store("write the snapshot", to.to_owned(), cause);
        let writer = self.writer()?;
        let manifest = self.manifest.lock();
        let logs = replay::logs(&*self.disk, &manifest)?;
        self.copy(&manifest, &logs, to, cancel)?;
        let mut closed = manifest.closed.clone();
        if let Some((number, length, checksum)) = writer.end() {
            let log = File::options().write(true).open(to.join(log_name(number)));
            log.and_then(|log| log.set_len(length).and_then(|()| log.sync_all()))
                .map_err(failed)?;
            closed = Some(vec![ClosedLog { number, length, checksum }]);
        }
        let manifest = Manifest { closed, next: self.highest_number(), ..manifest.clone() };
        manifest.write(&Folder::new(to))
    }

    /// Copies a store that another process may change meanwhile.
    fn snapshot_of_another(&self, to: &Path, cancel: &Cancel) -> Result<(), Error> {
        let read = || Manifest::read(&*self.disk)?.ok_or_else(|| opening::no_store(&*self.disk));
        for _ in 0..MOST_TRIES {
            let manifest = read()?;
            // In the order in which they were written: later writes to a log that is being copied,
            // and what follows them in a later log, are not part of the copy.
            let logs = replay::logs(&*self.disk, &manifest)?;
            let copied = self.copy(&manifest, &logs, to, cancel);
            cancel.check(NO_SNAPSHOT)?;
            let now = read()?;
            match copied {
                Ok(()) if now.has_logs_of(&manifest) => return manifest.write(&Folder::new(to)),
                Err(error) if now == manifest => return Err(error),
                _ => {}
            }
            clear(to).map_err(|cause| Error::store("clear", to.to_owned(), cause))?;
        }
        Err(self
            .refused("its writer changed it each time that it was copied: try again".to_owned()))
    }

    /// Copies everything but the manifest. Segments are immutable, so they are hard-linked if
    /// possible.
    fn copy(
        &self,
        manifest: &Manifest,
        logs: &[u64],
        to: &Path,
        cancel: &Cancel,
    ) -> Result<(), Error> {
        let failed = |cause| Error::store("write the snapshot", to.to_owned(), cause);
        for entry in &manifest.segments {
            cancel.check(NO_SNAPSHOT)?;
            let name = segment_name(entry.number);
            let (from, to) = (self.disk.path(&name), to.join(&name));
            if fs::hard_link(&from, &to).is_err() {
                copy_for_good(&from, &to).map_err(failed)?;
            }
        }
        for name in logs.iter().copied().map(log_name) {
            cancel.check(NO_SNAPSHOT)?;
            match copy_for_good(&self.disk.path(&name), &to.join(&name)) {
                // It is sealed by now, as the new manifest shows, or was created in advance and
                // removed.
                Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
                copied => copied.map_err(failed)?,
            }
        }
        Ok(())
    }
}

/// Copies a file and syncs it.
fn copy_for_good(from: &Path, to: &Path) -> io::Result<()> {
    // Without its permissions: a read-only file could not be synced.
    let mut copy = File::create_new(to)?;
    io::copy(&mut File::open(from)?, &mut copy)?;
    copy.sync_all()
}

fn clear(folder: &Path) -> io::Result<()> {
    fs::read_dir(folder)?.try_for_each(|entry| fs::remove_file(entry?.path()))
}
