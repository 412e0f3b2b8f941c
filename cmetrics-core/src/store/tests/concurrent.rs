//! Many readers while one writer writes, seals, compacts and drops.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use super::points::{START, WIDTH};
use super::*;
use crate::point::{Figures, Watched};
use crate::{Interval, Metric};

const CONTAINERS: usize = 30;

/// A batch: one point of each container, all with its number.
fn batch(number: u64) -> Vec<DataPoint> {
    let point = |container: usize| {
        let start = START + number * WIDTH;
        let mut figures = Figures::default();
        figures.set_growth(Metric::CpuUsage, number);
        DataPoint::from_parts(
            format!("/{container:02}").into(),
            Interval::new(start, start + WIDTH).unwrap(),
            Some(1),
            Watched::Nanos(WIDTH * 1_000_000_000),
            figures,
            MetricSet::default(),
        )
    };
    (0..CONTAINERS).map(point).collect()
}

/// The range of batches whose points are there. Each must be there once, without holes.
fn batches(points: &[DataPoint]) -> Range<u64> {
    let number = |point: &DataPoint| {
        let number = (point.interval().start() - START) / WIDTH;
        assert_eq!(point.growth(Metric::CpuUsage), Some(number));
        number
    };
    let first = points.first().map_or(0, number);
    let numbers: Vec<_> = points.iter().map(number).collect();
    assert_eq!(numbers, (first..first + points.len() as u64).collect::<Vec<_>>());
    first..first + points.len() as u64
}

/// The writer's progress.
#[derive(Default)]
struct Progress {
    done: AtomicBool,
    acknowledged: AtomicU64,
    /// Batches before it are being dropped, or were.
    floor: AtomicU64,
    dropped: AtomicU64,
}

/// Asserts what must be there of a container: everything that was acknowledged before the query and
/// was not dropped.
fn assert_within(found: &Range<u64>, (dropped, acknowledged): (u64, u64), progress: &Progress) {
    let newest_floor = progress.floor.load(Ordering::SeqCst);
    assert!(found.end >= acknowledged, "{found:?} of {acknowledged} acknowledged");
    assert!(found.is_empty() || (dropped..=newest_floor).contains(&found.start), "{found:?}");
}

impl Progress {
    fn now(&self) -> (u64, u64) {
        let acknowledged = self.acknowledged.load(Ordering::SeqCst);
        (self.dropped.load(Ordering::SeqCst), acknowledged)
    }
}

fn look_at_views(store: &Store, progress: &Progress) -> u64 {
    let mut looks = 0;
    while !progress.done.load(Ordering::SeqCst) {
        let before = progress.now();
        let view = store.shared().view();
        let mut all = std::collections::BTreeSet::new();
        for known in store.shared().catalog.all() {
            let asked = Query { range: 0..u64::MAX, metrics: None, provisional: true };
            let points = view.points(&known, &asked).unwrap().collect_all().unwrap();
            let found = batches(&points);
            assert_within(&found, before, progress);
            all.insert((found.start, found.end));
        }
        // Containers that were added since have none.
        all.remove(&(0, 0));
        assert!(all.len() <= 1, "half a batch: {all:?}");
        looks += 1;
    }
    looks
}

fn look_at_answers(store: &Store, progress: &Progress) -> u64 {
    let (mut looks, mut stats) = (0_u64, 0);
    while !progress.done.load(Ordering::SeqCst) {
        let before = progress.now();
        for container in 0..CONTAINERS {
            let name = format!("/{container:02}");
            assert_within(&batches(&store.of(&name, 0..u64::MAX)), before, progress);
            let Ok(last) = store.last(&name, Duration::from_secs(20)) else {
                assert_eq!(before.1, 0, "{name} is not known");
                continue;
            };
            assert!(last.len() as u64 >= before.1.saturating_sub(before.0).min(4).min(1));
            assert!(batches(&last).end >= before.1);
        }
        let bearers = store.containers().unwrap();
        assert!(before.1 == 0 || bearers.len() == CONTAINERS);
        assert!(store.events(..).unwrap().is_empty());
        stats = seconds(store.stats().unwrap().floor).max(stats);
        looks += 1;
    }
    looks
}

fn write(store: &Store, progress: &Progress, count: u64) {
    for number in 0..count {
        let appended = store.append(&batch(number)).unwrap();
        assert_eq!(appended.added, CONTAINERS as u64);
        progress.acknowledged.store(number + 1, Ordering::SeqCst);
        if number % 97 == 96 {
            store.compact().unwrap();
        }
        if number % 61 == 60 {
            let floor = number / 2;
            // Set before the drop: meanwhile, readers may see either state.
            progress.floor.store(floor, Ordering::SeqCst);
            let now = Timestamp::from_nanos((START + floor * WIDTH + 60) * 1_000_000_000).unwrap();
            store.retain(Retention::Age { now, age: Duration::from_secs(60) }).unwrap();
            progress.dropped.store(floor, Ordering::SeqCst);
        }
    }
}

fn count() -> u64 {
    400
}

#[test]
fn readers_see_whole_batches_whatever_is_written_sealed_compacted_and_dropped_meanwhile() {
    let disk = Simulated::new();
    let options = StoreOptions::default().with_memory(40_000);
    let store = open(&disk, options).unwrap();
    let progress = Progress::default();
    let looks = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .flat_map(|_| {
                [
                    scope.spawn(|| look_at_views(&store, &progress)),
                    scope.spawn(|| look_at_answers(&store, &progress)),
                ]
            })
            .collect();
        let written = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            write(&store, &progress, count());
        }));
        progress.done.store(true, Ordering::SeqCst);
        let looks: u64 = readers.into_iter().map(|reader| reader.join().unwrap()).sum();
        written.unwrap();
        looks
    });
    assert!(looks > 8, "{looks} looks");
    assert!(store.stats().unwrap().trouble.is_none());
    store.close().unwrap();
}

#[test]
fn another_process_sees_whole_batches_while_one_writes() {
    let folder = tempfile::tempdir().unwrap();
    let options = StoreOptions::default().with_memory(40_000);
    let store = Store::open(folder.path(), options).unwrap();
    let progress = Progress::default();
    std::thread::scope(|scope| {
        let look = |refresh: bool| {
            let mut other = Store::open_read_only(folder.path(), options).unwrap();
            while !progress.done.load(Ordering::SeqCst) {
                let before = progress.now();
                if refresh {
                    other.refresh().unwrap();
                } else {
                    other = Store::open_read_only(folder.path(), options).unwrap();
                }
                let mut all = std::collections::BTreeSet::new();
                for container in 0..CONTAINERS {
                    let found = batches(&other.of(&format!("/{container:02}"), 0..u64::MAX));
                    assert_within(&found, before, &progress);
                    all.insert((found.start, found.end));
                }
                assert!(all.len() == 1, "half a batch: {all:?}");
                std::thread::sleep(Duration::from_millis(1));
            }
        };
        let readers = [scope.spawn(move || look(false)), scope.spawn(move || look(true))];
        let written = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            write(&store, &progress, count());
        }));
        progress.done.store(true, Ordering::SeqCst);
        for reader in readers {
            reader.join().unwrap();
        }
        written.unwrap();
    });
    store.close().unwrap();
}
