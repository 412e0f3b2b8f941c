#![no_main]

#[path = "../deserialise.rs"]
mod deserialise;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| deserialise::check(bytes));
