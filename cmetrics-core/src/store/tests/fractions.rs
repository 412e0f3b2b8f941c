//! Times that are no whole seconds.

use std::time::Duration;

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
    let nanos = Duration::from_nanos;
    for (period, count) in [
        (nanos(9_999_999_999), 1),
        (nanos(10_000_000_000), 2),
        (nanos(10_000_000_001), 2),
        (Duration::MAX, 3),
    ] {
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
        assert_eq!(seconds(retained.floor), START + floor);
    }
}

/// A store with points from `START` on, and instants around its second interval.
fn three_points() -> (Store, Arc<str>, [Timestamp; 3]) {
    let store = open_idle(&Simulated::new(), StoreOptions::default()).unwrap();
    let points = [0, 1, 2].map(|slot| Spec { slot, ..SPEC }.point());
    store.append(&points).unwrap();
    let at = |nanos| Timestamp::from_nanos((START + 5) * 1_000_000_000 + nanos - 1).unwrap();
    (store, Arc::clone(points[0].shared_name()), [at(0), at(1), at(2)])
}

#[test]
fn a_range_has_the_points_that_begin_in_it_to_the_nanosecond() {
    use std::ops::Bound::{self, Excluded, Included, Unbounded};
    let (store, name, [before, at, behind]) = three_points();
    let count = |range: (Bound<Timestamp>, Bound<Timestamp>)| {
        store.range(&name, range, None).unwrap().map(Result::unwrap).count()
    };
    for (range, expected) in [
        ((Unbounded, Unbounded), 3),
        ((Included(before), Unbounded), 2),
        ((Included(at), Unbounded), 2),
        ((Excluded(before), Unbounded), 2),
        ((Excluded(at), Unbounded), 1),
        ((Included(behind), Unbounded), 1),
        ((Unbounded, Excluded(at)), 1),
        ((Unbounded, Included(before)), 1),
        ((Unbounded, Included(at)), 2),
        ((Unbounded, Excluded(behind)), 2),
        ((Included(before), Excluded(behind)), 1),
        ((Included(at), Excluded(at)), 0),
        ((Included(behind), Excluded(before)), 0),
    ] {
        assert_eq!(count(range), expected, "{range:?}");
    }
}

#[test]
fn each_interval_that_a_range_touches_is_removed_and_none_by_an_empty_range() {
    let left = |range: &dyn Fn([Timestamp; 3]) -> (Timestamp, Timestamp)| {
        let (store, name, times) = three_points();
        let (from, to) = range(times);
        let removed = store.remove(&name, from..to).unwrap();
        assert_eq!(store.of(&name, 0..u64::MAX).len() as u64 + removed.points, 3);
        removed.points
    };
    assert_eq!(left(&|[before, at, _]| (before, at)), 1);
    assert_eq!(left(&|[_, at, behind]| (at, behind)), 1);
    assert_eq!(left(&|[before, _, behind]| (before, behind)), 2);
    assert_eq!(left(&|[_, at, _]| (at, at)), 0);
    assert_eq!(left(&|[_, _, behind]| (behind, behind)), 0);
    assert_eq!(left(&|[before, _, behind]| (behind, before)), 0);
}

#[test]
fn what_was_removed_is_told_in_whole_intervals() {
    let (store, name, [before, at, behind]) = three_points();
    let removed = store.remove(&name, at..behind).unwrap();
    assert_eq!(removed.range, at..Timestamp::from_seconds(START + 10).unwrap());
    assert!(store.remove(&name, at..at).unwrap().range.is_empty());
    let removed = store.remove(&name, before..).unwrap();
    assert_eq!(removed.range, Timestamp::from_seconds(START).unwrap()..Timestamp::MAX);
    assert!(store.remove(&name, ..).is_err());
}

#[test]
fn events_are_those_of_a_range_to_the_nanosecond() {
    let store = open_idle(&Simulated::new(), StoreOptions::default()).unwrap();
    let at = |nanos| Timestamp::from_nanos(START * 1_000_000_000 + nanos).unwrap();
    let mut series = Series::new(Identity::new(&crate::Container::at_path("/a"), None));
    for (nanos, used) in [(1, 1_000_000_000_000), (1_500_000_000, 7)] {
        let mut sample = crate::Sample::new(at(nanos));
        sample.set(crate::Metric::CpuUsage, used);
        series.insert(sample);
    }
    store.ingest([&series]).unwrap();
    let count = |from, to| store.events_of("/a", from..to).unwrap().len();
    assert_eq!(count(at(1_500_000_000), at(1_500_000_001)), 1);
    assert_eq!(count(at(1_499_999_999), at(1_500_000_000)), 0);
    assert_eq!(count(at(1_500_000_001), at(3_000_000_000)), 0);
}
