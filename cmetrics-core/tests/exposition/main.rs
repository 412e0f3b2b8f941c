//! Expositions: the text of Prometheus and `OpenMetrics`.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::option_option,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

#[path = "../common/mod.rs"]
mod common;
mod damage;
mod differential;
mod hostile;
mod labels;
mod own;
mod plain;
mod plain_number;
mod plain_row;
mod recorded;
mod several;
mod told;
mod traps;
