//! Bytes to samples: for each set of instructions that this processor has, the documented metrics
//! and all of them; and with the syntax of every value checked.

use std::hint::black_box;

use cmetrics_benches::measure::Tally;
use cmetrics_benches::{bytes, working_set};
use cmetrics_core::MetricSet;
use cmetrics_core::parse::{Instructions, Parser};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn parse(criterion: &mut Criterion) {
    let documents = working_set(bytes());
    let length: usize = documents.iter().map(Vec::len).sum();
    let expected = Tally::strictly(&documents);
    assert!(expected.samples > 0);

    let mut group = criterion.benchmark_group("parse");
    group.throughput(Throughput::Bytes(length as u64)).sample_size(10);
    let sets = [("documented", MetricSet::documented()), ("all", MetricSet::all())];
    for (set, metrics) in sets {
        let with = |instructions| {
            let parser = Parser::with_instructions(metrics, instructions)?;
            Some((format!("{set}/{instructions:?}"), parser))
        };
        let mut parsers: Vec<_> = Instructions::available().into_iter().filter_map(with).collect();
        parsers.push((format!("{set}/strict"), Parser::strict(metrics)));
        for (name, mut parser) in parsers {
            group.bench_function(name, |bencher| {
                bencher.iter(|| {
                    assert_eq!(Tally::of(&mut parser, black_box(&documents)), expected);
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, parse);
criterion_main!(benches);
