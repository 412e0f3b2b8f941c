//! Every row of the table, in each document that tells it; and what is particular to some.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use cmetrics_core::metric::Scope;
use cmetrics_core::point::Value;
use cmetrics_core::{Input, Metric, MetricSet, Pipeline, Sample, Settings};
use common::{data, read_files, recorded};

/// The number that stands for each metric in `data/catalogue/*.json`.
const NUMBERS: [(&str, u64); 78] = [
    ("cpu.usage", 101),
    ("cpu.user", 102),
    ("cpu.system", 103),
    ("cpu.cfs_periods", 104),
    ("cpu.cfs_throttled_periods", 105),
    ("cpu.cfs_throttled_time", 106),
    ("cpu.cfs_burst_periods", 107),
    ("cpu.cfs_burst_time", 108),
    ("cpu.schedstat_run_time", 109),
    ("cpu.schedstat_runqueue_time", 110),
    ("cpu.schedstat_run_periods", 111),
    ("cpu.load", 112),
    ("cpu.load_uninterruptible", 113),
    ("cpu.pressure_full", 114),
    ("cpu.pressure_some", 115),
    ("tasks.sleeping", 116),
    ("tasks.running", 117),
    ("tasks.stopped", 118),
    ("tasks.uninterruptible", 119),
    ("tasks.io_wait", 120),
    ("memory.usage", 121),
    ("memory.max_usage", 122),
    ("memory.cache", 123),
    ("memory.rss", 124),
    ("memory.swap", 125),
    ("memory.mapped_file", 126),
    ("memory.working_set", 127),
    ("memory.active_file", 128),
    ("memory.inactive_file", 129),
    ("memory.file_dirty", 130),
    ("memory.file_writeback", 131),
    ("memory.pages_scanned", 132),
    ("memory.pages_stolen", 133),
    ("memory.refaults_file", 134),
    ("memory.refaults_anon", 135),
    ("memory.failures", 136),
    ("memory.kernel", 137),
    ("memory.page_faults", 138),
    ("memory.major_page_faults", 139),
    ("memory.pressure_full", 140),
    ("memory.pressure_some", 141),
    ("memory.events_high", 142),
    ("memory.events_max", 143),
    ("memory.oom_events", 144),
    ("memory.referenced", 145),
    ("network.rx_bytes", 146),
    ("network.rx_packets", 147),
    ("network.rx_errors", 148),
    ("network.rx_dropped", 149),
    ("network.tx_bytes", 150),
    ("network.tx_packets", 151),
    ("network.tx_errors", 152),
    ("network.tx_dropped", 153),
    ("diskio.async", 154),
    ("diskio.discard", 155),
    ("diskio.read", 156),
    ("diskio.sync", 157),
    ("diskio.write", 158),
    ("diskio.async_ops", 159),
    ("diskio.discard_ops", 160),
    ("diskio.read_ops", 161),
    ("diskio.sync_ops", 162),
    ("diskio.write_ops", 163),
    ("diskio.pressure_full", 164),
    ("diskio.pressure_some", 165),
    ("filesystem.capacity", 166),
    ("filesystem.usage", 167),
    ("filesystem.base_usage", 168),
    ("filesystem.available", 169),
    ("filesystem.inodes", 170),
    ("filesystem.inodes_free", 171),
    ("processes.count", 172),
    ("processes.fds", 173),
    ("processes.sockets", 174),
    ("processes.threads", 175),
    ("processes.threads_max", 176),
    ("gpu.memory_total", 177),
    ("gpu.memory_used", 178),
];

/// What v2.1 `stats` does not tell.
const NOT_IN_V2_1: [&str; 4] =
    ["filesystem.capacity", "filesystem.available", "filesystem.inodes", "filesystem.inodes_free"];

fn read(text: &str, metrics: MetricSet) -> Pipeline {
    let mut pipeline = Pipeline::new(Settings::default().with_metrics(metrics));
    pipeline.read(Input::reader("dump.json", text.as_bytes())).into_result().unwrap();
    pipeline
}

fn number(sample: &Sample, metric: Metric) -> Option<u64> {
    match metric.scope() {
        Scope::Interface => sample.interfaces().next().unwrap().readings.get(metric),
        Scope::Device => sample.devices().find_map(|device| device.readings.get(metric)),
        _ => sample.get(metric),
    }
}

fn snippet(name: &str) -> String {
    std::fs::read_to_string(data().join("catalogue").join(name)).unwrap()
}

#[test]
fn every_row_is_read_from_each_document() {
    for document in ["v1.json", "v2.0.json", "v2.1.json"] {
        let pipeline = read(&snippet(document), MetricSet::all());
        let series = pipeline.series().next().unwrap();
        let sample = series.samples().next().unwrap();
        for &metric in Metric::ALL {
            let (_, expected) = NUMBERS.iter().find(|(name, _)| *name == metric.name()).unwrap();
            let told = !(document == "v2.1.json" && NOT_IN_V2_1.contains(&metric.name()));
            let expected = told.then_some(*expected);
            assert_eq!(number(&sample, metric), expected, "{metric} in {document}");
        }
    }
}

#[test]
fn what_is_not_selected_is_neither_read_nor_kept_nor_checked() {
    let one = [Metric::CpuSchedstatRunTime].into_iter().collect();
    let pipeline = read(&snippet("v1.json"), one);
    let sample = pipeline.series().next().unwrap().samples().next().unwrap().clone();
    let kept: Vec<_> = sample.readings().iter().map(|(metric, _)| metric.name()).collect();
    assert_eq!(kept, ["cpu.usage", "cpu.schedstat_run_time", "cpu.load", "memory.usage"]);
    let bad = r#"{"/a":[{"timestamp":"2026-11-21T12:00:00Z","memory":{"usage":1,"rss":-5}}]}"#;
    assert_eq!(read(bad, MetricSet::default()).series().next().unwrap().len(), 1);
}

#[test]
fn the_choice_of_metrics_changes_no_documented_figure() {
    for (set, endpoint) in [("v060-oom", "v1.3-docker"), ("dynamic", "v2.1-stats")] {
        let paths = recorded(set, endpoint);
        let without = read_files(&paths, Settings::default()).points();
        let with = read_files(&paths, Settings::default().with_metrics(MetricSet::all())).points();
        assert_eq!(without.len(), with.len());
        for (without, with) in without.iter().zip(&with) {
            assert_eq!((without.name(), without.interval()), (with.name(), with.interval()));
            assert_eq!(without.coverage(), with.coverage());
            for metric in MetricSet::documented().iter() {
                assert_eq!(without.value(metric), with.value(metric), "{metric}");
            }
        }
    }
}

/// One sample of `/a` with this content, as v1 tells it.
fn v1(content: &str) -> String {
    format!(
        r#"{{"/a":{{"name":"/a","spec":{{"has_processes":true}},"stats":[
            {{"timestamp":"2026-11-21T12:00:00Z",{content}}}]}}}}"#
    )
}

fn value(text: &str, name: &str) -> Option<Value> {
    let metric = name.parse().unwrap();
    read(text, MetricSet::all()).points()[0].value(metric)
}

fn mean(text: &str, name: &str) -> Option<f64> {
    value(text, name).map(|value| match value {
        Value::Gauge(gauge) => gauge.ave,
        Value::Growth(_) => panic!("{name} is no gauge"),
    })
}

#[test]
fn lists_are_summed_and_file_systems_without_inodes_do_not_count_for_them() {
    let text = v1(r#""filesystem":[
        {"usage":5,"inodes":10,"has_inodes":true},
        {"usage":7,"inodes":90,"inodes_free":9,"has_inodes":false},
        {"capacity":3,"inodes":1}],
        "accelerators":[{"memory_used":2,"memory_total":8},{"memory_used":3}]"#);
    assert_eq!(mean(&text, "filesystem.usage"), Some(12.0));
    assert_eq!(mean(&text, "filesystem.capacity"), Some(3.0));
    assert_eq!(mean(&text, "filesystem.available"), None);
    assert_eq!(mean(&text, "filesystem.inodes"), Some(11.0));
    assert_eq!(mean(&text, "filesystem.inodes_free"), None);
    assert_eq!(mean(&text, "gpu.memory_used"), Some(5.0));
    assert_eq!(mean(&text, "gpu.memory_total"), Some(8.0));
    let huge = v1(r#""filesystem":[{"usage":18446744073709551615},{"usage":1}]"#);
    assert_eq!(mean(&huge, "filesystem.usage"), None);
}

#[test]
fn processes_that_one_copy_denies_and_another_tells_are_told() {
    let told = v1(r#""processes":{"process_count":3}"#);
    let denied = r#"{"/a":[{"timestamp":"2026-11-21T12:00:00Z","has_processes":false,
        "processes":{"process_count":0}}]}"#;
    for text in [format!("{told}{denied}"), format!("{denied}{told}")] {
        assert_eq!(mean(&text, "processes.count"), Some(3.0));
    }
    assert_eq!(mean(denied, "processes.count"), None);
}

#[test]
fn pressure_is_there_without_any_device_and_disk_figures_are_not() {
    let sample = |second: u32, total: u32| {
        format!(
            r#"{{"timestamp":"2026-11-21T12:00:0{second}Z","diskio":{{"psi":{{"some":{{"total":{total}}}}}}}}}"#
        )
    };
    let text = format!(r#"{{"/a":[{},{}]}}"#, sample(0, 5), sample(4, 45));
    assert_eq!(value(&text, "diskio.pressure_some"), Some(Value::Growth(40)));
    assert_eq!(value(&text, "diskio.pressure_full"), None);
    assert_eq!(value(&text, "diskio.read_ops"), None);
}

#[test]
fn limits_are_those_of_the_newest_document() {
    let text = |second: u32, limit: &str| {
        format!(
            r#"{{"/a":{{"name":"/a","spec":{{"cpu":{{"quota":50000,"period":100000,"limit":512}},
            "memory":{{"limit":{limit},"reservation":9223372036854771712,"swap_limit":-1}},
            "processes":{{"limit":100}}}},"stats":[
            {{"timestamp":"2026-11-21T12:00:0{second}Z","cpu":{{"usage":{{"total":0}}}},
              "memory":{{"working_set":32,"usage":1}}}}]}}}}"#
        )
    };
    let dumps = text(4, "128") + &text(1, "64") + &text(2, "64");
    let mut pipeline = Pipeline::new(Settings::default().with_shares());
    pipeline.read(Input::reader("dump.json", dumps.as_bytes())).into_result().unwrap();
    let series = pipeline.series().next().unwrap();
    let limits = series.limits();
    assert_eq!((limits.cpu_cores, limits.cpu_shares), (Some(0.5), Some(512)));
    assert_eq!((limits.memory_bytes, limits.processes), (Some(128), Some(100)));
    assert_eq!((limits.memory_reservation_bytes, limits.swap_bytes), (None, None));
    assert_eq!(series.limit_changes(), 1);
    let shares = pipeline.points()[0].shares().unwrap();
    assert_eq!((shares.cpu, shares.memory), (Some(0.0), Some(0.25)));
    assert!(pipeline.points()[0].selected().is_empty());
    assert!(!serde_json::to_string(&pipeline.points()[0]).unwrap().contains("metrics"));
}

fn memory_limit_of(documents: &[([u32; 2], u32)]) -> Option<u64> {
    let text = |(seconds, limit): &([u32; 2], u32)| {
        let stats = seconds.map(|at| format!(r#"{{"timestamp":"2026-11-21T12:00:0{at}Z"}}"#));
        let stats = stats.join(",");
        format!(
            r#"{{"/a":{{"name":"/a","spec":{{"has_cpu":true,"memory":{{"limit":{limit}}}}},
            "stats":[{stats}]}}}}"#
        )
    };
    let pipeline = read(&documents.iter().map(text).collect::<String>(), MetricSet::default());
    pipeline.series().next().unwrap().limits().memory_bytes
}

#[test]
fn the_newest_document_is_the_one_whose_latest_sample_is_newest() {
    assert_eq!(memory_limit_of(&[([9, 3], 256), ([7, 8], 512)]), Some(256));
    assert_eq!(memory_limit_of(&[([7, 8], 512), ([9, 3], 256)]), Some(256));
}

#[test]
fn a_known_sample_makes_its_document_the_newest_wherever_it_stands() {
    assert_eq!(memory_limit_of(&[([1, 9], 64), ([9, 3], 256), ([2, 4], 512)]), Some(256));
    assert_eq!(memory_limit_of(&[([1, 9], 256), ([9, 3], 64), ([1, 3], 512)]), Some(256));
}

#[test]
fn words_name_metrics_groups_and_all() {
    assert_eq!(MetricSet::named(&["all"]).unwrap().len(), Metric::ALL.len());
    assert_eq!(MetricSet::named(&["tasks.*", "cpu.load"]).unwrap().len(), 6);
    for wrong in ["", "*", "memory", "memory.", "tasks*", "nothing.*", "cpu.usages"] {
        let error = MetricSet::named(&[wrong]).unwrap_err();
        assert!(error.to_string().starts_with("no metric is called"), "{error}");
    }
    assert_eq!(MetricSet::named(&["cpu.usages"]).unwrap_err().near()[0], "cpu.usage");
}
