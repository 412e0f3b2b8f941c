//! Dumps of several machines: cgroup paths are told apart by the machine's name.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use common::{cmetrics, dump, fed, folder, recorded, sample, text};
use serde_json::Value;

fn names(points: &[Value]) -> Vec<&str> {
    let mut names: Vec<_> = points.iter().map(|point| point["name"].as_str().unwrap()).collect();
    names.dedup();
    names
}

#[test]
fn a_named_machine_stands_before_names_that_are_cgroup_paths() {
    let run = fed(&["points", "--machine", "node7"], dump()).ends_with(0);
    assert_eq!(names(&run.points()), ["node7:/docker"]);
    let path = &recorded("steady-1s", &["v1.3-subcontainers"])[0];
    let run = cmetrics(["points", "--machine", "node7", text(path)]).ends_with(0);
    let points = run.points();
    for name in names(&points) {
        assert!(name.starts_with("node7:/") || name.len() == 64, "{name}");
    }
}

#[test]
fn each_folder_can_name_its_machine() {
    let other = common::dump_of("/docker", &[sample(0, 0), sample(5, 9)]);
    let folder =
        folder([("node1/a.json", dump()), ("node1/b.json", dump()), ("node2/a.json", other)]);
    let run = cmetrics(["points", "--machine-by-folder", text(folder.path())]).ends_with(0);
    assert_eq!(names(&run.points()), ["node1:/docker", "node2:/docker"]);
    let file = folder.path().join("node2/a.json");
    let run = cmetrics(["points", "--machine-by-folder", text(&file)]).ends_with(0);
    assert_eq!(names(&run.points()), ["node2:/docker"]);
    let mut within = common::command(["points", "--machine-by-folder", "a.json"]);
    let run = common::run(within.current_dir(folder.path().join("node1")));
    assert_eq!(names(&run.ends_with(0).points()), ["node1:/docker"]);
}

#[test]
fn a_container_can_be_found_by_its_path_on_every_machine_or_by_its_name_on_one() {
    let folder = folder([("node1/a.json", dump()), ("node2/a.json", dump())]);
    let run = |word| {
        cmetrics(["points", "--machine-by-folder", "-c", word, text(folder.path())]).ends_with(0)
    };
    assert_eq!(names(&run("/docker").points()), ["node1:/docker", "node2:/docker"]);
    assert_eq!(names(&run("node2:/docker").points()), ["node2:/docker"]);
}

#[test]
fn inspect_names_machines_too() {
    let folder = folder([("node1/a.json", dump())]);
    let options = ["inspect", "--machine-by-folder", "--format", "json"];
    let run = cmetrics(options.into_iter().chain([text(folder.path())])).ends_with(0);
    assert_eq!(run.points()[0]["name"], "node1:/docker");
    assert_eq!(run.points()[0]["machine"], "node1");
}

#[test]
fn standard_input_lies_in_no_folder() {
    for args in [
        &["points", "--machine-by-folder"][..],
        &["points", "--machine-by-folder", "-"],
        &["inspect", "--machine-by-folder", "-", "."],
    ] {
        let run = fed(args, dump()).ends_with(2);
        run.has_one_error_with(&["--machine-by-folder", "standard input"]);
        assert_eq!(run.stdout, "");
    }
}

#[test]
fn a_machine_is_named_in_one_way() {
    let run = cmetrics(["points", "--machine-by-folder", "--machine", "a", "."]).ends_with(2);
    assert!(run.stderr.contains("--machine-by-folder") && run.stderr.contains("--machine <NAME>"));
    cmetrics(["points", "--machine", "", "."]).ends_with(2);
}
