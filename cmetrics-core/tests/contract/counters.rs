//! What a counter counts, and rules 4 and 5 of `docs/points.md`: sharing out, and gaps.

use super::*;

// What a counter counts

#[test]
fn the_figure_is_the_sum_over_interfaces_or_devices() {
    let interfaces = |a: u64, b: u64| {
        json!({ "interfaces": [
        { "name": "eth0", "tx_packets": a }, { "name": "eth1", "tx_packets": b }] })
    };
    let devices =
        |a: u64, b: u64| disk(&[device(0, json!({ "Read": a })), device(1, json!({ "Read": b }))]);
    let points = v1_points(&[
        at("00:01", json!({ "network": interfaces(1, 10), "diskio": devices(100, 1000) })),
        at("00:02", json!({ "network": interfaces(3, 15), "diskio": devices(107, 1011) })),
    ]);
    assert_eq!(measured(&points, PACKETS), [(0, 7.0)]);
    assert_eq!(measured(&points, READ), [(0, 18.0)]);
}

#[test]
fn interfaces_and_devices_are_matched_by_name_and_number_not_by_place() {
    let points = v1_points(&[
        at(
            "00:01",
            json!({ "diskio": disk(&[device(0, json!({ "Read": 5 })), device(1, json!({ "Read": 900 }))]) }),
        ),
        at(
            "00:02",
            json!({ "diskio": disk(&[device(1, json!({ "Read": 901 })), device(0, json!({ "Read": 7 }))]) }),
        ),
    ]);
    assert_eq!(measured(&points, READ), [(0, 3.0)]);
}

#[test]
fn entries_of_one_name_are_added() {
    let twice = |a: u64, b: u64| {
        json!({ "interfaces": [
        { "name": "eth0", "tx_packets": a }, { "name": "eth0", "tx_packets": b }] })
    };
    let devices =
        |a: u64, b: u64| disk(&[device(0, json!({ "Read": a })), device(0, json!({ "Read": b }))]);
    let points = v1_points(&[
        at("00:01", json!({ "network": twice(100, 0), "diskio": devices(100, 0) })),
        at("00:02", json!({ "network": twice(0, 101), "diskio": devices(0, 101) })),
    ]);
    assert_eq!(measured(&points, PACKETS), [(0, 1.0)]);
    assert_eq!(measured(&points, READ), [(0, 1.0)]);
}

#[test]
fn the_top_of_network_serves_only_where_interfaces_is_absent_or_null() {
    let top = |n: u64| json!({ "name": "eth0", "tx_packets": n });
    let growth = |change: &dyn Fn(&mut Value)| {
        let stats = [("00:01", 5), ("00:02", 8)].map(|(time, n)| {
            let mut network = top(n);
            change(&mut network);
            at(time, json!({ "network": network }))
        });
        figures(&v1_points(&stats), PACKETS)[0].1
    };
    assert_eq!(growth(&|_| {}), Some(3.0));
    assert_eq!(growth(&|network| network["interfaces"] = json!(null)), Some(3.0));
    assert_eq!(growth(&|network| network["interfaces"] = json!([])), None);
    assert_eq!(growth(&|network| network["name"] = json!("")), None);
    let copied = |network: &mut Value| network["interfaces"] = json!([network.clone()]);
    assert_eq!(growth(&copied), Some(3.0));
}

#[test]
fn the_top_of_network_is_the_interface_of_its_name() {
    let points = v1_points(&[
        at("00:01", json!({ "network": { "name": "eth0", "tx_packets": 5 } })),
        at("00:02", json!({ "network": eth0(9) })),
        at("00:03", json!({ "network": { "name": "eth1", "tx_packets": 500 } })),
    ]);
    assert_eq!(measured(&points, PACKETS), [(0, 4.0)]);
}

#[test]
fn where_nothing_is_listed_the_figure_is_null() {
    let nothing = json!({ "network": { "interfaces": [] }, "diskio": { "io_service_bytes": [] } });
    let points = v1_points(&[at("00:01", nothing.clone()), at("00:02", nothing)]);
    assert_eq!(figures(&points, PACKETS), [(0, None)]);
    assert_eq!(figures(&points, READ), [(0, None)]);
}

// Rule 4

#[test]
fn a_growth_is_shared_out_along_a_straight_line() {
    // 1 000 over 20 s: 50 a second.
    let points = v1_points(&[
        at("00:04", json!({ "cpu": cpu(500) })),
        at("00:24", json!({ "cpu": cpu(1500) })),
    ]);
    let expected = [(0, 50.0), (5, 250.0), (10, 250.0), (15, 250.0), (20, 200.0)];
    assert_eq!(measured(&points, CPU), expected);
}

#[test]
fn shares_are_exact_beyond_the_precision_of_floats() {
    let total = (1_u64 << 63) + 1;
    let points = v1_points(&[
        at("00:04", json!({ "network": eth0(0) })),
        at("00:07", json!({ "network": eth0(total) })),
    ]);
    let shares = points.iter().map(|point| point["network"]["tx_packets"].as_u64().unwrap());
    // floor((2^63 + 1) / 3) = 3074457345618258603
    let expected = [3_074_457_345_618_258_603, total - 3_074_457_345_618_258_603];
    assert_eq!(shares.collect::<Vec<_>>(), expected);
}

#[test]
fn a_growth_smaller_than_its_intervals_falls_where_the_floor_steps() {
    // 1 over 10 s: the floor steps at the very end.
    let points =
        v1_points(&[at("00:01", json!({ "cpu": cpu(0) })), at("00:11", json!({ "cpu": cpu(1) }))]);
    assert_eq!(measured(&points, CPU), [(0, 0.0), (5, 0.0), (10, 1.0)]);
}

#[test]
fn shares_are_whole_for_each_interface_before_they_are_added() {
    let both = |n: u64| {
        json!({ "interfaces": [
        { "name": "eth0", "tx_packets": n }, { "name": "eth1", "tx_packets": n }] })
    };
    let points = v1_points(&[
        at("00:04", json!({ "network": both(0) })),
        at("00:06", json!({ "network": both(1) })),
    ]);
    assert_eq!(measured(&points, PACKETS), [(0, 0.0), (5, 2.0)]);
}

#[test]
fn a_pair_that_ends_on_an_edge_has_no_share_in_the_interval_that_begins_there() {
    let points =
        v1_points(&[at("00:00", json!({ "cpu": cpu(0) })), at("00:05", json!({ "cpu": cpu(10) }))]);
    assert_eq!(figures(&points, CPU), [(0, Some(10.0)), (5, None)]);
}

// Rule 5

#[test]
fn a_growth_across_a_gap_goes_to_unattributed() {
    let stats = [
        at("00:01", json!({ "cpu": cpu(5), "network": eth0(10) })),
        at("02:31.000000001", json!({ "cpu": cpu(105), "network": eth0(17) })),
    ];
    assert_eq!(figures(&v1_points(&stats), CPU), [(0, None), (150, None)]);
    let unattributed = unattributed_of(&[dump(v1(&stats))], &FIVE_SECONDS, "/c");
    assert_eq!(unattributed["cpu.usage"], 100);
    assert_eq!(unattributed["network.tx_packets"], 7);
}

#[test]
fn a_pair_exactly_max_gap_apart_is_shared_out() {
    let stats = [at("00:00", json!({ "cpu": cpu(0) })), at("02:30", json!({ "cpu": cpu(1500) }))];
    let points = v1_points(&stats);
    let total: f64 = measured(&points, CPU).iter().map(|(_, share)| share).sum();
    assert_eq!(total, 1500.0);
    let tight = Options { max_gap: Some(149), ..FIVE_SECONDS };
    assert_eq!(measured(&points_of(&[dump(v1(&stats))], &tight), CPU), []);
}

#[test]
fn max_gap_is_the_interval_where_that_is_wider() {
    let stats = [at("00:00", json!({ "cpu": cpu(0) })), at("05:00", json!({ "cpu": cpu(300) }))];
    let points = points_of(&[dump(v1(&stats))], &interval(300));
    assert_eq!(measured(&points, CPU), [(0, 300.0)]);
    let stats = [at("00:00", json!({ "cpu": cpu(0) })), at("05:01", json!({ "cpu": cpu(300) }))];
    assert_eq!(measured(&points_of(&[dump(v1(&stats))], &interval(300)), CPU), []);
}

#[test]
fn a_restart_across_a_gap_is_unattributed_but_still_a_restart() {
    let stats = [
        at("00:01", json!({ "cpu": cpu(500), "network": eth0(10) })),
        at("05:01", json!({ "cpu": cpu(30) })),
        at("05:02", json!({ "cpu": cpu(31), "network": eth0(40) })),
    ];
    let dumps = [dump(v1(&stats))];
    assert_eq!(measured(&points_of(&dumps, &FIVE_SECONDS), CPU), [(300, 1.0)]);
    // The interface was forgotten (rule 7 of `docs/points.md`), so its reading is a first one.
    assert_eq!(measured(&points_of(&dumps, &FIVE_SECONDS), PACKETS), []);
    let expected = BTreeMap::from([("cpu.usage".to_owned(), 30)]);
    assert_eq!(unattributed_of(&dumps, &FIVE_SECONDS, "/c"), expected);
}

#[test]
fn a_restart_seen_across_a_gap_of_the_cpu_alone_credits_the_other_counters() {
    let options = Options { max_gap: Some(20), ..FIVE_SECONDS };
    let stats = [
        at("00:01", json!({ "cpu": cpu(500) })),
        at("00:29", json!({ "network": eth0(10), "diskio": reads(70) })),
        at("00:31", json!({ "cpu": cpu(30), "network": eth0(12), "diskio": reads(50) })),
    ];
    let points = points_of(&[dump(v1(&stats))], &options);
    assert_eq!(measured(&points, CPU), []);
    assert_eq!(measured(&points, PACKETS), [(30, 2.0)]);
    assert_eq!(measured(&points, READ), [(30, 50.0)]);
}
