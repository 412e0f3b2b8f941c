//! A log that continues while memories become segments: samples stay in it, and points do not.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::time::Duration;

use super::points::START;
use super::script::{poll, samples};
use super::steps::{SECOND, document};
use super::*;
use crate::store::disk::simulated::{Act, Fault};
use crate::store::disk::{Disk as _, Folder};
use crate::{Input, Pipeline};

const POLLS: u64 = 300;

fn ingest(store: &Store, number: u64) {
    store.take_poll(&poll(number)).unwrap();
}

/// The points of all polls together.
fn expected() -> Vec<String> {
    let mut pipeline = Pipeline::default();
    let all = document(&[samples(0..POLLS * 10)]);
    pipeline.read(Input::reader("all", all.to_string().as_bytes())).into_result().unwrap();
    pipeline.points().iter().map(exact).collect()
}

fn options() -> StoreOptions {
    StoreOptions::default()
        .with_lateness(Duration::from_secs(20))
        .with_memory(4_000)
        .with_sync(SyncPolicy::Os)
}

#[test]
fn points_in_segments_are_not_read_from_the_log_again_but_samples_are() {
    let disk = Simulated::new();
    let store = open_idle(&disk, options()).unwrap();
    let (mut logs, mut tails, mut seals) = (BTreeSet::new(), BTreeSet::new(), 0);
    for number in 0..POLLS {
        let before = store.stats().unwrap().sealed_points;
        ingest(&store, number);
        worker::seal_all(&store.shared()).unwrap();
        seals += u32::from(store.stats().unwrap().sealed_points > before);
        let manifest = store.shared().manifest.lock().clone();
        logs.insert(manifest.first_log);
        tails.extend(manifest.segments.iter().filter(|one| one.tails).map(|one| one.number));
        assert!(manifest.segments.iter().filter(|one| one.tails).count() <= 1);

        let killed = open_idle(&disk.kill(), options()).unwrap();
        assert_eq!(killed.everything_exactly().unwrap(), store.everything_exactly().unwrap());
        let (left, all) = (killed.stats().unwrap(), store.stats().unwrap());
        assert_eq!(left.recent_points, all.recent_points, "after {number}");
        assert_eq!(left.sealed_points, all.sealed_points, "after {number}");
        assert!(killed.verify().unwrap().is_empty());
    }
    assert_eq!(store.everything_exactly().unwrap(), expected());
    assert!(seals > 20, "{seals}");
    // Tails are rarely written: when a log ends.
    assert!((2..10).contains(&logs.len()), "{logs:?}");
    assert_eq!(tails.len(), logs.len() - 1);
}

#[test]
fn points_of_samples_in_the_log_are_not_logged_and_are_made_again() {
    let disk = Simulated::new();
    let options = options().with_memory(1 << 20);
    let store = open_idle(&disk, options).unwrap();
    let (mut runs, mut tails) = (0, 0);
    (0..100).for_each(|number| ingest(&store, number));
    let number = store.shared().writer().unwrap().number().unwrap();
    let log = disk.open(&log::log_name(number)).unwrap();
    let mut decoder = records::Decoder::new(5);
    let end = log::read_log(&*log, None, &mut |_, batch| {
        let count = &mut |record: records::Record<'_>| match record {
            records::Record::Run(..) => runs += 1,
            records::Record::Tail(..) => tails += 1,
            _ => {}
        };
        decoder.read(batch, count).unwrap();
    });
    assert!(end.unwrap().is_clean());
    assert_eq!(tails, 100);
    // A restart needs its points: there are some.
    assert!((1..70).contains(&runs), "{runs}");
    assert!(store.stats().unwrap().recent_points > 100);
    let killed = open_idle(&disk.kill(), options).unwrap();
    assert_eq!(killed.stats().unwrap().recent_points, store.stats().unwrap().recent_points);
    assert_eq!(killed.everything_exactly().unwrap(), store.everything_exactly().unwrap());
}

#[test]
fn a_log_that_cannot_be_synced_gives_no_points_to_a_segment() {
    let disk = Simulated::new();
    let store = open_idle(&disk, options()).unwrap();
    let mut number = 0;
    while store.shared().waiting() == 0 {
        ingest(&store, number);
        number += 1;
    }
    disk.fail(Some(Act::Sync), 1, Fault::of(ErrorKind::Other));
    store.turn().unwrap_err();
    assert_eq!(store.stats().unwrap().segments, 0);
    // The next write begins a log with everything that no segment has.
    for number in number..POLLS {
        ingest(&store, number);
        store.turn().unwrap();
    }
    assert_eq!(store.everything_exactly().unwrap(), expected());
    let killed = open_idle(&disk.kill(), options()).unwrap();
    assert_eq!(killed.everything_exactly().unwrap(), expected());
}

#[test]
fn dropping_a_segment_keeps_a_tail_that_the_log_extends() {
    let disk = Simulated::new();
    let store = open_idle(&disk, options()).unwrap();
    store.take_poll(&document(&[samples(0..38)])).unwrap();
    store.seal().unwrap();
    store.take_poll(&document(&[samples(74..76)])).unwrap();
    let floor = Timestamp::from_nanos((START + 70) * SECOND).unwrap();
    store.retain(Retention::Since(floor)).unwrap();
    let expected = store.everything_exactly().unwrap();
    assert_eq!(expected.len(), 2);
    let killed = open_idle(&disk.kill(), options()).unwrap();
    assert_eq!(killed.everything_exactly().unwrap(), expected);
    // It is dropped with the next tails.
    assert!(store.stats().unwrap().segments > 0);
    store.seal().unwrap();
    store.retain(Retention::Since(floor)).unwrap();
    let segments = store.shared().manifest.lock().segments.clone();
    assert!(segments.iter().all(|entry| entry.end > START + 70), "{segments:?}");
    assert_eq!(store.everything_exactly().unwrap(), expected);
}

#[test]
fn salvage_takes_from_the_log_what_a_lost_segment_held() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().join("store"), options()).unwrap();
    for number in 0..60 {
        ingest(&store, number);
    }
    assert!(store.shared().wait_until_sealed(&crate::Cancel::default()));
    let (copy, to) = (folder.path().join("copy"), folder.path().join("salvaged"));
    store.snapshot(&copy).unwrap();
    let manifest = manifest::Manifest::read(&Folder::new(&copy)).unwrap().unwrap();
    assert!(manifest.sealed_to > 0, "{manifest:?}");
    let last = manifest.segments.iter().rfind(|entry| entry.points > 0).unwrap();
    std::fs::remove_file(copy.join(sealed::segment_name(last.number))).unwrap();
    let salvaged = Store::salvage(&copy, &to, false).unwrap();
    assert!(!salvaged.lost.is_empty());
    let salvaged = Store::open_read_only(&to, StoreOptions::default()).unwrap();
    assert_eq!(salvaged.everything_exactly().unwrap(), store.everything_exactly().unwrap());
}

#[test]
fn removed_data_does_not_come_back_with_a_new_log() {
    let disk = Simulated::new();
    let store = open_idle(&disk, options().with_memory(1)).unwrap();
    ingest(&store, 0);
    ingest(&store, 1);
    disk.fail(Some(Act::Sync), 1, Fault::of(ErrorKind::Other));
    store.turn().unwrap_err();
    store.remove("/0", unix_seconds(START + 10..START + 1_000)).unwrap();
    let expected = store.everything_exactly().unwrap();
    assert_eq!(expected.len(), 2);
    for disk in [disk.kill(), disk.power_cut(1)] {
        let left = open_idle(&disk, options()).unwrap();
        assert_eq!(left.everything_exactly().unwrap(), expected);
    }
}
