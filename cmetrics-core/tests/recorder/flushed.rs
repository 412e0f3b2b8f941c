//! Points that are emitted before they are final.

use std::collections::BTreeMap;

use cmetrics_core::{Container, DataPoint, Metric, MetricSet, Recorder};
use proptest::prelude::*;
use serde_json::Value;

use super::runner::Runner;
use super::schedule::{Action, a_schedule};
use super::steps::{SECOND, at};
use super::{START, default_recorder, drained, sample, start_of};

/// Makes counters so small that no sum of theirs is too large for a point.
fn make_small(value: &mut Value) {
    match value {
        Value::Number(number) => *value = (number.as_u64().unwrap() & 0xff_ffff_ffff).into(),
        Value::Array(list) => list.iter_mut().for_each(make_small),
        Value::Object(map) => map.values_mut().for_each(make_small),
        _ => {}
    }
}

fn act(runner: &mut Runner<'_>, action: Action) {
    match action {
        Action::Seal => {
            runner.recorder.seal();
            runner.reference.seal();
        }
        Action::Drain => runner.drain(),
        Action::Flush(Some(container)) => {
            runner.recorder.seal();
            runner.reference.seal();
            runner.recorder.flush(&format!("/{container}"));
        }
        Action::Flush(None) => {
            runner.recorder.flush_all();
            runner.reference.seal();
        }
        Action::Snapshot => {
            runner.recorder.snapshots().for_each(drop);
        }
        Action::Advance(_) => {}
    }
}

/// The growth of each counter in all points.
fn growth<'p>(points: impl Iterator<Item = &'p DataPoint>) -> BTreeMap<Metric, i128> {
    let mut sums = BTreeMap::new();
    for point in points {
        for metric in MetricSet::all().iter() {
            if let Some(growth) = point.growth(metric) {
                *sums.entry(metric).or_default() += i128::from(growth);
            }
        }
    }
    sums
}

/// Checks that no interval is emitted twice, and that all growth was emitted or is in the tally.
fn check(runner: &Runner<'_>) -> Result<(), TestCaseError> {
    let containers = &runner.reference.containers;
    if containers.iter().any(|one| one.model.is_left_open) {
        return Ok(());
    }
    for one in containers {
        prop_assert!(one.given.is_sorted_by(|one, next| start_of(one) < start_of(next)));
    }
    let mut found = growth(containers.iter().flat_map(|one| &one.given));
    for (metric, more) in runner.recorder.totals().tally {
        *found.entry(metric).or_default() += more;
    }
    let open: Vec<_> = containers.iter().flat_map(|one| one.model.batch()).collect();
    let mut expected = growth(containers.iter().flat_map(|one| &one.model.before).chain(&open));
    found.retain(|_, sum| *sum != 0);
    expected.retain(|_, sum| *sum != 0);
    prop_assert_eq!(found, expected);
    Ok(())
}

proptest! {
    #[test]
    fn what_is_flushed_is_given_once_and_what_it_lacked_is_in_the_tally(
        mut schedule in a_schedule(true),
    ) {
        schedule.stats.iter_mut().flatten().for_each(make_small);
        let mut runner = Runner::new(&schedule);
        for number in 0..schedule.events.len() {
            runner.deliver(number, &mut |runner, action| {
                act(runner, action);
                Ok(())
            })?;
        }
        runner.recorder.flush_all();
        runner.reference.seal();
        runner.reference.take(drained(&runner.recorder));
        check(&runner)?;
        let end = START + 100_000;
        runner.recorder.advance(at(end * SECOND));
        runner.reference.advance(end * SECOND);
        runner.drain();
        check(&runner)?;
    }
}

#[test]
fn a_flush_gives_open_points_as_they_are_and_counts_what_they_lacked() {
    let recorder = default_recorder();
    let handle = recorder.register(&Container::at_path("/a"), None);
    for second in [0, 2, 4, 6] {
        recorder.record(&handle, &sample(second * 1_000, second * 10));
    }
    assert!(drained(&recorder).is_empty());
    assert!(recorder.flush("/a") && !recorder.flush("/b"));
    let points = drained(&recorder);
    let grown = |points: &[DataPoint]| -> Vec<_> {
        points.iter().map(|point| point.growth(Metric::CpuUsage)).collect()
    };
    assert_eq!(grown(&points), [Some(50), Some(10)]);
    recorder.flush_all();
    assert!(drained(&recorder).is_empty());
    recorder.record(&handle, &sample(20_000, 200));
    recorder.record(&handle, &sample(26_000, 260));
    assert!(recorder.totals().tally.is_empty());
    let points = drained(&recorder);
    assert_eq!(grown(&points), [Some(50), Some(50)]);
    // Of 5 to 10 nothing was known after 6.
    assert_eq!(recorder.totals().tally, BTreeMap::from([(Metric::CpuUsage, 40)]));
}

/// The growth of the CPU in these points and in the tally.
fn with_tally(recorder: &Recorder, points: &[DataPoint]) -> i128 {
    let grown = points.iter().filter_map(|point| point.growth(Metric::CpuUsage));
    let tally = recorder.totals().tally;
    grown.map(i128::from).sum::<i128>() + tally.get(&Metric::CpuUsage).unwrap_or(&0)
}

#[test]
fn a_point_that_was_flushed_and_is_none_in_the_end_is_taken_back_in_the_tally() {
    let recorder = default_recorder();
    recorder.record_by_name("/a", &sample(1_000, 100));
    recorder.record_by_name("/a", &sample(21_000, 300));
    recorder.flush_all();
    let mut points = drained(&recorder);
    assert_eq!(with_tally(&recorder, &points), 200);
    // A restart: nothing is known of 1 to 20.
    recorder.record_by_name("/a", &sample(20_000, 50));
    recorder.advance(at((START + 1_000) * SECOND));
    points.extend(drained(&recorder));
    assert_eq!(with_tally(&recorder, &points), 300);
}

#[test]
fn what_was_flushed_twice_has_what_the_first_lacked_in_the_tally() {
    let recorder = default_recorder();
    recorder.record_by_name("/a", &sample(21_000, 300));
    recorder.flush_all();
    recorder.record_by_name("/a", &sample(19_000, 280));
    recorder.flush_all();
    assert_eq!(with_tally(&recorder, &drained(&recorder)), 20);
}
