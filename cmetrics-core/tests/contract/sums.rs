//! Sums of a list's entries that do not fit 64 bits.

use std::time::Duration;

use cmetrics_core::point::RollUp;
use cmetrics_core::series::Events;
use cmetrics_core::{DataPoint, Metric};

use super::*;

const HALF: u64 = 1 << 63;
const USAGE: Metric = Metric::FilesystemUsage;

fn filesystems(minute: &str, usages: &[u64]) -> Value {
    let entries: Vec<_> = usages.iter().map(|usage| json!({ "usage": usage })).collect();
    // Memory makes points of the intervals between samples.
    at(minute, json!({ "filesystem": entries, "memory": { "usage": 1024 } }))
}

fn all(documents: &[Value]) -> (Vec<DataPoint>, Events) {
    let dumps: Vec<_> = documents.iter().cloned().map(dump).collect();
    let pipeline = read(&dumps, &ALL_METRICS);
    let history = pipeline.find("/c").unwrap()[0].history(pipeline.settings());
    (history.points, history.events)
}

fn usages(points: &[DataPoint]) -> Vec<Option<f64>> {
    points.iter().map(|point| point.gauge(USAGE).map(|gauge| gauge.ave)).collect()
}

#[test]
fn a_gauge_s_sum_that_does_not_fit_makes_its_interval_s_figure_null_and_is_counted_once() {
    let (points, events) = all(&[v1(&[
        filesystems("00:01", &[HALF, HALF]),
        filesystems("00:02", &[7, 8]),
        filesystems("00:03", &[HALF, HALF]),
        filesystems("00:06", &[7, 8]),
        filesystems("00:07", &[HALF, HALF - 1]),
    ])]);
    assert_eq!(usages(&points)[0], None);
    assert!(usages(&points)[1].is_some_and(|usage| usage > 9e18));
    assert_eq!(events.overflows, 1);
}

#[test]
fn no_line_is_drawn_from_or_to_a_sum_that_does_not_fit() {
    let (points, events) = all(&[v1(&[
        filesystems("00:01", &[10]),
        filesystems("00:16", &[HALF, HALF]),
        filesystems("00:31", &[20]),
        filesystems("00:46", &[30]),
    ])]);
    assert_eq!(points.len(), 10);
    assert_eq!(usages(&points)[..7], [Some(10.0), None, None, None, None, None, Some(20.0)]);
    assert!(usages(&points)[7..].iter().all(Option::is_some));
    assert_eq!(events.overflows, 1);
}

#[test]
fn of_copies_a_sum_that_does_not_fit_is_the_larger() {
    let large = v1(&[filesystems("00:01", &[HALF, HALF])]);
    let small = json!({ "/c": { "spec": {}, "stats": [
        at("00:01", json!({ "filesystem": { "totalUsageBytes": 40, "baseUsageBytes": 4 } }))] } });
    for documents in [[large.clone(), small.clone()], [small, large]] {
        let (points, events) = all(&documents);
        assert_eq!(usages(&points), [None]);
        assert_eq!(points[0].gauge(Metric::FilesystemBaseUsage).unwrap().ave, 4.0);
        assert_eq!(events.overflows, 1);
    }
}

#[test]
fn a_wider_point_has_no_figure_where_one_of_its_intervals_has_a_sum_that_does_not_fit() {
    let stats = [filesystems("00:01", &[10]), filesystems("00:06", &[HALF, HALF])];
    let (points, _) = all(&[v1(&stats)]);
    let wide = RollUp::new(Duration::from_secs(10)).unwrap().of(points).unwrap();
    assert_eq!(usages(&wide), [None]);
    let at_once = points_of(&[dump(v1(&stats))], &Options { interval: 10, ..ALL_METRICS });
    assert_eq!(serde_json::to_value(&wide).unwrap(), json!(at_once));
}

#[test]
fn samples_of_one_shape_tell_their_sums_whether_they_fit_or_not() {
    let stats: Vec<_> = (0..20_u64)
        .map(|second| {
            let usage = if second % 7 == 3 { HALF } else { second };
            filesystems(&format!("00:{second:02}"), &[usage, usage])
        })
        .collect();
    let (points, events) = all(&[v1(&stats)]);
    // The seconds 3, 10 and 17.
    let nulls: Vec<_> = usages(&points).iter().map(Option::is_none).collect();
    assert_eq!(nulls, [true, false, true, true]);
    assert_eq!(events.overflows, 3);
}
