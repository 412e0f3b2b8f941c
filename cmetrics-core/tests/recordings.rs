//! Real recordings give the points that the rules of `docs/points.md` make of them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::path::PathBuf;
use std::time::Duration;

use cmetrics_core::{Metric, MetricSet, Settings};
use common::{as_json, assert_alike, data, read_files, recorded, unpacked};
use serde_json::Value;

fn expected(name: &str) -> Vec<Value> {
    let path = data().join("expected").join(format!("{name}.json.gz"));
    serde_json::from_str(&unpacked(&path)).unwrap()
}

/// The dumps of all endpoints that the mixed expectations are made from.
fn mixed(set: &str) -> Vec<PathBuf> {
    let all = std::fs::read_dir(data().join("recorded").join(set)).unwrap();
    let mut paths: Vec<_> = all.map(|file| file.unwrap().path()).collect();
    paths.retain(|path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        ["v1.2-docker.", "v1.3-docker.", "v2.0-stats-docker.", "v2.1-stats."]
            .iter()
            .any(|endpoint| name.starts_with(endpoint))
    });
    paths.sort();
    paths
}

fn assert_points(name: &str, paths: &[PathBuf], settings: Settings) {
    let pipeline = read_files(paths, settings);
    assert_alike(&as_json(&pipeline), &expected(name), name);
}

#[test]
fn the_dumps_of_one_endpoint_give_the_expected_points() {
    for (set, endpoints) in [
        ("dynamic", &["v1.2-docker", "v1.3-subcontainers", "v2.0-stats-docker", "v2.1-stats"][..]),
        ("steady-1s", &["v1.2-docker", "v1.3-docker", "v1.3-subcontainers", "v2.1-machinestats"]),
        ("v060-1s", &["v1.3-subcontainers", "v2.0-stats-docker", "v2.1-stats", "v1.2-docker"]),
        ("v060-oom", &["v1.3-docker", "v2.0-stats-docker", "v2.1-machinestats", "v2.1-stats"]),
    ] {
        for endpoint in endpoints {
            let paths = recorded(set, endpoint);
            assert_points(&format!("{set}.{endpoint}"), &paths, Settings::default());
        }
    }
}

#[test]
fn the_dumps_of_several_endpoints_together_give_the_expected_points() {
    for set in ["dynamic", "steady-1s", "v060-1s", "v060-oom"] {
        let settings =
            Settings::new(Duration::from_secs(7), Some(Duration::from_secs(20))).unwrap();
        assert_points(&format!("{set}.mixed.interval-7.max-gap-20"), &mixed(set), settings);
        let all = Settings::default().with_metrics(MetricSet::all());
        let name = format!("{set}.mixed.all-metrics");
        assert_points(&name, &mixed(set), all);
        let mut reversed = mixed(set);
        reversed.reverse();
        assert_points(&name, &reversed, all);
    }
}

#[test]
fn a_container_held_at_three_tenths_of_a_core_reads_so_in_every_complete_interval() {
    for (set, endpoint) in [("steady-1s", "v1.2-docker"), ("v060-1s", "v1.2-docker")] {
        let pipeline = read_files(&recorded(set, endpoint), Settings::default());
        let [series] = pipeline.find("cpuhog").unwrap()[..] else { panic!("one cpuhog") };
        let points = series.history(Settings::default()).points;
        let complete: Vec<_> = points.iter().filter(|point| point.is_complete()).collect();
        assert!(complete.len() > 20, "{set}: {}", complete.len());
        for point in complete {
            let cores = point.cpu_cores().unwrap();
            assert!((cores / 0.3 - 1.0).abs() <= 0.015, "{set}: {cores} in {:?}", point.interval());
        }
    }
}

#[test]
fn the_same_minutes_through_v1_2_v1_3_and_v2_0_give_the_same_points() {
    for set in ["steady-1s", "v060-1s"] {
        let points_of = |endpoint| {
            let pipeline = read_files(&recorded(set, endpoint), Settings::default());
            pipeline.points()
        };
        let v1_2 = points_of("v1.2-docker");
        let v1_3 = points_of("v1.3-docker");
        let v2_0 = points_of("v2.0-stats-docker");
        // The endpoints were polled at other moments: complete intervals that all know compare.
        let mut compared = 0;
        for point in v1_2.iter().filter(|point| point.is_complete()) {
            let same = |other: &&cmetrics_core::DataPoint| {
                other.name() == point.name() && other.interval() == point.interval()
            };
            for others in [&v1_3, &v2_0] {
                if let Some(other) = others.iter().find(same).filter(|other| other.is_complete()) {
                    assert_eq!(point, other);
                    compared += 1;
                }
            }
        }
        assert!(compared > 400, "{set}: {compared}");
    }
}

#[test]
fn events_of_the_recordings_are_counted() {
    let pipeline = read_files(&recorded("steady-1s", "v1.2-docker"), Settings::default());
    let [writer] = pipeline.find("writer").unwrap()[..] else { panic!("one writer") };
    assert_eq!(writer.history(Settings::default()).events.restarts.len(), 1);
    let [flappy] = pipeline.find("flappy").unwrap()[..] else { panic!("one flappy") };
    assert!(flappy.history(Settings::default()).events.restarts.len() > 3);
    let duplicates: u64 = pipeline.series().map(|series| series.counts().duplicates).sum();
    let samples: usize = pipeline.series().map(cmetrics_core::Series::len).sum();
    let copies = (duplicates + samples as u64) / samples as u64;
    assert!((6..=8).contains(&copies), "{copies} copies of each sample");

    let narrow = Settings::new(Duration::from_secs(1), Some(Duration::from_secs(1))).unwrap();
    let events = writer.history(narrow).events;
    assert!(!events.gaps.is_empty());
    assert!(events.unattributed[&Metric::CpuUsage] > 0);
}
