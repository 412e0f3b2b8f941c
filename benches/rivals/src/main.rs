//! How fast other parsers make the same samples of the same working set: prints the same lines as
//! `parse_speed`, and `benches/compare` makes one table of both.
//!
//! First, each rival's samples are compared with those of cmetrics, all of them, on every recorded
//! document that the working set is made of.
//!
//! Arguments: passes (each is a line; 3 by default), then words of the rows that are wanted (all
//! by default).

#![allow(clippy::ptr_arg, reason = "some parsers use the room behind a document")]

mod all;
mod filler;
#[cfg(simdjson)]
mod on_demand;
mod rival;
mod typed;

use std::marker::PhantomData;
use std::time::{Duration, Instant};

use cmetrics_benches::measure::{Tally, each_sample};
use cmetrics_benches::{bytes, sources, working_set};
use cmetrics_core::parse::Parser;
use cmetrics_core::{MetricSet, Sample};

use filler::Filler;
use rival::{All, Documented, Rival, SerdeJson, SimdJson, SonicRs, Values};

/// Its name, the metrics that it reads, and whether it makes samples at all.
type Row = (String, MetricSet, bool, Box<dyn Rival>);

fn rivals() -> Vec<Row> {
    let documented = MetricSet::documented();
    let simd_json = SimdJson {
        filler: Filler::new(),
        buffers: simd_json::Buffers::default(),
        copy: Vec::new(),
        stats: PhantomData::<Documented>,
    };
    let typed = SerdeJson(Filler::new(), PhantomData::<Documented>);
    let sonic = SonicRs(Filler::new(), PhantomData::<Documented>);
    let all = SerdeJson(Filler::new(), PhantomData::<All>);
    let mut rows: Vec<Row> = vec![
        ("serde_json typed".to_owned(), documented, true, Box::new(typed)),
        ("sonic-rs typed".to_owned(), documented, true, Box::new(sonic)),
        ("simd-json typed".to_owned(), documented, true, Box::new(simd_json)),
        ("serde_json::Value".to_owned(), documented, true, Box::new(Values(Filler::new()))),
        ("serde_json typed, all metrics".to_owned(), MetricSet::all(), true, Box::new(all)),
    ];
    rows.extend(on_demand());
    rows
}

#[cfg(simdjson)]
fn on_demand() -> Vec<Row> {
    use on_demand::OnDemand;
    let name = format!("simdjson On-Demand ({})", OnDemand::instructions());
    let documented = MetricSet::documented();
    vec![
        (format!("{name}, flat structs only"), documented, false, Box::new(OnDemand::new(false))),
        (name, documented, true, Box::new(OnDemand::new(true))),
    ]
}

#[cfg(not(simdjson))]
fn on_demand() -> Vec<Row> {
    eprintln!("simdjson On-Demand is left out: this was built without libsimdjson");
    Vec::new()
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let passes = arguments.next().and_then(|passes| passes.parse().ok()).unwrap_or(3);
    let wanted: Vec<_> = arguments.collect();
    let mut rows = rivals();
    rows.retain(|(name, ..)| wanted.is_empty() || wanted.iter().any(|word| name.contains(word)));
    for (name, metrics, makes_samples, rival) in &mut rows {
        if *makes_samples {
            compare(name, *metrics, &mut **rival);
        }
    }
    let documents = working_set(bytes());
    let expected = Tally::strictly(&documents);
    for (name, _, makes_samples, rival) in &mut rows {
        for _ in 0..passes {
            let (tally, time) = timed(&mut **rival, &documents);
            assert!(!*makes_samples || tally == expected, "{name} found {tally:?}");
            let bytes: usize = documents.iter().map(Vec::len).sum();
            println!("{name}\t{bytes}\t{}\t{:.9}", expected.samples, time.as_secs_f64());
        }
    }
}

/// Asserts that a rival makes the very samples that cmetrics makes.
fn compare(name: &str, metrics: MetricSet, rival: &mut dyn Rival) {
    let mut parser = Parser::new(metrics);
    let mut count = 0;
    for document in sources() {
        let mut ours: Vec<Sample> = Vec::new();
        each_sample(&mut parser, &document, |sample| ours.push(sample.clone()));
        let mut theirs: Vec<Sample> = Vec::new();
        rival.prepare(&document);
        rival.read(&document, &mut |sample| theirs.push(sample.clone()));
        for (ours, theirs) in ours.iter().zip(&theirs) {
            assert_eq!(theirs, ours, "{name}");
        }
        assert_eq!(theirs.len(), ours.len(), "{name}");
        count += ours.len();
    }
    eprintln!("{name}: the same {count} samples");
}

/// Reads all documents. Only reading is timed, not what prepares it.
fn timed(rival: &mut dyn Rival, documents: &[Vec<u8>]) -> (Tally, Duration) {
    let (mut tally, mut time) = (Tally::default(), Duration::ZERO);
    for document in documents {
        rival.prepare(document);
        let start = Instant::now();
        rival.read(document, &mut |sample| tally.add(sample));
        time += start.elapsed();
    }
    (tally, time)
}
