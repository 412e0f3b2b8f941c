//! Documents inside of other things: what cAdvisor's storage drivers write, objects that hold
//! replies, and the lines of logs.

mod driver;
mod log;
mod reply;
mod stdout;

pub(super) use driver::driver_sample;
pub(super) use log::{LogFormat, LogReader, log_format};
pub(super) use reply::replies;
pub(super) use stdout::{is_stdout_line, stdout_sample};

/// How much of an input shows whether it is a log.
pub(super) const ENOUGH: usize = 512;
