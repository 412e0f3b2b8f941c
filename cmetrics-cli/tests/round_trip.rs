//! What is written under other names reads back to the same points: the growth of counters exactly,
//! and of gauges the mean as the only reading.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::collections::BTreeMap;
use std::ffi::OsString;

use common::{cmetrics, fed, recorded};
use serde_json::Value;

/// The `metrics` of points, by name and start.
fn by_interval(text: &str) -> BTreeMap<(String, u64), Value> {
    let points: Vec<Value> = serde_json::from_str(text).unwrap();
    let key = |point: &Value| {
        (point["name"].as_str().unwrap().to_owned(), point["start"].as_u64().unwrap())
    };
    points.iter().map(|point| (key(point), point["metrics"].clone())).collect()
}

fn is_told(figure: &Value) -> bool {
    !(figure.is_null() || figure["ave"].is_null() && figure.is_object())
}

/// Compares the points of recordings of an endpoint with those that their rows read back to.
/// Returns how many figures were compared.
fn compare((set, endpoint): (&str, &str), options: &[&str]) -> usize {
    let points = |options: &[&str]| {
        let mut args: Vec<OsString> = vec!["points".into(), "--quiet".into()];
        args.extend(options.iter().map(Into::into));
        args.extend(recorded(set, &[endpoint]).into_iter().map(Into::into));
        cmetrics(args).ends_with(0).stdout
    };
    let before = by_interval(&points(&["--names", "catalogue"]));
    let text = points(options);
    let back = fed(&["points", "--quiet", "--names", "catalogue"], text).ends_with(0);
    let after = by_interval(&back.stdout);
    let mut compared = 0;
    for ((name, start), metrics) in after.iter().filter(|(key, _)| !before.contains_key(*key)) {
        let later = before.range((name.clone(), *start)..).next();
        let mut figures = metrics.as_object().unwrap().values();
        if later.is_some_and(|((other, _), _)| other == name) {
            let grew = |figure: &Value| figure.is_u64() && *figure != 0;
            assert!(!figures.any(grew), "{name} {start}: between intervals");
        } else {
            // The reading at the end of the last interval lies in the next one.
            assert!(!figures.any(is_told), "{name} {start}: at the end");
            assert!(before.contains_key(&(name.clone(), start - 5)), "{name} {start}");
        }
    }
    for (key, metrics) in &before {
        for (metric, figure) in metrics.as_object().unwrap() {
            if !is_told(figure) {
                continue;
            }
            let found = after.get(key).map_or(&Value::Null, |metrics| &metrics[metric]);
            if figure.is_object() {
                let ave = figure["ave"].as_f64().unwrap();
                for part in ["ave", "min", "max"] {
                    let found = found[part].as_f64().unwrap_or(f64::NAN);
                    assert!(
                        (found - ave).abs() <= 0.5,
                        "{metric} {part} of {key:?}: {found} for {ave}"
                    );
                }
            } else {
                assert_eq!(found, figure, "{metric} of {key:?}");
            }
            compared += 1;
        }
    }
    compared
}

#[test]
fn an_exposition_reads_back_to_its_points_in_all_metrics() {
    for format in ["prometheus", "openmetrics"] {
        // Containers, and cgroups that are none.
        for of in [("v060-1s", "v1.3-docker"), ("v060-1s", "v1.3-subcontainers")] {
            let compared = compare(of, &["--format", format]);
            assert!(compared > 10_000, "{format} of {of:?}: only {compared}");
        }
    }
}

#[test]
fn otlp_reads_back_to_its_points_in_all_metrics() {
    let options = ["--names", "otel", "--temporality", "cumulative"];
    // Containers, and cgroups that are none.
    for of in [("v060-1s", "v1.3-docker"), ("v060-1s", "v1.3-subcontainers")] {
        let compared = compare(of, &options);
        assert!(compared > 10_000, "{of:?}: only {compared}");
    }
}
