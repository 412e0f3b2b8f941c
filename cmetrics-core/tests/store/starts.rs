//! Starts and odd CPU readings, sample by sample: a store and a recorder tell what a batch tells.

use cmetrics_core::{
    DataPoint, Events, Extended, Happening, Pipeline, Recorder, RecorderSettings, Settings, Store,
    StoreOptions, Timestamp,
};
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

fn batch(documents: &[Value]) -> (Vec<DataPoint>, Events) {
    let mut pipeline = Pipeline::default();
    for document in documents {
        pipeline.read("trial", document.to_string().as_bytes());
    }
    let series = pipeline.series().next().unwrap();
    let history = series.history(Settings::default());
    (history.points, history.events)
}

fn as_json(points: &[DataPoint]) -> Vec<Value> {
    points.iter().map(|point| serde_json::to_value(Extended(point)).unwrap()).collect()
}

fn times(store: &Store, kind: &Happening) -> Vec<Timestamp> {
    let events = store.events(0..u64::MAX).unwrap().into_iter();
    events.filter(|event| event.what == *kind).map(|event| event.at).collect()
}

#[test]
fn a_store_that_is_opened_anew_for_each_sample_tells_what_a_batch_tells() {
    for (trial, lateness) in TRIALS.into_iter().flat_map(|trial| [(trial, 0), (trial, 3)]) {
        let folder = tempfile::tempdir().unwrap();
        let options = StoreOptions::default().with_lateness(lateness);
        let documents = samples_of(trial);
        for count in 1..=documents.len() {
            let store = Store::open(folder.path(), options).unwrap();
            let mut pipeline = Pipeline::new(store.settings());
            pipeline.read("trial", documents[count - 1].to_string().as_bytes());
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
    for trial in TRIALS {
        let folder = tempfile::tempdir().unwrap();
        let options = StoreOptions::default().with_lateness(1);
        let documents = samples_of(trial);
        let mut drained = Vec::new();
        for (number, document) in documents.iter().enumerate() {
            let store = Store::open(folder.path(), options).unwrap();
            let recorder = Recorder::resume(RecorderSettings::of(&store), &store).unwrap();
            recorder.source("trial", None).ingest(document.to_string().as_bytes());
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
