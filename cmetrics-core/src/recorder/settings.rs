//! What a recorder accepts, and what it keeps.

use std::time::Duration;

use crate::settings::Settings;
use crate::time::{NANOS_PER_SECOND, seconds_rounded_up};

/// How points are made, and of which samples. Its times are whole seconds: a fraction of one counts
/// as a whole one.
///
/// ```
/// use std::time::Duration;
///
/// use cmetrics_core::recorder::RecorderSettings;
/// use cmetrics_core::Settings;
///
/// let settings = RecorderSettings::from(Settings::default());
/// assert_eq!(settings.lateness(), Duration::from_secs(5)); // one interval
/// let settings = settings.with_lateness(Duration::from_millis(19_500));
/// assert_eq!(settings.lateness(), Duration::from_secs(20));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecorderSettings {
    points: Settings,
    lateness_seconds: u64,
    history_seconds: u64,
    max_ahead_seconds: u64,
    most_kept: Option<usize>,
    has_store: bool,
}

impl RecorderSettings {
    /// For how long times are remembered by default: polls repeat the last two minutes.
    pub const DEFAULT_HISTORY: Duration = Duration::from_secs(150);
    /// How far ahead of the caller's time samples may lie by default.
    pub const DEFAULT_MAX_AHEAD: Duration = Duration::from_secs(60);

    /// By how much a sample may be older than its container's newest one, or than the caller's time
    /// if that is newer. One interval by default. Points come out that much later.
    pub const fn with_lateness(self, lateness: Duration) -> Self {
        Self { lateness_seconds: seconds_rounded_up(lateness), ..self }
    }

    /// For how long the times of samples are remembered, to distinguish duplicates from late
    /// samples; at least the lateness.
    pub const fn with_history(self, history: Duration) -> Self {
        Self { history_seconds: seconds_rounded_up(history), ..self }
    }

    /// By how much a sample may lie ahead of the time that was last passed to
    /// [`advance`](crate::Recorder::advance). Before the first call, any sample may.
    pub const fn with_max_ahead(self, max_ahead: Duration) -> Self {
        Self { max_ahead_seconds: seconds_rounded_up(max_ahead), ..self }
    }

    /// At most this many points are kept until they are drained: then the oldest is dropped and
    /// counted. By default all are kept; 0 suits a recorder whose points only go to subscribers.
    pub const fn with_most_kept(self, points: usize) -> Self {
        Self { most_kept: Some(points), ..self }
    }

    /// How points are made.
    pub const fn points(&self) -> Settings {
        self.points
    }

    /// See [`with_lateness`](Self::with_lateness).
    pub const fn lateness(&self) -> Duration {
        Duration::from_secs(self.lateness_seconds)
    }

    /// See [`with_history`](Self::with_history).
    pub const fn history(&self) -> Duration {
        Duration::from_secs(self.history_seconds)
    }

    /// See [`with_max_ahead`](Self::with_max_ahead).
    pub const fn max_ahead(&self) -> Duration {
        Duration::from_secs(self.max_ahead_seconds)
    }

    /// See [`with_most_kept`](Self::with_most_kept); `None` if all are kept.
    pub const fn most_kept(&self) -> Option<usize> {
        self.most_kept
    }

    /// The same settings, for a recorder whose samples go to a store.
    pub(super) const fn with_store(self) -> Self {
        Self { has_store: true, ..self }
    }

    /// Whether its containers have labels: where they were asked for, and for a store, which keeps
    /// them.
    pub(super) const fn keeps_labels(&self) -> bool {
        self.points.labels() || self.has_store
    }

    /// Whether its samples go to a store.
    pub(super) const fn has_store(&self) -> bool {
        self.has_store
    }

    pub(super) const fn lateness_nanos(&self) -> u64 {
        self.lateness_seconds.saturating_mul(NANOS_PER_SECOND)
    }

    pub(super) const fn max_ahead_nanos(&self) -> u64 {
        self.max_ahead_seconds.saturating_mul(NANOS_PER_SECOND)
    }

    /// For how long times are remembered, in nanoseconds.
    pub(super) fn remembered_nanos(&self) -> u64 {
        // Longer than the range of times is as good as forever, and needs no more windows.
        const LONGEST: u64 = 1 << 62;
        self.lateness_seconds
            .max(self.history_seconds)
            .saturating_mul(NANOS_PER_SECOND)
            .min(LONGEST)
    }

    /// How much time must pass after a container's last sample, besides the lateness, until it is
    /// forgotten. In nanoseconds.
    pub(super) fn forget_after_nanos(&self) -> u64 {
        self.points.max_gap_nanos().max(self.history_seconds.saturating_mul(NANOS_PER_SECOND))
    }
}

impl From<Settings> for RecorderSettings {
    fn from(points: Settings) -> Self {
        Self {
            points,
            lateness_seconds: points.interval_seconds(),
            history_seconds: Self::DEFAULT_HISTORY.as_secs(),
            max_ahead_seconds: Self::DEFAULT_MAX_AHEAD.as_secs(),
            most_kept: None,
            has_store: false,
        }
    }
}

impl Default for RecorderSettings {
    fn default() -> Self {
        Settings::default().into()
    }
}
