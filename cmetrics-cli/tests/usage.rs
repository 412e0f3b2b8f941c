//! What cannot be asked for is a usage error that says what can; nothing is written then.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use common::{Run, cmetrics, dump, dump_of, expected, fed, folder, recorded, sample, text};

#[track_caller]
fn refused(run: Run, texts: &[&str]) {
    let run = run.ends_with(2);
    assert_eq!(run.stdout, "");
    for text in texts {
        assert!(run.stderr.contains(text), "{text:?} is not in {:?}", run.stderr);
    }
    assert!(!run.errors().is_empty(), "{}", run.stderr);
}

#[test]
fn an_interval_outside_what_is_allowed_is_refused() {
    let run = |value: &str| fed(&["points", "--interval", value], dump());
    refused(run("0"), &["interval is 0 s", "from 1 to 1000000000 s"]);
    refused(run("1000000001"), &["interval is 1000000001 s", "from 1 to 1000000000 s"]);
    for value in ["-5", "5s", "1.5", "", "99999999999999999999"] {
        refused(run(value), &["--interval", "whole number of seconds"]);
    }
    assert_eq!(run("1000000000").ends_with(0).points().len(), 1);
}

#[test]
fn a_max_gap_outside_what_is_allowed_is_refused() {
    let run = |interval: &str, gap: &str| {
        fed(&["points", "--interval", interval, "--max-gap", gap], dump())
    };
    refused(run("5", "4"), &["max gap is 4 s", "from 5 to 500000 s"]);
    refused(run("5", "0"), &["max gap is 0 s"]);
    refused(run("5", "500001"), &["max gap is 500001 s", "from 5 to 500000 s"]);
    refused(run("60", "59"), &["from 60 to 6000000 s for an interval of 60 s"]);
    refused(run("5", "-1"), &["--max-gap", "whole number of seconds"]);
    run("5", "5").ends_with(0);
    run("5", "500000").ends_with(0);
    // The default gap is no shorter than the interval.
    fed(&["points", "--interval", "300"], dump()).ends_with(0);
}

#[test]
fn an_unknown_container_is_refused_with_near_matches() {
    let paths = recorded("v060-oom", &["v1.3-docker"]);
    let run = cmetrics(["points", "--container", "ooomer", text(&paths[0])]);
    refused(run, &["no container is called \"ooomer\"", "(oomer)"]);
    let run = fed(&["points", "--container", "web"], "{}");
    refused(run, &[]);
}

#[test]
fn every_unknown_container_is_named() {
    let run = fed(&["inspect", "--container", "one", "--container", "two"], dump()).ends_with(2);
    assert_eq!(run.errors().len(), 2, "{}", run.stderr);
    assert_eq!(run.stdout, "");
}

#[test]
fn an_ambiguous_prefix_is_refused_with_the_candidates() {
    let ids = ["ab", "ac"].map(|start| format!("{start}{}", "0".repeat(62)));
    let dump: String = ids
        .iter()
        .map(|id| dump_of(&format!("/docker/{id}"), &[sample(0, 0), sample(5, 1)]))
        .collect();
    refused(fed(&["points", "--container", "a"], &dump), &["\"a\"", &ids[0], &ids[1]]);
    assert_eq!(fed(&["points", "-c", "ab"], &dump).ends_with(0).points()[0]["name"], *ids[0]);
}

#[test]
fn an_unknown_container_leaves_the_output_as_it_was() {
    let folder = folder([("points.json", "before")]);
    let output = folder.path().join("points.json");
    let run = fed(&["points", "--container", "x", "--output", text(&output)], dump());
    refused(run, &[]);
    assert_eq!(std::fs::read_to_string(&output).unwrap(), "before");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn unknown_formats_and_options_are_refused() {
    refused(fed(&["points", "--format", "xml"], ""), &["xml", "json, ndjson, csv, table"]);
    refused(fed(&["inspect", "--format", "csv"], ""), &["csv", "table, json"]);
    refused(fed(&["points", "--exended"], ""), &["--exended", "--extended"]);
    refused(fed(&["point"], ""), &["point", "points"]);
    refused(fed(&["completions", "cmd"], ""), &["cmd", "bash", "zsh", "fish"]);
    refused(fed(&["points", "--quiet", "--verbose"], ""), &["--quiet", "--verbose"]);
}

#[test]
fn standard_input_can_be_read_only_once() {
    refused(fed(&["points", "-", "-"], dump()), &["standard input (-)", "once"]);
}

#[test]
fn no_command_shows_the_help() {
    let run = cmetrics([] as [&str; 0]).ends_with(2);
    assert!(run.stderr.contains("Usage: cmetrics <COMMAND>"), "{}", run.stderr);
}

#[test]
fn containers_are_selected_by_id_prefix_alias_and_path_each_once() {
    let all = expected("v060-1s.v1.3-docker.json.gz");
    let paths = recorded("v060-1s", &["v1.3-docker"]);
    let run = |words: &[&str]| {
        let mut args = vec!["points".to_owned()];
        args.extend(words.iter().flat_map(|word| ["--container".to_owned(), (*word).to_owned()]));
        args.extend(paths.iter().map(|path| text(path).to_owned()));
        cmetrics(args).ends_with(0).points()
    };
    let by_alias = run(&["web"]);
    let id = by_alias[0]["name"].as_str().unwrap();
    let mut of_id = all.clone();
    of_id.retain(|point| point["name"] == id);
    common::assert_same_points(&by_alias, &of_id);
    let path = format!("/docker/{id}");
    for word in [id, &id[..12], &path] {
        assert_eq!(run(&[word]), by_alias);
    }
    assert_eq!(run(&["web", id, &id[..8], "web"]), by_alias);
    let two = run(&["web", "cpuhog"]);
    assert_eq!(two, run(&["cpuhog", "web"]));
    let names: Vec<_> = two.iter().map(|point| point["name"].as_str().unwrap()).collect();
    assert!(names.is_sorted() && names.first() != names.last());
}
