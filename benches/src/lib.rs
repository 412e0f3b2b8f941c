//! What the benches measure on, and how: recorded dumps in memory, and documents made of them.

#![expect(clippy::expect_used, reason = "a bench without its data cannot go on")]

pub mod expositions;
pub mod measure;
pub mod synthetic;
mod working_set;

use std::io::Read;
use std::path::{Path, PathBuf};

pub use working_set::{polls, sources, working_set};

/// How much text a bench works on: `CMETRICS_BENCH_BYTES`, or a few megabytes where `cargo bench`
/// only tests, or else more than any cache holds.
///
/// # Panics
/// Where `CMETRICS_BENCH_BYTES` is no number.
pub fn bytes() -> usize {
    match std::env::var("CMETRICS_BENCH_BYTES") {
        Ok(bytes) => bytes.parse().expect("CMETRICS_BENCH_BYTES is a number of bytes"),
        Err(_) if only_tests() => 4 << 20,
        Err(_) => 256 << 20,
    }
}

/// Whether the benches run once each, to be tested: `cargo bench -- --test`.
pub fn only_tests() -> bool {
    std::env::args().any(|argument| argument == "--test")
}

/// Whether a bench of this name is asked for, as far as the beginning of the command line tells:
/// what is not need not be made ready.
pub fn asked_for(name: &str) -> bool {
    let filter = std::env::args().nth(1).filter(|argument| !argument.starts_with('-'));
    filter.is_none_or(|filter| name.contains(&filter) || filter.contains(name))
}

/// The dumps of one endpoint in a set of recordings, in the order in which they were taken.
///
/// # Panics
/// Where the repository's recordings cannot be read.
pub fn recorded(set: &str, endpoint: &str) -> Vec<Vec<u8>> {
    folder(&Path::new("recorded").join(set), endpoint).iter().map(|path| unpacked(path)).collect()
}

/// The files of a folder of test data whose names begin with this word, in order.
fn folder(folder: &Path, word: &str) -> Vec<PathBuf> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cmetrics-core/tests/data");
    let begins = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy());
        name.is_some_and(|name| name.starts_with(&format!("{word}.")))
    };
    let mut paths: Vec<_> = std::fs::read_dir(data.join(folder))
        .expect("the recordings are in the repository")
        .map(|file| file.expect("a file").path())
        .filter(begins)
        .collect();
    paths.sort();
    paths
}

fn unpacked(path: &Path) -> Vec<u8> {
    let packed = std::fs::File::open(path).expect("a readable recording");
    let mut text = Vec::new();
    flate2::read::MultiGzDecoder::new(packed).read_to_end(&mut text).expect("a whole recording");
    text
}
