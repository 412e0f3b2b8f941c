//! OTLP JSON of the collector's `docker_stats` and `kubeletstats` receivers.

use cmetrics_core::parse::{Door, Note, Skipped};
use cmetrics_core::{ErrorKind, Input, Metric, Pipeline};

use crate::engine::ID;
use crate::log::{all, devices, interfaces, own, read};

const DOCKER: &str = "otelcol/dockerstatsreceiver";
const KUBELET: &str =
    "github.com/open-telemetry/opentelemetry-collector-contrib/receiver/kubeletstatsreceiver";
/// 2026-11-21T12:00:00Z.
const TIME: u64 = 1_795_262_400_000_000_000;

fn attributes(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs
        .iter()
        .map(|(key, value)| format!(r#"{{"key":"{key}","value":{{"stringValue":"{value}"}}}}"#));
    format!("[{}]", pairs.collect::<Vec<_>>().join(","))
}

/// A request with one resource of one scope.
pub fn request(resource: &[(&str, &str)], scope: &str, metrics: &[String]) -> String {
    format!(
        r#"{{"resourceMetrics":[{{"resource":{{"attributes":{}}},"scopeMetrics":[{{"scope":{{"name":"{scope}","version":"v0.90.0"}},"metrics":[{}]}}]}}]}}"#,
        attributes(resource),
        metrics.join(",")
    )
}

/// A metric of one data point, whose value is the member `asInt` or `asDouble`.
pub fn sum(name: &str, value: &str) -> String {
    sum_of(name, &[point(value, &[])])
}

pub fn sum_of(name: &str, points: &[String]) -> String {
    let points = points.join(",");
    format!(
        r#"{{"name":"{name}","unit":"1","sum":{{"dataPoints":[{points}],"aggregationTemporality":2,"isMonotonic":true}}}}"#
    )
}

pub fn point(value: &str, with: &[(&str, &str)]) -> String {
    let attributes = attributes(with);
    format!(
        r#"{{"attributes":{attributes},"startTimeUnixNano":"1","timeUnixNano":"{TIME}",{value}}}"#
    )
}

pub fn int(value: u64) -> String {
    format!(r#""asInt":"{value}""#)
}

fn docker(metrics: &[String]) -> String {
    request(&[("container.id", ID), ("container.name", "/web")], DOCKER, metrics)
}

#[test]
fn each_metric_of_docker_stats_is_read() {
    let mut metrics = Vec::new();
    for (number, name) in [
        "cpu.usage.total",
        "cpu.usage.usermode",
        "cpu.usage.kernelmode",
        "cpu.throttling_data.periods",
        "cpu.throttling_data.throttled_periods",
        "cpu.throttling_data.throttled_time",
        "memory.usage.total",
        "memory.usage.max",
        "memory.usage.limit",
        "memory.fails",
        "memory.total_rss",
        "memory.total_cache",
        "memory.total_mapped_file",
        "memory.total_active_file",
        "memory.total_inactive_file",
        "memory.pgfault",
        "memory.pgmajfault",
        "pids.count",
        "pids.limit",
        "cpu.shares",
        // Not read: the machine's, one core's, and figures without child cgroups.
        "cpu.usage.system",
        "cpu.usage.percpu",
        "memory.rss",
        "memory.cache",
        "memory.active_file",
        "memory.percent",
        "uptime",
    ]
    .iter()
    .enumerate()
    {
        metrics.push(sum(&format!("container.{name}"), &int(number as u64 + 1)));
    }
    let log = read(docker(&metrics));
    let received = log.only();
    assert_eq!((received.door, received.name()), (Door::OtlpDocker, ID.to_owned()));
    assert_eq!(received.times(), ["2026-11-21T12:00:00Z"]);
    assert_eq!(
        all(received.sample()),
        [
            ("cpu.usage", 1),
            ("cpu.user", 2),
            ("cpu.system", 3),
            ("cpu.cfs_periods", 4),
            ("cpu.cfs_throttled_periods", 5),
            ("cpu.cfs_throttled_time", 6),
            ("memory.working_set", 7),
            ("memory.rss", 11),
            ("memory.cache", 12),
            ("memory.mapped_file", 13),
            ("memory.max_usage", 8),
            ("memory.active_file", 14),
            ("memory.inactive_file", 15),
            ("memory.failures", 10),
            ("memory.page_faults", 16),
            ("memory.major_page_faults", 17),
            ("processes.threads", 18),
            ("processes.threads_max", 19),
        ]
    );
    let limits = received.container.limits.unwrap();
    assert_eq!((limits.memory_bytes, limits.cpu_shares), (Some(9), Some(20)));
    assert_eq!(received.container.aliases, ["web"]);
    assert_eq!(received.notes, [Note::TimesOfReceiver]);
}

#[test]
fn interfaces_and_devices_are_told_by_attributes() {
    let eth = |name, value| point(&int(value), &[("interface", name)]);
    let disk = |operation, value| {
        let device = [("device_major", "8"), ("device_minor", "1"), ("operation", operation)];
        point(&int(value), &device)
    };
    let old = r#""attributes":[{"key":"device_major","value":{"intValue":"8"}},{"key":"device_minor","value":{"intValue":1}}]"#;
    let old = format!(r#"{{{old},"timeUnixNano":"{TIME}","asInt":"9"}}"#);
    let log = read(docker(&[
        sum_of("container.network.io.usage.rx_bytes", &[eth("eth0", 1), eth("eth1", 2)]),
        sum_of("container.network.io.usage.tx_dropped", &[eth("eth0", 3)]),
        sum_of(
            "container.blockio.io_service_bytes_recursive",
            &[disk("Read", 4), disk("write", 5), disk("total", 6)],
        ),
        sum_of("container.blockio.io_serviced_recursive", &[disk("sync", 7)]),
        sum_of("container.blockio.io_serviced_recursive.read", &[old]),
    ]));
    let sample = log.only().sample();
    assert_eq!(
        interfaces(sample),
        [
            ("eth0".to_owned(), vec![("network.rx_bytes", 1), ("network.tx_dropped", 3)]),
            ("eth1".to_owned(), vec![("network.rx_bytes", 2)]),
        ]
    );
    let disk =
        [("diskio.read", 4), ("diskio.write", 5), ("diskio.sync_ops", 7), ("diskio.read_ops", 9)];
    assert_eq!(devices(sample), [((8, 1), disk.to_vec())]);
}

#[test]
fn memory_of_cgroup_v2_tells_no_failures_and_no_peak() {
    let log = read(docker(&[
        sum("container.memory.fails", &int(5)),
        sum("container.memory.usage.max", &int(0)),
        sum("container.memory.anon", &int(1)),
        sum("container.memory.file", &int(2)),
        sum("container.memory.active_file", &int(3)),
    ]));
    assert_eq!(all(log.only().sample()), [("memory.rss", 1), ("memory.cache", 2)]);
}

#[test]
fn old_collectors_say_that_their_working_set_leaves_out_the_cache() {
    let text = docker(&[sum("container.memory.usage.total", &int(5))]);
    let words = r#""unit":"1","description":"Memory usage. This excludes the total cache.""#;
    let log = read(text.replacen(r#""unit":"1""#, words, 1));
    assert_eq!(log.only().notes, [Note::TimesOfReceiver, Note::WorkingSetWithoutCache]);
}

#[test]
fn values_are_strings_or_numbers_and_never_pass_through_floating_point() {
    let cpu = |value: &str| {
        let log = read(docker(&[sum("container.cpu.usage.total", value)]));
        assert!(log.errors.is_empty(), "{value}: {:?}", log.errors);
        log.containers.first().and_then(|received| received.sample().get(Metric::CpuUsage))
    };
    assert_eq!(cpu(r#""asInt":"9007199254740993""#), Some(9_007_199_254_740_993));
    assert_eq!(cpu(r#""asInt":9007199254740993"#), Some(9_007_199_254_740_993));
    assert_eq!(cpu(r#""as_int":"18446744073709551615""#), Some(u64::MAX));
    assert_eq!(cpu(r#""asDouble":7.0"#), Some(7));
    // A total of 0 is no reading, nor is what was not recorded.
    for none in [
        r#""asInt":"0""#,
        r#""x":0"#,
        r#""asDouble":"NaN""#,
        r#""asDouble":"Infinity""#,
        r#""asDouble":"-Infinity""#,
        r#""asInt":"5","flags":1"#,
        r#""asInt":"5","flags":"3""#,
    ] {
        assert_eq!(cpu(none), None, "{none}");
    }
    assert_eq!(cpu(r#""asInt":"5","flags":2"#), Some(5));
    // Of any other metric a value that is left out is 0.
    let log = read(docker(&[sum("container.pids.count", r#""flags":0"#)]));
    assert_eq!(all(log.only().sample()), [("processes.threads", 0)]);
    let log = read(docker(&[sum("container.pids.count", r#""asInt":"-5""#)]));
    assert_eq!(log.errors[0].found(), Some("-5"));
}

fn kubelet(resource: &[(&str, &str)], metrics: &[String]) -> String {
    request(resource, KUBELET, metrics)
}

const POD: [(&str, &str); 3] =
    [("k8s.pod.uid", "u1"), ("k8s.pod.name", "web-0"), ("k8s.namespace.name", "shop")];

#[test]
fn each_metric_of_kubeletstats_is_read_for_containers_pods_and_nodes() {
    let of = |prefix: &str, network: bool| {
        let io = |value, direction| {
            point(&int(value), &[("interface", "eth0"), ("direction", direction)])
        };
        let own = [
            ("cpu.time", r#""asDouble":263.475389988"#),
            ("memory.usage", r#""asInt":"1""#),
            ("memory.working_set", r#""asInt":"2""#),
            ("memory.rss", r#""asInt":"3""#),
            ("memory.page_faults", r#""asInt":"4""#),
            ("memory.major_page_faults", r#""asInt":"5""#),
            ("filesystem.usage", r#""asInt":"6""#),
            ("filesystem.capacity", r#""asInt":"7""#),
            ("filesystem.available", r#""asInt":"8""#),
            ("memory.available", r#""asInt":"99""#),
            ("cpu.utilization", r#""asDouble":0.5"#),
            ("cpu.pressure.some.total", r#""asInt":"99""#),
        ];
        let mut metrics = own.map(|(name, value)| sum(&format!("{prefix}.{name}"), value)).to_vec();
        if network {
            let both = |name: &str, add: u64| {
                let points = [io(9 + add, "receive"), io(10 + add, "transmit"), io(99, "x")];
                sum_of(&format!("{prefix}.network.{name}"), &points)
            };
            metrics.extend([both("io", 0), both("errors", 2)]);
        }
        metrics
    };
    let expected = [
        ("cpu.usage", 263_475_389_988),
        ("memory.usage", 1),
        ("memory.working_set", 2),
        ("memory.rss", 3),
        ("memory.page_faults", 4),
        ("memory.major_page_faults", 5),
    ];
    let disk = |usage| [(usage, 6), ("filesystem.capacity", 7), ("filesystem.available", 8)];
    let container = [&POD[..], &[("k8s.container.name", "nginx")]].concat();
    let log = read(kubelet(&container, &of("container", false)));
    assert_eq!(
        (log.only().name(), log.only().door),
        ("shop/web-0/nginx".to_owned(), Door::OtlpKubelet)
    );
    let found = all(log.only().sample());
    assert_eq!(found, [&expected[..], &disk("filesystem.base_usage")].concat());
    let name = log.only().container.kubernetes.as_ref().unwrap();
    assert_eq!((name.uid.as_deref(), name.container.as_deref()), (Some("u1"), Some("nginx")));

    let network = [
        ("network.tx_bytes", 10),
        ("network.rx_bytes", 9),
        ("network.tx_errors", 12),
        ("network.rx_errors", 11),
    ];
    for (resource, prefix, name) in
        [(&POD[..], "k8s.pod", "shop/web-0"), (&[("k8s.node.name", "n1")], "k8s.node", "n1:/")]
    {
        let log = read(kubelet(resource, &of(prefix, true)));
        assert_eq!(log.only().name(), name);
        let sample = log.only().sample();
        assert_eq!(all(sample), [&expected[..], &disk("filesystem.usage")].concat());
        assert_eq!(interfaces(sample), [("eth0".to_owned(), network.to_vec())]);
    }
}

#[test]
fn an_id_names_the_container_and_stands_beside_its_kubernetes_name() {
    let id = format!("containerd://{ID}");
    let resource = [&POD[..], &[("k8s.container.name", "nginx"), ("container.id", &id)]].concat();
    let log = read(kubelet(&resource, &[sum("container.memory.rss", &int(1))]));
    assert_eq!(log.only().name(), ID);
    let kubernetes = log.only().container.kubernetes.as_ref().unwrap();
    assert_eq!(kubernetes.to_string(), "shop/web-0/nginx");
}

#[test]
fn texts_that_do_not_say_who_a_container_is_are_its_labels() {
    let resource = [
        ("container.id", ID),
        ("container.name", "web"),
        ("container.runtime", "docker"),
        ("com.example/team", "a \\\"b\\\""),
        ("k8s.pod.labels.app", "shop"),
    ];
    let text = request(&resource, DOCKER, &[sum("container.pids.count", &int(3))]);
    let other =
        r#"[{"key":"count","value":{"intValue":"3"}},{"key":"k","value":{"string_value":"v"}},"#;
    let text = text.replacen(r#""attributes":["#, &format!("\"attributes\":{other}"), 1);
    let expected = [
        ("k", "v"),
        ("container.runtime", "docker"),
        ("com.example/team", "a \"b\""),
        ("k8s.pod.labels.app", "shop"),
    ];
    let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(read(text).only().container.labels, expected);
}

#[test]
fn seconds_of_zero_are_no_reading() {
    let log = read(kubelet(&POD, &[sum("k8s.pod.cpu.time", r#""asDouble":0"#)]));
    assert_eq!(log.containers.len(), 0);
    let log = read(kubelet(&POD, &[sum("k8s.pod.cpu.time", r#""asInt":"2""#)]));
    assert_eq!(all(log.only().sample()), [("cpu.usage", 2_000_000_000)]);
}

#[test]
fn errors_of_interfaces_were_their_bytes_before_version_0_62() {
    let io = point(&int(9), &[("interface", "eth0"), ("direction", "receive")]);
    let text = kubelet(&POD, &[sum_of("k8s.pod.network.errors", &[io])]);
    assert_eq!(read(&text).containers.len(), 1);
    assert_eq!(read(text.replace("v0.90.0", "v0.61.0")).containers.len(), 0);
}

#[test]
fn without_a_scope_the_attributes_tell_the_receiver() {
    let rss = |name: &str| [sum(name, &int(1))];
    let log = read(request(&POD, "", &rss("k8s.pod.memory.rss")));
    assert_eq!(log.only().door, Door::OtlpKubelet);
    let resource = [("container.runtime", "docker"), ("container.id", ID)];
    let log = read(request(&resource, "", &rss("container.memory.total_rss")));
    assert_eq!(log.only().door, Door::OtlpDocker);
    // Where the attributes and the scope come after the metrics.
    let metrics = rss("k8s.pod.memory.rss").concat();
    let resource = attributes(&POD);
    let log = read(format!(
        r#"{{"resourceMetrics":[{{"scopeMetrics":[{{"metrics":[{metrics}],"scope":{{}}}}],"resource":{{"attributes":{resource}}}}}]}}"#
    ));
    assert_eq!(log.only().name(), "shop/web-0");
    // Where the name of a metric comes after its data.
    let gauge = format!(
        r#"{{"gauge":{{"dataPoints":[{}]}},"name":"k8s.pod.memory.rss"}}"#,
        point(&int(1), &[])
    );
    assert_eq!(all(read(kubelet(&POD, &[gauge])).only().sample()), [("memory.rss", 1)]);
}

#[test]
fn old_keys_and_those_of_the_protocol_are_read_too() {
    let text = docker(&[sum("container.pids.count", &int(3))]);
    let old = text
        .replace("scopeMetrics", "instrumentationLibraryMetrics")
        .replace("\"scope\"", "\"instrumentationLibrary\"");
    let protocol = text
        .replace("resourceMetrics", "resource_metrics")
        .replace("scopeMetrics", "scope_metrics")
        .replace("dataPoints", "data_points")
        .replace("timeUnixNano", "time_unix_nano")
        .replace("asInt", "as_int")
        .replace(
            "\"aggregationTemporality\":2",
            "\"aggregation_temporality\":\"AGGREGATION_TEMPORALITY_CUMULATIVE\"",
        );
    for text in [old, protocol] {
        assert_eq!(all(read(&text).only().sample()), [("processes.threads", 3)], "{text}");
    }
}

#[test]
fn deltas_are_refused_by_name_once_a_document() {
    let text = docker(&[
        sum("container.cpu.usage.total", &int(3)),
        sum("container.cpu.usage.usermode", &int(4)),
    ]);
    for delta in [r#"Temporality":1"#, r#"Temporality":"AGGREGATION_TEMPORALITY_DELTA""#] {
        let log = read(text.replace(r#"Temporality":2"#, delta));
        assert_eq!((log.containers.len(), log.errors.len()), (0, 1));
        assert_eq!(log.errors[0].kind(), ErrorKind::Unsupported);
        let words = log.errors[0].to_string();
        assert!(words.contains("container.cpu.usage.total: its aggregation temporality is delta"));
    }
}

#[test]
fn logs_traces_and_metrics_of_other_receivers_are_passed_over_and_counted() {
    let ours = docker(&[sum("container.pids.count", &int(3))]);
    let others =
        request(&[("host.name", "n1")], "otelcol/hostmetricsreceiver", &[sum("x", &int(1))]);
    let text = format!("{others}\n{{\"resourceLogs\":[{{}}]}}\n{{\"resourceSpans\":[]}}\n{ours}");
    let log = read(text);
    assert_eq!(log.only().name(), ID);
    assert_eq!(log.skipped, [(Skipped::OtherMetrics, 1), (Skipped::Logs, 1), (Skipped::Traces, 1)]);
    let volume = [&POD[..], &[("k8s.volume.name", "v")]].concat();
    let log = read(kubelet(&volume, &[sum("k8s.pod.memory.rss", &int(1))]));
    assert_eq!((log.containers.len(), log.errors.len()), (0, 0));
}

#[test]
fn data_points_of_one_time_are_one_sample_and_each_time_is_one() {
    let later =
        sum("container.pids.count", &int(9)).replace(&TIME.to_string(), "1795262410000000000");
    let log = read(docker(&[
        sum("container.pids.count", &int(3)),
        later,
        sum("container.memory.total_rss", &int(4)),
    ]));
    let received = log.only();
    assert_eq!(received.times(), ["2026-11-21T12:00:00Z", "2026-11-21T12:00:10Z"]);
    let metrics = [Metric::ProcessesThreads, Metric::MemoryRss];
    assert_eq!(own(&received.samples[0], metrics), [Some(3), Some(4)]);
    assert_eq!(own(&received.samples[1], metrics), [Some(9), None]);
}

#[test]
fn a_resource_without_a_name_and_times_that_are_none_are_named() {
    let log =
        read(request(&[("k8s.pod.name", "p")], KUBELET, &[sum("k8s.pod.memory.rss", &int(1))]));
    assert_eq!(log.errors[0].field(), Some("resource.attributes"));
    let text = docker(&[sum("container.pids.count", &int(3))]);
    let log = read(text.replace(&TIME.to_string(), "0"));
    assert_eq!((log.only().samples.len(), log.never_taken), (0, 1));
    let log = read(text.replace(&TIME.to_string(), "18446744073709551615"));
    assert_eq!((log.faulty, log.errors[0].field()), (1, Some("timestamp")));
    let log = read(text.replace(&TIME.to_string(), "soon"));
    assert_eq!((log.never_taken, log.errors.len()), (0, 1));
}

#[test]
fn limits_that_come_in_a_request_of_their_own_are_those_of_the_sample() {
    let used = docker(&[sum("container.pids.count", &int(3))]);
    let limits = docker(&[
        sum("container.memory.usage.limit", &int(9)),
        sum("container.cpu.shares", &int(20)),
    ]);
    for text in [format!("{used}\n{limits}"), format!("{limits}\n{used}")] {
        let mut pipeline = Pipeline::default();
        pipeline.read(Input::bytes("requests", &text)).into_result().unwrap();
        let series = pipeline.series().next().unwrap();
        assert_eq!((series.len(), series.identity().id()), (1, Some(ID)));
        let limits = series.limits();
        assert_eq!((limits.memory_bytes, limits.cpu_shares), (Some(9), Some(20)));
    }
}

#[test]
fn of_kubeletstats_it_is_noted_that_readings_may_be_repeated() {
    let log = read(kubelet(&POD, &[sum("k8s.pod.memory.rss", &int(1))]));
    assert_eq!(log.only().notes, [Note::ReadingsRepeated]);
}
