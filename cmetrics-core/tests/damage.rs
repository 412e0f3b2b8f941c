//! Bad input: a clear error that says where, and nothing else is lost.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::ops::Deref;

use std::time::Duration;

use cmetrics_core::metric::Section;
use cmetrics_core::pipeline::Outcome;
use cmetrics_core::{Error, ErrorKind, Input, Pipeline, Settings};

/// A pipeline, and the errors of what it has read.
struct Read {
    pipeline: Pipeline,
    errors: Vec<Error>,
}

fn read(dump: impl AsRef<[u8]>) -> Read {
    let mut pipeline = Pipeline::default();
    let errors = pipeline.read(Input::reader("dump.json", dump.as_ref())).errors;
    Read { pipeline, errors }
}

impl Deref for Read {
    type Target = Pipeline;

    fn deref(&self) -> &Pipeline {
        &self.pipeline
    }
}

/// A v1 `docker` map of the container `/a` with these samples.
fn docker(path: &str, stats: &str) -> String {
    format!(r#"{{"{path}":{{"name":"{path}","spec":{{"has_cpu":true}},"stats":[{stats}]}}}}"#)
}

fn sample(second: u32, cpu: &str) -> String {
    format!(
        r#"{{"timestamp":"2026-11-21T12:00:{second:02}Z","cpu":{{"usage":{{"total":{cpu}}}}}}}"#
    )
}

/// How many samples of each container were read.
fn samples(pipeline: &Pipeline) -> Vec<(String, usize)> {
    pipeline.series().map(|series| (series.identity().name().to_string(), series.len())).collect()
}

fn only_error(read: &Read) -> &Error {
    assert_eq!(read.errors.len(), 1, "{:?}", read.errors);
    &read.errors[0]
}

#[test]
fn every_complete_sample_before_a_cut_counts_wherever_the_cut_is() {
    let whole = docker("/a", &[sample(1, "10"), sample(2, "20"), sample(3, "30")].join(","));
    let ends: Vec<_> = (1..=3)
        .map(|n| {
            let last = sample(n, &format!("{n}0"));
            whole.find(&last).unwrap() + last.len()
        })
        .collect();
    for cut in 1..whole.len() {
        let pipeline = read(&whole[..cut]);
        let error = only_error(&pipeline);
        assert_eq!(error.kind(), ErrorKind::Json, "cut at {cut}: {error}");
        assert_eq!(error.place().offset, Some(cut as u64), "cut at {cut}: {error}");
        let complete = ends.iter().filter(|&&end| end <= cut).count();
        let read: usize = pipeline.series().map(cmetrics_core::Series::len).sum();
        assert_eq!(read, complete, "cut at {cut}");
    }
}

#[test]
fn damage_is_told_with_file_offset_line_column_and_container() {
    let text = format!("{{\n\"/a\":{{\"spec\":{{}},\"stats\":[{},\n @", sample(1, "1"));
    let pipeline = read(&text);
    let error = only_error(&pipeline);
    assert_eq!(error.place().offset, Some(text.len() as u64 - 1));
    assert_eq!((error.place().line, error.place().column), (Some(3), Some(2)));
    assert_eq!(error.place().container.as_deref(), Some("/a"));
    let words = error.to_string();
    assert!(words.starts_with("dump.json: line 3 column 2 (byte "), "{words}");
    assert!(words.contains("container /a: "), "{words}");
    assert_eq!(samples(&pipeline), [("/a".to_owned(), 1)]);
}

#[test]
fn reading_resumes_at_the_line_behind_a_damaged_one() {
    let line = |n: u32| docker(&format!("/{n}"), &[sample(1, "1"), sample(2, "2")].join(","));
    let cut = |n: u32, end: usize| line(n)[..end].to_owned();
    let first_sample_end = line(1).find(",{\"timestamp\":\"2026-11-21T12:00:02").unwrap();
    let ends = [
        ("inside a text", first_sample_end - 50, 0),
        ("behind a sample", first_sample_end, 1),
        ("behind a comma", first_sample_end + 1, 1),
        ("inside the first key", 3, 0),
    ];
    for (what, end, complete) in ends {
        for bad in 1..=4 {
            let lines: Vec<_> =
                (1..=4).map(|n| if n == bad { cut(n, end) } else { line(n) }).collect();
            let pipeline = read(lines.join("\n"));
            let error = only_error(&pipeline);
            assert_eq!(error.kind(), ErrorKind::Json);
            let total: usize = pipeline.series().map(cmetrics_core::Series::len).sum();
            assert_eq!(total, 6 + complete, "line {bad} cut {what}: {error}");
        }
    }
}

#[test]
fn two_damaged_lines_in_succession_lose_only_what_is_behind_their_damage() {
    let line = |n: u32| docker(&format!("/{n}"), &[sample(1, "1"), sample(2, "2")].join(","));
    let cut = line(1).find(",{\"timestamp\":\"2026-11-21T12:00:02").unwrap() + 1;
    let text = [&line(1)[..cut], &line(2)[..cut], &line(3), ""].join("\n");
    let pipeline = read(text);
    let read: Vec<_> = samples(&pipeline).into_iter().map(|(_, samples)| samples).collect();
    assert_eq!(read, [1, 1, 2]);
    assert_eq!(pipeline.errors.len(), 2, "{:?}", pipeline.errors);
    assert_eq!(pipeline.errors[1].place().line, Some(2));
}

#[test]
fn a_document_over_many_lines_that_is_damaged_is_told_of_once() {
    let pretty: serde_json::Value =
        serde_json::from_str(&docker("/a", &[sample(1, "1"), sample(2, "2")].join(","))).unwrap();
    let pretty = serde_json::to_string_pretty(&pretty).unwrap();
    let second = pretty.find("\"2026-11-21T12:00:02Z\"").unwrap();
    let garbled = format!("{}@{}", &pretty[..second], &pretty[second..]);
    let pipeline = read(format!("{garbled}\n{}\n", docker("/b", &sample(1, "1"))));
    only_error(&pipeline);
    assert_eq!(samples(&pipeline), [("/a".to_owned(), 1), ("/b".to_owned(), 1)]);
}

#[test]
fn samples_one_a_line_are_no_documents_of_their_own() {
    let lines: Vec<_> = (1..=5).map(|n| sample(n, "1")).collect();
    let whole = docker("/a", &format!("\n{}\n", lines.join(",\n")));
    assert_eq!(samples(&read(&whole)), [("/a".to_owned(), 5)]);
    let fourth = whole.find(&lines[3]).unwrap();
    for (cut, complete) in [(fourth, 3), (fourth + 10, 3), (fourth + lines[3].len(), 4)] {
        let pipeline = read(&whole[..cut]);
        only_error(&pipeline);
        assert_eq!(samples(&pipeline), [("/a".to_owned(), complete)]);
    }
    let garbled = format!("{}@{}", &whole[..fourth], &whole[fourth..]);
    let pipeline = read(garbled);
    only_error(&pipeline);
    assert_eq!(samples(&pipeline), [("/a".to_owned(), 3)]);
}

#[test]
fn a_value_that_cannot_be_costs_its_sample_and_no_other() {
    for bad in ["18446744073709551616", "-1", "1.5", "1e-3", "\"1 \"", "true", "[1]", "{}"] {
        let stats = [sample(1, "1"), sample(2, bad), sample(3, "3")].join(",");
        let text = docker("/a", &stats);
        let pipeline = read(&text);
        let error = only_error(&pipeline);
        assert_eq!(error.kind(), ErrorKind::Value);
        assert_eq!(error.field(), Some("cpu.usage.total"));
        let at = text.find(&format!("\"total\":{bad}")).unwrap() + "\"total\":".len();
        assert_eq!(error.place().offset, Some(at as u64), "{error}");
        assert!(error.to_string().contains(&format!("found {bad}")), "{error}");
        assert_eq!(samples(&pipeline), [("/a".to_owned(), 2)]);
        assert_eq!(pipeline.series().next().unwrap().counts().faulty, 1);
    }
}

#[test]
fn a_bad_timestamp_costs_its_sample_and_no_other() {
    for bad in ["\"2026-11-21T12:00:60Z\"", "\"noon\"", "\"9999-01-01T00:00:00Z\"", "12", "null"] {
        let text =
            docker("/a", &format!("{{\"timestamp\":{bad},\"cpu\":{{}}}},{}", sample(3, "3")));
        let pipeline = read(&text);
        let error = only_error(&pipeline);
        assert_eq!((error.kind(), error.field()), (ErrorKind::Value, Some("timestamp")));
        assert_eq!(samples(&pipeline), [("/a".to_owned(), 1)]);
    }
    let pipeline = read(docker("/a", r#"{"cpu":{"usage":{"total":1}}}"#));
    assert_eq!(only_error(&pipeline).field(), Some("timestamp"));
}

#[test]
fn a_sample_that_was_never_taken_is_counted_and_is_no_error() {
    let never = r#"{"timestamp":"0001-01-01T00:00:00Z","cpu":{"usage":{"total":-1}}}"#;
    let pipeline = read(docker("/a", &[never, &sample(3, "3")].join(",")));
    assert!(pipeline.errors.is_empty());
    let series = pipeline.series().next().unwrap();
    assert_eq!((series.len(), series.counts().never_taken), (1, 1));
}

#[test]
fn only_values_that_are_read_can_be_bad() {
    let text = r#"{"/a":{"name":"/a","spec":{"has_network":false,"has_memory":false},"stats":[
        {"timestamp":"2026-11-21T12:00:01Z","cpu":{"usage":{"total":1,"user":-5},"shares":1.5},
         "memory":7,"network":{"interfaces":[{"name":"eth0","rx_bytes":-1}]},"other":{"x":-1}},
        {"timestamp":"2026-11-21T12:00:01Z","cpu":{"usage":{"total":-1}}},
        {"timestamp":"2026-11-21T12:00:02Z","cpu":null,"diskio":{"io_service_bytes":null}}]},
      "/b":[{"timestamp":"2026-11-21T12:00:01Z","memory":{"usage":-1},"has_memory":false,
         "network":{"name":"eth0","rx_bytes":-1,"interfaces":[]}},
        {"timestamp":"2026-11-21T12:00:02Z","network":{"name":"","rx_bytes":-1}}]}"#;
    let pipeline = read(text);
    assert!(pipeline.errors.is_empty(), "{:?}", pipeline.errors);
    assert_eq!(samples(&pipeline), [("/a".to_owned(), 2), ("/b".to_owned(), 2)]);
    let first = pipeline.series().next().unwrap().samples().next().unwrap();
    assert!(first.has(Section::Cpu) && !first.has(Section::Network));
}

#[test]
fn a_bad_interface_or_device_costs_its_sample() {
    for (section, field) in [
        (
            r#""network":{"interfaces":[{"name":"a","rx_bytes":-1}]}"#,
            "network.interfaces[].rx_bytes",
        ),
        (r#""network":{"name":"a","tx_bytes":1.5}"#, "network.interfaces[].tx_bytes"),
        (r#""network":{"interfaces":{}}"#, "network.interfaces"),
        (r#""network":{"interfaces":[7]}"#, "network.interfaces"),
        (r#""network":{"interfaces":[{"name":7}]}"#, "network.interfaces[].name"),
        (r#""network":[]"#, "network"),
        (
            r#""diskio":{"io_service_bytes":[{"major":8,"minor":0,"stats":{"Read":-1}}]}"#,
            "diskio.io_service_bytes[].stats.Read",
        ),
        (r#""diskio":{"io_service_bytes":[{"major":-8,"minor":0}]}"#, "diskio[].major or minor"),
    ] {
        let stats =
            format!(r#"{{"timestamp":"2026-11-21T12:00:01Z",{section}}},{}"#, sample(2, "1"));
        let pipeline = read(docker("/a", &stats));
        assert_eq!(only_error(&pipeline).field(), Some(field));
        assert_eq!(samples(&pipeline), [("/a".to_owned(), 1)]);
    }
}

#[test]
fn documents_without_samples_say_so() {
    for text in ["[]", "null", " [ ] ", "[null]", "[[]]", "[[],[null]]"] {
        let pipeline = read(text);
        assert_eq!(only_error(&pipeline).kind(), ErrorKind::NoSamples, "{text}");
    }
    for text in ["{}", r#"{"resourceMetrics":[]}"#] {
        let pipeline = read(text);
        assert!(pipeline.errors.is_empty());
        assert_eq!(pipeline.summary().without_containers, 1, "{text}");
    }
    let pipeline = read(r#"{"/a":{"spec":{"has_cpu":true},"stats":null}}"#);
    assert!(pipeline.errors.is_empty());
    assert_eq!(samples(&pipeline), [("/a".to_owned(), 0)]);
}

#[test]
fn what_is_no_dump_is_named_with_the_endpoints_that_serve_samples() {
    for (text, words) in [
        ("", "an empty file"),
        (" \n ", "an empty file"),
        ("<!doctype html><html></html>", "an HTML page"),
        ("unknown container \"x\"\n", "unknown container"),
        ("# HELP a b\n# TYPE a counter\na{id=\"/\"} 1\n", "a Prometheus exposition"),
        ("404 page not found\n", "404 page not found"),
        ("\"0.60.5\"", "0.60.5"),
        ("17", "17"),
        (r#"{"timestamp":"2026-11-21T12:00:01Z","num_cores":2}"#, "the machine"),
        (r#"{"/a":{"creation_time":"2026-11-21T12:00:01Z","has_cpu":true}}"#, "specifications"),
        (r#"{"/a":{"timestamp":"2026-11-21T12:00:01Z","latest_usage":{}}}"#, "summary"),
        (r#"[{"container_name":"/a","timestamp":"x","event_type":"oom"}]"#, "events"),
        (
            r#"[{"timestamp":"x","device":"/dev/vda1","mountpoint":"/","capacity":1}]"#,
            "file systems",
        ),
        ("\u{0}\u{1}\u{2}", "binary data"),
    ] {
        let pipeline = read(text);
        let error = only_error(&pipeline);
        assert_eq!(error.kind(), ErrorKind::NotADump, "{text}: {error}");
        assert!(error.to_string().contains(words), "{text}: {error}");
        assert!(error.to_string().contains("/api/v2.1/stats"), "{error}");
    }
}

#[test]
fn hostile_nesting_ends_early_with_a_clear_error() {
    for text in ["[".repeat(1 << 20), "{\"a\":".repeat(1 << 18), "[{\"a\":".repeat(1 << 18)] {
        let pipeline = read(&text);
        assert_eq!(only_error(&pipeline).kind(), ErrorKind::TooLarge);
    }
    let nested = format!("{}{}", "[".repeat(127), "]".repeat(127));
    let stats = format!(r#"{{"timestamp":"2026-11-21T12:00:01Z","x":{}}}"#, "[".repeat(500));
    assert_eq!(only_error(&read(docker("/a", &stats))).kind(), ErrorKind::TooLarge);
    assert_eq!(only_error(&read(nested)).kind(), ErrorKind::NotADump);
}

#[test]
fn odd_texts_are_read_or_refused_without_losing_the_rest() {
    let long_key =
        format!(r#"{{"{}":1,"/a":{{"spec":{{"has_cpu":true}},"stats":[]}}}}"#, "k".repeat(4 << 20));
    let pipeline = read(long_key);
    assert!(pipeline.errors.len() <= 1);

    let mut bad_utf8 = docker("/a", &sample(1, "1")).into_bytes();
    let spec = bad_utf8.windows(9).position(|bytes| bytes == b"\"has_cpu\"").unwrap();
    bad_utf8.splice(spec..spec, b"\"label\":\"\xff\xfe\",".iter().copied());
    assert_eq!(samples(&read(&bad_utf8)), [("/a".to_owned(), 1)]);

    let nul = docker("/a", &[sample(1, "1"), "\u{0}".to_owned()].join(","));
    let pipeline = read(nul);
    assert_eq!(only_error(&pipeline).kind(), ErrorKind::Json);
    assert_eq!(samples(&pipeline), [("/a".to_owned(), 1)]);

    let escaped = r#"{"\u002fa":{"\u0073pec":{"has_cpu":true},"st\u0061ts":[
        {"timest\u0061mp":"2026-11-21T12:00:01\u005a","cpu":{"usage":{"total":1}}}]}}"#;
    assert_eq!(samples(&read(escaped)), [("/a".to_owned(), 1)]);
    assert_eq!(samples(&read("\u{feff}".to_owned() + &docker("/a", &sample(1, "1")))).len(), 1);
}

#[test]
fn a_bracket_too_many_is_damage_and_the_next_line_is_read() {
    let text = format!("{}}}\n{}", docker("/a", &sample(1, "1")), docker("/b", &sample(1, "1")));
    let pipeline = read(text);
    assert_eq!(only_error(&pipeline).kind(), ErrorKind::Json);
    assert_eq!(samples(&pipeline), [("/a".to_owned(), 1), ("/b".to_owned(), 1)]);
}

#[test]
fn a_container_without_a_name_is_an_error() {
    let pipeline = read(format!(r#"{{"spec":{{"has_cpu":true}},"stats":[{}]}}"#, sample(1, "1")));
    assert_eq!(only_error(&pipeline).field(), Some("name"));
}

#[test]
fn a_cut_off_gzip_file_gives_what_it_holds_and_one_error() {
    use std::io::Write;
    let stats: Vec<_> = (0..60).map(|second| sample(second, "1")).collect();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    encoder.write_all(docker("/a", &stats.join(",")).as_bytes()).unwrap();
    let packed = encoder.finish().unwrap();
    let pipeline = read(&packed[..packed.len() / 2]);
    let error = only_error(&pipeline);
    assert_eq!(error.kind(), ErrorKind::Packed);
    assert!(error.to_string().contains("gzip"), "{error}");
    assert!(error.place().offset.is_some());
    assert!(samples(&pipeline)[0].1 > 20);
}

#[test]
fn errors_beyond_the_first_thousand_are_counted() {
    let stats: Vec<_> = (0..3000).map(|_| sample(1, "-1")).collect();
    let pipeline = read(docker("/a", &stats.join(",")));
    assert_eq!(pipeline.errors.len(), Outcome::MOST_ERRORS);
    assert_eq!(pipeline.summary().errors, 3000);
    assert_eq!(pipeline.series().next().unwrap().counts().faulty, 3000);
}

#[test]
fn settings_out_of_range_say_what_is_allowed() {
    let second = Duration::from_secs(1);
    for (interval, max_gap, words) in [
        (Duration::ZERO, None, "interval is 0 s, but must be from 1 to 1000000000 s"),
        (second * 1_000_000_001, None, "must be from 1 to 1000000000 s"),
        (second / 2, None, "interval is 0.5 s, but must be whole seconds"),
        (Duration::MAX, None, "interval is 18446744073709551615.999999999 s, but must be whole"),
        (second * 5, Some(second * 4), "max gap is 4 s, but must be from 5 to 500000 s"),
        (second * 5, Some(second * 500_001), "max gap is 500001 s, but must be from 5 to 500000 s"),
        (second * 5, Some(second * 15 / 2), "max gap is 7.5 s, but must be whole seconds"),
    ] {
        let error = Settings::new(interval, max_gap).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Setting);
        assert!(error.to_string().contains(words), "{error}");
    }
    for max_gap in [5, 500_000] {
        assert!(Settings::new(second * 5, Some(second * max_gap)).is_ok());
    }
}

#[test]
fn a_map_whose_values_are_partly_no_containers_loses_only_those() {
    let good = docker("/a", &sample(1, "1"));
    let text = format!(r#"{},"/b":7,"/c":"x"}}"#, good.strip_suffix('}').unwrap());
    let pipeline = read(text);
    assert_eq!(samples(&pipeline), [("/a".to_owned(), 1)]);
    let told: Vec<_> = pipeline.errors.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 2);
    assert!(told[0].contains("container /b: value: expected a container"), "{told:?}");
    assert_eq!(pipeline.series().next().unwrap().counts().faulty, 0);
}
