//! Small inputs after public bug reports: each stands for a kind of input that people have.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::float_cmp, reason = "tests")]

mod common;

use cmetrics_core::series::Events;
use cmetrics_core::{DataPoint, Metric, Pipeline, Settings, Timestamp};
use common::{as_json, data, read_files};

const ID: &str = "0783690c8f18a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1";

fn trial(files: &[&str]) -> Pipeline {
    let paths: Vec<_> = files.iter().map(|file| data().join("trials").join(file)).collect();
    read_files(&paths, Settings::default())
}

fn of_container(pipeline: &Pipeline) -> (Vec<DataPoint>, Events) {
    let mut series = pipeline.series();
    let series = series.find(|series| &**series.identity().name() == ID).unwrap();
    let history = series.history(Settings::default());
    (history.points, history.events)
}

fn growths(points: &[DataPoint], metric: Metric) -> Vec<u64> {
    points.iter().filter_map(|point| point.growth(metric)).collect()
}

fn memory_kib(point: &DataPoint) -> f64 {
    point.gauge(Metric::MemoryUsage).unwrap().ave / 1024.0
}

fn names(pipeline: &Pipeline) -> Vec<String> {
    pipeline.series().map(|series| series.identity().name().to_string()).collect()
}

fn at(time: &str) -> Timestamp {
    Timestamp::parse(time).unwrap().unwrap()
}

/// One sample of the trial changes nothing but the CPU time, which is as if it were not there.
fn assert_one_sample_is_set_aside(file: &str, cpu: [u64; 2]) {
    let (points, events) = of_container(&trial(&[file]));
    assert_eq!(growths(&points, Metric::CpuUsage), cpu, "{file}");
    let memory: Vec<_> = points.iter().map(memory_kib).collect();
    assert_eq!(memory, [8192.0, 8192.0], "{file}");
    assert_eq!(growths(&points, Metric::NetworkRxBytes), [2000, 2000], "{file}");
    assert_eq!(events.set_aside, [at("2026-11-21T12:00:05Z")], "{file}");
    assert_eq!(events.restarts, [], "{file}");
    assert_eq!((events.corrections, events.implausible), (vec![], vec![]), "{file}");
}

#[test]
fn of_the_cgroups_that_bear_one_id_the_containers_own_alone_is_called_by_it() {
    for file in ["podman_only.json", "podman_sub.json", "podman_v21.json", "mount_old.json"] {
        let (points, _) = of_container(&trial(&[file]));
        let cpu = growths(&points, Metric::CpuUsage);
        assert_eq!(cpu, [4_000_000_000, 5_000_000_000, 1_000_000_000], "{file}");
        assert!(points.iter().all(|point| memory_kib(point) == 51_200.0), "{file}");
    }
    assert_eq!(names(&trial(&["podman_only.json"])), [ID]);
    let scope = format!("/machine.slice/libpod-{ID}.scope/");
    let conmon = format!("/machine.slice/libpod-conmon-{ID}.scope");
    assert_eq!(names(&trial(&["podman_sub.json"])), [scope, conmon, ID.to_owned()]);
    let of_mount = names(&trial(&["mount_old.json"]));
    assert_eq!(of_mount.len(), 2);
    assert!(of_mount[0].starts_with('/') && of_mount[0].contains(".mount"), "{of_mount:?}");
    assert_eq!(of_mount[1], ID);
}

#[test]
fn documents_with_ids_and_without_give_podmans_cgroups_alike() {
    assert_eq!(as_json(&trial(&["podman_sub.json"])), as_json(&trial(&["podman_v21.json"])));
}

#[test]
fn a_cpu_counter_that_falls_by_a_microsecond_was_no_restart() {
    assert_one_sample_is_set_aside("tiny_fall.json", [3_000_000_000, 3_000_000_000]);
}

#[test]
fn a_sample_of_zeros_is_set_aside() {
    assert_one_sample_is_set_aside("dip_zero_all.json", [4_000_000_000, 4_000_000_000]);
}

#[test]
fn a_spike_is_set_aside() {
    assert_one_sample_is_set_aside("spike.json", [4_000_000_000, 4_000_000_000]);
}

#[test]
fn two_collectors_that_stamp_their_samples_late_make_no_restarts() {
    let (points, events) = of_container(&trial(&["two_a.json", "two_b.json"]));
    assert_eq!(growths(&points, Metric::CpuUsage), [3_970_000_000, 4_030_000_000]);
    assert_eq!(events.restarts, []);
}

#[test]
fn a_restart_that_the_cpu_counter_has_outgrown_is_told_by_its_start() {
    let (points, events) = of_container(&trial(&["restart_hidden.ndjson"]));
    assert_eq!(growths(&points, Metric::CpuUsage).iter().sum::<u64>(), 4_060_000_000);
    assert_eq!(growths(&points, Metric::DiskioRead).iter().sum::<u64>(), 2_008_192);
    assert_eq!(points[0].interval().start(), 1_795_262_370);
    assert_eq!(events.restarts, [at("2026-11-21T12:00:03.01Z")]);
}

#[test]
fn what_a_container_used_before_its_first_sample_counts_from_its_start_on() {
    let (points, events) = of_container(&trial(&["known_start.json"]));
    assert_eq!(points[0].interval().start(), 1_795_262_395);
    assert_eq!(growths(&points, Metric::CpuUsage), [33_333_333, 26_666_667]);
    assert_eq!(growths(&points, Metric::DiskioRead), [666_666, 1_333_334]);
    assert_eq!(growths(&points, Metric::NetworkRxBytes), [100_000]);
    let coverage: Vec<_> = points.iter().map(DataPoint::coverage).collect();
    assert_eq!(coverage, [Some(0.4), Some(0.6)]);
    assert_eq!(events.restarts, []);
}
