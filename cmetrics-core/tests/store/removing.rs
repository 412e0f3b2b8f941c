//! What a clock that was wrong has put into a store is taken out again.

use std::path::Path;

use cmetrics_core::store::{Kept, StoreOptions};
use cmetrics_core::{ErrorKind, Metric, Store, Timestamp};

use crate::common::{data, read_files};

/// In the year of the sample of the future.
const FUTURE: u64 = 2_000_000_000;
const NOON: u64 = 1_795_262_400;

/// Ingests a trial without telling the time, as programs may that have no clock to trust.
fn ingest(folder: &Path, file: &str) -> Kept {
    let store = Store::open(folder, StoreOptions::default()).unwrap();
    let path = data().join("trials/future").join(file);
    let kept = store.ingest(read_files(&[path], store.settings()).series()).unwrap();
    store.close().unwrap();
    kept
}

fn remove(folder: &Path) {
    let future = Timestamp::from_seconds(FUTURE).unwrap();
    let store = Store::open(folder, StoreOptions::default()).unwrap();
    let error = store.remove("wbe", future..).unwrap_err();
    assert_eq!((error.kind(), error.candidates().len()), (ErrorKind::UnknownContainer, 1));
    let removed = store.remove("web", future..).unwrap();
    assert_eq!(removed.points, 1);
    assert_eq!(store.remove("web", future..).unwrap().points, 0);
    store.close().unwrap();
}

/// Where the last point ends, behind noon, and the CPU time of all of them.
fn told(folder: &Path) -> (u64, u64) {
    let store = Store::open_read_only(folder, StoreOptions::default()).unwrap();
    assert!(store.verify().unwrap().is_empty());
    let web = &store.find("web", ..).unwrap()[0];
    let points = store.range(web.identity.name(), .., None).unwrap();
    let usage = points.filter_map(|point| point.unwrap().growth(Metric::CpuUsage)).sum();
    (web.last.end() - NOON, usage)
}

#[test]
fn polls_after_the_sample_of_the_future_is_taken_out_are_taken_in_order() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["now1.json", "future.json"] {
        ingest(folder.path(), file);
    }
    remove(folder.path());
    assert_eq!(told(folder.path()).0, 15);
    for file in ["now2.json", "later0.json", "later1.json", "later2.json"] {
        let kept = ingest(folder.path(), file);
        assert_eq!((kept.accepted, kept.old), (6, 0), "{file}");
    }
    let (end, usage) = told(folder.path());
    assert_eq!(end, 60);
    // Of the interval that was taken for final, what came behind is missing.
    assert!((27_000_000_000..=29_000_000_000).contains(&usage), "{usage}");
}

#[test]
fn polls_that_were_old_for_long_stay_and_those_that_come_are_taken_in_order() {
    let (folder, copies) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for file in ["now1.json", "future.json", "now2.json", "later0.json", "later1.json"] {
        ingest(folder.path(), file);
    }
    let copy = copies.path().join("copy");
    let store = Store::open_read_only(folder.path(), StoreOptions::default()).unwrap();
    store.snapshot(&copy).unwrap();
    remove(folder.path());
    let before = told(folder.path());
    assert_eq!(before.0, 50);
    assert!(told(&copy).0 > 1_000_000);
    let kept = ingest(folder.path(), "later2.json");
    assert_eq!((kept.accepted + kept.old, told(folder.path()).0), (6, 60));
    assert!(told(folder.path()).1 >= before.1);
    assert_eq!(ingest(folder.path(), "later2.json").accepted, 0);
}
