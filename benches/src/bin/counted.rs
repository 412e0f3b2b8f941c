//! What `ci/instructions` counts the instructions of: `counted points|repeat TIMES` does the same
//! to one recorded dump so many times and prints the length of the dump. What one time costs is
//! the difference between two runs, so that getting ready costs nothing.

#![expect(clippy::print_stdout, reason = "tells what was read")]

use std::hint::black_box;

use cmetrics_benches::measure::{Made, repeat};
use cmetrics_benches::recorded;
use cmetrics_core::Pipeline;

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [what, times] = &arguments[..] else {
        println!("usage: counted points|repeat TIMES");
        std::process::exit(2);
    };
    let mut dumps = recorded("steady-1s", "v1.3-docker");
    dumps.truncate(1);
    let times: u64 = times.parse().unwrap_or(1);
    match &**what {
        "points" => points(&dumps, times),
        _ => repeated(&dumps, times),
    }
    println!("{}", dumps.iter().map(Vec::len).sum::<usize>());
}

fn points(dumps: &[Vec<u8>], times: u64) {
    for _ in 0..times {
        let made = Made::of(black_box(dumps));
        assert!(made.points > 0 && made.duplicates == 0);
    }
}

fn repeated(dumps: &[Vec<u8>], times: u64) {
    let mut pipeline = Pipeline::default();
    repeat(&mut pipeline, dumps);
    for _ in 0..times {
        repeat(&mut pipeline, black_box(dumps));
    }
    let made = Made::by(&pipeline);
    assert_eq!(made.duplicates, made.samples * times);
}
