//! Damage is named with its place, and costs nothing but its line.

use cmetrics_core::{ErrorKind, Metric, Pipeline};

use super::common::read as read_dump;
use super::told::{Listener, listen, parser};

const SCRAPE: &str = "# HELP container_memory_rss Size of \"RSS\" in \\\\ bytes.\n\
# TYPE container_memory_rss gauge\n\
container_memory_rss{id=\"/a\",name=\"x\\\"}\"} 1.5e3 1600000000000\n\
container_memory_rss{id=\"/b\",name=\"\"} 2 1600000000000\n\
container_memory_usage_bytes{id=\"/a\",name=\"x\\\"}\"} 3 1600000000000\n\
go_threads 12\n\
container_threads{id=\"/a\",name=\"x\\\"}\"} 4 1600000000000\r\n\
# EOF\n";

fn heard(text: &[u8]) -> Listener {
    listen(&mut parser(), text)
}

/// How many readings there are.
fn readings(listener: &Listener) -> usize {
    let samples = listener.all.values().flat_map(|told| &told.samples);
    samples.map(|(_, readings)| readings.len()).sum()
}

#[test]
fn a_text_cut_at_any_byte_keeps_its_whole_lines() {
    let whole = heard(SCRAPE.as_bytes());
    assert_eq!((readings(&whole), whole.errors.len()), (4, 0));
    let mut remembering = parser();
    listen(&mut remembering, SCRAPE.as_bytes());
    for end in 0..SCRAPE.len() {
        let text = SCRAPE.as_bytes().get(..end).unwrap();
        let cut = heard(text);
        let whole_lines = SCRAPE[..end].lines().filter(|line| line.starts_with("container_"));
        let ends_inside = !SCRAPE[..end].ends_with('\n');
        let number = whole_lines.count();
        let read = readings(&cut);
        assert!(read == number || (ends_inside && read + 1 == number), "{end}: {read} of {number}");
        assert!(cut.errors.len() <= 1, "{end}: {:?}", cut.errors);
        let again = listen(&mut remembering, text);
        assert_eq!((&again.all, again.errors.len()), (&cut.all, cut.errors.len()), "{end}");
    }
    for start in 1..SCRAPE.len() {
        let cut = heard(SCRAPE.as_bytes().get(start..).unwrap());
        let whole_lines =
            SCRAPE[start..].lines().skip(1).filter(|line| line.starts_with("container_"));
        assert!(readings(&cut) >= whole_lines.count(), "{start}");
        assert!(cut.errors.len() <= 1, "{start}: {:?}", cut.errors);
    }
}

#[test]
fn a_bad_line_is_named_and_those_around_it_are_read() {
    for (line, column, words) in [
        ("container_threads{id=\"/a} 4 1600000000000", 22, "a quote that closes"),
        ("container_threads{id=\"/a\" 4 1600000000000", 27, "`,` or `}`"),
        ("container_threads{id=\"/a\"}", 27, "a number, found the end of the line"),
        ("container_threads{id=\"/a\"} four", 28, "a number, found `four`"),
        ("container_threads{id=\"/a\"} 4 soon", 30, "a time or the end of the line"),
        ("container_threads{id=\"/a\"} 4 99999999999999999999", 28, "before the year 2263"),
        ("container_threads{id=\"/a\"} 1e30", 28, "below 2^64"),
        ("<html>", 1, "the name of a metric"),
    ] {
        let text = format!(
            "# TYPE a b\ncontainer_memory_rss{{id=\"/a\"}} 1 1600000000000\n{line}\n\
             container_sockets{{id=\"/a\"}} 1 1600000000000\n"
        );
        let heard = heard(text.as_bytes());
        assert_eq!((readings(&heard), heard.errors.len()), (2, 1), "{line}: {:?}", heard.errors);
        let error = &heard.errors[0];
        let place = error.place();
        assert_eq!((place.line, place.column), (Some(3), Some(column)), "{error}");
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(error.kind(), ErrorKind::Value);
    }
}

#[test]
fn invalid_utf_8_matters_only_where_it_is_read() {
    let read =
        heard(b"container_threads{id=\"/\",x=\"\xff\"} 1\ncontainer_sockets{id=\"\xff\"} 1\n");
    assert_eq!((readings(&read), read.errors.len()), (1, 1));
    assert!(read.errors[0].to_string().contains("UTF-8"));
}

/// The memory readings of a pipeline's samples.
fn memory(pipeline: &Pipeline) -> Vec<(String, Option<u64>)> {
    let samples = pipeline.series().flat_map(|series| {
        let name = series.identity().name().to_string();
        series.samples().map(move |sample| (name.clone(), sample.get(Metric::MemoryUsage)))
    });
    samples.collect()
}

const JSON: &str =
    "{\"/json\":[{\"timestamp\":\"2026-11-21T12:00:00Z\",\"memory\":{\"usage\":7}}]}";
const ROW: &str = "container_memory_usage_bytes{id=\"/text\"} 8 1600000000000\n";

#[test]
fn json_and_expositions_are_read_from_one_input_in_any_order() {
    let both = [("/json".to_owned(), Some(7)), ("/text".to_owned(), Some(8))];
    for text in [
        format!("{JSON}\n{ROW}"),
        format!("{ROW}{JSON}\n"),
        format!("{ROW}# EOF\n{JSON}"),
        format!("\u{feff}# TYPE a b\n\n{ROW}[{JSON}]"),
        format!("{{\"a row\",id=\"/x\"}} 1\n{ROW}{JSON}\n"),
        format!("{ROW}{}", JSON.replace("\":", "\" :\n")),
    ] {
        assert_eq!(memory(&read_dump(&text)), both, "{text}");
    }
}

#[test]
fn an_exposition_behind_damage_is_found() {
    for damage in [
        "{\"/json\":[{\"timestamp\":",
        "HTTP/1.1 200 OK\nContent-Type: text/plain\n\n",
        "binary \u{1}",
    ] {
        let text = format!("{damage}\n{ROW}");
        let mut pipeline = Pipeline::default();
        let outcome = pipeline.read(cmetrics_core::Input::bytes("mixed", &text));
        assert_eq!(outcome.errors.len(), 1, "{damage}: {:?}", outcome.errors);
        assert_eq!(memory(&pipeline), [("/text".to_owned(), Some(8))], "{damage}");
    }
}

#[test]
fn json_behind_a_bad_line_is_read() {
    let text = format!("{ROW}container_threads{{id=\"/text}} 1\n{JSON}\n");
    let mut pipeline = Pipeline::default();
    let outcome = pipeline.read(cmetrics_core::Input::bytes("mixed", &text));
    assert_eq!((outcome.errors.len(), memory(&pipeline).len()), (1, 2));
}

#[test]
fn an_exposition_without_containers_is_no_dump() {
    for text in
        ["go_threads 5\n", "# HELP a b\n", "# EOF\n", "node_cpu_seconds_total{cpu=\"0\"} 5\n"]
    {
        let heard = heard(text.as_bytes());
        assert_eq!(heard.errors.len(), 1, "{text}");
        assert_eq!(heard.errors[0].kind(), ErrorKind::NotADump);
        let error = heard.errors[0].to_string();
        assert!(error.contains("without metrics of containers"), "{error}");
        assert!(error.contains("/metrics/cadvisor"), "{error}");
    }
}

#[test]
fn protobuf_is_named_with_what_to_ask_for() {
    let heard = heard(b"\x8f\x01\x0a\x17container_memory_rss_xx\x12\x04a\nb{\x18\x01\n\x00\x00");
    assert_eq!(heard.errors.len(), 1, "{:?}", heard.errors);
    assert_eq!(heard.errors[0].kind(), ErrorKind::NotADump);
    assert!(heard.errors[0].to_string().contains("Accept: text/plain"));
    // The length of the first message may be any byte.
    for length in *b"{[ \t\r\n0A" {
        let text = [&[length], &b"\x0a\x04go_a\x12\x04a\nb{\x18\x01\n\x00\x00"[..]].concat();
        let outcome = Pipeline::default().read(cmetrics_core::Input::bytes("metrics", &text));
        let errors: Vec<_> = outcome.errors.iter().map(ToString::to_string).collect();
        assert_eq!(errors.len(), 1, "{length}: {errors:?}");
        assert!(errors[0].contains("Accept: text/plain"), "{length}: {errors:?}");
    }
}
