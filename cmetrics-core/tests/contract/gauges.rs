//! Rules 8 and 9 of `docs/points.md`: gauges.

use super::*;

// Rules 8 and 9

fn memory(time: &str, kib: u64) -> Value {
    at(time, json!({ "memory": { "usage": kib * 1024 } }))
}

#[test]
fn a_gauge_is_over_the_samples_in_the_interval() {
    let points = v1_points(&[
        memory("00:00", 1),
        memory("00:04.9", 4),
        memory("00:01", 1),
        memory("00:05", 90),
    ]);
    assert_eq!(points[0]["memory"], json!({ "ave": 2.0, "min": 1.0, "max": 4.0 }));
    assert_eq!(points[1]["memory"], json!({ "ave": 90.0, "min": 90.0, "max": 90.0 }));
}

#[test]
fn an_interval_between_two_readings_reads_the_straight_line() {
    let points = v1_points(&[memory("00:04", 100), memory("00:14", 200)]);
    assert_eq!(starts(&points), [0, 5, 10]);
    assert_eq!(points[1]["memory"], json!({ "ave": 135.0, "min": 110.0, "max": 160.0 }));
    assert_eq!(points[2]["memory"], json!({ "ave": 200.0, "min": 200.0, "max": 200.0 }));
    let points = v1_points(&[memory("00:04", 200), memory("00:14", 100)]);
    assert_eq!(points[1]["memory"], json!({ "ave": 165.0, "min": 140.0, "max": 190.0 }));
}

#[test]
fn the_line_may_end_on_the_interval_s_edge() {
    let points = v1_points(&[memory("00:03", 0), memory("00:10", 70)]);
    assert_eq!(points[1]["memory"], json!({ "ave": 45.0, "min": 20.0, "max": 70.0 }));
}

#[test]
fn samples_without_the_gauge_do_not_count_for_the_line() {
    let points = v1_points(&[memory("00:04", 100), at("00:07", json!({})), memory("00:14", 200)]);
    assert_eq!(points[1]["memory"]["ave"], json!(135.0));
}

#[test]
fn there_is_no_line_across_a_gap_or_a_restart() {
    assert_eq!(starts(&v1_points(&[memory("00:01", 1), memory("02:31.1", 1)])), [0, 150]);
    let with_cpu = |time: &str, total: u64| {
        let mut sample = memory(time, 1);
        sample["cpu"] = cpu(total);
        sample
    };
    let points = v1_points(&[with_cpu("00:01", 9), with_cpu("00:13", 5), with_cpu("00:22", 6)]);
    assert_eq!(measured(&points, MEMORY), [(0, 1.0), (10, 1.0), (15, 1.0), (20, 1.0)]);
}

#[test]
fn a_restart_at_a_sample_without_the_gauge_breaks_the_line() {
    let points = v1_points(&[
        at("00:01", json!({ "cpu": cpu(9), "memory": { "usage": 1024 } })),
        at("00:03", json!({ "cpu": cpu(5) })),
        memory("00:13", 1),
    ]);
    assert_eq!(measured(&points, MEMORY), [(0, 1.0), (10, 1.0)]);
}
