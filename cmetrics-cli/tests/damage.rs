//! What is wrong with an input is told with its place, and all else in it counts.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use common::{CPU_OF_DUMP, Run, cmetrics, cpu, dump, dump_of, fed, folder, gzip, sample, text};

/// `dump()` with one more sample at its end.
fn with(sample: &str) -> String {
    format!("{},{sample}]}}}}", dump().strip_suffix("]}}").unwrap())
}

/// Runs it on `dump()` with a sample at its end that cannot be.
#[track_caller]
fn left_out(sample: &str, texts: &[&str]) -> Run {
    let dump = with(sample);
    let run = fed(&["points"], &dump).ends_with(1);
    run.has_one_error_with(&["standard input: line 1 column ", "container /docker: "]);
    run.has_one_error_with(texts);
    assert_eq!(cpu(&run.points()), CPU_OF_DUMP, "{sample}");
    assert!(run.stderr.contains("1 skipped sample (an impossible value)"), "{}", run.stderr);
    run
}

#[test]
fn every_complete_sample_before_a_truncation_counts() {
    let whole =
        dump_of("/docker", &[sample(0, 0), sample(5, 1_000), sample(10, 3_000), sample(15, 9)]);
    let at = whole.rfind(r#""cpu""#).unwrap();
    let run = fed(&["points"], &whole[..at]).ends_with(1);
    assert_eq!(cpu(&run.points()), CPU_OF_DUMP);
    let place = format!("line 1 column {} (byte {at})", at + 1);
    run.has_one_error_with(&["standard input: ", &place, "container /docker", "ends inside"]);
}

#[test]
fn garbled_text_is_told_with_file_place_and_container() {
    let garbled = with(&sample(15, 9).replace("\"cpu\"", "\"cpu\"#"));
    let at = garbled.find('#').unwrap();
    let folder = folder([("garbled.json", &garbled)]);
    let run = cmetrics(["points", text(&folder.path().join("garbled.json"))]).ends_with(1);
    let place = format!("garbled.json: line 1 column {} (byte {at})", at + 1);
    run.has_one_error_with(&[&place, "container /docker", "`:`", "`#`"]);
    assert_eq!(cpu(&run.points()), CPU_OF_DUMP);
}

#[test]
fn the_place_is_that_in_the_unpacked_text() {
    let pretty = "{\n\"/docker\": {\"stats\": [\n{\"timestamp\": \"2026-11-21T12:00:00Z\" x}]}}";
    let run = fed(&["points"], gzip(pretty)).ends_with(1);
    let at = pretty.find('x').unwrap();
    run.has_one_error_with(&[&format!("line 3 column 38 (byte {at})")]);
}

#[test]
fn in_a_file_of_a_document_a_line_reading_resumes_at_the_next_line() {
    let lines = [
        dump_of("/docker", &[sample(0, 0)]),
        dump_of("/docker", &[sample(2, 500)])[..40].to_owned(),
        dump_of("/docker", &[sample(5, 1_000)]),
        dump_of("/docker", &[sample(10, 3_000)]),
    ];
    let run = fed(&["points"], lines.join("\n")).ends_with(1);
    assert_eq!(cpu(&run.points()), CPU_OF_DUMP);
    run.has_one_error_with(&["line 2 ", "/docker"]);
}

#[test]
fn a_line_that_is_no_json_costs_no_other_line() {
    let lines = [
        dump_of("/docker", &[sample(0, 0)]),
        "!! restarted !!".to_owned(),
        dump_of("/docker", &[sample(5, 1_000), sample(10, 3_000)]),
    ];
    let run = fed(&["points"], lines.join("\n")).ends_with(1);
    run.has_one_error_with(&["line 2 column 1 ", "!! restarted !!"]);
    assert_eq!(cpu(&run.points()), CPU_OF_DUMP);
}

#[test]

fn an_error_page_that_begins_with_a_number_is_shown_whole() {
    let run = fed(&["points"], "404 page not found\n").ends_with(1);
    run.has_one_error_with(&["no cAdvisor samples", "404 page not found"]);
}

#[test]
fn damaged_packing_is_told_and_what_came_before_counts() {
    let lines = format!("{}\n{}\n", dump(), dump_of("/other", &[sample(0, 0)]).repeat(50));
    let packed = gzip(lines);
    let run = fed(&["points"], &packed[..packed.len() - 8]).ends_with(1);
    assert!(run.errors().iter().any(|error| error.contains("gzip data are damaged")), "{run:?}");
    assert!(run.points().iter().any(|point| point["name"] == "/docker"));
}

#[test]
fn an_empty_list_and_null_have_no_samples() {
    for (input, what) in [("[]", "an empty list"), ("null", "null")] {
        let run = fed(&["points"], input).ends_with(1);
        run.has_one_error_with(&["standard input", "no samples", what]);
        assert_eq!(run.stdout, "[]\n");
    }
}

#[test]
fn what_looks_near_is_told_with_what_to_ask_for_instead() {
    for (input, looks_like) in [
        (r#"{"/": {"timestamp": "x", "latest_usage": {}}}"#, "summary"),
        (r#"{"/": {"creation_time": "x", "has_cpu": true}}"#, "specifications"),
        (r#"{"num_cores": 2, "cpu_frequency_khz": 1}"#, "description of the machine"),
    ] {
        let run = fed(&["points"], input).ends_with(1);
        run.has_one_error_with(&["no samples here", looks_like, "/api/v1.3/docker/"]);
        assert_eq!(run.stdout, "[]\n", "{input}");
    }
}

#[test]
fn what_is_no_dump_is_told_with_what_it_looks_like_and_where_dumps_come_from() {
    for (input, looks_like) in [
        ("<!DOCTYPE html><html><body>502</body></html>", "an HTML page"),
        ("<html>\n<body>\n502\n", "an HTML page"),
        ("failed to get container \"x\"\n", "failed to get container"),
        ("", "an empty file"),
        ("\n", "an empty file"),
        ("# HELP x X\n# TYPE x counter\nx 1\n", "Prometheus exposition"),
        (r#""0.60.5""#, "0.60.5"),
        ("17", "17"),
    ] {
        let run = fed(&["points"], input).ends_with(1);
        run.has_one_error_with(&["no cAdvisor samples", looks_like, "/api/v1.x/docker/"]);
        assert_eq!(run.stdout, "[]\n", "{input}");
    }
}

#[test]
fn a_count_that_cannot_be_is_told_with_its_field_and_the_sample_is_left_out() {
    for value in ["18446744073709551616", "-1", "-0", "1.5", "1e-3", "\"7 \"", "[]", "true"] {
        let sample = sample(15, 0).replace("{\"total\":0}", &format!("{{\"total\":{value}}}"));
        left_out(&sample, &["cpu.usage.total", "expected a whole number", value.trim_matches('"')]);
    }
    let memory = r#"{"timestamp":"2026-11-21T12:00:15Z","memory":{"usage":-5}}"#;
    left_out(memory, &["memory.usage", "-5"]);
    let network = r#"{"timestamp":"2026-11-21T12:00:15Z","network":{"interfaces":[{"name":"eth0","rx_bytes":0.5}]}}"#;
    left_out(network, &["network.interfaces[].rx_bytes", "0.5"]);
    let disk = r#"{"timestamp":"2026-11-21T12:00:15Z","diskio":{"io_service_bytes":[{"major":8,"minor":0,"stats":{"Read":1e-1}}]}}"#;
    left_out(disk, &["diskio.io_service_bytes[].stats.Read", "1e-1"]);
}

#[test]
fn a_bad_timestamp_is_told_and_the_sample_is_left_out() {
    for time in [
        "\"yesterday\"",
        "\"2026-11-21T12:00:60Z\"",
        "\"2026-11-21T12:00:15.0123456789Z\"",
        "\"2263-01-01T00:00:00Z\"",
        "1795262415",
        "null",
    ] {
        let sample = format!(r#"{{"timestamp":{time},"cpu":{{"usage":{{"total":1}}}}}}"#);
        left_out(&sample, &["timestamp: expected a time", time.trim_matches('"')]);
    }
    left_out(r#"{"cpu":{"usage":{"total":1}}}"#, &["timestamp: expected a time", "none"]);
}

#[test]
fn a_time_at_or_before_the_epoch_is_counted_and_no_error() {
    for time in ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z"] {
        let dump = with(&format!(r#"{{"timestamp":"{time}","cpu":{{"usage":{{"total":1}}}}}}"#));
        let run = fed(&["points"], dump).ends_with(0);
        assert_eq!(cpu(&run.points()), CPU_OF_DUMP);
        assert!(run.stderr.contains("1 skipped sample (never taken)"), "{}", run.stderr);
    }
}

#[test]
fn values_that_are_not_read_are_no_matter() {
    let absent = r#"{"/docker":{"spec":{"has_cpu":true,"has_memory":false},"stats":["#;
    let faulty_memory = sample(0, 0).replace(r#""cpu""#, r#""memory":{"usage":-1},"cpu""#);
    let rest = [sample(5, 1_000), sample(10, 3_000)].join(",");
    let run = fed(&["points"], format!("{absent}{faulty_memory},{rest}]}}}}")).ends_with(0);
    assert_eq!(cpu(&run.points()), CPU_OF_DUMP);

    let elsewhere = dump().replacen(r#""cpu""#, r#""cpuset":{"memory_migrate":-1.5},"cpu""#, 1);
    assert_eq!(cpu(&fed(&["points"], elsewhere).ends_with(0).points()), CPU_OF_DUMP);

    let copy = sample(10, 0).replace("{\"total\":0}", "{\"total\":-1}");
    let run = fed(&["points"], with(&copy)).ends_with(0);
    assert_eq!(cpu(&run.points()), CPU_OF_DUMP);
    assert!(run.stderr.contains("(1 duplicate)"), "{}", run.stderr);
}

#[test]
fn of_many_errors_the_rest_is_counted() {
    let faulty = |second: u64| sample(second, 0).replace("{\"total\":0}", "{\"total\":-1}");
    let samples: Vec<_> = (0..1_003).map(faulty).collect();
    let run = fed(&["points"], dump_of("/docker", &samples)).ends_with(1);
    assert_eq!(run.errors().len(), 1_000);
    assert!(
        run.stderr.contains("\nand 3 more errors\n"),
        "{}",
        &run.stderr[run.stderr.len() - 500..]
    );
    assert!(run.stderr.contains("1003 skipped samples"));
    let run = fed(&["points"], dump_of("/docker", &samples[..1_001])).ends_with(1);
    assert!(run.stderr.contains("\nand 1 more error\n"));
}

#[test]
fn a_figure_beyond_64_bits_is_null_and_counted() {
    let big = |second: u64, value: u64| {
        let interface = |name| format!(r#"{{"name":"{name}","rx_packets":{value}}}"#);
        let time = format!("2026-11-21T12:00:{second:02}Z");
        let interfaces = format!("{},{}", interface("eth0"), interface("eth1"));
        format!(r#"{{"timestamp":"{time}","network":{{"interfaces":[{interfaces}]}}}}"#)
    };
    let run = fed(&["points"], dump_of("/docker", &[big(0, 0), big(5, u64::MAX)])).ends_with(0);
    assert_eq!(run.points()[0]["network"]["rx_packets"], serde_json::Value::Null);
    assert!(run.stderr.contains("1 overflowed figure (null)"), "{}", run.stderr);
}
