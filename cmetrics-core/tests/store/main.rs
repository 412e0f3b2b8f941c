//! The store: what is kept, how exactly, and what is left of it whatever happens.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

#[path = "../common/mod.rs"]
mod common;

mod attacks;
mod beside;
mod doors;
mod gaps;
mod ingest;
mod kept;
mod killed;
mod labels;
mod recorder;
mod removing;
mod starts;
mod tails;
#[path = "../three_doors/mod.rs"]
mod three_doors;
