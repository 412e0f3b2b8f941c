//! `docs/points.md` by example: its worked examples, and a smallest case for each of its sentences,
//! with figures worked out by hand.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::float_cmp, reason = "the figures are exact")]
#![allow(clippy::needless_pass_by_value, reason = "examples read better so")]

mod catalogue;
mod counters;
mod gauges;
mod lists;
mod naming;
mod restarts;
mod samples;
mod shape;
mod sums;

use std::collections::BTreeMap;
use std::time::Duration;

use cmetrics_core::point::Extended;
use cmetrics_core::{Input, MetricSet, Pipeline, Settings};
use serde_json::{Value, json};

struct Dump {
    machine: Option<String>,
    document: Value,
}

#[derive(Clone, Copy)]
struct Options {
    interval: u64,
    max_gap: Option<u64>,
    all_metrics: bool,
    extended: bool,
}

fn read(dumps: &[Dump], options: &Options) -> Pipeline {
    let interval = Duration::from_secs(options.interval);
    let mut settings = Settings::new(interval, options.max_gap.map(Duration::from_secs)).unwrap();
    if options.all_metrics {
        settings = settings.with_metrics(MetricSet::all());
    }
    let mut pipeline = Pipeline::new(settings);
    for dump in dumps {
        let text = dump.document.to_string();
        pipeline
            .read(Input::local_reader("example", text.as_bytes()).machine(dump.machine.as_deref()))
            .into_result()
            .unwrap();
    }
    pipeline
}

fn points_of(dumps: &[Dump], options: &Options) -> Vec<Value> {
    let points = read(dumps, options).points();
    let as_json = |point| {
        if options.extended {
            serde_json::to_value(Extended(point))
        } else {
            serde_json::to_value(point)
        }
    };
    points.iter().map(|point| as_json(point).unwrap()).collect()
}

/// Amounts above 0, by metric.
fn unattributed_of(dumps: &[Dump], options: &Options, name: &str) -> BTreeMap<String, u128> {
    let pipeline = read(dumps, options);
    let found = pipeline.find(name).unwrap();
    let tally = found[0].history(pipeline.settings()).events.unattributed;
    let above_0 = tally.into_iter().filter(|(_, growth)| *growth > 0);
    above_0.map(|(metric, growth)| (metric.name().to_owned(), growth)).collect()
}

/// 2026-01-01T12:00:00Z, an edge of intervals of 1, 5, 10 and 300 s.
const NOON: i64 = 1_767_268_800;

const FIVE_SECONDS: Options =
    Options { interval: 5, max_gap: None, all_metrics: false, extended: false };
const EXTENDED: Options = Options { extended: true, ..FIVE_SECONDS };

const ALL_METRICS: Options = Options { all_metrics: true, ..FIVE_SECONDS };

fn interval(seconds: u64) -> Options {
    Options { interval: seconds, ..FIVE_SECONDS }
}

fn dump(document: Value) -> Dump {
    Dump { machine: None, document }
}

/// A sample taken in the hour after noon, at `MM:SS[.fraction]`.
fn at(minute: &str, mut sections: Value) -> Value {
    sections["timestamp"] = json!(format!("2026-01-01T12:{minute}Z"));
    sections
}

fn v1(stats: &[Value]) -> Value {
    json!({ "name": "/c", "spec": {}, "stats": stats })
}

fn v1_points(stats: &[Value]) -> Vec<Value> {
    points_of(&[dump(v1(stats))], &FIVE_SECONDS)
}

fn v1_metrics(stats: &[Value]) -> Vec<Value> {
    points_of(&[dump(v1(stats))], &ALL_METRICS)
}

fn cpu(total: u64) -> Value {
    json!({ "usage": { "total": total } })
}

fn eth0(tx_packets: u64) -> Value {
    json!({ "interfaces": [{ "name": "eth0", "tx_packets": tx_packets }] })
}

fn device(minor: u64, stats: Value) -> Value {
    json!({ "major": 8, "minor": minor, "stats": stats })
}

fn disk(devices: &[Value]) -> Value {
    json!({ "io_service_bytes": devices })
}

fn reads(read: u64) -> Value {
    disk(&[device(0, json!({ "Read": read }))])
}

/// Seconds after noon at which the points start.
fn starts(points: &[Value]) -> Vec<i64> {
    points.iter().map(|point| point["start"].as_i64().unwrap() - NOON).collect()
}

/// One figure of every point, with the second after noon at which the point starts.
fn figures(points: &[Value], pointer: &str) -> Vec<(i64, Option<f64>)> {
    let figure = |point: &Value| point.pointer(pointer).unwrap().as_f64();
    starts(points).into_iter().zip(points.iter().map(figure)).collect()
}

/// The figures that were measured.
fn measured(points: &[Value], pointer: &str) -> Vec<(i64, f64)> {
    let measured = |(start, figure): (i64, Option<f64>)| Some((start, figure?));
    figures(points, pointer).into_iter().filter_map(measured).collect()
}

fn names(points: &[Value]) -> Vec<&str> {
    points.iter().map(|point| point["name"].as_str().unwrap()).collect()
}

const CPU: &str = "/cpu/usage";
const MEMORY: &str = "/memory/ave";
const PACKETS: &str = "/network/tx_packets";
const READ: &str = "/diskio/read";
