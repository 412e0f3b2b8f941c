//! How fast cmetrics reads a working set in memory: a line for each way of reading it, with what
//! it took. `benches/compare` runs this in turn with the rivals and makes a table of both.
//!
//! Arguments: passes (each is a line; 3 by default), then words of the rows that are wanted (all
//! by default).

#![expect(clippy::print_stdout, reason = "this is what it is for")]

use std::time::Instant;

use cmetrics_benches::measure::{Made, Tally, repeat, verifying};
use cmetrics_benches::{bytes, polls, working_set};
use cmetrics_core::parse::{Instructions, Parser};
use cmetrics_core::{MetricSet, Pipeline};

struct Runs {
    passes: usize,
    rows: Vec<String>,
}

impl Runs {
    fn wanted(&self, name: &str) -> bool {
        self.rows.is_empty() || self.rows.iter().any(|row| name.contains(&**row))
    }

    /// Measures one row: prints name, bytes, samples and seconds for each pass.
    fn row(&self, name: &str, documents: &[Vec<u8>], samples: u64, pass: &mut dyn FnMut()) {
        if !self.wanted(name) {
            return;
        }
        let bytes: usize = documents.iter().map(Vec::len).sum();
        for _ in 0..self.passes {
            let start = Instant::now();
            pass();
            println!("{name}\t{bytes}\t{samples}\t{:.9}", start.elapsed().as_secs_f64());
        }
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let passes = arguments.next().and_then(|passes| passes.parse().ok()).unwrap_or(3);
    let runs = Runs { passes, rows: arguments.collect() };
    parse(&runs);
    polled(&runs);
}

fn parse(runs: &Runs) {
    let documents = working_set(bytes());
    let expected = Tally::strictly(&documents);
    let row = |name: &str, parser: Option<Parser>| {
        let Some(mut parser) = parser else { return };
        runs.row(name, &documents, expected.samples, &mut || {
            assert_eq!(Tally::of(&mut parser, &documents), expected);
        });
    };
    for instructions in Instructions::available() {
        let name = format!("parse, {instructions:?}");
        row(&name, Parser::with_instructions(MetricSet::documented(), instructions));
    }
    for instructions in Instructions::available() {
        let name = format!("parse --metrics all, {instructions:?}");
        row(&name, Parser::with_instructions(MetricSet::all(), instructions));
    }
    row("parse, strict", Some(Parser::strict(MetricSet::documented())));
    if runs.wanted("points, every sample new") {
        let expected = Made::expected_of_working_set(documents.len());
        runs.row("points, every sample new", &documents, expected.samples, &mut || {
            assert_eq!(Made::of(&documents), expected);
        });
    }
}

fn polled(runs: &Runs) {
    let rounds = polls(bytes());
    let one = rounds.first().map_or(&[][..], Vec::as_slice);
    let expected = Made::of(one).times(rounds.len() as u64);
    let documents = rounds.concat();
    let samples = expected.samples + expected.duplicates;
    runs.row("points, polls into one pipeline", &documents, samples, &mut || {
        assert_eq!(Made::of(&documents), expected);
    });
    let pipelines = [
        ("repeat, every sample seen", Pipeline::default()),
        ("repeat, verified", verifying(Pipeline::default())),
    ];
    for (name, mut pipeline) in pipelines.into_iter().filter(|(name, _)| runs.wanted(name)) {
        repeat(&mut pipeline, &documents);
        runs.row(name, &documents, samples, &mut || repeat(&mut pipeline, &documents));
        let again = samples * runs.passes as u64;
        let expected = Made { duplicates: expected.duplicates + again, ..expected };
        assert_eq!(Made::by(&pipeline), expected);
    }
}
