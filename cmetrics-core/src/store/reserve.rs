//! A reserve for a full disk: even freeing room needs some room.

use super::disk::Disk;
use super::torn_copies::torn_off;
use crate::error::{Error, ErrorKind};

/// A file whose only use is to be removed.
const RESERVE: &str = "RESERVE";
/// Room for the manifest of some hundred segments.
const BYTES: usize = 16 << 10;

/// Creates the reserve, if there is room for it.
pub(super) fn lay_by(disk: &dyn Disk) {
    let length = disk.open(RESERVE).and_then(|file| file.length());
    if length.is_ok_and(|length| length >= BYTES as u64) {
        return;
    }
    let _ = disk.remove(RESERVE);
    // Some file systems store no blocks for zeros.
    let laid_by = disk.create(RESERVE).and_then(|file| file.write(&vec![b'.'; BYTES]));
    if laid_by.is_err() {
        let _ = disk.remove(RESERVE);
    }
}

/// Runs an action that frees room. On a full disk, first removes what nobody needs, the reserve and
/// the torn ends of logs, and tries again.
pub(super) fn with_room(disk: &dyn Disk, act: &dyn Fn() -> Result<(), Error>) -> Result<(), Error> {
    match act() {
        Err(error) if error.kind() == ErrorKind::DiskFull => {}
        done => return done,
    }
    let files = disk.list().unwrap_or_default();
    for name in files.iter().filter(|name| *name == RESERVE || torn_off(name).is_some()) {
        let _ = disk.remove(name);
    }
    act()
}
