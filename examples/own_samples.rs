//! Samples that do not come from cAdvisor's JSON, through the stages one by one.
//!
//! ```sh
//! cargo run -p cmetrics-examples --bin own_samples
//! ```

#![expect(clippy::print_stdout, reason = "a program for a terminal")]

use std::time::Duration;

use cmetrics_core::aggregate::Aggregator;
use cmetrics_core::delta::{Change, NotLater, Tracker};
use cmetrics_core::series::Events;
use cmetrics_core::{Metric, Sample, Settings, Timestamp};

/// A container that sends 64 KiB a second, and is restarted in the middle.
fn samples() -> impl Iterator<Item = Sample> {
    let first: Option<Timestamp> = "2026-11-21T12:00:00.3Z".parse().ok();
    (0..20).filter_map(move |second| {
        let time = first?.checked_add(Duration::from_secs(second))?;
        let mut sample = Sample::new(time);
        let since_start = if second < 12 { second } else { second - 12 };
        // A quarter of a core, in nanoseconds.
        sample.set(Metric::CpuUsage, since_start * 250_000_000);
        sample.set(Metric::MemoryUsage, 8 << 20);
        sample.interface("eth0").set(Metric::NetworkTxBytes, since_start << 16);
        Some(sample)
    })
}

fn main() -> Result<(), NotLater> {
    let settings = Settings::default();
    let mut tracker = Tracker::new(&settings);
    let mut aggregator = Aggregator::new("mine".into(), settings);
    let mut events = Events::default();
    let mut points = Vec::new();

    for sample in samples() {
        aggregator.observe_with(&mut tracker, &sample, &mut |change| events.note(change))?;
        aggregator.settle(&tracker, sample.time(), &mut |point| points.push(point));
    }
    let mut tell = |change: &Change| events.note(change);
    aggregator.finish(tracker, &mut tell, &mut |point| points.push(point));

    for point in &points {
        println!(
            "{} s: {:.2} cores, {:.0} bytes/s sent, coverage {:.2}",
            point.interval().start(),
            point.cpu_cores().unwrap_or(f64::NAN),
            point.tx_bytes_per_second().unwrap_or(f64::NAN),
            point.coverage().unwrap_or_default(),
        );
    }
    println!("restarted at {:?}", events.restarts);
    Ok(())
}
