//! Bytes to points, beside what a program without cmetrics would begin with: all of the JSON as
//! `serde_json::Value`. Both read the same dumps and must find the same CPU growth.

#![expect(clippy::indexing_slicing, reason = "a `Value` answers null to a missing key")]

use std::collections::BTreeMap;
use std::hint::black_box;

use cmetrics_benches::recorded;
use cmetrics_core::{Metric, Pipeline};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde_json::Value;

/// CPU time of all containers, shared out over intervals by cmetrics.
fn by_cmetrics(dumps: &[Vec<u8>]) -> u64 {
    let mut pipeline = Pipeline::default();
    for dump in dumps {
        pipeline.read("recorded", dump.as_slice());
    }
    pipeline.points().iter().filter_map(|point| point.growth(Metric::CpuUsage)).sum()
}

/// The same from whole documents in memory: each container's rises, sample by sample.
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
    let dumps = recorded("steady-1s", "v1.2-docker");
    let bytes = dumps.iter().map(Vec::len).sum::<usize>() as u64;
    let expected = by_json_values(&dumps);
    assert!(expected > 0);
    assert_eq!(by_cmetrics(&dumps), expected, "no growth may be lost");

    let mut group = criterion.benchmark_group("points");
    group.throughput(Throughput::Bytes(bytes)).sample_size(20);
    group.bench_function("cmetrics", |bencher| {
        bencher.iter(|| assert_eq!(by_cmetrics(black_box(&dumps)), expected));
    });
    group.bench_function("serde_json::Value", |bencher| {
        bencher.iter(|| assert_eq!(by_json_values(black_box(&dumps)), expected));
    });
    group.finish();
}

criterion_group!(benches, points);
criterion_main!(benches);
