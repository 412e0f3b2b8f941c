//! What the server does, a file for each part of it.

mod common;

mod about;
mod access;
mod containers;
mod events;
mod flask;
mod garbage;
mod latest;
mod machines;
mod points;
mod sockets;
mod stream;
