//! What the server does, a file for each part of it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

mod common;

mod about;
mod access;
mod aliases;
mod containers;
mod events;
mod flask;
mod garbage;
mod latest;
mod machines;
mod page;
mod points;
#[cfg(feature = "redis")]
mod redis;
mod sockets;
mod stream;
mod tls;
