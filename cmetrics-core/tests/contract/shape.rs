//! The *Worked examples* of `docs/points.md`, the point's shape, and which intervals give one.

use super::*;

// Worked examples

#[test]
fn worked_example_cpu_one_edge() {
    let points = v1_points(&[
        at("00:03.000", json!({ "cpu": cpu(100) })),
        at("00:07.000", json!({ "cpu": cpu(180) })),
    ]);
    assert_eq!(measured(&points, CPU), [(0, 40.0), (5, 40.0)]);
}

#[test]
fn worked_example_whole_numbers_three_intervals() {
    let points = v1_points(&[
        at("00:04.000", json!({ "network": eth0(0) })),
        at("00:11.000", json!({ "network": eth0(10) })),
    ]);
    assert_eq!(measured(&points, PACKETS), [(0, 1.0), (5, 7.0), (10, 2.0)]);
}

#[test]
fn worked_example_restart() {
    let points = v1_points(&[
        at("00:21.4", json!({ "cpu": cpu(5_000_000_000) })),
        at("00:42.8", json!({ "cpu": cpu(30_000_000) })),
    ]);
    assert_eq!(figures(&points, CPU), [(20, None), (40, Some(30_000_000.0))]);
}

/// Points of samples of a container that has a `spec`.
fn points_with(spec: Value, stats: &[Value]) -> Vec<Value> {
    let document = json!({ "name": "/c", "spec": spec, "stats": stats });
    points_of(&[dump(document)], &FIVE_SECONDS)
}

#[test]
fn worked_example_a_known_start() {
    let started = json!({ "start_time": "2026-01-01T12:00:02.0Z", "has_cpu": true });
    let read = json!({ "cpu": cpu(3_000_000_000), "memory": { "usage": 8 << 20 } });
    let points = points_with(started, &[at("00:08.0", read)]);
    assert_eq!(measured(&points, CPU), [(0, 1_500_000_000.0), (5, 1_500_000_000.0)]);
    assert_eq!(figures(&points, MEMORY), [(0, None), (5, Some(8192.0))]);
}

/// CPU readings, in hundredths of a second, of a container on four CPUs from 12:00:01 on.
fn on_four_cpus(readings: &[u64]) -> Vec<Value> {
    let sample = |(second, reading): (usize, &u64)| {
        at(&format!("00:0{second}"), json!({ "cpu": cpu(reading * 10_000_000) }))
    };
    let stats: Vec<_> = (1..).zip(readings).map(sample).collect();
    points_with(json!({ "cpu": { "mask": "0-3" }, "has_cpu": true }), &stats)
}

#[test]
fn worked_example_a_glitch() {
    let points = on_four_cpus(&[100_000, 100_100, 0, 100_300]);
    assert_eq!(measured(&points, CPU), [(0, 3_000_000_000.0)]);
}

#[test]
fn worked_example_a_correction() {
    let points = on_four_cpus(&[100_000, 99_990, 99_995]);
    assert_eq!(measured(&points, CPU), [(0, 50_000_000.0)]);
}

#[test]
fn worked_example_idle_container() {
    let idle = json!({ "usage": 8 << 20 });
    let points = v1_points(&[
        at("00:02", json!({ "cpu": cpu(1000), "memory": idle })),
        at("00:34", json!({ "cpu": cpu(4200), "memory": idle })),
    ]);
    assert_eq!(starts(&points), [0, 5, 10, 15, 20, 25, 30]);
    for point in &points[1..6] {
        assert_eq!(point["memory"], json!({ "ave": 8192.0, "min": 8192.0, "max": 8192.0 }));
        assert_eq!(point["cpu"]["usage"].as_f64(), Some(500.0));
    }
}

#[test]
fn worked_example_first_io() {
    let first = json!({ "io_service_bytes":
        [{ "device": "", "major": 254, "minor": 0, "stats": { "Read": 12288 } }] });
    let points =
        v1_points(&[at("00:03", json!({ "diskio": {} })), at("00:07", json!({ "diskio": first }))]);
    assert_eq!(measured(&points, READ), [(0, 6144.0), (5, 6144.0)]);
}

// The point

#[test]
fn not_measured_is_null_and_the_keys_are_always_there() {
    let points = v1_points(&[at("00:03", json!({}))]);
    let gauge = json!({ "ave": null, "min": null, "max": null });
    let expected = json!([{
        "name": "/c", "start": NOON, "end": NOON + 5,
        "cpu": { "usage": null, "load": gauge },
        "memory": gauge,
        "network": { "tx_kb": null, "rx_kb": null, "tx_packets": null, "rx_packets": null,
            "tx_errors": null, "rx_errors": null, "tx_drops": null, "rx_drops": null },
        "diskio": { "async": null, "sync": null, "read": null, "write": null },
    }]);
    assert_eq!(json!(points), expected);
}

#[test]
fn the_documented_units_are_the_tables() {
    let sections = |n: u64| {
        json!({
            "cpu": { "usage": { "total": 7 * n }, "load_average": 1500 },
            "memory": { "usage": 3072 },
            "network": { "interfaces": [{ "name": "eth0",
                "tx_bytes": 2048 * n, "rx_bytes": 512 * n, "tx_packets": 3 * n,
                "rx_packets": 4 * n, "tx_errors": 5 * n, "rx_errors": 6 * n,
                "tx_dropped": 8 * n, "rx_dropped": 9 * n }] },
            "diskio": disk(&[device(0, json!({
                "Async": 10 * n, "Sync": 11 * n, "Read": 12 * n, "Write": 13 * n }))]),
        })
    };
    let points = v1_points(&[at("00:01", sections(1)), at("00:02", sections(2))]);
    let value = |pointer| measured(&points, pointer)[0].1;
    assert_eq!([value("/cpu/usage"), value("/cpu/load/ave")], [7.0, 1.5]);
    assert_eq!([value("/memory/min"), value("/memory/max")], [3.0, 3.0]);
    assert_eq!([value("/network/tx_kb"), value("/network/rx_kb")], [2.0, 0.5]);
    assert_eq!([value("/network/tx_packets"), value("/network/rx_packets")], [3.0, 4.0]);
    assert_eq!([value("/network/tx_errors"), value("/network/rx_errors")], [5.0, 6.0]);
    assert_eq!([value("/network/tx_drops"), value("/network/rx_drops")], [8.0, 9.0]);
    assert_eq!([value("/diskio/async"), value("/diskio/sync")], [10.0, 11.0]);
    assert_eq!([value("/diskio/read"), value("/diskio/write")], [12.0, 13.0]);
}

// Intervals

#[test]
fn intervals_are_half_open_and_aligned_to_the_epoch() {
    let stats = [at("00:04.999999999", json!({})), at("00:05", json!({}))];
    assert_eq!(starts(&v1_points(&stats)), [0, 5]);
    for point in points_of(&[dump(v1(&stats))], &interval(7)) {
        assert_eq!(point["start"].as_i64().unwrap() % 7, 0);
        assert_eq!(point["end"].as_i64().unwrap(), point["start"].as_i64().unwrap() + 7);
    }
}

// Exact sums and conservation

#[test]
fn a_figure_that_does_not_fit_64_bits_is_null() {
    let both = |n: u64| {
        json!({ "interfaces": [
        { "name": "eth0", "tx_packets": n }, { "name": "eth1", "tx_packets": n }] })
    };
    let points = v1_points(&[
        at("00:01", json!({ "network": both(0) })),
        at("00:04", json!({ "network": both(u64::MAX) })),
    ]);
    assert_eq!(figures(&points, PACKETS), [(0, None)]);
}

#[test]
fn shares_and_unattributed_equal_the_growths() {
    let readings = [("00:01", 3), ("00:09", 20), ("04:00", 50), ("04:01", 10), ("04:07", 47)];
    let stats = readings.map(|(time, n)| at(time, json!({ "cpu": cpu(n) })));
    let dumps = [dump(v1(&stats))];
    let points = points_of(&dumps, &FIVE_SECONDS);
    let shares: f64 = measured(&points, CPU).iter().map(|(_, share)| share).sum();
    assert_eq!(shares, 17.0 + 10.0 + 37.0);
    assert_eq!(unattributed_of(&dumps, &FIVE_SECONDS, "/c")["cpu.usage"], 30);
}

// Which intervals give a point

#[test]
fn a_share_of_0_is_a_share() {
    let points =
        v1_points(&[at("00:01", json!({ "cpu": cpu(7) })), at("00:13", json!({ "cpu": cpu(7) }))]);
    assert_eq!(figures(&points, CPU), [(0, Some(0.0)), (5, Some(0.0)), (10, Some(0.0))]);
}

#[test]
fn an_interval_without_sample_share_or_line_gives_no_point() {
    assert_eq!(starts(&v1_points(&[at("00:01", json!({})), at("00:13", json!({}))])), [0, 10]);
}

#[test]
fn coverage_is_the_part_between_successive_samples() {
    let stats = [
        at("00:03", json!({ "cpu": cpu(5) })),
        at("00:04", json!({})),
        at("00:11", json!({ "cpu": cpu(6) })),
        at("00:12", json!({ "cpu": cpu(1) })),
    ];
    let points = points_of(&[dump(v1(&stats))], &EXTENDED);
    assert_eq!(measured(&points, "/samples"), [(0, 2.0), (5, 0.0), (10, 2.0)]);
    // The restart lies in the last second.
    assert_eq!(measured(&points, "/coverage"), [(0, 0.4), (5, 1.0), (10, 0.2)]);
    let gap = Options { max_gap: Some(6), ..EXTENDED };
    assert_eq!(measured(&points_of(&[dump(v1(&stats))], &gap), "/coverage"), [(0, 0.2), (10, 0.0)]);
}

#[test]
fn points_come_sorted_by_name_then_start() {
    let stats = json!([at("00:11", json!({})), at("00:01", json!({}))]);
    let points =
        points_of(&[dump(json!({ "/b": stats, "/a": stats, "/B": stats }))], &FIVE_SECONDS);
    assert_eq!(names(&points), ["/B", "/B", "/a", "/a", "/b", "/b"]);
    assert_eq!(starts(&points), [0, 10, 0, 10, 0, 10]);
}

#[test]
fn a_wider_interval_sums_growths_and_takes_gauges_over_all_samples() {
    let sections = |n: u64| json!({ "cpu": cpu(n), "memory": { "usage": n * 1024 } });
    let stats = [at("00:01", sections(10)), at("00:03", sections(11)), at("00:08", sections(60))];
    let narrow = points_of(&[dump(v1(&stats))], &FIVE_SECONDS);
    let wide = points_of(&[dump(v1(&stats))], &interval(10));
    let total: f64 = measured(&narrow, CPU).iter().map(|(_, share)| share).sum();
    assert_eq!(measured(&wide, CPU), [(0, total)]);
    assert_eq!(wide[0]["memory"], json!({ "ave": 27.0, "min": 10.0, "max": 60.0 }));
}
