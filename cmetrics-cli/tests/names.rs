//! Points under the names of other tools, as the command writes them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::collections::BTreeMap;

use common::{Run, cmetrics, dump_of, fed};
use serde_json::Value;

const TIME: u64 = 1_795_262_400;

/// A container that runs from the full minute on, with a hole in its network: at these seconds, CPU
/// in ns, memory and received bytes.
fn dump() -> String {
    let samples = [
        (0, 1_000_000_000_u64, 4096, Some(100)),
        (5, 2_500_000_001, 8192, Some(200)),
        (10, 2_500_000_001, 8193, Some(250)),
        (400, 2_600_000_001, 4096, None),
        (405, 2_700_000_001, 4096, None),
    ]
    .map(|(second, cpu, memory, received)| {
        let (minute, second) = (second / 60, second % 60);
        let network = received.map_or_else(String::new, |bytes: u32| {
            format!(r#", "network": {{"interfaces": [{{"name": "eth0", "rx_bytes": {bytes}}}]}}"#)
        });
        format!(
            r#"{{"timestamp": "2026-11-21T12:{minute:02}:{second:02}Z",
               "cpu": {{"usage": {{"total": {cpu}}}}}, "memory": {{"usage": {memory}}}{network}}}"#
        )
    });
    dump_of("/a \\\"b\\\"", &samples)
}

fn run(args: &[&str]) -> Run {
    let args: Vec<_> = ["points", "--quiet"].iter().chain(args).copied().collect();
    fed(&args, dump()).ends_with(0)
}

const OF_THREE: [&str; 2] = ["--metrics", "cpu.usage,memory.usage,network.rx_bytes"];

fn lines(options: &[&str]) -> Vec<String> {
    let args: Vec<_> = OF_THREE.iter().chain(options).copied().collect();
    let told = run(&args).stdout;
    let without_limits = told.lines().filter(|line| !line.contains("_spec_"));
    without_limits.map(str::to_owned).collect()
}

#[test]
fn an_exposition_has_whole_families_with_the_end_of_each_stretch() {
    let id = r#"id="/a \"b\"""#;
    assert_eq!(
        lines(&["--names", "prometheus"]),
        [
            "# HELP cmetrics_points Points by cmetrics: sums of growth from the first one on, and \
             means."
                .to_owned(),
            "# TYPE container_cpu_usage_seconds_total counter".to_owned(),
            format!("container_cpu_usage_seconds_total{{{id},cpu=\"total\"}} 0 1795262400000"),
            format!(
                "container_cpu_usage_seconds_total{{{id},cpu=\"total\"}} 1.500000001 1795262405000"
            ),
            format!(
                "container_cpu_usage_seconds_total{{{id},cpu=\"total\"}} 1.500000001 1795262410000"
            ),
            format!(
                "container_cpu_usage_seconds_total{{{id},cpu=\"total\"}} 1.500000001 1795262800000"
            ),
            format!(
                "container_cpu_usage_seconds_total{{{id},cpu=\"total\"}} 1.600000001 1795262805000"
            ),
            "# TYPE container_memory_usage_bytes gauge".to_owned(),
            format!("container_memory_usage_bytes{{{id}}} 4096 1795262400000"),
            format!("container_memory_usage_bytes{{{id}}} 8192 1795262405000"),
            format!("container_memory_usage_bytes{{{id}}} 8193 1795262410000"),
            format!("container_memory_usage_bytes{{{id}}} 4096 1795262800000"),
            format!("container_memory_usage_bytes{{{id}}} 4096 1795262805000"),
            "# TYPE container_network_receive_bytes_total counter".to_owned(),
            format!("container_network_receive_bytes_total{{{id},interface=\"\"}} 0 1795262400000"),
            format!(
                "container_network_receive_bytes_total{{{id},interface=\"\"}} 100 1795262405000"
            ),
            format!(
                "container_network_receive_bytes_total{{{id},interface=\"\"}} 150 1795262410000"
            ),
        ]
    );
}

#[test]
fn openmetrics_has_families_without_total_times_in_seconds_and_an_end() {
    let id = r#"id="/a \"b\"""#;
    let lines = lines(&["--format", "openmetrics", "--gauge", "min,max"]);
    let with = |part: &str| lines.iter().filter(|line| line.contains(part)).collect::<Vec<_>>();
    assert_eq!(with("# TYPE container_cpu"), ["# TYPE container_cpu_usage_seconds counter"]);
    assert_eq!(
        with("# TYPE container_memory"),
        [
            "# TYPE container_memory_usage_bytes_min gauge",
            "# TYPE container_memory_usage_bytes_max gauge"
        ]
    );
    let last =
        format!("container_cpu_usage_seconds_total{{{id},cpu=\"total\"}} 1.600000001 1795262805");
    assert!(lines.contains(&last), "{lines:?}");
    assert_eq!(lines.last().unwrap(), "# EOF");
    let counter = run(&["--format", "openmetrics", "--metrics", "memory.failures"]).stdout;
    assert!(counter.ends_with("# EOF\n"), "{counter}");
}

fn rows_of(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn rows_are_the_same_as_lines_as_an_array_and_as_csv() {
    let of = |format: &str| {
        let args = [&OF_THREE[..], &["--names", "heapster", "--format", format]].concat();
        run(&args).stdout
    };
    let rows = rows_of(&of("ndjson"));
    assert_eq!(serde_json::from_str::<Vec<Value>>(&of("json")).unwrap(), rows);
    let text = of("csv");
    let mut table = csv::Reader::from_reader(text.as_bytes());
    let titles: Vec<_> = table.headers().unwrap().iter().map(str::to_owned).collect();
    let mut told = 0;
    for (cells, row) in table.records().zip(&rows) {
        for (title, cell) in titles.iter().zip(&cells.unwrap()) {
            let value = match title.strip_prefix("labels.") {
                Some(label) => row["labels"].get(label).cloned().unwrap_or("".into()),
                None => row[title].clone(),
            };
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            assert_eq!(text, cell, "{title} of {row}");
        }
        told += 1;
    }
    assert_eq!(told, rows.len());
    let usage: Vec<_> = rows.iter().filter(|row| row["name"] == "cpu/usage_rate").collect();
    assert_eq!((&usage[0]["value"], &usage[0]["time"]), (&300.into(), &TIME.into()));
    assert_eq!(usage[0]["labels"]["type"], "sys_container");
    assert_eq!(usage[0]["labels"]["container_name"], "a \"b\"");
}

/// The data points of OTLP lines by name: start, end, value.
fn data_points(text: &str) -> BTreeMap<String, Vec<(u64, u64, Value)>> {
    let mut found: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for line in rows_of(text) {
        let scope = &line["resourceMetrics"][0]["scopeMetrics"][0];
        assert_eq!(scope["scope"]["name"], "cmetrics");
        for metric in scope["metrics"].as_array().unwrap() {
            let data = if metric["sum"].is_null() { &metric["gauge"] } else { &metric["sum"] };
            for point in data["dataPoints"].as_array().unwrap() {
                let seconds = |key: &str| {
                    let text = point[key].as_str().unwrap_or("0");
                    text.parse::<u64>().unwrap() / 1_000_000_000
                };
                let value =
                    if point["asInt"].is_null() { &point["asDouble"] } else { &point["asInt"] };
                found.entry(metric["name"].as_str().unwrap().to_owned()).or_default().push((
                    seconds("startTimeUnixNano"),
                    seconds("timeUnixNano"),
                    value.clone(),
                ));
            }
        }
    }
    found
}

#[test]
fn otlp_has_growth_by_interval_or_on_wish_one_sum() {
    let of = |options: &[&str]| data_points(&run(&[&OF_THREE[..], options].concat()).stdout);
    let delta = of(&["--names", "otel"]);
    let growth: [(u64, u64, Value); 4] = [
        (TIME, TIME + 5, 1.500_000_001.into()),
        (TIME + 5, TIME + 10, 0.into()),
        (TIME + 400, TIME + 405, 0.1.into()),
        (TIME + 405, TIME + 410, 0.into()),
    ];
    assert_eq!(delta["container.cpu.time"][..2], growth[..2]);
    assert_eq!(delta["container.cpu.time"][2], growth[2]);
    assert_eq!(delta["container.network.io"][0], (TIME, TIME + 5, "100".into()));
    assert_eq!(delta["container.memory.usage"][1], (0, TIME + 5, "8192".into()));
    let sums = of(&["--format", "otlp", "--temporality", "cumulative"]);
    assert_eq!(
        sums["container.network.io"],
        [(TIME, TIME, "0".into()), (TIME, TIME + 5, "100".into()), (TIME, TIME + 10, "150".into()),]
    );
}

#[test]
fn the_catalogue_has_all_metrics_in_base_units_and_nothing_else() {
    let points: Vec<Value> = serde_json::from_str(&run(&["--names", "catalogue"]).stdout).unwrap();
    let keys: Vec<_> = points[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["end", "metrics", "name", "start"]);
    assert_eq!(points[0]["metrics"]["memory.usage"]["ave"], 4096.0);
    assert_eq!(points[0]["metrics"]["cpu.user"], Value::Null);
    let args = [&OF_THREE[..], &["--names", "catalogue", "--format", "csv", "--extended"]].concat();
    let text = run(&args).stdout;
    let title = "name,start,end,cpu.usage,memory.usage.ave,memory.usage.min,memory.usage.max,\
                 network.rx_bytes,samples,coverage,of_limit.cpu,of_limit.memory";
    assert_eq!(text.lines().next().unwrap(), title);
}

#[test]
fn columns_say_who_a_container_is() {
    let text = run(&["--format", "csv", "--columns", "alias,path,label:app,path"]).stdout;
    let mut table = csv::Reader::from_reader(text.as_bytes());
    let titles: Vec<_> = table.headers().unwrap().iter().rev().take(3).collect::<Vec<_>>();
    assert_eq!(titles, ["label:app", "path", "alias"]);
    let row = table.records().next().unwrap().unwrap();
    assert_eq!(row.iter().rev().take(3).collect::<Vec<_>>(), ["", "/a \"b\"", ""]);
    let text = run(&["--format", "table", "--columns", "path,label:app"]).stdout;
    let mut lines = text.lines();
    assert!(lines.next().unwrap().ends_with("path    label:app"), "{text}");
    assert!(lines.next().unwrap().ends_with("/a \"b\"  -"), "{text}");
}

#[test]
fn a_column_of_a_label_needs_no_choice_by_labels() {
    let text = "container_memory_rss{id=\"/a\",container_label_app=\"web\"} 4096 1795262400000\n";
    let args = ["points", "--quiet", "--format", "csv", "--columns", "label:app"];
    let table = fed(&args, text).ends_with(0).stdout;
    let cells: Vec<_> = table.lines().map(|line| line.rsplit(',').next().unwrap()).collect();
    assert_eq!(cells, ["label:app", "web"]);
}

#[test]
fn options_that_do_not_go_together_are_refused_before_anything_is_read() {
    for (args, part) in [
        (&["--names", "heapster", "--format", "openmetrics"][..], "--names prometheus"),
        (&["--names", "otel", "--format", "table"], "--names documented"),
        (&["--names", "heapster", "--gauge", "min,max"], "--gauge"),
        (&["--gauge", "min"], "--names prometheus, heapster or otel"),
        (&["--names", "catalogue", "--since", "5"], "--since"),
        (&["--names", "prometheus", "--temporality", "delta"], "--names otel"),
        (&["--names", "prometheus", "--complete"], "--complete"),
        (&["--names", "otel", "--extended"], "--extended"),
        (&["--names", "otel", "--allocatable-cpu", "2"], "--names heapster"),
        (&["--names", "heapster", "--allocatable-cpu", "0"], "3920m"),
        (&["--columns", "alias"], "--format csv or table"),
        (&["--names", "prometheus", "--format", "csv", "--columns", "alias"], "labels"),
        (&["--format", "csv", "--columns", "labels"], "label:KEY"),
    ] {
        let args: Vec<_> = ["points"].iter().chain(args).copied().collect();
        let run = cmetrics(args.iter().chain(&["/no/such/file"]).copied()).ends_with(2);
        assert!(run.stderr.contains(part) && run.stdout.is_empty(), "{args:?}: {}", run.stderr);
    }
}

#[test]
fn a_store_gives_the_rows_that_its_documents_give() {
    let time = |second: u64| format!("2026-11-21T12:00:{second:02}Z");
    let container = |name: &str, told: &str| {
        let stats = [1, 9].map(|second| {
            format!(
                r#"{{"timestamp": "{}", "cpu": {{"usage": {{"total": {second}}}}}}}"#,
                time(second)
            )
        });
        let stats = stats.join(",");
        format!(r#"{{"name": "{name}", "spec": {{"has_cpu": true, {told}}}, "stats": [{stats}]}}"#)
    };
    let created = r#""creation_time": "2026-11-21T11:59:30.5Z", "cpu": {"mask": "0-3"}"#;
    let started = format!(r#"{created}, "start_time": "2026-11-21T12:00:00Z""#);
    let never = created.replace("2026-11-21T11:59:30.5Z", "0001-01-01T00:00:00Z");
    let all = [container("/", created), container("/a", &started), container("/b", &never)];
    let document = format!("[{}]", all.join(","));
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let store = store.to_str().unwrap();
    fed(&["ingest", "--quiet", "--store", store], &document).ends_with(0);
    let until = ["--period", "10", "--end", "2026-11-21T12:00:10Z"];
    let mut uptimes = Vec::new();
    for naming in ["heapster", "otel", "prometheus"] {
        for name in ["/", "/a", "/b"] {
            let read = fed(&["points", "--names", naming, "-c", name], &document).ends_with(0);
            let args = ["get", "--store", store, name, "--names", naming].into_iter().chain(until);
            assert_eq!(cmetrics(args).ends_with(0).stdout, read.stdout, "{naming} {name}");
            if naming == "heapster" {
                let rows = rows_of(&read.stdout);
                let of_uptime = rows.iter().filter(|row| row["name"] == "uptime");
                uptimes.extend(of_uptime.map(|row| row["value"].as_u64().unwrap()));
                let capacity = rows.iter().find(|row| row["name"] == "cpu/node_capacity");
                assert_eq!(capacity.is_some_and(|row| row["value"] == 4000), name == "/");
            }
        }
    }
    assert_eq!(uptimes, [29_500, 34_500, 39_500, 0, 5_000, 10_000]);
}

#[test]
fn periods_of_a_store_have_the_zero_that_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let store = store.to_str().unwrap();
    fed(&["ingest", "--quiet", "--store", store], dump()).ends_with(0);
    let sums = |period: &str, end: u64, options: &[&str]| {
        let end = end.to_string();
        let mut args = vec!["get", "--store", store, "/a \"b\"", "--period", period, "--end", &end];
        args.extend(["--names", "heapster", "--metrics", "cpu.usage"]);
        args.extend(options);
        let rows = rows_of(&cmetrics(args).ends_with(0).stdout);
        let usage = rows.iter().filter(|row| row["name"] == "cpu/usage");
        let pair = |row: &Value| (row["time"].as_u64().unwrap() - TIME, row["value"].clone());
        usage.map(pair).collect::<Vec<_>>()
    };
    let zero = (TIME - 100).to_string();
    let since = ["--since", &*zero];
    let whole = [(0, 0.into()), (5, 1_500_000_001_u64.into()), (10, 1_500_000_001_u64.into())];
    assert_eq!(sums("10", TIME + 10, &[]), whole);
    assert_eq!(sums("10", TIME + 10, &since), whole);
    assert_eq!(sums("5", TIME + 10, &since), whole[1..]);
    assert_eq!(sums("5", TIME + 10, &[]), [(5, 0.into()), (10, 0.into())]);
    let later = (TIME + 5).to_string();
    assert_eq!(sums("10", TIME + 10, &["--since", &later]), [(5, 0.into()), (10, 0.into())]);
    let next = sums("10", TIME + 410, &since);
    assert_eq!(next, [(400, 1_500_000_001_u64.into()), (405, 1_600_000_001_u64.into())]);
}
