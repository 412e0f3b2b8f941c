//! A disk in memory that fails on request, and that can lose its power.

mod faults;
mod file;
mod power_cut;
mod rng;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use parking_lot::Mutex;

use self::faults::Faults;
pub(crate) use self::faults::{Act, Fault};
use self::file::Content;
pub(crate) use self::rng::Rng;
use super::{AppendFile, Disk, ReadFile, too_short};

/// A disk in memory. Clones share its content.
#[derive(Clone, Debug, Default)]
pub(crate) struct Simulated {
    state: Arc<Mutex<State>>,
}

#[derive(Clone, Debug, Default)]
struct State {
    /// All files that ever existed, by number.
    files: Vec<Content>,
    names: BTreeMap<String, usize>,
    /// The synced names.
    durable: BTreeMap<String, usize>,
    /// The changes of names since the last sync.
    changes: Vec<Change>,
    faults: Faults,
    /// The free bytes; `None` for no limit.
    room: Option<usize>,
    /// How often power was lost.
    boot: u64,
}

#[derive(Clone, Debug)]
enum Change {
    Create(String, usize),
    Rename(String, String),
    Remove(String),
}

/// A file that is open.
#[derive(Debug)]
struct OpenFile {
    disk: Simulated,
    file: usize,
}

impl Simulated {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Makes the `nth` operation of this kind from now on fail, from 1; without a kind, the `nth`
    /// that changes the disk.
    pub(crate) fn fail(&self, act: Option<Act>, nth: u64, fault: Fault) {
        self.state.lock().faults.plan(act, nth, fault);
    }

    /// Drops all planned faults.
    pub(crate) fn heal(&self) {
        self.state.lock().faults.forget();
    }

    /// Limits the free room to so many bytes. Removing files frees their bytes.
    pub(crate) fn has_room_for(&self, bytes: usize) {
        self.state.lock().room = Some(bytes);
    }

    /// How many operations tried to change the disk so far.
    pub(crate) fn changes(&self) -> u64 {
        self.state.lock().faults.changes()
    }

    /// The disk as the next process sees it after this one was killed. Everything written is there,
    /// synced or not; of a failed write, the part that was written.
    pub(crate) fn kill(&self) -> Self {
        let mut state = self.state.lock().clone();
        state.faults.forget();
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// A random state of the disk after a loss of power.
    pub(crate) fn power_cut(&self, seed: u64) -> Self {
        let state = self.state.lock().after_power_cut(&mut Rng::new(seed));
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// The content of a file.
    pub(crate) fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        let state = self.state.lock();
        let content = state.files.get(*state.names.get(name)?)?;
        Some(content.seen().to_vec())
    }

    /// Stores a file with this content, synced.
    pub(crate) fn put(&self, name: &str, bytes: Vec<u8>) {
        let mut state = self.state.lock();
        let file = state.add(Content::durable_from_the_start(bytes));
        state.names.insert(name.into(), file);
        state.durable.insert(name.into(), file);
    }

    fn opened(&self, file: usize) -> Arc<OpenFile> {
        Arc::new(OpenFile { disk: self.clone(), file })
    }
}

impl State {
    fn add(&mut self, content: Content) -> usize {
        self.files.push(content);
        self.files.len() - 1
    }

    /// Takes up to so many of the free bytes.
    fn take_room(&mut self, bytes: usize) -> usize {
        let taken = bytes.min(self.room.unwrap_or(usize::MAX));
        self.room = self.room.map(|room| room - taken);
        taken
    }

    /// Frees the bytes of a file without a name.
    fn free(&mut self, file: Option<usize>) {
        let bytes = file.map_or(0, |file| self.files[file].seen().len());
        self.room = self.room.map(|room| room + bytes);
    }

    fn find(&self, name: &str) -> io::Result<usize> {
        self.names.get(name).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Disk for Simulated {
    fn list(&self) -> io::Result<Vec<String>> {
        let mut state = self.state.lock();
        state.faults.meet(Act::List)?;
        Ok(state.names.keys().cloned().collect())
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn ReadFile>> {
        let mut state = self.state.lock();
        state.faults.meet(Act::Open)?;
        Ok(self.opened(state.find(name)?))
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn AppendFile>> {
        let mut state = self.state.lock();
        state.faults.meet(Act::Create)?;
        if state.names.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let file = state.add(Content::default());
        state.names.insert(name.into(), file);
        state.changes.push(Change::Create(name.into(), file));
        Ok(self.opened(file))
    }

    fn open_append(&self, name: &str, length: u64) -> io::Result<Arc<dyn AppendFile>> {
        let mut state = self.state.lock();
        state.faults.meet(Act::OpenAppend)?;
        let file = state.find(name)?;
        let content = &mut state.files[file];
        let found = content.seen().len() as u64;
        if found < length {
            return Err(too_short(found, length));
        }
        content.cut(usize::try_from(length).unwrap());
        Ok(self.opened(file))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.state.lock();
        state.faults.meet(Act::Rename)?;
        let file = state.find(from)?;
        state.names.remove(from);
        let replaced = state.names.insert(to.into(), file);
        state.free(replaced);
        state.changes.push(Change::Rename(from.into(), to.into()));
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut state = self.state.lock();
        state.faults.meet(Act::Remove)?;
        state.find(name)?;
        let removed = state.names.remove(name);
        state.free(removed);
        state.changes.push(Change::Remove(name.into()));
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.state.lock();
        state.faults.meet(Act::SyncNames)?;
        state.durable = state.names.clone();
        state.changes.clear();
        Ok(())
    }

    fn path(&self, name: &str) -> PathBuf {
        PathBuf::from("simulated").join(name)
    }

    fn boot(&self) -> Option<u64> {
        Some(self.state.lock().boot)
    }
}

impl AppendFile for OpenFile {
    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.disk.state.lock();
        let met = state.faults.meet_writing();
        match met {
            Ok(()) => {
                let room = state.take_room(bytes.len());
                state.files[self.file].append(&bytes[..room]);
                if room < bytes.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
            }
            Err((landed, error)) => {
                state.files[self.file].append(&bytes[..landed.min(bytes.len())]);
                Err(error)
            }
        }
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.disk.state.lock();
        let met = state.faults.meet(Act::Sync);
        let content = &mut state.files[self.file];
        match met {
            Ok(()) => content.sync(),
            Err(_) => content.fail_to_sync(),
        }
        met
    }
}

impl ReadFile for OpenFile {
    fn length(&self) -> io::Result<u64> {
        Ok(self.disk.state.lock().files[self.file].seen().len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let mut state = self.disk.state.lock();
        state.faults.meet(Act::Read)?;
        let seen = state.files[self.file].seen();
        let rest = usize::try_from(offset).ok().and_then(|offset| seen.get(offset..));
        let bytes = rest.and_then(|rest| rest.get(..buffer.len()));
        buffer.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
