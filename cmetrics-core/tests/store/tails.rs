//! What samples tell besides their values outlives being put into a store.

use cmetrics_core::store::StoreOptions;
use cmetrics_core::{Input, MetricSet, Pipeline, Store};
use serde_json::{Value, json};

use super::ingest::all_points;

const HALF: u64 = 1 << 63;

/// A device that only one list has, and sums that do not fit, in samples that stay raw for long.
fn stats() -> Vec<Value> {
    let device = |stats: Value| json!([{ "major": 8, "minor": 0, "stats": stats }]);
    let sections = [
        json!({ "diskio": { "io_service_bytes": device(json!({ "Read": 100 })) } }),
        json!({ "diskio": { "io_serviced": device(json!({ "Read": 5 })) } }),
        json!({ "filesystem": [{ "usage": HALF }, { "usage": HALF }] }),
        json!({ "diskio": { "io_service_bytes": device(json!({ "Read": 150, "Write": 70 })) } }),
        json!({ "filesystem": [{ "usage": 7 }] }),
        json!({ "diskio": { "io_service_bytes": device(json!({ "Read": 150, "Write": 80 })) } }),
    ];
    let timed = sections.into_iter().enumerate().map(|(index, mut sample)| {
        sample["timestamp"] = json!(format!("2026-01-01T12:00:{:02}Z", index * 7));
        sample
    });
    timed.collect()
}

fn read(stats: &[Value], store: Option<&Store>, metrics: MetricSet) -> Pipeline {
    let settings = cmetrics_core::Settings::default().with_metrics(metrics);
    let mut pipeline = Pipeline::new(store.map_or(settings, Store::settings));
    let text = json!({ "name": "/c", "spec": {}, "stats": stats }).to_string();
    pipeline.read(Input::bytes("stats", text.as_bytes())).into_result().unwrap();
    pipeline
}

#[test]
fn samples_one_by_one_keep_their_lists_and_their_sums_that_do_not_fit() {
    for metrics in [&["diskio.write_ops", "filesystem.usage"][..], &["all"]] {
        let metrics = MetricSet::named(metrics).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let options = StoreOptions::default().with_metrics(metrics);
        for sample in stats() {
            let store = Store::open(folder.path(), options).unwrap();
            store.ingest(read(&[sample], Some(&store), metrics).series()).unwrap();
            store.compact().unwrap();
            store.close().unwrap();
        }
        let store = Store::open_read_only(folder.path(), options).unwrap();
        let expected = read(&stats(), None, metrics).points();
        assert_eq!(all_points(&store), expected);
        assert!(store.verify().unwrap().is_empty());
    }
}
