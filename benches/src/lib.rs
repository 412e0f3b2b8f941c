//! What the benches measure on: the recorded dumps, unpacked into memory.

#![expect(clippy::expect_used, reason = "a bench without its data cannot go on")]

use std::io::Read;
use std::path::Path;

/// The dumps of one endpoint in a set of recordings, in the order in which they were taken.
///
/// # Panics
/// Where the repository's recordings cannot be read.
pub fn recorded(set: &str, endpoint: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../cmetrics-core/tests/data/recorded")
        .join(set);
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("the recordings are in the repository")
        .map(|file| file.expect("a file").path())
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(&format!("{endpoint}.")))
        })
        .collect();
    paths.sort();
    paths.iter().map(|path| unpacked(path)).collect()
}

fn unpacked(path: &Path) -> Vec<u8> {
    let packed = std::fs::File::open(path).expect("a readable recording");
    let mut text = Vec::new();
    flate2::read::MultiGzDecoder::new(packed).read_to_end(&mut text).expect("a whole recording");
    text
}
