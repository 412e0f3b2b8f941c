//! Expositions: the text of Prometheus and `OpenMetrics`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[path = "../common/mod.rs"]
mod common;
mod damage;
mod differential;
mod hostile;
mod plain;
mod recorded;
mod told;
mod traps;
