//! Rates: over the time that samples cover, the same by every door.

use std::time::Duration;

use cmetrics_core::container::Limits;
use cmetrics_core::point::{Extended, RollUp, Table};
use cmetrics_core::statistics::{self, Quantity, Rows};
use cmetrics_core::{DataPoint, Input, Metric, MetricSet, Pipeline, Settings};
use proptest::prelude::*;
use serde_json::json;

const SECOND: u64 = 1_000_000_000;
/// 2026-11-21T12:00:00Z.
const START: u64 = 1_795_262_400;

/// The points of a container whose CPU counter reads so much at so many nanoseconds after `START`.
fn points(readings: impl IntoIterator<Item = (u64, u64)>, settings: Settings) -> Vec<DataPoint> {
    let stats: Vec<_> = readings
        .into_iter()
        .map(|(nanos, total)| {
            let (second, nanos) = (nanos / SECOND, nanos % SECOND);
            let (minute, second) = (second / 60, second % 60);
            let timestamp = format!("2026-11-21T12:{minute:02}:{second:02}.{nanos:09}Z");
            json!({"timestamp": timestamp, "cpu": {"usage": {"total": total}}})
        })
        .collect();
    let dump = json!({"/docker": {"spec": {"has_cpu": true}, "stats": stats}}).to_string();
    let mut pipeline = Pipeline::new(settings);
    let outcome = pipeline.read(Input::reader("dump", dump.as_bytes()));
    assert!(outcome.errors.is_empty(), "{:?}", outcome.errors);
    pipeline.points()
}

fn seconds(readings: &[(u64, u64)]) -> Vec<(u64, u64)> {
    readings.iter().map(|(second, total)| (second * SECOND, total * SECOND)).collect()
}

proptest! {
    /// However its samples lie, at its start, its end and its gaps.
    #[test]
    fn a_container_that_works_evenly_has_an_even_rate_in_each_interval(
        first in 0_u64..10 * SECOND,
        spacings in prop::collection::vec(
            prop_oneof![8 => 1..3 * SECOND, 1 => SECOND..30 * SECOND], 1..60,
        ),
        cores in 0.001_f64..64.0,
        width in 1_u64..20,
    ) {
        let settings = Settings::new(Duration::from_secs(width), Some(Duration::from_secs(20.max(width)))).unwrap();
        let times = spacings.iter().scan(first, |time, spacing| {
            *time += spacing;
            Some(*time)
        });
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation,
            clippy::cast_sign_loss, reason = "as exact as the readings need be")]
        let readings = [first].into_iter().chain(times).map(|at| (at, (at as f64 * cores) as u64));
        for point in points(readings, settings) {
            let covered = point.coverage().unwrap() * f64::from(u32::try_from(width).unwrap());
            let Some(rate) = point.cpu_cores() else {
                prop_assert!(covered < 0.1 || point.growth(Metric::CpuUsage).is_none());
                continue;
            };
            // Readings and shares are whole nanoseconds; a pair of samples may be a nanosecond long.
            let off = (rate - cores).abs() * covered;
            prop_assert!(off <= 1e-6 + 64e-9, "{rate} for {cores} over {covered} s: {point:?}");
        }
    }
}

#[test]
fn the_first_interval_reads_as_those_behind_it() {
    let every = points(seconds(&[(4, 0), (6, 4), (12, 16)]), Settings::default());
    let cores: Vec<_> = every.iter().map(|point| point.cpu_cores().unwrap()).collect();
    assert_eq!(cores, [2.0, 2.0, 2.0]);
    let usage: Vec<_> = every.iter().map(|point| point.growth(Metric::CpuUsage).unwrap()).collect();
    assert_eq!(usage, [2 * SECOND, 10 * SECOND, 4 * SECOND]);
}

#[test]
fn growth_of_which_no_time_is_covered_has_no_rate() {
    // A restart, and a gap behind it: of the interval nothing is known but what it used till then.
    let settings = Settings::new(Duration::from_secs(5), Some(Duration::from_secs(20))).unwrap();
    let every = points(seconds(&[(1, 50), (2, 51), (12, 3), (60, 9), (61, 10)]), settings);
    let restarted = every.iter().find(|point| point.interval().start() == START + 10).unwrap();
    assert_eq!(restarted.growth(Metric::CpuUsage), Some(3 * SECOND));
    assert_eq!(restarted.coverage(), Some(0.0));
    assert_eq!((restarted.rate_seconds(), restarted.cpu_cores()), (None, None));
}

#[test]
fn a_share_of_a_limit_is_of_the_whole_interval() {
    let mut every = points(seconds(&[(4, 0), (6, 4)]), Settings::default());
    let mut limits = Limits::default();
    limits.cpu_cores = Some(2.0);
    every[0].set_shares(&limits);
    assert_eq!(every[0].cpu_cores(), Some(2.0));
    assert_eq!(every[0].shares().unwrap().cpu, Some(0.2));
}

#[test]
fn a_point_that_was_read_back_has_the_rate_of_the_one_that_was_written() {
    let odd = [(1_234_567_891, 0), (6_543_210_987, 98_765_432_101), (19 * SECOND, 150 * SECOND)];
    for point in points(odd, Settings::default()) {
        let extended = serde_json::to_string(&Extended(&point)).unwrap();
        let back: DataPoint = serde_json::from_str(&extended).unwrap();
        assert_eq!(back.cpu_cores(), point.cpu_cores());
        // Without its coverage it is not known how much is covered.
        let plain = serde_json::to_string(&point).unwrap();
        let back: DataPoint = serde_json::from_str(&plain).unwrap();
        assert_eq!(back.rate_seconds(), Some(5.0));
    }
}

#[test]
fn tables_wider_points_and_means_are_over_the_covered_time_too() {
    let every = points(seconds(&[(4, 0), (6, 4), (12, 16)]), Settings::default());
    let mut table = Table::new(MetricSet::default());
    for point in &every {
        table.push(point);
    }
    for (row, point) in every.iter().enumerate() {
        assert_eq!(table.per_second(row, Metric::CpuUsage), point.per_second(Metric::CpuUsage));
        assert_eq!(table.rate_seconds(row), point.rate_seconds());
    }
    let usage = statistics::usages([Rows::from(&table)], true).next().unwrap();
    let cores = usage.of(Quantity::Cores).unwrap();
    assert_eq!((cores.mean, cores.max), (2.0, 2.0));
    let minute = &RollUp::new(Duration::from_secs(60)).unwrap().of(every).unwrap()[0];
    assert_eq!(minute.cpu_cores(), Some(2.0));
}

#[test]
fn a_start_that_is_told_is_no_dip_and_no_peak_and_neither_is_a_restart() {
    // Half a core from the start at :02 on, and from the one at :13 on, which nobody saw.
    let of = |start: u64, second: u64| {
        let total = (second - start) * SECOND / 2;
        json!({"/docker": {
            "spec": {"has_cpu": true, "start_time": format!("2026-11-21T12:00:{start:02}Z")},
            "stats": [{
                "timestamp": format!("2026-11-21T12:00:{second:02}Z"),
                "cpu": {"usage": {"total": total}},
            }],
        }})
    };
    let mut pipeline = Pipeline::default();
    for (start, second) in [(2, 8), (2, 11), (13, 21), (13, 24)] {
        pipeline
            .read(Input::bytes("dump", of(start, second).to_string().as_bytes()))
            .into_result()
            .unwrap();
    }
    let every = pipeline.points();
    let rates: Vec<_> = every.iter().map(DataPoint::cpu_cores).collect();
    assert_eq!(rates, [Some(0.5); 5]);
    let coverage: Vec<_> = every.iter().map(|point| point.coverage().unwrap()).collect();
    assert_eq!(coverage, [0.6, 1.0, 0.6, 1.0, 0.8]);
}
