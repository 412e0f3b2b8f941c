#![no_main]

#[allow(dead_code, reason = "the tests share these files")]
#[path = "../exposition/mod.rs"]
mod exposition;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| exposition::agree(bytes));
