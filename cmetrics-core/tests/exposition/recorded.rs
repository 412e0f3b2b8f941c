//! Recorded expositions give the points that the rules make of them.

use std::path::PathBuf;
use std::time::Duration;

use cmetrics_core::{MetricSet, Settings};
use serde_json::Value;

use super::common::{as_json, assert_alike, data, expositions, read_files, unpacked};
use super::readers::plain;
use super::told::{listen, parser};

fn assert_points(name: &str, paths: &[PathBuf], settings: Settings) {
    let path = data().join("expected").join(format!("{name}.json.gz"));
    let expected: Vec<Value> = serde_json::from_str(&unpacked(&path)).unwrap();
    assert_alike(&as_json(&read_files(paths, settings)), &expected, name);
}

#[test]
fn the_scrapes_of_a_set_give_the_expected_points_in_any_order() {
    let narrow = Settings::new(Duration::from_secs(7), Some(Duration::from_secs(20))).unwrap();
    let all = Settings::default().with_metrics(MetricSet::all());
    for (set, suffix, settings) in [
        ("dynamic", "", Settings::default()),
        ("dynamic", ".interval-7.max-gap-20", narrow),
        ("dynamic", ".all-metrics", all),
        ("steady-1s", "", Settings::default()),
        ("steady-1s", ".interval-7.max-gap-20", narrow),
        ("v060-oom", "", Settings::default()),
        ("v060-oom", ".interval-7.max-gap-20", narrow),
        ("v060-1s", "", Settings::default()),
        ("v060-1s", ".interval-7.max-gap-20", narrow),
        ("v060-1s", ".all-metrics", all),
    ] {
        let mut paths = expositions(set);
        let name = format!("{set}.exposition{suffix}");
        assert_points(&name, &paths, settings);
        paths.reverse();
        assert_points(&name, &paths, settings);
    }
}

#[test]
fn scrapes_behind_one_another_are_read_like_scrapes_on_their_own() {
    let paths = expositions("dynamic");
    let together: String = paths.iter().map(|path| unpacked(path)).collect();
    let mut pipeline = cmetrics_core::Pipeline::default();
    let input = cmetrics_core::Input::bytes("all", &together);
    pipeline.read(input).into_result().unwrap();
    assert_eq!(pipeline.points(), read_files(&paths, Settings::default()).points());
}

#[test]
fn every_row_of_a_recording_means_what_the_plain_reader_makes_of_it() {
    let mut parser = parser();
    for path in expositions("v060-1s").iter().chain(&expositions("dynamic")[..3]) {
        let text = unpacked(path);
        let heard = listen(&mut parser, text.as_bytes());
        assert!(heard.errors.is_empty(), "{:?}", heard.errors);
        assert_eq!(heard.all, plain::read(&text).all, "{}", path.display());
    }
}
