//! What is particular to the metrics of `docs/metrics.md`.

use super::*;

fn metric(points: &[Value], name: &str) -> Vec<(i64, f64)> {
    let counter = format!("/metrics/{name}");
    let is_gauge = points[0].pointer(&counter).unwrap().is_object();
    measured(points, &if is_gauge { format!("{counter}/ave") } else { counter })
}

#[test]
fn the_metrics_object_holds_the_documented_metrics_in_base_units() {
    let sections = |n: u64| {
        json!({ "memory": { "usage": 2048 }, "cpu": { "load_average": 2500 },
        "network": { "interfaces": [{ "name": "eth0", "tx_bytes": n }] } })
    };
    let points = v1_metrics(&[at("00:01", sections(0)), at("00:02", sections(4096))]);
    assert_eq!(metric(&points, "memory.usage"), [(0, 2048.0)]);
    assert_eq!(metric(&points, "cpu.load"), [(0, 2.5)]);
    assert_eq!(metric(&points, "network.tx_bytes"), [(0, 4096.0)]);
    assert_eq!(points[0]["network"]["tx_kb"].as_f64(), Some(4.0));
    assert_eq!(
        points[0]["metrics"]["memory.rss"],
        json!({ "ave": null, "min": null, "max": null })
    );
    assert_eq!(points[0]["metrics"]["memory.failures"], json!(null));
}

#[test]
fn the_first_oom_event_starts_from_0_at_the_previous_sample_of_a_v1_document() {
    let killed = at("00:07", json!({ "oom_events": 4 }));
    let points = v1_metrics(&[at("00:03", json!({})), killed.clone()]);
    assert_eq!(metric(&points, "memory.oom_events"), [(0, 2.0), (5, 2.0)]);
    let v20 = dump(json!({ "/c": [at("00:03", json!({}))] }));
    let points = points_of(&[v20, dump(v1(&[killed]))], &ALL_METRICS);
    assert_eq!(metric(&points, "memory.oom_events"), []);
}

#[test]
fn a_container_that_never_ran_out_of_memory_has_null_oom_events() {
    let points = v1_metrics(&[at("00:01", json!({})), at("00:02", json!({}))]);
    assert_eq!(metric(&points, "memory.oom_events"), []);
}

#[test]
fn samples_that_do_not_show_oom_events_lie_between_a_pair_unnoticed() {
    let points = v1_metrics(&[
        at("00:01", json!({ "oom_events": 1 })),
        at("00:03", json!({})),
        at("00:09", json!({ "oom_events": 5 })),
    ]);
    assert_eq!(metric(&points, "memory.oom_events"), [(0, 2.0), (5, 2.0)]);
}

#[test]
fn oom_events_after_a_restart_start_at_the_restart_sample_or_a_later_one_of_v1() {
    let points = v1_metrics(&[
        at("00:01", json!({ "cpu": cpu(9), "oom_events": 3 })),
        at("00:05", json!({ "cpu": cpu(1) })),
        at("00:09", json!({ "cpu": cpu(2), "oom_events": 4 })),
    ]);
    assert_eq!(metric(&points, "memory.oom_events"), [(5, 4.0)]);
}

#[test]
fn no_oom_event_starts_from_0_at_a_sample_before_a_restart() {
    let before = at("00:01", json!({ "cpu": cpu(9) }));
    let after = at("00:09", json!({ "cpu": cpu(2), "oom_events": 4 }));
    // v2.0 does not tell of OOM events.
    let restarted = json!({ "/c": [at("00:05", json!({ "cpu": cpu(1) }))] });
    let dumps = [dump(v1(&[before, after])), dump(restarted)];
    assert_eq!(metric(&points_of(&dumps, &ALL_METRICS), "memory.oom_events"), []);
}

#[test]
fn a_copy_that_shows_oom_events_completes_one_that_does_not() {
    let dumps = [
        dump(v1(&[at("00:01", json!({})), at("00:02", json!({}))])),
        dump(v1(&[at("00:02", json!({ "oom_events": 2 }))])),
    ];
    assert_eq!(metric(&points_of(&dumps, &ALL_METRICS), "memory.oom_events"), [(0, 2.0)]);
}

#[test]
fn a_schedstat_of_zeros_was_not_read() {
    let schedstat = |a: u64, b: u64, c: u64| {
        json!({ "cpu": { "schedstat":
        { "run_time": a, "runqueue_time": b, "run_periods": c } } })
    };
    let points = v1_metrics(&[
        at("00:01", schedstat(100, 0, 1)),
        at("00:02", schedstat(0, 0, 0)),
        at("00:03", schedstat(107, 0, 2)),
    ]);
    assert_eq!(metric(&points, "cpu.schedstat_run_time"), [(0, 7.0)]);
    assert_eq!(metric(&points, "cpu.schedstat_runqueue_time"), [(0, 0.0)]);
    assert_eq!(metric(&points, "cpu.schedstat_run_periods"), [(0, 1.0)]);
}

#[test]
fn a_wrapped_swap_is_absent() {
    let swap = |n: u64| json!({ "memory": { "swap": n } });
    let points = v1_metrics(&[
        at("00:01", swap(1 << 63)),
        at("00:06", swap((1 << 63) - 1)),
        at("00:11", swap(3)),
    ]);
    assert_eq!(metric(&points, "memory.swap"), [(5, 2f64.powi(63)), (10, 3.0)]);
}

#[test]
fn disk_pressure_alone_is_a_disk_section_without_devices() {
    let psi = json!({ "psi": { "some": { "total": 5 } } });
    let mut later = reads(40);
    later["psi"] = json!({ "some": { "total": 8 } });
    let points = v1_metrics(&[
        at("00:01", json!({ "diskio": psi })),
        at("00:02", json!({ "diskio": later })),
    ]);
    assert_eq!(metric(&points, "diskio.pressure_some"), [(0, 3.0)]);
    assert_eq!(metric(&points, "diskio.read"), [(0, 40.0)]);
}

#[test]
fn disk_operations_follow_the_rule_for_devices() {
    let ops = json!({ "io_serviced": [device(0, json!({ "Write": 6 }))] });
    let points =
        v1_metrics(&[at("00:03", json!({ "diskio": {} })), at("00:07", json!({ "diskio": ops }))]);
    assert_eq!(metric(&points, "diskio.write_ops"), [(0, 3.0), (5, 3.0)]);
    assert_eq!(metric(&points, "diskio.write"), []);
}

#[test]
fn file_systems_are_summed_where_an_entry_carries_the_key() {
    let list = json!({ "filesystem": [
        { "usage": 10, "capacity": 100, "inodes": 7, "has_inodes": true },
        { "usage": 20, "inodes": 1000, "has_inodes": false },
        { "inodes": 5 }] });
    let points = v1_metrics(&[at("00:01", list)]);
    assert_eq!(metric(&points, "filesystem.usage"), [(0, 30.0)]);
    assert_eq!(metric(&points, "filesystem.capacity"), [(0, 100.0)]);
    assert_eq!(metric(&points, "filesystem.inodes"), [(0, 12.0)]);
    assert_eq!(metric(&points, "filesystem.available"), []);
}

#[test]
fn v2_1_has_one_file_system_with_names_of_its_own() {
    let stats =
        [at("00:01", json!({ "filesystem": { "totalUsageBytes": 9, "baseUsageBytes": 4 } }))];
    let points = points_of(&[dump(json!({ "/c": { "spec": {}, "stats": stats } }))], &ALL_METRICS);
    assert_eq!(metric(&points, "filesystem.usage"), [(0, 9.0)]);
    assert_eq!(metric(&points, "filesystem.base_usage"), [(0, 4.0)]);
    let denied = json!({ "/c": { "spec": { "has_filesystem": false }, "stats": stats } });
    assert_eq!(metric(&points_of(&[dump(denied)], &ALL_METRICS), "filesystem.usage"), []);
}

#[test]
fn tasks_are_task_stats_in_v1_and_load_stats_in_v2() {
    let both = at(
        "00:01",
        json!({ "task_stats": { "nr_sleeping": 1 }, "load_stats": { "nr_sleeping": 2 } }),
    );
    assert_eq!(metric(&v1_metrics(std::slice::from_ref(&both)), "tasks.sleeping"), [(0, 1.0)]);
    let points = points_of(&[dump(json!({ "/c": [both.clone()] }))], &ALL_METRICS);
    assert_eq!(metric(&points, "tasks.sleeping"), [(0, 2.0)]);
    let mut off = both;
    off["has_load"] = json!(false);
    let points = points_of(&[dump(json!({ "/c": [off.clone()] }))], &ALL_METRICS);
    assert_eq!(metric(&points, "tasks.sleeping"), []);
    // has_load is a flag of v2 alone.
    let v1_off = json!({ "name": "/c", "spec": { "has_load": false }, "stats": [off] });
    assert_eq!(metric(&points_of(&[dump(v1_off)], &ALL_METRICS), "tasks.sleeping"), [(0, 1.0)]);
}

#[test]
fn a_sample_known_from_machinestats_takes_what_it_lacks() {
    let stats =
        |n: u64| [at("00:01", json!({ "cpu": cpu(n) })), at("00:02", json!({ "cpu": cpu(2 * n) }))];
    let mut told = stats(10);
    told[0]["diskio"] = reads(100);
    told[1]["diskio"] = reads(300);
    told[0]["referenced_memory"] = json!(4096);
    let machine = || dump(json!(stats(10)));
    let root = || dump(json!({ "name": "/", "stats": told }));
    for dumps in [[machine(), root()], [root(), machine()]] {
        let points = points_of(&dumps, &ALL_METRICS);
        assert_eq!(measured(&points, CPU), [(0, 10.0)]);
        assert_eq!(measured(&points, READ), [(0, 200.0)]);
        assert_eq!(measured(&points, "/metrics/memory.referenced/ave"), [(0, 4096.0)]);
    }
}

#[test]
fn a_sample_known_from_machinestats_takes_over_that_no_device_is_listed() {
    let machine = dump(json!([at("00:03", json!({ "cpu": cpu(10) }))]));
    let stats = [at("00:03", json!({ "diskio": {} })), at("00:07", json!({ "diskio": reads(60) }))];
    let root = dump(json!({ "name": "/", "stats": stats }));
    assert_eq!(measured(&points_of(&[machine, root], &FIVE_SECONDS), READ), [(0, 30.0), (5, 30.0)]);
}

#[test]
fn where_copies_tell_and_differ_the_larger_stays_for_the_named_metrics() {
    let told = json!({ "processes": { "process_count": 3 },
        "filesystem": [{ "usage": 10 }, { "usage": 20 }],
        "accelerators": [{ "memory_used": 5 }], "oom_events": 2,
        "task_stats": { "nr_running": 4 } });
    let v20 = json!({ "/c": [at("00:03", json!({ "has_processes": false,
        "processes": { "process_count": 9 }, "has_filesystem": true,
        "filesystem": [{ "usage": 12 }], "has_load": false,
        "load_stats": { "nr_running": 9 } }))] });
    let v21 = json!({ "/c": { "spec": {}, "stats": [at("00:03", json!({
        "processes": { "process_count": 2 }, "filesystem": { "totalUsageBytes": 40 } }))] } });
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let documents = [v1(&[at("00:03", told.clone())]), v20.clone(), v21.clone()];
        let dumps = order.map(|index: usize| dump(documents[index].clone()));
        let points = points_of(&dumps, &ALL_METRICS);
        let value = |name: &str| measured(&points, &format!("/metrics/{name}/ave"));
        assert_eq!(value("processes.count"), [(0, 3.0)]);
        assert_eq!(value("filesystem.usage"), [(0, 40.0)]);
        assert_eq!(value("gpu.memory_used"), [(0, 5.0)]);
        assert_eq!(value("tasks.running"), [(0, 4.0)]);
    }
}

#[test]
fn what_cadvisor_itself_counts_begins_again_alone_and_the_rest_does_not() {
    let sections = |n: u64| {
        json!({
            "cpu": { "usage": { "total": 5, "user": n }, "schedstat": { "run_time": n } },
            "memory": { "container_data": { "pgfault": n } }, "oom_events": n,
        })
    };
    let points = v1_metrics(&[at("00:01", sections(9)), at("00:02", sections(4))]);
    let value = |name: &str| measured(&points, &format!("/metrics/{name}"));
    assert_eq!(value("cpu.schedstat_run_time"), [(0, 4.0)]);
    assert_eq!(value("memory.oom_events"), [(0, 4.0)]);
    assert_eq!(value("cpu.user"), [(0, 0.0)]);
    assert_eq!(value("memory.page_faults"), [(0, 0.0)]);
}

#[test]
fn the_choice_of_metrics_adds_no_points() {
    let pgfault = |n: u64| json!({ "memory": { "rss": 1, "container_data": { "pgfault": n } } });
    let points = v1_metrics(&[at("00:01", pgfault(0)), at("00:13", pgfault(12))]);
    assert_eq!(starts(&points), [0, 10]);
    assert_eq!(measured(&points, "/metrics/memory.page_faults"), [(0, 4.0), (10, 3.0)]);
}
