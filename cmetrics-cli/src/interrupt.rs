//! How Ctrl-C ends a command, and what it must not leave behind.

use std::path::PathBuf;
use std::sync::{Mutex, Once, PoisonError};

use tempfile::NamedTempFile;

static UNFINISHED: Mutex<Option<PathBuf>> = Mutex::new(None);

/// The exit status of a program that a signal ended, as shells give it for Ctrl-C.
const INTERRUPTED: i32 = 130;

/// From now on a signal that asks for the end exits the process, whatever it is at. Signals that are
/// ignored (`nohup`) or handled otherwise stay so.
pub(crate) fn handle() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let _ = ctrlc::try_set_handler(|| {
            let mut unfinished = UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(path) = unfinished.take() {
                let _ = std::fs::remove_file(path);
            }
            std::process::exit(INTERRUPTED);
        });
    });
}

/// Makes a file that is removed when the program is interrupted, until [`keep`]. An interruption
/// waits until the file is made, so that there is no instant in which it would stay.
pub(crate) fn removing<E>(
    make: impl FnOnce() -> Result<NamedTempFile, E>,
) -> Result<NamedTempFile, E> {
    let mut unfinished = UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner);
    let file = make()?;
    *unfinished = Some(file.path().to_owned());
    Ok(file)
}

/// From now on nothing is removed.
pub(crate) fn keep() {
    *UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner) = None;
}
