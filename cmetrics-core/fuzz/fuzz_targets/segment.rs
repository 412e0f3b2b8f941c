#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| cmetrics_core::fuzz_segment(bytes));
