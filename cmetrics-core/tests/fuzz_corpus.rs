//! The fuzzer's corpus, for where no nightly toolchain can run the fuzzer itself.

#![allow(clippy::expect_used, reason = "tests")]

#[allow(unreachable_pub, reason = "the fuzzer shares this file")]
#[path = "../fuzz/check.rs"]
mod check;

#[test]
fn nothing_in_the_corpus_breaks_what_must_hold_of_any_bytes() {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/read");
    let files = std::fs::read_dir(corpus).expect("the corpus is in the repository");
    let mut inputs = 0;
    for file in files {
        let bytes = std::fs::read(file.expect("a file").path()).expect("a readable file");
        check::read(&bytes);
        for cut in (0..bytes.len()).step_by(1 + bytes.len() / 50) {
            check::read(&bytes[..cut]);
        }
        inputs += 1;
    }
    assert!(inputs > 10, "{inputs} inputs");
}
