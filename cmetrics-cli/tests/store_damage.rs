//! A damaged store: what is damaged is named, and what is not can be read and saved.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::store::{get, of_store, stats, store};
use common::{cmetrics, dump_of, fed, sample, text};

/// All files of a store that begin so.
fn files(store: &Path, beginning: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(store).unwrap().map(|file| file.unwrap().path());
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    files.filter(|path| name(path).starts_with(beginning)).collect()
}

/// Changes a byte of a file.
fn damage(path: &Path, at: impl Fn(usize) -> usize) {
    let mut bytes = fs::read(path).unwrap();
    let at = at(bytes.len());
    bytes[at] ^= 0x55;
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_damaged_byte_of_points_is_named_and_costs_only_what_it_is_in() {
    let store = store(true);
    let whole = get(store.path(), "web").points();
    let segment = &files(store.path(), "segment")[0];
    let id = whole[0]["name"].as_str().unwrap();
    let bytes = fs::read(segment).unwrap();
    let mut hit = 0;
    for at in (0..bytes.len()).step_by(bytes.len() / 40) {
        damage(segment, |_| at);
        let run = of_store("verify", store.path(), &[]).ends_with(1);
        assert!(run.stdout.starts_with(text(segment)), "{at} {run:?}");
        assert!(run.stdout.contains("damaged"), "{at} {run:?}");
        let got = get(store.path(), id);
        if got.status != 0 {
            assert_eq!(got.status, 1, "{got:?}");
            assert!(got.errors()[0].contains(text(segment)), "{got:?}");
            hit += 1;
        }
        if !got.stdout.is_empty() {
            assert!(got.points().iter().all(|point| whole.contains(point)), "{at}");
        }
        fs::write(segment, &bytes).unwrap();
    }
    assert!(hit > 0);
    of_store("verify", store.path(), &[]).ends_with(0);
}

#[test]
fn damage_of_log_and_manifest_and_missing_files_are_told() {
    for (beginning, compacted) in [("log", false), ("MANIFEST", true), ("segment", true)] {
        let store = store(compacted);
        let path = &files(store.path(), beginning)[0];
        let bytes = fs::read(path).unwrap();
        damage(path, |length| length / 2);
        let run = of_store("verify", store.path(), &["--quiet"]).ends_with(1);
        assert!(run.stdout.contains(text(path)), "{beginning} {run:?}");
        fs::write(path, &bytes[..bytes.len() - 7]).unwrap();
        let run = of_store("verify", store.path(), &["--quiet"]).ends_with(1);
        assert!(run.stdout.contains(text(path)), "{beginning} {run:?}");
        fs::remove_file(path).unwrap();
        let run = of_store("verify", store.path(), &["--quiet"]).ends_with(1);
        assert!((run.stdout + &run.stderr).contains(text(path)), "{beginning}");
    }
}

#[test]
fn every_segment_that_cannot_be_opened_is_named() {
    let store = tempfile::tempdir().unwrap();
    for second in [0, 400] {
        let samples = [sample(second, 0), sample(second + 5, 1), sample(second + 200, 2)];
        let dump = dump_of("/docker", &samples);
        fed(&["ingest", "--store", text(store.path())], dump).ends_with(0);
        // It puts what is in the log into a segment of its own.
        of_store("retain", store.path(), &["--points", "1000000"]).ends_with(0);
    }
    let segments = files(store.path(), "segment");
    // Two of points, and one of tails.
    assert_eq!(segments.len(), 3);
    for segment in &segments {
        damage(segment, |length| length - 10);
    }
    let told = of_store("verify", store.path(), &["--quiet"]).ends_with(1).stdout;
    assert_eq!(told.lines().count(), segments.len(), "{told}");
    assert!(segments.iter().all(|segment| told.contains(text(segment))), "{told}");
}

#[test]
fn what_can_be_read_is_salvaged_into_a_new_store() {
    let store = store(true);
    let folder = tempfile::tempdir().unwrap();
    let whole = get(store.path(), "web").points();
    let to = folder.path().join("whole");
    let run = of_store("salvage", store.path(), &["--to", text(&to)]).ends_with(0);
    assert!(run.stderr.contains(" containers saved into "), "{run:?}");
    assert_eq!(get(&to, "web").ends_with(0).points(), whole);

    let segment = &files(store.path(), "segment")[0];
    let all = stats(store.path())["sealed_points"].as_u64();
    damage(segment, |length| length / 2);
    let before = fs::read(segment).unwrap();
    let to = folder.path().join("rest");
    let run = of_store("salvage", store.path(), &["--to", text(&to), "--quiet"]).ends_with(1);
    assert!(run.errors()[0].contains(text(segment)), "{run:?}");
    of_store("verify", &to, &[]).ends_with(0);
    let saved = stats(&to)["sealed_points"].as_u64();
    assert!(saved > Some(0) && saved <= all, "{saved:?} of {all:?}");
    assert_eq!(fs::read(segment).unwrap(), before);

    let run = of_store("salvage", store.path(), &["--to", text(&to)]).ends_with(1);
    run.has_one_error_with(&[text(&to), "exists"]);
}

#[test]
fn what_is_left_of_a_damaged_store_is_shown_to_who_asks_for_it() {
    let store = store(true);
    let whole = get(store.path(), "web").ends_with(0).points();
    // A log behind it, which is damaged.
    let samples = [sample(0, 0), sample(5, 1), sample(10, 2)];
    let dump = dump_of("/of-the-log", &samples);
    fed(&["ingest", "--store", text(store.path())], dump).ends_with(0);
    let log = &files(store.path(), "log")[0];
    // In the first frame: where the others are depends on the time of the call.
    damage(log, |_| 64);
    assert_eq!(get(store.path(), "web").status, 1);
    for args in [
        &["containers", "--store", text(store.path())][..],
        &["store", "events", text(store.path())],
    ] {
        assert_eq!(cmetrics(args).status, 1);
        let run = cmetrics([args, &["--despite-damage"]].concat());
        assert!(run.errors()[0].contains(text(log)), "{run:?}");
        assert!(run.stdout.contains("cpuhog"), "{run:?}");
        assert_eq!(run.status, 1);
    }
    let args =
        ["get", "--store", text(store.path()), "web", "--period", "100000", "--despite-damage"];
    let run = cmetrics(args).ends_with(1);
    assert!(run.errors()[0].contains(text(log)), "{run:?}");
    assert_eq!(run.points(), whole);
    // What is not there may be in what is damaged.
    let args = ["get", "--store", text(store.path()), "/of-the-log", "--period", "60"];
    let run = cmetrics([&args[..], &["--despite-damage"]].concat()).ends_with(1);
    assert!(run.errors().iter().any(|error| error.contains("/of-the-log")), "{run:?}");
}
