//! Mutations of recorded documents, chosen by seeds.

use crate::differential::edge_cases;
use crate::differential::harness::Harness;
use crate::differential::json::Json;
use crate::differential::mutate::{self, ALL};
use crate::differential::rng::Rng;
use crate::differential::structured::DOCUMENTS;

/// A recorded document with few and short samples. Most numbers of a sample are not read, so in a
/// longer one two mutations would seldom meet.
fn small(number: usize) -> Json {
    let mut document = Json::parse(DOCUMENTS[number % DOCUMENTS.len()]);
    document.each(&mut |json| {
        if let Some(advanced) = json.get("tcp_advanced").and_then(Json::members) {
            advanced.truncate(3);
        }
        if let Some(containers) = json.get("stats").and_then(Json::items) {
            containers.truncate(3);
        }
    });
    document
}

fn agree(
    harness: &mut Harness,
    seeds: std::ops::Range<u64>,
    change: &dyn Fn(&mut Json, &mut Rng) -> String,
) {
    for seed in seeds {
        let mut rng = Rng::new(seed);
        let mut document = small(usize::try_from(seed).unwrap());
        let changes = change(&mut document, &mut rng);
        harness.agree(&format!("seed {seed}, {changes}"), document.text().as_bytes());
    }
}

#[test]
fn all_paths_read_the_same_after_each_change_alone() {
    let mut harness = Harness::new(150_000);
    for (name, mutation) in ALL {
        agree(&mut harness, 0..44, &|document, rng| {
            mutation(document, rng);
            name.to_owned()
        });
    }
}

#[test]
fn all_paths_read_the_same_after_several_changes() {
    let mut harness = Harness::new(100_000);
    agree(&mut harness, 1000..2200, &|document, rng| {
        let times = 2 + rng.below(5);
        mutate::some(document, rng, times).join(", ")
    });
}

/// The samples after a mutated one have the same form, so that its template is used and not only
/// learnt.
#[test]
fn all_paths_read_the_same_where_changed_samples_are_the_rule() {
    let mut harness = Harness::new(100_000);
    let more = ALL.iter().find(|(name, _)| *name == "more samples like one").unwrap().1;
    agree(&mut harness, 5000..5900, &|document, rng| {
        let times = 1 + rng.below(2);
        let names = mutate::some(document, rng, times);
        more(document, rng);
        more(document, rng);
        names.join(", ")
    });
}

#[test]
fn all_paths_read_the_same_with_white_space_anywhere() {
    const BLANKS: [&str; 8] =
        ["", "", "", " ", "\n", "\r\n", "\t", "                    \n\n      "];
    let mut harness = Harness::new(150_000);
    for seed in 0..300 {
        let mut rng = Rng::new(seed);
        let document = small(usize::try_from(seed).unwrap());
        // From a few places to nearly everywhere, or the same white space everywhere.
        let (often, same) = (1 + rng.below(400), rng.one_in(4));
        let all = *rng.pick(&BLANKS);
        let mut blank = || match (same, rng.one_in(often)) {
            (true, _) => all,
            (false, true) => rng.pick(&BLANKS),
            (false, false) => "",
        };
        let text = document.spaced(&mut blank);
        harness.agree_exactly(&format!("seed {seed}, once in {often}"), text.as_bytes());
    }
}

/// Text as `serde_json` and others pretty-print it: each member on a line of its own.
#[test]
fn all_paths_read_the_same_from_documents_in_lines() {
    let mut harness = Harness::new(1_000_000);
    for (number, text) in DOCUMENTS.iter().enumerate() {
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        harness.agree_exactly(&format!("document {number}"), pretty.as_bytes());
        harness.agree_exactly(
            &format!("document {number} twice"),
            format!("{pretty}\n{text}").as_bytes(),
        );
    }
}

/// Numbers of every length in every place, in samples with one template.
#[test]
fn all_paths_read_the_same_numbers_of_every_length() {
    let mut harness = Harness::new(300_000);
    for number in 0..DOCUMENTS.len() {
        for digits in 1..=20 {
            let mut rng = Rng::new(digits);
            let mut document = small(number);
            document.each(&mut |json| {
                if json.is_number() {
                    let length = usize::try_from(digits).unwrap() - rng.below(2);
                    let longest = rng.next().to_string() + "9999999999999999999";
                    let text = if length == 20 {
                        u64::MAX.to_string()
                    } else {
                        longest[..length].to_owned()
                    };
                    let text = text.trim_start_matches('0');
                    *json = Json::raw(if text.is_empty() { "0" } else { text });
                }
            });
            let what = format!("document {number}, {digits} digits");
            harness.agree_exactly(&what, document.text().as_bytes());
        }
    }
}

/// Each edge-case number in the places of a sample that have a number; the other samples stay as
/// they are.
#[test]
fn all_paths_read_the_same_whatever_number_stands_where() {
    let mut harness = Harness::new(20_000);
    for (number, edge_case) in edge_cases::NUMBERS.iter().enumerate() {
        let mut places = 0;
        small(number).each(&mut |json| places += usize::from(json.is_number()));
        for place in (number % 3..places).step_by(3 + places / 40) {
            let (mut document, mut at) = (small(number), 0);
            document.each(&mut |json| {
                if json.is_number() {
                    if at == place {
                        *json = Json::raw(*edge_case);
                    }
                    at += 1;
                }
            });
            harness.agree(&format!("{edge_case} at {place}"), document.text().as_bytes());
        }
    }
}

#[test]
fn all_paths_read_the_same_from_timestamps_in_every_form() {
    let mut harness = Harness::new(300_000);
    for number in 0..DOCUMENTS.len() {
        for time in edge_cases::TIMES {
            let mut document = small(number);
            let mut sample = 0;
            document.each(&mut |json| {
                if let Some(timestamp) = json.get("timestamp") {
                    // The first stays, so that a minute is remembered.
                    if sample > 0 || number % 2 == 0 {
                        *timestamp = Json::raw(format!("\"{time}\""));
                    }
                    sample += 1;
                }
            });
            harness
                .agree_exactly(&format!("document {number}, {time}"), document.text().as_bytes());
        }
    }
}
