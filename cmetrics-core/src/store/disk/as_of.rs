//! A disk to read from as it was, whatever a writer adds to its files meanwhile.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::{Disk, Stored};

/// A disk of which each file is as long as when it was first opened. Who reads a log twice must not
/// find more in it the second time: what was written before that, to a log that was read already,
/// would be missing.
#[derive(Debug)]
pub(crate) struct AsOf<'d> {
    disk: &'d dyn Disk,
    lengths: RefCell<HashMap<String, u64>>,
}

impl<'d> AsOf<'d> {
    pub(crate) fn new(disk: &'d dyn Disk) -> Self {
        Self { disk, lengths: RefCell::default() }
    }
}

impl AsOf<'_> {
    /// Opens a file for reading.
    pub(crate) fn open(&self, name: &str) -> io::Result<Arc<dyn Stored>> {
        let stored = self.disk.open(name)?;
        let mut lengths = self.lengths.borrow_mut();
        let length = match lengths.get(name) {
            Some(length) => *length,
            None => *lengths.entry(name.to_owned()).or_insert(stored.length()?),
        };
        Ok(Arc::new(Begun { stored, length }))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.disk.path(name)
    }

    pub(crate) fn boot(&self) -> Option<u64> {
        self.disk.boot()
    }
}

/// The beginning of a file.
#[derive(Debug)]
struct Begun {
    stored: Arc<dyn Stored>,
    length: u64,
}

impl Stored for Begun {
    fn length(&self) -> io::Result<u64> {
        Ok(self.length.min(self.stored.length()?))
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let end = offset.checked_add(buffer.len() as u64);
        if end.is_none_or(|end| end > self.length) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.stored.read_at(buffer, offset)
    }
}
