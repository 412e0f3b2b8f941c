//! Containers are found by id, prefix, alias and path; folders are read below.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::fs;

use cmetrics_core::pipeline::{MachineName, Selection};
use cmetrics_core::{ErrorKind, Input, Pipeline, Settings};
use common::{read, read_files, recorded};

fn pipeline() -> Pipeline {
    read_files(&recorded("steady-1s", "v1.3-docker"), Settings::default())
}

fn names(found: Vec<&cmetrics_core::Series>) -> Vec<String> {
    found.into_iter().map(|series| series.identity().name().to_string()).collect()
}

#[test]
fn a_container_is_found_by_id_prefix_alias_and_path() {
    let pipeline = pipeline();
    let id = names(pipeline.find("cpuhog").unwrap()).remove(0);
    for word in [id.clone(), id[..12].to_owned(), format!("/docker/{id}")] {
        assert_eq!(names(pipeline.find(&word).unwrap()), std::slice::from_ref(&id), "{word}");
    }
}

#[test]
fn an_ambiguous_prefix_lists_what_it_could_mean() {
    let entry = |id: &str, alias: &str| {
        format!(r#""/docker/{id}":{{"id":"{id}","aliases":["{alias}"],"stats":[]}}"#)
    };
    let text = format!("{{{},{}}}", entry("ab12", "web"), entry("ab34", "db"));
    let pipeline = read(text);
    let error = pipeline.find("ab").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AmbiguousContainer);
    assert_eq!(error.candidates(), ["ab12", "ab34"]);
    assert_eq!(error.to_string(), "\"ab\" could be any of ab12 (web), ab34 (db)");
    assert_eq!(names(pipeline.find("ab1").unwrap()), ["ab12"]);
}

#[test]
fn an_alias_means_every_container_that_bears_it() {
    let text = r#"{"/docker/1":{"id":"1","aliases":["web"],"stats":[]},
                   "/docker/2":{"id":"2","aliases":["web"],"stats":[]}}"#;
    assert_eq!(names(read(text).find("web").unwrap()), ["1", "2"]);
}

#[test]
fn several_words_select_each_container_once() {
    let pipeline = pipeline();
    let Selection { series: found, errors: unknown, .. } =
        pipeline.select(&["web", "nobody", "cpuhog", "web"]);
    assert_eq!(found.len(), 2);
    assert!(found[0].identity().name() < found[1].identity().name());
    assert_eq!(unknown.len(), 1);
    assert_eq!(pipeline.select(&[""; 0]).series.len(), pipeline.series().count());
}

#[test]
fn an_unknown_container_is_told_with_near_matches() {
    let pipeline = pipeline();
    let error = pipeline.find("cpuhgo").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownContainer);
    assert_eq!(error.candidates()[0], names(pipeline.find("cpuhog").unwrap())[0]);
    assert!(error.to_string().contains("(cpuhog)"), "{error}");
    assert!(pipeline.find("").is_err());
    assert!(pipeline.find("zzzzzz").unwrap_err().candidates().is_empty());
}

#[test]
fn a_short_alias_that_was_mistyped_is_a_near_match() {
    let pipeline = pipeline();
    for word in ["wbe", "ewb", "wb", "webb", "wep"] {
        let error = pipeline.find(word).unwrap_err();
        let is_told = error.to_string().contains("(web)");
        assert_eq!(is_told, word.len() > 2, "{error}");
    }
    assert!(!pipeline.find("bew").unwrap_err().to_string().contains("(web)"));
}

#[test]
fn a_folder_is_read_below_and_what_is_no_dump_in_it_is_skipped() {
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("a/b");
    fs::create_dir_all(&deep).unwrap();
    fs::copy(&recorded("steady-1s", "v1.3-docker")[0], deep.join("now.json.gz")).unwrap();
    fs::write(folder.path().join("README.md"), "[![badge](x)](y)\n# Dumps").unwrap();
    fs::write(folder.path().join("spec.json"), r#"{"/":{"has_cpu":true,"creation_time":"x"}}"#)
        .unwrap();
    fs::write(folder.path().join("empty"), "").unwrap();
    fs::write(folder.path().join("none.json"), "{}").unwrap();
    let mut pipeline = Pipeline::default();
    let mut last = (0, 0);
    let outcome = pipeline
        .read_paths_with(&[folder.path()], &MachineName::None, |progress| {
            last = (progress.read, progress.total);
        })
        .into_result()
        .unwrap();
    assert_eq!(outcome.skipped.len(), 3, "{:?}", outcome.skipped);
    assert!(outcome.skipped[0].to_string().contains("README.md"));
    assert_eq!((outcome.inputs, outcome.without_containers), (5, 1));
    assert_eq!(pipeline.summary().skipped, 3);
    assert!(pipeline.series().count() > 5);
    assert!(last.0 > 0 && last.0 <= last.1);
}

#[test]
fn parts_of_otlp_that_are_no_containers_are_counted_and_an_input_of_them_alone_is_no_dump() {
    let metrics = |scope: &str, name: &str| {
        let attribute = r#"{"key":"container.id","value":{"stringValue":"a1"}}"#;
        let point = r#"{"timeUnixNano":"1795262400000000000","asInt":"3"}"#;
        format!(
            r#"{{"resourceMetrics":[{{"resource":{{"attributes":[{attribute}]}},"scopeMetrics":[
            {{"scope":{{"name":"{scope}"}},"metrics":[{{"name":"{name}",
            "gauge":{{"dataPoints":[{point}]}}}}]}}]}}]}}"#
        )
        .replace('\n', "")
    };
    let others = metrics("otelcol/hostmetricsreceiver/cpu", "system.cpu.time")
        + "\n{\"resourceLogs\":[]}\n{\"resourceLogs\":[]}";
    let ours = metrics("otelcol/dockerstatsreceiver", "container.pids.count");

    let mut pipeline = Pipeline::default();
    let outcome = pipeline.read(Input::bytes("ours", &format!("{others}\n{ours}")));
    let parts = outcome.skipped_parts;
    assert_eq!((parts.logs, parts.traces, parts.other_metrics), (2, 0, 1));
    assert_eq!((outcome.containers, outcome.errors.len()), (1, 0));
    assert_eq!(pipeline.summary().skipped_parts, parts);

    let error = pipeline.read(Input::bytes("others", &others)).into_result().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoSamples);
    let words = "others: no containers here, only OTLP logs and OTLP metrics of other receivers; ";
    assert!(error.to_string().starts_with(words), "{error}");

    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("others.jsonl"), &others).unwrap();
    fs::write(folder.path().join("ours.jsonl"), ours).unwrap();
    let outcome = pipeline.read_paths(&[folder.path()]);
    assert_eq!((outcome.errors.len(), outcome.skipped.len()), (0, 1), "{outcome:?}");
}

#[test]
fn a_damaged_dump_in_a_folder_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let dump = common::unpacked(&recorded("steady-1s", "v1.3-docker")[0]);
    fs::write(folder.path().join("cut"), &dump[..dump.len() / 2]).unwrap();
    fs::write(folder.path().join("early.json"), &dump[..10]).unwrap();
    let mut pipeline = Pipeline::default();
    let errors = pipeline.read_paths(&[folder.path()]).errors;
    let kinds: Vec<_> = errors.iter().map(cmetrics_core::Error::kind).collect();
    assert_eq!(kinds, [ErrorKind::Json, ErrorKind::Json], "{errors:?}");
    assert!(pipeline.series().count() > 0);
}

#[test]
fn what_is_missing_or_holds_no_dump_is_named_and_the_rest_is_read() {
    let empty = tempfile::tempdir().unwrap();
    fs::write(empty.path().join("README"), "nothing").unwrap();
    let missing = empty.path().join("missing.json");
    let paths = [
        missing.clone(),
        empty.path().to_owned(),
        empty.path().join("README"),
        recorded("steady-1s", "v1.3-docker").remove(0),
    ];
    let mut pipeline = Pipeline::default();
    let errors = pipeline.read_paths(&paths).errors;
    let kinds: Vec<_> = errors.iter().map(cmetrics_core::Error::kind).collect();
    assert_eq!(kinds, [ErrorKind::Io, ErrorKind::NoSamples, ErrorKind::NotADump]);
    assert!(errors[0].to_string().contains("missing.json"));
    assert!(pipeline.series().count() > 5);
}
