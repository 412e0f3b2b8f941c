//! Copies of known samples, over which a parser may jump.

use cmetrics_core::parse::{Instructions, Parser};
use cmetrics_core::{Metric, MetricSet};

use crate::common::{recorded, unpacked};
use crate::differential::event::Event;
use crate::differential::input::Input;
use crate::differential::json::Json;
use crate::differential::receiver::EventLog;
use crate::differential::rng::Rng;
use crate::differential::rule;
use crate::differential::structured::DOCUMENTS;

/// The calls for one poll after another, to a receiver that remembers samples.
fn feed(parser: &mut Parser, jumps: bool, input: Input, polls: &[Vec<u8>]) -> Vec<Event> {
    let mut live = EventLog::live(jumps);
    for poll in polls {
        let length = input.feed(parser, poll, &mut live);
        live.events.push(Event::End(length));
    }
    live.events
}

fn metric_sets() -> [MetricSet; 3] {
    let few = [Metric::NetworkRxPackets].into_iter().collect();
    [MetricSet::documented(), MetricSet::all(), few]
}

/// Checks the calls made without and with jumps.
type Check<'c> = &'c dyn Fn(&str, &[Event], &[Event]);

/// Calls `check` with the calls of the strict reader without jumps, and those of each path with
/// jumps.
fn with_jumps(polls: &[Vec<u8>], inputs: &[Input], check: Check<'_>) {
    for metrics in metric_sets() {
        let walked = feed(&mut Parser::strict(metrics), false, Input::Slice, polls);
        let known = walked.iter().filter(|event| matches!(event, Event::Wants(_))).count();
        let new = walked.iter().filter(|event| matches!(event, Event::Sample(..))).count();
        assert!(known > new && new > 0, "{new} new samples of {known}");
        for instructions in Instructions::available() {
            for &input in inputs {
                let mut parser = Parser::with_instructions(metrics, instructions).unwrap();
                let jumped = feed(&mut parser, true, input, polls);
                check(&format!("{instructions:?}, {input:?}"), &walked, &jumped);
            }
        }
    }
}

fn agree(polls: &[Vec<u8>], inputs: &[Input]) {
    with_jumps(polls, inputs, &|what, walked, jumped| {
        if let Err(difference) = rule::exactly(walked, jumped) {
            panic!("{what}: {difference}");
        }
    });
}

#[test]
fn recorded_polls_give_the_same_with_and_without_jumps() {
    for (set, endpoint) in [
        ("dynamic", "v1.2-docker"),
        ("steady-1s", "v2.0-stats-docker"),
        ("v060-1s", "v2.1-machinestats"),
        ("dynamic", "v2.1-stats"),
    ] {
        let paths = recorded(set, endpoint);
        let polls = paths.iter().take(3).map(|path| unpacked(path).into_bytes());
        let mut polls: Vec<_> = polls.collect();
        polls.push(polls[0].clone());
        agree(&polls, &[Input::Slice, Input::Blocks(4096)]);
    }
}

/// Samples of a container, as recorded but at times of their own.
fn samples(number: usize, count: usize) -> Vec<Json> {
    let document = Json::parse(DOCUMENTS[number % DOCUMENTS.len()]);
    let mut sample = document.clone();
    let sample = sample.pick(&mut Rng::new(1), &Json::is_sample).unwrap().clone();
    let mut rng = Rng::new(number as u64);
    let at = |index: usize| {
        let mut sample = sample.clone();
        let time = format!("\"2026-11-21T12:{:02}:{:02}.25Z\"", index / 60, index % 60);
        *sample.get("timestamp").unwrap() = Json::raw(time);
        sample.each(&mut |json| {
            if json.is_number() && rng.one_in(5) {
                *json = Json::raw((rng.next() >> rng.below(60)).to_string());
            }
        });
        sample
    };
    (0..count).map(at).collect()
}

/// A document with these samples. If they are from v2.1, it has no `name`.
fn container(path: &str, samples: &[Json]) -> String {
    let texts: Vec<_> = samples.iter().map(Json::text).collect();
    container_of_texts(path, &texts)
}

fn container_of_texts(path: &str, samples: &[String]) -> String {
    let is_v2_1 = samples.iter().any(|sample| sample.contains("totalUsageBytes"));
    let name = if is_v2_1 { String::new() } else { format!("\"name\":\"{path}\",") };
    let stats = samples.join(",").replace(", \n,", ", \n");
    format!(r#"{{"{path}":{{{name}"spec":{{"has_cpu":true}},"stats":[{stats}]}}}}"#)
}

#[test]
fn polls_whose_windows_overlap_give_the_same_with_and_without_jumps() {
    for number in 0..DOCUMENTS.len() {
        let samples = samples(number, 24);
        // Forward, the same again, back, with a hole, and reversed.
        let mut windows: Vec<Vec<Json>> = [0..6, 1..7, 1..7, 4..10, 9..15, 3..20, 0..24, 12..13]
            .map(|window| samples[window].to_vec())
            .to_vec();
        windows.push(samples.iter().step_by(2).cloned().collect());
        windows.push(samples.iter().rev().cloned().collect());
        let polls: Vec<_> = windows.iter().map(|w| container("/a", w).into_bytes()).collect();
        agree(&polls, &Input::ALL);
    }
}

/// Ways in which a copy may differ from the sample that it copies.
fn changed(sample: &Json, rng: &mut Rng) -> String {
    let text = sample.text();
    let end = text.len() - 1;
    match rng.below(9) {
        0 => format!("{} }}", &text[..end]),
        1 => format!("{},\"x\":0}}", &text[..end]),
        2 => text.replacen("\"cpu\":{", "\"cpu\":{\"x\":[],", 1),
        3 => text.replacen(":{\"usage\":{", ": {\"usage\":{", 1),
        4 => format!("{text},null"),
        5 => format!("{text},{{\"timestamp\":\"2026-11-21T12:00:59Z\"}}"),
        6 => format!("{text} , \n"),
        // Of the same length, with another end or another middle.
        7 => text.replace("0,", "1,"),
        _ => format!("{}}} ", &text[..end]).replacen("{}", "[]", 1),
    }
}

/// The samples that were delivered for a container.
fn samples_of<'e>(events: &'e [Event], path: &str) -> Vec<&'e Event> {
    let mut here = false;
    let mut found = Vec::new();
    for event in events {
        if let Event::Container(container, _) = event {
            here = container.path == path;
        }
        if here && matches!(event, Event::Sample(..)) {
            found.push(event);
        }
    }
    found
}

/// Text that is mistaken for a copy affects at most samples of its own document.
#[test]
fn copies_that_differ_spoil_no_other_document() {
    for seed in 0..180 {
        let mut rng = Rng::new(seed);
        let number = usize::try_from(seed).unwrap();
        let (ours, others) = (samples(number, 12), samples(number + 1, 12));
        let mut spoilt: Vec<_> = ours[..8].iter().map(Json::text).collect();
        for _ in 0..=rng.below(3) {
            let index = rng.below(8);
            spoilt[index] = changed(&ours[index], &mut rng);
        }
        if rng.one_in(3) {
            let index = rng.below(7);
            spoilt.swap(index, index + 1);
        }
        let end = if rng.one_in(2) { "\n" } else { "" };
        let spoilt = container_of_texts("/a", &spoilt) + end + &container("/b", &others[2..9]);
        let polls = [
            container("/a", &ours[..6]) + &container("/b", &others[..6]),
            spoilt,
            container("/a", &ours[2..10]) + &container("/b", &others[3..12]),
        ];
        let later = ours[8..10].len();
        with_jumps(
            &polls.map(String::into_bytes),
            &[Input::Slice, Input::Blocks(64)],
            &|what, walked, jumped| {
                assert_eq!(
                    samples_of(walked, "/b"),
                    samples_of(jumped, "/b"),
                    "seed {seed}, {what}"
                );
                let (walked, jumped) = (samples_of(walked, "/a"), samples_of(jumped, "/a"));
                assert_eq!(walked[..6], jumped[..6], "seed {seed}, {what}");
                let last = |samples: &[&Event]| -> Vec<Event> {
                    samples[samples.len() - later..].iter().map(|event| (*event).clone()).collect()
                };
                assert_eq!(last(&walked), last(&jumped), "seed {seed}, {what}");
            },
        );
    }
}

/// What follows a copy matters too: the end of the list, the next known sample, or another.
#[test]
fn a_copy_with_another_neighbour_is_walked_over() {
    let all = samples(6, 9);
    let pick = |indices: &[usize]| -> Vec<Json> {
        indices.iter().map(|&index| all[index].clone()).collect()
    };
    let polls: Vec<_> = [
        &[0, 2, 4, 6][..],
        &[0, 1, 2, 3, 4],
        &[4, 0],
        &[6, 7],
        &[0, 0, 2, 2, 8, 4],
        &[5, 6, 4, 3, 2, 1, 0],
        &[0, 1, 2, 3, 4, 5, 6, 7, 8],
    ]
    .iter()
    .map(|indices| container("/a", &pick(indices)).into_bytes())
    .collect();
    agree(&polls, &Input::ALL);
}

/// Known samples may be missing between a copy and the sample after it in a poll.
#[test]
fn a_copy_is_walked_over_where_a_later_sample_than_the_known_next_follows() {
    let all = samples(6, 10);
    let polls: Vec<_> = [&[0, 2, 4, 6][..], &[0, 4], &[2, 6], &[0, 6, 7], &[2, 8], &[0, 9, 4, 8]]
        .iter()
        .map(|indices| {
            let picked: Vec<_> = indices.iter().map(|&index| all[index].clone()).collect();
            container("/a", &picked).into_bytes()
        })
        .collect();
    agree(&polls, &Input::ALL);
}

/// A poll that ends inside a copy.
#[test]
fn a_poll_that_is_cut_gives_the_same_with_and_without_jumps() {
    let all = samples(1, 4);
    let whole = container("/a", &all).into_bytes();
    for cut in (1..whole.len()).step_by(61) {
        let polls = [whole.clone(), whole[..cut].to_vec(), whole.clone()];
        agree(&polls, &[Input::Slice]);
    }
}
