//! Documents that are cut or garbled.

use std::io::{self, Read};

use cmetrics_core::MetricSet;
use cmetrics_core::parse::{Instructions, Parser};

use crate::common::{recorded, unpacked};
use crate::differential::event::Event;
use crate::differential::harness::Harness;
use crate::differential::input::Blocks;
use crate::differential::json::Json;
use crate::differential::receiver::{EventLog, WantPolicy};
use crate::differential::rng::Rng;
use crate::differential::rule;
use crate::differential::structured::DOCUMENTS;

/// Two containers with two samples each.
const SMALL: &str = r#"{"/a":{"id":"0a","name":"/a","aliases":["x","y}"],"spec":{"has_cpu":true,"memory":{"limit":64},"has_memory":true,"image":"i"},"stats":[{"timestamp":"2026-11-21T12:00:01.25Z","cpu":{"usage":{"total":101,"user":7},"load_average":3},"memory":{"usage":4096,"cache":1},"network":{"name":"eth0","rx_bytes":1,"interfaces":[{"name":"eth0","rx_bytes":12,"tx_bytes":13}],"tcp":{"Listen":1}},"diskio":{"io_service_bytes":[{"device":"d]","major":8,"minor":0,"stats":{"Read":5,"Write":6}}]}},{"timestamp":"2026-11-21T12:00:02.25Z","cpu":{"usage":{"total":102,"user":8},"load_average":3},"memory":{"usage":8192,"cache":1}}]},"/b":[{"timestamp":"2026-11-21T12:00:03Z","has_cpu":true,"cpu":{"usage":{"total":7}}},null,{"timestamp":"0001-01-01T00:00:00Z"}]}"#;

#[test]
fn all_paths_read_the_same_wherever_a_small_document_is_cut() {
    let mut harness = Harness::new(20_000);
    for cut in 0..=SMALL.len() {
        harness.agree_exactly(&format!("cut at {cut}"), &SMALL.as_bytes()[..cut]);
    }
}

#[test]
fn all_paths_read_the_same_wherever_a_document_is_cut_before_another() {
    let mut harness = Harness::new(20_000);
    let other = SMALL.replace("\"/", "\"/other/");
    for cut in (1..SMALL.len()).step_by(3) {
        for between in ["\n", ""] {
            // Without a line end between them, the second may be taken for a part of the first.
            let text = format!("{}{between}{other}", &SMALL[..cut]);
            harness.agree(&format!("cut at {cut} before {between:?}"), text.as_bytes());
        }
    }
}

#[test]
fn all_paths_read_the_same_from_recorded_documents_that_are_cut() {
    let mut harness = Harness::new(20_000);
    for (number, text) in DOCUMENTS.iter().enumerate() {
        for cut in (number..text.len()).step_by(97) {
            harness
                .agree_exactly(&format!("document {number} cut at {cut}"), &text.as_bytes()[..cut]);
        }
        for edge in (64..text.len()).step_by(64 * 7) {
            for cut in edge - 1..=edge + 1 {
                harness
                    .agree_exactly(&format!("document {number}, {cut}"), &text.as_bytes()[..cut]);
            }
        }
    }
}

#[test]
fn all_paths_read_the_same_from_a_long_document_that_is_cut_near_the_edge_of_a_block() {
    let mut harness = Harness::new(1);
    let text = unpacked(&recorded("v060-1s", "v2.0-stats-docker")[0]);
    for edge in [1 << 16, 1 << 17, 1 << 18, 1 << 19] {
        for cut in [edge - 1, edge, edge + 1, edge + 63] {
            let cut = cut.min(text.len() - 1);
            harness.agree_exactly(&format!("cut at {cut}"), &text.as_bytes()[..cut]);
        }
    }
}

/// Damage between the values of a document, and in values that are read: no path overlooks it.
#[test]
fn all_paths_report_the_same_errors_for_damage_outside_skipped_values() {
    let mut harness = Harness::new(200_000);
    for (good, bad) in [
        ("\"total\":102", "\"total\":1 2"),
        ("\"total\":102", "\"total\":tru"),
        ("\"total\":102", "\"total\":01"),
        ("\"total\":102", "\"total\":-"),
        ("\"total\":102", "\"total\" 102"),
        ("\"total\":102", "\"total\"102"),
        ("\"total\":102", "\"total\":"),
        ("\"total\":102", "total:102"),
        ("\"total\":102", ",\"total\":102"),
        ("\"usage\":{\"total\":102", "\"usage\":[\"total\":102"),
        ("\"usage\":8192", "\"usage\":8192 \"x\""),
        ("\"usage\":8192", "\"usage\":@"),
        ("12:00:02.25Z\"", "12:00:02.25Z"),
        ("{\"timestamp\":\"2026-11-21T12:00:02", "{timestamp\":\"2026-11-21T12:00:02"),
        ("]},\"/b\"", "},\"/b\""),
        ("]},\"/b\"", "]]},\"/b\""),
        ("]},\"/b\"", "]}}\"/b\""),
        ("]},\"/b\"", "]} \"/b\""),
        ("]},\"/b\"", "]},,\"/b\""),
        ("]},\"/b\"", "]},{\"/b\""),
        ("},null,", "} null,"),
        ("},null,", "},,"),
    ] {
        let text = SMALL.replacen(good, bad, 1);
        assert_ne!(text, SMALL, "{good}");
        for after in ["", "\n", "}", "]", ","] {
            let text = format!("{text}{after}\n{SMALL}");
            let what = format!("{bad} for {good}, {after:?} after it");
            harness.agree_exactly_on_what_is_read(&what, text.as_bytes());
        }
    }
}

#[test]
fn all_paths_read_the_same_from_text_that_is_no_dump() {
    let mut harness = Harness::new(1_000_000);
    let deep = |open: &str, close: &str, times: usize| open.repeat(times) + &close.repeat(times);
    for text in [
        String::new(),
        " \n ".to_owned(),
        "\u{feff}".to_owned(),
        "{}".to_owned(),
        "null".to_owned(),
        "[null,[],[{}]]".to_owned(),
        "unknown container \"x\"\n".to_owned(),
        "}{".to_owned(),
        format!("x\n{SMALL}\n]\n{SMALL}"),
        format!("{SMALL}\nx\ny\n{SMALL}x"),
        "\u{0}\u{1}".to_owned(),
        "[1,2,3]".to_owned(),
        r#"{"/a":{"creation_time":"x","has_cpu":true}}"#.to_owned(),
        r#"{"/a":7,"/b":{"spec":{"has_cpu":true},"stats":7},"/c":{"stats":[7,{}]}}"#.to_owned(),
        r#"{"spec":{"has_cpu":true},"stats":[]}"#.to_owned(),
        deep("[", "]", 127),
        deep("[", "]", 129),
        deep("{\"a\":", "}", 200),
        SMALL.replacen("\"tcp\":{", &format!("\"x\":{},\"tcp\":{{", deep("[", "]", 100)), 1),
        SMALL.replacen("\"user\":7", &format!("\"x\":{}", deep("[", "]", 121)), 1),
    ] {
        harness.agree(&text.chars().take(40).collect::<String>(), text.as_bytes());
    }
}

const INTERESTING: &[u8] = b"\"\\{}[]:, \n\r\t0192-+.eEuntrfls\0\x01\x1f\x7f\x80\xc3\xe2\xff/@Zz";

/// The text with a few bytes changed, removed or inserted.
fn garbled(text: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut text = text.to_vec();
    for _ in 0..=rng.below(3) {
        let at = rng.below(text.len());
        match rng.below(6) {
            0 => text[at] ^= 1 << rng.below(8),
            1 => drop(text.remove(at)),
            2 => text.insert(at, *rng.pick(INTERESTING)),
            3 => text[at] = *rng.pick(INTERESTING),
            4 => drop(text.drain(at..(at + rng.below(70)).min(text.len()))),
            _ => {
                let piece = text[at..(at + rng.below(70)).min(text.len())].to_vec();
                let to = rng.below(text.len());
                text.splice(to..to, piece);
            }
        }
        if text.is_empty() {
            text.push(b'x');
        }
    }
    text
}

#[test]
fn all_paths_keep_to_the_rule_whatever_byte_of_a_small_document_is_changed() {
    let mut harness = Harness::new(3_000);
    let mut rng = Rng::new(7);
    for at in 0..SMALL.len() {
        for _ in 0..3 {
            let mut text = SMALL.as_bytes().to_vec();
            text[at] = *rng.pick(INTERESTING);
            harness.agree(&format!("byte {at}"), &text);
            text.push(b'\n');
            text.extend_from_slice(SMALL.replace("\"/", "\"/other/").as_bytes());
            harness.agree(&format!("byte {at} before another document"), &text);
        }
    }
}

#[test]
fn all_paths_keep_to_the_rule_whatever_is_garbled() {
    let mut harness = Harness::new(25_000);
    for seed in 0..3000 {
        let mut rng = Rng::new(seed);
        let text = if rng.one_in(2) { SMALL } else { rng.pick(&DOCUMENTS) };
        let mut bytes = garbled(text.as_bytes(), &mut rng);
        if rng.one_in(3) {
            bytes.push(b'\n');
            bytes.extend_from_slice(rng.pick(&DOCUMENTS).as_bytes());
        }
        harness.agree(&format!("seed {seed}"), &bytes);
    }
}

/// Returns all bytes, and then fails.
struct Failing<'b>(Blocks<'b>);

impl Read for Failing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::Error::other("the disk is gone")),
            read => Ok(read),
        }
    }
}

#[test]
fn all_paths_read_the_same_where_the_input_fails() {
    let metrics = MetricSet::documented();
    let read = |parser: &mut Parser, bytes, size| {
        let mut log = EventLog::new(WantPolicy::Everything);
        let length = parser.read(Failing(Blocks { rest: bytes, size }), &mut log);
        log.events.push(Event::End(length));
        log.events
    };
    let mut strict = Parser::strict(metrics);
    for instructions in Instructions::available() {
        let mut parser = Parser::with_instructions(metrics, instructions).unwrap();
        for cut in (0..=SMALL.len()).step_by(5) {
            let bytes = &SMALL.as_bytes()[..cut];
            let expected = read(&mut strict, bytes, 4096);
            for size in [1, 64, 4096] {
                let found = read(&mut parser, bytes, size);
                rule::exactly(&expected, &found).unwrap_or_else(|difference| {
                    panic!("{instructions:?}, cut at {cut}: {difference}");
                });
            }
        }
    }
}

#[test]
fn the_small_document_is_one() {
    assert_eq!(Json::parse(SMALL).text(), SMALL);
}
