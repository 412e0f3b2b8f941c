//! What is said beside the data: summary, notes, help, completions, and when nothing is.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use common::{cmetrics, dump, dump_of, fed, feed, sample};

#[test]
fn the_summary_tells_what_was_read_and_made() {
    let dump = dump_of("/docker", &[sample(0, 10), sample(5, 5), sample(5, 5), sample(500, 9)]);
    let run = fed(&["points"], dump).ends_with(0);
    let lines: Vec<_> = run.stderr.lines().collect();
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert_eq!(lines[0], "1 file, 1 container, 3 samples (1 duplicate), 1 restart, 1 gap");
    assert_eq!(lines[1], "unattributed growth: cpu.usage 4 ns");
    let gap = "gap of 495 s; the longest allowed is 150 s (--max-gap 495 shares its growth out)";
    assert_eq!(lines[2], gap);
    assert!(lines[3].starts_with("3 points in "), "{lines:?}");
    assert!(lines[3].ends_with(" MB/s"), "{lines:?}");
}

#[test]
fn quiet_silences_the_summary_and_notes_but_no_errors() {
    let run = fed(&["points", "--quiet"], dump()).ends_with(0);
    assert_eq!(run.stderr, "");
    assert_eq!(fed(&["points", "--quiet"], "{}").ends_with(0).stderr, "");
    let run = fed(&["points", "--quiet"], "[]").ends_with(1);
    assert_eq!(run.stderr.lines().count(), 1);
    run.has_one_error_with(&["no samples"]);
    assert_eq!(fed(&["inspect", "-q"], dump()).ends_with(0).stderr, "");
}

#[test]
fn where_there_is_no_terminal_there_are_no_escape_codes() {
    for (name, value) in [("NO_COLOR", "1"), ("CLICOLOR_FORCE", ""), ("TERM", "xterm-256color")] {
        for args in [
            &["points", "-"][..],
            &["points", "--format", "table"],
            &["--help"],
            &["points", "--no"],
        ] {
            let mut command = common::command(args);
            command.env(name, value);
            let run = feed(command, format!("{}\n[]", dump()));
            assert!(!run.stdout.contains('\u{1b}') && !run.stderr.contains('\u{1b}'), "{run:?}");
        }
    }
}

#[test]
fn help_has_examples_for_the_program_and_each_command() {
    for args in [
        &["--help"][..],
        &["-h"],
        &["help"],
        &["points", "--help"],
        &["points", "-h"],
        &["inspect", "--help"],
        &["completions", "--help"],
        &["help", "points"],
        &["ingest", "--help"],
        &["get", "--help"],
        &["containers", "--help"],
        &["store", "--help"],
        &["store", "salvage", "--help"],
        &["help", "store", "events"],
    ] {
        let run = cmetrics(args).ends_with(0);
        assert!(run.stdout.contains("Examples:\n  "), "{args:?}: {}", run.stdout);
        assert!(run.stdout.contains("cmetrics"), "{args:?}");
    }
}

/// The options in examples exist: each example that reads `dumps/` runs.
#[test]
fn the_examples_of_the_help_run() {
    let folder = common::folder([
        ("dumps/node1/now.json", dump()),
        ("node1/a", dump()),
        ("node2/a", dump()),
    ]);
    let mut ran = 0;
    for command in ["points", "inspect", "metrics"] {
        let help = cmetrics([command, "--help"]).stdout;
        let (_, examples) = help.split_once("Examples:").unwrap();
        for line in examples.lines().filter_map(|line| line.trim().strip_prefix("cmetrics ")) {
            let line = line.split(" | ").next().unwrap();
            let words = line
                .split(' ')
                .map(|word| word.trim_matches('\''))
                .filter(|word| !matches!(*word, "--container" | "web" | "0783690c8f18"));
            common::run(common::command(words).current_dir(folder.path())).ends_with(0);
            ran += 1;
        }
    }
    assert!(ran >= 12, "{ran}");
}

#[test]
fn the_version_is_that_of_the_package() {
    let run = cmetrics(["--version"]).ends_with(0);
    assert_eq!(run.stdout, format!("cmetrics {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn completions_are_there_for_the_usual_shells() {
    for (shell, sign) in [
        ("bash", "complete -F _cmetrics"),
        ("zsh", "#compdef cmetrics"),
        ("fish", "complete -c cmetrics"),
    ] {
        let run = cmetrics(["completions", shell]).ends_with(0);
        assert!(run.stdout.contains(sign), "{shell}");
        for option in ["machine-by-folder", "all-bearers", "superseded", "lateness"] {
            assert!(run.stdout.contains(option), "{shell} {option}");
        }
        assert_eq!(run.stderr, "");
    }
}

#[test]
fn cpu_readings_that_cannot_be_are_told() {
    let odd =
        |samples: &[String]| fed(&["points"], dump_of("/docker", samples)).ends_with(0).stderr;
    let second = 1_000_000_000;
    let set_aside = [(0, 1_000), (1, 1_001), (2, 999_000_000), (3, 1_003)];
    let correction = [(0, 9_000_000), (1, 8_000_000), (2, 8_000_001)];
    let implausible = [(0, 1_000), (1, 999_000_000), (2, 999_000_001)];
    for (readings, told) in [
        (&set_aside[..], "1 sample set aside (its CPU reading is impossible)\n"),
        (&correction, "1 correction (the CPU counter fell without a restart)\n"),
        (
            &implausible,
            "1 implausible sample (the CPU counter rose by more than all CPUs can use)\n",
        ),
    ] {
        let samples = readings.iter().map(|(at, total)| sample(*at, total * second));
        let said = odd(&samples.collect::<Vec<_>>());
        assert!(said.contains(told), "{said}");
        assert!(said.contains(" 0 restarts"), "{said}");
    }
    assert!(!odd(&[sample(0, 1), sample(1, 2)]).contains("CPU"));
}

#[test]
fn what_happened_by_lower_doors_is_told_by_door() {
    let json = r#"{"/a": {"stats": [
        {"timestamp": "2026-11-21T12:00:31Z", "cpu": {"usage": {"total": 1}}},
        {"timestamp": "2026-11-21T12:00:33Z", "cpu": {"usage": {"total": 2}}}]}}"#;
    let row = |cores: &str, second: u64| {
        let millis = (1_795_262_400 + second) * 1000;
        format!("container_cpu_usage_seconds_total{{id=\"/a\"}} {cores} {millis}\n# EOF\n")
    };
    let text = format!("{json}\n{}{}{}", row("1", 0), row("2", 400), row("0.5", 402));
    for command in ["points", "inspect"] {
        let said = fed(&[command], &text).ends_with(0).stderr;
        assert!(said.contains("0 restarts, 0 gaps\nunattributed growth: none\n"), "{said}");
        let lower = "\nbeside these, of lower rank, exposition: 1 restart, 1 gap, unattributed growth: \
                     cpu.usage 1000000000 ns\n";
        assert!(said.contains(lower), "{said}");
        let alone = fed(&[command], json).ends_with(0).stderr;
        assert!(!alone.contains("beside these"), "{alone}");
    }
}
