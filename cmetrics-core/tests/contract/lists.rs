//! The two lists of block devices, each of which counts for itself, whatever is read of the other.

use super::*;

fn operations(devices: &[Value]) -> Value {
    json!({ "io_serviced": devices })
}

/// The points where these metrics are asked for.
fn asked(stats: &[Value], metrics: &[&str]) -> Vec<Value> {
    let metrics = MetricSet::named(metrics).unwrap();
    let mut pipeline = Pipeline::new(Settings::default().with_metrics(metrics));
    pipeline
        .read(Input::reader("example", v1(stats).to_string().as_bytes()))
        .into_result()
        .unwrap();
    pipeline.points().iter().map(|point| serde_json::to_value(point).unwrap()).collect()
}

const WRITTEN: &str = "/diskio/write";

/// Selections that read different fields of either list.
const SELECTIONS: [&[&str]; 5] = [
    &[],
    &["diskio.write_ops"],
    &["diskio.read_ops"],
    &["diskio.sync_ops", "diskio.write_ops"],
    &["all"],
];

#[test]
fn a_device_that_only_the_list_of_operations_has_is_not_listed_in_that_of_bytes() {
    let stats = [
        at("00:00", json!({ "diskio": disk(&[device(0, json!({ "Read": 100 }))]) })),
        at("00:01", json!({ "diskio": operations(&[device(0, json!({ "Read": 5 }))]) })),
        at("00:02", json!({ "diskio": disk(&[device(0, json!({ "Read": 150, "Write": 70 }))]) })),
    ];
    for metrics in SELECTIONS {
        let points = asked(&stats, metrics);
        assert_eq!(measured(&points, WRITTEN), [(0, 70.0)], "{metrics:?}");
        assert_eq!(measured(&points, READ), [(0, 50.0)], "{metrics:?}");
    }
}

#[test]
fn a_device_that_only_the_list_of_bytes_has_is_not_listed_in_that_of_operations() {
    let with = |bytes: Value, ops: Value| json!({ "io_service_bytes": bytes, "io_serviced": ops });
    let stats = [
        at("00:00", json!({ "diskio": with(json!([device(0, json!({}))]), json!([])) })),
        at("00:01", json!({ "diskio": operations(&[device(0, json!({ "Write": 9 }))]) })),
    ];
    let name = "diskio.write_ops";
    for metrics in [&[name][..], &["all"]] {
        let points = asked(&stats, metrics);
        assert_eq!(measured(&points, &format!("/metrics/{name}")), [(0, 9.0)], "{metrics:?}");
    }
}

#[test]
fn a_field_that_is_new_to_a_device_of_its_own_list_is_a_first_reading() {
    let stats = [
        at("00:00", json!({ "diskio": disk(&[device(0, json!({ "Sync": 1 }))]) })),
        at("00:01", json!({ "diskio": disk(&[device(0, json!({}))]) })),
        at("00:02", json!({ "diskio": disk(&[device(0, json!({ "Write": 70 }))]) })),
    ];
    for metrics in SELECTIONS {
        assert_eq!(measured(&asked(&stats, metrics), WRITTEN), [], "{metrics:?}");
    }
}

#[test]
fn a_copy_that_completes_a_sample_keeps_its_lists_apart() {
    let sample = |second: u64, diskio: Value| {
        let mut sample = at(&format!("00:0{second}"), json!({ "cpu": cpu(second) }));
        sample["diskio"] = diskio;
        sample
    };
    let told = [
        sample(0, disk(&[device(0, json!({ "Read": 100 }))])),
        sample(1, operations(&[device(0, json!({ "Read": 5 }))])),
        sample(2, disk(&[device(0, json!({ "Read": 150, "Write": 70 }))])),
    ];
    let machine =
        [0, 1, 2].map(|second| at(&format!("00:0{second}"), json!({ "cpu": cpu(second) })));
    let settings =
        Settings::default().with_metrics(MetricSet::named(&["diskio.write_ops"]).unwrap());
    let mut pipeline = Pipeline::new(settings);
    pipeline
        .read(Input::reader("machine", json!(machine).to_string().as_bytes()))
        .into_result()
        .unwrap();
    pipeline
        .read(Input::reader("root", json!({ "name": "/", "stats": told }).to_string().as_bytes()))
        .into_result()
        .unwrap();
    let points = pipeline.points();
    assert_eq!(points[0].growth(cmetrics_core::Metric::DiskioWrite), Some(70));
}
