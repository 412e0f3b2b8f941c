//! Opens stores, and reads the clock for them.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use cmetrics_core::store::StoreOptions;
use cmetrics_core::{Error, ErrorKind, Store, Timestamp};

use crate::args::{DamageArgs, WaitArgs};
use crate::messages;
use crate::outcome::Status;

/// Opens a store for reading.
pub(crate) fn to_read(folder: &Path) -> Result<Store, Error> {
    Store::open_read_only(folder, StoreOptions::default())
}

/// Opens a store for reading. With `--despite-damage` this also opens a damaged one, and prints the
/// damage.
pub(crate) fn to_read_despite(damage: DamageArgs, folder: &Path) -> Result<(Store, Status), Error> {
    to_read_with(damage, folder, StoreOptions::default())
}

/// The same, with options.
pub(crate) fn to_read_with(
    damage: DamageArgs,
    folder: &Path,
    options: StoreOptions,
) -> Result<(Store, Status), Error> {
    match Store::open_read_only(folder, options) {
        Err(error) if damage.despite_damage && error.kind() == ErrorKind::Damaged => {
            let store = Store::open_read_only(folder, options.despite_damage())?;
            messages::error(&error);
            messages::note("everything else is shown; 'cmetrics store verify' lists all damage");
            Ok((store, Status::Damaged))
        }
        opened => Ok((opened?, Status::AllWell)),
    }
}

/// Opens a store for writing, and creates it if there is none. Waits for another process that has
/// it open for writing.
pub(crate) fn to_write(
    folder: &Path,
    options: StoreOptions,
    wait: WaitArgs,
) -> Result<Store, Error> {
    const AGAIN: Duration = Duration::from_millis(50);
    let (started, longest) = (Instant::now(), Duration::from_secs(wait.wait));
    loop {
        match Store::open(folder, options) {
            Err(error) if error.kind() == ErrorKind::Locked && started.elapsed() < longest => {
                std::thread::sleep(AGAIN.min(longest.saturating_sub(started.elapsed())));
            }
            opened => return opened,
        }
    }
}

/// Opens an existing store for writing. A misspelt folder is an error rather than a new store.
pub(crate) fn to_change(folder: &Path, wait: WaitArgs) -> Result<Store, Error> {
    drop(to_read(folder)?);
    let store = to_write(folder, StoreOptions::default(), wait)?;
    if let Some(now) = now() {
        store.advance(now);
    }
    Ok(store)
}

/// The present time; `None` where the clock cannot be right.
pub(crate) fn now() -> Option<Timestamp> {
    SystemTime::now().try_into().ok()
}
