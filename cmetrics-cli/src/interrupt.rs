//! How a signal ends a command, and removes its unfinished output.

use std::path::PathBuf;
use std::sync::{Mutex, Once, PoisonError};

use tempfile::NamedTempFile;

static UNFINISHED: Mutex<Option<PathBuf>> = Mutex::new(None);

/// The exit status of a program that a signal ended is, by the convention of shells, this plus the
/// signal's number.
const SIGNALLED: i32 = 128;
/// The signal number of Ctrl-C.
const INTERRUPT: i32 = 2;

/// Makes signals that ask the process to end exit it at once. Signals that are ignored (`nohup`) or
/// have another handler are left alone.
pub(crate) fn handle() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        #[cfg(unix)]
        let blocked = signals::Blocked::block();
        let handled = ctrlc::try_set_handler(|| end(INTERRUPT));
        #[cfg(unix)]
        blocked.handle_if(handled.is_ok());
        #[cfg(not(unix))]
        let _ = handled;
    });
}

/// Ends the process as a signal would.
pub(crate) fn end(signal: i32) -> ! {
    let mut unfinished = UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(path) = unfinished.take() {
        let _ = std::fs::remove_file(path);
    }
    std::process::exit(SIGNALLED + signal)
}

/// Waits for signals on a thread. The handler of `ctrlc` does not get the number of the signal, so
/// signals are blocked in all threads, and one thread waits for them.
#[cfg(unix)]
mod signals {
    use nix::sys::signal::{SigSet, Signal};

    pub(super) struct Blocked(SigSet);

    impl Blocked {
        /// Blocks the signals in this thread and those that it starts.
        pub(super) fn block() -> Self {
            let signals = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];
            let signals: SigSet = signals.into_iter().collect();
            // Where this fails, the handler ends the process for all of them in the same way.
            let _ = signals.thread_block();
            Self(signals)
        }

        /// Waits for the signals on a thread, unless any of them is ignored or has another handler.
        pub(super) fn handle_if(self, are_ours: bool) {
            let signals = self.0;
            let wait = move || {
                if let Ok(signal) = signals.wait() {
                    super::end(signal as i32);
                }
            };
            let named = std::thread::Builder::new().name("signals".to_owned());
            if !are_ours || named.spawn(wait).is_err() {
                let _ = signals.thread_unblock();
            }
        }
    }
}

/// Makes a file that is removed when the program is interrupted, until [`keep`] is called. The lock
/// makes an interrupt wait until the file is made, so that it cannot be left behind.
pub(crate) fn remove_on_interrupt<E>(
    make: impl FnOnce() -> Result<NamedTempFile, E>,
) -> Result<NamedTempFile, E> {
    let mut unfinished = UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner);
    let file = make()?;
    *unfinished = Some(file.path().to_owned());
    Ok(file)
}

/// Keeps the file when the program is interrupted.
pub(crate) fn keep() {
    *UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner) = None;
}
