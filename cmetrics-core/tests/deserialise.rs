//! Whatever JSON is read as one of the library's values: it is refused, or the value can be used.
//! Tests run with checks for overflow, so that arithmetic that wraps is found here.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    missing_docs,
    reason = "tests"
)]

#[allow(unreachable_pub, reason = "the fuzzer shares this file")]
#[path = "../fuzz/deserialise.rs"]
mod deserialise;

use std::sync::LazyLock;
use std::time::Duration;

use cmetrics_core::container::Limits;
use cmetrics_core::point::{Extended, RollUp, Table};
use cmetrics_core::{DataPoint, Input, MetricSet, Pipeline, Settings};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value, json};

/// Two containers: one with samples close together, one with a gauge on a line and a growth that
/// does not fit.
const DUMP: &str = r#"{
    "/a": {"spec": {"has_memory": true, "memory": {"limit": 8192}}, "stats": [
        {"timestamp": "2026-11-21T12:00:01Z", "cpu": {"usage": {"total": 5}},
         "memory": {"usage": 4096, "working_set": 2048}},
        {"timestamp": "2026-11-21T12:00:03Z", "cpu": {"usage": {"total": 9}},
         "memory": {"usage": 8192, "working_set": 4096}}]},
    "/b": {"stats": [
        {"timestamp": "2026-11-21T12:00:01Z", "memory": {"usage": 4096},
         "network": {"interfaces": [{"name": "a", "tx_bytes": 0}, {"name": "b", "tx_bytes": 0}]}},
        {"timestamp": "2026-11-21T12:00:19Z", "memory": {"usage": 1024},
         "network": {"interfaces": [{"name": "a", "tx_bytes": 18446744073709551615},
                                    {"name": "b", "tx_bytes": 18446744073709551615}]}}]}}"#;

/// Values of each kind as they are written.
static WRITTEN: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let settings = Settings::default().with_metrics(MetricSet::named(&["memory.*"]).unwrap());
    let mut pipeline = Pipeline::new(settings.with_shares());
    pipeline.read(Input::bytes("dump.json", DUMP.as_bytes())).into_result().unwrap();
    let points = pipeline.points();
    let mut table = Table::new(points[0].selected());
    for point in &points {
        table.push(point);
    }
    let limits = Limits::default();
    let mut written: Vec<_> =
        points.iter().map(|point| serde_json::to_value(Extended(point)).unwrap()).collect();
    written.push(serde_json::to_value(&points).unwrap());
    written.push(serde_json::to_value(&table).unwrap());
    written.push(serde_json::to_value(limits).unwrap());
    written.push(serde_json::to_value(pipeline.find("/a").unwrap()[0].identity()).unwrap());
    written.push(json!({ "unattributed": { "metric": "cpu.usage", "growth": 5 } }));
    written
});

fn check(value: &Value) {
    deserialise::check(&serde_json::to_vec(value).unwrap());
}

#[test]
fn what_was_written_can_be_read_and_used() {
    WRITTEN.iter().for_each(check);
}

fn point(start: u64, end: u64, samples: u64) -> DataPoint {
    let text = serde_json::to_string(&WRITTEN[0]).unwrap();
    let mut value: Value = serde_json::from_str(&text).unwrap();
    value["start"] = json!(start);
    value["end"] = json!(end);
    value["samples"] = json!(samples);
    serde_json::from_value(value).unwrap()
}

#[test]
fn samples_beyond_64_bits_are_not_known_in_the_wider_point() {
    let points = [point(0, 5, u64::MAX), point(5, 10, u64::MAX)];
    let wide = RollUp::new(Duration::from_secs(10)).unwrap().of(points).unwrap();
    assert_eq!(wide[0].samples(), None);
    assert_eq!(wide[0].cpu_cores(), point(0, 5, 1).cpu_cores());
}

/// The table of `WRITTEN`, changed.
fn table(change: impl Fn(&mut Value)) -> Result<Table, serde_json::Error> {
    let mut value = WRITTEN.iter().find(|value| value.get("keys").is_some()).unwrap().clone();
    change(&mut value);
    check(&value);
    serde_json::from_value(value)
}

#[test]
fn a_table_s_line_must_lie_around_its_interval() {
    let line = json!({ "Between": [[1_795_262_401_000_000_000_u64, 5], [1_795_262_419_000_000_000_u64, 9]] });
    let set = |row: usize, line: &Value| {
        let line = line.clone();
        move |table: &mut Value| {
            let columns = table["levels"].as_array_mut().unwrap();
            let memory = columns.iter_mut().find(|column| column[0] == "memory.usage").unwrap();
            memory[1][row] = line.clone();
        }
    };
    // Of /b, the interval from 12:00:05 on lies between its readings, that from 12:00:00 does not.
    table(set(2, &line)).unwrap();
    for (row, line) in [(1, &line), (2, &json!({ "Between": [[9, 5], [3, 9]] }))] {
        table(set(row, line)).unwrap_err();
    }
    for readings in [
        json!({ "number": 0, "sum_high": 0, "sum_low": 0, "min": 0, "max": 0 }),
        json!({ "number": 2, "sum_high": 0, "sum_low": 9, "min": 5, "max": 5 }),
        json!({ "number": 2, "sum_high": 1, "sum_low": 9, "min": 5, "max": 5 }),
        json!({ "number": 2, "sum_high": 0, "sum_low": 9, "min": 5, "max": 4 }),
    ] {
        table(set(2, &json!({ "Read": readings }))).unwrap_err();
    }
}

#[test]
fn a_table_s_intervals_and_covered_times_must_be_possible() {
    table(|_| ()).unwrap();
    for interval in [[0, u64::MAX], [u64::MAX - 1, u64::MAX], [0, i64::MAX as u64 / 1_000_000 + 1]]
    {
        table(|table| table["intervals"][0] = json!(interval)).unwrap_err();
    }
    for nanos in [5_000_000_001, u64::MAX] {
        table(|table| table["watched"][0] = json!({ "Nanos": nanos })).unwrap_err();
    }
    table(|table| table["too_large"] = json!([[0, ["no such metric"]]])).unwrap_err();
    table(|table| table["too_large"] = json!([[99, ["cpu.usage"]]])).unwrap_err();
}

/// Numbers and texts that are likely to be wrong where they stand.
fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        prop::sample::select(vec![0, 1, 5, 1 << 32, 1 << 63, u64::MAX - 1, u64::MAX])
            .prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(vec!["", "cpu.usage", "memory.usage", "Nanos", "/a"])
            .prop_map(Value::from),
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec![
        "name",
        "start",
        "end",
        "samples",
        "coverage",
        "cpu",
        "memory",
        "metrics",
        "of_limit",
        "keys",
        "names",
        "intervals",
        "watched",
        "shares",
        "growths",
        "levels",
        "too_large",
        "selected",
        "limits",
        "gap",
        "from",
        "paths",
        "aliases",
        "has_id",
    ]);
    leaf().prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..6).prop_map(|entries| {
                let entries = entries.into_iter().map(|(key, value)| (key.to_owned(), value));
                Value::Object(entries.collect::<Map<_, _>>())
            }),
        ]
    })
}

/// How many values there are in this one, itself included.
fn size(value: &Value) -> usize {
    1 + match value {
        Value::Array(values) => values.iter().map(size).sum(),
        Value::Object(entries) => entries.values().map(size).sum(),
        _ => 0,
    }
}

/// Puts `new` in the place of the value of this number.
fn replace(value: &mut Value, number: &mut usize, new: &Value) {
    if *number == 0 {
        *value = new.clone();
    }
    *number = number.wrapping_sub(1);
    match value {
        Value::Array(values) => values.iter_mut().for_each(|value| replace(value, number, new)),
        Value::Object(entries) => {
            entries.values_mut().for_each(|value| replace(value, number, new));
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_json_is_refused_or_can_be_used(value in any_json()) {
        check(&value);
    }

    #[test]
    fn what_was_written_and_changed_is_refused_or_can_be_used(
        which: Index,
        changes in prop::collection::vec((any::<Index>(), leaf()), 1..4),
    ) {
        let mut value = WRITTEN[which.index(WRITTEN.len())].clone();
        for (place, new) in changes {
            let mut number = place.index(size(&value));
        replace(&mut value, &mut number, &new);
        }
        check(&value);
    }
}
