//! The five busiest seconds of each container in a folder of dumps.
//!
//! ```sh
//! cargo run -p cmetrics-examples --bin busiest [FOLDER]
//! ```

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for a terminal")]

use std::path::PathBuf;

use cmetrics_core::{DataPoint, Pipeline};

fn main() {
    let recorded =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../cmetrics-core/tests/data/recorded/steady-1s");
    let folder = std::env::args_os().nth(1).map_or_else(|| recorded.into(), PathBuf::from);

    let mut pipeline = Pipeline::default();
    let outcome = pipeline.read_paths(&[folder]);
    for error in &outcome.errors {
        eprintln!("{error}");
    }

    for series in pipeline.series() {
        let identity = series.identity();
        let name = identity.aliases().first().map_or(&**identity.name(), String::as_str);
        let cores = |point: &DataPoint| point.cpu_cores().unwrap_or_default();
        let points = series.history(pipeline.settings()).points;
        let busiest = points.iter().max_by(|left, right| cores(left).total_cmp(&cores(right)));
        if let Some(point) = busiest {
            println!("{name:12} {:6.3} cores from {}", cores(point), point.interval().start());
        }
    }
}
