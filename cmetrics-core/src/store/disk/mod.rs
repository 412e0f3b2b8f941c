//! Traits for the files of a store, so that tests can inject failures.

mod folder;
mod frozen;
mod lock;
#[cfg(test)]
pub(crate) mod simulated;

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::cancel::Cancel;
pub(crate) use folder::Folder;
pub(crate) use frozen::Frozen;
pub(crate) use lock::WriterLock;

/// A folder of files.
pub(crate) trait Disk: fmt::Debug + Send + Sync {
    /// The names of the files in the folder, in no order.
    fn list(&self) -> io::Result<Vec<String>>;
    /// Opens a file for reading.
    fn open(&self, name: &str) -> io::Result<Arc<dyn ReadFile>>;
    /// Creates a file, which must not exist yet.
    fn create(&self, name: &str) -> io::Result<Arc<dyn AppendFile>>;
    /// Opens a file for appending, truncated to `length`, which it must have at least. Its content
    /// is synced when this returns.
    fn open_append(&self, name: &str, length: u64) -> io::Result<Arc<dyn AppendFile>>;
    /// Renames a file, replacing a file of the new name.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Syncs the names in the folder.
    fn sync(&self) -> io::Result<()>;
    /// The path of a file, for messages.
    fn path(&self, name: &str) -> PathBuf;

    /// A number that identifies this boot of the machine, where that is known: as long as it stays
    /// the same, no written data is lost with power.
    fn boot(&self) -> Option<u64> {
        None
    }
}

/// A file that is appended to.
pub(crate) trait AppendFile: fmt::Debug + Send + Sync {
    /// Appends bytes. On failure, a part may have been written.
    fn write(&self, bytes: &[u8]) -> io::Result<()>;
    /// Syncs everything written before. May be called on another thread than `write`.
    fn sync(&self) -> io::Result<()>;
}

/// A file that is read.
pub(crate) trait ReadFile: fmt::Debug + Send + Sync {
    fn length(&self) -> io::Result<u64>;
    /// Fills the buffer, or fails with `UnexpectedEof`.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;
}

/// A file that fails to read once it is cancelled.
#[derive(Debug)]
pub(crate) struct Cancellable<'c> {
    pub(crate) file: Arc<dyn ReadFile>,
    pub(crate) cancel: &'c Cancel,
}

impl ReadFile for Cancellable<'_> {
    fn length(&self) -> io::Result<u64> {
        self.file.length()
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        if self.cancel.is_cancelled() {
            return Err(io::Error::other("cancelled"));
        }
        self.file.read_at(buffer, offset)
    }
}

/// The error for a file that is shorter than it should be.
fn too_short(found: u64, length: u64) -> io::Error {
    let message = format!("it is only {found} bytes long, and should be at least {length}");
    io::Error::new(io::ErrorKind::UnexpectedEof, message)
}
