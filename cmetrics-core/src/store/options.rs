//! Options for opening a store.

use std::time::Duration;

use super::manifest::Manifest;
use crate::document::Door;
use crate::error::{Error, Problem};
use crate::metric::MetricSet;
use crate::settings::Settings;
use crate::time::{seconds_rounded_up, shown_seconds};

/// When writes are synced to disk, so that they outlast a loss of power.
///
/// None of the policies loses anything if the process exits, panics or is killed: the operating
/// system has what a call has written when it returns. They differ in what is lost if the system
/// itself stops, because it crashes or loses power: the calls of the last while. What is left is
/// everything before them, and each call is kept as a whole or not at all.
///
/// The default is `Every` second: no call waits for it, and no more than about a second is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SyncPolicy {
    /// Before a call returns. A loss of power loses nothing, and each call waits for the disk.
    Always,
    /// After this time, on a background thread. A loss of power loses what was written in that time
    /// and while the sync was running.
    Every(Duration),
    /// When the operating system writes it, or the store is closed. A loss of power usually loses
    /// the last half minute.
    Os,
}

impl Default for SyncPolicy {
    fn default() -> Self {
        Self::Every(Duration::from_secs(1))
    }
}

/// Options for opening a store. What is fixed when a store is made (interval, longest gap,
/// lateness) need not be set again, and must not differ.
///
/// ```
/// use std::time::Duration;
///
/// use cmetrics_core::store::{StoreOptions, SyncPolicy};
/// use cmetrics_core::MetricSet;
///
/// let options = StoreOptions::default()
///     .with_interval(Duration::from_secs(10))
///     .with_metrics(MetricSet::named(&["memory.working_set"]).unwrap())
///     .with_sync(SyncPolicy::Always);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct StoreOptions {
    interval: Option<Duration>,
    max_gap: Option<Duration>,
    lateness_seconds: Option<u64>,
    metrics: MetricSet,
    doors: Option<[Door; Door::ALL.len()]>,
    pub(super) sync: SyncPolicy,
    pub(super) despite_damage: bool,
    pub(super) memory: Option<usize>,
}

impl StoreOptions {
    /// The default lateness.
    pub const DEFAULT_LATENESS: Duration = Duration::from_secs(180);

    /// Width of an interval: whole seconds, as for [`Settings::new`].
    #[must_use]
    pub const fn with_interval(self, interval: Duration) -> Self {
        Self { interval: Some(interval), ..self }
    }

    /// The longest time between two readings over which growth is distributed: whole seconds, as
    /// for [`Settings::new`].
    #[must_use]
    pub const fn with_max_gap(self, max_gap: Duration) -> Self {
        Self { max_gap: Some(max_gap), ..self }
    }

    /// By how much a sample may be older than the newest one of its container and still be accepted
    /// as merely late. It is kept in whole seconds: a fraction of one counts as a whole one.
    #[must_use]
    pub const fn with_lateness(self, lateness: Duration) -> Self {
        Self { lateness_seconds: Some(seconds_rounded_up(lateness)), ..self }
    }

    /// The rank of the doors, the highest first, by which the points of a container are made whose
    /// samples came by several (`docs/doors.md`). Doors that are left out come last. It changes
    /// nothing that is stored.
    #[must_use]
    pub fn with_doors(self, order: &[Door]) -> Self {
        Self { doors: Some(Settings::default().with_doors(order).ranked_doors()), ..self }
    }

    /// The metrics that points of ingested samples carry beside the documented ones. They are not
    /// fixed: each point carries those that were set when it was made.
    #[must_use]
    pub const fn with_metrics(self, metrics: MetricSet) -> Self {
        Self { metrics, ..self }
    }

    /// When writes are synced: a second later by default.
    #[must_use]
    pub const fn with_sync(self, sync: SyncPolicy) -> Self {
        Self { sync, ..self }
    }

    /// Opens the store even if its log or the index of a segment is damaged; `verify` returns what
    /// is lost. By default such a store is refused, since queries would silently lack points.
    #[must_use]
    pub const fn despite_damage(self) -> Self {
        Self { despite_damage: true, ..self }
    }

    /// Approximately how many bytes of recent points and samples are held in memory before they
    /// become a segment (24 MiB by default).
    #[must_use]
    pub const fn with_memory(self, bytes: usize) -> Self {
        Self { memory: Some(bytes), ..self }
    }

    /// The settings of a new store, and its lateness in seconds.
    pub(super) fn for_new(&self) -> Result<(Settings, u64), Error> {
        let interval = self.interval.unwrap_or(Settings::DEFAULT_INTERVAL);
        let settings = Settings::new(interval, self.max_gap)?;
        let settings = self.complete(settings);
        Ok((settings, self.lateness_seconds.unwrap_or(Self::DEFAULT_LATENESS.as_secs())))
    }

    /// The settings of an existing store.
    pub(super) fn for_kept(&self, manifest: &Manifest) -> Result<Settings, Error> {
        for (name, asked, kept) in [
            ("interval", self.interval, manifest.interval),
            ("max_gap", self.max_gap, manifest.max_gap),
            ("lateness", self.lateness_seconds.map(Duration::from_secs), manifest.lateness),
        ] {
            if let Some(asked) = asked.filter(|asked| *asked != Duration::from_secs(kept)) {
                let allowed = format!("{kept} s, which this store was made with");
                let value = shown_seconds(asked);
                return Err(Error::new(Problem::Setting { name, value, allowed }));
            }
        }
        let interval = Duration::from_secs(manifest.interval);
        let settings = Settings::new(interval, Some(Duration::from_secs(manifest.max_gap)))?;
        Ok(self.complete(settings))
    }

    /// The settings with what the options say beside the form of points.
    fn complete(&self, settings: Settings) -> Settings {
        let settings = settings.with_metrics(self.metrics).with_labels();
        self.doors.map_or(settings, |doors| settings.with_doors(&doors))
    }
}
