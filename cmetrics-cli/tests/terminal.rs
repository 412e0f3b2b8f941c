//! On a terminal: a table by default, colours unless they are unwanted.
//!
//! `script` (util-linux) makes the terminal; where it is missing there is nothing to test.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::process::{Command, Stdio};

use common::{dump, folder, text};

/// What the program shows on a terminal, both streams together.
fn shown(arguments: &str, variables: &[(&str, &str)]) -> Option<String> {
    let line = format!("'{}' {arguments}", env!("CARGO_BIN_EXE_cmetrics"));
    let mut command = Command::new("script");
    command
        .args(["-qec", &line, "/dev/null"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .env("TERM", "xterm");
    command.env_remove("NO_COLOR").envs(variables.iter().copied());
    let output = common::output_of(command.spawn().ok()?);
    Some(String::from_utf8(output.stdout).unwrap().replace("\r\n", "\n"))
}

#[test]
fn points_are_a_table_by_default() {
    let folder = folder([("now.json", dump())]);
    let Some(shown) = shown(&format!("points '{}'", text(folder.path())), &[]) else { return };
    assert!(shown.starts_with("CONTAINER  START "), "{shown}");
    assert!(shown.contains("\n/docker    2026-11-21T12:00:00Z  "), "{shown}");
}

#[test]
fn into_a_file_points_are_json_there_too() {
    let folder = folder([("now.json", dump())]);
    let output = folder.path().join("points");
    let line = format!("points -o '{}' '{}'", text(&output), text(&folder.path().join("now.json")));
    if shown(&line, &[]).is_some() {
        assert!(std::fs::read_to_string(output).unwrap().starts_with("[\n{\"name\""));
    }
}

#[test]
fn errors_are_coloured_unless_no_color_is_set() {
    let line = "points /no/such/file";
    let Some(coloured) = shown(line, &[]) else { return };
    assert!(coloured.contains("\u{1b}[1m\u{1b}[31merror: \u{1b}[0m"), "{coloured:?}");
    for variable in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let plain = shown(line, &[variable]).unwrap();
        assert!(plain.contains("error: /no/such/file") && !plain.contains('\u{1b}'), "{plain:?}");
    }
    assert!(shown(line, &[("NO_COLOR", "")]).unwrap().contains('\u{1b}'));
}

#[test]
fn quick_work_shows_no_progress_bar() {
    let folder = folder([("now.json", dump())]);
    let line = format!("points '{}'", text(folder.path()));
    let Some(shown) = shown(&line, &[]) else { return };
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
}
