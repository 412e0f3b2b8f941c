//! Syncing and closing.

use std::sync::Arc;

use super::disk::AppendFile;
use super::log::{FailStopFile, log_name};
use super::manifest::ClosedLog;
use super::shared::Shared;
use super::worker;
use super::writer::Writer;
use crate::error::Error;

impl Shared {
    /// Makes everything written so far outlast a loss of power.
    pub(super) fn sync_now(&self) -> Result<(), Error> {
        let (unsynced, file, number, length) = {
            let mut writer = self.writer()?;
            self.ensure_log(&mut writer)?;
            let unsynced = writer.unsynced_logs(self.first_log());
            if unsynced.is_empty() && writer.is_synced() {
                return Ok(());
            }
            (unsynced, writer.file(), writer.number().unwrap_or_default(), writer.length())
        };
        // Without the writer's lock, so that writers do not wait for the disk.
        self.sync_logs(&unsynced)?;
        let Some(file) = file else { return Ok(()) };
        let synced = file.sync();
        let mut writer = self.writer()?;
        if synced.is_err() {
            // The content of the log is unknown now, so all of it is written to a new log, and
            // synced.
            return self.prepare(&mut writer);
        }
        writer.note_synced(&unsynced, number, length);
        Ok(())
    }

    /// The first log with data that no segment holds.
    pub(super) fn first_log(&self) -> u64 {
        let view = self.view();
        view.parts().memories.first().map_or(0, |memory| memory.position().log)
    }

    /// Syncs earlier logs. If one cannot be synced, its data is sealed instead.
    fn sync_logs(&self, unsynced: &[(u64, Arc<FailStopFile>)]) -> Result<(), Error> {
        let failed = |(_, file): &&(u64, Arc<FailStopFile>)| file.sync().is_err();
        match unsynced.iter().rfind(failed) {
            Some((number, _)) if *number >= self.first_log() => worker::seal_all(self),
            _ => Ok(()),
        }
    }

    /// Ensures that there is a file whose sync makes everything durable.
    fn ensure_log(&self, writer: &mut Writer) -> Result<(), Error> {
        let is_closed = self.manifest.lock().closed.is_some();
        let is_needed = writer.needs_new_log() || self.waits_in_failed_log();
        if is_closed || !is_needed { Ok(()) } else { self.prepare(writer) }
    }

    /// Records in the manifest that the store was closed, and how long its log is. Does not do so
    /// if memories that could not be sealed keep other logs alive.
    pub(super) fn close(&self) -> Result<(), Error> {
        let mut writer = self.writer()?;
        if let Some(spare) = self.spare.lock().take() {
            // If this fails, an empty log stays.
            let _ = self.disk.remove(&log_name(spare.header().number));
        }
        self.ensure_log(&mut writer)?;
        self.sync_logs(&writer.unsynced_logs(self.first_log()))?;
        if writer.file().is_some_and(|file| file.sync().is_err()) {
            // The content of the log is unknown now, so all of it is written to a new log.
            self.prepare(&mut writer)?;
        }
        let Some((number, length, checksum)) = writer.end() else { return Ok(()) };
        if self.waiting() > 0 {
            return Ok(());
        }
        writer.note_synced(&[], number, length);
        let mut manifest = self.manifest.lock();
        manifest.closed = Some(vec![ClosedLog { number, length, checksum }]);
        manifest.next = self.highest_number();
        manifest.write(&*self.disk)
    }
}
