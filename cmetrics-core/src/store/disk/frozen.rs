//! Reads files at a fixed length, while a writer appends to them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::{Disk, ReadFile};

/// A disk on which each file keeps the length that it had when it was first opened. Reading a log
/// twice must not find more the second time: what was written before that to a log that had been
/// read already would be missing.
#[derive(Debug)]
pub(crate) struct Frozen<'d> {
    disk: &'d dyn Disk,
    lengths: RefCell<HashMap<String, u64>>,
}

impl<'d> Frozen<'d> {
    pub(crate) fn new(disk: &'d dyn Disk) -> Self {
        Self { disk, lengths: RefCell::default() }
    }
}

impl Frozen<'_> {
    /// Opens a file for reading.
    pub(crate) fn open(&self, name: &str) -> io::Result<Arc<dyn ReadFile>> {
        let file = self.disk.open(name)?;
        let mut lengths = self.lengths.borrow_mut();
        let length = match lengths.get(name) {
            Some(length) => *length,
            None => *lengths.entry(name.to_owned()).or_insert(file.length()?),
        };
        Ok(Arc::new(FrozenFile { file, length }))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.disk.path(name)
    }

    pub(crate) fn boot(&self) -> Option<u64> {
        self.disk.boot()
    }
}

/// A file with a fixed length.
#[derive(Debug)]
struct FrozenFile {
    file: Arc<dyn ReadFile>,
    length: u64,
}

impl ReadFile for FrozenFile {
    fn length(&self) -> io::Result<u64> {
        Ok(self.length.min(self.file.length()?))
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let end = offset.checked_add(buffer.len() as u64);
        if end.is_none_or(|end| end > self.length) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.file.read_at(buffer, offset)
    }
}
