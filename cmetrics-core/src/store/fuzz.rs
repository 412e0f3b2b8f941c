//! Checks that hold for any bytes in a log. The fuzzer and a test call them.

use std::sync::Arc;

use super::log::read_log;
use super::packed_tail;
use super::records::{Decoder, Record};
use super::segment::fuzz::MemoryFile;
use super::tail::{Background, Tail};
use crate::settings::Settings;

/// Reads bytes as a log, as a batch of one and as a tail. Nothing panics, and everything that is
/// read can be queried.
pub(crate) fn check(bytes: &[u8]) {
    // Whether it is a log does not matter.
    let _ = read_log(&MemoryFile(bytes.to_vec()), None, &mut |_, batch| check_batch(batch));
    check_batch(bytes);
    if let Some(tail) = packed_tail::read(bytes) {
        check_tail(&"tail".into(), &tail);
    }
}

fn check_batch(batch: &[u8]) {
    const WIDTH: u64 = 5;
    let mut decoder = Decoder::new(WIDTH);
    // Reading stops at the first invalid record; those before it count.
    let _ = decoder.read(batch, &mut |record| match record {
        Record::Run(name, run) => {
            let is_whole = run.each(name, WIDTH, &mut |point| {
                assert!(serde_json::to_string(&point).is_ok());
            });
            assert!(is_whole || !run.rows.is_empty());
        }
        Record::Tail(name, tail, _) => check_tail(name, &tail),
        Record::Metadata(name, metadata) => drop(metadata.identity(name)),
        Record::Event(_, _, happening) => assert!(!happening.to_bytes().is_empty()),
    });
}

fn check_tail(name: &Arc<str>, tail: &Tail) {
    let open =
        tail.provisional(name, &Background::default(), Settings::default()).unwrap_or_default();
    assert!(open.points.iter().all(|point| serde_json::to_string(point).is_ok()));
    let _ = (tail.end(5), tail.start(Settings::default()), packed_tail::put(tail));
}

#[test]
fn the_corpus_of_logs_passes_the_checks_of_the_fuzzer() {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/log");
    let mut inputs = 0;
    for file in std::fs::read_dir(corpus).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        check(&bytes);
        for cut in (0..bytes.len()).step_by(1 + bytes.len() / 200) {
            check(&bytes[..cut]);
            let mut changed = bytes.clone();
            changed[cut] ^= 0x55;
            check(&changed);
        }
        inputs += 1;
    }
    assert!(inputs > 1);
}
