//! The write-ahead log: everything that was written before it went into segments, in the order in
//! which it came.
//!
//! A log is an append-only file. It begins with a header; *frames* follow without gaps. All numbers
//! are little-endian:
//!
//! ```text
//! header: magic (8), format (4), 2 if it has a boot (4), its number (8), salt (8),
//!         the boot that it was begun in (8), check (4)
//! frame:  magic (4), length of the payload and 2 flags (4), check of the frame's head (4),
//!         check of all (4), payload
//! ```
//!
//! The checks of a frame also cover the log's salt and the frame's offset. So the remains of
//! another file, a log within a payload, and a frame at another offset are never mistaken for a
//! frame of this log.
//!
//! One append is a *batch*: as many frames as it needs; the first and the last are marked. A batch
//! counts once its last frame is there, so it is there as a whole or not at all.

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
pub(crate) use writer::{FailStopFile, LogWriter};

const PREFIX: &str = "log-";

/// The name of a log's file.
pub(crate) fn log_name(number: u64) -> String {
    format!("{PREFIX}{number:010}")
}

/// The number of the log whose file has this name.
pub(crate) fn log_number(name: &str) -> Option<u64> {
    let number = name.strip_prefix(PREFIX)?.parse().ok()?;
    (log_name(number) == name).then_some(number)
}
