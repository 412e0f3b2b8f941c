//! Reading and copying a store whose writer goes on meanwhile: what is seen is what was written up
//! to some moment, without a hole.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::points::Spec;
use super::*;
use crate::store::disk::{Appending, Disk, Stored};

/// A disk on which something else happens at one of the calls that open a file.
struct Busy {
    disk: Simulated,
    opened: AtomicUsize,
    at: usize,
    writer: Arc<Appender>,
    meanwhile: fn(&Appender),
}

impl fmt::Debug for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Busy").field("at", &self.at).finish_non_exhaustive()
    }
}

impl Busy {
    fn happens(&self) {
        if self.opened.fetch_add(1, Ordering::Relaxed) == self.at {
            (self.meanwhile)(&self.writer);
        }
    }
}

impl Disk for Busy {
    fn open(&self, name: &str) -> io::Result<Arc<dyn Stored>> {
        self.happens();
        let stored = self.disk.open(name);
        self.happens();
        stored
    }

    fn list(&self) -> io::Result<Vec<String>> {
        self.happens();
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
}

fn point(slot: u64) -> DataPoint {
    Spec { container: 0, slot, covered: 4, shape: 0, value: slot, told: false }.point()
}

/// A writer that appends one point after another.
struct Appender {
    store: Store,
    next: AtomicU64,
}

impl Appender {
    fn append(&self) {
        let slot = self.next.fetch_add(1, Ordering::Relaxed);
        self.store.append(&[point(slot)]).unwrap();
    }

    fn rotate(&self) {
        let mut writer = self.store.shared.writer().unwrap();
        self.store.shared.ready(&mut writer).unwrap();
        self.store.shared.rotate(&mut writer).unwrap();
    }

    fn appended(&self) -> u64 {
        self.next.load(Ordering::Relaxed)
    }
}

#[test]
fn who_opens_a_store_beside_its_writer_sees_all_up_to_some_moment() {
    let options = StoreOptions::default().with_sync(SyncPolicy::Os);
    let meanwhile: [fn(&Appender); 4] = [
        |writer| {
            writer.append();
            writer.rotate();
            writer.append();
        },
        |writer| {
            writer.append();
            writer.rotate();
            writer.append();
            writer.rotate();
            writer.append();
        },
        |writer| {
            writer.append();
            writer.store.seal().unwrap();
            writer.append();
        },
        |writer| {
            writer.append();
            writer.store.merge_all().unwrap();
            writer.append();
        },
    ];
    for (number, meanwhile) in meanwhile.into_iter().enumerate() {
        for at in 0..40 {
            let disk = Simulated::new();
            let store = open_idle(&disk, options).unwrap();
            let writer = Arc::new(Appender { store, next: AtomicU64::new(0) });
            writer.append();
            writer.store.seal().unwrap();
            writer.append();
            writer.rotate();
            writer.append();
            writer.rotate();
            writer.append();
            // A log that was begun for later, and nothing written to it yet.
            writer.store.shared.prepare_log().unwrap();
            let before = writer.appended();
            let opened = AtomicUsize::new(0);
            let busy = Busy { disk, opened, at, writer: Arc::clone(&writer), meanwhile };
            let found = read(&Arc::new(busy), &options);
            let expected: Vec<_> = (0..writer.appended()).map(|slot| exact(&point(slot))).collect();
            assert!(expected.starts_with(&found), "act {number} at {at}: {found:#?}");
            assert!(found.len() as u64 >= before, "act {number} at {at}: {found:#?}");
            assert!(at > 8 || writer.appended() > before, "act {number} at {at}");
        }
    }
}

/// All that is seen on a disk.
fn read(busy: &Arc<Busy>, options: &StoreOptions) -> Vec<String> {
    let disk: Arc<dyn Disk> = Arc::<Busy>::clone(busy);
    let place = (Path::new("simulated"), options);
    let opening = opening::to_read_on(&disk, place, &crate::Cancel::default()).unwrap();
    let (shared, _) = Shared::new(opening);
    let (threads, stop) = (Mutex::new(Vec::new()), Mutex::new(None));
    let store = Store { shared: Arc::new(shared), threads, stop };
    store.everything_exactly().unwrap()
}

#[test]
fn a_snapshot_beside_a_writer_is_the_store_at_some_moment() {
    let folder = tempfile::tempdir().unwrap();
    let options = StoreOptions::default().with_memory(4_000).with_sync(SyncPolicy::Os);
    let store = Store::open(folder.path(), options).unwrap();
    let writer = Appender { store, next: AtomicU64::new(0) };
    writer.append();
    let is_done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_done.load(Ordering::Relaxed) {
                writer.append();
                if writer.appended().is_multiple_of(50) {
                    writer.store.compact().unwrap();
                }
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
        });
        let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let reader = Store::open_read_only(folder.path(), StoreOptions::default()).unwrap();
            let copies = tempfile::tempdir().unwrap();
            for number in 0..40 {
                let (copy, before) = (copies.path().join(number.to_string()), writer.appended());
                reader.snapshot(&copy).unwrap();
                let opened = Store::open(&copy, StoreOptions::default()).unwrap();
                let found = opened.everything_exactly().unwrap();
                let expected: Vec<_> =
                    (0..writer.appended()).map(|slot| exact(&point(slot))).collect();
                assert!(expected.starts_with(&found), "snapshot {number} has a hole");
                assert!(found.len() as u64 + 1 >= before, "snapshot {number} is an old one");
                assert!(opened.verify().unwrap().is_empty());
            }
        }));
        is_done.store(true, Ordering::Relaxed);
        if let Err(panic) = checked {
            std::panic::resume_unwind(panic);
        }
    });
}
