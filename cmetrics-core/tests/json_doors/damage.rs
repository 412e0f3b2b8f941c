//! Documents that are cut, changed at random, or not what they look like.

use cmetrics_core::{ErrorKind, MetricSet};
use proptest::prelude::*;

use crate::engine::{ID, stats};
use crate::log::{read, read_by_each};
use crate::otlp::{request, sum};
use crate::summary::SUMMARY;

fn documents() -> Vec<String> {
    let engine = stats(
        3,
        r#""preread":"2026-11-21T12:00:02Z","cpu_stats":{"cpu_usage":{"total_usage":5}},
        "precpu_stats":{"cpu_usage":{"total_usage":4}},"blkio_stats":{"io_service_bytes_recursive":
        [{"major":8,"minor":0,"op":"Read","value":10}]},"networks":{"eth0":{"rx_bytes":1}},
        "memory_stats":{"usage":9,"stats":{"total_rss":1,"total_inactive_file":2}}"#,
    );
    let map = format!(r#"{{"a":{engine},"b":null,"c":{engine}}}"#);
    let otlp = request(
        &[("container.id", ID)],
        "dockerstatsreceiver",
        &[
            sum("container.cpu.usage.total", r#""asInt":"7""#),
            sum("container.pids.count", "\"asInt\":2"),
        ],
    );
    vec![engine, map, SUMMARY.to_owned(), otlp]
}

#[test]
fn what_is_whole_before_a_cut_counts_wherever_the_cut_is() {
    for document in documents() {
        let document: String = document.lines().map(str::trim).collect();
        let whole = read(&document);
        assert!(whole.errors.is_empty());
        let mut before = 0;
        for cut in 1..document.len() {
            let log = read(&document[..cut]);
            assert_eq!(log.errors.len(), 1, "{cut}: {:?}", log.errors);
            assert_eq!(log.errors[0].kind(), ErrorKind::Json, "{cut}");
            // The error of a number that is cut after its point is at the point.
            let place = log.errors[0].place().offset.unwrap();
            assert!(place.abs_diff(cut as u64) <= 1, "{cut}: {place}");
            for received in &log.containers {
                assert_eq!(received.samples, whole.named(&received.name()).samples, "{cut}");
            }
            assert!(log.containers.len() >= before, "{cut}");
            before = log.containers.len();
        }
    }
}

#[test]
fn the_line_after_a_damaged_one_is_read() {
    for document in documents() {
        let line: String = document.split('\n').collect();
        let cut = &line[..line.len() * 2 / 3];
        for damaged in [format!("{cut}\n{line}\n"), format!("{line}\n{cut}\n{line}")] {
            let log = read(&damaged);
            let names = read(&line).names();
            assert!(log.names().ends_with(&names), "{:?}", log.names());
            assert_eq!(log.errors.len(), 1, "{:?}", log.errors);
        }
    }
}

#[test]
fn the_figures_of_docker_stats_are_named_with_what_to_save_instead() {
    let log = read(r#"{"BlockIO":"0B / 0B","CPUPerc":"0.1%","MemUsage":"1MiB / 7GiB","Name":"a"}"#);
    assert_eq!(log.errors[0].kind(), ErrorKind::NotADump);
    let words = &log.words()[0];
    assert!(words.contains("rounded for people; save what the Engine answers"), "{words}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn changed_documents_never_panic_and_all_paths_read_them_alike(
        which in 0_usize..4,
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..14), 1..4),
    ) {
        const TEXTS: [&str; 14] =
            ["", "{", "}", "[", "]", "\"", ",", ":", "null", "-1", "1e400", "\\", "\n", "99999999999999999999"];
        let mut text = documents().swap_remove(which).into_bytes();
        for (at, with) in changes {
            let at = at.index(text.len());
            text.splice(at..=at, TEXTS[with].bytes());
        }
        let (strict, others) = read_by_each(&text, MetricSet::all());
        // Values that are not read are checked by the strict reader alone.
        if strict.errors.iter().all(|error| error.kind() == ErrorKind::Value) {
            for other in others {
                prop_assert_eq!(format!("{other:?}"), format!("{strict:?}"));
            }
        }
    }
}
