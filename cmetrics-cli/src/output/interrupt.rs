//! What Ctrl-C must not leave behind.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once, PoisonError};

static UNFINISHED: Mutex<Option<PathBuf>> = Mutex::new(None);

/// The exit status of a program that a signal ended, as shells give it for Ctrl-C.
const INTERRUPTED: i32 = 130;

/// From now on the file at `path` is removed when the program is interrupted.
pub(super) fn remove(path: &Path) {
    static INSTALLED: Once = Once::new();
    *UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner) = Some(path.to_owned());
    INSTALLED.call_once(|| {
        // Signals that are ignored (`nohup`) or handled otherwise stay so.
        let _ = ctrlc::try_set_handler(|| {
            let mut unfinished = UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(path) = unfinished.take() {
                let _ = std::fs::remove_file(path);
            }
            std::process::exit(INTERRUPTED);
        });
    });
}

/// From now on nothing is removed.
pub(super) fn keep() {
    *UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner) = None;
}
