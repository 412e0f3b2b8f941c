//! Reading and copying a store whose writer goes on meanwhile: what is seen is what was written up
//! to some moment, without a hole.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::points::Spec;
use super::watched::Watched;
use super::*;
use crate::store::disk::Disk;

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
        let shared = self.store.shared();
        let mut writer = shared.writer().unwrap();
        shared.ready(&mut writer).unwrap();
        shared.rotate(&mut writer).unwrap();
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
            writer.store.shared().prepare_log().unwrap();
            let before = writer.appended();
            let (calls, busy) = (AtomicUsize::new(0), Arc::clone(&writer));
            let meanwhile = Box::new(move |_, _: &str| {
                if calls.fetch_add(1, Ordering::Relaxed) == at {
                    meanwhile(&busy);
                }
            });
            let found = read(Watched { disk, meanwhile }, &options);
            let expected: Vec<_> = (0..writer.appended()).map(|slot| exact(&point(slot))).collect();
            assert!(expected.starts_with(&found), "act {number} at {at}: {found:#?}");
            assert!(found.len() as u64 >= before, "act {number} at {at}: {found:#?}");
            assert!(at > 8 || writer.appended() > before, "act {number} at {at}");
        }
    }
}

/// All that is seen on a disk.
fn read(watched: Watched, options: &StoreOptions) -> Vec<String> {
    let disk: Arc<dyn Disk> = Arc::new(watched);
    let place = (Path::new("simulated"), options);
    let opening = opening::to_read_on(&disk, place, &crate::Cancel::default()).unwrap();
    let (shared, _) = Shared::new(opening);
    let store = Store::over(Arc::new(shared), Vec::new(), None);
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
