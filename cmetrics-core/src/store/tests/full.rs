//! A full disk: what is there stays, and room can be made.

use std::io::ErrorKind;

use super::points::{START, Spec};
use super::*;
use crate::store::disk::simulated::Fault;
use crate::store::reserve;

fn points(slots: Range<u64>) -> Vec<DataPoint> {
    let spec =
        |slot| Spec { container: 0, slot, covered: 4, shape: 0, value: slot, figures_only: false };
    slots.map(|slot| spec(slot).point()).collect()
}

fn since(slot: u64) -> Retention {
    Retention::Since(Timestamp::from_nanos((START + slot * 5) * 1_000_000_000).unwrap())
}

/// A closed store of two segments and a log, on a disk without room.
fn full() -> Simulated {
    let disk = Simulated::new();
    let store = open_idle(&disk, StoreOptions::default()).unwrap();
    for slots in [0..100, 100..200] {
        store.append(&points(slots)).unwrap();
        store.seal().unwrap();
    }
    store.append(&points(200..210)).unwrap();
    store.close().unwrap();
    reserve::lay_by(&disk);
    disk.has_room_for(0);
    disk
}

#[test]
fn room_is_made_on_a_disk_that_has_none() {
    for retention in [since(100), Retention::Points(110)] {
        let disk = full();
        let store = open_idle(&disk, StoreOptions::default()).unwrap();
        let error = store.append(&points(210..220)).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::DiskFull);
        assert!(error.to_string().contains("'cmetrics store retain' needs no room"), "{error}");
        assert_eq!(store.everything().unwrap().len(), 210);
        assert_eq!(store.retain(retention).unwrap().segments, 1);
        assert_eq!(store.everything().unwrap().len(), 110);
        for disk in [disk.kill(), disk.power_cut(1)] {
            let store = open_idle(&disk, StoreOptions::default()).unwrap();
            assert_eq!(store.everything().unwrap().len(), 110);
            store.append(&points(210..220)).unwrap();
            assert_eq!(store.everything().unwrap().len(), 120);
            assert!(store.verify().unwrap().is_empty());
        }
    }
}

#[test]
fn an_interruption_while_making_room_loses_nothing_else() {
    let opened = |disk: &Simulated| open_idle(disk, StoreOptions::default()).unwrap();
    let count = |disk: &Simulated| opened(disk).everything().unwrap().len();
    for nth in 1.. {
        let disk = full();
        let store = opened(&disk);
        disk.fail(None, nth, Fault::of(ErrorKind::Other).landing(9).lasting());
        let done = store.retain(since(100)).is_ok();
        for left in (0..8).map(|seed| disk.power_cut(seed)).chain([disk.kill()]) {
            let found = count(&left);
            assert!(found == 110 || (found == 210 && !done), "act {nth}: {found}");
            opened(&left).retain(since(100)).unwrap();
            assert_eq!(count(&left), 110);
        }
        if done {
            break;
        }
    }
}
