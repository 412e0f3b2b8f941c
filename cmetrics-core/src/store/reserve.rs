//! Room that is kept for when the disk is full: to free room, too, takes some.

use super::disk::Disk;
use super::torn::torn_off;
use crate::error::{Error, ErrorKind};

/// A file that is only there to be removed.
const RESERVE: &str = "RESERVE";
/// Room for the manifest of some hundred segments.
const BYTES: usize = 16 << 10;

/// Makes sure that there is a reserve, if there is room for one.
pub(super) fn lay_by(disk: &dyn Disk) {
    let length = disk.open(RESERVE).and_then(|file| file.length());
    if length.is_ok_and(|length| length >= BYTES as u64) {
        return;
    }
    let _ = disk.remove(RESERVE);
    // Of zeros, some file systems keep none.
    let laid_by = disk.create(RESERVE).and_then(|file| file.write(&vec![b'.'; BYTES]));
    if laid_by.is_err() {
        let _ = disk.remove(RESERVE);
    }
}

/// Does what frees room in the end. Where there is none to do it, what nobody needs goes first: the
/// reserve, and what was cut off logs.
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
