//! Times that are no whole seconds.

use super::points::{START, Spec};
use super::*;

const SPEC: Spec =
    Spec { container: 0, slot: 0, covered: 4, shape: 1, value: 1, figures_only: false };

#[test]
fn a_fraction_of_a_second_of_lateness_counts_as_a_whole_one() {
    let disk = Simulated::new();
    let with = |lateness| StoreOptions::default().with_lateness(lateness);
    let fraction = Duration::from_millis(2_001);
    let store = open_idle(&disk, with(fraction)).unwrap();
    assert_eq!(store.lateness(), Duration::from_secs(3));
    store.close().unwrap();
    for same in [fraction, Duration::from_secs(3)] {
        open_idle(&disk, with(same)).unwrap().close().unwrap();
    }
    let error = open_idle(&disk, with(Duration::from_secs(2))).unwrap_err();
    assert!(error.to_string().contains("lateness is 2 s, but must be 3 s"), "{error}");
}

#[test]
fn an_interval_of_another_fraction_than_the_stores_is_refused() {
    let disk = Simulated::new();
    open_idle(&disk, StoreOptions::default()).unwrap().close().unwrap();
    let error =
        open_idle(&disk, StoreOptions::default().with_interval(Duration::from_millis(5_500)));
    let error = error.unwrap_err().to_string();
    assert!(error.contains("interval is 5.5 s, but must be 5 s"), "{error}");
}

#[test]
fn the_last_points_are_those_that_begin_within_the_period_to_the_nanosecond() {
    let store = open_idle(&Simulated::new(), StoreOptions::default()).unwrap();
    let points = [0, 1, 2].map(|slot| Spec { slot, ..SPEC }.point());
    store.append(&points).unwrap();
    let nano = Duration::from_nanos(1);
    let ten = Duration::from_secs(10);
    for (period, count) in [(ten - nano, 1), (ten, 2), (ten + nano, 2), (Duration::MAX, 3)] {
        assert_eq!(store.last(points[0].name(), period).unwrap().len(), count, "{period:?}");
    }
}

#[test]
fn an_age_in_fractions_keeps_all_that_is_not_older() {
    let store = open_idle(&Simulated::new(), StoreOptions::default()).unwrap();
    store.append(&[0, 1, 2].map(|slot| Spec { slot, ..SPEC }.point())).unwrap();
    let now = Timestamp::from_seconds(START + 15).unwrap();
    let five = Duration::from_secs(5);
    for (age, floor) in [(five + Duration::from_nanos(1), 5), (five, 10)] {
        let retained = store.retain(Retention::Age { now, age }).unwrap();
        assert_eq!(retained.floor, START + floor);
    }
}
