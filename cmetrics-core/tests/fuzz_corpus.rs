//! The fuzzers' corpora, for where no nightly toolchain can run the fuzzers themselves.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

#[allow(unreachable_pub, reason = "the fuzzer shares this file")]
#[path = "../fuzz/check.rs"]
mod check;
#[allow(unreachable_pub, reason = "the fuzzer shares this file")]
#[path = "../fuzz/deserialise.rs"]
mod deserialise;
#[allow(dead_code, missing_docs, unreachable_pub, reason = "the fuzzer shares these files")]
#[path = "../fuzz/differential/mod.rs"]
mod differential;
#[allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::option_option,
    reason = "the fuzzer shares these files"
)]
#[path = "../fuzz/exposition/mod.rs"]
mod exposition;

/// Every input that is kept for a target.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let files = std::fs::read_dir(corpus).expect("the corpus is in the repository");
    let inputs = files.map(|file| std::fs::read(file.expect("a file").path()));
    let inputs: Vec<_> = inputs.map(|input| input.expect("a readable file")).collect();
    assert!(inputs.len() > 10, "{} inputs", inputs.len());
    inputs
}

#[test]
fn nothing_in_the_corpus_breaks_what_must_hold_of_any_bytes() {
    for bytes in corpus("read") {
        check::read(&bytes);
        for cut in (0..bytes.len()).step_by(1 + bytes.len() / 50) {
            check::read(&bytes[..cut]);
        }
    }
}

#[test]
fn what_is_kept_as_json_is_refused_or_can_be_used() {
    for text in corpus("deserialise") {
        deserialise::check(&text);
    }
}

#[test]
fn all_paths_read_the_same_from_both_corpora() {
    for bytes in corpus("differential").iter().chain(&corpus("read")) {
        differential::structured::agree(bytes);
        for cut in (0..bytes.len()).step_by(1 + bytes.len() / 20) {
            differential::structured::agree(&bytes[..cut]);
        }
    }
}

#[test]
fn both_readers_of_expositions_read_the_same_from_their_corpus() {
    for bytes in corpus("exposition") {
        exposition::agree(&bytes);
        for cut in (0..bytes.len()).step_by(1 + bytes.len() / 20) {
            exposition::agree(&bytes[..cut]);
        }
    }
}
