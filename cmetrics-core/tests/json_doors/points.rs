//! From documents to points.

use cmetrics_core::{Input, Metric, Pipeline, Settings};

use crate::engine::{ID, stats};

fn growths(text: &str, metric: Metric) -> Vec<Option<u64>> {
    let mut pipeline = Pipeline::new(Settings::default());
    pipeline.read(Input::bytes("stats", text)).into_result().unwrap();
    let series = pipeline.series().find(|series| &**series.identity().name() == ID).unwrap();
    series.history(Settings::default()).points.iter().map(|point| point.growth(metric)).collect()
}

fn cpu(second: u32, total: u64, before: Option<(u32, u64)>) -> String {
    let before = before.map_or(String::new(), |(second, total)| {
        format!(
            r#","preread":"2026-11-21T12:00:{second:02}.5Z","precpu_stats":{{"cpu_usage":
            {{"total_usage":{total}}}}}"#
        )
    });
    stats(second, &format!(r#""cpu_stats":{{"cpu_usage":{{"total_usage":{total}}}}}{before}"#))
}

#[test]
fn one_object_has_a_growth_by_the_reading_before() {
    assert_eq!(growths(&cpu(3, 500, Some((2, 100))), Metric::CpuUsage), [Some(400)]);
    assert_eq!(growths(&cpu(3, 500, None), Metric::CpuUsage), [None]);
}

#[test]
fn in_a_stream_the_reading_before_is_the_copy_of_an_object() {
    let stream = [cpu(1, 100, None), cpu(2, 300, Some((1, 100))), cpu(3, 600, Some((2, 300)))];
    assert_eq!(growths(&stream.concat(), Metric::CpuUsage), [Some(500)]);
}

#[test]
fn a_device_that_appears_counts_from_the_first_empty_list() {
    let disk = |second, list: &str| {
        let list = format!(r#""blkio_stats":{{"io_service_bytes_recursive":[{list}]}}"#);
        stats(second, &format!(r#""cpu_stats":{{}},{list}"#))
    };
    let listed = r#"{"major":8,"minor":0,"op":"Read","value":4096}"#;
    let text = disk(1, "") + &disk(3, listed);
    assert_eq!(growths(&text, Metric::DiskioRead), [Some(4096)]);
    let absent = stats(1, r#""cpu_stats":{},"blkio_stats":null"#) + &disk(3, listed);
    assert_eq!(growths(&absent, Metric::DiskioRead), [None]);
}
