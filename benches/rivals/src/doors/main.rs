//! How fast documents of the other JSON doors are read, by cmetrics and by parsers that fill structs
//! of the same fields: `doors [PASSES]`, or `doors count DOOR CONTENDER TIMES` for a count of
//! instructions. Each contender has to make the same samples.

#![allow(clippy::print_stdout, reason = "this is what it is for")]
#![allow(clippy::expect_used, reason = "documents of its own are sound")]

mod documents;
mod engine;
mod otlp;
mod summary;
mod tally;

use std::hint::black_box;
use std::time::Instant;

use cmetrics_core::parse::Parser;
use cmetrics_core::{MetricSet, Sample};
use serde::Deserialize;
use tally::Tally;

/// Structs of a document, which give their samples to `take`.
trait Document<'t>: Deserialize<'t> {
    fn samples(&self, take: &mut dyn FnMut(&Sample));
}

/// A family of structs, one for each lifetime of the text.
trait DocumentOf {
    type Document<'t>: Document<'t>;
}

const CONTENDERS: [&str; 3] = ["cmetrics", "sonic-rs", "simd-json"];

fn read<D: DocumentOf>(contender: &str, parser: &mut Parser, documents: &[Vec<u8>]) -> Tally {
    let mut tally = Tally::default();
    match contender {
        "cmetrics" => {
            for document in documents {
                parser.read_bytes(document, &mut tally);
            }
        }
        "sonic-rs" => {
            for document in documents {
                let document: D::Document<'_> = sonic_rs::from_slice(document).expect("JSON");
                document.samples(&mut |sample| tally.add(sample));
            }
        }
        _ => {
            let mut buffers = simd_json::Buffers::default();
            let mut copy = Vec::new();
            for document in documents {
                copy.clear();
                copy.extend_from_slice(document);
                let document: D::Document<'_> =
                    simd_json::serde::from_slice_with_buffers(&mut copy, &mut buffers)
                        .expect("JSON");
                document.samples(&mut |sample| tally.add(sample));
            }
        }
    }
    tally
}

fn compare<D: DocumentOf>(name: &str, documents: &[Vec<u8>], arguments: &[String]) {
    let bytes: usize = documents.iter().map(Vec::len).sum();
    let mut parser = Parser::new(MetricSet::all());
    if let [count, door, contender, times] = arguments
        && count == "count"
    {
        if door == name {
            for _ in 0..times.parse().unwrap_or(1) {
                black_box(read::<D>(contender, &mut parser, black_box(documents)));
            }
            println!("{bytes}");
        }
        return;
    }
    let expected = read::<D>("cmetrics", &mut parser, documents);
    assert!(expected.samples > 0 && expected.errors == 0, "{expected:?}");
    let passes = arguments.first().and_then(|passes| passes.parse().ok()).unwrap_or(5);
    let mut best = [f64::MAX; CONTENDERS.len()];
    for _ in 0..passes {
        for (contender, best) in CONTENDERS.iter().zip(&mut best) {
            let start = Instant::now();
            let tally = read::<D>(contender, &mut parser, documents);
            *best = best.min(start.elapsed().as_secs_f64());
            assert_eq!(tally, expected, "{name}, {contender}");
        }
    }
    for (contender, best) in CONTENDERS.iter().zip(best) {
        #[allow(clippy::cast_precision_loss, reason = "far below 2^53")]
        let speed = bytes as f64 / best / 1e9;
        println!("{name}\t{contender}\t{speed:.2} GB/s");
    }
}

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    compare::<engine::Family>("engine", &documents::engine(2000), &arguments);
    compare::<summary::Family>("summary", &documents::summary(100), &arguments);
    compare::<otlp::Family>("otlp", &documents::otlp(100), &arguments);
}
