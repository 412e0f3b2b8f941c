//! Ctrl-C ends a command, whatever it is at.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use common::{dump, folder, text};

/// How a command ends that is interrupted while it waits for the rest of its standard input.
fn status_after(signal: &str, args: &[&str]) -> Option<i32> {
    let mut command = common::command(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    // More than a pipe holds: what is through has been read, so that the command is at work.
    let blanks = vec![b' '; 1 << 20];
    child.stdin.as_mut().unwrap().write_all(&blanks).unwrap();
    let kill = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let stdin = child.stdin.take();
    let status = common::status_of(&mut child);
    drop(stdin);
    let mut written = Vec::new();
    child.stdout.unwrap().read_to_end(&mut written).unwrap();
    assert!(written.is_empty());
    status.code()
}

#[test]
fn a_command_that_a_signal_ends_exits_with_128_and_its_number() {
    let folder = folder([("now.json", dump())]);
    let store = folder.path().join("store");
    for args in [&["points"][..], &["inspect"], &["ingest", "--store", text(&store)]] {
        for (signal, status) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
            assert_eq!(status_after(signal, args), Some(status), "{args:?}");
        }
    }
}

#[test]
fn signals_that_are_ignored_stay_ignored() {
    let program = env!("CARGO_BIN_EXE_cmetrics");
    let line = format!("trap '' INT; (sleep 0.2; kill -INT 0) & sleep 1 | '{program}' points -q");
    // In a group of its own: the signal is not for the tests.
    let mut command = Command::new("setsid");
    command.args(["--wait", "sh", "-c", &line]).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(child) = command.spawn() else { return };
    let run = common::Run::of(common::output_of(child)).ends_with(1); // an empty input is no dump
    assert!(run.stderr.contains("standard input"), "{run:?}");
}
