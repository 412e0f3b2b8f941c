//! Files, folders and standard input, in any packing.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::fs;

use common::{CPU_OF_DUMP, cmetrics, cpu, dump, dump_of, fed, folder, gzip, sample, text, zstd};

#[test]
fn standard_input_is_read_where_no_path_is_given_or_a_dash() {
    for args in [&["points"][..], &["points", "-"]] {
        let run = fed(args, dump()).ends_with(0);
        assert_eq!(cpu(&run.points()), CPU_OF_DUMP);
    }
}

#[test]
fn what_a_dump_is_packed_with_is_told_by_its_content() {
    let packings: [fn(String) -> Vec<u8>; 3] =
        [String::into_bytes, |text| gzip(text), |text| zstd(text)];
    for packed in packings {
        let folder = folder([("dump.txt", packed(dump()))]);
        let run = cmetrics(["points", text(&folder.path().join("dump.txt"))]).ends_with(0);
        assert_eq!(cpu(&run.points()), CPU_OF_DUMP);
        let run = fed(&["points"], packed(dump())).ends_with(0);
        assert_eq!(cpu(&run.points()), CPU_OF_DUMP);
    }
}

#[test]
fn the_points_of_all_inputs_are_made_together() {
    let folder = folder([
        ("1.json", dump_of("/docker", &[sample(0, 0), sample(5, 1_000)])),
        ("deep/er/2.json", dump_of("/docker", &[sample(5, 1_000), sample(10, 3_000)])),
    ]);
    let run = cmetrics(["points", text(folder.path())]).ends_with(0);
    assert_eq!(cpu(&run.points()), CPU_OF_DUMP);
    assert!(run.stderr.contains("2 files, 1 container, 3 samples (1 duplicate)"), "{}", run.stderr);
}

#[test]
fn standard_input_may_stand_among_paths() {
    let folder = folder([("1.json", dump_of("/docker", &[sample(0, 0)]))]);
    let path = folder.path().join("1.json");
    let rest = dump_of("/docker", &[sample(5, 1_000), sample(10, 3_000)]);
    let run = fed(&["points", "-", text(&path)], rest).ends_with(0);
    assert_eq!(cpu(&run.points()), CPU_OF_DUMP);
}

/// Of two samples at one instant the first one read stays, so the order can be seen.
#[test]
fn paths_are_read_in_the_order_given_and_folders_in_the_order_of_names() {
    let first = dump_of("/docker", &[sample(0, 0), sample(5, 1)]);
    let second = dump_of("/docker", &[sample(0, 0), sample(5, 2)]);
    let folder = folder([("a.json", &first), ("b.json", &second)]);
    let (a, b) = (folder.path().join("a.json"), folder.path().join("b.json"));
    let (a, b) = (text(&a), text(&b));
    let growth = |run: common::Run| cpu(&run.ends_with(0).points())[0].1.unwrap();
    assert_eq!(growth(cmetrics(["points", a, b])), 1);
    assert_eq!(growth(cmetrics(["points", b, a])), 2);
    assert_eq!(growth(cmetrics(["points", text(folder.path())])), 1);
    assert_eq!(growth(fed(&["points", "-", a], &second)), 2);
    assert_eq!(growth(fed(&["points", a, "-"], &second)), 1);
}

const SUMMARY: &str = r#"{"/": {"timestamp": "2026-11-21T12:00:00Z", "latest_usage": {"cpu": 1}}}"#;
const EXPOSITION: &str = "# HELP container_cpu_usage_seconds_total CPU\n# TYPE x counter\nx 1\n";

fn mixed() -> tempfile::TempDir {
    folder([
        ("README.md", "Dumps of a quiet afternoon.\n".to_owned()),
        ("metrics.prom", EXPOSITION.to_owned()),
        ("summary.json", SUMMARY.to_owned()),
        ("now.json", dump()),
    ])
}

#[test]
fn utf_16_is_read_wherever_it_is() {
    let wide = |text: String| -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    };
    let folder = folder([("wide.json", wide(dump())), ("notes.txt", wide("hello".into()))]);
    let run = cmetrics(["points", text(folder.path())]).ends_with(0);
    assert_eq!(cpu(&run.points()), CPU_OF_DUMP);
    assert!(run.stderr.contains("1 skipped file"), "{}", run.stderr);
    let run = fed(&["points"], wide(dump())).ends_with(0);
    assert_eq!(cpu(&run.points()), CPU_OF_DUMP);
}

#[test]
fn files_in_a_folder_that_are_no_dumps_are_skipped_and_counted() {
    let folder = mixed();
    let run = cmetrics(["points", text(folder.path())]).ends_with(0);
    assert_eq!(cpu(&run.points()), CPU_OF_DUMP);
    assert!(run.errors().is_empty(), "{}", run.stderr);
    assert!(run.stderr.contains("3 skipped files"), "{}", run.stderr);
    assert!(!run.stderr.contains("README"), "{}", run.stderr);
}

#[test]
fn verbose_names_the_skipped_files_and_what_they_look_like() {
    let folder = mixed();
    let run = cmetrics(["points", "--verbose", text(folder.path())]).ends_with(0);
    for (name, words) in [
        ("README.md", "quiet afternoon"),
        ("metrics.prom", "Prometheus"),
        ("summary.json", "summary"),
    ] {
        let named = |line: &&str| line.contains("skipped") && line.contains(name);
        let line = run.stderr.lines().find(named).unwrap_or_else(|| panic!("{}", run.stderr));
        assert!(line.contains(words), "{line}");
    }
}

#[test]
fn a_file_named_outright_that_is_no_dump_is_an_error() {
    let folder = mixed();
    for (name, served) in [
        ("README.md", "/api/v2.0/stats/"),
        ("metrics.prom", "/api/v2.0/stats/"),
        ("summary.json", "/api/v2.1/stats/"),
    ] {
        let path = folder.path().join(name);
        let run = cmetrics(["points", text(&path)]).ends_with(1);
        run.has_one_error_with(&[name, "samples here: this looks like", served]);
        assert_eq!(run.stdout, "[]\n");
    }
}

#[test]
fn a_damaged_dump_in_a_folder_is_an_error_and_the_rest_is_done() {
    let cut_off = dump_of("/other", &[sample(0, 0), sample(5, 5)]);
    let folder = folder([("bad.json", &cut_off[..cut_off.len() - 30]), ("good.json", &dump())]);
    let run = cmetrics(["points", text(folder.path())]).ends_with(1);
    run.has_one_error_with(&["bad.json", "/other", "ends inside"]);
    let points = run.points();
    assert!(points.iter().any(|point| point["name"] == "/docker"));
}

#[test]
fn a_missing_file_is_named_and_the_rest_is_done() {
    let folder = folder([("good.json", dump())]);
    let (missing, good) = (folder.path().join("missing.json"), folder.path().join("good.json"));
    let run = cmetrics(["points", text(&missing), text(&good)]).ends_with(1);
    run.has_one_error_with(&["missing.json", "cannot read"]);
    assert_eq!(cpu(&run.points()), CPU_OF_DUMP);
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_is_named_and_the_rest_is_done() {
    use std::os::unix::fs::PermissionsExt;

    let folder = folder([("bad.json", dump()), ("good.json", dump())]);
    let bad = folder.path().join("bad.json");
    fs::set_permissions(&bad, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::File::open(&bad).is_ok() {
        return; // root may read anything
    }
    let run = cmetrics(["points", text(folder.path())]).ends_with(1);
    run.has_one_error_with(&["bad.json", "cannot read"]);
    assert_eq!(cpu(&run.points()), CPU_OF_DUMP);
}

#[test]
fn a_folder_without_dumps_is_an_error() {
    let empty = tempfile::tempdir().unwrap();
    let readme = folder([("README.md", "nothing here\n")]);
    for folder in [empty, readme] {
        let run = cmetrics(["points", text(folder.path())]).ends_with(1);
        run.has_one_error_with(&[text(folder.path()), "no file in this folder"]);
        assert_eq!(run.stdout, "[]\n");
    }
}

#[cfg(unix)]
#[test]
fn links_that_lead_in_circles_end() {
    let folder = folder([("good.json", dump())]);
    std::os::unix::fs::symlink(folder.path(), folder.path().join("again")).unwrap();
    let run = cmetrics(["points", text(folder.path())]).ends_with(1);
    run.has_one_error_with(&["again"]);
    assert_eq!(cpu(&run.points()), CPU_OF_DUMP);
}

#[test]
fn a_host_without_containers_is_no_error() {
    let run = fed(&["points"], "{}").ends_with(0);
    assert_eq!(run.stdout, "[]\n");
    assert!(run.stderr.contains("note: no container was running"), "{}", run.stderr);
    let folder = folder([("1.json", "{}".to_owned()), ("2.json", dump())]);
    let run = cmetrics(["points", text(folder.path())]).ends_with(0);
    assert!(!run.stderr.contains("note: "), "{}", run.stderr);
}

#[test]
fn parts_of_otlp_that_are_no_containers_are_told_by_number() {
    let logs = "{\"resourceLogs\":[]}\n".repeat(3);
    let run = fed(&["points"], &logs).ends_with(1);
    run.has_one_error_with(&["no containers here, only OTLP logs"]);
    let run = fed(&["points"], format!("{logs}{}", dump())).ends_with(0);
    assert!(run.stderr.contains("3 skipped parts (OTLP logs)"), "{}", run.stderr);
}

#[test]
fn a_file_whose_name_is_a_dash_is_read_by_its_path() {
    let folder = folder([("-", dump())]);
    let run = common::run(common::command(["points", "./-"]).current_dir(folder.path()));
    assert_eq!(cpu(&run.ends_with(0).points()), CPU_OF_DUMP);
}
