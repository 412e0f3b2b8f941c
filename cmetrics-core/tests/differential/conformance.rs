//! The corner cases of RFC 8259, at each place of a document where a value may be.

mod snippets;

use crate::differential::event::Event;
use crate::differential::harness::Harness;
use crate::differential::receiver::WantPolicy;
use crate::differential::rule;
use snippets::{SNIPPETS, Verdict};

const BUDGET: usize = 12_000;

/// The document with `snippet` in the place of `@`.
fn placed(document: &str, snippet: &[u8]) -> Vec<u8> {
    let (before, after) = document.split_once('@').unwrap();
    [before.as_bytes(), snippet, after.as_bytes()].concat()
}

/// A document with `sample` as its second sample. The other samples have the same template, except
/// where a number cannot be in its place.
fn among_others(sample: &str) -> String {
    let at = |second: u32, sample: &str| sample.replace("12:00:0Z", &format!("12:00:0{second}Z"));
    let (first, last) = (sample.replace('@', "5"), sample.replace('@', "17"));
    let (first, second, last) = (at(1, &first), at(2, sample), at(3, &last));
    format!(
        r#"{{"/a":{{"name":"/a","spec":{{"has_cpu":true}},"stats":[{first},{second},{last}]}},"/b":[{last}]}}"#
    )
}

/// Returns whether quotes and brackets match: all that the paths check of a skipped value.
fn is_balanced(snippet: &[u8]) -> bool {
    let (mut open, mut bytes) = (Vec::new(), snippet.iter());
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => loop {
                match bytes.next() {
                    Some(b'\\') => drop(bytes.next()),
                    Some(b'"') => break,
                    Some(_) => {}
                    None => return false,
                }
            },
            b'{' => open.push(b'}'),
            b'[' => open.push(b']'),
            b'}' | b']' if open.pop() != Some(*byte) => return false,
            _ => {}
        }
    }
    open.is_empty()
}

/// Returns whether it has a comma outside of brackets and strings: what follows is no longer part
/// of the value.
fn has_a_comma(snippet: &[u8]) -> bool {
    (0..snippet.len()).any(|at| snippet[at] == b',' && is_balanced(&snippet[..at]))
}

/// Returns whether a reader that wants the value reads all of it. What begins as `null` does is
/// skipped as such, and lists and objects may have parts that are not read.
fn nothing_in_it_is_skipped(snippet: &[u8]) -> bool {
    let skipped = snippet.starts_with(b"n") || snippet.iter().any(|byte| b"[{".contains(byte));
    is_balanced(snippet) && !has_a_comma(snippet) && !skipped
}

fn has_an_error(events: &[Event]) -> bool {
    events.iter().any(|event| matches!(event, Event::Error(_)))
}

fn is_damaged(events: &[Event]) -> bool {
    events.iter().any(Event::is_damage)
}

#[test]
fn the_strict_reader_accepts_what_is_json_and_nothing_else() {
    let mut harness = Harness::new(0);
    let document = among_others(SAMPLES_SKIPPING[1]);
    for (verdict, snippet) in SNIPPETS {
        let events = harness.strict(0, WantPolicy::Everything, &placed(&document, snippet));
        let shown = String::from_utf8_lossy(snippet);
        match verdict {
            Verdict::Yes => assert!(!has_an_error(&events), "{shown}"),
            Verdict::No => assert!(is_damaged(&events), "{shown}"),
            Verdict::Implementation => {}
        }
    }
}

/// Otherwise nothing around the snippets would be compared.
#[test]
fn all_samples_of_the_documents_are_read_without_snippets() {
    let mut harness = Harness::new(0);
    let plain = SAMPLES_SKIPPING.iter().map(|sample| among_others(sample));
    let plain = plain.chain(HEADERS_SKIPPING.map(str::to_owned));
    let counts = plain.chain(SAMPLES_READING[..2].iter().map(|sample| among_others(sample)));
    for document in counts {
        let events = harness.strict(0, WantPolicy::Everything, &placed(&document, b"7"));
        let elements = events.iter().filter(|event| event.is_element()).count();
        let read = events.iter().filter(|event| matches!(event, Event::Sample(..))).count();
        assert_eq!(read, elements, "{document}: {events:?}");
        assert!(read == 4 || read == 1, "{document}: {events:?}");
    }
}

/// Samples with a value that is not read: first, last, in between, and deep in an object that is
/// not read either.
const SAMPLES_SKIPPING: [&str; 5] = [
    r#"{"timestamp":"2026-11-21T12:00:0Z","cpu":{"usage":{"total":3}},"x":@}"#,
    r#"{"timestamp":"2026-11-21T12:00:0Z","x":@,"cpu":{"usage":{"total":3,"user":4}},"memory":{"usage":2}}"#,
    r#"{"timestamp":"2026-11-21T12:00:0Z","cpu":{"x":@,"usage":{"y":0,"total":3}},"memory":{"usage":2,"z":0}}"#,
    r#"{"timestamp":"2026-11-21T12:00:0Z","network":{"tcp":{"a":[0,{"b":@}]},"interfaces":[{"name":"e","x":0,"rx_bytes":3}]},"cpu":{"load_average":9}}"#,
    r#"{"x":@,"timestamp":"2026-11-21T12:00:0Z","memory":{"usage":2}}"#,
];

/// Headers with such a value.
const HEADERS_SKIPPING: [&str; 3] = [
    r#"{"/a":{"x":@,"name":"/a","spec":{"has_cpu":true},"stats":[{"timestamp":"2026-11-21T12:00:01Z","cpu":{"usage":{"total":3}}}]}}"#,
    r#"{"/a":{"name":"/a","spec":{"x":@,"has_cpu":true,"image":"i"},"stats":[{"timestamp":"2026-11-21T12:00:01Z","cpu":{"usage":{"total":3}}}]}}"#,
    r#"{"/a":{"name":"/a","spec":{"has_cpu":true},"stats":[{"timestamp":"2026-11-21T12:00:01Z","cpu":{"usage":{"total":3}}}],"x":@}}"#,
];

/// Only what is in the skipped value may be overlooked: the rest must be read as if there were
/// another value of the same length.
fn agree_on_skipped(harness: &mut Harness, document: &str, snippet: &[u8]) {
    let bytes = placed(document, snippet);
    let shown = String::from_utf8_lossy(snippet).into_owned();
    let blank = snippet.trim_ascii().is_empty();
    if !is_balanced(snippet) || blank {
        harness.agree_by(&shown, &bytes, &|strict, other, _| {
            rule::by_damage(&bytes, strict, other)?;
            let overlooked = !blank && has_an_error(strict) && !has_an_error(other);
            if overlooked { Err("brackets that match none".to_owned()) } else { Ok(()) }
        });
        return;
    }
    let mut repair = vec![b' '; snippet.len()];
    repair[0] = b'0';
    let repaired = placed(document, &repair);
    let mut reference = Harness::new(0);
    let readings: Vec<_> = (0..Harness::SETS)
        .flat_map(|set| WantPolicy::ALL.map(|policy| (set, policy)))
        .map(|(set, policy)| reference.strict(set, policy, &repaired))
        .collect();
    harness.agree_by(&shown, &bytes, &|strict, other, _| {
        let exactly = rule::exactly(strict, other);
        let overlooked = |of: &Vec<Event>| rule::but_for_texts(of, other).is_ok();
        match exactly {
            Err(_) if is_damaged(strict) && readings.iter().any(overlooked) => Ok(()),
            // What follows a comma is no longer part of the value; its damage may be found later.
            Err(_) if has_a_comma(snippet) && has_an_error(other) => {
                rule::by_damage(&bytes, strict, other)
            }
            exactly => exactly,
        }
    });
}

#[test]
fn all_paths_read_the_same_around_a_skipped_value() {
    let mut harness = Harness::new(BUDGET);
    for sample in SAMPLES_SKIPPING {
        let document = among_others(sample);
        for (_, snippet) in SNIPPETS {
            agree_on_skipped(&mut harness, &document, snippet);
        }
    }
}

#[test]
fn all_paths_read_the_same_around_a_skipped_value_of_a_container() {
    let mut harness = Harness::new(BUDGET);
    for document in HEADERS_SKIPPING {
        for (_, snippet) in SNIPPETS {
            agree_on_skipped(&mut harness, document, snippet);
        }
    }
}

/// Samples in which the value is read: as a count, a name, a section, a list, a list's element, a
/// time.
const SAMPLES_READING: [&str; 8] = [
    r#"{"timestamp":"2026-11-21T12:00:0Z","cpu":{"usage":{"total":@,"user":4},"load_average":1}}"#,
    r#"{"timestamp":"2026-11-21T12:00:0Z","cpu":{"usage":{"x":1,"total":@}},"memory":{"usage":2}}"#,
    r#"{"timestamp":"2026-11-21T12:00:0Z","cpu":@,"memory":{"usage":2}}"#,
    r#"{"timestamp":"2026-11-21T12:00:0Z","network":{"interfaces":[{"name":@,"rx_bytes":3}]}}"#,
    r#"{"timestamp":"2026-11-21T12:00:0Z","network":{"interfaces":@},"memory":{"usage":2}}"#,
    r#"{"timestamp":"2026-11-21T12:00:0Z","network":{"interfaces":[{"name":"e","rx_bytes":3},@]}}"#,
    r#"{"timestamp":"2026-11-21T12:00:0Z","diskio":{"io_service_bytes":[{"major":@,"minor":0,"stats":{"Read":3}}]}}"#,
    r#"{"timestamp":@,"memory":{"usage":2}}"#,
];

#[test]
fn all_paths_read_the_same_of_a_wanted_value() {
    let mut harness = Harness::new(BUDGET);
    for sample in SAMPLES_READING {
        let document = among_others(sample);
        for (_, snippet) in SNIPPETS {
            let bytes = placed(&document, snippet);
            let shown = format!("{} in {sample}", String::from_utf8_lossy(snippet));
            // A sample without a time is skipped.
            if nothing_in_it_is_skipped(snippet) && !sample.contains("\"timestamp\":@") {
                harness.agree_exactly_on_what_is_read(&shown, &bytes);
            } else {
                harness.agree(&shown, &bytes);
            }
        }
    }
}

/// Keys of samples and sections; some are known keys with another spelling.
#[test]
fn all_paths_read_the_same_of_keys() {
    const SAMPLES: [&str; 3] = [
        r#"{"timestamp":"2026-11-21T12:00:0Z",@:7,"memory":{"usage":2}}"#,
        r#"{"timestamp":"2026-11-21T12:00:0Z","memory":{@:7,"usage":2}}"#,
        r#"{@:"2026-11-21T12:00:05Z","timestamp":"2026-11-21T12:00:0Z","cpu":{"usage":{"total":1}}}"#,
    ];
    let spelt = [r#""us\u0061ge""#, r#""\u0075sage""#, r#""usage\u0000""#, r#""timest\u0061mp""#];
    let spelt = spelt.map(|key| (Verdict::Yes, key.as_bytes()));
    let mut harness = Harness::new(BUDGET);
    for sample in SAMPLES {
        let document = among_others(sample).replace("17:7", "\"17\":7").replace("5:7", "\"5\":7");
        let document = document.replace("{17:", "{\"17\":").replace("{5:", "{\"5\":");
        for (_, snippet) in SNIPPETS.iter().chain(&spelt) {
            let bytes = placed(&document, snippet);
            harness.agree(&String::from_utf8_lossy(snippet), &bytes);
        }
    }
}

#[test]
fn all_paths_read_the_same_of_whole_documents() {
    let mut harness = Harness::new(BUDGET);
    for (_, snippet) in SNIPPETS {
        for (before, after) in [("", ""), (" ", "\n"), ("\u{feff}", " {}"), ("[", "]")] {
            let bytes = [before.as_bytes(), snippet, after.as_bytes()].concat();
            harness.agree_by(&String::from_utf8_lossy(&bytes), &bytes, &|strict, other, _| {
                rule::by_damage(&bytes, strict, other)?;
                let silent = has_an_error(strict) && !has_an_error(other);
                if silent { Err("no error".to_owned()) } else { Ok(()) }
            });
        }
    }
}
