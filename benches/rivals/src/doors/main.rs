//! How fast documents of the other JSON doors are read, by cmetrics and by parsers that fill structs
//! of the same fields: `doors [PASSES [CONTENDER…]]` prints the seconds of each pass, or `doors count
//! DOOR CONTENDER TIMES` for a count of instructions. Each contender has to find the same.

#![allow(clippy::print_stdout, reason = "this is what it is for")]
#![allow(clippy::expect_used, reason = "documents of its own are sound")]

mod documents;
mod engine;
#[cfg(simdjson)]
mod on_demand;
mod otlp;
mod summary;
mod tally;

use std::hint::black_box;

use cmetrics_core::parse::Parser;
use cmetrics_core::{MetricSet, Sample};
use rustix::time::{ClockId, clock_gettime};
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

const CONTENDERS: &[&str] = &[
    "cmetrics",
    "sonic-rs",
    "simd-json",
    #[cfg(simdjson)]
    ON_DEMAND,
];

#[cfg(simdjson)]
const ON_DEMAND: &str = "simdjson On-Demand";

/// What contenders keep from document to document.
struct Kept {
    parser: Parser,
    buffers: simd_json::Buffers,
    /// The documents, for the one that writes over its input.
    copies: Vec<Vec<u8>>,
    #[cfg(simdjson)]
    on_demand: on_demand::OnDemand,
}

impl Kept {
    fn new() -> Self {
        Self {
            parser: Parser::new(MetricSet::all()),
            buffers: simd_json::Buffers::default(),
            copies: Vec::new(),
            #[cfg(simdjson)]
            on_demand: on_demand::OnDemand::new(),
        }
    }

    /// What is no part of reading.
    fn prepare(&mut self, contender: &str, documents: &[Vec<u8>]) {
        if contender == "simd-json" {
            self.copies = documents.to_vec();
        }
    }

    /// Reads documents of this door, and returns what they say.
    #[cfg_attr(not(simdjson), allow(unused_variables, reason = "the door is told by the type"))]
    fn read<D: DocumentOf>(&mut self, contender: &str, door: &str, documents: &[Vec<u8>]) -> Tally {
        let mut tally = Tally::default();
        match contender {
            "cmetrics" => {
                for document in documents {
                    self.parser.read_bytes(document, &mut tally);
                }
            }
            "sonic-rs" => {
                for document in documents {
                    let document: D::Document<'_> = sonic_rs::from_slice(document).expect("JSON");
                    document.samples(&mut |sample| tally.add(sample));
                }
            }
            #[cfg(simdjson)]
            ON_DEMAND => {
                for document in documents {
                    self.on_demand.read(door, document, &mut tally);
                }
            }
            _ => {
                for document in &mut self.copies {
                    let document: D::Document<'_> =
                        simd_json::serde::from_slice_with_buffers(document, &mut self.buffers)
                            .expect("JSON");
                    document.samples(&mut |sample| tally.add(sample));
                }
            }
        }
        tally
    }
}

fn compare<D: DocumentOf>(door: &str, documents: Vec<Vec<u8>>, arguments: &[String]) {
    #[cfg(simdjson)]
    let documents = {
        let mut documents = documents;
        documents.iter_mut().for_each(on_demand::make_room);
        documents
    };
    let bytes: usize = documents.iter().map(Vec::len).sum();
    let mut kept = Kept::new();
    if let [count, of, contender, times] = arguments
        && count == "count"
    {
        if of == door {
            for _ in 0..times.parse().unwrap_or(1) {
                kept.prepare(contender, &documents);
                black_box(kept.read::<D>(contender, door, black_box(&documents)));
            }
            println!("{bytes}");
        }
        return;
    }
    let expected = kept.read::<D>("cmetrics", door, &documents);
    assert!(expected.samples > 0 && expected.errors == 0, "{expected:?}");
    let passes = arguments.first().and_then(|passes| passes.parse().ok()).unwrap_or(5);
    let selected = arguments.get(1..).unwrap_or_default();
    for _ in 0..passes {
        let is_selected =
            |name: &&&str| selected.is_empty() || selected.iter().any(|one| one == *name);
        for contender in CONTENDERS.iter().filter(is_selected) {
            kept.prepare(contender, &documents);
            let start = cpu_seconds();
            let tally = kept.read::<D>(contender, door, &documents);
            let seconds = cpu_seconds() - start;
            assert_eq!(tally, expected, "{door}, {contender}");
            println!("{door}, {}\t{bytes}\t{}\t{seconds}", name_of(contender), tally.samples);
        }
    }
}

fn name_of(contender: &str) -> String {
    #[cfg(simdjson)]
    if contender == ON_DEMAND {
        return format!("{ON_DEMAND} ({})", on_demand::instructions());
    }
    contender.to_owned()
}

/// The time that this thread was running, so that other load on the machine does not count.
fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    #[allow(clippy::cast_precision_loss, reason = "far below 2^53")]
    let (seconds, nanos) = (time.tv_sec as f64, time.tv_nsec as f64);
    seconds + nanos / 1e9
}

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    compare::<engine::Family>("engine", documents::engine(2000), &arguments);
    compare::<summary::Family>("summary", documents::summary(100), &arguments);
    compare::<otlp::Family>("otlp", documents::otlp(100), &arguments);
}
