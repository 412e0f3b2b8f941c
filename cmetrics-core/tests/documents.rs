//! cAdvisor's documents, told apart by their content.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use cmetrics_core::metric::Section;
use cmetrics_core::pipeline::MachineName;
use cmetrics_core::{Input, Metric, MetricSet, Pipeline, Settings};
use common::{as_json, read, read_files, recorded, unpacked};

const STATS: &str = r#"[
    {"timestamp":"2026-11-21T12:00:00Z","has_cpu":true,"cpu":{"usage":{"total":1}}},
    {"timestamp":"2026-11-21T12:00:05Z","has_cpu":true,"cpu":{"usage":{"total":6}}}]"#;

fn container() -> String {
    format!(r#"{{"name":"/a","aliases":["b"],"spec":{{"has_cpu":true}},"stats":{STATS}}}"#)
}

/// The CPU growth of each container's points.
fn growth(pipeline: &Pipeline) -> Vec<(String, Vec<Option<u64>>)> {
    let of = |series: &cmetrics_core::Series| {
        let points = series.history(pipeline.settings()).points;
        let growth = points.iter().map(|point| point.growth(Metric::CpuUsage)).collect();
        (series.identity().name().to_string(), growth)
    };
    pipeline.series().map(of).collect()
}

#[test]
fn every_document_gives_the_same_points() {
    let container = container();
    let expected = [("/a".to_owned(), vec![Some(5), None])];
    for text in [
        container.clone(),
        format!("[{container}]"),
        format!(r#"{{"/a":{container}}}"#),
        format!(r#"{{"/a":{STATS}}}"#),
        format!(r#"{{"/a":{{"spec":{{"has_cpu":true}},"stats":{STATS}}}}}"#),
        format!(r#"[{{"/a":{STATS}}},null,[{container}],{{}}]"#),
        format!(r#"{{"/a":{STATS}}}{container}[{container}]"#),
        format!("{container}\n\n{container}\r\n{{\"/a\":{STATS}}}\n"),
        format!(r#"{{"stats":{STATS},"spec":{{"x":1}},"name":"/a"}}"#),
    ] {
        assert_eq!(growth(&read(&text)), expected, "{text}");
    }
    let machine = read(STATS.replace(r#""has_cpu":true,"#, ""));
    assert_eq!(growth(&machine), [("/".to_owned(), vec![Some(5), None])]);
}

#[test]
fn a_file_is_unpacked_by_its_content() {
    let zstd = zstd::encode_all(container().as_bytes(), 3).unwrap();
    assert_eq!(growth(&read(zstd)).len(), 1);
    let path = &recorded("steady-1s", "v1.3-docker")[0];
    let (packed, plain) = (read(std::fs::read(path).unwrap()), read(unpacked(path)));
    assert_eq!(packed.points(), plain.points());
    assert!(!plain.points().is_empty());
}

#[test]
fn an_id_after_the_samples_names_the_container_all_the_same() {
    let text =
        format!(r#"{{"stats":{STATS},"name":"/docker/abc","spec":{{"has_cpu":true}},"id":"abc"}}"#);
    assert_eq!(growth(&read(text))[0].0, "abc");
}

#[test]
fn of_repeated_keys_the_first_counts() {
    let text = r#"{"/a":[{"timestamp":"2026-11-21T12:00:00Z","timestamp":"2026-11-21T12:00:09Z",
        "cpu":{"usage":{"total":1,"total":2},"usage":{"total":3}},"cpu":null,
        "memory":null,"memory":{"usage":5},"has_cpu":true,"has_cpu":false}]}"#;
    let pipeline = read(text);
    let series = pipeline.series().next().unwrap();
    let sample = series.samples().next().unwrap();
    assert_eq!(sample.time().to_string(), "2026-11-21T12:00:00Z");
    assert_eq!(sample.get(Metric::CpuUsage), Some(1));
    assert_eq!(sample.get(Metric::MemoryUsage), None);
    assert!(sample.has(Section::Cpu));
}

#[test]
fn a_flag_that_says_false_makes_its_section_absent() {
    for (document, measured) in [
        (r#"{"/a":{"spec":{"has_cpu":false},"stats":STATS}}"#, false),
        (r#"{"/a":{"stats":STATS,"spec":{"has_cpu":false}}}"#, false),
        (r#"{"/a":{"spec":{"has_cpu":null},"stats":STATS}}"#, true),
        (r#"{"/a":{"spec":{"has_cpu":0},"stats":STATS}}"#, true),
        (r#"{"/a":{"spec":null,"stats":STATS}}"#, true),
    ] {
        let sample = r#"[{"timestamp":"2026-11-21T12:00:00Z","cpu":{"usage":{"total":1}}}]"#;
        let pipeline = read(document.replace("STATS", sample));
        let series = pipeline.series().next().unwrap();
        assert_eq!(series.samples().next().unwrap().has(Section::Cpu), measured, "{document}");
    }
    let after = r#"{"/a":[{"timestamp":"2026-11-21T12:00:00Z","cpu":{"usage":{"total":1}},
        "has_cpu":false}]}"#;
    let pipeline = read(after);
    assert!(!pipeline.series().next().unwrap().samples().next().unwrap().has(Section::Cpu));
}

#[test]
fn the_top_of_the_network_serves_only_where_no_interfaces_are_listed() {
    for (network, expected) in [
        (r#"{"name":"eth0","rx_bytes":7}"#, vec![("eth0", Some(7))]),
        (r#"{"rx_bytes":7}"#, vec![("", Some(7))]),
        (r#"{"name":"eth0","rx_bytes":7,"interfaces":null}"#, vec![("eth0", Some(7))]),
        (r#"{"name":"eth0","rx_bytes":7,"interfaces":[]}"#, vec![]),
        (r#"{"name":"","rx_bytes":7}"#, vec![]),
        (r#"{"tcp":{"Listen":1}}"#, vec![]),
        (
            r#"{"name":"eth0","rx_bytes":7,"interfaces":[{"name":"eth0","rx_bytes":8},{"name":"eth1"}]}"#,
            vec![("eth0", Some(8)), ("eth1", None)],
        ),
    ] {
        let text =
            format!(r#"{{"/a":[{{"timestamp":"2026-11-21T12:00:00Z","network":{network}}}]}}"#);
        let pipeline = read(&text);
        let series = pipeline.series().next().unwrap();
        let sample = series.samples().next().unwrap();
        let found: Vec<_> = sample
            .interfaces()
            .map(|interface| (interface.name, interface.readings.get(Metric::NetworkRxBytes)))
            .collect();
        assert_eq!(found, expected, "{network}");
        assert!(sample.has(Section::Network));
    }
}

#[test]
fn a_sample_known_from_machinestats_takes_what_it_lacks_from_another_document() {
    let machine = recorded("v060-1s", "v2.1-machinestats");
    let root = recorded("v060-1s", "v1.3-subcontainers");
    let both = |paths: Vec<_>| {
        let pipeline = read_files(&paths, Settings::default());
        let root = pipeline.find("/").unwrap()[0].history(pipeline.settings());
        root.points
    };
    let forth = both([machine.clone(), root.clone()].concat());
    let back = both([root.clone(), machine.clone()].concat());
    assert_eq!(forth, back);
    let reads = |points: &[cmetrics_core::DataPoint]| {
        points.iter().filter(|point| point.growth(Metric::DiskioRead).is_some()).count()
    };
    assert_eq!(reads(&both(machine)), 0);
    assert!(reads(&forth) > 10);
}

#[test]
fn machines_keep_cgroups_apart_and_containers_together() {
    let path = &recorded("steady-1s", "v1.3-subcontainers")[0];
    let mut pipeline = Pipeline::default();
    for machine in ["node7", "node8"] {
        pipeline
            .read(Input::local_reader("dump", unpacked(path).as_bytes()).machine(Some(machine)))
            .into_result()
            .unwrap();
    }
    let names: Vec<_> = pipeline.series().map(|series| series.identity().name().clone()).collect();
    assert!(names.iter().any(|name| &**name == "node7:/"));
    assert!(names.iter().any(|name| &**name == "node8:/docker"));
    assert!(names.iter().all(|name| !name.starts_with('/')));
    let ids = names.iter().filter(|name| name.len() == 64).count();
    assert_eq!(ids + 4, names.len());
    assert_eq!(pipeline.find("/").unwrap().len(), 2);

    let mut by_folder = Pipeline::default();
    by_folder.read_paths_with(&[path], &MachineName::Folder, |_| ()).into_result().unwrap();
    assert_eq!(by_folder.find("steady-1s:/").unwrap().len(), 1);
}

#[test]
fn points_read_back_from_their_json() {
    let pipeline = read_files(&recorded("dynamic", "v1.2-docker"), Settings::default());
    let points = pipeline.points();
    for (point, json) in points.iter().zip(as_json(&pipeline)) {
        let back: cmetrics_core::DataPoint = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(&back).unwrap(), json);
        assert_eq!((back.samples(), back.coverage()), (None, None));
        let extended = serde_json::to_string(&cmetrics_core::point::Extended(point)).unwrap();
        let back: cmetrics_core::DataPoint = serde_json::from_str(&extended).unwrap();
        assert_eq!(&back, point);
    }
    for (text, words) in [
        (r#"{"name":"a","start":3,"end":8}"#, "no interval"),
        (r#"{"name":"a","start":0,"end":5,"cpu":{"load":{}}}"#, "cpu.usage is missing"),
        (r#"{"name":"a","start":0,"end":5,"cpu":{"usage":0.5}}"#, "whole number"),
        (r#"{"name":"a","start":0,"end":5,"cpu":7}"#, "cpu.usage is missing"),
    ] {
        let error = serde_json::from_str::<cmetrics_core::DataPoint>(text).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn points_with_all_metrics_read_back_from_their_json() {
    let settings = Settings::default().with_metrics(MetricSet::all()).with_shares();
    let pipeline = read_files(&recorded("v060-oom", "v1.3-docker"), settings);
    for point in pipeline.points() {
        let json = serde_json::to_string(&cmetrics_core::point::Extended(&point)).unwrap();
        let back: cmetrics_core::DataPoint = serde_json::from_str(&json).unwrap();
        assert_eq!(back, point);
    }
}

#[test]
fn a_point_has_the_documented_keys_in_the_documented_order() {
    let text = format!(r#"{{"/a":{STATS}}}"#);
    let point = serde_json::to_string(&read(text).points()[0]).unwrap();
    assert_eq!(
        point,
        r#"{"name":"/a","start":1795262400,"end":1795262405,"#.to_owned()
            + r#""cpu":{"usage":5,"load":{"ave":null,"min":null,"max":null}},"#
            + r#""memory":{"ave":null,"min":null,"max":null},"#
            + r#""network":{"tx_kb":null,"rx_kb":null,"tx_packets":null,"rx_packets":null,"#
            + r#""tx_errors":null,"rx_errors":null,"tx_drops":null,"rx_drops":null},"#
            + r#""diskio":{"async":null,"sync":null,"read":null,"write":null}}"#
    );
}
