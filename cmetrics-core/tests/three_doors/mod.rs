//! Documents of one container that come by three doors.

pub(crate) mod recreated;

use cmetrics_core::Timestamp;
use proptest::prelude::*;

pub(crate) const ID: &str = "0783690c8f18d473e3308b45c23a8637e250fdbf91712a2c5a8a79415cfba82e";
/// 2026-11-21T12:00:00Z.
pub(crate) const BEGIN: u64 = 1_795_262_400;

/// Makes a document of the second after the beginning, and the tenths of a second of CPU that the
/// container has used.
pub(crate) type Writer = fn(second: u64, tenths: u64) -> String;

#[derive(Clone, Debug)]
pub(crate) struct Reading {
    door: usize,
    /// After the last one of the door.
    seconds: u64,
    /// The growth since, or a fall to it.
    growth: u64,
    restarts: bool,
}

pub(crate) fn readings() -> impl Strategy<Value = Vec<Reading>> {
    let one = (0..3_usize, 1..40_u64, 0..50_u64, prop::bool::weighted(0.2));
    let one = one.prop_map(|(door, seconds, growth, restarts)| Reading {
        door,
        seconds,
        growth,
        restarts,
    });
    prop::collection::vec(one, 1..40)
}

/// The documents of readings, in which each door's lie in rising time.
pub(crate) fn documents(readings: &[Reading], reply: Writer) -> Vec<String> {
    timed_documents(readings, reply).into_iter().map(|(_, document)| document).collect()
}

/// The same, all in rising time.
pub(crate) fn documents_in_step(readings: &[Reading], reply: Writer) -> Vec<String> {
    let mut timed = timed_documents(readings, reply);
    timed.sort_by_key(|(time, _)| *time);
    timed.into_iter().map(|(_, document)| document).collect()
}

fn timed_documents(readings: &[Reading], reply: Writer) -> Vec<(u64, String)> {
    let (mut at, mut used) = ([0; 3], [0; 3]);
    let document = |reading: &Reading| {
        let door = reading.door;
        at[door] += reading.seconds;
        used[door] = if reading.restarts { reading.growth } else { used[door] + reading.growth };
        (at[door], [scrape, reply, summary][door](at[door], used[door]))
    };
    readings.iter().map(document).collect()
}

pub(crate) fn scrape(second: u64, tenths: u64) -> String {
    let time = (BEGIN + second) * 1000;
    let used = format!("{}.{}", tenths / 10, tenths % 10);
    format!(
        "container_cpu_usage_seconds_total{{id=\"/docker/{ID}\",cpu=\"total\"}} {used} {time}\n\
         container_memory_usage_bytes{{id=\"/docker/{ID}\"}} 4096 {time}\n"
    )
}

/// A reply of cAdvisor. `told` are further members of its `spec`, each with a comma.
pub(crate) fn reply(told: &str, second: u64, tenths: u64) -> String {
    let time = Timestamp::from_seconds(BEGIN + second).unwrap();
    let used = tenths * 100_000_000;
    format!(
        r#"{{"/docker/{ID}": {{"spec": {{{told} "labels": {{"app": "web",
            "io.kubernetes.pod.namespace": "shop", "io.kubernetes.pod.name": "web-0",
            "io.kubernetes.container.name": "nginx"}}}},
            "stats": [{{"timestamp": "{time}", "cpu": {{"usage": {{"total": {used}}}}}}}]}}}}"#
    )
}

/// A summary, which knows the container by its name in Kubernetes.
pub(crate) fn summary(second: u64, tenths: u64) -> String {
    let time = Timestamp::from_seconds(BEGIN + second).unwrap();
    let used = tenths * 100_000_000;
    format!(
        r#"{{"node": {{"nodeName": "n1"}}, "pods": [{{"podRef":
            {{"name": "web-0", "namespace": "shop", "uid": "u1"}},
            "containers": [{{"name": "nginx",
                "cpu": {{"time": "{time}", "usageCoreNanoSeconds": {used}}},
                "memory": {{"time": "{time}", "usageBytes": 8192}}}}]}}]}}"#
    )
}
