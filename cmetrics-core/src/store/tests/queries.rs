//! Queries of a store, and of what it does not have.

use std::time::{Duration, Instant};

use super::points::Spec;
use super::*;
use crate::ErrorKind;
use crate::store::disk::simulated::{Act, Fault};

const SPEC: Spec =
    Spec { container: 0, slot: 0, covered: 4, shape: 1, value: 1, figures_only: false };

fn point(slot: u64) -> DataPoint {
    Spec { slot, ..SPEC }.point()
}

#[test]
fn an_unknown_container_is_an_error_with_near_matches_in_every_query() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    let point = point(0);
    store.append(std::slice::from_ref(&point)).unwrap();
    let name = point.name();
    let mistyped = format!("{name}0");
    let reader = Store::open_read_only(folder.path(), StoreOptions::default()).unwrap();
    for store in [&store, &reader] {
        for asked in [
            store.last(&mistyped, Duration::from_secs(60)).map(drop),
            store.range(&mistyped, .., None).map(drop),
            store.events_of(&mistyped, ..).map(drop),
            store.find(&mistyped, ..).map(drop),
        ] {
            let error = asked.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnknownContainer);
            assert_eq!(error.candidates(), [name]);
        }
        assert_eq!(store.last(name, Duration::from_secs(0)).unwrap(), []);
        assert_eq!(store.range(name, unix_seconds(0..1), None).unwrap().count(), 0);
        assert_eq!(store.events_of(name, ..).unwrap(), []);
    }
}

#[test]
fn readers_keep_their_view_while_another_thread_refreshes() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    store.append(&[point(0)]).unwrap();
    let reader = Store::open_read_only(folder.path(), StoreOptions::default()).unwrap();
    let name = point(0).name().to_string();
    let begun = reader.range(&name, .., None).unwrap();
    std::thread::scope(|scope| {
        let refreshing = scope.spawn(|| {
            for slot in 1..50 {
                store.append(&[point(slot)]).unwrap();
                if slot % 10 == 0 {
                    store.compact().unwrap();
                }
                reader.refresh().unwrap();
                assert_eq!(
                    reader.last(&name, Duration::from_secs(u64::MAX)).unwrap().len() as u64,
                    slot + 1
                );
            }
        });
        let mut seen = 1;
        while !refreshing.is_finished() {
            let now = reader.last(&name, Duration::from_secs(u64::MAX)).unwrap().len();
            assert!(now >= seen, "{now} behind {seen}");
            seen = now;
        }
    });
    assert_eq!(begun.count(), 1);
    // After a failure, everything is as before.
    store.close().unwrap();
    std::fs::rename(folder.path().join("MANIFEST"), folder.path().join("elsewhere")).unwrap();
    assert_eq!(reader.refresh().unwrap_err().kind(), ErrorKind::Damaged);
    assert_eq!(reader.last(&name, Duration::from_secs(u64::MAX)).unwrap().len(), 50);
}

#[test]
fn writes_outlast_a_loss_of_power_a_while_later() {
    assert_eq!(SyncPolicy::default(), SyncPolicy::Every(Duration::from_secs(1)));
    let disk = Simulated::new();
    let options = StoreOptions::default().with_sync(SyncPolicy::Every(Duration::from_millis(5)));
    let store = open(&disk, options).unwrap();
    store.append(&[point(0)]).unwrap();
    let is_there = || {
        let store = open_idle(&disk.power_cut(1), options).unwrap();
        !store.everything().unwrap().is_empty()
    };
    let begun = Instant::now();
    while !is_there() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it is never synced");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn what_was_synced_is_not_synced_again() {
    let disk = Simulated::new();
    let store = open_idle(&disk, StoreOptions::default()).unwrap();
    store.append(&[point(0)]).unwrap();
    store.sync().unwrap();
    let changes = disk.changes();
    store.sync().unwrap();
    assert_eq!(disk.changes(), changes);
    store.append(&[point(1)]).unwrap();
    store.sync().unwrap();
    assert!(disk.changes() > changes + 1);
}

#[test]
fn stats_read_nothing_and_provisional_points_are_counted_separately() {
    let mut pipeline = crate::Pipeline::default();
    let container = crate::Container::at_path("/a".to_owned());
    for second in [1_000, 1_004, 1_011] {
        let at = Timestamp::from_nanos(second * 1_000_000_000).unwrap();
        let mut sample = crate::Sample::new(at);
        sample.set(crate::Metric::CpuUsage, second);
        pipeline.insert(&container, None, sample);
    }
    let disk = Simulated::new();
    let options = StoreOptions::default();
    let store = open_idle(&disk, options).unwrap();
    store.ingest(pipeline.series()).unwrap();
    store.seal().unwrap();
    store.close().unwrap();
    let store = open_idle(&disk, options).unwrap();
    disk.fail(Some(Act::Read), 1, Fault::of(std::io::ErrorKind::Other).lasting());
    let stats = store.stats().unwrap();
    assert_eq!((stats.containers, stats.sealed_points, stats.recent_points), (1, 0, 0));
    assert_eq!(store.count_provisional().unwrap_err().kind(), ErrorKind::Io);
    disk.heal();
    assert_eq!(store.count_provisional().unwrap(), 3);
}
