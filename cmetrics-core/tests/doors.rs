//! Several doors of one container, together (`docs/doors.md`).

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use cmetrics_core::parse::Door;
use cmetrics_core::{Input, Metric, Pipeline, Settings};
use common::{as_json, assert_alike, data, expositions, read_files, recorded, unpacked};
use serde_json::Value;

const ID: &str = "0783690c8f18d473e3308b45c23a8637e250fdbf91712a2c5a8a79415cfba82e";

/// All recordings, with an endpoint of each.
const SETS: [(&str, &str); 4] = [
    ("dynamic", "v1.2-docker"),
    ("steady-1s", "v1.3-docker"),
    ("v060-1s", "v1.3-docker"),
    ("v060-oom", "v1.3-docker"),
];

fn read(inputs: &[&str]) -> Pipeline {
    let mut pipeline = Pipeline::default();
    for input in inputs {
        pipeline.read(Input::bytes("input", input)).into_result().unwrap();
    }
    pipeline
}

#[test]
fn recorded_replies_and_expositions_together_give_the_expected_points() {
    for (set, endpoint) in SETS {
        let path = data().join(format!("expected/{set}.doors.json.gz"));
        let expected: Vec<Value> = serde_json::from_str(&unpacked(&path)).unwrap();
        let (replies, scrapes) = (recorded(set, endpoint), expositions(set));
        for paths in [[replies.clone(), scrapes.clone()], [scrapes, replies]] {
            let pipeline = read_files(&paths.concat(), Settings::default());
            assert_alike(&as_json(&pipeline), &expected, set);
        }
    }
}

#[test]
fn no_figure_of_recorded_replies_changes_when_expositions_are_added() {
    for (set, endpoint) in SETS {
        let (replies, scrapes) = (recorded(set, endpoint), expositions(set));
        let alone = read_files(&replies, Settings::default()).points();
        let both = read_files(&[replies, scrapes].concat(), Settings::default()).points();
        let mut both = both.iter();
        for point in &alone {
            let ranked = both
                .find(|ranked| {
                    (ranked.name(), ranked.interval()) == (point.name(), point.interval())
                })
                .unwrap();
            assert_eq!((ranked.samples(), ranked.coverage()), (point.samples(), point.coverage()));
            for &metric in Metric::ALL {
                assert!(point.value(metric).is_none_or(|own| ranked.value(metric) == Some(own)));
            }
        }
    }
}

/// A reply of the Docker Engine, and the reading of CPU before it.
fn engine(second: u64, cpu: u64) -> String {
    format!(
        r#"{{"id": "{ID}", "read": "2026-11-21T12:00:{second:02}Z",
            "preread": "2026-11-21T12:00:{:02}Z",
            "cpu_stats": {{"cpu_usage": {{"total_usage": {cpu}}}}},
            "precpu_stats": {{"cpu_usage": {{"total_usage": {}}}}},
            "memory_stats": {{"usage": 4096}}}}"#,
        second - 1,
        cpu - 100,
    )
}

#[test]
fn a_sample_of_which_a_document_tells_only_the_cpu_is_completed_by_another_document() {
    let (first, second) = (engine(3, 1_000), engine(4, 1_100));
    let in_order = read(&[&first, &second]).points();
    assert_eq!(in_order, read(&[&second, &first]).points());
    let series = read(&[&second, &first]);
    let series = series.series().next().unwrap();
    let memory: Vec<_> = series.samples().map(|sample| sample.get(Metric::MemoryUsage)).collect();
    assert_eq!(memory, [None, Some(4096), Some(4096)]);
}

#[test]
fn a_sample_that_documents_tell_interface_by_interface_is_one() {
    let rows = |second: u64| {
        let bytes = second * 1_000;
        let time = (1_795_262_400 + second) * 1_000;
        ["rx e0", "tx e0", "rx e1", "tx e1"].map(|what| {
            let (direction, interface) = what.split_once(' ').unwrap();
            let direction = if direction == "rx" { "receive" } else { "transmit" };
            format!(
                "container_network_{direction}_bytes_total{{id=\"/a\",interface=\"{interface}\"}} {bytes} \
                 {time}\n"
            )
        })
    };
    let (first, second) = (rows(3), rows(13));
    let whole = read(&[&first.concat(), &second.concat()]).points();
    for order in [[0, 1, 2, 3], [3, 1, 0, 2], [2, 3, 1, 0]] {
        let parts = order.map(|index| [&*first[index], &second[index]]);
        assert_eq!(read(parts.as_flattened()).points(), whole);
    }
}

#[test]
fn a_name_in_kubernetes_is_the_id_that_another_door_tells() {
    let scrape = format!(
        "container_memory_usage_bytes{{container=\"nginx\",id=\"/kubepods/podu1/{ID}\",\
         namespace=\"shop\",pod=\"web-0\"}} 4096 1795262403000\n\
         container_memory_usage_bytes{{id=\"/kubepods/podu1\"}} 8192 1795262403000\n"
    );
    let summary = r#"{"node": {"nodeName": "n1"}, "pods": [{"podRef":
        {"name": "web-0", "namespace": "shop", "uid": "u1"},
        "memory": {"time": "2026-11-21T12:00:03Z", "usageBytes": 8192},
        "containers": [{"name": "nginx",
            "memory": {"time": "2026-11-21T12:00:04Z", "usageBytes": 4096}}]}]}"#;
    for inputs in [[&*scrape, summary], [summary, &scrape]] {
        let pipeline = read(&inputs);
        let names: Vec<_> =
            pipeline.series().map(|series| series.identity().name().to_string()).collect();
        assert_eq!(names, ["/kubepods/podu1", ID, "n1:/"]);
        for series in pipeline.series().take(2) {
            let mut doors: Vec<_> =
                series.chains().map(cmetrics_core::series::Chain::door).collect();
            doors.sort_unstable();
            assert_eq!(doors, [Door::Exposition, Door::Summary]);
        }
        assert_eq!(pipeline.find("shop/web-0/nginx").unwrap().len(), 1);
        let pod = pipeline.find("shop/web-0").unwrap()[0].identity().clone();
        assert_eq!(
            (&**pod.name(), pod.paths()),
            ("/kubepods/podu1", &["/kubepods/podu1".into()][..])
        );
    }
    // A second id of the name: it stands for neither.
    let other = scrape.replace(ID, &"1".repeat(64));
    let pipeline = read(&[summary, &scrape, &other]);
    let names: Vec<_> =
        pipeline.series().map(|series| series.identity().name().to_string()).collect();
    assert_eq!(names, ["/kubepods/podu1", ID, &"1".repeat(64), "n1:/", "shop/web-0/nginx"]);
    // Unless it was created in the same second.
    let created = |scrape: &str, second: f64| {
        let row =
            scrape.lines().next().unwrap().replace("memory_usage_bytes", "start_time_seconds");
        let labels = row.split_once('}').unwrap().0;
        format!("{scrape}{labels}}} {second} 1795262403000\n")
    };
    let summary = summary
        .replace(r#""name": "nginx","#, r#""name": "nginx", "startTime": "2026-11-21T11:59:00Z","#);
    let (scrape, other) = (created(&scrape, 1_795_262_340.75), created(&other, 1_795_262_339.75));
    let pipeline = read(&[&summary, &scrape, &other]);
    let names: Vec<_> =
        pipeline.series().map(|series| series.identity().name().to_string()).collect();
    assert_eq!(names, ["/kubepods/podu1", ID, &"1".repeat(64), "n1:/"]);
    assert_eq!(pipeline.find(ID).unwrap()[0].chains().count(), 2);
}

#[test]
fn labels_follow_the_names_that_are_joined_and_parted() {
    let reply = |id: &str, second: u32| {
        format!(
            r#"{{"/docker/{id}": {{"spec": {{"labels": {{"io.kubernetes.pod.namespace": "shop",
                "io.kubernetes.pod.name": "web-0", "io.kubernetes.container.name": "nginx",
                "team": "json"}}}},
                "stats": [{{"timestamp": "2026-11-21T12:00:{second:02}Z"}}]}}}}"#
        )
    };
    let lines = r#"{"resourceMetrics":[{"resource":{"attributes":[
        {"key":"k8s.namespace.name","value":{"stringValue":"shop"}},
        {"key":"k8s.pod.name","value":{"stringValue":"web-0"}},
        {"key":"k8s.container.name","value":{"stringValue":"nginx"}},
        {"key":"team","value":{"stringValue":"otlp"}},
        {"key":"tier","value":{"stringValue":"1"}}]},
        "scopeMetrics":[{"scope":{"name":"otelcol/kubeletstatsreceiver"},"metrics":[
        {"name":"container.memory.rss","gauge":{"dataPoints":[
        {"timeUnixNano":"1795262405000000000","asInt":"1"}]}}]}]}]}"#;
    let mut pipeline = Pipeline::new(Settings::default().with_labels());
    let mut labels = |input: &str| {
        pipeline.read(Input::bytes("input", input)).into_result().unwrap();
        let of = |series: &cmetrics_core::Series| {
            let identity = series.identity();
            ["team", "tier"].map(|key| identity.label(key).unwrap_or("-").to_owned())
        };
        pipeline.series().map(of).collect::<Vec<_>>()
    };
    assert_eq!(labels(&reply(ID, 3)), [["json", "-"]]);
    // Of a label that both doors tell the newest value counts.
    assert_eq!(labels(lines), [["otlp", "1"]]);
    assert_eq!(labels(&reply(ID, 9)), [["json", "1"]]);
    // Two containers of one name: which one the lines are of is no longer known.
    let other = ID.replace('0', "1");
    let parted = [["json", "-"], ["json", "-"], ["otlp", "1"]];
    assert_eq!(labels(&reply(&other, 9)), parted);
}
