//! A reserve for a full disk: even freeing room needs some room.

use super::disk::Disk;
use super::manifest::MANIFEST;
use super::torn_copies::torn_off;
use crate::error::{Error, ErrorKind};

/// A file whose only use is to be removed.
pub(super) const RESERVE: &str = "RESERVE";

/// Creates the reserve, if there is room for it: as large as the manifest that drops data may be.
pub(super) fn lay_by(disk: &dyn Disk) {
    /// Manifests without some segments may have longer numbers.
    const MORE: u64 = 64;
    let length = |name| disk.open(name).and_then(|file| file.length()).unwrap_or_default();
    let needed = length(MANIFEST) + MORE;
    let bytes = needed.next_power_of_two();
    if (needed..=4 * bytes).contains(&length(RESERVE)) {
        return;
    }
    let _ = disk.remove(RESERVE);
    // Some file systems store no blocks for zeros.
    let filled = vec![b'.'; usize::try_from(bytes).unwrap_or_default()];
    if disk.create(RESERVE).and_then(|file| file.write(&filled)).is_err() {
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
