//! From a folder of dumps to one container's points. Run it at the top of the repository.
//!
//! ```sh
//! cargo run -p cmetrics-examples --bin first_points
//! ```

#![expect(clippy::print_stdout, reason = "a program for a terminal")]

use cmetrics_core::{Error, Metric, Pipeline};

fn main() -> Result<(), Error> {
    let dumps = "cmetrics-core/tests/data/recorded/steady-1s";
    let mut pipeline = Pipeline::default();
    let outcome = pipeline.read_paths(&[dumps]);
    for series in pipeline.find("cpuhog")? {
        for point in series.history(pipeline.settings()).points.iter().take(3) {
            let (cores, sent) = (point.cpu_cores(), point.growth(Metric::NetworkTxBytes));
            println!("{} {cores:.3?} cores, {sent:?} bytes sent", point.interval().start());
        }
    }
    for error in &outcome.errors {
        println!("{error}"); // file, line, column, container, and what was expected
    }
    Ok(())
}
