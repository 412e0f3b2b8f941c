//! The files of a store, behind traits, so that tests can let them fail.

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
    /// Makes a file, which must not be there yet.
    fn create(&self, name: &str) -> io::Result<Arc<dyn AppendFile>>;
    /// Opens a file that is at least `length` long, cuts it there, and appends to it. What is left
    /// of it is on the disk for good when this returns.
    fn open_append(&self, name: &str, length: u64) -> io::Result<Arc<dyn AppendFile>>;
    /// Gives a file another name, in place of a file that had it.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Waits until the folder's names are on the disk for good.
    fn sync(&self) -> io::Result<()>;
    /// What to call a file in a message.
    fn path(&self, name: &str) -> PathBuf;

    /// A number of this boot of the machine, where it is known: as long as it stays the same,
    /// nothing that was written is lost with power.
    fn boot(&self) -> Option<u64> {
        None
    }
}

/// A file that is written from front to back.
pub(crate) trait AppendFile: fmt::Debug + Send + Sync {
    /// Writes behind all that was written. Where this fails, a part may have been written.
    fn write(&self, bytes: &[u8]) -> io::Result<()>;
    /// Waits until what was written before is on the disk for good. It may be called on another
    /// thread than `write`.
    fn sync(&self) -> io::Result<()>;
}

/// A file that is read.
pub(crate) trait ReadFile: fmt::Debug + Send + Sync {
    fn length(&self) -> io::Result<u64>;
    /// Fills the buffer, or fails with `UnexpectedEof`.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;
}

/// A file whose reading fails once it is cancelled.
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

/// Refuses to go on with a file that is shorter than it should be.
fn too_short(found: u64, length: u64) -> io::Error {
    let message = format!("it is only {found} bytes long, and should be at least {length}");
    io::Error::new(io::ErrorKind::UnexpectedEof, message)
}
