//! How fast cmetrics reads expositions in memory: a line for each way of reading them, with what it
//! took. `benches/compare` runs this in turn with other parsers and makes a table of all.
//!
//! Arguments: passes (each is a line; 3 by default), then words of the rows that are wanted (all
//! by default). `write FOLDER` writes the scrapes to files below a folder instead, for programs in
//! other languages, and prints what they have to find. `count WHAT TIMES` does one thing so many
//! times and prints the bytes of one time, for a count of instructions.

#![expect(clippy::print_stdout, reason = "this is what it is for")]

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use cmetrics_benches::measure::{Made, memory};
use cmetrics_benches::{bytes, expositions};
use cmetrics_core::MetricSet;
use cmetrics_core::parse::Parser;

/// Makes scrapes of at least so many bytes.
type Scrapes = fn(usize) -> Vec<Vec<u8>>;

const SETS: [(&str, Scrapes); 2] =
    [("stable heads", expositions::stable), ("changing heads", expositions::changing)];

fn main() -> std::io::Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["write", folder] => write(Path::new(folder))?,
        ["count", what, times] => count(what, times.parse().unwrap_or(1)),
        _ => measure(&arguments),
    }
    Ok(())
}

fn measure(arguments: &[String]) {
    let passes = arguments.first().and_then(|passes| passes.parse().ok()).unwrap_or(3);
    let words = arguments.get(1..).unwrap_or_default();
    let row = |name: String, scrapes: &[Vec<u8>], samples: u64, pass: &mut dyn FnMut()| {
        if !words.is_empty() && !words.iter().any(|word| name.contains(&**word)) {
            return;
        }
        let bytes: usize = scrapes.iter().map(Vec::len).sum();
        for _ in 0..passes {
            let start = Instant::now();
            pass();
            println!("{name}\t{bytes}\t{samples}\t{:.9}", start.elapsed().as_secs_f64());
        }
    };
    for (set, scrapes) in SETS {
        let scrapes = scrapes(bytes());
        let expected = memory(&mut Parser::strict(MetricSet::all()), &scrapes);
        row(format!("{set}, cmetrics to samples"), &scrapes, expected.samples, &mut || {
            assert_eq!(memory(&mut Parser::new(MetricSet::all()), &scrapes), expected);
        });
        let made = Made::of(&scrapes);
        row(format!("{set}, cmetrics to points"), &scrapes, expected.samples, &mut || {
            assert_eq!(Made::of(&scrapes), made);
        });
    }
}

fn write(folder: &Path) -> std::io::Result<()> {
    for (set, scrapes) in SETS {
        let scrapes = scrapes(bytes());
        let folder = folder.join(set.replace(' ', "-"));
        std::fs::create_dir_all(&folder)?;
        for (number, scrape) in scrapes.iter().enumerate() {
            std::fs::write(folder.join(format!("{number:06}.prom")), scrape)?;
        }
        let found = memory(&mut Parser::strict(MetricSet::all()), &scrapes);
        println!("{set}\t{}\t{}", found.samples, found.bytes);
    }
    Ok(())
}

fn count(what: &str, times: u64) {
    let Some((_, scrapes)) = SETS.iter().find(|(set, _)| what.starts_with(set)) else { return };
    let scrapes = scrapes(bytes());
    for _ in 0..times {
        if what.ends_with("points") {
            black_box(Made::of(black_box(&scrapes)));
        } else {
            black_box(memory(&mut Parser::new(MetricSet::all()), black_box(&scrapes)));
        }
    }
    println!("{}", scrapes.iter().map(Vec::len).sum::<usize>());
}
