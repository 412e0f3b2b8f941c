//! The commands on running machines.

// mod config;
mod health;
// mod log;
mod machines;
// mod notify;
// mod serve;
mod signals;
mod watch;

pub(crate) use health::run as health;
pub(crate) fn serve(_: &crate::args::ServeArgs) -> Result<crate::outcome::Status, crate::outcome::Failure> { todo!() }
pub(crate) use watch::run as watch;
