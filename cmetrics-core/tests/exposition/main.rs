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
#[allow(dead_code, missing_docs, unreachable_pub, reason = "the fuzzer shares these files")]
#[path = "../../fuzz/exposition/mod.rs"]
mod readers;
mod recorded;
mod several;
mod traps;

use readers::told;
