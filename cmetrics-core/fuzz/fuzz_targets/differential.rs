#![no_main]

#[allow(dead_code, reason = "the tests share these files")]
#[path = "../differential/mod.rs"]
mod differential;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| differential::structured::agree(bytes));
