//! The kubelet's `/stats/summary`.

use cmetrics_core::metric::Section;
use cmetrics_core::parse::Door;
use cmetrics_core::{ErrorKind, Metric};

use crate::log::{all, interfaces, read};

pub const SUMMARY: &str = r#"{"node":{"nodeName":"n1","startTime":"2026-11-21T08:00:00Z",
    "systemContainers":[{"name":"kubelet","startTime":"2026-11-21T08:00:01Z",
        "cpu":{"time":"2026-11-21T12:00:01Z","usageNanoCores":5,"usageCoreNanoSeconds":11},
        "memory":{"time":"2026-11-21T12:00:01Z","usageBytes":12,"workingSetBytes":13}}],
    "cpu":{"time":"2026-11-21T12:00:02Z","usageCoreNanoSeconds":21},
    "fs":{"time":"2026-11-21T12:00:02Z","availableBytes":22,"capacityBytes":23,"usedBytes":24,
        "inodesFree":25,"inodes":26,"inodesUsed":27},
    "runtime":{"imageFs":{"time":"2026-11-21T12:00:02Z","usedBytes":99}}},
  "pods":[{"podRef":{"name":"web-0","namespace":"shop","uid":"u1"},
    "startTime":"2026-11-21T09:00:00Z",
    "containers":[{"name":"nginx","startTime":"2026-11-21T09:00:01Z",
        "cpu":{"time":"2026-11-21T12:00:03Z","usageCoreNanoSeconds":31,
            "psi":{"some":{"total":32,"avg10":0.5},"full":{"total":33}}},
        "memory":{"time":"2026-11-21T12:00:03Z","availableBytes":9,"usageBytes":34,
            "workingSetBytes":35,"rssBytes":36,"pageFaults":37,"majorPageFaults":38,
            "psi":{"some":{"total":39},"full":{"total":40}}},
        "io":{"time":"2026-11-21T12:00:03Z","psi":{"some":{"total":41},"full":{"total":42}}},
        "swap":{"time":"2026-11-21T12:00:03Z","swapAvailableBytes":9,"swapUsageBytes":43},
        "rootfs":{"time":"2026-11-21T12:00:04Z","availableBytes":44,"capacityBytes":45,
            "usedBytes":46,"inodesFree":47,"inodes":48,"inodesUsed":9},
        "logs":{"time":"2026-11-21T12:00:09Z","availableBytes":9,"usedBytes":100}}],
    "cpu":{"time":"2026-11-21T12:00:05Z","usageCoreNanoSeconds":51},
    "network":{"time":"2026-11-21T12:00:06Z","name":"eth0","rxBytes":1,"rxErrors":2,"txBytes":3,
        "txErrors":4,"interfaces":[{"name":"eth0","rxBytes":1,"rxErrors":2,"txBytes":3,
        "txErrors":4},{"name":"eth1","rxBytes":5}]},
    "ephemeral-storage":{"time":"2026-11-21T12:00:07Z","usedBytes":61,"capacityBytes":62,
        "availableBytes":63,"inodes":64,"inodesFree":65},
    "process_stats":{"process_count":66},
    "volume":[{"time":"2026-11-21T12:00:08Z","usedBytes":9,"name":"v"}]}]}"#;

#[test]
fn each_section_is_a_sample_at_its_own_time_and_those_of_one_time_are_one() {
    let log = read(SUMMARY);
    assert!(log.errors.is_empty(), "{:?}", log.errors);
    let names = ["n1:/", "n1:/systemContainers/kubelet", "shop/web-0", "shop/web-0/nginx"];
    assert_eq!(log.names(), names);
    assert!(log.containers.iter().all(|received| received.door == Door::Summary));
    let node = log.named("n1:/").sample();
    assert_eq!(
        all(node),
        [
            ("cpu.usage", 21),
            ("filesystem.usage", 24),
            ("filesystem.capacity", 23),
            ("filesystem.available", 22),
            ("filesystem.inodes", 26),
            ("filesystem.inodes_free", 25),
        ]
    );
    let kubelet = log.named("n1:/systemContainers/kubelet").sample();
    let expected = [("cpu.usage", 11), ("memory.usage", 12), ("memory.working_set", 13)];
    assert_eq!(all(kubelet), expected);
    let pod = log.named("shop/web-0");
    let times = ["2026-11-21T12:00:05Z", "2026-11-21T12:00:06Z", "2026-11-21T12:00:07Z"];
    assert_eq!(pod.times(), times);
    assert_eq!(all(pod.at(times[0])), [("cpu.usage", 51), ("processes.count", 66)]);
    assert_eq!(all(pod.at(times[1])), []);
    assert_eq!(interfaces(pod.at(times[1])).len(), 2);
    assert_eq!(
        all(pod.at(times[2])),
        [
            ("filesystem.usage", 61),
            ("filesystem.capacity", 62),
            ("filesystem.available", 63),
            ("filesystem.inodes", 64),
            ("filesystem.inodes_free", 65),
        ]
    );
}

#[test]
fn a_container_tells_pressure_swap_and_its_layer_with_and_without_logs() {
    let log = read(SUMMARY);
    let container = log.named("shop/web-0/nginx");
    assert_eq!(container.times(), ["2026-11-21T12:00:03Z", "2026-11-21T12:00:04Z"]);
    assert_eq!(
        all(&container.samples[0]),
        [
            ("cpu.usage", 31),
            ("cpu.pressure_some", 32),
            ("cpu.pressure_full", 33),
            ("memory.usage", 34),
            ("memory.working_set", 35),
            ("memory.rss", 36),
            ("memory.swap", 43),
            ("memory.page_faults", 37),
            ("memory.major_page_faults", 38),
            ("memory.pressure_some", 39),
            ("memory.pressure_full", 40),
            ("diskio.pressure_some", 41),
            ("diskio.pressure_full", 42),
        ]
    );
    assert_eq!(
        all(&container.samples[1]),
        [
            ("filesystem.usage", 146),
            ("filesystem.base_usage", 46),
            ("filesystem.capacity", 45),
            ("filesystem.available", 44),
            ("filesystem.inodes", 48),
            ("filesystem.inodes_free", 47),
        ]
    );
}

#[test]
fn pods_and_containers_bear_the_name_and_uid_that_kubernetes_gave_them() {
    let log = read(SUMMARY);
    let pod = log.named("shop/web-0").container.kubernetes.as_ref().unwrap();
    assert_eq!((&*pod.namespace, &*pod.pod, &pod.container), ("shop", "web-0", &None));
    let container = &log.named("shop/web-0/nginx").container;
    let name = container.kubernetes.as_ref().unwrap();
    assert_eq!(name.container.as_deref(), Some("nginx"));
    assert_eq!(name.uid.as_deref(), Some("u1"));
    assert_eq!(container.machine.as_deref(), Some("n1"));
    assert_eq!(container.started, None);
}

/// A pod with one container of these members.
pub fn pod(members: &str) -> String {
    let container = format!(r#"{{"name":"a",{members}}}"#);
    format!(
        r#"{{"node":{{"nodeName":"n1"}},"pods":[{{"podRef":{{"name":"p","namespace":"s"}},
        "containers":[{container}]}}]}}"#
    )
}

#[test]
fn zeros_of_what_was_not_measured_are_no_readings() {
    let windows = r#""cpu":{"time":"2026-11-21T12:00:03Z","usageCoreNanoSeconds":0},"memory":{
        "time":"2026-11-21T12:00:04Z","usageBytes":0,"workingSetBytes":7,"rssBytes":0,
        "pageFaults":0,"majorPageFaults":0}"#;
    let log = read(pod(windows));
    let container = log.named("s/p/a");
    assert_eq!(container.times(), ["2026-11-21T12:00:04Z"]);
    assert_eq!(all(container.sample()), [("memory.working_set", 7)]);
    // Where the usage is not there at all, the others are readings.
    let log = read(pod(r#""memory":{"time":"2026-11-21T12:00:04Z","rssBytes":0}"#));
    assert_eq!(all(log.named("s/p/a").sample()), [("memory.rss", 0)]);
}

#[test]
fn a_section_without_a_time_was_not_measured() {
    let time = |time: &str| pod(&format!(r#""cpu":{{{time}"usageCoreNanoSeconds":5}}"#));
    for text in [time(r#""time":null,"#), time(""), time(r#""time":"0001-01-01T00:00:00Z","#)] {
        let log = read(&text);
        assert_eq!(log.named("s/p/a").samples, [], "{text}");
        assert!(log.errors.is_empty(), "{text}");
    }
    let log = read(time(r#""time":"noon","#));
    assert_eq!((log.named("s/p/a").samples.len(), log.faulty), (0, 1));
    let text = r#""rootfs":{"time":"2026-11-21T12:00:04Z","usedBytes":5},"logs":{"usedBytes":6}"#;
    let log = read(pod(text));
    assert_eq!(all(log.named("s/p/a").sample()), [("filesystem.base_usage", 5)]);
}

#[test]
fn the_top_of_the_network_serves_only_where_there_is_no_list() {
    let network = |rest: &str| {
        let text = format!(r#""network":{{"time":"2026-11-21T12:00:04Z",{rest}}}"#);
        interfaces(read(pod(&text)).named("s/p/a").sample())
    };
    let counts = vec![("network.rx_bytes", 7)];
    assert_eq!(network(r#""name":"eth0","rxBytes":7"#), [("eth0".to_owned(), counts.clone())]);
    assert_eq!(network(r#""rxBytes":7"#), [(String::new(), counts)]);
    assert_eq!(network(r#""name":"eth0","rxBytes":7,"interfaces":[]"#), []);
    let empty = read(pod(r#""network":{"time":"2026-11-21T12:00:04Z","name":""}"#));
    assert_eq!(empty.named("s/p/a").samples, []);
}

#[test]
fn of_two_containers_of_one_name_the_one_that_started_last_counts() {
    let container = |start: &str, usage: u32| {
        format!(
            r#"{{"name":"a","startTime":{start},"cpu":{{"time":"2026-11-21T12:00:03Z",
            "usageCoreNanoSeconds":{usage}}}}}"#
        )
    };
    let (old, new) =
        (container("\"2026-11-21T09:00:00Z\"", 1), container("\"2026-11-21T10:00:00Z\"", 2));
    let none = container("null", 3);
    for containers in [[&old, &new, &none], [&new, &none, &old], [&none, &old, &new]] {
        let containers = containers.map(|text| &**text).join(",");
        let log = read(format!(
            r#"{{"node":{{}},"pods":[{{"podRef":{{"name":"p","namespace":"s"}},
            "containers":[{containers}]}}]}}"#
        ));
        assert_eq!(log.names(), ["/", "s/p", "s/p/a"]);
        assert_eq!(all(log.named("s/p/a").sample()), [("cpu.usage", 2)]);
    }
}

#[test]
fn the_name_of_the_node_may_come_last() {
    let log = read(
        r#"{"pods":[],"node":{"cpu":{"time":"2026-11-21T12:00:03Z","usageCoreNanoSeconds":1},
        "systemContainers":[{"name":"pods"}],"nodeName":"n1"}}"#,
    );
    assert_eq!(log.names(), ["n1:/", "n1:/systemContainers/pods"]);
}

#[test]
fn what_has_no_name_or_the_wrong_type_is_left_out_and_named() {
    let log = read(
        r#"{"node":{"nodeName":"n1","systemContainers":[{},7]},"pods":[{"podRef":{"name":"p"}},
        {"podRef":{"namespace":"s"}},{"podRef":{"namespace":"s","name":"p"},"containers":[{}],
        "cpu":{"time":"2026-11-21T12:00:03Z","usageCoreNanoSeconds":"much"},
        "memory":{"time":"2026-11-21T12:00:03Z","usageBytes":7}}]}"#,
    );
    assert_eq!(log.names(), ["n1:/", "s/p"]);
    assert_eq!(all(log.named("s/p").sample()), [("memory.usage", 7)]);
    let fields: Vec<_> = log.errors.iter().map(|error| error.field().unwrap()).collect();
    assert_eq!(
        fields,
        ["name", "name", "podRef.namespace", "podRef.name", "cpu.usageCoreNanoSeconds", "name",]
    );
    assert!(log.errors.iter().all(|error| error.kind() == ErrorKind::Value));
}

#[test]
fn a_wrapped_subtraction_is_no_swap_and_pods_have_no_packets() {
    let swap = r#""swap":{"time":"2026-11-21T12:00:04Z","swapUsageBytes":18446744073709551615},
        "cpu":{"time":"2026-11-21T12:00:04Z","usageCoreNanoSeconds":1}"#;
    let log = read(pod(swap));
    let sample = log.named("s/p/a").sample();
    assert_eq!(sample.get(Metric::MemorySwap), None);
    assert!(!sample.has(Section::Network));
}
