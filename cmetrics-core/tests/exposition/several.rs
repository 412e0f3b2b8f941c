//! Several scrapes in one input tell what they tell in files of their own.

use cmetrics_core::pipeline::Outcome;
use cmetrics_core::{DataPoint, Input, Metric, MetricSet, Pipeline, Settings};

use super::told::scraped_at;

/// A time in seconds, and in the milliseconds of the text.
const A: u64 = 1_600_000_000;
const B: u64 = A + 5;

/// The points of all containers, from inputs that are read one after another.
fn points(inputs: &[String]) -> Vec<DataPoint> {
    let settings = Settings::default().with_metrics(MetricSet::all());
    let mut pipeline = Pipeline::new(settings);
    for text in inputs {
        pipeline.read(Input::bytes("metrics", text.as_bytes())).into_result().unwrap();
    }
    pipeline.series().flat_map(|series| series.history(settings).points).collect()
}

fn rows(rows: &[(&str, u64, u64)]) -> String {
    let row = |(series, value, time): &(&str, u64, u64)| format!("{series} {value} {time}000\n");
    rows.iter().map(row).collect::<Vec<_>>().concat()
}

#[test]
fn of_a_sample_that_several_scrapes_tell_the_larger_figures_stay_in_any_order() {
    const OOM: &str = "container_oom_events_total{id=\"/x\"}";
    const PROCESSES: &str = "container_processes{id=\"/x\"}";
    const DISK: &str = "container_fs_usage_bytes{device=\"a\",id=\"/x\"}";
    let scrape = |oom, processes, time| {
        rows(&[(OOM, oom, time), (PROCESSES, processes, time), (DISK, processes, time)])
    };
    let [first, middle, last] = [scrape(0, 3, A), scrape(1, 4, B), scrape(3, 7, B)];
    let files = points(&[first.clone(), middle.clone(), last.clone()]);
    let value = |index: usize, metric: &str| {
        let point: serde_json::Value = serde_json::to_value(&files[index]).unwrap();
        point["metrics"][metric].clone()
    };
    assert_eq!(value(0, "memory.oom_events"), 3);
    assert_eq!(value(1, "processes.count")["max"], 7.0);
    for order in [[&first, &middle, &last], [&last, &first, &middle], [&middle, &last, &first]] {
        let joined: String = order.into_iter().map(String::as_str).collect();
        assert_eq!(points(&[joined]), files);
    }
}

#[test]
fn a_container_has_disks_if_its_own_scrape_tells_of_any() {
    const RSS: &str = "container_memory_rss{id=\"/x\"}";
    const OTHER: &str = "container_memory_rss{id=\"/other\"}";
    const BYTES: &str = "container_fs_reads_bytes_total{device=\"sda\",id=\"/x\"}";
    const OF_NEW: &str = "container_fs_reads_bytes_total{device=\"sda\",id=\"/new\"}";
    let titled = |rows: String| format!("# HELP cadvisor_version_info x\n{rows}");
    let without = rows(&[(RSS, 1, A), (OTHER, 1, A)]);
    for with in [
        rows(&[(BYTES, 500, B), (RSS, 1, B), (OTHER, 1, B)]),
        rows(&[(RSS, 1, B), (OTHER, 1, B), (BYTES, 500, B)]),
        rows(&[(RSS, 1, B), (OTHER, 1, A), (BYTES, 500, B)]),
    ] {
        for scrapes in [[&without, &with], [&with, &without]] {
            let files = points(&scrapes.map(String::clone));
            assert_eq!(points(&[scrapes.map(String::as_str).concat()]), files, "{with}");
        }
    }
    // The first row of the second scrape is of a container that the first does not know.
    let with = rows(&[(OF_NEW, 500, B), (RSS, 1, B), (OTHER, 1, B), (BYTES, 500, B)]);
    let scrapes = [without, with].map(titled);
    assert_eq!(points(&[scrapes.concat()]), points(&scrapes));
}

#[test]
fn where_each_series_has_all_its_rows_together_they_are_one_scrape() {
    let of = |path: &str, family: &str| {
        let series = format!("container_{family}{{device=\"sda\",id=\"{path}\"}}");
        rows(&[(&series, 1, A), (&series, 2, B), (&series, 3, B + 5)])
    };
    // The last one has a device that the one before did not have yet, as there are others.
    let appears = "container_fs_reads_bytes_total{device=\"sda\",id=\"/y\"}";
    let text = of("/x", "memory_rss")
        + &of("/y", "memory_rss")
        + &of("/x", "fs_reads_bytes_total")
        + &rows(&[(appears, 500, B + 5)]);
    let of_y = |settings: Settings| {
        let mut pipeline = Pipeline::new(settings);
        pipeline.read(Input::bytes("metrics", text.as_bytes())).into_result().unwrap();
        let y = pipeline.series().find(|series| &**series.identity().name() == "/y").unwrap();
        let points = y.history(settings).points;
        points.iter().map(|point| point.growth(Metric::DiskioRead)).collect::<Vec<_>>()
    };
    let all = Settings::default().with_metrics(MetricSet::all());
    assert_eq!(of_y(all), [None, Some(500), None]);
    // Rows that are not asked for tell it, too.
    let disks = Settings::default().with_metrics([Metric::DiskioRead].into_iter().collect());
    assert_eq!(of_y(disks), [None, Some(500), None]);
}

fn read_untimed(inputs: &[&str]) -> Vec<Outcome> {
    let mut pipeline = Pipeline::default();
    let read = |text: &&str| {
        let input = Input::bytes("metrics", text.as_bytes());
        pipeline.read(input.scraped_at(scraped_at()))
    };
    inputs.iter().map(read).collect()
}

#[test]
fn of_documents_without_times_behind_one_another_the_first_is_read_and_an_error_says_so() {
    let document =
        |value: u64| format!("container_memory_usage_bytes{{id=\"/x\"}} {value}\n# EOF\n");
    let outcomes = read_untimed(&[&(document(1) + &document(2) + &document(3))]);
    let [outcome] = &outcomes[..] else { panic!() };
    let errors: Vec<_> = outcome.errors.iter().map(ToString::to_string).collect();
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert!(errors[0].contains("line 3 column 1") && errors[0].contains("file of its own"));
    // Documents of their own inputs are not behind one another, and other series are no repetition.
    let other = "container_threads{id=\"/x\"} 1\n# EOF\n";
    for outcome in read_untimed(&[&document(1), &document(2), &(document(3) + other)]) {
        assert!(outcome.errors.is_empty(), "{:?}", outcome.errors);
    }
    let timed = document(1).replace("\n#", " 1600000000\n#");
    for outcome in read_untimed(&[&(timed.clone() + &timed + &document(1))]) {
        assert!(outcome.errors.is_empty(), "{:?}", outcome.errors);
    }
}

#[test]
fn a_scrape_of_copies_tells_nothing_of_the_disks_of_the_next_one() {
    const RSS: &str = "container_memory_rss{id=\"/a\"}";
    let disk =
        |device: &str| format!("container_fs_writes_bytes_total{{device=\"{device}\",id=\"/a\"}}");
    let (x, y) = (disk("x"), disk("y"));
    let titled = |rows: String| format!("# HELP container_last_seen x\n{rows}");
    let first = titled(rows(&[(RSS, 5, A), (&x, 10, A)]));
    let scrapes = [
        first.clone(),
        first,
        titled(rows(&[(RSS, 5, A + 10)])),
        titled(rows(&[(RSS, 5, A + 20), (&y, 1000, A + 20)])),
    ];
    assert_eq!(points(&[scrapes.concat()]), points(&scrapes));
}
