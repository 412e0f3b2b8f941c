//! Keeps the torn ends of logs.

use std::io;

use super::disk::Disk;
use super::log::{LogEnd, log_name};

const TORN: &str = "torn-";

/// The number of the log whose torn end a file of this name holds.
pub(super) fn torn_off(name: &str) -> Option<u64> {
    name.strip_prefix(TORN)?.split('-').next()?.parse().ok()
}

/// Copies the torn end of a log to a file of its own, for inspection.
pub(super) fn keep_torn(disk: &dyn Disk, end: &LogEnd) -> io::Result<()> {
    const MOST: u64 = 64 << 20;
    let Some(torn) = &end.torn else { return Ok(()) };
    let name = log_name(end.header.number);
    let length = usize::try_from((torn.end - torn.start).min(MOST)).unwrap_or_default();
    let mut bytes = vec![0; length];
    disk.open(&name)?.read_at(&mut bytes, torn.start)?;
    let beside = format!("{TORN}{}-{}", end.header.number, torn.start);
    let _ = disk.remove(&beside);
    disk.create(&beside)?.write(&bytes)
}
