//! Opening a store, and what time it is.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use cmetrics_core::{Error, ErrorKind, Store, StoreOptions, Timestamp};

use crate::args::{DamageArgs, WaitArgs};
use crate::messages;
use crate::outcome::Status;

/// Opens a store to read it.
pub(crate) fn to_read(folder: &Path) -> Result<Store, Error> {
    Store::open_read_only(folder, StoreOptions::default())
}

/// The same; a damaged one, too, where that is asked for: the damage is told.
pub(crate) fn to_read_despite(damage: DamageArgs, folder: &Path) -> Result<(Store, Status), Error> {
    match to_read(folder) {
        Err(error) if damage.despite_damage && error.kind() == ErrorKind::Damaged => {
            let options = StoreOptions::default().despite_damage();
            let store = Store::open_read_only(folder, options)?;
            messages::error(&error);
            messages::note(
                "all else is shown; 'cmetrics store verify' tells of all that is damaged",
            );
            Ok((store, Status::Damaged))
        }
        opened => Ok((opened?, Status::AllWell)),
    }
}

/// Opens a store to write to it, new if there is none, once nobody else does.
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

/// The same for a store that is there: a folder that was misspelt must not become one.
pub(crate) fn to_change(folder: &Path, wait: WaitArgs) -> Result<Store, Error> {
    drop(to_read(folder)?);
    let store = to_write(folder, StoreOptions::default(), wait)?;
    if let Some(now) = now() {
        store.advance(now);
    }
    Ok(store)
}

/// The time that it is; `None` where the clock cannot be right.
pub(crate) fn now() -> Option<Timestamp> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    Timestamp::from_nanos(u64::try_from(since.as_nanos()).ok()?)
}
