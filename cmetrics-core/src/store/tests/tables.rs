//! Tables that are read from a store are those that its points make.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::points::{START, Spec, some_run, some_spec};
use super::*;
use crate::ErrorKind;
use crate::metric::Metric;
use crate::point::Table;
use crate::store::disk::simulated::Simulated;

fn selections() -> [MetricSet; 3] {
    let some = [Metric::MemoryWorkingSet, Metric::DiskioRead].into_iter().collect();
    [MetricSet::default(), some, MetricSet::all()]
}

fn table_of<'p>(metrics: MetricSet, points: impl IntoIterator<Item = &'p DataPoint>) -> Table {
    let mut table = Table::new(metrics);
    points.into_iter().for_each(|point| table.push(point));
    table
}

/// Asserts that tables of these ranges, in seconds, are those that the points make.
fn check_ranges(store: &Store, ranges: &[Range<u64>]) {
    let bearers = store.containers().unwrap();
    for (metrics, range) in
        selections().into_iter().flat_map(|one| ranges.iter().map(move |range| (one, range)))
    {
        let mut all = Vec::new();
        for bearer in &bearers {
            let name = bearer.identity.name();
            for queried in [None, Some(metrics)] {
                let read = || store.range(name, unix_seconds(range.clone()), queried).unwrap();
                let points: Vec<_> = read().map(Result::unwrap).collect();
                let mut table = Table::new(metrics);
                read().read_into(&mut table).unwrap();
                table.assert_is(&table_of(metrics, &points));
                all.extend(points.into_iter().filter(|_| queried.is_some()));
            }
        }
        let table = store.table(unix_seconds(range.clone()), metrics).unwrap();
        table.assert_is(&table_of(metrics, &all));
    }
}

/// Asserts that all tables of a store are those that its points make.
pub(super) fn check_tables(store: &Store) {
    let bearers = store.containers().unwrap();
    let part = bearers.first().map_or(0..0, |one| one.first.start() + 1..one.last.start());
    check_ranges(store, &[0..u64::MAX, part]);
    let mut table = Table::new(selections()[1]);
    for bearer in &bearers {
        for seconds in [0, 17, u64::MAX] {
            let (name, period) = (bearer.identity.name(), Duration::from_secs(seconds));
            table.clear();
            store.last_into(name, period, &mut table).unwrap();
            let points = store.last(name, period).unwrap();
            table.assert_is(&table_of(table.selected(), &points));
        }
    }
}

#[derive(Clone, Debug)]
enum Act {
    Append(Vec<Spec>),
    Seal,
    Begin,
    Merge,
}

fn some_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => some_run(300).prop_map(Act::Append),
        3 => vec(some_spec(300), 1..9).prop_map(Act::Append),
        2 => Just(Act::Seal),
        1 => Just(Act::Begin),
        1 => Just(Act::Merge),
    ]
}

fn store_after(acts: &[Act], disk: &Simulated) -> Store {
    let store = open_idle(disk, StoreOptions::default()).unwrap();
    for act in acts {
        match act {
            Act::Append(specs) => {
                let points: Vec<_> = specs.iter().map(Spec::point).collect();
                store.append(&points).unwrap();
            }
            Act::Seal => store.seal().unwrap(),
            Act::Begin => store.begin_memory().unwrap(),
            Act::Merge => store.merge_all().unwrap(),
        }
    }
    store
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_table_is_the_one_that_the_points_make(
        acts in vec(some_act(), 1..12),
        ranges in vec((0_u64..1_600, 0_u64..1_600), 1..4),
    ) {
        let store = store_after(&acts, &Simulated::new());
        let ranges: Vec<_> =
            ranges.iter().map(|(from, seconds)| START + from..START + from + seconds).collect();
        check_ranges(&store, &ranges);
        check_tables(&store);
    }

    #[test]
    fn behind_damage_a_table_goes_on_as_points_do(
        runs in vec(some_run(300), 1..12),
        which in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        taken in 0_usize..40,
    ) {
        let disk = Simulated::new();
        let acts: Vec<_> = runs.into_iter().flat_map(|run| [Act::Append(run), Act::Seal]).collect();
        store_after(&acts, &disk).close().unwrap();
        let names = (0..100).map(sealed::segment_name);
        let segments: Vec<_> = names.filter(|name| disk.bytes(name).is_some()).collect();
        let name = which.get(&segments);
        let mut bytes = disk.bytes(name).unwrap();
        *place.get_mut(&mut bytes) ^= 4;
        disk.put(name, bytes);
        if let Ok(store) = open_idle(&disk, StoreOptions::default()) {
            check_damaged(&store, taken);
        }
    }
}

/// Asserts that tables of a damaged store have what its points have, with the same errors, if the
/// first so many points are taken one by one.
fn check_damaged(store: &Store, taken: usize) {
    for bearer in store.containers().unwrap_or_default() {
        let read = || store.range(bearer.identity.name(), .., None);
        let (Ok(points), Ok(mut rest)) = (read(), read()) else { continue };
        let (mut expected, errors) = pushed(points);
        let (mut table, mut found) = pushed(rest.by_ref().take(taken));
        while let Err(error) = rest.read_into(&mut table) {
            found.push(error.to_string());
        }
        table.assert_is(&expected);
        assert_eq!(found, errors);
        expected.clear();
        expected.assert_is(&Table::new(MetricSet::all()));
    }
}

/// A table of the points, and the errors among them.
fn pushed(points: impl Iterator<Item = Result<DataPoint, Error>>) -> (Table, Vec<String>) {
    let (mut table, mut errors) = (Table::new(MetricSet::all()), Vec::new());
    for point in points {
        match point {
            Ok(point) => table.push(&point),
            Err(error) => errors.push(error.to_string()),
        }
    }
    (table, errors)
}

#[test]
fn an_unknown_container_is_an_error_and_adds_nothing() {
    let store = store_after(&[], &Simulated::new());
    let mut table = Table::new(MetricSet::default());
    let error = store.last_into("/none", Duration::from_secs(60), &mut table).unwrap_err();
    assert_eq!((error.kind(), table.len()), (ErrorKind::UnknownContainer, 0));
    assert!(store.table(.., MetricSet::default()).unwrap().is_empty());
}

#[test]
fn cancelled_there_is_no_table() {
    let spec = Spec { container: 0, slot: 0, covered: 4, shape: 1, value: 1, figures_only: false };
    let store = store_after(&[Act::Append(vec![spec])], &Simulated::new());
    let cancel = crate::Cancel::default();
    assert_eq!(store.until(&cancel).table(.., MetricSet::default()).unwrap().len(), 1);
    cancel.cancel();
    let error = store.until(&cancel).table(.., MetricSet::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
}
