//! What cannot be done with a store is an error that says what can, and changes nothing.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::io::Write;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use common::{Run, cmetrics, command, dump, dump_of, fed, folder, recorded, sample, text};
use tempfile::TempDir;

fn store() -> TempDir {
    let store = tempfile::tempdir().unwrap();
    fed(&["ingest", "--store", text(store.path())], dump()).ends_with(0);
    store
}

fn got(store: &Path) -> String {
    let args = ["get", "--store", text(store), "/docker", "--period", "1000"];
    cmetrics(args).ends_with(0).stdout
}

#[test]
fn an_unknown_container_is_refused_with_near_matches() {
    let store = tempfile::tempdir().unwrap();
    let path = &recorded("v060-oom", &["v1.3-docker"])[0];
    cmetrics(["ingest", "--store", text(store.path()), text(path)]).ends_with(0);
    let store = text(store.path());
    for args in [
        &["get", "--store", store, "ooomer", "--period", "60"][..],
        &["store", "events", store, "--container", "ooomer"],
    ] {
        let run = cmetrics(args).ends_with(2);
        assert_eq!(run.stdout, "");
        run.has_one_error_with(&["no container is called \"ooomer\"", "oomer"]);
    }
}

#[test]
fn doors_are_ranked_where_a_store_is_read() {
    let store = store();
    let path = text(store.path());
    let run = fed(&["ingest", "--store", path, "--doors", "exposition"], dump()).ends_with(2);
    run.has_one_error_with(&["--doors changes nothing here", "cmetrics get --doors LIST"]);
    let args = ["get", "--store", path, "/docker", "--period", "1000", "--doors", "exposition"];
    assert_eq!(cmetrics(args).ends_with(0).stdout, got(store.path()));
}

#[test]
fn what_a_store_was_made_with_cannot_be_said_otherwise() {
    let store = store();
    let before = got(store.path());
    for (option, value, told) in [
        ("--interval", "10", "interval is 10 s, but must be 5 s"),
        ("--max-gap", "60", "max gap is 60 s, but must be 150 s"),
        ("--lateness", "60", "lateness is 60 s, but must be 180 s"),
    ] {
        let args = ["ingest", "--store", text(store.path()), option, value, "-"];
        fed(&args, dump()).ends_with(2).has_one_error_with(&[told]);
        assert_eq!(got(store.path()), before);
    }
    let same = ["--interval", "5", "--max-gap", "150", "--lateness", "180"];
    fed(&[&["ingest", "--store", text(store.path())], &same[..]].concat(), dump()).ends_with(0);
}

#[test]
fn wider_points_are_whole_multiples() {
    let store = store();
    for interval in ["7", "0", "1"] {
        let args = ["get", "--store", text(store.path()), "/docker", "--period", "60"];
        let run = cmetrics(args.iter().chain(&["--interval", interval])).ends_with(2);
        run.has_one_error_with(&["interval is ", "a whole multiple of the store's 5 s"]);
    }
}

#[test]
fn options_that_cannot_be_are_usage_errors() {
    let store = store();
    let store = text(store.path());
    for (args, told) in [
        (&["get", "--store", store, "/docker"][..], "--period"),
        (&["get", "--store", store, "/docker", "--period", "1", "--end", "noon"], "2026-11-21T"),
        (&["get", "--store", store, "/docker", "--period", "1", "--metrics", "x"], "x"),
        (&["ingest", "--store", store, "--sync", "never"], "always, os"),
        (&["ingest", "--store", store, "-", "-"], "once"),
        (&["ingest", "--store", store, "--metrics", "x"], "x"),
        (&["ingest", "-"], "--store"),
        (&["store", "retain", store], "--age"),
        (&["store", "retain", store, "--age", "1", "--points", "1"], "--points"),
        (&["store", "retain", store, "--since", "9300000000"], "a time before the year 2263"),
    ] {
        let run = fed(args, "").ends_with(2);
        assert!(run.stderr.contains(told) && run.stdout.is_empty(), "{args:?} {run:?}");
    }
}

#[test]
fn a_store_that_is_not_there_is_not_made_by_asking() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let store = text(&missing);
    for args in [
        &["get", "--store", store, "web", "--period", "60"][..],
        &["containers", "--store", store],
        &["store", "verify", store],
        &["store", "stats", store],
        &["store", "events", store],
        &["store", "compact", store],
        &["store", "retain", store, "--age", "60"],
        &["store", "snapshot", store, "copy"],
    ] {
        let run = cmetrics(args).ends_with(1);
        run.has_one_error_with(&[store, "there is no store"]);
        assert!(!missing.exists(), "{args:?}");
    }
}

#[test]
fn strict_ingestion_takes_all_or_nothing() {
    let store = tempfile::tempdir().unwrap();
    let late = dump_of("/docker", &[sample(5, 0), sample(10, 1)]);
    let newer = dump_of("/docker", &[sample(1_000, 0), sample(1_005, 1)]);
    let args = ["ingest", "--strict", "--store", text(store.path())];
    fed(&args, newer).ends_with(0);
    let before = got(store.path());
    let run = fed(&args, &late).ends_with(1);
    run.has_one_error_with(&[
        "samples of /docker that are more than 180 s older",
        "nothing was ingested",
    ]);
    assert_eq!(got(store.path()), before);
    fed(&["ingest", "--store", text(store.path())], late).ends_with(0);
}

/// A process that has the store open for writing until its input ends.
fn writer(store: &Path) -> Child {
    // It waits for those who look whether it has the store open.
    let mut command = command(["ingest", "--quiet", "--wait", "60", "--store", text(store)]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn wait_until_locked(store: &Path) {
    let started = Instant::now();
    let is_locked = || {
        let run = cmetrics(["store", "retain", text(store), "--age", "4000000000"]);
        run.status == 1 && run.stderr.contains("open for writing by process")
    };
    while !is_locked() {
        assert!(started.elapsed() < Duration::from_secs(30), "the store was never locked");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_store_that_another_process_writes_to_is_refused_or_waited_for() {
    let store = store();
    let mut writer = writer(store.path());
    wait_until_locked(store.path());
    let args = ["ingest", "--store", text(store.path())];
    let run = fed(&args, dump()).ends_with(1);
    run.has_one_error_with(&["is open for writing by process", "wait"]);
    let started = Instant::now();
    fed(&[&args[..], &["--wait", "1"]].concat(), dump()).ends_with(1);
    assert!(started.elapsed() >= Duration::from_secs(1));
    // Reading is possible all the same.
    let before = got(store.path());

    let waits = [&args[..], &["--wait", "60"]].concat();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| fed(&waits, dump()));
        std::thread::sleep(Duration::from_millis(100));
        writer.stdin.take().unwrap().write_all(dump().as_bytes()).unwrap();
        Run::of(common::output_of(writer)).ends_with(0);
        waiting.join().unwrap().ends_with(0);
    });
    assert_eq!(got(store.path()), before);
}

#[cfg(unix)]
#[test]
fn a_store_that_may_only_be_read_is_read_and_nothing_is_written() {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    let store = store();
    let before = got(store.path());
    let files = || {
        let files = fs::read_dir(store.path()).unwrap().map(|file| file.unwrap().path());
        let mut files: Vec<_> = files.map(|file| (fs::read(&file).unwrap(), file)).collect();
        files.sort();
        files
    };
    let old = files();
    let allow = |mode| {
        fs::set_permissions(store.path(), fs::Permissions::from_mode(mode)).unwrap();
    };
    allow(0o555);
    let writable = fs::File::create(store.path().join("probe")).is_ok();
    if writable {
        fs::remove_file(store.path().join("probe")).unwrap();
    }
    assert_eq!(got(store.path()), before);
    cmetrics(["containers", "--store", text(store.path())]).ends_with(0);
    cmetrics(["store", "verify", text(store.path())]).ends_with(0);
    cmetrics(["store", "stats", text(store.path())]).ends_with(0);
    assert_eq!(files(), old);
    // Root may write anything.
    if !writable {
        let locked = store.path().join("LOCK");
        fs::set_permissions(&locked, fs::Permissions::from_mode(0o444)).unwrap();
        let run = fed(&["ingest", "--store", text(store.path())], dump()).ends_with(1);
        run.has_one_error_with(&["LOCK", "let the user who runs this"]);
    }
    allow(0o755);
}

#[test]
fn damage_in_one_input_does_not_keep_the_rest_from_the_store() {
    let store = tempfile::tempdir().unwrap();
    let run = fed(&["ingest", "--store", text(store.path())], format!("{}\n[]", dump()));
    run.ends_with(1).has_one_error_with(&["standard input", "no samples"]);
    assert_eq!(got(store.path()), fed(&["points"], dump()).stdout);
    let folder = folder([("other.txt", "no dump")]);
    let args = ["ingest", "--store", text(store.path()), text(folder.path())];
    cmetrics(args).ends_with(1).has_one_error_with(&["no file in this folder holds samples"]);
}

#[test]
fn samples_of_the_future_are_refused_with_a_note_and_the_rest_is_taken() {
    let store = tempfile::tempdir().unwrap();
    let future = dump().replace("2026-", "2226-");
    let run = fed(&["ingest", "--store", text(store.path())], format!("{}{future}", dump()));
    let run = run.ends_with(0);
    assert!(run.stderr.contains(" 0 old, 3 refused\n"), "{run:?}");
    assert!(
        run.stderr.contains("note: refused samples are of times more than an hour from now"),
        "{run:?}"
    );
    assert_eq!(got(store.path()), fed(&["points"], dump()).stdout);
}
