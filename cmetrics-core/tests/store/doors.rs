//! Doors: a store and a recorder keep samples of one door for a container.

use std::time::Duration;

use cmetrics_core::recorder::RecorderSettings;
use cmetrics_core::store::StoreOptions;
use cmetrics_core::{DataPoint, Input, Pipeline, Recorder, Settings, Store, Timestamp};

use crate::ingest::all_points;

const ID: &str = "0783690c8f18d473e3308b45c23a8637e250fdbf91712a2c5a8a79415cfba82e";
/// 2026-11-21T12:00:00Z.
const BEGIN: u64 = 1_795_262_400;

/// A scrape in which the container has used 100 ms of CPU for each second since the beginning.
fn scrape(second: u64) -> String {
    let (tenths, time) = (second + 10, (BEGIN + second) * 1000);
    let used = format!("{}.{}", tenths / 10, tenths % 10);
    format!(
        "container_cpu_usage_seconds_total{{id=\"/docker/{ID}\",cpu=\"total\"}} {used} {time}\n\
         container_memory_usage_bytes{{id=\"/docker/{ID}\"}} 4096 {time}\n"
    )
}

/// A reply of the same container, of which the CPU reading is another one.
fn reply(second: u64) -> String {
    let time = Timestamp::from_seconds(BEGIN + second).unwrap();
    let used = second * 200_000_000;
    format!(
        r#"{{"/docker/{ID}": {{"spec": {{"labels": {{"app": "web", "io.kubernetes.pod.namespace": "shop",
            "io.kubernetes.pod.name": "web-0", "io.kubernetes.container.name": "nginx"}}}},
            "stats": [{{"timestamp": "{time}", "cpu": {{"usage": {{"total": {used}}}}}}}]}}}}"#
    )
}

fn read(inputs: &[String]) -> Pipeline {
    let mut pipeline = Pipeline::new(Settings::default().with_labels());
    for input in inputs {
        pipeline.read(Input::bytes("input", input)).into_result().unwrap();
    }
    pipeline
}

fn points_of(inputs: &[String]) -> Vec<DataPoint> {
    read(inputs).points()
}

fn options() -> StoreOptions {
    StoreOptions::default().with_lateness(Duration::from_secs(2))
}

#[test]
fn a_store_keeps_samples_of_the_door_that_it_met_first() {
    let folder = tempfile::tempdir().unwrap();
    let scrapes: Vec<_> = (0..8).map(|n| scrape(n * 7)).collect();
    let replies: Vec<_> = (0..8).map(|n| reply(n * 7 + 3)).collect();
    let store = Store::open(folder.path(), options()).unwrap();
    store.ingest(read(&scrapes[..4]).series()).unwrap();
    let kept = store.ingest(read(&replies).series()).unwrap();
    assert_eq!((kept.accepted, kept.other_doors), (0, 8));
    store.close().unwrap();

    let store = Store::open(folder.path(), options()).unwrap();
    let both = [&scrapes[4..], &replies[..]].concat();
    let kept = store.ingest(read(&both).series()).unwrap();
    assert_eq!((kept.accepted, kept.other_doors), (4, 8));
    let points = all_points(&store);
    assert!(points.len() > 8);
    assert_eq!(points, points_of(&scrapes));
}

#[test]
fn of_two_doors_at_once_a_store_keeps_the_higher() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), options()).unwrap();
    let (scrapes, replies) = ([scrape(0), scrape(9)], [reply(3), reply(13)]);
    let kept = store.ingest(read(&[scrapes, replies.clone()].concat()).series()).unwrap();
    assert_eq!((kept.accepted, kept.other_doors), (2, 2));
    assert_eq!(all_points(&store), points_of(&replies));
}

#[test]
fn labels_and_names_in_kubernetes_are_stored() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), options()).unwrap();
    store.ingest(read(&[reply(0), reply(9)]).series()).unwrap();
    store.close().unwrap();
    let store = Store::open(folder.path(), options()).unwrap();
    store.compact().unwrap();
    let [found] = &store.find("shop/web-0/nginx", ..).unwrap()[..] else { panic!("one container") };
    assert_eq!(&**found.identity.name(), ID);
    assert_eq!(found.identity.kubernetes().unwrap().to_string(), "shop/web-0/nginx");
    assert_eq!(found.identity.labels()["app"], "web");
}

#[test]
fn a_recorder_keeps_samples_of_the_door_that_it_met_first() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), options()).unwrap();
    let settings = RecorderSettings::of(&store);
    let recorder = Recorder::resume(settings, &store).unwrap();
    let mut source = recorder.source("node", None);
    let mut counts = (0, 0);
    for n in 0..8 {
        for input in [scrape(n * 7), reply(n * 7 + 3)] {
            let ingested = source.ingest(input.as_bytes());
            assert!(ingested.errors.is_empty(), "{:?}", ingested.errors);
            counts = (counts.0 + ingested.accepted, counts.1 + ingested.other_doors);
        }
        recorder.keep(&store).unwrap();
    }
    assert_eq!(counts, (8, 8));
    let scrapes: Vec<_> = (0..8).map(|n| scrape(n * 7)).collect();
    assert_eq!(all_points(&store), points_of(&scrapes));
    let kept = store.ingest(read(&[reply(3)]).series()).unwrap();
    assert_eq!(kept.other_doors, 1);
}
