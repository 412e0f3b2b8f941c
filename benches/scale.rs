//! Does a byte cost the same however many there are? *growth*: more containers, more text.
//! *adversarial*: documents made to be slow, at one size and at ten times that; their ratio is
//! printed, and above 1.5 there is a loop within a loop.

#![expect(clippy::print_stdout, reason = "the ratios are for whoever runs the benches")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use cmetrics_benches::measure::Made;
use cmetrics_benches::synthetic::{HOSTILE, Hostile, containers};
use cmetrics_benches::{asked_for, only_tests, working_set};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};

/// How often each size is run for a ratio; the least time counts.
const RUNS: usize = 3;
const HIGHEST_RATIO: f64 = 1.5;

fn growth(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("growth");
    group.sample_size(10);
    let counts: &[usize] = if only_tests() { &[10, 100] } else { &[10, 1_000, 10_000] };
    for &count in counts.iter().filter(|count| asked_for(&format!("growth/containers-{count}"))) {
        let documents = [containers(count)];
        let expected = Made::of(&[containers(1)]).times(count as u64);
        bench(&mut group, &format!("containers-{count}"), &documents, expected);
    }
    let sizes: &[usize] = match (only_tests(), std::env::var_os("CMETRICS_BENCH_LARGE")) {
        (true, _) => &[],
        (false, None) => &[10, 100],
        (false, Some(_)) => &[10, 100, 1000],
    };
    for &megabytes in sizes.iter().filter(|size| asked_for(&format!("growth/megabytes-{size}"))) {
        let documents = working_set(megabytes * 1_000_000);
        let expected = Made::expected_of_working_set(documents.len());
        bench(&mut group, &format!("megabytes-{megabytes}"), &documents, expected);
    }
    group.finish();
}

fn adversarial(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("adversarial");
    group.sample_size(10);
    let asked = |hostile: &Hostile| asked_for(&format!("adversarial/{}", hostile.name));
    for hostile in HOSTILE.into_iter().filter(asked) {
        let size = if only_tests() { hostile.size / 100 } else { hostile.size };
        let documents = (hostile.documents)(size);
        let small = cost_of_a_byte(&hostile, size);
        bench(&mut group, hostile.name, &documents, (hostile.expected)(size));
        let large = cost_of_a_byte(&hostile, 10 * size);
        // What is too small takes any time.
        if !only_tests() {
            let ratio = large / small;
            let verdict = if ratio <= HIGHEST_RATIO { "flat" } else { "NOT FLAT" };
            println!(
                "{}: {small:.2} ns a byte, and {large:.2} at ten times the size: {ratio:.2}, {verdict}",
                hostile.name
            );
        }
    }
    group.finish();
}

fn bench(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    documents: &[Vec<u8>],
    expected: Made,
) {
    group.throughput(Throughput::Bytes(length(documents)));
    group.bench_function(name, |bencher| {
        bencher.iter(|| assert_eq!(Made::of(black_box(documents)), expected));
    });
}

/// Nanoseconds, the least of a few runs.
#[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^52")]
fn cost_of_a_byte(hostile: &Hostile, size: usize) -> f64 {
    let documents = (hostile.documents)(size);
    let expected = (hostile.expected)(size);
    let run = |_| {
        let start = Instant::now();
        let made = Made::of(black_box(&documents));
        let time = start.elapsed();
        assert_eq!(made, expected, "{} of {size}", hostile.name);
        time
    };
    let least = (0..RUNS).map(run).min().unwrap_or(Duration::ZERO);
    least.as_secs_f64() * 1e9 / length(&documents) as f64
}

fn length(documents: &[Vec<u8>]) -> u64 {
    documents.iter().map(Vec::len).sum::<usize>() as u64
}

criterion_group!(benches, growth, adversarial);
criterion_main!(benches);
