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

use cmetrics_core::{Extended, Kind, Metric, MetricSet, Pipeline, RollUp, Settings};
use common::{alike, assert_alike, data, unpacked};
use naive::{Dump, Options};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use steps::{a_step, document, some_settings, stats};

fn read(dumps: &[Value], settings: Settings) -> Pipeline {
    let mut pipeline = Pipeline::new(settings);
    for dump in dumps {
        pipeline.read("dump", dump.to_string().as_bytes());
    }
    assert!(pipeline.errors().is_empty(), "{:?}", pipeline.errors());
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
        interval: settings.interval(),
        max_gap: Some(settings.max_gap()),
        metrics: settings.metrics().iter().map(|metric| metric.name().to_owned()).collect(),
        extended: true,
    }
}

proptest! {
    #[test]
    fn points_equal_those_of_the_naive_model(
        containers in vec(vec(a_step(), 1..25), 1..3),
        settings in some_settings(),
    ) {
        let containers: Vec<_> = containers.iter().map(|steps| stats(steps)).collect();
        let dumps = [document(&containers)];
        let found = extended(&read(&dumps, settings));
        let expected = naive::points(&as_dumps(&dumps), &options(settings));
        assert_alike(&found, &expected, "the naive model");
    }

    #[test]
    fn rolling_points_up_gives_those_that_the_naive_model_makes_at_the_wider_width(
        containers in vec(vec(a_step(), 1..25), 1..3),
        settings in some_settings(),
        of in 1_u64..20,
    ) {
        // Between samples of which nothing is known there is no point that could tell its coverage.
        let mut containers = containers;
        for step in containers.iter_mut().flatten() {
            step.memory.get_or_insert(1);
        }
        let containers: Vec<_> = containers.iter().map(|steps| stats(steps)).collect();
        let dumps = [document(&containers)];
        let width = settings.interval() * of;
        let points = read(&dumps, settings).points();
        let found = RollUp::new(width).unwrap().of(points).unwrap();
        let found: Vec<_> = found.iter().map(|p| serde_json::to_value(Extended(p)).unwrap()).collect();
        let wide = Options { interval: width, ..options(settings) };
        let expected = naive::points(&as_dumps(&dumps), &wide);
        assert_alike(&found, &expected, "the naive model");
    }

    #[test]
    fn shuffled_split_and_repeated_input_gives_the_same_points(
        steps in vec(a_step(), 1..25),
        pieces in vec((any::<Index>(), any::<Index>()), 1..8),
    ) {
        let stats = stats(&steps);
        let whole = [document(std::slice::from_ref(&stats))];
        // Pieces in any order and with any overlap, which together hold every sample.
        let mut dumps: Vec<_> = pieces
            .iter()
            .map(|(from, to)| {
                let (from, to) = (from.index(stats.len()), to.index(stats.len()));
                let mut piece = stats[from.min(to)..=from.max(to)].to_vec();
                piece.reverse();
                document(&[piece])
            })
            .collect();
        dumps.extend(whole.clone());
        let settings = Settings::default();
        prop_assert_eq!(extended(&read(&dumps, settings)), extended(&read(&whole, settings)));
    }

    #[test]
    fn no_growth_is_lost_or_counted_twice(
        containers in vec(vec(a_step(), 1..40), 1..3),
        settings in some_settings(),
    ) {
        let containers: Vec<_> = containers.iter().map(|steps| stats(steps)).collect();
        let dumps = [document(&containers)];
        let pipeline = read(&dumps, settings);
        let tally = naive::tally(&as_dumps(&dumps), &options(settings));
        for series in pipeline.series() {
            let history = series.history(settings);
            prop_assume!(history.events.overflows == 0);
            let tally = &tally[&**series.identity().name()];
            prop_assert_eq!(history.events.restarts.len() as u64, tally.restarts.len() as u64);
            for metric in MetricSet::documented().iter() {
                if metric.kind() == Kind::Gauge {
                    continue;
                }
                let shares = history.points.iter().filter_map(|point| point.growth(metric));
                let shared: u128 = shares.map(u128::from).sum();
                let unattributed = history.events.unattributed.get(&metric).copied().unwrap_or(0);
                let growth = tally.growths.get(metric.name()).copied().unwrap_or(0);
                prop_assert_eq!(shared + unattributed, growth, "{}", metric);
            }
        }
    }
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
        let settings = Settings::new(3, Some(60)).unwrap().with_metrics(MetricSet::all());
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
