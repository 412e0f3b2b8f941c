//! Bytes that choose changes of small recorded documents, so that a fuzzer soon gets behind the
//! first key.

use super::harness::Harness;
use super::json::Json;
use super::mutate;
use super::rng::Rng;

/// A byte that no text begins with: what follows chooses.
pub const MARK: u8 = 0xff;
const MOST_CHANGES: usize = 12;
/// Makes a run cost about what a few readings of a document cost.
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

/// The document that `bytes` stand for: themselves, or behind a mark the number of a document,
/// pairs of a change and a seed, and one byte more that says where it is cut.
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

/// Compares all paths on what `bytes` stand for. The paths' parsers read it several times, with
/// what they learnt of it.
pub fn agree(bytes: &[u8]) {
    let text = document(bytes);
    let turn =
        text.iter().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add((*byte).into()));
    Harness::new(BUDGET).turned(turn % 1009).agree("fuzz", &text);
}
