//! Each format says the same: the points of recorded dumps, compared with what an independent
//! reading of `docs/points.md` makes of them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::ffi::OsString;

use common::{Run, assert_same_points, cmetrics, dump, dump_of, expected, fed, recorded, sample};
use serde_json::{Value, json};

fn points_of(set: &str, endpoints: &[&str], options: &[&str]) -> Run {
    let mut args: Vec<OsString> = vec!["points".into()];
    args.extend(options.iter().map(Into::into));
    args.extend(recorded(set, endpoints).into_iter().map(Into::into));
    cmetrics(args).ends_with(0)
}

fn run_on_dynamic(options: &[&str]) -> Run {
    points_of("dynamic", &["v2.0-stats-docker"], options)
}

/// The columns of the documented point and, by a way of its own, where they lie in the JSON.
const PATHS: [&str; 19] = [
    "/cpu/usage",
    "/cpu/load/ave",
    "/cpu/load/min",
    "/cpu/load/max",
    "/memory/ave",
    "/memory/min",
    "/memory/max",
    "/network/tx_kb",
    "/network/rx_kb",
    "/network/tx_packets",
    "/network/rx_packets",
    "/network/tx_errors",
    "/network/rx_errors",
    "/network/tx_drops",
    "/network/rx_drops",
    "/diskio/async",
    "/diskio/sync",
    "/diskio/read",
    "/diskio/write",
];

#[test]
fn json_of_recorded_dumps_is_what_the_contract_says() {
    for (set, endpoint) in [
        ("dynamic", "v2.0-stats-docker"),
        ("steady-1s", "v1.3-subcontainers"),
        ("v060-1s", "v2.1-machinestats"),
        ("v060-oom", "v1.3-docker"),
    ] {
        let expected = expected(&format!("{set}.{endpoint}.json.gz"));
        assert_same_points(&points_of(set, &[endpoint], &[]).points(), &expected);
    }
}

#[test]
fn interval_and_max_gap_change_the_points_as_the_contract_says() {
    let endpoints = ["v1.2-docker", "v1.3-docker", "v2.0-stats-docker", "v2.1-stats"];
    let run = points_of("dynamic", &endpoints, &["--interval", "7", "--max-gap", "20"]);
    assert_same_points(&run.points(), &expected("dynamic.mixed.interval-7.max-gap-20.json.gz"));
    assert!(run.stderr.contains("unattributed growth: cpu.usage "), "{}", run.stderr);
}

#[test]
fn json_is_one_array_with_a_point_a_line_in_the_documented_shape() {
    let run = fed(&["points"], dump()).ends_with(0);
    let lines: Vec<_> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 5);
    assert_eq!((lines[0], lines[4]), ("[", "]"));
    assert_eq!(
        lines[1],
        r#"{"name":"/docker","start":1795262400,"end":1795262405,"cpu":{"usage":1000,"load":{"ave":null,"min":null,"max":null}},"memory":{"ave":null,"min":null,"max":null},"network":{"tx_kb":null,"rx_kb":null,"tx_packets":null,"rx_packets":null,"tx_errors":null,"rx_errors":null,"tx_drops":null,"rx_drops":null},"diskio":{"async":null,"sync":null,"read":null,"write":null}},"#
    );
    assert!(lines[2].ends_with("},") && lines[3].ends_with('}'), "{lines:?}");
}

#[test]
fn ndjson_is_the_same_points_a_line_each() {
    let array = run_on_dynamic(&["--format", "json"]).points();
    let run = run_on_dynamic(&["--format", "ndjson"]);
    let lines: Vec<Value> =
        run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, array);
    assert!(run.stdout.ends_with("}\n"));
}

/// Cells as JSON values; text that is no number is kept as text.
fn rows(run: &Run) -> (Vec<String>, Vec<Vec<Value>>) {
    let mut reader = csv::Reader::from_reader(run.stdout.as_bytes());
    let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let value = |cell: &str| match cell {
        "" => Value::Null,
        _ => serde_json::from_str(cell).unwrap_or_else(|_| cell.into()),
    };
    let rows = reader.records().map(|row| row.unwrap().iter().map(value).collect()).collect();
    (header, rows)
}

#[test]
fn csv_reads_back_to_exactly_the_numbers_of_the_json() {
    let points = run_on_dynamic(&[]).points();
    let (header, rows) = rows(&run_on_dynamic(&["--format", "csv"]));
    let names = PATHS.map(|path| path.trim_start_matches('/').replace('/', "."));
    assert_eq!(header[..3], ["name", "start", "end"]);
    assert_eq!(header[3..], names);
    assert_eq!(rows.len(), points.len());
    for (row, point) in rows.iter().zip(&points) {
        let paths = ["/name", "/start", "/end"].into_iter().chain(PATHS);
        let values: Vec<_> = paths.map(|path| point.pointer(path).unwrap().clone()).collect();
        assert_eq!(*row, values);
    }
}

#[test]
fn csv_quotes_names_and_leaves_what_was_not_measured_empty() {
    let dump = dump_of("/a,\\\"b\\\"", &[sample(0, 0), sample(5, 7)]);
    let run = fed(&["points", "--format", "csv"], dump).ends_with(0);
    let row = run.stdout.lines().nth(1).unwrap();
    assert_eq!(row, r#""/a,""b""",1795262400,1795262405,7,,,,,,,,,,,,,,,,,,"#);
    assert!(!run.stdout.contains('\r'));
}

#[test]
fn extended_points_tell_samples_coverage_and_shares_in_every_format() {
    let dump = dump_of("/docker", &[sample(1, 0), sample(4, 10), sample(5, 15)]);
    let run =
        |format| fed(&["points", "--extended", "--format", format], dump.as_str()).ends_with(0);
    let points = run("json").points();
    assert_eq!(points[0]["samples"], 2);
    assert_eq!(points[0]["coverage"], 0.8);
    let keys: Vec<_> = points[0].as_object().unwrap().keys().collect();
    assert_eq!(keys.len(), 10, "{keys:?}");
    let lines = run("ndjson");
    assert!(lines.stdout.lines().all(|line| line.contains(r#""samples":"#)));
    let end = r#","samples":2,"coverage":0.8,"of_limit":{"cpu":null,"memory":null}}"#;
    assert!(lines.stdout.lines().next().unwrap().ends_with(end));

    let (header, rows) = rows(&run("csv"));
    let behind = header.len() - 4;
    assert_eq!(header[behind..], ["samples", "coverage", "of_limit.cpu", "of_limit.memory"]);
    assert_eq!(rows[0][behind..], [json!(2), json!(0.8), Value::Null, Value::Null]);

    let table = run("table").stdout;
    let mut lines = table.lines();
    assert!(lines.next().unwrap().ends_with("SAMPLES  COVERAGE  CPU%LIMIT  MEM%LIMIT"), "{table}");
    assert!(lines.next().unwrap().ends_with("      2     0.800          -          -"), "{table}");
}

#[test]
fn nothing_extended_is_told_unasked() {
    for format in ["json", "ndjson", "csv"] {
        let run = fed(&["points", "--format", format], dump()).ends_with(0);
        for key in ["coverage", "of_limit", "metrics"] {
            assert!(!run.stdout.contains(key), "{run:?}");
        }
    }
}

#[test]
fn a_table_is_narrow_aligned_and_in_human_units() {
    let run = points_of("v060-1s", &["v1.3-docker"], &["--format", "table", "--extended"]);
    let mut lines = run.stdout.lines();
    let title = lines.next().unwrap();
    assert!(title.starts_with("CONTAINER  START  "), "{title}");
    assert!(title.chars().count() <= 132, "{title}");
    let mut any = false;
    for line in lines {
        assert_eq!(line.chars().count(), title.chars().count(), "{line}");
        if line.starts_with("cpuhog ") && line.contains("  1.000  ") {
            let cores: f64 = line.split_whitespace().nth(2).unwrap().parse().unwrap();
            assert!((0.2..0.4).contains(&cores), "{line}");
            any = true;
        }
    }
    assert!(any, "{}", run.stdout);
    assert!(run.stdout.contains(" MiB"), "{}", run.stdout);
}

#[test]
fn a_table_shows_what_was_not_measured_as_a_dash() {
    let run = fed(&["points", "--format", "table"], dump()).ends_with(0);
    let row = run.stdout.lines().nth(1).unwrap();
    let cells: Vec<_> = row.split_whitespace().collect();
    assert_eq!(cells, ["/docker", "2026-11-21T12:00:00Z", "0.000", "-", "-", "-", "-", "-"]);
}

#[test]
fn no_points_are_an_empty_array_no_line_or_a_header() {
    let written = |format| fed(&["points", "--format", format], "{}").ends_with(0).stdout;
    assert_eq!(written("json"), "[]\n");
    assert_eq!(written("ndjson"), "");
    assert!(written("csv").starts_with("name,start,end,cpu.usage,"));
    assert_eq!(written("csv").lines().count(), 1);
    assert_eq!(written("table").lines().count(), 1);
}

#[test]
fn points_come_by_name_and_then_by_start() {
    let points = run_on_dynamic(&[]).points();
    let keys: Vec<_> = points
        .iter()
        .map(|point| (point["name"].as_str().unwrap(), point["start"].as_u64().unwrap()))
        .collect();
    assert!(keys.is_sorted());
}

#[test]
fn complete_leaves_out_points_that_samples_cover_only_in_part() {
    let all = run_on_dynamic(&["--extended"]).points();
    let complete = run_on_dynamic(&["--extended", "--complete"]).points();
    let covered = |point: &&Value| point["coverage"].as_f64().unwrap() >= 1.0;
    assert_eq!(complete, all.iter().filter(covered).cloned().collect::<Vec<_>>());
    assert!(!complete.is_empty() && complete.len() < all.len());
}
