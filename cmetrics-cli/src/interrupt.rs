//! How a signal ends a command, and what it must not leave behind.

use std::path::PathBuf;
use std::sync::{Mutex, Once, PoisonError};

use tempfile::NamedTempFile;

static UNFINISHED: Mutex<Option<PathBuf>> = Mutex::new(None);

/// The exit status of a program that a signal ended is, as shells give it, this and the signal's
/// number.
const SIGNALLED: i32 = 128;
/// The number of Ctrl-C.
const INTERRUPT: i32 = 2;

/// From now on a signal that asks for the end exits the process, whatever it is at. Signals that are
/// ignored (`nohup`) or handled otherwise stay so.
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

fn end(signal: i32) {
    let mut unfinished = UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(path) = unfinished.take() {
        let _ = std::fs::remove_file(path);
    }
    std::process::exit(SIGNALLED + signal);
}

/// Which signal came, a handler is not told: so they are held back from all threads, and one waits
/// for them.
#[cfg(unix)]
mod signals {
    use nix::sys::signal::{SigSet, Signal};

    pub(super) struct Blocked(SigSet);

    impl Blocked {
        /// Holds signals back from this thread and those that it starts.
        pub(super) fn block() -> Self {
            let signals = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];
            let signals: SigSet = signals.into_iter().collect();
            // Where that fails, they are handled, and all end alike.
            let _ = signals.thread_block();
            Self(signals)
        }

        /// Waits for them on a thread, unless any of them is ignored or handled otherwise.
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

/// Makes a file that is removed when the program is interrupted, until [`keep`]. An interruption
/// waits until the file is made, so that there is no instant in which it would stay.
pub(crate) fn remove_on_interrupt<E>(
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
