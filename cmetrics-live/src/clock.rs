//! What time it is: the only place that reads a clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cmetrics_core::Timestamp;
use tokio::time::Instant;

use crate::plan::Moment;

/// The system's time. Before the epoch it is the first time there is.
pub(crate) fn wall() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let nanos = u64::try_from(since.as_nanos()).unwrap_or(u64::MAX);
    Timestamp::from_nanos(nanos).unwrap_or(Timestamp::MIN)
}

/// A clock that only goes forward, beside the system's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    began: Instant,
}

impl Clock {
    pub(crate) fn begin() -> Self {
        Self { began: Instant::now() }
    }

    pub(crate) fn now(&self) -> Moment {
        Moment { wall: wall(), elapsed: self.began.elapsed() }
    }

    /// When so much time has passed.
    pub(crate) fn at(&self, elapsed: Duration) -> Instant {
        self.began + elapsed
    }
}
