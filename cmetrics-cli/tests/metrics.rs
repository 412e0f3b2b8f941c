//! The catalogue of metrics: what it lists, and what points carry of it when asked.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::ffi::OsString;

use cmetrics_core::Metric;
use common::{Run, assert_same_points, cmetrics, dump, expected, fed, folder, recorded, text};
use serde_json::{Value, json};

const MIXED: [&str; 4] = ["v1.2-docker", "v1.3-docker", "v2.0-stats-docker", "v2.1-stats"];

fn points(endpoints: &[&str], options: &[&str]) -> Run {
    let mut args: Vec<OsString> = vec!["points".into()];
    args.extend(options.iter().map(Into::into));
    args.extend(recorded("v060-1s", endpoints).into_iter().map(Into::into));
    cmetrics(args).ends_with(0)
}

fn of_web(options: &[&str]) -> Run {
    points(&["v1.3-docker"], &[&["--container", "web"], options].concat())
}

/// The header and the rows, a cell a text.
fn cells(run: &Run) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_reader(run.stdout.as_bytes());
    let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let row = |row: csv::StringRecord| row.iter().map(str::to_owned).collect();
    (header, reader.records().map(|record| row(record.unwrap())).collect())
}

#[test]
fn all_metrics_of_recorded_dumps_are_what_the_contract_says() {
    let expected = expected("v060-1s.mixed.all-metrics.json.gz");
    assert_same_points(&points(&MIXED, &["--metrics", "all"]).points(), &expected);
}

#[test]
fn metrics_change_nothing_of_the_documented_point() {
    let without = of_web(&["--format", "ndjson"]).stdout;
    let with = of_web(&["--format", "ndjson", "--metrics", "memory.*"]).stdout;
    assert_eq!(without.lines().count(), with.lines().count());
    for (without, with) in without.lines().zip(with.lines()) {
        let (before, metrics) = with.split_once(r#","metrics":{"memory.usage":{"ave":"#).unwrap();
        assert_eq!(format!("{before}}}"), without);
        assert!(metrics.ends_with("}}"), "{metrics}");
    }
}

#[test]
fn lists_groups_and_repetitions_add_up_in_the_order_of_the_catalogue() {
    let list = "memory.working_set, cpu.cfs_periods";
    let points = of_web(&["--metrics", list, "--metrics", "gpu.*"]).points();
    let keys: Vec<_> = points[0]["metrics"].as_object().unwrap().keys().collect();
    let names = ["cpu.cfs_periods", "gpu.memory_total", "gpu.memory_used", "memory.working_set"];
    assert_eq!(keys.len(), names.len());
    assert!(names.iter().all(|name| points[0]["metrics"].get(name).is_some()), "{keys:?}");
    let absent = json!({"ave": null, "min": null, "max": null});
    assert_eq!(points[0]["metrics"]["gpu.memory_used"], absent);
    let places = of_web(&["--format", "ndjson", "--metrics", list]).stdout;
    assert!(places.find("cpu.cfs_periods").unwrap() < places.find("memory.working_set").unwrap());
}

#[test]
fn csv_has_the_columns_of_metrics_behind_the_documented_ones() {
    let plain = cells(&of_web(&["--format", "csv"])).0;
    let options = ["--metrics", "memory.working_set,cpu.cfs_periods", "--extended"];
    let json = of_web(&options).points();
    let (header, rows) = cells(&of_web(&[&options[..], &["--format", "csv"]].concat()));
    assert_eq!(header[..plain.len()], plain);
    let names = ["cpu.cfs_periods", "memory.working_set.ave"];
    assert_eq!(header[plain.len()..plain.len() + 2], names);
    assert_eq!(header[plain.len() + 4], "samples");
    assert_eq!(rows.len(), json.len());
    for (row, point) in rows.iter().zip(&json) {
        let number = |index: usize| match &*row[index] {
            "" => Value::Null,
            cell => serde_json::from_str::<Value>(cell).unwrap(),
        };
        let metrics = &point["metrics"];
        assert_eq!(number(plain.len()), metrics["cpu.cfs_periods"]);
        assert_eq!(number(plain.len() + 1), metrics["memory.working_set"]["ave"]);
        assert_eq!(number(plain.len() + 3), metrics["memory.working_set"]["max"]);
        assert_eq!(number(row.len() - 1), point["of_limit"]["memory"]);
    }
}

#[test]
fn csv_has_no_column_twice_and_every_metric() {
    let (header, rows) = cells(&of_web(&["--format", "csv", "--metrics", "all"]));
    let json = of_web(&["--metrics", "all"]).points();
    let mut names = header.clone();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), header.len());
    // Where both have a column of a name, both have the same figure.
    for &metric in Metric::ALL {
        let of_json = |point: &Value| match &point["metrics"][metric.name()] {
            Value::Object(gauge) => gauge["ave"].clone(),
            growth => growth.clone(),
        };
        let wanted = [metric.name().to_owned(), format!("{metric}.ave")];
        let column = header.iter().position(|name| wanted.contains(name)).unwrap();
        for (row, point) in rows.iter().zip(&json) {
            let cell = Some(&row[column]).filter(|cell| !cell.is_empty());
            let cell = cell.map_or(Value::Null, |cell| serde_json::from_str(cell).unwrap());
            assert_eq!(cell, of_json(point), "{metric}");
        }
    }
}

#[test]
fn a_table_shows_metrics_as_people_read_them() {
    let list = "memory.working_set,cpu.schedstat_run_time,memory.page_faults,gpu.memory_used";
    let table = of_web(&["--format", "table", "--metrics", list]).stdout;
    let titles = table.lines().next().unwrap();
    let names = "  cpu.schedstat_run_time  memory.working_set  memory.page_faults  gpu.memory_used";
    assert!(titles.ends_with(names), "{titles}");
    // Its first points begin with its start, before its first sample.
    let row: Vec<_> = table.lines().nth(8).unwrap().split_whitespace().rev().collect();
    assert_eq!((row[0], row[2], row[4]), ("-", "MiB", "ms"), "{table}");
    assert!(row[1].parse::<u64>().is_ok(), "{table}");
    let width = |line: &str| line.chars().count();
    assert!(table.lines().all(|line| width(line) == width(titles)), "{table}");
}

#[test]
fn shares_of_limits_lie_between_nothing_and_all() {
    let points = of_web(&["--extended"]).points();
    for share in ["cpu", "memory"] {
        let shares = points.iter().filter_map(|point| point["of_limit"][share].as_f64());
        let shares: Vec<_> = shares.collect();
        assert!(shares.len() > 20, "{share}: {}", shares.len());
        assert!(shares.iter().all(|share| *share > 0.0 && *share < 1.0), "{share}: {shares:?}");
    }
    let table = of_web(&["--extended", "--format", "table"]).stdout;
    let row: Vec<_> = table.lines().nth(8).unwrap().split_whitespace().rev().collect();
    for (cell, share) in [(row[0], "memory"), (row[1], "cpu")] {
        let percent = points[7]["of_limit"][share].as_f64().unwrap() * 100.0;
        assert_eq!(cell, format!("{percent:.1}%"));
    }
}

#[test]
fn an_unknown_metric_is_refused_before_anything_is_read() {
    let folder = folder([("points.json", "before")]);
    let output = folder.path().join("points.json");
    for list in ["memory.workingset", "cpu.usage,memory.workingset"] {
        let args = ["points", "--metrics", list, "--output", text(&output), "/no/such/dump"];
        let run = cmetrics(args).ends_with(2);
        run.has_one_error_with(&["\"memory.workingset\"", "near matches: memory.working_set"]);
        assert_eq!(run.stdout, "");
    }
    assert_eq!(std::fs::read_to_string(&output).unwrap(), "before");
    for nothing in ["", "none.*", "*"] {
        let run = fed(&["points", "--metrics", nothing], dump()).ends_with(2);
        run.has_one_error_with(&["no metric is called"]);
    }
}

#[test]
fn the_catalogue_lists_every_metric_in_80_columns() {
    let table = cmetrics(["metrics"]).ends_with(0).stdout;
    assert!(table.starts_with("NAME "), "{table}");
    for line in table.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let rows = table.lines().skip(1).filter(|line| !line.starts_with(' '));
    let rows: Vec<Vec<_>> = rows.map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows.len(), Metric::ALL.len());
    for (row, metric) in rows.iter().zip(Metric::ALL) {
        assert_eq!(row[0], metric.name());
        assert_eq!(row[2], metric.unit().to_string());
    }
    // Descriptions are whole, wherever they are wrapped.
    let words = |text: &str| text.split_whitespace().count();
    let described: usize = Metric::ALL.iter().map(|metric| words(metric.description())).sum();
    assert_eq!(words(&table), 4 + 3 * Metric::ALL.len() + described);
}

fn listed(pattern: &str) -> Vec<String> {
    let run = cmetrics(["metrics", "--format", "json", pattern]).ends_with(0);
    run.points().iter().map(|metric| metric["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_catalogue_is_listed_by_name_group_and_part_of_a_name() {
    assert_eq!(listed("all").len(), Metric::ALL.len());
    assert_eq!(listed("memory.usage"), ["memory.usage"]);
    assert_eq!(listed("gpu.*"), ["gpu.memory_used", "gpu.memory_total"]);
    let pressure = listed("pressure");
    assert_eq!(pressure.len(), 6);
    assert!(pressure.iter().all(|name| name.contains("pressure")), "{pressure:?}");
    let table = cmetrics(["metrics", "gpu"]).ends_with(0).stdout;
    assert_eq!(table.lines().count(), 3, "{table}");
}

#[test]
fn the_catalogue_as_json_tells_all_that_is_known_of_a_metric() {
    let run = cmetrics(["metrics", "cpu.load", "--format", "json"]).ends_with(0);
    assert_eq!(
        run.points(),
        [json!({
            "name": "cpu.load", "kind": "gauge", "unit": "threads", "section": "cpu",
            "path": "cpu.load_average", "description": Metric::CpuLoad.description(),
        })]
    );
    assert_eq!(run.stderr, "");
}

#[test]
fn a_pattern_that_nothing_has_is_refused_with_near_matches() {
    let run = cmetrics(["metrics", "memory.usgae"]).ends_with(2);
    run.has_one_error_with(&["\"memory.usgae\"", "memory.usage"]);
    assert_eq!(run.stdout, "");
}

#[test]
fn help_has_examples() {
    for command in ["metrics", "points"] {
        let help = cmetrics(["help", command]).ends_with(0).stdout;
        assert!(help.contains("Examples:") && help.contains("'memory.*'"), "{help}");
    }
}
