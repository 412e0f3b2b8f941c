//! A disk with hooks before and after its operations.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::*;
use crate::store::disk::simulated::Act;
use crate::store::disk::{AppendFile, Disk, ReadFile};

pub(super) type Hook = Arc<dyn Fn(Act, &str) + Send + Sync>;

/// A disk, and the hook for each operation that lists or creates files, opens or reads one, or
/// names its path, as a copying reader does.
#[derive(Clone)]
pub(super) struct HookedDisk {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) meanwhile: Hook,
}

/// A file of this disk.
struct File {
    stored: Arc<dyn ReadFile>,
    name: String,
    meanwhile: Hook,
}

impl fmt::Debug for HookedDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched").field("disk", &self.disk).finish_non_exhaustive()
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File").field("stored", &self.stored).finish_non_exhaustive()
    }
}

impl ReadFile for File {
    fn length(&self) -> io::Result<u64> {
        self.stored.length()
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        (self.meanwhile)(Act::Read, &self.name);
        self.stored.read_at(buffer, offset)
    }
}

impl Disk for HookedDisk {
    fn list(&self) -> io::Result<Vec<String>> {
        (self.meanwhile)(Act::List, "");
        self.disk.list()
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn ReadFile>> {
        (self.meanwhile)(Act::Open, name);
        let stored = self.disk.open(name)?;
        (self.meanwhile)(Act::Open, name);
        let (name, meanwhile) = (name.to_owned(), Arc::clone(&self.meanwhile));
        Ok(Arc::new(File { stored, name, meanwhile }))
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn AppendFile>> {
        (self.meanwhile)(Act::Create, name);
        self.disk.create(name)
    }

    fn open_append(&self, name: &str, length: u64) -> io::Result<Arc<dyn AppendFile>> {
        self.disk.open_append(name, length)
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
        (self.meanwhile)(Act::Open, name);
        self.disk.path(name)
    }

    fn boot(&self) -> Option<u64> {
        self.disk.boot()
    }
}
