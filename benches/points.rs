//! Bytes to points: of samples that are all new, of polls that mostly repeat each other, and of
//! polls that a live pipeline knows already. What is found in polls is compared with what a
//! program without cmetrics would begin with, all of the JSON as `serde_json::Value`.

#![expect(clippy::indexing_slicing, reason = "a `Value` answers null to a missing key")]

use std::collections::BTreeMap;
use std::hint::black_box;

use cmetrics_benches::measure::{Made, read_all, repeat as read_again, verifying};
use cmetrics_benches::{bytes, polls as recorded_polls, working_set};
use cmetrics_core::Pipeline;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde_json::Value;

/// CPU time of all containers from whole documents: each container's rises, sample by sample.
fn by_json_values(dumps: &[Vec<u8>]) -> u64 {
    let mut containers: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for dump in dumps {
        let document: Value = serde_json::from_slice(dump).unwrap_or_default();
        for (path, container) in document.as_object().into_iter().flatten() {
            let samples = containers.entry(path.clone()).or_default();
            for sample in container["stats"].as_array().into_iter().flatten() {
                let time = sample["timestamp"].as_str().unwrap_or_default();
                let total = sample["cpu"]["usage"]["total"].as_u64().unwrap_or_default();
                // Padded, so that texts sort as times: Go leaves trailing zeros out.
                samples.entry(format!("{:0<30}", time.trim_end_matches('Z'))).or_insert(total);
            }
        }
    }
    let rises = containers.values().flat_map(|samples| {
        let totals: Vec<_> = samples.values().copied().collect();
        let rise = |pair: (&u64, &u64)| if pair.1 >= pair.0 { pair.1 - pair.0 } else { *pair.1 };
        totals.iter().zip(totals.iter().skip(1)).map(rise).collect::<Vec<_>>()
    });
    rises.sum()
}

fn points(criterion: &mut Criterion) {
    let documents = working_set(bytes());
    let expected = Made::expected_of_working_set(documents.len());
    assert!(expected.points > 0);

    let mut group = criterion.benchmark_group("points");
    group.throughput(throughput(&documents)).sample_size(10);
    group.bench_function("all-new", |bencher| {
        bencher.iter(|| assert_eq!(Made::of(black_box(&documents)), expected));
    });
    group.finish();
}

fn polls(criterion: &mut Criterion) {
    let rounds = recorded_polls(bytes());
    let one = Made::of(rounds.first().map_or(&[], Vec::as_slice));
    let expected = one.times(rounds.len() as u64);
    let first = rounds.first().map_or(&[][..], Vec::as_slice);
    assert_eq!(by_json_values(first), one.cpu, "no growth may be lost");
    let documents = rounds.concat();

    let mut group = criterion.benchmark_group("polls");
    group.throughput(throughput(&documents)).sample_size(10);
    group.bench_function("into-one-pipeline", |bencher| {
        bencher.iter(|| assert_eq!(Made::of(black_box(&documents)), expected));
    });
    group.finish();
}

fn repeat(criterion: &mut Criterion) {
    let documents = recorded_polls(bytes()).concat();
    let live = |pipeline: Pipeline| {
        let mut pipeline = pipeline;
        read_again(&mut pipeline, &documents);
        let before = Made::by(&pipeline);
        read_again(&mut pipeline, &documents);
        let read = before.samples + before.duplicates;
        let expected = Made { duplicates: before.duplicates + read, ..before };
        assert_eq!(Made::by(&pipeline), expected, "every sample was known");
        pipeline
    };
    let walking = live(verifying(Pipeline::default()));

    let mut group = criterion.benchmark_group("repeat");
    group.throughput(throughput(&documents)).sample_size(10);
    for (name, mut pipeline) in [("all-seen", live(read_all(&[]))), ("verified", walking)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| read_again(&mut pipeline, black_box(&documents)));
        });
    }
    group.finish();
}

fn throughput(documents: &[Vec<u8>]) -> Throughput {
    Throughput::Bytes(documents.iter().map(Vec::len).sum::<usize>() as u64)
}

criterion_group!(benches, points, polls, repeat);
criterion_main!(benches);
