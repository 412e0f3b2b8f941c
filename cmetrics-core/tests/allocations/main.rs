//! How much memory is taken, and how often it is asked for.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod counting;
mod idle;
mod recorder;
mod scrapes;

use cmetrics_core::aggregate::Aggregator;
use cmetrics_core::container::Identity;
use cmetrics_core::delta::Tracker;
use cmetrics_core::{Container, DataPoint, Metric, Sample, Series, Settings, Timestamp};
use counting::counted;

const NETWORK: [Metric; 8] = [
    Metric::NetworkTxBytes,
    Metric::NetworkRxBytes,
    Metric::NetworkTxPackets,
    Metric::NetworkRxPackets,
    Metric::NetworkTxErrors,
    Metric::NetworkRxErrors,
    Metric::NetworkTxDropped,
    Metric::NetworkRxDropped,
];
const DISK: [Metric; 4] =
    [Metric::DiskioAsync, Metric::DiskioSync, Metric::DiskioRead, Metric::DiskioWrite];

const SAMPLES: u64 = 10_000;

/// Samples of the usual 17 values.
fn samples() -> Vec<Sample> {
    let sample = |number: u64| {
        let nanos = 1_795_262_400_000_000_000 + number * 1_470_000_000;
        let mut sample = Sample::new(Timestamp::from_nanos(nanos).unwrap());
        sample.set(Metric::CpuUsage, number * 300_000_000);
        sample.set(Metric::CpuLoad, number % 7);
        sample.set(Metric::MemoryUsage, (number % 11) << 20);
        for (place, metric) in (1..).zip(NETWORK) {
            sample.interface("eth0").set(metric, number * place);
        }
        for (place, metric) in (1..).zip(DISK) {
            sample.device((8, 0)).set(metric, (number * place) << 12);
        }
        for metric in [Metric::DiskioRead, Metric::DiskioWrite] {
            sample.device((8, 16)).set(metric, number << 9);
        }
        sample
    };
    (0..SAMPLES).map(sample).collect()
}

#[test]
fn points_are_made_without_asking_for_memory() {
    let settings = Settings::default();
    let mut tracker = Tracker::new(&settings);
    let mut aggregator = Aggregator::new("c".into(), settings);
    let mut points = 0;
    let mut observe = |samples: &[Sample], points: &mut u64| {
        for sample in samples {
            aggregator.observe(&mut tracker, sample).unwrap();
            aggregator.settle(&tracker, sample.time(), &mut |point: DataPoint| {
                *points += u64::from(point.cpu_cores() > Some(0.1));
            });
        }
    };
    let samples = samples();
    // As many intervals as are open at once.
    let (first, rest) = samples.split_at(200);
    observe(first, &mut points);
    let (times, kept, ()) = counted(|| observe(rest, &mut points));
    assert_eq!((times, kept), (0, 0));
    assert!(points > SAMPLES / 4, "{points}");
}

#[test]
fn a_series_asks_for_memory_once_in_many_samples_and_holds_little_for_each() {
    let samples = samples();
    for count in [1_000, 10_000] {
        let (times, kept, series) = counted(|| {
            let container = Container::at_path("/c");
            let mut series = Series::new(Identity::new(&container, None));
            samples[..count].iter().for_each(|sample| series.insert(sample.clone()));
            series
        });
        // Each is a copy: that, and its values.
        let times = usize::try_from(times).unwrap() - count;
        assert!(times < 25 + count / 50, "{times} times for {count} samples");
        assert!(kept <= 300 * count, "{} bytes for each of {count} samples", kept / count);
        assert_eq!(series.len(), count);
    }
}

#[test]
fn a_history_asks_for_memory_for_the_list_of_its_points_only() {
    let mut series = Series::new(Identity::new(&Container::at_path("/c"), None));
    for sample in samples() {
        series.insert(sample);
    }
    let (times, kept, history) = counted(|| series.history(Settings::default()));
    // Some 35 open intervals with two lists each, and what is worked out for a layout.
    assert!(times < 150, "{times}");
    let points = history.points.len();
    assert!(points > 2_900, "{points}");
    assert!(kept <= 2 * 300 * points, "{}", kept / points);
}
