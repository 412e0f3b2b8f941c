//! Rules 1 to 3 of `docs/points.md`: samples.

use super::*;

// Rule 1

#[test]
fn copies_count_once_in_any_order() {
    let samples: Vec<Value> = [("00:01", 10), ("00:04", 40), ("00:08", 90)]
        .map(|(time, n)| at(time, json!({ "cpu": cpu(n), "memory": { "usage": n * 1024 } })))
        .into();
    let once = v1_points(&samples);
    assert_eq!(measured(&once, CPU), [(0, 42.0), (5, 38.0)]);
    assert_eq!(measured(&once, MEMORY), [(0, 25.0), (5, 90.0)]);
    let polls = [&samples[1..], &samples[..2], &samples[..], &samples[2..]];
    let polls = polls.map(|stats| dump(v1(stats)));
    assert_eq!(points_of(&polls, &FIVE_SECONDS), once);
    let backwards: Vec<Value> = samples.iter().rev().cloned().collect();
    assert_eq!(v1_points(&backwards), once);
}

#[test]
fn of_two_samples_at_one_nanosecond_the_first_read_stays() {
    let usage = |n: u64| at("00:03", json!({ "memory": { "usage": n * 1024 } }));
    assert_eq!(measured(&v1_points(&[usage(2), usage(1)]), MEMORY), [(0, 2.0)]);
    let dumps = [dump(v1(&[usage(1)])), dump(v1(&[usage(2)]))];
    assert_eq!(measured(&points_of(&dumps, &FIVE_SECONDS), MEMORY), [(0, 1.0)]);
}

#[test]
fn one_nanosecond_makes_two_samples() {
    let load = |time, n: u64| at(time, json!({ "cpu": { "load_average": n } }));
    let points = v1_points(&[load("00:03.000000001", 1000), load("00:03.000000002", 3000)]);
    assert_eq!(measured(&points, "/cpu/load/ave"), [(0, 2.0)]);
}

// Rule 2

#[test]
fn times_are_rfc_3339_with_any_offset_and_case() {
    let same = [
        "2026-01-01T12:00:03Z",
        "2026-01-01t12:00:03z",
        "2026-01-01T12:00:03.0Z",
        "2026-01-01T12:00:03.000000000Z",
        "2026-01-01T14:00:03+02:00",
        "2025-12-31T23:30:03-12:30",
        "2026-01-01T12:00:03+00:00",
    ];
    let stats: Vec<Value> = same.iter().map(|time| json!({ "timestamp": time })).collect();
    let points = points_of(&[dump(v1(&stats))], &EXTENDED);
    assert_eq!(starts(&points), [0]);
    assert_eq!(points[0]["samples"], json!(1));
}

#[test]
fn a_leap_day_has_its_place() {
    for (time, expected) in [
        ("2024-02-29T00:00:00Z", 1_709_164_800),
        ("2024-03-01T00:00:00Z", 1_709_251_200),
        ("2100-03-01T00:00:00Z", 4_107_542_400_i64),
    ] {
        let points = v1_points(&[json!({ "timestamp": time })]);
        assert_eq!(points[0]["start"].as_i64(), Some(expected), "{time}");
    }
}

#[test]
fn a_sample_that_was_never_taken_is_skipped() {
    let never = ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1970-01-01T01:00:00+01:00"];
    let stats: Vec<Value> = never.iter().map(|time| json!({ "timestamp": time })).collect();
    assert!(v1_points(&stats).is_empty());
    let first = json!({ "timestamp": "1970-01-01T00:00:00.000000001Z" });
    assert_eq!(v1_points(&[first])[0]["start"], json!(0));
}

// Rule 3

#[test]
fn a_flag_that_says_false_makes_its_section_absent() {
    let stats = [
        at(
            "00:01",
            json!({ "cpu": cpu(1), "memory": { "usage": 1 }, "network": eth0(1), "diskio": reads(1) }),
        ),
        at(
            "00:02",
            json!({ "cpu": cpu(2), "memory": { "usage": 1 }, "network": eth0(2), "diskio": reads(2) }),
        ),
    ];
    let flags = ["has_cpu", "has_memory", "has_network", "has_diskio"];
    let pointers = [CPU, MEMORY, PACKETS, READ];
    for (flag, absent) in flags.iter().zip(pointers) {
        let spec = json!({ *flag: false });
        let in_sample = stats.clone().map(|mut sample| {
            sample[*flag] = json!(false);
            sample
        });
        let documents = [
            json!({ "name": "/c", "spec": spec, "stats": stats }),
            json!({ "/c": { "spec": spec, "stats": stats } }),
            json!({ "/c": in_sample }),
        ];
        for document in documents {
            let points = points_of(&[dump(document)], &FIVE_SECONDS);
            for pointer in pointers {
                assert_eq!(measured(&points, pointer).is_empty(), pointer == absent, "{flag}");
            }
        }
    }
}

#[test]
fn a_denied_disk_section_does_not_tell_that_a_device_is_not_listed() {
    let denied =
        |stats: Value| json!({ "name": "/c", "spec": { "has_diskio": false }, "stats": stats });
    let empty = json!([at("00:04", json!({ "diskio": {} }))]);
    let later = at("00:08", json!({ "diskio": disk(&[device(1, json!({ "Read": 60 }))]) }));
    let dumps = [dump(denied(empty.clone())), dump(v1(std::slice::from_ref(&later)))];
    assert_eq!(measured(&points_of(&dumps, &FIVE_SECONDS), READ), []);
    // The section before it does tell.
    let first = at("00:02", json!({ "diskio": {} }));
    let dumps = [dump(v1(&[first, later])), dump(denied(empty))];
    assert_eq!(measured(&points_of(&dumps, &FIVE_SECONDS), READ), [(0, 30.0), (5, 30.0)]);
}

#[test]
fn any_other_value_of_a_flag_says_nothing() {
    let stats = [at("00:01", json!({ "memory": { "usage": 1024 } }))];
    for value in [json!(true), json!(null), json!(0), json!("false")] {
        let document = json!({ "name": "/c", "spec": { "has_memory": value }, "stats": stats });
        let points = points_of(&[dump(document)], &FIVE_SECONDS);
        assert_eq!(measured(&points, MEMORY), [(0, 1.0)]);
    }
    let no_spec = json!({ "name": "/c", "spec": null, "stats": stats });
    assert_eq!(measured(&points_of(&[dump(no_spec)], &FIVE_SECONDS), MEMORY), [(0, 1.0)]);
}

#[test]
fn a_null_section_or_key_was_not_measured() {
    let points = v1_points(&[
        at(
            "00:01",
            json!({ "cpu": null, "memory": { "usage": null }, "network": null, "diskio": null }),
        ),
        at("00:02", json!({ "cpu": { "usage": null }, "network": { "interfaces": null } })),
    ]);
    for pointer in [CPU, MEMORY, PACKETS, READ] {
        assert_eq!(figures(&points, pointer), [(0, None)]);
    }
}
