//! Every row of the metric table, by every path, so that no path can miss a new row.

use cmetrics_core::metric::Scope;
use cmetrics_core::parse::{Instructions, Parser};
use cmetrics_core::{Metric, MetricSet, Sample};

use crate::common::data;
use crate::differential::event::Event;
use crate::differential::harness::read;
use crate::differential::input::Input;
use crate::differential::json::Json;
use crate::differential::receiver::WantPolicy;

/// The metrics that v2.1 `stats` does not have.
const NOT_IN_V2_1: [Metric; 4] = [
    Metric::FilesystemCapacity,
    Metric::FilesystemAvailable,
    Metric::FilesystemInodes,
    Metric::FilesystemInodesFree,
];

/// How much the numbers of each sample exceed those of the first; some become longer, too.
const STEPS: [u64; 4] = [0, 7, 900, 12_345_678_901_234];

/// A document of each kind with one sample, which has each metric with a number of its own.
fn templates() -> [(&'static str, Json); 4] {
    let document = |name: &str| {
        Json::parse(&std::fs::read_to_string(data().join("catalogue").join(name)).unwrap())
    };
    let mut v2 = document("v2.0.json");
    let mut machine =
        v2.pick(&mut crate::differential::rng::Rng::new(0), &is_stats).unwrap().clone();
    machine.each(&mut |json| {
        if json.is_sample() {
            let told = |key: &str| !key.starts_with("has_") && !NOT_OF_MACHINE.contains(&key);
            json.members().unwrap().retain(|(key, _)| told(key.trim_matches('"')));
            let network = json.get("network").and_then(Json::members).unwrap();
            network.retain(|(key, _)| key.trim_matches('"') == "interfaces");
        }
    });
    [
        ("v1", document("v1.json")),
        ("v2.0", v2),
        ("v2.1", document("v2.1.json")),
        ("machinestats", machine),
    ]
}

/// Keys that samples of the machine do not have.
const NOT_OF_MACHINE: [&str; 6] =
    ["diskio", "processes", "task_stats", "referenced_memory", "oom_events", "accelerators"];

/// The metrics under these keys, by the beginnings of their names.
const METRICS_NOT_OF_MACHINE: [&str; 6] =
    ["diskio.", "processes.", "tasks.", "memory.referenced", "memory.oom_events", "gpu."];

fn is_stats(json: &Json) -> bool {
    matches!(json, Json::List(items) if items.iter().any(Json::is_sample))
}

/// The document with a sample for each step.
fn with_steps(document: &Json) -> String {
    let mut document = document.clone();
    document.each(&mut |json| {
        if is_stats(json) {
            let items = json.items().unwrap();
            let first = items[0].clone();
            *items = (0..STEPS.len()).map(|step| stepped(&first, step)).collect();
        }
    });
    document.text()
}

fn stepped(sample: &Json, step: usize) -> Json {
    let mut sample = sample.clone();
    *sample.get("timestamp").unwrap() = Json::raw(format!("\"2026-11-21T12:00:0{step}Z\""));
    sample.each(&mut |json| {
        if let Json::Raw(raw) = json
            && let Some(number) = as_metric(raw)
        {
            *raw = (number + STEPS[step]).to_string();
        }
    });
    sample
}

/// The number, if it stands for a metric in a template: other numbers are smaller, or a device's.
fn as_metric(raw: &str) -> Option<u64> {
    raw.parse().ok().filter(|&number| number > 100 && number != 254)
}

/// Removes from a sample everything but this number, and the keys that identify whose it is.
fn keep_only(json: &mut Json, number: u64) -> bool {
    match json {
        Json::Raw(raw) => as_metric(raw) == Some(number),
        Json::List(items) => {
            items.retain_mut(|item| keep_only(item, number));
            !items.is_empty()
        }
        Json::Object(members) => {
            let whose = ["name", "major", "minor", "has_inodes", "timestamp"];
            let is_whose = |key: &str| whose.contains(&key.trim_matches('"'));
            members.retain_mut(|(key, value)| is_whose(key) || keep_only(value, number));
            members.iter().any(|(key, _)| !is_whose(key))
        }
    }
}

fn value(sample: &Sample, metric: Metric) -> Option<u64> {
    match metric.scope() {
        Scope::Interface => sample.interfaces().next()?.readings.get(metric),
        Scope::Device => sample.devices().find_map(|device| device.readings.get(metric)),
        _ => sample.get(metric),
    }
}

/// The values of a metric that a parser reads, one for each sample.
fn values(parser: &mut Parser, text: &str, metric: Metric) -> Vec<Option<u64>> {
    let events = read(parser, WantPolicy::Everything, Input::Slice, text.as_bytes());
    assert!(!events.iter().any(|event| event.error().is_some()), "{events:?}");
    let of_sample = |event: &Event| match event {
        Event::Sample(sample, _) => Some(value(sample, metric)),
        _ => None,
    };
    events.iter().filter_map(of_sample).collect()
}

/// Calls `check` with each metric and each kind of document that has it: the kind's name and
/// template, the metric, and the number that stands for it.
fn each_row(check: &mut dyn FnMut(&str, &Json, Metric, u64)) {
    for (kind, template) in templates() {
        let text = with_steps(&template);
        for &metric in Metric::ALL {
            let mut strict = Parser::strict(MetricSet::all());
            if let Some(number) = values(&mut strict, &text, metric)[0] {
                check(kind, &template, metric, number);
                continue;
            }
            let begins = |start: &&str| metric.name().starts_with(*start);
            let is_missing = match kind {
                "v2.1" => NOT_IN_V2_1.contains(&metric),
                _ => kind == "machinestats" && METRICS_NOT_OF_MACHINE.iter().any(begins),
            };
            assert!(is_missing, "{metric}: {kind}");
        }
    }
}

fn expected(number: u64) -> Vec<Option<u64>> {
    STEPS.iter().map(|step| Some(number + step)).collect()
}

#[test]
fn every_path_reads_every_metric_alone_from_each_kind_of_document() {
    each_row(&mut |kind, template, metric, number| {
        let text = with_steps(template);
        for instructions in Instructions::available() {
            let metrics = [metric].into_iter().collect();
            let mut parser = Parser::with_instructions(metrics, instructions).unwrap();
            for time in ["first", "second"] {
                let found = values(&mut parser, &text, metric);
                assert_eq!(found, expected(number), "{metric} in {kind}, {instructions:?}, {time}");
            }
        }
    });
}

/// With all metrics requested, on samples that have only one.
#[test]
fn every_path_reads_every_metric_from_samples_that_have_only_that() {
    let mut parsers: Vec<_> = Instructions::available()
        .into_iter()
        .map(|name| (name, Parser::with_instructions(MetricSet::all(), name).unwrap()))
        .collect();
    each_row(&mut |kind, template, metric, number| {
        let mut template = template.clone();
        template.each(&mut |json| {
            if json.is_sample() {
                assert!(keep_only(json, number), "{metric}: {number} in {kind}");
            }
        });
        let text = with_steps(&template);
        for (instructions, parser) in &mut parsers {
            for time in ["first", "second"] {
                let found = values(parser, &text, metric);
                assert_eq!(found, expected(number), "{metric} in {kind}, {instructions:?}, {time}");
            }
        }
    });
}
