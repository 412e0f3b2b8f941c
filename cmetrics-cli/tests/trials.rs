//! Inputs that people have, by the command: what it says of them, and how it ends.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::fs;
use std::path::PathBuf;

use common::{Run, cmetrics, dump, folder, text};
use serde_json::Value;

const ID: &str = "0783690c8f18a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1";

fn trial(name: &str) -> PathBuf {
    common::data().join("trials").join(name)
}

/// Runs `points` with these options on a trial.
fn points(options: &[&str], name: &str) -> Run {
    let path = trial(name);
    cmetrics([&["points"], options, &[text(&path)]].concat())
}

/// The CPU time of the points of the container whose name ends like this.
fn cpu(points: &[Value], name: &str) -> Vec<Option<u64>> {
    let is_named = |point: &&Value| point["name"].as_str().unwrap().ends_with(name);
    points.iter().filter(is_named).map(|point| point["cpu"]["usage"].as_u64()).collect()
}

fn billions(values: &[f64]) -> Vec<Option<u64>> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole and positive"
    )]
    values.iter().map(|value| Some((value * 1e9) as u64)).collect()
}

#[test]
fn mixed_machines_are_noted_with_the_option_that_tells_them_apart() {
    for command in ["points", "inspect"] {
        let run = cmetrics([command, text(&trial("machines"))]).ends_with(0);
        let note = run.stderr.lines().find(|line| line.starts_with("note: ")).unwrap();
        for words in
            ["of / falls", "every second sample", "several machines", "--machine-by-folder"]
        {
            assert!(note.contains(words), "{note}");
        }
        let quiet = cmetrics([command, "--quiet", text(&trial("machines"))]).ends_with(0);
        assert_eq!(quiet.stderr, "");
    }
    let run = points(&["--machine-by-folder"], "machines").ends_with(0);
    assert!(!run.stderr.contains("note: "), "{}", run.stderr);
    let points = run.points();
    assert_eq!(cpu(&points, "node1:/"), billions(&[4.0, 5.0, 5.0, 5.0, 3.0]));
    assert_eq!(cpu(&points, "node2:/"), billions(&[1.5, 2.5, 2.5, 2.5, 2.0]));
}

#[test]
fn mixed_machines_are_noted_where_they_are_ingested() {
    let store = tempfile::tempdir().unwrap();
    let store = store.path().join("store");
    let run = cmetrics(["ingest", "--store", text(&store), text(&trial("machines"))]).ends_with(0);
    assert!(run.stderr.contains("--machine-by-folder"), "{}", run.stderr);
}

#[test]
fn where_gaps_alone_leave_cpu_and_network_null_the_summary_says_so() {
    let run = points(&[], "poll5min.ndjson").ends_with(0);
    assert_eq!(cpu(&run.points(), ID), [None; 4]);
    let line = "CPU and network of 1 container are null for gaps alone: gaps of 300 s; the longest \
                allowed is 150 s (--max-gap 300 shares their growth out)";
    assert!(run.stderr.lines().any(|found| found == line), "{}", run.stderr);
    let run = points(&["--max-gap", "300"], "poll5min.ndjson").ends_with(0);
    assert!(!run.stderr.contains("null"), "{}", run.stderr);
    assert!(cpu(&run.points(), ID).iter().all(Option::is_some));
}

#[test]
fn samples_without_their_container_are_refused() {
    let run = points(&[], "stats_lists.json").ends_with(1);
    run.has_one_error_with(&["a list of samples without their container", "whole reply"]);
    assert_eq!(run.stdout, "[]\n");
}

#[test]
fn documents_after_damage_are_read_and_the_damage_told() {
    for (name, status, samples) in [
        ("h2_comma.txt", 0, "15 samples"),
        ("h2_tornlist.txt", 1, "13 samples"),
        ("h2_a.txt", 1, "15 samples"),
        ("h_d.txt", 1, "3 samples"),
        ("bom_cat.json", 0, "15 samples"),
        ("utf16le.json", 0, "6 samples"),
    ] {
        let run = points(&[], name).ends_with(status);
        assert!(run.stderr.contains(&format!(" {samples} ")), "{name}: {}", run.stderr);
    }
    points(&[], "h2_tornlist.txt").has_one_error_with(&["line 3 ", "the text ends inside"]);
    points(&[], "h2_a.txt").has_one_error_with(&["line 199 ", "the text ends inside"]);
    let run = points(&[], "h_d.txt");
    assert!(run.errors()[0].contains("(byte 2388): "), "{}", run.stderr);
    assert!(run.errors()[1].contains("saved now"), "{}", run.stderr);
    assert!(run.errors()[1].ends_with("; 9 bytes are passed over"), "{}", run.stderr);
}

#[test]
fn what_storage_drivers_and_collectors_write_is_read() {
    let usual = billions(&[2.0, 2.5, 0.5]);
    for name in ["kafka.ndjson", "es_source.ndjson"] {
        let run = points(&["-c", "web"], name).ends_with(0);
        assert_eq!(cpu(&run.points(), ""), usual, "{name}");
        let points = points(&[], name).ends_with(0).points();
        assert_eq!(cpu(&points, "ssh.service"), billions(&[0.002, 0.0025, 0.0005]), "{name}");
    }
    let points_of = |name| points(&[], name).ends_with(0).points();
    assert_eq!(cpu(&points_of("stdout.log"), "web"), [None]);
    for name in ["dockerlog.json", "wrapped.ndjson"] {
        assert_eq!(cpu(&points_of(name), ID), billions(&[2.0, 2.5, 2.5, 2.5, 0.5]), "{name}");
    }
    assert_eq!(cpu(&points_of("by_node.json"), ID), usual);
    let run = cmetrics(["inspect", "--format", "json", text(&trial("by_node.json"))]).ends_with(0);
    let machines = run.points();
    assert_eq!(
        (&machines[0]["machine"], &machines[1]["machine"]),
        (&"node1".into(), &"node2".into())
    );
}

#[test]
fn what_is_not_read_is_an_error_even_among_other_files() {
    for (name, words) in [
        ("pyrepr.txt", "json.dumps"),
        ("dumps.tar.gz", "a tar archive"),
        ("stats_lists.json", "without their container"),
    ] {
        points(&[], name).ends_with(1).has_one_error_with(&[name, words]);
        let folder = folder([("good.json", dump())]);
        fs::copy(trial(name), folder.path().join(name)).unwrap();
        let run = cmetrics(["points", text(folder.path())]).ends_with(1);
        run.has_one_error_with(&[name, words]);
        assert!(!run.stderr.contains("skipped"), "{}", run.stderr);
    }
}

#[test]
fn a_sample_of_the_future_is_refused_and_takes_nothing_with_it() {
    let store = tempfile::tempdir().unwrap();
    let store = store.path().join("store");
    for name in ["now1", "future", "now2", "later0", "later1", "later2"] {
        let file = trial(&format!("future/{name}.json"));
        let run = cmetrics(["ingest", "--store", text(&store), text(&file)]).ends_with(0);
        assert_eq!(run.stderr.contains("1 refused"), name == "future", "{name}: {}", run.stderr);
    }
    let get = |options: &[&str]| {
        let all = [&["get", "--store", text(&store), "--format", "json"], options, &[ID]].concat();
        cpu(&cmetrics(all).ends_with(0).points(), ID).into_iter().flatten().sum::<u64>()
    };
    assert_eq!(get(&["--period", "86400"]), 29_000_000_000);
    assert_eq!(get(&["--period", "60"]), 29_000_000_000);
}
