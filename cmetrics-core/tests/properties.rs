//! What must hold for any samples: the naive model agrees, the order of reading changes nothing,
//! and no growth is lost or counted twice.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;
#[allow(
    unreachable_pub,
    clippy::cast_precision_loss,
    clippy::expect_used,
    clippy::manual_midpoint,
    reason = "a model: read rather than used"
)]
mod naive;
mod steps;

use std::collections::BTreeMap;
use std::time::Duration;

use cmetrics_core::metric::Kind;
use cmetrics_core::point::{Extended, RollUp};
use cmetrics_core::{Input, Metric, MetricSet, Pipeline, Settings, Timestamp};
use common::{alike, assert_alike, data, unpacked};
use naive::{Dump, Options};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use steps::documents::{Watched, a_container, documents, documents_in_any_order};
use steps::{CpuMove, document, some_metrics, some_settings};

fn read(dumps: &[Value], settings: Settings) -> Pipeline {
    let mut pipeline = Pipeline::new(settings);
    for dump in dumps {
        pipeline.read(Input::reader("dump", dump.to_string().as_bytes())).into_result().unwrap();
    }
    pipeline
}

fn extended(pipeline: &Pipeline) -> Vec<Value> {
    let points = pipeline.points();
    points.iter().map(|point| serde_json::to_value(Extended(point)).unwrap()).collect()
}

fn as_dumps(documents: &[Value]) -> Vec<Dump> {
    let dump = |document: &Value| Dump { machine: None, document: document.clone() };
    documents.iter().map(dump).collect()
}

fn options(settings: Settings) -> Options {
    Options {
        interval: settings.interval().as_secs(),
        max_gap: Some(settings.max_gap().as_secs()),
        metrics: settings.metrics().iter().map(|metric| metric.name().to_owned()).collect(),
        extended: true,
    }
}

fn some_containers() -> impl Strategy<Value = Vec<Watched>> {
    vec(a_container(25), 1..3)
}

/// A document's samples the other way round.
fn reversed(mut document: Value) -> Value {
    match &mut document {
        // Elements are the samples of the machine.
        Value::Array(stats) => stats.reverse(),
        containers => containers.as_object_mut().unwrap().values_mut().for_each(|container| {
            let stats = match container {
                Value::Array(stats) => Some(stats),
                container => container["stats"].as_array_mut(),
            };
            stats.unwrap().reverse();
        }),
    }
    document
}

proptest! {
    #[test]
    fn points_equal_those_of_the_naive_model(
        containers in some_containers(),
        settings in some_settings(),
        metrics in some_metrics(),
    ) {
        let settings = settings.with_metrics(metrics);
        let dumps = documents(&containers);
        let found = extended(&read(&dumps, settings));
        let expected = naive::points(&as_dumps(&dumps), &options(settings));
        assert_alike(&found, &expected, "the naive model");
    }

    #[test]
    fn rolling_points_up_gives_those_that_the_naive_model_makes_at_the_wider_width(
        container in a_container(25),
        settings in some_settings(),
        metrics in some_metrics(),
        of in 1_u64..20,
    ) {
        let settings = settings.with_metrics(metrics);
        // Between samples of which nothing is known there is no point that could tell its coverage.
        let mut container = container;
        for step in &mut container.steps {
            step.memory.get_or_insert(1);
            step.cpu.get_or_insert(CpuMove::USUAL);
        }
        let dumps = documents_in_any_order(&container);
        let width = settings.interval().as_secs() * of;
        let wide = Options { interval: width, ..options(settings) };
        // What no longer fits a narrow point is lost to a wide one.
        let tallies = [&options(settings), &wide].map(|one| naive::tally(&as_dumps(&dumps), one));
        prop_assume!(tallies.iter().flat_map(BTreeMap::values).all(|tally| tally.overflows == 0));
        let points = read(&dumps, settings).points();
        let found = RollUp::new(Duration::from_secs(width)).unwrap().of(points).unwrap();
        let found: Vec<_> = found.iter().map(|p| serde_json::to_value(Extended(p)).unwrap()).collect();
        let expected = naive::points(&as_dumps(&dumps), &wide);
        assert_alike(&found, &expected, "the naive model");
    }

    #[test]
    fn shuffled_split_and_repeated_input_gives_the_same_points(
        container in a_container(25),
        metrics in some_metrics(),
        order in vec(any::<u32>(), 12),
    ) {
        let settings = Settings::default().with_metrics(metrics);
        let dumps = documents_in_any_order(&container);
        // Each document once as it is and once the other way round, in any order.
        let twice = dumps.iter().cloned().chain(dumps.iter().cloned().map(reversed));
        let mut shuffled: Vec<_> = twice.zip(order).collect();
        shuffled.sort_by_key(|(_, place)| *place);
        let shuffled: Vec<_> = shuffled.into_iter().map(|(document, _)| document).collect();
        prop_assert_eq!(extended(&read(&shuffled, settings)), extended(&read(&dumps, settings)));
    }

    #[test]
    fn no_growth_is_lost_or_counted_twice_and_what_happens_is_told(
        containers in some_containers(),
        settings in some_settings(),
        metrics in some_metrics(),
    ) {
        let settings = settings.with_metrics(metrics);
        let dumps = documents(&containers);
        let pipeline = read(&dumps, settings);
        let tally = naive::tally(&as_dumps(&dumps), &options(settings));
        for series in pipeline.series() {
            let history = series.history(settings);
            let tally = &tally[&**series.identity().name()];
            let events = &history.events;
            prop_assert_eq!(instants(&events.restarts), &tally.restarts[..]);
            prop_assert_eq!(instants(&events.set_aside), &tally.set_aside[..]);
            prop_assert_eq!(instants(&events.corrections), &tally.corrections[..]);
            prop_assert_eq!(instants(&events.implausible), &tally.implausible[..]);
            let gaps = events.gaps.iter().map(|gap| (nanos(gap.from), nanos(gap.to)));
            prop_assert_eq!(&gaps.collect::<Vec<_>>(), &tally.gaps);
            prop_assert_eq!(events.overflows, tally.overflows);
            for metric in MetricSet::documented().union(metrics).iter() {
                if metric.kind() == Kind::Gauge {
                    continue;
                }
                let unattributed = events.unattributed.get(&metric).copied().unwrap_or(0);
                let expected = tally.unattributed.get(metric.name()).copied().unwrap_or(0);
                prop_assert_eq!(unattributed, expected, "{}", metric);
                // Where nothing documented is measured there is no point that could tell of others.
                if events.overflows > 0 || !MetricSet::documented().contains(metric) {
                    continue;
                }
                let shares = history.points.iter().filter_map(|point| point.growth(metric));
                let shared: u128 = shares.map(u128::from).sum();
                let growth = tally.growths.get(metric.name()).copied().unwrap_or(0);
                prop_assert_eq!(shared + unattributed, growth, "{}", metric);
            }
        }
    }
}

fn nanos(time: Timestamp) -> i128 {
    time.nanos().into()
}

fn instants(times: &[Timestamp]) -> Vec<i128> {
    times.iter().copied().map(nanos).collect()
}

#[test]
fn the_naive_model_agrees_on_every_recording() {
    for set in ["dynamic", "steady-1s", "v060-1s", "v060-oom"] {
        let mut by_endpoint: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        let files = std::fs::read_dir(data().join("recorded").join(set)).unwrap();
        let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            let name = path.file_name().unwrap().to_str().unwrap();
            let Some((endpoint, _)) = name.strip_suffix(".json.gz").unwrap_or("").rsplit_once('.')
            else {
                continue;
            };
            if ["v1.3-machine", "v2.0-spec", "v2.0-summary"].contains(&endpoint) {
                continue;
            }
            let endpoint = endpoint.to_owned();
            let document = serde_json::from_str(&unpacked(&path)).unwrap();
            by_endpoint.entry(endpoint).or_default().push(document);
        }
        let settings = Settings::new(Duration::from_secs(3), Some(Duration::from_secs(60)))
            .unwrap()
            .with_metrics(MetricSet::all());
        for (endpoint, documents) in by_endpoint {
            let found = extended(&read(&documents, settings));
            let expected = naive::points(&as_dumps(&documents), &options(settings));
            assert!(!found.is_empty());
            assert_alike(&found, &expected, &format!("{set} {endpoint}"));
        }
    }
}

#[test]
fn a_figure_beyond_64_bits_is_null_and_counted() {
    let total = |second: u32, values: [u64; 2]| {
        let entries = values.map(|value| json!({ "name": "eth0", "rx_bytes": value }));
        json!({ "timestamp": format!("2026-11-21T12:00:{second:02}Z"), "network": { "interfaces": entries } })
    };
    let containers = [vec![total(0, [0, 0]), total(3, [u64::MAX, u64::MAX])]];
    let pipeline = read(&[document(&containers)], Settings::default());
    let history = pipeline.series().next().unwrap().history(Settings::default());
    assert_eq!(history.points[0].growth(Metric::NetworkRxBytes), None);
    assert_eq!(history.events.overflows, 1);
    assert!(alike(&extended(&pipeline)[0]["network"]["rx_kb"], &Value::Null));
}
