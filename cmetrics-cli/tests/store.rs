//! Points are kept: dumps that are ingested by one process after another give the points of one
//! run, and are got by any name.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use common::{Run, cmetrics, dump_of, fed, recorded, sample, text};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Longer than any recording.
const ALL: &str = "100000";

fn ingest(store: &Path, options: &[&str], paths: &[PathBuf]) -> Run {
    let mut args: Vec<OsString> = vec!["ingest".into(), "--store".into(), store.into()];
    args.extend(options.iter().map(Into::into));
    args.extend(paths.iter().map(Into::into));
    cmetrics(args).ends_with(0)
}

/// A store with these recorded dumps in it.
fn store_of(set: &str, endpoints: &[&str], options: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    ingest(folder.path(), options, &recorded(set, endpoints));
    folder
}

fn get(store: &Path, args: &[&str]) -> Run {
    cmetrics(["get", "--store", text(store)].iter().chain(args))
}

fn points(paths: &[PathBuf], options: &[&str]) -> Run {
    let mut args: Vec<OsString> = vec!["points".into()];
    args.extend(options.iter().map(Into::into));
    args.extend(paths.iter().map(Into::into));
    cmetrics(args).ends_with(0)
}

fn containers(store: &Path) -> Vec<Value> {
    cmetrics(["containers", "--store", text(store), "--format", "json"]).ends_with(0).points()
}

fn names(store: &Path) -> Vec<String> {
    let name = |one: &Value| one["name"].as_str().unwrap().to_owned();
    containers(store).iter().map(name).collect()
}

/// That two texts are the same, byte for byte; a whole one would be too long to read.
#[track_caller]
fn assert_same(found: &str, expected: &str, what: &str) {
    for (found, expected) in found.lines().zip(expected.lines()) {
        assert_eq!(found, expected, "{what}");
    }
    assert!(found == expected, "{what}: {} bytes, not {}", found.len(), expected.len());
}

/// The same order in each run, but none that anybody chose.
fn shuffled<T>(items: &mut [T]) {
    let mut state = 0x2545_F491_u64;
    for last in (1..items.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let other = (state >> 33) % (last as u64 + 1);
        items.swap(last, usize::try_from(other).unwrap());
    }
}

#[test]
fn dumps_in_any_order_with_copies_by_several_processes_give_the_points_of_one_run() {
    for (set, endpoints) in [
        ("dynamic", &["v1.2-docker", "v2.0-stats-docker"][..]),
        ("v060-1s", &["v1.3-docker", "v2.1-stats"]),
    ] {
        let store = tempfile::tempdir().unwrap();
        let all = recorded(set, endpoints);
        let mut order = [all.clone(), all[..all.len() / 2].to_vec()].concat();
        shuffled(&mut order);
        for (index, path) in order.iter().enumerate() {
            let lateness: &[&str] = if index == 0 { &["--lateness", "3600"] } else { &[] };
            let options = [&["--metrics", "memory.*", "--quiet"], lateness].concat();
            assert_eq!(ingest(store.path(), &options, std::slice::from_ref(path)).stderr, "");
        }
        for metrics in [&[][..], &["--metrics", "memory.*"], &["--format", "csv"]] {
            for name in names(store.path()) {
                let expected = points(&all, &[&["--container", &name], metrics].concat()).stdout;
                let got = get(store.path(), &[&[&*name, "--period", ALL], metrics].concat());
                let what = format!("{set} {name} {metrics:?}");
                assert_same(&got.ends_with(0).stdout, &expected, &what);
            }
        }
        assert_eq!(names(store.path()).len(), {
            let inspected = [&["inspect", "--format", "json"], &*texts(&all)].concat();
            let inspected = cmetrics(inspected).points();
            inspected.iter().filter(|one| one["samples"] != 0).count()
        });
    }
}

fn texts(paths: &[PathBuf]) -> Vec<&str> {
    paths.iter().map(|path| text(path)).collect()
}

#[test]
fn ingesting_twice_changes_nothing() {
    let store = store_of("dynamic", &["v1.2-docker"], &["--lateness", "30"]);
    let all = || -> Vec<_> {
        let got = |name: &String| get(store.path(), &[name, "--period", ALL]).ends_with(0).stdout;
        names(store.path()).iter().map(got).collect()
    };
    let before = all();
    let run = ingest(store.path(), &[], &recorded("dynamic", &["v1.2-docker"]));
    assert_eq!(all(), before);
    let lines: Vec<_> = run.stderr.lines().collect();
    assert!(lines[0].contains(": 0 new samples, "), "{lines:?}");
    assert!(lines[1].starts_with("0 points added, 0 replaced, "), "{lines:?}");
    assert_eq!(lines.len(), 3, "{lines:?}");
}

#[test]
fn the_summary_tells_what_became_of_the_samples() {
    let store = tempfile::tempdir().unwrap();
    let dump = dump_of("/docker", &[sample(0, 0), sample(5, 1_000), sample(400, 3_000)]);
    let args = ["ingest", "--store", text(store.path())];
    let run = fed(&args, dump).ends_with(0);
    let lines: Vec<_> = run.stderr.lines().collect();
    assert_eq!(lines[0], "1 file, 1 container: 3 new samples, 0 already there, 0 old");
    assert_eq!(lines[1], "2 points added, 0 replaced, 0 unchanged, 0 refused");
    assert!(lines[2].ends_with(" MB/s") && lines.len() == 3, "{lines:?}");
    assert_eq!(run.stdout, "");

    let old = dump_of("/docker", &[sample(52, 2_000), sample(57, 2_500)]);
    let run = fed(&args, old).ends_with(0);
    let lines: Vec<_> = run.stderr.lines().collect();
    assert_eq!(lines[0], "1 file, 1 container: 0 new samples, 0 already there, 2 old");
    assert_eq!(lines[1], "2 points added, 0 replaced, 0 unchanged, 0 refused");
    assert!(lines[3].starts_with("note: samples cover 2 points only in part"), "{lines:?}");
}

#[test]
fn a_container_is_got_by_alias_beginning_of_its_id_and_path() {
    let store = store_of("v060-1s", &["v1.3-docker"], &[]);
    let by_alias = get(store.path(), &["web", "--period", "60"]).ends_with(0).points();
    let id = by_alias[0]["name"].as_str().unwrap();
    for word in [id, &id[..12], &format!("/docker/{id}")] {
        let got = get(store.path(), &[word, "--period", "60"]).ends_with(0).points();
        assert_eq!(got, by_alias, "{word}");
    }
    assert_eq!(by_alias.len(), 12);
}

#[test]
fn points_can_be_asked_for_as_minutes_and_up_to_a_time() {
    let paths = recorded("v060-1s", &["v1.3-docker"]);
    let store = store_of("v060-1s", &["v1.3-docker"], &[]);
    let run = |args: &[&str]| get(store.path(), &[&["web"], args].concat()).ends_with(0);
    let minutes = points(&paths, &["--container", "web", "--interval", "60"]);
    let got = run(&["--period", ALL, "--interval", "60"]);
    assert_same(&got.stdout, &minutes.stdout, "minutes");

    let all = points(&paths, &["--container", "web"]).points();
    let end = all.last().unwrap()["end"].as_u64().unwrap() - 60;
    let within = |point: &&Value| {
        let start = point["start"].as_u64().unwrap();
        start >= end - 30 && start < end
    };
    let expected: Vec<_> = all.iter().filter(within).cloned().collect();
    assert_eq!(expected.len(), 6);
    assert_eq!(run(&["--period", "30", "--end", &end.to_string()]).points(), expected);

    // The minutes that lie in it if only in part, each whole.
    let got = run(&["--period", "1", "--end", &end.to_string(), "--interval", "60"]).points();
    assert_eq!(got.len(), 1);
    assert!(minutes.points().contains(&got[0]));
}

#[test]
fn what_was_not_kept_is_null_and_a_note_says_since_when_it_is() {
    let paths = recorded("dynamic", &["v1.2-docker"]);
    let (first, rest) = paths.split_at(4);
    let store = tempfile::tempdir().unwrap();
    ingest(store.path(), &["--lateness", "5"], first);
    let run = ingest(store.path(), &["--metrics", "memory.working_set,memory.rss"], rest);
    let note = run.stderr.lines().last().unwrap();
    assert!(note.starts_with("note: memory.working_set and "), "{run:?}");
    assert!(note.contains("not kept so far, but since 2026-11-21T00:0"), "{run:?}");
    let again = ingest(store.path(), &["--metrics", "memory.working_set"], rest);
    assert!(!again.stderr.contains("not kept"), "{again:?}");

    let name = &names(store.path())[0];
    let metrics = ["--metrics", "memory.working_set"];
    let got = get(store.path(), &[&[name, "--period", ALL], &metrics[..]].concat()).points();
    let mean = |point: &Value| point["metrics"]["memory.working_set"]["ave"].clone();
    assert_eq!(mean(&got[0]), Value::Null);
    assert!(mean(&got[got.len() - 2]).is_number());
    let shape = get(store.path(), &[name, "--period", "10"]).points();
    assert!(shape[0].get("metrics").is_none(), "{shape:?}");
}

#[test]
fn a_run_that_keeps_fewer_metrics_than_those_before_says_so() {
    let paths = recorded("dynamic", &["v1.2-docker"]);
    let (first, rest) = paths.split_at(4);
    let store = tempfile::tempdir().unwrap();
    let both = ["--metrics", "memory.working_set,memory.rss"];
    let told = "memory.working_set was kept so far, and the new points are without";
    ingest(store.path(), &[&["--lateness", "5"], &both[..]].concat(), first);
    let (second, third) = rest.split_at(1);
    let run = ingest(store.path(), &["--metrics", "memory.rss"], second);
    assert!(run.stderr.contains(told), "{run:?}");
    // Nothing new is without it.
    let run = ingest(store.path(), &["--metrics", "memory.rss"], second);
    assert!(!run.stderr.contains("kept so far"), "{run:?}");
    let run = ingest(store.path(), &both, third);
    assert!(!run.stderr.contains("kept so far"), "{run:?}");
}

#[test]
fn extended_points_tell_the_shares_of_limits_as_points_do() {
    let paths = recorded("v060-1s", &["v1.3-docker"]);
    let store = store_of("v060-1s", &["v1.3-docker"], &["--metrics", "memory.working_set"]);
    for format in ["json", "csv", "table"] {
        let options = ["--extended", "--complete", "--format", format];
        let expected = points(&paths, &[&["--container", "web"], &options[..]].concat()).stdout;
        let args = [&["web", "--period", ALL], &options[..]].concat();
        assert_same(&get(store.path(), &args).ends_with(0).stdout, &expected, format);
    }
}

/// Two containers that bore one name, one after the other.
fn two_bearers() -> (TempDir, [String; 2]) {
    let store = tempfile::tempdir().unwrap();
    let ids = ["aa", "bb"].map(|id| id.repeat(32));
    for (id, second) in ids.iter().zip([0, 600]) {
        let samples = [sample(second, 0), sample(second + 10, 1_000)];
        let dump = dump_of(&format!("/docker/{id}"), &samples);
        let dump = dump.replace(r#""spec""#, r#""aliases":["web"],"spec""#);
        fed(&["ingest", "--store", text(store.path())], dump).ends_with(0);
    }
    (store, ids)
}

#[test]
fn an_alias_means_its_last_bearer_in_that_time_or_all_of_them() {
    let (store, [first, second]) = two_bearers();
    let names = |args: &[&str]| {
        let run = get(store.path(), &[&["web", "--period"], args].concat()).ends_with(0);
        let name = |point: &Value| point["name"].as_str().unwrap().to_owned();
        let mut names: Vec<_> = run.points().iter().map(name).collect();
        names.dedup();
        names
    };
    assert_eq!(names(&["1000"]), [second.as_str()]);
    assert_eq!(names(&["10", "--end", "2026-11-21T12:00:10Z"]), [first.as_str()]);
    assert_eq!(names(&["1000", "--all-bearers"]), [first.as_str(), second.as_str()]);
    assert_eq!(names(&["10", "--all-bearers"]), [second.as_str()]);
}

#[test]
fn no_points_are_an_empty_array_and_a_note_where_there_are_some() {
    let (store, _) = two_bearers();
    let args = ["web", "--period", "60", "--end", "2026-11-21T13:00:00Z"];
    let run = get(store.path(), &args).ends_with(0);
    assert_eq!(run.stdout, "[]\n");
    assert!(run.stderr.starts_with("note: no points of web from 2026-11-21T12:59:00Z to "));
    assert!(run.stderr.contains("from 2026-11-21T12:10:00Z to 2026-11-21T12:10:15Z"), "{run:?}");
    assert_eq!(get(store.path(), &[&args[..], &["--quiet"]].concat()).stderr, "");
}

#[test]
fn containers_are_listed_for_people_and_programs() {
    let store = store_of("v060-1s", &["v1.3-docker"], &[]);
    let all = containers(store.path());
    let web = all.iter().find(|one| one["aliases"] == json!(["web"])).unwrap();
    let points = get(store.path(), &["web", "--period", ALL]).points();
    assert_eq!(web["name"], points[0]["name"]);
    assert_eq!(web["start"], points[0]["start"]);
    assert_eq!(web["end"], points.last().unwrap()["end"]);
    assert!(web["limits"]["memory_bytes"].is_number(), "{web}");

    let table = cmetrics(["containers", "--store", text(store.path())]).ends_with(0).stdout;
    assert!(table.starts_with("NAME "), "{table}");
    assert_eq!(table.lines().count(), all.len() + 1);
    let row = table.lines().find(|line| line.contains("  web  ")).unwrap();
    assert!(row.contains("  2026-11-2") && row.contains(" MiB"), "{row}");
}

/// A store with containers of two applications, one of them in a pod.
fn labelled_store() -> TempDir {
    let one = |path: &str, labels: &str, second: u64| {
        let stats: Vec<_> = (0..3).map(|at| sample(second + at, 1000 * (second + at))).collect();
        let spec = format!(r#""spec":{{"labels":{{{labels}}},"#);
        dump_of(path, &stats).replace(r#""spec":{"#, &spec)
    };
    let pod = r#""app": "web", "io.kubernetes.pod.namespace": "shop",
        "io.kubernetes.pod.name": "web-0", "io.kubernetes.container.name": "nginx""#;
    let web = format!("/kubepods/{}", "a".repeat(64));
    let all = [
        one(&web, pod, 0),
        one("/b", r#""app": "web", "tier": "back""#, 10),
        one("/c", r#""app": "db""#, 0),
    ];
    let folder = tempfile::tempdir().unwrap();
    fed(&["ingest", "--store", text(folder.path())], all.concat()).ends_with(0);
    folder
}

/// The containers of these points, each once.
fn containers_of(run: &Run) -> Vec<String> {
    let name = |point: Value| point["name"].as_str().unwrap().chars().take(2).collect();
    let mut names: Vec<String> = run.points().into_iter().map(name).collect();
    names.dedup();
    names
}

#[test]
fn containers_of_a_store_are_chosen_by_labels_and_by_their_pod() {
    let store = labelled_store();
    let got = |args: &[&str]| {
        containers_of(&get(store.path(), &[&["--period", ALL], args].concat()).ends_with(0))
    };
    assert_eq!(got(&["--label", "app=web"]), ["aa", "/b"]);
    assert_eq!(got(&["--label", "app=web", "--label", "tier=back"]), ["/b"]);
    assert_eq!(got(&["shop/web-0/nginx"]), ["aa"]);
    assert_eq!(got(&["/b", "--label", "app=web"]), ["/b"]);
    // The last seconds are those of the newest of them.
    let last = get(store.path(), &["--period", "5", "--label", "app=web"]).ends_with(0);
    assert_eq!(containers_of(&last), ["/b"]);

    let listed = |args: &[&str]| {
        let folder = text(store.path());
        let args = [&["containers", "--store", folder, "--format", "json"], args].concat();
        containers_of(&cmetrics(args).ends_with(0))
    };
    assert_eq!(listed(&["--label", "app=web"]), ["/b", "aa"]);
    assert_eq!(listed(&["--label", "app=db"]), ["/c"]);
    assert_eq!(containers(store.path())[0]["labels"], json!({"app": "web", "tier": "back"}));

    for (args, expected) in [
        (
            &["get", "--period", "5", "--label", "app=cache"][..],
            "no container has the label app=cache",
        ),
        (
            &["get", "--period", "5", "/c", "--label", "app=web"],
            "no container has the label app=web",
        ),
        (&["get", "--period", "5"], "CONTAINER"),
        (&["get", "--period", "5", "--label", "app=web", "--all-bearers"], "CONTAINER"),
        (&["containers", "--label", "app=web", "--label", "tier=front"], "app=web and tier=front"),
        (&["containers", "--label", "app"], "KEY=VALUE"),
    ] {
        let (command, rest) = args.split_first().unwrap();
        let args = [&[*command, "--store", text(store.path())], rest].concat();
        let run = cmetrics(args).ends_with(2);
        assert!(run.stderr.contains(expected), "{run:?}");
    }
}

#[test]
fn events_of_a_store_are_chosen_by_labels() {
    let folder = tempfile::tempdir().unwrap();
    let restarted = |path: &str, app: &str| {
        let of = |second: u32, total: u32| {
            format!(
                r#"{{"timestamp": "2026-11-21T12:00:{second:02}Z", "cpu": {{"usage": {{"total": {total}}}}}}}"#
            )
        };
        let stats = [of(1, 1_000), of(2, 2_000), of(3, 5), of(4, 10)].join(",");
        format!(
            r#"{{"{path}": {{"spec": {{"has_cpu": true, "labels": {{"app": "{app}"}}}}, "stats": [{stats}]}}}}"#
        )
    };
    let both = [restarted("/a", "web"), restarted("/b", "db")].concat();
    fed(&["ingest", "--store", text(folder.path())], both).ends_with(0);
    let events = |args: &[&str]| {
        let all = ["store", "events", text(folder.path()), "--format", "json"];
        let events = cmetrics([&all, args].concat()).ends_with(0).points();
        events.iter().map(|one| one["container"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(events(&[]), ["/a", "/b"]);
    assert_eq!(events(&["--label", "app=db"]), ["/b"]);
    assert_eq!(events(&["--container", "/a", "--label", "app=web"]), ["/a"]);
    let none = ["store", "events", text(folder.path()), "--label", "app=cache"];
    cmetrics(none).ends_with(2).has_one_error_with(&["no container has the label app=cache"]);
}

#[test]
fn columns_say_who_a_container_of_a_store_is() {
    let store = labelled_store();
    let columns = ["--columns", "namespace,pod,label:app,label:tier"];
    let args = [&["--period", ALL, "--label", "app=web", "--format", "csv"][..], &columns].concat();
    let csv = get(store.path(), &args).ends_with(0).stdout;
    let last_cells = |line: &str| {
        let cells: Vec<_> = line.split(',').collect();
        cells[cells.len() - 4..].join(",")
    };
    let mut ends: Vec<_> = csv.lines().map(last_cells).collect();
    ends.dedup();
    assert_eq!(ends, ["namespace,pod,label:app,label:tier", "shop,web-0,web,", ",,web,back"]);

    let list = ["containers", "--store", text(store.path())];
    let table = cmetrics([&list[..], &columns].concat()).ends_with(0).stdout;
    let titles: Vec<_> = table.lines().next().unwrap().split_whitespace().collect();
    assert!(titles.ends_with(&["namespace", "pod", "label:app", "label:tier"]), "{table}");
    let row = table.lines().find(|line| line.contains("web-0")).unwrap();
    assert!(row.ends_with("shop       web-0  web        -"), "{table}");
    for (more, expected) in
        [(["--format", "json"], "--format table"), (["--columns", "x"], "no column")]
    {
        let run = cmetrics([&list[..], &columns, &more].concat()).ends_with(2);
        assert!(run.stderr.contains(expected), "{run:?}");
    }
}

#[test]
fn events_of_every_door_are_told_on_wish() {
    let folder = tempfile::tempdir().unwrap();
    let reply = dump_of("/a", &[sample(1, 1_000), sample(5, 2_000)]);
    let rows = [(11, 9), (15, 1), (19, 2)].map(|(second, seconds)| {
        let millis = 1_795_262_400_000_u64 + second * 1_000;
        format!("container_cpu_usage_seconds_total{{id=\"/a\",cpu=\"total\"}} {seconds} {millis}\n")
    });
    fed(&["ingest", "--store", text(folder.path())], reply).ends_with(0);
    fed(&["ingest", "--store", text(folder.path())], rows.concat()).ends_with(0);
    let events = |args: &[&str]| {
        let all = ["store", "events", text(folder.path())];
        cmetrics([&all, args].concat()).ends_with(0)
    };
    assert_eq!(events(&["--format", "json"]).points(), [] as [Value; 0]);
    let [restart] = &events(&["--format", "json", "--every-door"]).points()[..] else {
        panic!("the exposition shows a restart")
    };
    assert_eq!((&restart["event"], &restart["door"]), (&json!("restart"), &json!("exposition")));
    let table = events(&["--every-door"]).stdout;
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let lines: Vec<_> = table.lines().map(words).collect();
    assert_eq!(lines[0], ["CONTAINER", "TIME", "DOOR", "EVENT", "MORE"]);
    assert_eq!(lines[1][2..], ["exposition", "restart"]);
}
