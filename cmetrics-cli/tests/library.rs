//! What the library shows beside the command: the same bytes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use cmetrics_cli::{write_csv, write_json};
use cmetrics_core::{DataPoint, MetricSet, Pipeline, Settings};
use common::{cmetrics, recorded, text};

/// The points of a recording, with these metrics.
fn points(metrics: MetricSet) -> Vec<DataPoint> {
    let settings = Settings::default().with_metrics(metrics).with_shares();
    let mut pipeline = Pipeline::new(settings);
    for path in recorded("dynamic", &["v1.2-docker"]) {
        pipeline.read_paths(&[path]).into_result().unwrap();
    }
    pipeline.points()
}

/// What the command writes of the same recording.
fn command(options: &[&str]) -> String {
    let paths = recorded("dynamic", &["v1.2-docker"]);
    let paths: Vec<_> = paths.iter().map(|path| text(path)).collect();
    cmetrics([&["points", "--quiet"], options, &paths].concat()).ends_with(0).stdout
}

#[test]
fn csv_is_that_of_the_command() {
    for (options, metrics, extended) in [
        (&["--format=csv"][..], MetricSet::default(), false),
        (&["--format=csv", "--extended", "--metrics=all"], MetricSet::all(), true),
    ] {
        let mut written = Vec::new();
        write_csv(points(metrics), metrics, extended, &mut written).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), command(options));
    }
}

#[test]
fn json_is_that_of_the_command() {
    for (options, metrics, extended) in [
        (&["--format=json"][..], MetricSet::default(), false),
        (&["--format=json", "--extended", "--metrics=all"], MetricSet::all(), true),
    ] {
        let mut written = Vec::new();
        write_json(points(metrics), extended, &mut written).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), command(options));
    }
}

#[test]
fn no_points_are_an_empty_array_and_a_row_of_titles() {
    let none: [DataPoint; 0] = [];
    let (mut json, mut csv) = (Vec::new(), Vec::new());
    write_json(&none, false, &mut json).unwrap();
    write_csv(none, MetricSet::default(), false, &mut csv).unwrap();
    let of_nothing = |format| {
        let nobody = ["points", "--quiet", "--complete", "--format", format];
        let dump = common::dump_of("/docker", &[common::sample(0, 0)]);
        common::fed(&nobody, dump).ends_with(0).stdout
    };
    assert_eq!(String::from_utf8(json).unwrap(), of_nothing("json"));
    assert_eq!(String::from_utf8(csv).unwrap(), of_nothing("csv"));
}
