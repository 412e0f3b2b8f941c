//! Every path of the parser makes the same calls as the strict reader: on recordings, on mutations
//! of them, on damage, and on corner cases of JSON.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[path = "../common/mod.rs"]
mod common;
mod conformance;
mod copies;
mod damage;
#[allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::expect_used,
    reason = "the fuzzer shares these files"
)]
#[path = "../../fuzz/differential/mod.rs"]
mod differential;
mod metrics;
mod mutations;
mod recordings;
