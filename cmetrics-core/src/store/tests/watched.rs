//! A disk on which something else happens before and after acts on it.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::*;
use crate::store::disk::simulated::Act;
use crate::store::disk::{Appending, Disk, Stored};

pub(super) type Meanwhile = Box<dyn Fn(Act, &str) + Send + Sync>;

/// A disk, and what happens at each act that lists, opens or makes a file of a name.
pub(super) struct Watched {
    pub(super) disk: Simulated,
    pub(super) meanwhile: Meanwhile,
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched").field("disk", &self.disk).finish_non_exhaustive()
    }
}

impl Disk for Watched {
    fn list(&self) -> io::Result<Vec<String>> {
        (self.meanwhile)(Act::List, "");
        self.disk.list()
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn Stored>> {
        (self.meanwhile)(Act::Open, name);
        let stored = self.disk.open(name);
        (self.meanwhile)(Act::Open, name);
        stored
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn Appending>> {
        (self.meanwhile)(Act::Create, name);
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
}
