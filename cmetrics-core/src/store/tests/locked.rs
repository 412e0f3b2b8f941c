//! One process writes, and none of its children.

use std::time::Duration;

use super::*;
use crate::ErrorKind;

#[test]
fn a_second_writer_gets_an_error_that_names_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    for _ in 0..2 {
        let error = Store::open(folder.path(), StoreOptions::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Locked);
        let process = format!("process {}", std::process::id());
        assert!(error.to_string().contains(&process), "{error}");
        Store::open_read_only(folder.path(), StoreOptions::default()).unwrap();
    }
    drop(store);
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    store.close().unwrap();
    Store::open(folder.path(), StoreOptions::default()).unwrap();
}

#[test]
fn a_store_that_is_open_for_reading_refuses_writes() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let error = Store::open_read_only(&missing, StoreOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(!missing.exists());
    Store::open(folder.path(), StoreOptions::default()).unwrap().close().unwrap();
    let store = Store::open_read_only(folder.path(), StoreOptions::default()).unwrap();
    let now = Timestamp::from_nanos(1).unwrap();
    for refused in [
        store.append(&[]).map(drop),
        store.ingest([]).map(drop),
        store.retain(Retention::Age { now, age: Duration::from_secs(1) }).map(drop),
        store.compact(),
        store.sync(),
    ] {
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::ReadOnly);
    }
    store.close().unwrap();
}

#[test]
fn a_child_of_the_process_that_opened_it_can_do_nothing() {
    let disk = Simulated::new();
    let (mut shared, _) = Shared::new(opening(&disk, StoreOptions::default()).unwrap());
    // As a child sees it.
    shared.process = shared.process.wrapping_add(1);
    let store = Store::over(Arc::new(shared), Vec::new(), None);
    let changes = disk.changes();
    let now = Timestamp::from_nanos(1).unwrap();
    for refused in [
        store.append(&script::batch(0)).map(drop),
        store.ingest([]).map(drop),
        store.retain(Retention::Age { now, age: Duration::from_secs(1) }).map(drop),
        store.compact(),
        store.sync(),
        store.last("/", Duration::from_secs(1)).map(drop),
        store.range("/", unix_seconds(0..1), None).map(drop),
        store.containers().map(drop),
        store.find("/", unix_seconds(0..1)).map(drop),
        store.events(unix_seconds(0..1)).map(drop),
        store.stats().map(drop),
        store.count_provisional().map(drop),
        store.verify().map(drop),
        store.close(),
    ] {
        let error = refused.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused);
        assert!(error.to_string().contains("of which this one is a child"), "{error}");
    }
    assert_eq!(disk.changes(), changes);
}
