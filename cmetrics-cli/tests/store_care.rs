//! Looking after a store: what it holds, whether it is sound, copies, and less of it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::ffi::OsString;
use std::process::Stdio;

use common::store::{get, of_store, stats, store};
use common::{Run, cmetrics, dump_of, fed, recorded, sample, text};

#[test]
fn compacting_makes_one_segment_and_changes_no_answer() {
    let store = store(false);
    let before = get(store.path(), "web").ends_with(0).stdout;
    let run = of_store("compact", store.path(), &[]).ends_with(0);
    assert!(run.stderr.starts_with("1 segment and "), "{run:?}");
    assert_eq!(stats(store.path())["segments"], 1);
    assert_eq!(get(store.path(), "web").stdout, before);
    assert_eq!(of_store("compact", store.path(), &["--quiet"]).ends_with(0).stderr, "");
    assert_eq!(get(store.path(), "web").stdout, before);
}

#[test]
fn stats_tell_what_there_is_and_since_when() {
    let store = store(true);
    let found = stats(store.path());
    assert_eq!((&found["interval"], &found["lateness"]), (&5.into(), &5.into()));
    assert!(found["containers"].as_u64().unwrap() >= 5, "{found}");
    assert!(found["sealed_points"].as_u64() > Some(200), "{found}");
    assert!(found["provisional_points"].as_u64() > Some(0), "{found}");
    let each = found["sealed_bytes"].as_f64().unwrap() / found["sealed_points"].as_f64().unwrap();
    assert_eq!(found["bytes_a_point"].as_f64(), Some(each));
    assert!(found["since"]["cpu.usage"].is_u64() && found["since"]["oom.kills"].is_null());

    let table = of_store("stats", store.path(), &[]).ends_with(0).stdout;
    for row in ["interval  ", "bytes a point  ", "points not final yet  ", "cpu.usage  "] {
        assert_eq!(table.lines().filter(|line| line.starts_with(row)).count(), 1, "{table}");
    }
}

#[test]
fn a_snapshot_is_the_store_as_it_was() {
    let store = store(false);
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy");
    of_store("snapshot", store.path(), &[text(&copy)]).ends_with(0);
    let before = get(store.path(), "web").stdout;
    let later = dump_of("/later", &[sample(0, 0), sample(5, 1), sample(100, 2)]);
    fed(&["ingest", "--store", text(store.path())], later).ends_with(0);
    assert_eq!(get(&copy, "web").ends_with(0).stdout, before);
    get(&copy, "/later").ends_with(2);
    get(store.path(), "/later").ends_with(0);
    of_store("verify", &copy, &[]).ends_with(0);
    let run = of_store("snapshot", store.path(), &[text(&copy)]).ends_with(1);
    run.has_one_error_with(&[text(&copy), "exists"]);
}

#[test]
fn a_sound_store_is_verified_without_a_word_of_output() {
    for compacted in [false, true] {
        let store = store(compacted);
        let run = of_store("verify", store.path(), &[]).ends_with(0);
        assert_eq!((&*run.stdout, &*run.stderr), ("", "everything can be read\n"));
        assert_eq!(of_store("verify", store.path(), &["--quiet"]).ends_with(0).stderr, "");
    }
}

#[test]
fn events_are_restarts_gaps_and_what_cannot_be_shared_out() {
    let store = tempfile::tempdir().unwrap();
    let samples = [sample(0, 10), sample(5, 5), sample(500, 9)];
    fed(&["ingest", "--store", text(store.path())], dump_of("/docker", &samples)).ends_with(0);
    let table = of_store("events", store.path(), &[]).ends_with(0).stdout;
    let rows: Vec<_> = table.lines().map(str::trim_end).collect();
    assert_eq!(rows.len(), 4, "{table}");
    assert!(rows[0].starts_with("CONTAINER  TIME "), "{table}");
    assert!(rows[1].starts_with("/docker    2026-11-21T12:00:05Z  restart"), "{table}");
    assert!(table.contains("gap           no sample for 495 s"), "{table}");
    assert!(table.contains("unattributed  cpu.usage 4 ns"), "{table}");

    let json = |args: &[&str]| {
        of_store("events", store.path(), &[&["--format", "json"], args].concat()).ends_with(0)
    };
    let all = json(&[]).points();
    let kinds: Vec<_> = all.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(kinds[0], "restart");
    assert!(kinds.contains(&"gap") && kinds.contains(&"unattributed"), "{kinds:?}");
    let gap = all.iter().find(|event| event["event"] == "gap").unwrap();
    assert_eq!(gap["from"], "2026-11-21T12:00:05Z");
    assert_eq!(gap["at"], "2026-11-21T12:08:20Z");
    assert_eq!(json(&["--end", "2026-11-21T12:01:00Z"]).points().len(), 1);
    assert_eq!(json(&["--period", "60"]).points().len(), 2);
    assert_eq!(json(&["--container", "/docker"]).points(), all);
}

#[test]
fn a_sample_that_was_set_aside_is_an_event() {
    let store = tempfile::tempdir().unwrap();
    let second = 1_000_000_000;
    let readings = [(0, 1_000), (1, 1_001), (2, 999_000_000), (3, 1_003)];
    let samples = readings.map(|(at, total)| sample(at, total * second));
    fed(&["ingest", "--store", text(store.path())], dump_of("/docker", &samples)).ends_with(0);
    let table = of_store("events", store.path(), &[]).ends_with(0).stdout;
    let row = "/docker    2026-11-21T12:00:02Z  set_aside  its CPU reading is impossible";
    assert_eq!(table.lines().nth(1), Some(row), "{table}");
}

#[test]
fn events_of_recorded_containers_are_those_that_inspect_counts() {
    let store = store(false);
    let args = ["--container", "flappy", "--format", "json"];
    let events = of_store("events", store.path(), &args).ends_with(0).points();
    let restarts = events.iter().filter(|event| event["event"] == "restart").count();
    let mut inspect: Vec<OsString> =
        ["inspect", "--container", "flappy", "--format", "json"].map(Into::into).into();
    inspect.extend(recorded("steady-1s", &["v1.3-docker"]).into_iter().map(Into::into));
    assert_eq!(cmetrics(inspect).points()[0]["restarts"], restarts);
    assert!(events.iter().all(|event| event["aliases"][0] == "flappy"));
}

#[test]
fn what_is_older_or_more_than_is_to_be_kept_is_dropped() {
    let store_of_age = store(true);
    let points = get(store_of_age.path(), "web").ends_with(0).points();
    let newest = points.iter().map(|point| point["start"].as_u64().unwrap()).max().unwrap();
    // Not all, as a clock that is ahead would have it.
    let run = of_store("retain", store_of_age.path(), &["--age", "60"]).ends_with(1);
    assert!(run.stderr.contains("is the time right?"), "{run:?}");
    let since = newest.to_string();
    of_store("retain", store_of_age.path(), &["--since", &since]).ends_with(0);
    assert_eq!(get(store_of_age.path(), "web").ends_with(0).points().len(), 1);
    of_store("retain", store_of_age.path(), &["--since", "0", "--quiet"]).ends_with(0);
    assert!(stats(store_of_age.path())["floor"].is_null());

    let store_of_many = store(true);
    let run = of_store("retain", store_of_many.path(), &["--points", "1000000"]).ends_with(0);
    assert!(run.stderr.starts_with("dropped 0 segments with 0 points"), "{run:?}");
    get(store_of_many.path(), "web").ends_with(0);
    // The newest segment stays, as it is the only one.
    of_store("retain", store_of_many.path(), &["--points", "1", "--quiet"]).ends_with(0);
    assert_eq!(stats(store_of_many.path())["segments"], 1);
}

#[test]
fn what_is_wrong_is_taken_out_and_what_comes_is_taken_in_order() {
    let store = tempfile::tempdir().unwrap();
    let mut minute: Vec<_> = (0..12).map(|number| sample(number * 5, number * 10)).collect();
    // A quarter of an hour ahead: near enough to be a clock that differs.
    minute.push(sample(960, 1_000));
    fed(&["ingest", "--store", text(store.path())], dump_of("/docker", &minute)).ends_with(0);
    let get = || cmetrics(args_of_get(store.path())).ends_with(0).points();
    assert_eq!(get().last().unwrap()["end"], 1_795_262_400 + 965);
    let drop = |args: &[&str]| of_store("drop", store.path(), args);
    drop(&["/dockre"]).ends_with(2).has_one_error_with(&["/dockre", "/docker"]);
    drop(&["/docker", "--from", "9", "--to", "9"]).ends_with(2).has_one_error_with(&["--from"]);
    let run = drop(&["/docker", "--from", "2026-11-21T12:10:00Z"]).ends_with(0);
    assert_eq!(run.stderr, "1 point and 2 events of /docker dropped from 2026-11-21T12:10:00Z\n");
    assert_eq!(get().last().unwrap()["end"], 1_795_262_400 + 60);
    let later: Vec<_> = (12..24).map(|number| sample(number * 5, number * 10)).collect();
    let args = ["ingest", "--store", text(store.path())];
    let run = fed(&args, dump_of("/docker", &later)).ends_with(0);
    assert!(run.stderr.contains("12 new samples, 0 already there, 0 old"), "{run:?}");
    assert_eq!(get().len(), 2);
    let run = drop(&["/docker", "--quiet"]).ends_with(0);
    assert_eq!(run.stderr, "");
    cmetrics(args_of_get(store.path())).ends_with(2);
}

fn args_of_get(store: &std::path::Path) -> [&str; 6] {
    ["get", "--store", text(store), "/docker", "--period", "10"]
}

#[test]
fn a_closed_pipe_is_no_error() {
    let store = store(false);
    let store = text(store.path());
    for args in [
        &["get", "--store", store, "web", "--period", "100000", "--format", "csv"][..],
        &["containers", "--store", store],
        &["store", "stats", store],
        &["store", "events", store, "--format", "json"],
        &["store", "verify", store, "--quiet"],
    ] {
        let mut command = common::command(args);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let run = Run::of(common::output_of(child)).ends_with(0);
        assert_eq!(run.stderr, "", "{args:?}");
    }
}

/// The options in examples exist: each example runs, one after the other.
#[test]
fn the_examples_of_the_help_run() {
    let dump = dump_of("/docker", &[sample(0, 0), sample(5, 1), sample(400, 2)]);
    let dump = dump.replace(r#""spec":{"#, r#""aliases":["web"],"spec":{"labels":{"app":"web"},"#);
    let folder = common::folder([("dumps/now.json", dump)]);
    let mut ran = 0;
    for command in [
        &["ingest"][..],
        &["get"],
        &["containers"],
        &["store"],
        &["store", "verify"],
        &["store", "salvage"],
        &["store", "compact"],
        &["store", "stats"],
        &["store", "snapshot"],
        &["store", "events"],
        &["store", "drop"],
        &["store", "retain"],
    ] {
        let help = cmetrics([command, &["--help"]].concat()).ends_with(0).stdout;
        let (_, examples) = help.split_once("Examples:").unwrap();
        for line in examples.lines().filter_map(|line| line.trim().strip_prefix("cmetrics ")) {
            let line = line.split(" | ").next().unwrap();
            let words = line.split(' ').map(|word| word.trim_matches('\''));
            // The dumps are ingested again and again, and grow old.
            let words = words.filter(|word| *word != "--strict");
            let words = words.map(|word| if word == "2592000" { "4000000000" } else { word });
            common::run(common::command(words).current_dir(folder.path())).ends_with(0);
            ran += 1;
        }
    }
    assert!(ran >= 18, "{ran}");
}
