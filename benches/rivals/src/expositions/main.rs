//! How fast other parsers of expositions read the same scrapes: prints the same lines as
//! `exposition_speed`, and `benches/compare` makes one table of both.
//!
//! Arguments: passes (each is a line; 3 by default), then words of the rows that are wanted (all
//! by default).

#![allow(clippy::print_stdout, reason = "this is what it is for")]
#![allow(clippy::expect_used, reason = "recorded scrapes are sound")]

use std::io::Error;
use std::time::Instant;

use cmetrics_benches::measure::{Memory, memory};
use cmetrics_benches::{bytes, expositions};
use cmetrics_core::MetricSet;
use cmetrics_core::parse::Parser;
use openmetrics_parser::PrometheusValue;
use openmetrics_parser::prometheus::parse_prometheus;
use prometheus_parse::{Scrape, Value};

/// The part of the scrapes that each reads, for all of them are slow.
const PART: usize = 8;

type Read = fn(&str, &mut Memory);
const PARSERS: [(&str, Read); 2] =
    [("prometheus-parse", prometheus), ("openmetrics-parser", openmetrics)];
/// Makes scrapes of at least so many bytes.
type Scrapes = fn(usize) -> Vec<Vec<u8>>;

const SETS: [(&str, Scrapes); 2] =
    [("stable heads", expositions::stable), ("changing heads", expositions::changing)];

fn prometheus(scrape: &str, memory: &mut Memory) {
    let lines = scrape.lines().map(|line| Ok::<_, Error>(line.to_owned()));
    for sample in Scrape::parse(lines).expect("a sound scrape").samples {
        if sample.metric == Memory::FAMILY
            && let Value::Counter(bytes) | Value::Gauge(bytes) | Value::Untyped(bytes) =
                sample.value
        {
            memory.add(whole(bytes));
        }
    }
}

fn openmetrics(scrape: &str, memory: &mut Memory) {
    let read = parse_prometheus(scrape).expect("a sound scrape");
    let of_memory = read.families.get(Memory::FAMILY).expect("the family");
    for sample in of_memory.iter_samples() {
        if let PrometheusValue::Gauge(value) = &sample.value {
            memory.add(whole(value.as_f64()));
        }
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bytes of memory")]
fn whole(bytes: f64) -> u64 {
    bytes as u64
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let passes = arguments.next().and_then(|passes| passes.parse().ok()).unwrap_or(3);
    let words: Vec<_> = arguments.collect();
    for (set, scrapes) in SETS {
        let scrapes = scrapes(bytes() / PART);
        let expected = memory(&mut Parser::strict(MetricSet::all()), &scrapes);
        let size: usize = scrapes.iter().map(Vec::len).sum();
        for (parser, read) in PARSERS {
            let name = format!("{set}, {parser}");
            if !words.is_empty() && !words.iter().any(|word| name.contains(&**word)) {
                continue;
            }
            for _ in 0..passes {
                let start = Instant::now();
                let mut found = Memory::default();
                for scrape in &scrapes {
                    read(std::str::from_utf8(scrape).expect("UTF-8"), &mut found);
                }
                let seconds = start.elapsed().as_secs_f64();
                assert_eq!(found, expected, "{name}");
                println!("{name}\t{size}\t{}\t{seconds:.9}", expected.samples);
            }
        }
    }
}
