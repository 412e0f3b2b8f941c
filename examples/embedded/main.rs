//! The parser, the tracker and the aggregator alone, in a program that does the rest itself: it reads
//! one of cAdvisor's replies, and prints how many cores each container used in each interval.
//!
//! ```sh
//! cargo run --manifest-path examples/embedded/Cargo.toml < reply.json
//! ```

use std::collections::BTreeMap;
use std::io;
use std::process::ExitCode;

use cmetrics_core::aggregate::Aggregator;
use cmetrics_core::delta::Tracker;
use cmetrics_core::parse::{DocumentKind, Parser, Receiver, Wanted};
use cmetrics_core::{Container, DataPoint, Error, Metric, MetricSet, Sample, Settings, Timestamp};

/// The samples of all containers, each once and by time: replies need not list them in order.
#[derive(Default)]
struct Samples {
    by_container: BTreeMap<String, BTreeMap<Timestamp, Sample>>,
    current: String,
    errors: Vec<Error>,
}

impl Receiver for Samples {
    fn container(&mut self, container: &Container, _: DocumentKind) {
        self.current = container.name(None);
    }

    fn wants(&mut self, time: Timestamp) -> Wanted {
        let known = self.by_container.get(&self.current);
        match known.is_some_and(|samples| samples.contains_key(&time)) {
            true => Wanted::Nothing,
            false => Wanted::Whole,
        }
    }

    fn sample(&mut self, sample: &Sample, _: &[u8]) {
        let samples = self.by_container.entry(self.current.clone()).or_default();
        samples.insert(sample.time(), sample.clone());
    }

    fn error(&mut self, error: Error) {
        self.errors.push(error);
    }
}

fn points(name: &str, samples: &BTreeMap<Timestamp, Sample>) -> Vec<DataPoint> {
    let settings = Settings::default();
    let mut tracker = Tracker::new(&settings);
    let mut aggregator = Aggregator::new(name.into(), settings);
    for sample in samples.values() {
        // A map's keys rise, so that no sample is earlier than the one before it.
        let _ = aggregator.observe(&mut tracker, sample);
    }
    let mut points = Vec::new();
    aggregator.finish(tracker, &mut |_| (), &mut |point| points.push(point));
    points
}

fn main() -> ExitCode {
    let mut samples = Samples::default();
    let metrics = MetricSet::from(Metric::CpuUsage);
    Parser::new(metrics).read(io::stdin().lock(), &mut samples);
    for (name, samples) in &samples.by_container {
        for point in points(name, samples) {
            if let Some(cores) = point.cpu_cores() {
                println!("{name} {}: {cores:.3} cores", point.interval().start());
            }
        }
    }
    samples.errors.iter().for_each(|error| eprintln!("{error}"));
    if samples.errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
