//! Input made to hurt: a clear error, in bounded memory and stack.
//!
//! On Linux the program runs in 128 MiB of address space here.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::process::Command;

use common::{CPU_OF_DUMP, Run, cpu, dump, feed, gzip, zstd};

const MEGABYTE: usize = 1 << 20;

fn bounded() -> Command {
    if cfg!(target_os = "linux") {
        let mut command = Command::new("sh");
        let program = env!("CARGO_BIN_EXE_cmetrics");
        command.args(["-c", &format!("ulimit -v 131072; exec '{program}' points")]);
        command
    } else {
        common::command(["points"])
    }
}

/// Input that has nothing good in it.
#[track_caller]
fn refused(input: impl AsRef<[u8]>, texts: &[&str]) {
    let run = feed(bounded(), input).ends_with(1);
    run.has_one_error_with(texts);
    assert!(run.errors()[0].len() < 1_000, "{}", run.errors()[0]);
    assert_eq!(run.stdout, "[]\n");
}

fn fine(input: impl AsRef<[u8]>) -> Run {
    let run = feed(bounded(), input).ends_with(0);
    assert_eq!(cpu(&run.points()), CPU_OF_DUMP);
    run
}

#[test]
fn nesting_without_end_is_refused() {
    refused("[".repeat(32 * MEGABYTE), &["nested more than"]);
    refused(r#"{"a":"#.repeat(8 * MEGABYTE), &["nested more than"]);
    let inside = dump().replace(r#""spec":"#, &format!(r#""x":{},"spec":"#, "[".repeat(100_000)));
    refused(inside, &["nested more than"]);
}

#[test]
fn nesting_that_closes_again_is_refused_too_where_it_is_deep() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    refused(deep, &["nested more than"]);
}

#[test]
fn keys_and_texts_of_megabytes_are_passed_over() {
    let key = "k".repeat(4 * MEGABYTE);
    fine(dump().replacen(r#""spec":"#, &format!(r#""{key}":1,"spec":"#), 1));
    fine(dump().replacen(r#""spec":"#, &format!(r#""x":"{key}","spec":"#), 1));
    let wrong = dump().replace(r#""total":3000"#, &format!(r#""total":"{key}""#));
    let run = feed(bounded(), wrong).ends_with(1);
    run.has_one_error_with(&["cpu.usage.total", "…"]);
    assert!(run.errors()[0].len() < 1_000, "{}", run.errors()[0]);
}

#[test]
fn invalid_utf_8_is_an_error_where_it_is_read_and_no_crash_elsewhere() {
    let mut input = dump().into_bytes();
    let at = input.windows(4).position(|bytes| bytes == b"2026").unwrap();
    input[at] = 0xff;
    let run = feed(bounded(), &input).ends_with(1);
    assert_eq!(run.errors().len(), 1, "{run:?}");
    refused(b"\xff\xfe\xfd".repeat(1000), &["no cAdvisor samples"]);
    refused(b"[\xc3(]", &["line 1 column 2 "]);
}

#[test]
fn nul_bytes_are_refused() {
    refused(vec![0; 4 * MEGABYTE], &["binary data"]);
    let mut input = dump().into_bytes();
    let at = input.iter().position(|&byte| byte == b',').unwrap();
    input.insert(at, 0);
    let run = feed(bounded(), &input).ends_with(1);
    run.has_one_error_with(&["/docker", "0x00"]);
}

#[test]
fn packed_bombs_are_read_a_piece_at_a_time() {
    for pack in [|text: Vec<u8>| gzip(text), |text: Vec<u8>| zstd(text)] {
        refused(pack(vec![b'['; 160 * MEGABYTE]), &["nested more than"]);
        refused(pack(vec![0; 160 * MEGABYTE]), &["binary data"]);
        refused(pack(vec![b' '; 160 * MEGABYTE]), &["an empty file"]);
        refused(pack(vec![b'x'; 160 * MEGABYTE]), &["no cAdvisor samples"]);
    }
}

#[test]
fn many_documents_are_not_in_memory_together() {
    let mut lines = dump();
    lines.push('\n');
    let packed = gzip(lines.repeat(160 * MEGABYTE / lines.len()));
    fine(packed);
}

#[test]
fn control_characters_of_the_input_do_not_reach_the_terminal() {
    let run = feed(bounded(), "\u{1b}[31m\u{7}oops\n").ends_with(1);
    assert!(!run.stderr.contains('\u{1b}') && !run.stderr.contains('\u{7}'), "{:?}", run.stderr);
    let dump = dump().replace("/docker", "/\\u001b[31mred").replace("3000", "-3");
    let run = feed(bounded(), dump).ends_with(1);
    assert!(!run.stderr.contains('\u{1b}'), "{:?}", run.stderr);
}
