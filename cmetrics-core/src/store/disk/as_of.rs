//! A disk as it was: what a writer adds to files while they are read.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use parking_lot::Mutex;

use super::{Appending, Disk, Stored};

/// A disk of which each file is as long as when it was first opened. Who reads a log twice must not
/// find more in it the second time: what was written before that, to a log that was read already,
/// would be missing.
#[derive(Debug)]
pub(crate) struct AsOf<'d> {
    disk: &'d dyn Disk,
    lengths: Mutex<HashMap<String, u64>>,
}

impl<'d> AsOf<'d> {
    pub(crate) fn new(disk: &'d dyn Disk) -> Self {
        Self { disk, lengths: Mutex::default() }
    }
}

impl Disk for AsOf<'_> {
    fn open(&self, name: &str) -> io::Result<Arc<dyn Stored>> {
        let stored = self.disk.open(name)?;
        let mut lengths = self.lengths.lock();
        let length = match lengths.get(name) {
            Some(length) => *length,
            None => *lengths.entry(name.to_owned()).or_insert(stored.length()?),
        };
        Ok(Arc::new(Begun { stored, length }))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        self.disk.list()
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn Appending>> {
        self.disk.create(name)
    }

    fn go_on(&self, name: &str, length: u64) -> io::Result<Arc<dyn Appending>> {
        self.disk.go_on(name, length)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.disk.rename(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.disk.remove(name)
    }

    fn sync(&self) -> io::Result<()> {
        self.disk.sync()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.disk.path(name)
    }

    fn boot(&self) -> Option<u64> {
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
