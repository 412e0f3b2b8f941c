//! Reading and copying a store while its writer continues: a reader sees what was written up to
//! some moment, without holes, and without what was removed by then.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::hooked_disk::HookedDisk;
use super::points::{CONTAINERS, START, Spec, WIDTH};
use super::*;
use crate::store::disk::simulated::Rng;
use crate::store::disk::{Disk, Folder};

/// The containers that get a point in each batch.
const NAMES: usize = 2;

#[derive(Clone, Copy, Debug)]
enum Act {
    Append,
    /// Drops so many of the oldest points of all containers.
    Retain(u64),
    /// Removes so many points of the first container, so many before its newest one.
    Remove(u64, u64),
    Rotate,
    Prepare,
    Seal,
    Merge,
    Close,
}

/// What a writer does at once while another process reads.
const ACTS: [&[Act]; 12] = [
    &[Act::Append],
    &[Act::Append, Act::Rotate, Act::Append],
    &[Act::Append, Act::Rotate, Act::Append, Act::Rotate, Act::Append],
    &[Act::Append, Act::Seal, Act::Append],
    &[Act::Append, Act::Merge, Act::Append],
    &[Act::Retain(2), Act::Append],
    &[Act::Append, Act::Seal, Act::Retain(3), Act::Merge, Act::Append],
    &[Act::Remove(2, 1), Act::Append],
    &[Act::Append, Act::Remove(3, 2), Act::Append, Act::Seal],
    &[Act::Seal, Act::Remove(100, 100), Act::Append],
    &[Act::Close, Act::Append],
    &[Act::Append, Act::Close, Act::Prepare, Act::Append, Act::Rotate, Act::Append],
];

fn batch(slot: u64) -> Vec<DataPoint> {
    let spec = |container| Spec {
        container,
        slot,
        covered: 4,
        shape: 0,
        value: slot,
        figures_only: false,
    };
    (0..NAMES).map(|container| spec(container).point()).collect()
}

fn start(slot: u64) -> u64 {
    START + slot * WIDTH
}

/// A change of what a store shows: a batch, or a removal from one or all containers.
#[derive(Clone, Debug)]
enum Change {
    Append(u64),
    TakeOut(Option<usize>, Range<u64>),
}

/// A writer, and what it has done.
struct Writer {
    disk: Arc<dyn Disk>,
    store: Mutex<Option<Store>>,
    done: Mutex<Vec<Change>>,
    next: AtomicUsize,
}

impl Writer {
    fn new(disk: Arc<dyn Disk>) -> Self {
        let writer = Self { disk, store: Mutex::new(None), done: Mutex::default(), next: 0.into() };
        for act in [
            &[Act::Append, Act::Seal, Act::Append, Act::Append, Act::Seal][..],
            &[Act::Append, Act::Append, Act::Rotate, Act::Append, Act::Rotate, Act::Append],
            // A log that was created in advance, without batches.
            &[Act::Prepare],
        ] {
            writer.act(act);
        }
        writer
    }

    fn act(&self, acts: &[Act]) {
        let mut store = self.store.lock();
        for act in acts {
            self.act_on(store.get_or_insert_with(|| self.open()), *act);
            if matches!(act, Act::Close) {
                store.take().unwrap().close().unwrap();
            }
        }
    }

    fn open(&self) -> Store {
        let options = StoreOptions::default().with_sync(SyncPolicy::Os);
        let (path, cancel) = (Path::new("written"), crate::Cancel::default());
        let opening = opening::to_write_on(&self.disk, path, &options, &cancel).unwrap();
        let (shared, _) = Shared::new(opening);
        Store::over(Arc::new(shared), Vec::new(), None)
    }

    fn act_on(&self, store: &Store, act: Act) {
        let next = self.next.load(Ordering::Relaxed) as u64;
        let taken_out = |of, range| self.done.lock().push(Change::TakeOut(of, range));
        match act {
            Act::Append => {
                store.append(&batch(next)).unwrap();
                self.next.fetch_add(1, Ordering::Relaxed);
                self.done.lock().push(Change::Append(next));
            }
            Act::Retain(count) => {
                let floor = seconds(store.stats().unwrap().floor).max(START) + count * WIDTH;
                let time = Timestamp::from_nanos(floor * 1_000_000_000).unwrap();
                if floor < start(next) {
                    store.retain(Retention::Since(time)).unwrap();
                    taken_out(None, 0..floor);
                }
            }
            Act::Remove(count, before) => {
                let first = next.saturating_sub(before + count);
                let range = start(first)..start((first + count).min(next));
                if let Err(error) = store.remove(CONTAINERS[0], unix_seconds(range.clone())) {
                    assert_eq!(error.kind(), crate::ErrorKind::UnknownContainer);
                }
                taken_out(Some(0), range);
            }
            Act::Rotate => {
                let shared = store.shared();
                let mut writer = shared.writer().unwrap();
                shared.prepare(&mut writer).unwrap();
                shared.rotate(&mut writer).unwrap();
            }
            Act::Prepare => store.shared().prepare_log().unwrap(),
            Act::Seal => store.seal().unwrap(),
            Act::Merge => store.merge_all().unwrap(),
            Act::Close => {}
        }
    }

    /// The number of its changes.
    fn count(&self) -> usize {
        self.done.lock().len()
    }

    /// Asserts that this is the state at some moment after its first `before` changes. Later
    /// removals may show or not.
    fn check(&self, found: &[String], before: usize, context: &dyn std::fmt::Debug) {
        let done = self.done.lock();
        let possible = (before..=done.len()).flat_map(|count| {
            let since = (before..=done.len()).map(move |removed| (count, removed));
            since.map(|(count, removed)| shown(&done, count, removed))
        });
        let is_one = { possible }.any(|possible| possible == found);
        assert!(is_one, "{context:?}: {found:#?} behind {before} of {done:?}");
    }
}

/// The points after the first `count` changes, of which `taken` may remove points.
fn shown(done: &[Change], count: usize, removed: usize) -> Vec<String> {
    let mut points = Vec::new();
    for change in &done[..count] {
        if let Change::Append(slot) = change {
            points
                .extend(batch(*slot).into_iter().enumerate().map(|(of, point)| (of, *slot, point)));
        }
    }
    for change in &done[..removed] {
        if let Change::TakeOut(from, range) = change {
            points.retain(|(of, slot, _)| {
                from.is_some_and(|from| from != *of) || !range.contains(&start(*slot))
            });
        }
    }
    points.sort_by_key(|(of, slot, _)| (*of, *slot));
    points.iter().map(|(.., point)| exact(point)).collect()
}

/// Opens a store for reading.
fn opened(watched: HookedDisk) -> Store {
    let disk: Arc<dyn Disk> = Arc::new(watched);
    let (options, path) = (StoreOptions::default(), disk.path(""));
    let cancel = crate::Cancel::default();
    let opening = opening::to_read_on(&disk, &path, &options, &cancel).unwrap();
    let (shared, _) = Shared::new(opening);
    Store::over(Arc::new(shared), Vec::new(), None)
}

/// What a reader of a disk sees, by opening the store or by copying it.
type See = fn(HookedDisk) -> Vec<String>;

fn read(watched: HookedDisk) -> Vec<String> {
    opened(watched).everything_exactly().unwrap()
}

fn copy(watched: HookedDisk) -> Vec<String> {
    let to = tempfile::tempdir().unwrap();
    let to = to.path().join("copy");
    opened(watched).snapshot(&to).unwrap();
    let copy = Store::open(&to, StoreOptions::default()).unwrap();
    let wrong = copy.verify().unwrap();
    assert!(wrong.is_empty(), "{wrong:?}");
    copy.everything_exactly().unwrap()
}

/// Reads a store while the writer does at each step what `at` returns. Returns the number of steps.
fn seen(
    (see, writer): (See, &Arc<Writer>),
    at: impl FnMut(usize) -> Option<&'static [Act]> + Send + 'static,
) -> usize {
    let (steps, busy) = (Arc::new(AtomicUsize::new(0)), Arc::clone(writer));
    let (counted, at) = (Arc::clone(&steps), Mutex::new(at));
    let meanwhile = Arc::new(move |_, _: &str| {
        let acts = (at.lock())(counted.fetch_add(1, Ordering::Relaxed));
        if let Some(acts) = acts {
            busy.act(acts);
        }
    });
    let before = writer.count();
    let found = see(HookedDisk { disk: Arc::clone(&writer.disk), meanwhile });
    let steps = steps.load(Ordering::Relaxed);
    writer.check(&found, before, &steps);
    steps
}

/// Runs each of the writer's acts at every `stride`-th step of a reader.
fn at_each_step(see: See, stride: usize, disk: &dyn Fn() -> Arc<dyn Disk>) {
    for (number, acts) in ACTS.into_iter().enumerate() {
        for step in (number % stride..).step_by(stride) {
            let writer = Arc::new(Writer::new(disk()));
            let steps = seen((see, &writer), move |now| (now == step).then_some(acts));
            assert!(step < steps || steps > 8);
            if step >= steps {
                break;
            }
        }
    }
}

/// Runs random acts of the writer at random steps of a reader, until the reader finishes.
fn at_any_steps(see: See, seeds: Range<u64>, disk: &dyn Fn() -> Arc<dyn Disk>) {
    for seed in seeds {
        let writer = Arc::new(Writer::new(disk()));
        for round in 0..4 {
            let mut rng = Rng::new(seed * 4 + round);
            let mut left = 1 + rng.below(6);
            seen((see, &writer), move |_| {
                let acts = ACTS[rng.below(ACTS.len())];
                let is_now = left > 0 && rng.below(8) == 0;
                left -= usize::from(is_now);
                is_now.then_some(acts)
            });
        }
    }
}

fn simulated() -> Arc<dyn Disk> {
    Arc::new(Simulated::new())
}

/// Calls it with new folders, one after another.
fn in_folders(with: impl Fn(&dyn Fn() -> Arc<dyn Disk>)) {
    let all = tempfile::tempdir().unwrap();
    let count = AtomicUsize::new(0);
    with(&|| {
        let number = count.fetch_add(1, Ordering::Relaxed);
        Arc::new(Folder::create(all.path().join(number.to_string())).unwrap())
    });
}

#[test]
fn a_reader_beside_a_writer_sees_everything_up_to_some_moment() {
    at_each_step(read, 2, &simulated);
    at_any_steps(read, 0..50, &simulated);
}

#[test]
fn a_snapshot_beside_a_writer_is_the_store_at_some_moment() {
    in_folders(|folder| at_each_step(copy, 11, folder));
    in_folders(|folder| at_any_steps(copy, 0..6, folder));
}

#[test]
#[ignore = "takes long"]
fn readers_and_snapshots_beside_a_writer_see_everything_up_to_some_moment_for_long() {
    at_each_step(read, 1, &simulated);
    at_any_steps(read, 0..5_000, &simulated);
    in_folders(|folder| at_each_step(copy, 1, folder));
    in_folders(|folder| at_any_steps(copy, 0..500, folder));
}
