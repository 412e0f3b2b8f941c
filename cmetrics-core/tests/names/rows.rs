//! Rows, compared with what a reading of the points on its own makes of them.

use std::collections::{BTreeMap, BTreeSet};

use cmetrics_core::container::Identity;
use cmetrics_core::names::{NameOptions, Names, Naming, RowKind, Subject, Temporality};
use cmetrics_core::{Container, DataPoint, Metric, MetricSet, Settings};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::common::{read_files, recorded};
use crate::read;

/// What a row says.
#[derive(Clone, Debug, PartialEq)]
struct Told {
    time: u64,
    name: String,
    value: String,
}

fn rows(names: &Names, points: &[DataPoint], passed: usize) -> Vec<Told> {
    let identity = Identity::new(&Container::at_path("/a"), None);
    let subject = Subject::new(&identity);
    let mut maker = names.rows_of(&subject);
    let mut rows = Vec::new();
    let mut keep = |row: &cmetrics_core::names::Row<'_>| {
        let labels = row.own_labels().iter().map(|(_, value)| format!(" {value}"));
        let name = [row.name().to_owned()].into_iter().chain(labels).collect();
        let mut json = Vec::new();
        row.write_json(&mut json);
        let json: Value = serde_json::from_slice(&json).unwrap();
        assert_eq!((&json["time"], &json["name"]), (&row.time().into(), &row.name().into()));
        assert_eq!(json["value"].as_f64(), Some(row.value().as_f64()));
        rows.push(Told { time: row.time(), name, value: row.value().to_string() });
    };
    for (index, point) in points.iter().enumerate() {
        if index < passed {
            maker.pass(point);
        } else {
            maker.add(point, &mut keep);
        }
    }
    maker.finish(&mut keep);
    rows
}

/// An interval: how many are left out before it, and its figures.
type Interval = (u64, Option<u32>, Option<u32>, Option<u32>, Option<u16>);

fn intervals() -> impl Strategy<Value = Vec<Interval>> {
    let hole = prop_oneof![4 => Just(0_u64), 1 => 1_u64..50];
    let figure = || proptest::option::weighted(0.8, any::<u32>());
    let gauge = proptest::option::weighted(0.8, any::<u16>());
    proptest::collection::vec((hole, figure(), figure(), figure(), gauge), 1..40)
}

const WIDTH: u64 = 5;

/// Page faults, those of them that waited, CPU and memory.
fn points(intervals: &[Interval]) -> Vec<Value> {
    let mut start = 1_795_262_400;
    let point = |(hole, all, cpu, major, rss): &Interval| {
        start += hole * WIDTH;
        let major = major.zip(*all).map(|(major, all)| major.min(all));
        let rss = rss.map(f64::from).map(|rss| rss / 3.0);
        let point = json!({"name": "/a", "start": start, "end": start + WIDTH, "metrics": {
            "cpu.user": cpu,
            "memory.page_faults": all,
            "memory.major_page_faults": major,
            "memory.rss": {"ave": rss, "min": rss.map(f64::floor), "max": rss},
        }});
        start += WIDTH;
        point
    };
    intervals.iter().map(point).collect()
}

fn times(point: &Value) -> (u64, u64) {
    (point["start"].as_u64().unwrap(), point["end"].as_u64().unwrap())
}

/// The sums of a counter by time: at each start and end of an interval that has a figure, the growth
/// of all intervals that end by then and begin at `since` or later.
fn sums(
    points: &[Value],
    since: u64,
    from: u64,
    growth: fn(&Value) -> Option<u64>,
) -> Vec<(u64, u128)> {
    let known: Vec<_> = points
        .iter()
        .map(|point| (times(point), growth(&point["metrics"])))
        .filter_map(|(times, growth)| Some((times, growth?)))
        .filter(|((start, _), _)| *start >= since)
        .collect();
    let shown = known.iter().filter(|((start, _), _)| *start >= from);
    let times: BTreeSet<u64> = shown.flat_map(|((start, end), _)| [*start, *end]).collect();
    let sum = |time: u64| {
        let before = known.iter().filter(|((_, end), _)| *end <= time);
        before.map(|(_, growth)| u128::from(*growth)).sum()
    };
    times.into_iter().map(|time| (time, sum(time))).collect()
}

fn of(rows: &[Told], name: &str) -> Vec<(u64, String)> {
    let of_name = rows.iter().filter(|row| row.name == name);
    of_name.map(|row| (row.time, row.value.clone())).collect()
}

fn user(metrics: &Value) -> Option<u64> {
    metrics["cpu.user"].as_u64()
}

fn faults(metrics: &Value) -> Option<u64> {
    metrics["memory.page_faults"].as_u64()
}

fn minor(metrics: &Value) -> Option<u64> {
    Some(faults(metrics)? - metrics["memory.major_page_faults"].as_u64()?)
}

/// Nanoseconds as seconds, by way of the text.
fn as_seconds(nanos: u128) -> String {
    let text = format!("{nanos:010}");
    let (whole, fraction) = text.split_at(text.len() - 9);
    format!("{whole}.{fraction}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn as_text(sums: Vec<(u64, u128)>, text: fn(u128) -> String) -> Vec<(u64, String)> {
    sums.into_iter().map(|(time, sum)| (time, text(sum))).collect()
}

fn names(naming: Naming, options: NameOptions) -> Names {
    Names::new(naming, options).unwrap()
}

fn whole(value: u128) -> String {
    value.to_string()
}

proptest! {
    #[test]
    fn a_sum_is_the_growth_of_all_intervals_before_its_time(
        intervals in intervals(), since in proptest::option::of(0_u64..60), passed in 0_usize..10,
    ) {
        let json = points(&intervals);
        let points = read(&json);
        let first = times(&json[0]).0;
        let since = since.map(|since| first + since);
        let passed = passed.min(points.len() - 1);
        let zero = since.unwrap_or(0);
        let from = times(&json[passed]).0;
        let options = || {
            let mut options = NameOptions::default();
            (options.since, options.temporality) = (since, Some(Temporality::Cumulative));
            options
        };

        let rows_of = |naming| rows(&names(naming, options()), &points, passed);
        let (prometheus, heapster) = (rows_of(Naming::Prometheus), rows_of(Naming::Heapster));
        let otel = rows_of(Naming::OpenTelemetry);
        prop_assert_eq!(
            of(&prometheus, "container_cpu_user_seconds_total"),
            as_text(sums(&json, zero, from, user), as_seconds)
        );
        let all_faults = as_text(sums(&json, zero, from, faults), whole);
        prop_assert_eq!(of(&prometheus, "container_memory_failures_total pgfault container"), &all_faults[..]);
        prop_assert_eq!(of(&heapster, "memory/page_faults"), all_faults);
        prop_assert_eq!(
            of(&otel, "container.paging.faults minor"),
            as_text(sums(&json, zero, from, minor), whole)
        );
        prop_assert_eq!(
            of(&otel, "cmetrics.cpu.user"), as_text(sums(&json, zero, from, user), whole)
        );
    }

    #[test]
    fn an_interval_without_a_figure_has_no_row(intervals in intervals()) {
        let json = points(&intervals);
        let points = read(&json);
        let told = |figure: fn(&Value) -> Option<String>| {
            let known = json.iter().map(|point| (times(point).0, figure(&point["metrics"])));
            known.filter_map(|(start, figure)| Some((start, figure?))).collect::<Vec<_>>()
        };
        let heapster = rows(&names(Naming::Heapster, NameOptions::default()), &points, 0);
        let rate = told(|metrics| {
            faults(metrics).map(|faults| f64::from(u32::try_from(faults).unwrap()) / 5.0)
                .map(|rate| rate.to_string())
        });
        prop_assert_eq!(of(&heapster, "memory/page_faults_rate"), rate);
        let rss = told(|metrics| metrics["memory.rss"]["ave"].as_f64().map(|ave| ave.round().to_string()));
        prop_assert_eq!(of(&heapster, "memory/rss"), rss);

        let otel = names(Naming::OpenTelemetry, NameOptions::default());
        prop_assert!(otel.iter().all(|name| name.kind() != RowKind::Cumulative));
        let growth = told(|metrics| user(metrics).map(|growth| growth.to_string()));
        prop_assert_eq!(of(&rows(&otel, &points, 0), "cmetrics.cpu.user"), growth);
    }

    #[test]
    fn rows_stand_in_the_order_of_time_and_of_names(intervals in intervals()) {
        let points = read(&points(&intervals));
        for naming in [Naming::Prometheus, Naming::Heapster, Naming::OpenTelemetry] {
            let names = names(naming, NameOptions::default());
            let places: Vec<_> = names.iter().map(|name| {
                let labels = name.labels().iter().map(|(_, value)| format!(" {value}"));
                [name.name().to_owned()].into_iter().chain(labels).collect::<String>()
            }).collect();
            let place = |row: &Told| places.iter().position(|name| *name == row.name).unwrap();
            let rows = rows(&names, &points, 0);
            let keys: Vec<_> = rows.iter().map(|row| (row.time, place(row))).collect();
            prop_assert!(keys.is_sorted_by(|one, next| one < next), "{keys:?}");
        }
    }
}

#[test]
fn points_that_overlap_earlier_ones_are_passed_over() {
    let json = points(&[(0, Some(1), Some(2), None, None), (0, Some(3), Some(4), None, None)]);
    let points = read(&json);
    let names = names(Naming::Heapster, NameOptions::default());
    let twice = [&points[..], &points[..]].concat();
    assert_eq!(rows(&names, &twice, 0), rows(&names, &points, 0));
}

#[test]
fn a_sum_beyond_63_bits_has_no_row_and_others_are_exact() {
    let point = |start: u64, growth: u64| json!({"name": "/a", "start": start, "end": start + 5, "metrics": {"cpu.user": growth}});
    let most = u64::MAX / 2;
    let points = read(&[point(5, 1), point(10, most - 1), point(15, 1), point(20, most)]);
    let options = || NameOptions::default();
    let prometheus = rows(&names(Naming::Prometheus, options()), &points, 0);
    let user = of(&prometheus, "container_cpu_user_seconds_total");
    let told = [(5, "0"), (10, "0.000000001"), (15, "9223372036.854775807")];
    assert_eq!(user, told.map(|(time, value)| (time, value.to_owned())));
}

/// The growth of each counter of the recorded containers is the last row less the first.
#[test]
fn sums_of_recordings_lose_and_gain_nothing() {
    let settings = Settings::default().with_metrics(MetricSet::all());
    let pipeline = read_files(&recorded("v060-1s", "v1.3-docker"), settings);
    let prometheus = names(Naming::Prometheus, NameOptions::default());
    let mut checked = 0;
    for series in pipeline.series() {
        let points = series.history(settings).points;
        let mut expected: BTreeMap<Metric, u128> = BTreeMap::new();
        for point in &points {
            for &metric in Metric::ALL {
                let growth = point.growth(metric).map_or(0, u128::from);
                *expected.entry(metric).or_default() += growth;
            }
        }
        let listed: Vec<_> = prometheus.iter().collect();
        let mut sums: BTreeMap<Metric, (f64, f64)> = BTreeMap::new();
        let subject = Subject::from(series);
        let mut maker = prometheus.rows_of(&subject);
        let mut keep = |row: &cmetrics_core::names::Row<'_>| {
            let metric = listed[row.place()].metric();
            if let Some(metric) = metric.filter(|_| row.kind() == RowKind::Cumulative) {
                let value = row.value().as_f64();
                sums.entry(metric).or_insert((value, value)).1 = value;
            }
        };
        for point in &points {
            maker.add(point, &mut keep);
        }
        maker.finish(&mut keep);
        for (metric, (first, last)) in sums {
            let name = listed.iter().find(|name| name.metric() == Some(metric)).unwrap();
            let unit = match (&*name.unit(), metric.unit()) {
                ("s", cmetrics_core::metric::Unit::Nanoseconds) => 1e9,
                ("s", _) => 1e6,
                _ => 1.0,
            };
            assert!(first.abs() < f64::EPSILON, "{metric}");
            #[expect(clippy::cast_precision_loss, reason = "small")]
            let growth = expected[&metric] as f64 / unit;
            assert!((last - growth).abs() <= 1e-9 * growth, "{metric}: {last} for {growth}");
            checked += usize::from(growth > 0.0);
        }
    }
    assert!(checked > 100, "only {checked} sums grew");
}
