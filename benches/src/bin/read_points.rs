//! What the Python package is measured against: `read_points FOLDER [THREADS]` reads a folder into
//! points as `cmetrics.points` does, and prints how many there are, their CPU time and the seconds
//! that it took, the pipeline's end included.

#![expect(clippy::print_stdout, reason = "this is what it is for")]

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Instant;

use cmetrics_core::{DataPoint, Metric, Pipeline, Settings};

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let (folder, threads) = match &arguments[..] {
        [folder] => (folder, None),
        [folder, threads] => (folder, threads.parse::<NonZeroUsize>().ok()),
        _ => {
            println!("usage: read_points FOLDER [THREADS]");
            std::process::exit(2);
        }
    };
    let start = Instant::now();
    let points = read(PathBuf::from(folder), threads);
    let seconds = start.elapsed().as_secs_f64();
    let cpu: u64 = points.iter().filter_map(|point| point.growth(Metric::CpuUsage)).sum();
    println!("{} {cpu} {seconds:.9}", points.len());
}

/// The points of a folder.
///
/// # Panics
/// Where anything is wrong with it.
fn read(folder: PathBuf, threads: Option<NonZeroUsize>) -> Vec<DataPoint> {
    let mut pipeline = Pipeline::new(Settings::default().with_shares());
    if let Some(threads) = threads.or_else(|| std::thread::available_parallelism().ok()) {
        pipeline.set_threads(threads);
    }
    let outcome = pipeline.read_paths(&[folder]);
    assert!(outcome.errors.is_empty(), "{:?}", outcome.errors);
    pipeline.points()
}
