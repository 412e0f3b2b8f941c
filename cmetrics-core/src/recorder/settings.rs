//! What a recorder accepts, and what it keeps.

use crate::settings::Settings;
use crate::time::NANOS_PER_SECOND;

/// How points are made, and of which samples. All times are whole seconds.
///
/// ```
/// use cmetrics_core::recorder::RecorderSettings;
/// use cmetrics_core::Settings;
///
/// let settings = RecorderSettings::from(Settings::default()).with_lateness(20);
/// assert_eq!(settings.lateness(), 20);
/// assert_eq!(RecorderSettings::from(Settings::default()).lateness(), 5); // one interval
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecorderSettings {
    points: Settings,
    lateness: u64,
    history: u64,
    max_ahead: u64,
    most_kept: Option<usize>,
    has_store: bool,
}

impl RecorderSettings {
    /// For how long times are remembered by default: polls repeat the last two minutes.
    pub const DEFAULT_HISTORY: u64 = 150;
    /// How far ahead of the caller's time samples may lie by default.
    pub const DEFAULT_MAX_AHEAD: u64 = 60;

    /// By how much a sample may be older than its container's newest one, or than the caller's time
    /// if that is newer. One interval by default. Points come out that much later.
    pub const fn with_lateness(self, lateness: u64) -> Self {
        Self { lateness, ..self }
    }

    /// For how long the times of samples are remembered, to distinguish duplicates from late
    /// samples; at least the lateness.
    pub const fn with_history(self, history: u64) -> Self {
        Self { history, ..self }
    }

    /// By how much a sample may lie ahead of the time that was last passed to
    /// [`advance`](crate::Recorder::advance). Before the first call, any sample may.
    pub const fn with_max_ahead(self, max_ahead: u64) -> Self {
        Self { max_ahead, ..self }
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
    pub const fn lateness(&self) -> u64 {
        self.lateness
    }

    /// See [`with_history`](Self::with_history).
    pub const fn history(&self) -> u64 {
        self.history
    }

    /// See [`with_max_ahead`](Self::with_max_ahead).
    pub const fn max_ahead(&self) -> u64 {
        self.max_ahead
    }

    /// See [`with_most_kept`](Self::with_most_kept); `None` if all are kept.
    pub const fn most_kept(&self) -> Option<usize> {
        self.most_kept
    }

    /// The same settings, for a recorder whose samples go to a store.
    pub(super) const fn with_store(self) -> Self {
        Self { has_store: true, ..self }
    }

    /// Whether its samples go to a store.
    pub(super) const fn has_store(&self) -> bool {
        self.has_store
    }

    pub(super) const fn lateness_nanos(&self) -> u64 {
        self.lateness.saturating_mul(NANOS_PER_SECOND)
    }

    pub(super) const fn max_ahead_nanos(&self) -> u64 {
        self.max_ahead.saturating_mul(NANOS_PER_SECOND)
    }

    /// For how long times are remembered, in nanoseconds.
    pub(super) fn remembered_nanos(&self) -> u64 {
        // Longer than the range of times is as good as forever, and needs no more windows.
        const LONGEST: u64 = 1 << 62;
        self.lateness.max(self.history).saturating_mul(NANOS_PER_SECOND).min(LONGEST)
    }

    /// How much time must pass after a container's last sample, besides the lateness, until it is
    /// forgotten. In nanoseconds.
    pub(super) fn forget_after_nanos(&self) -> u64 {
        self.points.max_gap_nanos().max(self.history.saturating_mul(NANOS_PER_SECOND))
    }
}

impl From<Settings> for RecorderSettings {
    fn from(points: Settings) -> Self {
        Self {
            points,
            lateness: points.interval_seconds(),
            history: Self::DEFAULT_HISTORY,
            max_ahead: Self::DEFAULT_MAX_AHEAD,
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
