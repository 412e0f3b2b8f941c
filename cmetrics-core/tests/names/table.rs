//! Names and labels, and what documents tell.

use std::collections::BTreeMap;

use cmetrics_core::container::{Identity, KubernetesName, Limits};
use cmetrics_core::names::{GaugeFigure, NameOptions, Names, Naming, Subject, Temporality};
use cmetrics_core::store::StoreOptions;
use cmetrics_core::{Container, ErrorKind, Input, Metric, MetricSet, Pipeline, Store, Timestamp};
use serde_json::json;

use crate::read;

const ALL: [Naming; 3] = [Naming::Prometheus, Naming::Heapster, Naming::OpenTelemetry];
/// The metrics that Heapster has no name for.
const WITHOUT_HEAPSTER_NAME: &[&str] = &[
    "cpu.user",
    "cpu.system",
    "cpu.cfs_*",
    "cpu.schedstat_*",
    "cpu.pressure_*",
    "cpu.load_uninterruptible",
    "tasks.*",
    "memory.swap",
    "memory.mapped_file",
    "memory.max_usage",
    "memory.kernel",
    "memory.active_file",
    "memory.inactive_file",
    "memory.file_*",
    "memory.failures",
    "memory.pages_*",
    "memory.refaults_*",
    "memory.events_*",
    "memory.pressure_*",
    "memory.oom_events",
    "memory.referenced",
    "network.tx_packets",
    "network.rx_packets",
    "network.tx_dropped",
    "network.rx_dropped",
    "diskio.async",
    "diskio.sync",
    "diskio.discard",
    "diskio.*_ops",
    "diskio.pressure_*",
    "filesystem.base_usage",
    "processes.*",
];

const ID: &str = "0783690c8f18d473e3308b45c23a8637e250fdbf91712a2c5a8a79415cfba82e";

/// Options with a change.
fn with(change: impl FnOnce(&mut NameOptions)) -> NameOptions {
    let mut options = NameOptions::default();
    change(&mut options);
    options
}

fn names(naming: Naming) -> Names {
    Names::new(naming, NameOptions::default()).unwrap()
}

#[test]
fn each_metric_has_a_name_or_is_in_the_list_of_those_without() {
    let without = |pattern: &&str, metric: Metric| {
        let (before, after) = pattern.split_once('*').unwrap_or((pattern, ""));
        let name = metric.name();
        let is_group = pattern.contains('*');
        name == *pattern
            || (is_group
                && name.len() >= before.len() + after.len()
                && name.starts_with(before)
                && name.ends_with(after))
    };
    for naming in ALL {
        let list = if naming == Naming::Heapster { WITHOUT_HEAPSTER_NAME } else { &[] };
        let named = names(naming).metrics();
        for &metric in Metric::ALL {
            let is_listed = list.iter().any(|pattern| without(pattern, metric));
            assert_ne!(named.contains(metric), is_listed, "{naming}: {metric}");
        }
        for pattern in list {
            let fits = Metric::ALL.iter().any(|metric| without(pattern, *metric));
            assert!(fits, "{naming}: {pattern} is no metric's");
        }
    }
}

#[test]
fn rows_of_a_name_are_adjacent_and_no_two_are_of_one_series() {
    for naming in ALL {
        let names = names(naming);
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        let mut series = Vec::new();
        for (place, name) in names.iter().enumerate() {
            let last = seen.insert(name.name(), place);
            assert!(last.is_none_or(|last| last + 1 == place), "{naming}: {}", name.name());
            assert!(!name.meaning().is_empty() && !name.unit().is_empty(), "{}", name.name());
            series.push((name.name().to_owned(), name.labels()));
        }
        let all = series.len();
        series.sort();
        series.dedup();
        assert_eq!(series.len(), all, "{naming}");
    }
}

#[test]
fn each_wanted_figure_of_a_gauge_has_a_name_of_its_own() {
    let gauges = vec![GaugeFigure::Max, GaugeFigure::Ave, GaugeFigure::Max];
    let wanted = [Metric::MemoryRss, Metric::TasksRunning, Metric::TasksStopped, Metric::CpuUser];
    let options = with(|own| {
        own.gauges = gauges;
        own.metrics = wanted.into_iter().collect();
    });
    let names = Names::new(Naming::Prometheus, options).unwrap();
    let listed: Vec<_> = names.iter().map(|name| name.name()).collect();
    let expected = [
        "container_cpu_user_seconds_total",
        "container_tasks_state",
        "container_tasks_state",
        "container_tasks_state_max",
        "container_tasks_state_max",
        "container_memory_rss",
        "container_memory_rss_max",
    ];
    let figures = listed.iter().filter(|name| !name.starts_with("container_spec_"));
    assert!(figures.eq(expected.iter()), "{listed:?}");
}

#[test]
fn options_that_do_not_go_together_are_refused_by_name() {
    let refused = |naming, options| {
        let error = Names::new(naming, options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Setting);
        error.to_string()
    };
    let both = vec![GaugeFigure::Min, GaugeFigure::Max];
    let delta = Some(Temporality::Delta);
    for (naming, options, part) in [
        (Naming::Heapster, with(|own| own.gauges = both), "gauge"),
        (Naming::Prometheus, with(|own| own.temporality = delta), "temporality"),
        (Naming::OpenTelemetry, with(|own| own.allocatable_cpu = Some(1.0)), "CPU"),
        (Naming::Heapster, with(|own| own.allocatable_cpu = Some(-1.0)), "above 0"),
        (Naming::Heapster, with(|own| own.allocatable_memory = Some(0)), "memory"),
        (Naming::Prometheus, with(|own| own.requests_from_shares = true), "shares"),
    ] {
        let message = refused(naming, options);
        assert!(message.contains(part), "{message}");
    }
}

fn labels(naming: Naming, identity: &Identity) -> Vec<(&'static str, String)> {
    let (names, subject) = (names(naming), Subject::new(identity));
    let maker = names.rows_of(&subject);
    let known: Vec<_> = maker.labels().map(|(label, value)| (label, value.to_owned())).collect();
    let all = names.labels();
    assert!(known.iter().all(|(label, _)| all.contains(label)), "{known:?} of {all:?}");
    known
}

fn label(naming: Naming, identity: &Identity, label: &str) -> Option<String> {
    labels(naming, identity).into_iter().find(|(name, _)| *name == label).map(|(_, value)| value)
}

#[test]
fn a_container_of_docker_is_told_by_its_id() {
    let mut container = Container::at_path(format!("/docker/{ID}"));
    container.aliases = vec!["web".to_owned()];
    container.image = Some("busybox".to_owned());
    let identity = Identity::new(&container, None);
    let texts = |naming| {
        let labels = labels(naming, &identity);
        labels.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(texts(Naming::Prometheus), format!("id={ID} name=web image=busybox"));
    let heapster =
        format!("type=sys_container container_name=docker/{ID} container_base_image=busybox");
    assert_eq!(texts(Naming::Heapster), heapster);
    let otel = format!("container.id={ID} container.name=web container.image.name=busybox");
    assert_eq!(texts(Naming::OpenTelemetry), otel);
}

#[test]
fn a_path_is_the_id_and_its_machine_the_node() {
    let identity = Identity::new(&Container::at_path("/system.slice/ssh.service"), Some("node7"));
    let path = Some("/system.slice/ssh.service".to_owned());
    assert_eq!(label(Naming::Prometheus, &identity, "id"), path);
    assert_eq!(label(Naming::Prometheus, &identity, "node").unwrap(), "node7");
    assert_eq!(label(Naming::OpenTelemetry, &identity, "container.name"), path);
    assert_eq!(label(Naming::OpenTelemetry, &identity, "host.name").unwrap(), "node7");
    let name = label(Naming::Heapster, &identity, "container_name").unwrap();
    assert_eq!(name, "system.slice/ssh.service");
    let root = Identity::new(&Container::at_path("/"), Some("node7"));
    assert_eq!(label(Naming::Heapster, &root, "type").unwrap(), "node");
    assert_eq!(label(Naming::Heapster, &root, "nodename").unwrap(), "node7");
    assert_eq!(label(Naming::Heapster, &root, "container_name"), None);
}

#[test]
fn a_container_of_a_pod_needs_no_id() {
    let pod = KubernetesName::new("shop", "web-0");
    let of = |name: KubernetesName| {
        let mut container = Container::at_path(name.to_string());
        container.kubernetes = Some(name);
        Identity::new(&container, None)
    };
    let nginx = of(pod.clone().container("nginx"));
    assert_eq!(label(Naming::Prometheus, &nginx, "id"), None);
    assert_eq!(label(Naming::Prometheus, &nginx, "container").unwrap(), "nginx");
    assert_eq!(label(Naming::Heapster, &nginx, "type").unwrap(), "pod_container");
    assert_eq!(label(Naming::Heapster, &nginx, "container_name").unwrap(), "nginx");
    assert_eq!(label(Naming::OpenTelemetry, &nginx, "container.name"), None);
    assert_eq!(label(Naming::OpenTelemetry, &nginx, "k8s.container.name").unwrap(), "nginx");
    for whole in [of(pod.clone()), of(pod.container("POD"))] {
        assert_eq!(label(Naming::Heapster, &whole, "type").unwrap(), "pod");
        assert_eq!(label(Naming::Heapster, &whole, "pod_name").unwrap(), "web-0");
    }
}

/// The rows of documents' own figures, at one point without any other.
fn told(naming: Naming, options: NameOptions, subject: &Subject<'_>) -> BTreeMap<String, String> {
    let point =
        json!({"name": "/", "start": 100, "end": 110, "metrics": {"cpu.usage": 5_000_000_000_u64}});
    let names = Names::new(naming, options).unwrap();
    let mut rows = BTreeMap::new();
    let mut maker = names.rows_of(subject);
    maker.add(&read(&[point])[0], &mut |row| {
        rows.insert(row.name().to_owned(), row.value().to_string());
    });
    rows
}

#[test]
fn limits_are_told_at_each_time_and_0_where_there_is_none() {
    let identity = Identity::new(&Container::at_path("/a"), None);
    let mut limits = Limits::default();
    (limits.cpu_cores, limits.cpu_shares) = (Some(0.3), Some(102));
    limits.memory_bytes = Some(1 << 20);
    let limited = Subject::new(&identity).with_limits(limits);
    let free = Subject::new(&identity);
    let by_default = NameOptions::default;
    let rows = told(Naming::Heapster, by_default(), &limited);
    assert_eq!((&*rows["cpu/limit"], &*rows["memory/limit"]), ("300", "1048576"));
    assert!(!rows.contains_key("cpu/request") && !rows.contains_key("cpu/node_capacity"));
    let estimated = with(|own| own.requests_from_shares = true);
    assert_eq!(told(Naming::Heapster, estimated, &limited)["cpu/request"], "100");
    let rows = told(Naming::Heapster, by_default(), &free);
    assert_eq!((&*rows["cpu/limit"], &*rows["memory/limit"]), ("0", "0"));
    let rows = told(Naming::Prometheus, by_default(), &limited);
    assert_eq!(rows["container_spec_cpu_quota"], "30000");
    assert_eq!(rows["container_spec_cpu_period"], "100000");
    let rows = told(Naming::Prometheus, by_default(), &free);
    assert!(!rows.contains_key("container_spec_cpu_quota"));
    assert_eq!(rows["container_spec_memory_limit_bytes"], "0");
}

#[test]
fn what_kubernetes_may_allocate_is_told_of_nodes_where_it_was_given() {
    let root = Identity::new(&Container::at_path("/"), None);
    let slice = Identity::new(&Container::at_path("/system.slice"), None);
    let given = || with(|own| own.allocatable_cpu = Some(2.0));
    let rows = told(Naming::Heapster, given(), &Subject::new(&root).with_cpus(Some(4)));
    assert_eq!((&*rows["cpu/usage_rate"], &*rows["cpu/node_capacity"]), ("500", "4000"));
    assert_eq!(rows["cpu/node_utilization"], "0.25");
    assert_eq!(rows["cpu/node_allocatable"], "2000");
    let rows = told(Naming::Heapster, given(), &Subject::new(&slice).with_cpus(Some(4)));
    assert!(rows.keys().all(|name| !name.contains("node_")), "{rows:?}");
}

#[test]
fn uptime_is_from_the_last_start_before_and_never_below_0() {
    let identity = Identity::new(&Container::at_path("/a"), None);
    let at = |millis: u64| Timestamp::from_nanos(millis * 1_000_000).unwrap();
    let uptime = |starts: &[u64]| {
        let starts = starts.iter().map(|millis| at(*millis));
        let subject = Subject::new(&identity).with_starts(starts);
        let rows = told(Naming::Heapster, NameOptions::default(), &subject);
        rows.get("uptime").cloned()
    };
    assert_eq!(uptime(&[102_000, 98_500, 20_000]).unwrap(), "1500");
    assert_eq!(uptime(&[100_000]).unwrap(), "0");
    assert_eq!((uptime(&[]), uptime(&[100_001])), (None, None));
}

#[test]
fn before_any_known_start_uptime_is_from_the_creation() {
    let identity = Identity::new(&Container::at_path("/a"), None);
    let at = |millis: u64| Timestamp::from_nanos(millis * 1_000_000);
    let uptime = |start: u64, created| {
        let subject = Subject::new(&identity).with_starts(at(start)).with_created(at(created));
        told(Naming::Heapster, NameOptions::default(), &subject).get("uptime").cloned()
    };
    assert_eq!(uptime(98_500, 50_000).unwrap(), "1500");
    assert_eq!(uptime(100_001, 50_000).unwrap(), "50000");
    assert_eq!(uptime(100_001, 100_001), None);
}

#[test]
fn only_the_wanted_metrics_are_needed() {
    let metrics: MetricSet = [Metric::MemoryRss].into_iter().collect();
    for naming in ALL {
        let options = with(|own| own.metrics = metrics);
        assert_eq!(Names::new(naming, options).unwrap().metrics(), metrics, "{naming}");
    }
}

#[test]
fn an_exposition_tells_the_capacity_of_the_machine_in_a_run_and_in_a_store() {
    let text = "container_cpu_usage_seconds_total{cpu=\"cpu00\",id=\"/\"} 1 1600000000000\n\
                container_cpu_usage_seconds_total{cpu=\"cpu00\",id=\"/\"} 2 1600000005000\n\
                container_cpu_usage_seconds_total{cpu=\"cpu00\",id=\"/a\"} 1 1600000000000\n\
                container_cpu_usage_seconds_total{cpu=\"cpu00\",id=\"/a\"} 2 1600000005000\n\
                machine_cpu_cores{machine_id=\"m\"} 4\n\
                machine_memory_bytes{machine_id=\"m\"} 8.201101312e+09\n";
    let mut pipeline = Pipeline::default();
    pipeline.read(Input::bytes("metrics", text)).into_result().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    store.ingest(pipeline.series()).unwrap();
    let mut of_run: Vec<_> = pipeline.series().map(Subject::from).collect();
    of_run.sort_by_key(|subject| subject.identity().name().clone());
    let kept = store.containers().unwrap();
    let of_store =
        kept.iter().map(|bearer| Subject::new(&bearer.identity).with_limits(bearer.limits));
    let capacity = |subject: &Subject<'_>| {
        let rows = told(Naming::Heapster, NameOptions::default(), subject);
        ["cpu/node_capacity", "memory/node_capacity"].map(|name| rows.get(name).cloned())
    };
    let expected = [[Some("4000".to_owned()), Some("8201101312".to_owned())], [None, None]];
    assert_eq!(of_run.iter().map(capacity).collect::<Vec<_>>(), expected);
    assert_eq!(of_store.map(|subject| capacity(&subject)).collect::<Vec<_>>(), expected);
    // What a row of the machine tells goes before the CPUs that it may run on.
    let told = of_run[0].clone().with_cpus(Some(2)).with_machine_memory(Some(1));
    assert_eq!(capacity(&told)[0].as_deref(), Some("4000"));
    assert_eq!(capacity(&told)[1].as_deref(), Some("1"));
    assert_eq!(of_run[1].clone().with_machine_memory(Some(1)).machine_memory(), None);
}
