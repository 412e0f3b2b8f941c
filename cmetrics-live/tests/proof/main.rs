//! Machines that lie, fail, restart and have other clocks, polled: what is kept is what was served,
//! and what was not served is known.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

mod batch;
mod clocks;
mod failures;
mod first_data;
mod killed;
mod nothing_missed;
mod points;
mod scene;
mod unseen;
