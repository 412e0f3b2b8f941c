//! Rules 6 and 7 of `docs/points.md`: restarts and first readings.

use super::*;

// Rule 6

#[test]
fn at_a_restart_each_growth_is_credited_to_the_interval_of_the_sample() {
    let points = v1_points(&[
        at("00:01", json!({ "cpu": cpu(900), "network": eth0(10), "diskio": reads(70) })),
        at("00:13", json!({ "cpu": cpu(30), "network": eth0(12), "diskio": reads(50) })),
    ]);
    assert_eq!(starts(&points), [0, 10]);
    assert_eq!(measured(&points, CPU), [(10, 30.0)]);
    assert_eq!(measured(&points, PACKETS), [(10, 2.0)]);
    assert_eq!(measured(&points, READ), [(10, 50.0)]);
}

#[test]
fn an_interface_that_falls_alone_began_again_at_0() {
    let points = v1_points(&[
        at("00:01", json!({ "cpu": cpu(1), "network": eth0(100) })),
        at("00:13", json!({ "cpu": cpu(2), "network": eth0(12) })),
    ]);
    assert_eq!(figures(&points, PACKETS), [(0, None), (5, None), (10, Some(12.0))]);
}

#[test]
fn a_device_that_falls_alone_has_not_grown() {
    let points = v1_points(&[
        at("00:01", json!({ "cpu": cpu(1), "diskio": reads(100) })),
        at("00:13", json!({ "cpu": cpu(2), "diskio": reads(12) })),
        at("00:14", json!({ "cpu": cpu(3), "diskio": reads(15) })),
    ]);
    assert_eq!(figures(&points, READ), [(0, None), (5, None), (10, Some(3.0))]);
}

#[test]
fn without_a_cpu_counter_a_falling_counter_began_again_at_0() {
    let points = v1_points(&[
        at("00:01", json!({ "diskio": reads(100) })),
        at("00:13", json!({ "diskio": reads(12) })),
    ]);
    assert_eq!(figures(&points, READ), [(0, None), (10, Some(12.0))]);
    let points = v1_points(&[
        at("00:01", json!({ "diskio": reads(100) })),
        at("00:02", json!({ "cpu": cpu(1), "diskio": reads(12) })),
    ]);
    assert_eq!(measured(&points, READ), [(0, 12.0)]);
}

// Rule 7

#[test]
fn a_first_reading_gives_no_growth() {
    let points = v1_points(&[
        at("00:01", json!({})),
        at("00:02", json!({ "cpu": cpu(100), "network": eth0(10) })),
        at(
            "00:03",
            json!({ "cpu": cpu(103), "network": { "interfaces": [
            { "name": "eth0", "tx_packets": 11 }, { "name": "eth1", "tx_packets": 50 }] } }),
        ),
    ]);
    assert_eq!(measured(&points, CPU), [(0, 3.0)]);
    assert_eq!(measured(&points, PACKETS), [(0, 1.0)]);
}

#[test]
fn a_device_that_appears_started_from_0_at_the_previous_sample_with_a_disk_section() {
    let first = device(0, json!({ "Read": 5 }));
    let points = v1_points(&[
        at("00:02", json!({ "diskio": disk(std::slice::from_ref(&first)) })),
        at("00:04", json!({})),
        at("00:08", json!({ "diskio": disk(&[first, device(1, json!({ "Read": 60 }))]) })),
    ]);
    assert_eq!(measured(&points, READ), [(0, 30.0), (5, 30.0)]);
}

#[test]
fn the_first_disk_section_of_all_gives_no_growth() {
    let points = v1_points(&[
        at("00:02", json!({ "cpu": cpu(1) })),
        at("00:08", json!({ "cpu": cpu(2), "diskio": reads(60) })),
    ]);
    assert_eq!(measured(&points, READ), []);
}

#[test]
fn a_first_io_across_a_gap_is_unattributed() {
    let stats = [at("00:01", json!({ "diskio": {} })), at("05:01", json!({ "diskio": reads(60) }))];
    assert_eq!(measured(&v1_points(&stats), READ), []);
    assert_eq!(unattributed_of(&[dump(v1(&stats))], &FIVE_SECONDS, "/c")["diskio.read"], 60);
}

#[test]
fn a_field_that_appears_on_a_device_already_listed_gives_no_growth() {
    let both = |read: u64, write: u64| disk(&[device(0, json!({ "Read": read, "Write": write }))]);
    let points = v1_points(&[
        at("00:01", json!({ "diskio": reads(5) })),
        at("00:02", json!({ "diskio": both(6, 40) })),
        at("00:03", json!({ "diskio": both(7, 42) })),
    ]);
    assert_eq!(measured(&points, READ), [(0, 2.0)]);
    assert_eq!(measured(&points, "/diskio/write"), [(0, 2.0)]);
}

#[test]
fn what_goes_away_and_comes_back_continues_from_its_last_reading() {
    let nothing = json!({ "network": { "interfaces": [] }, "diskio": {} });
    let points = v1_points(&[
        at("00:01", json!({ "network": eth0(10), "diskio": reads(100) })),
        at("00:02", nothing),
        at("00:03", json!({ "network": eth0(14), "diskio": reads(106) })),
    ]);
    assert_eq!(measured(&points, PACKETS), [(0, 4.0)]);
    assert_eq!(measured(&points, READ), [(0, 6.0)]);
}

#[test]
fn a_sample_without_the_section_lies_between_a_pair_unnoticed() {
    let points = v1_points(&[
        at("00:01", json!({ "cpu": cpu(100), "network": eth0(0) })),
        at("00:05", json!({ "network": eth0(1) })),
        at("00:09", json!({ "cpu": cpu(180), "network": eth0(2) })),
    ]);
    assert_eq!(measured(&points, CPU), [(0, 40.0), (5, 40.0)]);
}

#[test]
fn what_the_restart_sample_does_not_list_is_forgotten() {
    let points = v1_points(&[
        at("00:01", json!({ "cpu": cpu(100), "network": eth0(10), "diskio": reads(100) })),
        at("00:02", json!({ "cpu": cpu(1) })),
        at("00:03", json!({ "cpu": cpu(2), "network": eth0(14), "diskio": reads(106) })),
    ]);
    assert_eq!(measured(&points, PACKETS), []);
    assert_eq!(measured(&points, READ), []);
}

#[test]
fn after_a_restart_a_device_starts_from_0_at_the_restart_sample_or_a_later_one() {
    let before = at("00:01", json!({ "cpu": cpu(100), "diskio": reads(100) }));
    let points = v1_points(&[
        before.clone(),
        at("00:02", json!({ "cpu": cpu(1), "diskio": {} })),
        at("00:03", json!({ "cpu": cpu(2), "diskio": reads(106) })),
    ]);
    assert_eq!(measured(&points, READ), [(0, 106.0)]);
    let points = v1_points(&[
        before,
        at("00:02", json!({ "cpu": cpu(1) })),
        at("00:03", json!({ "cpu": cpu(2), "diskio": {} })),
        at("00:07", json!({ "cpu": cpu(3), "diskio": reads(106) })),
    ]);
    assert_eq!(measured(&points, READ), [(0, 53.0), (5, 53.0)]);
}

#[test]
fn a_device_first_listed_at_the_restart_is_credited_there() {
    let points = v1_points(&[
        at("00:01", json!({ "cpu": cpu(100), "diskio": {} })),
        at("00:13", json!({ "cpu": cpu(1), "diskio": reads(40) })),
    ]);
    assert_eq!(figures(&points, READ), [(0, None), (10, Some(40.0))]);
}
