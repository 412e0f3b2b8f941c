//! Running machines: what `watch`, `serve` and `health` do with them.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[path = "../common/mod.rs"]
mod common;

mod config;
mod doors;
mod health;
mod http;
mod kept;
mod machines;
mod running;
mod watch;
