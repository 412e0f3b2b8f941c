//! Signals that ask to end, and to read the configuration again.

use std::io;

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// SIGTERM or SIGINT, with its number.
    End(i32),
    /// SIGHUP.
    Hangup,
}

#[cfg(unix)]
pub(super) use unix::Signals;

#[cfg(unix)]
mod unix {
    use tokio::signal::unix::{Signal, SignalKind, signal};

    use super::{Asked, io};

    /// Signals, from when this was made. Interrupts and hang-ups that are ignored, as in a script's
    /// background or under `nohup`, stay ignored.
    #[derive(Debug)]
    pub(in super::super) struct Signals {
        terminate: Signal,
        interrupt: Option<Signal>,
        hangup: Option<Signal>,
    }

    impl Signals {
        /// # Errors
        /// Those of the system. A runtime must be running.
        pub(in super::super) fn new() -> io::Result<Self> {
            let unless_ignored = |kind: SignalKind| {
                if is_ignored(kind.as_raw_value()) { Ok(None) } else { signal(kind).map(Some) }
            };
            Ok(Self {
                terminate: signal(SignalKind::terminate())?,
                interrupt: unless_ignored(SignalKind::interrupt())?,
                hangup: unless_ignored(SignalKind::hangup())?,
            })
        }

        /// The next signal.
        pub(in super::super) async fn next(&mut self) -> Asked {
            let (terminate, interrupt) = (SignalKind::terminate(), SignalKind::interrupt());
            tokio::select! {
                _ = self.terminate.recv() => Asked::End(terminate.as_raw_value()),
                () = next_of(self.interrupt.as_mut()) => Asked::End(interrupt.as_raw_value()),
                () = next_of(self.hangup.as_mut()) => Asked::Hangup,
            }
        }
    }

    async fn next_of(signal: Option<&mut Signal>) {
        match signal {
            Some(signal) => drop(signal.recv().await),
            None => std::future::pending().await,
        }
    }

    /// Whether a signal is ignored; where the system does not say, none is.
    fn is_ignored(signal: i32) -> bool {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
    }
}

/// Ctrl-C, where there are no other signals.
#[cfg(not(unix))]
#[derive(Debug)]
pub(super) struct Signals;

#[cfg(not(unix))]
impl Signals {
    const INTERRUPT: i32 = 2;

    #[expect(clippy::unnecessary_wraps, reason = "as where there are signals")]
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self)
    }

    pub(super) async fn next(&mut self) -> Asked {
        match tokio::signal::ctrl_c().await {
            Ok(()) => Asked::End(Self::INTERRUPT),
            Err(_) => std::future::pending().await,
        }
    }
}
