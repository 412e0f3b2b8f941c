//! What time it is: the only place that reads a clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use cmetrics_core::Timestamp;
use tokio::time::Instant;

use crate::plan::Moment;

/// The system's time. Before the epoch it is the first time there is.
pub(crate) fn wall() -> Timestamp {
    Timestamp::try_from(SystemTime::now()).unwrap_or(Timestamp::MIN)
}

/// A clock that only goes forward, beside the system's; or both as somebody sets them.
#[derive(Clone, Debug)]
pub(crate) enum Clock {
    /// Since then.
    Real(Instant),
    /// Nanoseconds since the epoch, by which both clocks go.
    Driven(Arc<AtomicU64>),
}

impl Clock {
    pub(crate) fn begin() -> Self {
        Self::Real(Instant::now())
    }

    pub(crate) fn driven() -> Self {
        Self::Driven(Arc::default())
    }

    /// Sets a clock that is driven.
    pub(crate) fn set(&self, now: Timestamp) {
        if let Self::Driven(driven) = self {
            driven.store(now.nanos(), Ordering::SeqCst);
        }
    }

    pub(crate) fn now(&self) -> Moment {
        match self {
            Self::Real(began) => Moment { wall: wall(), elapsed: began.elapsed() },
            Self::Driven(driven) => {
                let nanos = driven.load(Ordering::SeqCst);
                let wall = Timestamp::from_nanos(nanos).unwrap_or(Timestamp::MIN);
                Moment { wall, elapsed: Duration::from_nanos(nanos) }
            }
        }
    }

    /// When so much time has passed; of a clock that is driven it is not known, and now.
    pub(crate) fn at(&self, elapsed: Duration) -> Instant {
        match self {
            Self::Real(began) => *began + elapsed,
            Self::Driven(_) => Instant::now(),
        }
    }
}
