//! OTLP JSON that cmetrics itself wrote.

use std::collections::BTreeSet;

use cmetrics_core::names::{Name, NameOptions, Names, Naming};
use cmetrics_core::parse::Door;
use cmetrics_core::{ErrorKind, Metric, MetricSet};

use crate::engine::ID;
use crate::log::{all, devices, interfaces, own, read};
use crate::otlp::{int, point, request, sum, sum_of};

fn written(resource: &[(&str, &str)], metrics: &[String]) -> String {
    request(resource, "cmetrics", metrics)
}

fn of_container(metrics: &[String]) -> String {
    written(&[("container.id", ID), ("container.name", "web")], metrics)
}

#[test]
fn each_metric_that_is_written_is_read() {
    let mut options = NameOptions::default();
    options.metrics = MetricSet::all();
    let names = Names::new(Naming::OpenTelemetry, options).unwrap();
    let metric = |name: Name<'_>| sum_of(name.name(), &[point(&int(7), name.labels())]);
    let metrics: Vec<_> = names.iter().map(metric).collect();
    let log = read(of_container(&metrics));
    assert_eq!(log.only().door, Door::OtlpCmetrics);
    let sample = log.only().sample();
    let of_lists = interfaces(sample).into_iter().map(|(_, read)| read);
    let of_lists = of_lists.chain(devices(sample).into_iter().map(|(_, read)| read));
    let read: BTreeSet<_> = of_lists.flatten().chain(all(sample)).map(|(name, _)| name).collect();
    assert_eq!(read, Metric::ALL.iter().map(|metric| metric.name()).collect());
}

#[test]
fn figures_are_read_as_readings() {
    let faults = [
        point(&int(30), &[("system.paging.fault.type", "minor")]),
        point(&int(4), &[("system.paging.fault.type", "major")]),
    ];
    let log = read(of_container(&[
        sum("container.cpu.time", r#""asDouble":0.000000001"#),
        sum("container.memory.usage", r#""asDouble":4096.5001"#),
        sum("cmetrics.cpu.load", r#""asDouble":0.1234"#),
        sum_of("container.paging.faults", &faults),
        sum("container.uptime", r#""asDouble":12.5"#),
    ]));
    let metrics = [Metric::CpuUsage, Metric::MemoryUsage, Metric::CpuLoad];
    assert_eq!(own(log.only().sample(), metrics), [Some(1), Some(4097), Some(123)]);
    let faults = [Metric::MemoryPageFaults, Metric::MemoryMajorPageFaults];
    assert_eq!(own(log.only().sample(), faults), [Some(34), Some(4)]);
    assert_eq!(all(log.only().sample()).len(), 5);
    assert_eq!(log.only().notes, []);
}

#[test]
fn a_sum_of_zero_is_a_reading_and_one_kind_of_faults_alone_is_not_all() {
    let major = [point(&int(4), &[("system.paging.fault.type", "major")])];
    let log = read(of_container(&[
        sum("container.cpu.time", r#""asDouble":0"#),
        sum_of("container.paging.faults", &major),
    ]));
    let expected = [("cpu.usage", 0), ("memory.major_page_faults", 4)];
    assert_eq!(all(log.only().sample()), expected);
}

#[test]
fn page_faults_under_their_own_name_count_before_their_kinds() {
    let kinds = [
        point(&int(30), &[("system.paging.fault.type", "minor")]),
        point(&int(4), &[("system.paging.fault.type", "major")]),
    ];
    let metrics =
        [sum("cmetrics.memory.page_faults", &int(35)), sum_of("container.paging.faults", &kinds)];
    for metrics in [metrics.to_vec(), metrics.iter().rev().cloned().collect()] {
        let log = read(of_container(&metrics));
        let expected = [("memory.page_faults", 35), ("memory.major_page_faults", 4)];
        assert_eq!(all(log.only().sample()), expected);
    }
}

#[test]
fn a_cgroup_keeps_its_path_as_its_name() {
    let metrics = [sum("container.memory.rss", &int(1))];
    let name = |resource: &[(&str, &str)]| read(written(resource, &metrics)).only().name();
    assert_eq!(name(&[("container.name", "/system.slice")]), "/system.slice");
    assert_eq!(name(&[("container.name", "/"), ("host.name", "n1")]), "n1:/");
    let pod = [("k8s.namespace.name", "shop"), ("k8s.pod.name", "web-0")];
    assert_eq!(name(&pod), "shop/web-0");
    let within = [&pod[..], &[("container.name", "/docker/a/kubepods/podu")]].concat();
    assert_eq!(name(&within), "/docker/a/kubepods/podu");
    assert_eq!(name(&[("container.id", ID), ("container.name", "web")]), ID);
}

#[test]
fn our_deltas_are_refused_with_what_to_write_instead() {
    let text = of_container(&[sum("container.cpu.time", r#""asDouble":1"#)]);
    let log = read(text.replace(r#"Temporality":2"#, r#"Temporality":1"#));
    assert_eq!((log.containers.len(), log.errors.len()), (0, 1));
    assert_eq!(log.errors[0].kind(), ErrorKind::Unsupported);
    let words = log.errors[0].to_string();
    assert!(words.contains("container.cpu.time: its aggregation temporality is delta"), "{words}");
    assert!(words.contains("--temporality cumulative"), "{words}");
}
