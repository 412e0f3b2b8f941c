//! Expositions of points that cmetrics itself wrote read back to the same points.

use std::collections::BTreeMap;

use cmetrics_core::names::{NameOptions, Names, Naming, Subject};
use cmetrics_core::parse::Door;
use cmetrics_core::{Input, Metric, MetricSet, Pipeline, Settings};
use serde_json::{Value, json};

use super::common::{read_files, recorded};
use super::told::{listen, parser};

const TITLE: &str = "# HELP cmetrics_points Points.\n";
const ID: &str = "0783690c8f18d473e3308b45c23a8637e250fdbf91712a2c5a8a79415cfba82e";

fn all() -> Settings {
    Settings::default().with_metrics(MetricSet::all())
}

/// The rows of all points, by name, as the text has them.
fn written(pipeline: &Pipeline, is_open: bool) -> String {
    let names = Names::new(Naming::Prometheus, NameOptions::default()).unwrap();
    let mut by_name = BTreeMap::<usize, String>::new();
    for series in pipeline.series() {
        let subject = Subject::from(series);
        let mut keep = |row: &cmetrics_core::names::Row<'_>| {
            let labels: Vec<_> =
                row.labels().map(|(key, value)| format!("{key}={value:?}")).collect();
            let unit = if is_open { "" } else { "000" };
            let (name, value, time) = (row.name(), row.value(), row.time());
            let text = format!("{name}{{{}}} {value} {time}{unit}\n", labels.join(","));
            by_name.entry(row.place()).or_default().push_str(&text);
        };
        let mut maker = names.rows_of(&subject);
        for point in &series.history(all()).points {
            maker.add(point, &mut keep);
        }
        maker.finish(&mut keep);
    }
    let rows: Vec<_> = by_name.into_values().collect();
    format!("{TITLE}{}{}", rows.concat(), if is_open { "# EOF\n" } else { "" })
}

/// The figures of points, by name and start.
fn figures(pipeline: &Pipeline, settings: Settings) -> BTreeMap<(String, u64), Value> {
    let points = pipeline.series().flat_map(|series| series.history(settings).points);
    let key =
        |point: &cmetrics_core::DataPoint| (point.name().to_string(), point.interval().start());
    points
        .map(|point| (key(&point), serde_json::to_value(&point).unwrap()["metrics"].clone()))
        .collect()
}

/// Sums go on over intervals without a point, which read back as ones without growth; all others
/// are the same.
fn assert_same_points(
    after: &BTreeMap<(String, u64), Value>,
    before: &BTreeMap<(String, u64), Value>,
) {
    for ((name, start), metrics) in after {
        let key = (name.clone(), *start);
        let follows = before.range(key.clone()..).next();
        let is_between = follows.is_some_and(|((other, _), _)| other == name)
            && before.range(..key.clone()).next_back().is_some_and(|((other, _), _)| other == name);
        let has_growth = || metrics.as_object().unwrap().values().any(|of| of.as_u64() > Some(0));
        assert!(before.contains_key(&key) || (is_between && !has_growth()), "{key:?} {metrics}");
    }
    assert!(before.keys().all(|key| after.contains_key(key)));
}

fn read(text: &str, settings: Settings) -> Pipeline {
    let mut pipeline = Pipeline::new(settings);
    pipeline.read(Input::bytes("points", text.as_bytes())).into_result().unwrap();
    pipeline
}

/// Asserts that points read back. Returns how many figures there are.
fn assert_reads_back(pipeline: &Pipeline) -> usize {
    let before = figures(pipeline, all());
    let mut compared = 0;
    for is_open in [false, true] {
        let text = written(pipeline, is_open);
        let back = read(&text, all());
        assert!(back.series().all(|series| series.chains().all(|chain| {
            chain.door() == Door::ExpositionCmetrics && chain.notes().next().is_none()
        })));
        let after = figures(&back, all());
        assert_same_points(&after, &before);
        for (key, metrics) in &before {
            for (metric, figure) in metrics.as_object().unwrap() {
                let found = &after[key][metric];
                let is_told = |figure: &Value| {
                    !(figure.is_null() || figure["ave"].is_null() && figure.is_object())
                };
                if !is_told(figure) {
                    // Sums, and the lines between means, go on over it.
                    let has_any =
                        before.iter().any(|((name, _), of)| *name == key.0 && is_told(&of[metric]));
                    assert!(
                        !is_told(found) || (has_any && (found.is_object() || found == 0)),
                        "{metric} of {key:?}: {found}"
                    );
                    continue;
                }
                compared += 1;
                if !figure.is_object() {
                    assert_eq!(found, figure, "{metric} of {key:?}");
                    continue;
                }
                for part in ["ave", "min", "max"] {
                    let [found, ave] = [&found[part], &figure["ave"]].map(Value::as_f64);
                    let is_same =
                        found.zip(ave).is_some_and(|(one, other)| (one - other).abs() <= 0.5);
                    assert!(
                        is_same || found == ave,
                        "{metric} {part} of {key:?}: {found:?} for {ave:?}"
                    );
                }
            }
        }
        // The end of the last interval is told of counters alone, whatever is read.
        let some = Settings::default().with_metrics(MetricSet::named(&["cpu.usage"]).unwrap());
        let after = figures(&read(&text, some), some);
        assert_same_points(&after, &before);
        for (key, metrics) in &before {
            let cpu = &metrics["cpu.usage"];
            assert!(cpu.is_null() || after[key]["cpu.usage"] == *cpu, "{key:?}");
        }
    }
    compared
}

/// A sample with a reading of every metric; counters grow by `n`.
fn stats(second: u64, n: u64) -> Value {
    let interface = |name: &str| {
        json!({"name": name, "rx_bytes": n * 100, "rx_packets": n * 10,
        "rx_errors": n, "rx_dropped": n * 2, "tx_bytes": n * 200, "tx_packets": n * 20,
        "tx_errors": n * 3, "tx_dropped": n * 4})
    };
    let disk = json!([{"major": 8, "minor": 0, "stats":
        {"Async": n, "Sync": n * 2, "Read": n * 3, "Write": n * 4, "Discard": n * 5}}]);
    let pressure = |n: u64| json!({"some": {"total": n * 3}, "full": {"total": n * 2}});
    json!({"timestamp": format!("2026-11-21T12:00:{second:02}Z"),
        "cpu": {"usage": {"total": n * 1_000_001, "user": n * 1000, "system": n * 100},
            "cfs": {"periods": n, "throttled_periods": n / 2, "throttled_time": n * 1000,
                "bursts_periods": n / 3, "burst_time": n * 7},
            "schedstat": {"run_time": n * 11, "runqueue_time": n * 12, "run_periods": n * 13},
            "psi": pressure(n), "load_average": 1500, "load_d_average": 250},
        "task_stats": {"nr_sleeping": 3, "nr_running": 2, "nr_stopped": 0,
            "nr_uninterruptible": 1, "nr_io_wait": 4},
        "memory": {"usage": 1000 + second, "working_set": 900, "rss": 800, "cache": 100, "swap": 5,
            "mapped_file": 6, "max_usage": 7000, "kernel": 8, "total_active_file": 9,
            "total_inactive_file": 10, "file_dirty": 11, "file_writeback": 12, "failcnt": n,
            "container_data": {"pgfault": n * 5, "pgmajfault": n * 2}, "pgscan": n * 2,
            "pgsteal": n * 3, "workingset_refault_file": n * 4, "workingset_refault_anon": n * 5,
            "events": {"high": n, "max": n * 2}, "psi": pressure(n * 10)},
        "oom_events": n, "referenced_memory": 77,
        "network": {"interfaces": [interface("eth0"), interface("eth1")]},
        "diskio": {"io_service_bytes": disk, "io_serviced": disk, "psi": pressure(n * 100)},
        "filesystem": [{"device": "/dev/sda", "usage": 10, "base_usage": 6, "capacity": 100,
            "available": 90, "inodes": 50, "inodes_free": 40, "has_inodes": true}],
        "processes": {"process_count": 4, "fd_count": 20, "socket_count": 3, "threads_current": 8,
            "threads_max": 1000},
        "accelerators": [{"id": "g", "memory_total": 16_000_000, "memory_used": 2_500_000}]})
}

fn dump(path: &str, stats: &[Value]) -> String {
    json!({path: {"name": path, "spec": {"creation_time": "2026-11-21T11:00:00Z", "has_cpu": true,
        "cpu": {"quota": 50_000, "period": 100_000, "limit": 512}, "memory": {"limit": 1 << 30}},
        "aliases": ["web"], "stats": stats}})
    .to_string()
}

#[test]
fn every_metric_of_containers_and_cgroups_reads_back() {
    let samples = [(1, 1000), (4, 1600), (11, 3000), (13, 3003)].map(|(at, n)| stats(at, n));
    let mut pipeline = Pipeline::new(all());
    for path in ["/", "/system.slice/ssh.service", &format!("/docker/{ID}")] {
        let input = dump(path, &samples);
        pipeline.read(Input::bytes("dump", input.as_bytes())).into_result().unwrap();
    }
    // Without disks, and without any counter.
    let plain = |second: u64| json!({"timestamp": format!("2026-11-21T12:00:{second:02}Z"), "memory": {"usage": second}});
    let input = dump("/plain", &[plain(1), plain(6), plain(43)]);
    pipeline.read(Input::bytes("dump", input.as_bytes())).into_result().unwrap();
    let compared = assert_reads_back(&pipeline);
    assert!(compared > 2 * 9 * Metric::ALL.len(), "only {compared}");
}

#[test]
fn what_is_named_by_its_pod_reads_back_from_its_first_interval_on() {
    let row = |name: &str, value: f64, second: u64| {
        let labels = "container=\"c\",namespace=\"n\",pod=\"p\"";
        format!("{name}{{{labels}}} {value} 16000000{second:02}000\n")
    };
    let mut text = String::new();
    // A gap of which no point tells.
    for (second, used) in [(0, 1.5), (5, 2.5), (10, 4.0), (60, 5.0), (65, 7.0)] {
        text += &row("container_cpu_usage_seconds_total", used, second);
        text += &row("container_memory_working_set_bytes", used * 1000.0, second);
    }
    let pipeline = read(&text, all());
    let points = figures(&pipeline, all());
    assert_eq!(points.values().next().unwrap()["cpu.usage"], 1_000_000_000);
    assert!(assert_reads_back(&pipeline) > 10);
}

#[test]
fn recordings_read_back() {
    for (set, endpoint) in [("v060-1s", "v1.3-docker"), ("v060-1s", "v1.3-subcontainers")] {
        let compared = assert_reads_back(&read_files(&recorded(set, endpoint), all()));
        assert!(compared > 10_000, "{set} {endpoint}: only {compared}");
    }
}

#[test]
fn a_scrape_after_points_is_a_scrape_again() {
    let rows = format!(
        "container_cpu_schedstat_run_seconds_total{{id=\"{ID}\"}} 0 1600000000000\n\
         container_memory_kernel_usage{{id=\"{ID}\"}} 5 1600000000000\n\
         container_memory_rss{{id=\"{ID}\"}} 1 1600000000000\n"
    );
    let text = format!("{rows}{TITLE}{rows}{TITLE}# EOF\n{rows}");
    let mut parser = parser();
    for _ in 0..2 {
        let heard = listen(&mut parser, text.as_bytes());
        let readings = |door| {
            let told = &heard.all[&(door, None, ID.to_owned())];
            told.samples.iter().map(|(_, readings)| readings.len()).collect::<Vec<_>>()
        };
        assert_eq!(heard.all.len(), 2);
        assert_eq!(readings(Door::ExpositionCmetrics), [3]);
        assert_eq!(readings(Door::Exposition), [1, 1]);
    }
}

#[test]
fn a_scrape_right_behind_points_begins_with_its_first_family() {
    let rows = format!(
        "container_memory_kernel_usage{{id=\"{ID}\"}} 5 1600000000000\n\
         container_memory_rss{{id=\"{ID}\"}} 1 1600000000000\n"
    );
    let help = "# HELP container_memory_rss x\n";
    let heard = listen(&mut parser(), format!("{TITLE}{rows}{help}{rows}").as_bytes());
    let doors: Vec<_> = heard.all.keys().map(|(door, ..)| *door).collect();
    assert_eq!(doors, [Door::Exposition, Door::ExpositionCmetrics]);
}
