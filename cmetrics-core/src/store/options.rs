//! How a store is opened.

use std::time::Duration;

use super::manifest::Manifest;
use crate::error::{Error, Problem};
use crate::metric::MetricSet;
use crate::settings::Settings;

/// When what was written is put onto the disk for good, so that it outlasts a loss of power.
///
/// Where the process ends, is killed or panics, nothing is lost with any of them: what a call has
/// written when it returns, the operating system has. They differ in what is lost where the system
/// itself stops, as its power fails or it crashes: the last calls that wrote, of so much time. What
/// is left is all that was written before, and of each call all or nothing.
///
/// By default it is `Every` second: nobody waits for it, and no more than a second or so is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SyncPolicy {
    /// Before a call returns. Nothing is lost where power is, and each call waits for the disk.
    Always,
    /// So long after a call has returned, by a thread behind the scenes. Where power is lost, so
    /// is what was written in that time, and while the disk was at it.
    Every(Duration),
    /// When the operating system does it, or the store is closed. Where power is lost, so is as a
    /// rule the last half minute.
    Os,
}

impl Default for SyncPolicy {
    fn default() -> Self {
        Self::Every(Duration::from_secs(1))
    }
}

/// How a store is opened. What is fixed when a store is made (interval, longest gap, lateness)
/// need not be said again, and must not be said otherwise.
///
/// ```
/// use cmetrics_core::{MetricSet, StoreOptions, SyncPolicy};
///
/// let options = StoreOptions::default()
///     .with_interval(10)
///     .with_metrics(MetricSet::named(&["memory.working_set"]).unwrap())
///     .with_sync(SyncPolicy::Always);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct StoreOptions {
    interval: Option<u64>,
    max_gap: Option<u64>,
    lateness: Option<u64>,
    metrics: MetricSet,
    pub(super) sync: SyncPolicy,
    pub(super) despite_damage: bool,
    pub(super) memory: Option<usize>,
}

impl StoreOptions {
    /// The lateness unless the caller says otherwise, in seconds.
    pub const DEFAULT_LATENESS: u64 = 180;

    /// Width of an interval, in seconds.
    #[must_use]
    pub const fn with_interval(self, seconds: u64) -> Self {
        Self { interval: Some(seconds), ..self }
    }

    /// The longest time between two readings that growth is shared out over, in seconds.
    #[must_use]
    pub const fn with_max_gap(self, seconds: u64) -> Self {
        Self { max_gap: Some(seconds), ..self }
    }

    /// By how many seconds a sample may be older than its container's newest and still be taken
    /// for one that just came late.
    #[must_use]
    pub const fn with_lateness(self, seconds: u64) -> Self {
        Self { lateness: Some(seconds), ..self }
    }

    /// The metrics that points of ingested samples carry beside the documented ones. They are not
    /// fixed: points carry those that were asked for when they were made.
    #[must_use]
    pub const fn with_metrics(self, metrics: MetricSet) -> Self {
        Self { metrics, ..self }
    }

    /// When what was written outlasts a loss of power: a second later, unless said otherwise.
    #[must_use]
    pub const fn with_sync(self, sync: SyncPolicy) -> Self {
        Self { sync, ..self }
    }

    /// Opens the store even where its log or the index of a segment is damaged; what is lost by
    /// that, `verify` says. Else such a store is not opened, as its answers would lack points
    /// without a word.
    #[must_use]
    pub const fn despite_damage(self) -> Self {
        Self { despite_damage: true, ..self }
    }

    /// About how many bytes of recent points and samples are held in memory before they are put
    /// into a segment (24 MiB unless said otherwise).
    #[must_use]
    pub const fn with_memory(self, bytes: usize) -> Self {
        Self { memory: Some(bytes), ..self }
    }

    /// The settings of a new store, and its lateness in seconds.
    pub(super) fn for_new(&self) -> Result<(Settings, u64), Error> {
        let interval = self.interval.unwrap_or(Settings::DEFAULT_INTERVAL);
        let settings = Settings::new(interval, self.max_gap)?.with_metrics(self.metrics);
        Ok((settings, self.lateness.unwrap_or(Self::DEFAULT_LATENESS)))
    }

    /// The settings of a store that is there.
    pub(super) fn for_kept(&self, manifest: &Manifest) -> Result<Settings, Error> {
        for (name, asked, kept) in [
            ("interval", self.interval, manifest.interval),
            ("max_gap", self.max_gap, manifest.max_gap),
            ("lateness", self.lateness, manifest.lateness),
        ] {
            if let Some(asked) = asked.filter(|asked| *asked != kept) {
                let allowed = format!("{kept} s, which this store was made with");
                return Err(Error::new(Problem::Setting {
                    name,
                    value: format!("{asked} s"),
                    allowed,
                }));
            }
        }
        let settings = Settings::new(manifest.interval, Some(manifest.max_gap))?;
        Ok(settings.with_metrics(self.metrics))
    }
}
