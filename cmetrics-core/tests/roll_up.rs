//! Points of wider intervals: shares of limits, and what is refused.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, missing_docs)]

mod common;

use std::time::Duration;

use cmetrics_core::point::{Extended, RollUp};
use cmetrics_core::{DataPoint, ErrorKind, Interval, MetricSet, Settings};
use serde_json::{Value, json};

fn point(name: &str, start: u64, end: u64) -> DataPoint {
    let dump = r#"{"/a": {"stats": [{"timestamp": "2026-11-21T12:00:03Z"}]}}"#;
    let point = &common::read(dump).points()[0];
    let mut value = serde_json::to_value(Extended(point)).unwrap();
    value["name"] = json!(name);
    value["start"] = json!(start);
    value["end"] = json!(end);
    serde_json::from_value(value).unwrap()
}

#[test]
fn a_point_that_is_not_later_than_the_last_is_refused() {
    let mut minutes = RollUp::new(Duration::from_secs(60)).unwrap();
    assert_eq!(minutes.add(&point("/a", 10, 15)).unwrap(), None);
    for (start, end) in [(10, 15), (5, 10), (0, 20)] {
        let error = minutes.add(&point("/a", start, end)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused);
        let text = error.to_string();
        for told in ["/a", &format!("from {start} to {end}"), "up to 15", "rising time"] {
            assert!(text.contains(told), "{text}: {told}");
        }
    }
    // It is as if they had not come.
    assert_eq!(minutes.add(&point("/a", 15, 20)).unwrap(), None);
    assert_eq!(minutes.finish().unwrap().samples(), Some(2));
}

#[test]
fn an_interval_that_was_given_is_not_given_again() {
    let mut minutes = RollUp::new(Duration::from_secs(60)).unwrap();
    for (name, start) in [("/a", 60), ("/b", 60), ("/a", 120), ("/b", 120)] {
        minutes.add(&point(name, start, start + 5)).unwrap();
    }
    // "/a" from 60 to 180 was given when "/b" came.
    for start in [60, 65, 125, 175] {
        let error = minutes.add(&point("/a", start, start + 5)).unwrap_err();
        assert!(error.to_string().contains("up to 180"), "{error}");
    }
    assert_eq!(minutes.add(&point("/a", 180, 185)).unwrap().unwrap().name(), "/b");
    assert_eq!(minutes.finish().unwrap().interval().start(), 180);
    assert!(minutes.add(&point("/a", 185, 190)).is_err());
    assert_eq!(minutes.finish(), None);
}

#[test]
fn an_interval_that_no_number_can_end_is_refused() {
    let last = u64::MAX / 60 * 60;
    let mut minutes = RollUp::new(Duration::from_secs(60)).unwrap();
    let interval = Interval::new(last, last + 1).unwrap();
    let none = MetricSet::default();
    let point = DataPoint::from_columns("/a", interval, None, None, none, |_| None).unwrap();
    let error = minutes.add(&point).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.to_string().contains("/a"), "{error}");
}

fn recorded(settings: Settings) -> Vec<DataPoint> {
    common::read_files(&common::recorded("dynamic", "v1.2-docker"), settings.with_shares()).points()
}

fn shares(points: &[DataPoint]) -> Vec<Value> {
    points
        .iter()
        .map(|point| json!([point.name(), point.interval().start(), point.shares()]))
        .collect()
}

#[test]
fn shares_of_limits_roll_up_to_those_of_the_wider_width() {
    let points = recorded(Settings::default());
    for width in [10, 60] {
        let expected = recorded(
            Settings::new(Duration::from_secs(width), Some(Duration::from_secs(150))).unwrap(),
        );
        let found = RollUp::new(Duration::from_secs(width)).unwrap().of(points.clone()).unwrap();
        common::assert_alike(&shares(&found), &shares(&expected), "shares");
        let both = |point: &&DataPoint| {
            point.shares().is_some_and(|shares| shares.cpu.and(shares.memory).is_some())
        };
        assert!(found.iter().filter(both).count() > 1);
    }
}

#[test]
fn shares_that_were_read_back_from_json_roll_up_as_means_of_the_intervals() {
    let with = |start: u64, shares: Value| -> DataPoint {
        let point = point("/a", start, start + 5);
        let mut value = serde_json::to_value(Extended(&point)).unwrap();
        value["of_limit"] = shares;
        value["cpu"]["usage"] = json!(1000);
        serde_json::from_value(value).unwrap()
    };
    let points = [
        with(0, json!({ "cpu": 0.5, "memory": 0.25 })),
        with(5, json!({ "cpu": 0.25, "memory": 0.75 })),
    ];
    let wide = RollUp::new(Duration::from_secs(10)).unwrap().of(points.clone()).unwrap();
    let shares = wide[0].shares().unwrap();
    assert_eq!((shares.cpu, shares.memory), (Some(0.375), Some(0.5)));
    // What an interval's growth is of no limit cannot be told of the whole.
    let unlimited = [points[0].clone(), with(5, json!({ "cpu": null, "memory": null }))];
    let wide = RollUp::new(Duration::from_secs(10)).unwrap().of(unlimited).unwrap();
    assert_eq!(wide[0].shares().unwrap().cpu, None);
    let untold = [points[0].clone(), point("/a", 5, 10)];
    assert_eq!(RollUp::new(Duration::from_secs(10)).unwrap().of(untold).unwrap()[0].shares(), None);
}

#[test]
fn who_asks_for_no_shares_gets_none() {
    let points =
        common::read_files(&common::recorded("dynamic", "v1.2-docker"), Settings::default());
    let wide = RollUp::new(Duration::from_secs(60)).unwrap().of(points.points()).unwrap();
    assert!(
        wide.iter()
            .all(|point| point.shares().is_none() && point.selected() == MetricSet::default())
    );
}
