//! What is asked of a store, and what of it is not there.

use super::points::Spec;
use super::*;
use crate::ErrorKind;

const SPEC: Spec = Spec { container: 0, slot: 0, covered: 4, shape: 1, value: 1, told: false };

fn point(slot: u64) -> DataPoint {
    Spec { slot, ..SPEC }.point()
}

#[test]
fn a_container_that_is_not_known_is_an_error_with_near_matches_whatever_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    let point = point(0);
    store.append(std::slice::from_ref(&point)).unwrap();
    let name = point.name();
    let mistyped = format!("{name}0");
    let reader = Store::open_read_only(folder.path(), StoreOptions::default()).unwrap();
    for store in [&store, &reader] {
        for asked in [
            store.last(&mistyped, 60).map(drop),
            store.range(&mistyped, 0..u64::MAX, None).map(drop),
            store.events_of(&mistyped, 0..u64::MAX).map(drop),
            store.find(&mistyped, 0..u64::MAX).map(drop),
        ] {
            let error = asked.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnknownContainer);
            assert_eq!(error.candidates(), [name]);
        }
        assert_eq!(store.last(name, 0).unwrap(), []);
        assert_eq!(store.range(name, 0..1, None).unwrap().count(), 0);
        assert_eq!(store.events_of(name, 0..u64::MAX).unwrap(), []);
    }
}
