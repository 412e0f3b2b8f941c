//! Empty batches, and news that are no points.

use std::time::Duration;

use super::ingesting::{Between, Ingesting};
use super::points::{START, Spec};
use super::steps::SECOND;
use super::*;
use crate::{Container, Metric, Sample};

fn sample(nanos: u64, cpu: u64) -> Sample {
    let mut sample = Sample::new(Timestamp::from_nanos(START * SECOND + nanos).unwrap());
    sample.set(Metric::CpuUsage, cpu);
    sample
}

fn series(container: &Container, samples: impl IntoIterator<Item = Sample>) -> Series {
    let mut series = Series::new(crate::container::Identity::new(container, None));
    samples.into_iter().for_each(|sample| series.insert(sample));
    series
}

const SPEC: Spec =
    Spec { container: 0, slot: 0, covered: 4, shape: 1, value: 1, figures_only: false };

#[test]
fn a_log_has_its_table_of_metrics_even_if_its_first_batch_was_empty() {
    let disk = Simulated::new();
    let store = open_idle(&disk, StoreOptions::default()).unwrap();
    store.append(&[]).unwrap();
    store.ingest([]).unwrap();
    store.append(&[SPEC.point()]).unwrap();
    let logs = super::disk::Disk::list(&disk).unwrap();
    let log = logs.iter().find(|name| log::log_number(name).is_some()).unwrap();
    let (bytes, name) = (disk.bytes(log).unwrap(), Metric::CpuUsage.name());
    assert!(bytes.windows(name.len()).any(|window| window == name.as_bytes()));
}

#[test]
fn another_name_of_a_container_is_kept_without_a_new_sample() {
    let settings = Settings::default();
    for between in [Between::Kill, Between::Close, Between::Seal, Between::Merge] {
        let mut ingesting = Ingesting::new(settings, 10);
        let mut container = Container::at_path("/docker/a");
        let samples = || (0..60).map(|second| sample(second * SECOND, second));
        ingesting.store().ingest([&series(&container, samples())]).unwrap();
        ingesting.go_on(between);
        container.aliases.push("web".into());
        ingesting.store().ingest([&series(&container, samples())]).unwrap();
        ingesting.go_on(between);
        ingesting.store().append(&[SPEC.point()]).unwrap();
        ingesting.go_on(Between::Seal);
        ingesting.go_on(Between::Kill);
        let found = ingesting.store().find("web", ..).unwrap();
        assert_eq!(&**found[0].identity.name(), "/docker/a", "{between:?}");
    }
}

#[test]
fn a_restart_exactly_at_the_lateness_is_an_event() {
    let ingesting = Ingesting::new(Settings::default(), 1);
    let container = Container::at_path("/a");
    for (millis, cpu) in [(1_000, 100), (11_000, 10), (10_000, 5)] {
        ingesting.store().ingest([&series(&container, [sample(millis * 1_000_000, cpu)])]).unwrap();
    }
    ingesting.store().ingest([&series(&container, [sample(60 * SECOND, 70)])]).unwrap();
    let events = ingesting.store().events(..).unwrap();
    let found: Vec<_> = events.iter().map(|event| (event.at.nanos(), &event.what)).collect();
    assert_eq!(found, [(START * SECOND + 10 * SECOND, &Happening::Restart)]);
}

#[test]
fn retention_keeps_samples_that_are_not_final() {
    let mut ingesting = Ingesting::new(Settings::default(), 10);
    let container = Container::at_path("/a");
    let samples = (0..60).map(|second| sample(second * SECOND, second));
    ingesting.store().ingest([&series(&container, samples)]).unwrap();
    ingesting.go_on(Between::Seal);
    let before = ingesting.store().everything_exactly().unwrap();
    let now = |second: u64| Timestamp::from_nanos((START + second) * SECOND).unwrap();
    for (floor, left) in [(0, 12), (30, 6), (50, 2), (55, 1)] {
        let kept = Retention::Age { now: now(100), age: Duration::from_secs(100 - floor) };
        ingesting.store().retain(kept).unwrap();
        for between in [Between::Nothing, Between::Kill] {
            ingesting.go_on(between);
            let found = ingesting.store().everything_exactly().unwrap();
            assert_eq!(found, before[before.len() - left..], "before {floor} s is dropped");
        }
    }
    let kept = Retention::Age { now: now(100), age: Duration::from_secs(40) };
    ingesting.store().retain(kept).unwrap();
    assert!(ingesting.store().everything().unwrap().is_empty());
    assert!(ingesting.store().containers().unwrap().is_empty());
}
