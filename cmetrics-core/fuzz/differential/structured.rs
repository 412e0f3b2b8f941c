//! Lets bytes choose mutations of small recorded documents, so that a fuzzer soon gets past the
//! first key.

use super::harness::Harness;
use super::json::Json;
use super::mutate;
use super::rng::Rng;

/// A byte that no text begins with. The bytes after it choose mutations.
pub const MARK: u8 = 0xff;
const MOST_CHANGES: usize = 12;
/// Limits the cost of a run to a few readings of a document.
const BUDGET: usize = 60_000;

/// One or two samples and containers of each endpoint, as recorded.
pub const DOCUMENTS: [&str; 11] = [
    include_str!("../corpus/read/steady-1s.v1.0-containers.json"),
    include_str!("../corpus/read/steady-1s.v1.2-docker.json"),
    include_str!("../corpus/read/steady-1s.v1.3-subcontainers.json"),
    include_str!("../corpus/read/steady-1s.v2.0-stats-docker.json"),
    include_str!("../corpus/read/steady-1s.v2.1-machinestats.json"),
    include_str!("../corpus/read/v060-1s.v1.0-containers.json"),
    include_str!("../corpus/read/v060-1s.v1.2-docker.json"),
    include_str!("../corpus/read/v060-1s.v1.3-subcontainers.json"),
    include_str!("../corpus/read/v060-1s.v2.0-stats-docker.json"),
    include_str!("../corpus/read/v060-1s.v2.1-machinestats.json"),
    include_str!("../corpus/read/v060-1s.v2.1-stats.json"),
];

/// The document that `bytes` encode: themselves; or, after a mark, the number of a document, pairs
/// of a mutation and a seed, and possibly one more byte for where to cut it.
pub fn document(bytes: &[u8]) -> Vec<u8> {
    let [MARK, number, choices @ ..] = bytes else { return bytes.to_vec() };
    let mut document = Json::parse(DOCUMENTS[usize::from(*number) % DOCUMENTS.len()]);
    let (pairs, rest) = choices.as_chunks::<2>();
    for [change, seed] in pairs.iter().take(MOST_CHANGES) {
        let (_, mutation) = mutate::ALL[usize::from(*change) % mutate::ALL.len()];
        mutation(&mut document, &mut Rng::new(u64::from(*seed)));
    }
    let mut text = document.text().into_bytes();
    if let [cut] = rest {
        text.truncate(text.len() * usize::from(*cut) / 255);
    }
    text
}

/// Compares all paths on the document that `bytes` encode. The parsers of the paths read it several
/// times, with what they learnt from it.
pub fn agree(bytes: &[u8]) {
    let text = document(bytes);
    let turn =
        text.iter().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add((*byte).into()));
    Harness::new(BUDGET).turned(turn % 1009).agree("fuzz", &text);
}
