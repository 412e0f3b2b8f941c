//! The commands on running machines.

mod config;
mod health;
mod log;
mod machines;
mod memory;
mod notify;
mod retention;
mod serve;
mod signals;
mod watch;

pub(crate) use health::run as health;
pub(crate) use serve::run as serve;
pub(crate) use watch::run as watch;
