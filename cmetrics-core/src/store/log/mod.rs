//! A log: what was written before it was put into segments, in the order in which it came.
//!
//! A log is a file that is only ever appended to. It begins with a header, and *frames* lie behind
//! it without gaps, all numbers little-endian:
//!
//! ```text
//! header: magic (8), format (4), 2 if it tells of a boot (4), its number (8), salt (8),
//!         the boot that it was begun in (8), check (4)
//! frame:  magic (4), length of the payload and 2 flags (4), check of the frame's head (4),
//!         check of all (4), payload
//! ```
//!
//! The checks of a frame are taken over the log's salt and the frame's place as well. So neither
//! what is left of another file, nor a log within a payload, nor a frame at another place is taken
//! for a frame of this log.
//!
//! What is appended at once is a *batch*: as many frames as it needs, of which the first and the
//! last say that they are. It counts from its last frame on: so it is there whole or not at all.

mod format;
mod reader;
#[cfg(test)]
mod tests;
mod window;
mod writer;

pub(crate) use format::LogHeader;
#[cfg(test)]
pub(crate) use reader::read_header;
pub(crate) use reader::{LogEnd, read_log};
pub(crate) use writer::LogWriter;

const PREFIX: &str = "log-";

/// What the file of a log is called.
pub(crate) fn log_name(number: u64) -> String {
    format!("{PREFIX}{number:010}")
}

/// The number of the log whose file is called so.
pub(crate) fn log_number(name: &str) -> Option<u64> {
    let number = name.strip_prefix(PREFIX)?.parse().ok()?;
    (log_name(number) == name).then_some(number)
}
