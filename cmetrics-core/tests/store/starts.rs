//! Starts and odd CPU readings, sample by sample: a store and a recorder tell what a batch tells.

use std::time::Duration;

use cmetrics_core::point::Extended;
use cmetrics_core::recorder::RecorderSettings;
use cmetrics_core::series::Events;
use cmetrics_core::store::{Happening, StoreOptions};
use cmetrics_core::{DataPoint, Input, Pipeline, Recorder, Settings, Store, Timestamp};
use serde_json::{Value, json};

use crate::common::data;
use crate::ingest::all_points;

const TRIALS: [&str; 5] = [
    "restart_hidden.ndjson",
    "known_start.json",
    "dip_zero_all.json",
    "spike.json",
    "tiny_fall.json",
];

/// The documents of a trial, each cut into documents of one sample, in the order of their time.
fn samples_of(trial: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(data().join("trials").join(trial)).unwrap();
    let mut found = Vec::new();
    for document in serde_json::Deserializer::from_str(&text).into_iter::<Value>() {
        for (path, container) in document.unwrap().as_object().unwrap() {
            for sample in container["stats"].as_array().unwrap() {
                let mut alone = container.clone();
                alone["stats"] = json!([sample]);
                found.push((sample["timestamp"].to_string(), json!({ path: alone })));
            }
        }
    }
    found.sort_by(|(left, _), (right, _)| left.cmp(right));
    found.into_iter().map(|(_, document)| document).collect()
}

/// Two odd readings in a row: the second is set aside, and the first would be if it were not for
/// the second.
fn odd_in_a_row() -> Vec<Value> {
    const BEFORE: u64 = 100_000_000_000;
    let readings = [BEFORE, BEFORE - 1, 1 << 60].into_iter().chain((3..40).map(|n| BEFORE + n));
    let document = |(second, used): (u64, u64)| {
        let time = Timestamp::from_nanos((1_795_262_400 + second) * 1_000_000_000).unwrap();
        let mut sample =
            json!({ "timestamp": time.to_string(), "cpu": { "usage": { "total": used } } });
        // Read with the first of them and long after.
        if matches!(second, 1 | 27) {
            let device = json!({ "major": 8, "minor": 0, "stats": { "Read": second * 1_000 } });
            sample["diskio"] = json!({ "io_service_bytes": [device] });
        }
        json!({ "/c": { "name": "/c", "spec": {}, "stats": [sample] } })
    };
    (0..).zip(readings).map(document).collect()
}

fn cases() -> impl Iterator<Item = (&'static str, Vec<Value>)> {
    let trials = TRIALS.into_iter().map(|trial| (trial, samples_of(trial)));
    trials.chain([("two odd readings in a row", odd_in_a_row())])
}

fn batch(documents: &[Value]) -> (Vec<DataPoint>, Events) {
    let mut pipeline = Pipeline::default();
    for document in documents {
        pipeline
            .read(Input::reader("trial", document.to_string().as_bytes()))
            .into_result()
            .unwrap();
    }
    let series = pipeline.series().next().unwrap();
    let history = series.history(Settings::default());
    (history.points, history.events)
}

fn as_json(points: &[DataPoint]) -> Vec<Value> {
    points.iter().map(|point| serde_json::to_value(Extended(point)).unwrap()).collect()
}

fn times(store: &Store, kind: &Happening) -> Vec<Timestamp> {
    let events = store.events(..).unwrap().into_iter();
    events.filter(|event| event.what == *kind).map(|event| event.at).collect()
}

#[test]
fn a_store_that_is_opened_anew_for_each_sample_tells_what_a_batch_tells() {
    for ((trial, documents), lateness) in cases().flat_map(|case| [(case.clone(), 0), (case, 3)]) {
        let folder = tempfile::tempdir().unwrap();
        let options = StoreOptions::default().with_lateness(Duration::from_secs(lateness));
        for count in 1..=documents.len() {
            let store = Store::open(folder.path(), options).unwrap();
            let mut pipeline = Pipeline::new(store.settings());
            pipeline
                .read(Input::reader("trial", documents[count - 1].to_string().as_bytes()))
                .into_result()
                .unwrap();
            store.ingest(pipeline.series()).unwrap();
            let (points, events) = batch(&documents[..count]);
            let context = format!("{trial}, lateness {lateness}, {count} samples");
            assert_eq!(as_json(&all_points(&store)), as_json(&points), "{context}");
            assert_eq!(times(&store, &Happening::Restart), events.restarts, "{context}");
            assert_eq!(times(&store, &Happening::SetAside), events.set_aside, "{context}");
            store.close().unwrap();
        }
    }
}

#[test]
fn a_recorder_that_resumes_for_each_sample_tells_what_a_batch_tells() {
    for (trial, documents) in cases() {
        let folder = tempfile::tempdir().unwrap();
        let options = StoreOptions::default().with_lateness(Duration::from_secs(1));
        let mut drained = Vec::new();
        for (number, document) in documents.iter().enumerate() {
            let store = Store::open(folder.path(), options).unwrap();
            let recorder = Recorder::resume(RecorderSettings::of(&store), &store).unwrap();
            let mut source = recorder.source("trial", None);
            assert!(source.ingest(document.to_string().as_bytes()).errors.is_empty());
            drop(source);
            recorder.keep(&store).unwrap();
            if number + 1 == documents.len() {
                recorder.flush_all();
            }
            recorder.drain(&mut |point| drained.push(point));
            store.close().unwrap();
        }
        assert_eq!(as_json(&drained), as_json(&batch(&documents).0), "{trial}");
    }
}

#[test]
fn a_recorder_that_is_drained_at_each_sample_tells_what_a_batch_tells() {
    for (trial, documents) in cases() {
        let recorder =
            Recorder::new(RecorderSettings::default().with_lateness(Duration::from_secs(0)));
        let mut source = recorder.source("trial", None);
        let mut drained = Vec::new();
        for document in &documents {
            assert!(source.ingest(document.to_string().as_bytes()).errors.is_empty());
            recorder.drain(&mut |point| drained.push(point));
        }
        recorder.flush_all();
        recorder.drain(&mut |point| drained.push(point));
        assert_eq!(as_json(&drained), as_json(&batch(&documents).0), "{trial}");
    }
}

/// A document of one container: when it was started, and its samples, each a second and what it
/// has besides.
fn document(starts: &[u64], samples: &[(u64, Value)]) -> String {
    let time = |second: u64| {
        Timestamp::from_nanos((1_795_262_400 + second) * 1_000_000_000).unwrap().to_string()
    };
    let samples = samples.iter().map(|(second, sample)| {
        let mut sample = sample.clone();
        sample["timestamp"] = time(*second).into();
        sample
    });
    let spec =
        |start: Option<u64>| json!({ "cpu": { "mask": "0-3" }, "start_time": start.map(time) });
    let starts = starts.iter().map(|start| json!({ "name": "/c", "spec": spec(Some(*start)) }));
    let last = json!({ "name": "/c", "spec": spec(None), "stats": samples.collect::<Vec<_>>() });
    starts.chain([last]).map(|document| document.to_string()).collect()
}

fn cpu(used: u64) -> Value {
    json!({ "cpu": { "usage": { "total": used } } })
}

fn read(settings: Settings, texts: &[String]) -> Pipeline {
    let mut pipeline = Pipeline::new(settings);
    for text in texts {
        pipeline.read(Input::reader("dump", text.as_bytes())).into_result().unwrap();
    }
    pipeline
}

/// Ingests each of these, with a new opening of the store and a compaction between any two.
fn ingested(settings: Settings, lateness: u64, texts: &[String]) -> Vec<DataPoint> {
    let folder = tempfile::tempdir().unwrap();
    let options = StoreOptions::default()
        .with_max_gap(settings.max_gap())
        .with_lateness(Duration::from_secs(lateness));
    for text in texts {
        let store = Store::open(folder.path(), options).unwrap();
        store.ingest(read(settings, std::slice::from_ref(text)).series()).unwrap();
        store.compact().unwrap();
        store.close().unwrap();
    }
    all_points(&Store::open(folder.path(), options).unwrap())
}

#[test]
fn starts_are_kept_of_a_container_without_samples_and_of_samples_still_to_come() {
    let settings = Settings::default();
    let twenty: Vec<_> = (1..=20).collect();
    for texts in [
        [document(&[1], &[]), document(&[], &[(6, cpu(5_000_000_000))])],
        [document(&twenty, &[(30, cpu(1_000_000_000))]), document(&[], &[(6, cpu(3_000_000_000))])],
    ] {
        let expected = read(settings, &texts).points();
        assert_eq!(as_json(&ingested(settings, 180, &texts)), as_json(&expected));
    }
}

#[test]
fn a_start_counts_for_what_is_first_read_once_earlier_intervals_are_final() {
    let settings = Settings::default();
    let disk = json!({ "major": 8, "minor": 0, "stats": { "Read": 15_000 } });
    let mut with_disk = cpu(15_000_000_000);
    with_disk["diskio"] = json!({ "io_service_bytes": [disk] });
    let texts = |first: Value| {
        [
            document(&[1], &[(6, first), (16, with_disk.clone())]),
            document(&[], &[(100, cpu(20_000_000_000)), (186, cpu(25_000_000_000))]),
            document(&[], &[(196, cpu(25_000_000_000))]),
        ]
    };
    let from = |start: u64, points: &[DataPoint]| {
        let points =
            points.iter().filter(|point| point.interval().start() >= 1_795_262_400 + start);
        as_json(&points.cloned().collect::<Vec<_>>())
    };
    // Without a CPU reading in the first sample, nothing is final before the next.
    let texts_without = texts(json!({ "memory": { "usage": 1_024 } }));
    let expected = read(settings, &texts_without).points();
    assert_eq!(from(0, &ingested(settings, 180, &texts_without)), from(0, &expected));
    // With one, the interval before it is, and the disk is not in it.
    let texts = texts(cpu(5_000_000_000));
    let expected = read(settings, &texts).points();
    assert_eq!(from(5, &ingested(settings, 180, &texts)), from(5, &expected));
}

#[test]
fn a_dump_that_is_ingested_again_changes_no_point() {
    let odd: Vec<_> = [(5, 120), (6, 19), (7, 18), (8, 14_000)]
        .into_iter()
        .chain((1..60).map(|n| (8 + n * 10, 14_000 + n * 1_000)))
        .map(|(second, millis)| (second, cpu(millis * 1_000_000)))
        .collect();
    let restart = [(326, cpu(2_715_000_000)), (327, json!({})), (478, cpu(2_715_000_000))];
    let restart = [&restart[..], &[(1_211, json!({}))]].concat();
    for (settings, lateness, text) in [
        (Settings::default(), 180, document(&[], &odd)),
        (
            Settings::new(Duration::from_secs(5), Some(Duration::from_secs(20))).unwrap(),
            60,
            document(&[15, 327], &restart),
        ),
    ] {
        let expected = as_json(&read(settings, std::slice::from_ref(&text)).points());
        for times in 1..=3 {
            let texts = vec![text.clone(); times];
            assert_eq!(as_json(&ingested(settings, lateness, &texts)), expected, "{times} times");
        }
    }
}
