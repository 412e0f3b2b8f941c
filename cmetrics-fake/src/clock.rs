//! The time that all machines of a world share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cmetrics_core::Timestamp;

/// What tells a [`World`](crate::World) the time: the machine's own clock, or a test. Clones are
/// one clock.
#[derive(Clone, Debug)]
pub struct Clock(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Real,
    Driven(Arc<AtomicU64>),
}

impl Clock {
    /// The clock of this machine.
    pub fn real() -> Self {
        Self(Kind::Real)
    }

    /// A clock that stands still until it is told to go on.
    pub fn driven(start: Timestamp) -> Self {
        Self(Kind::Driven(Arc::new(AtomicU64::new(start.nanos()))))
    }

    /// The time by this clock.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_nanos(self.nanos()).unwrap_or(Timestamp::MIN)
    }

    /// Lets time pass, where a test drives it; nothing for the real clock.
    pub fn advance(&self, time: Duration) {
        if let Kind::Driven(now) = &self.0 {
            now.fetch_add(nanos_of(time), Ordering::SeqCst);
        }
    }

    pub(crate) fn nanos(&self) -> u64 {
        match &self.0 {
            Kind::Real => {
                nanos_of(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
            }
            Kind::Driven(now) => now.load(Ordering::SeqCst),
        }
    }
}

/// A length of time in nanoseconds; at most some 580 years.
pub(crate) fn nanos_of(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
