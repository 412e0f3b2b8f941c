//! Samples to changes, and changes to points: the stages behind the parser, each alone.

use std::hint::black_box;
use std::sync::Arc;

use cmetrics_benches::measure::{Made, read_all};
use cmetrics_benches::{bytes, working_set};
use cmetrics_core::aggregate::Aggregator;
use cmetrics_core::delta::{Change, Growth, Tracker};
use cmetrics_core::{DataPoint, Metric, Sample, Series, Settings, Timestamp};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// A container's samples in rising time.
struct History {
    name: Arc<str>,
    starts: Vec<Timestamp>,
    cpus: Option<u64>,
    samples: Vec<Sample>,
}

impl History {
    /// A tracker that knows when the container was started, as a pipeline's does.
    fn tracker(&self) -> Tracker {
        let mut tracker = Tracker::new(&Settings::default());
        for start in &self.starts {
            tracker.note_start(*start);
        }
        if let Some(cpus) = self.cpus {
            tracker.note_cpus(cpus);
        }
        tracker
    }
}

/// As many as the documents have that a quarter of the working set holds: samples are a small
/// part of their text, and so it takes that much to leave the caches.
fn histories() -> Vec<History> {
    let pipeline = read_all(&working_set(bytes() / 4));
    let history = |series: &Series| History {
        name: series.identity().name().clone(),
        starts: series.starts().collect(),
        cpus: series.cpus(),
        samples: series.samples().collect(),
    };
    pipeline.series().map(history).collect()
}

/// What the CPU grew by, in all changes.
fn cpu_growth(change: &Change) -> u64 {
    match change {
        Change::Growth { metric: Metric::CpuUsage, growth } => match *growth {
            Growth::Shared { growth, .. } | Growth::Credited { growth, .. } => {
                growth.try_into().unwrap_or(0)
            }
            Growth::Unattributed { .. } => 0,
        },
        _ => 0,
    }
}

fn track(histories: &[History]) -> u64 {
    let mut cpu = 0_u64;
    for history in histories {
        let mut tracker = history.tracker();
        let mut tell = |change| cpu = cpu.wrapping_add(cpu_growth(&change));
        for sample in &history.samples {
            let told = tracker.observe(sample, &mut tell);
            assert!(told.is_ok(), "samples come in rising time");
        }
        tracker.finish(&mut tell);
    }
    cpu
}

fn aggregate_all(histories: &[History]) -> (u64, u64) {
    let (mut points, mut cpu) = (0, 0_u64);
    for history in histories {
        let mut give = |point: DataPoint| {
            points += 1;
            cpu = cpu.wrapping_add(point.growth(Metric::CpuUsage).unwrap_or_default());
        };
        let mut aggregator = Aggregator::new(history.name.clone(), Settings::default());
        let mut tracker = history.tracker();
        for sample in &history.samples {
            let observed = aggregator.observe(&mut tracker, sample);
            assert!(observed.is_ok(), "samples come in rising time");
            aggregator.settle(&tracker, sample.time(), &mut give);
        }
        aggregator.finish(tracker, &mut |_| (), &mut give);
    }
    (points, cpu)
}

fn stages(criterion: &mut Criterion) {
    let histories = histories();
    let documents = working_set(bytes() / 4).len();
    let expected = Made::expected_of_working_set(documents);
    let samples: usize = histories.iter().map(|history| history.samples.len()).sum();
    assert_eq!(samples as u64, expected.samples);

    let mut group = criterion.benchmark_group("delta");
    group.throughput(Throughput::Elements(samples as u64)).sample_size(20);
    group.bench_function("tracker", |bencher| {
        bencher.iter(|| assert_eq!(track(black_box(&histories)), expected.cpu));
    });
    group.finish();

    let mut group = criterion.benchmark_group("aggregate");
    group.throughput(Throughput::Elements(samples as u64)).sample_size(20);
    group.bench_function("aggregator", |bencher| {
        let expected = (expected.points, expected.cpu);
        bencher.iter(|| assert_eq!(aggregate_all(black_box(&histories)), expected));
    });
    group.finish();
}

criterion_group!(benches, stages);
criterion_main!(benches);
