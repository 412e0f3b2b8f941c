//! Where recorded samples go: the recorder, the store, and what is counted of both.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cmetrics_core::recorder::RecorderSettings;
use cmetrics_core::{Input, Pipeline, Recorder, Series, Store, Timestamp};
use parking_lot::Mutex;

use crate::error::Error;
use crate::log::TARGET;
use crate::options::LiveOptions;
use crate::state::Unseen;
use crate::unseen::{Ledger, Noted, places};

/// By how much a machine's clock may be ahead of ours. What is further ahead is refused, so that one
/// wrong time does not make all others late.
pub(crate) const MOST_AHEAD: Duration = Duration::from_secs(150);
/// By how much a machine's clock may be behind ours while an outage loses nothing.
const MOST_BEHIND: Duration = Duration::from_secs(120);
/// For how much longer than machines do the recorder remembers the times of samples.
const LONGER_HISTORY: Duration = Duration::from_secs(30);

/// The recorder and the store, and what is counted of both. Its calls may wait for the disk.
#[derive(Debug)]
pub(crate) struct Keeper {
    pub(crate) store: Store,
    pub(crate) recorder: Recorder,
    lag: Duration,
    /// The time that the recorder was last told, in nanoseconds; 0 before the first.
    told: AtomicU64,
    counts: Mutex<KeepCounts>,
    ledger: Mutex<Ledger>,
}

/// What was handed to the store, and how that went.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeepCounts {
    pub(crate) keeps: u64,
    pub(crate) failed: u64,
    pub(crate) last: Option<Timestamp>,
    pub(crate) error: Option<String>,
}

impl Keeper {
    /// Continues the recorder whose samples went to this store.
    pub(crate) fn open(store: Store, options: &LiveOptions) -> Result<Self, Error> {
        let recorder = Recorder::resume(settings(&store, options), &store)?;
        // Of the intervals that the store has in part, what was final before is not seen again.
        let mut ledger = Ledger::default();
        for bearer in store.containers()? {
            ledger.begin_after(bearer.identity.machine(), bearer.last.end());
        }
        Ok(Self {
            lag: lag(&store, options),
            store,
            recorder,
            told: AtomicU64::new(0),
            counts: Mutex::default(),
            ledger: Mutex::new(ledger),
        })
    }

    /// Tells the recorder a time that lags behind this one, and hands what was recorded to the
    /// store. What cannot be handed over is tried again the next time.
    pub(crate) fn keep(&self, now: Timestamp) -> Result<(), Error> {
        self.store.advance(now);
        if let Some(told) = now.checked_sub(self.lag) {
            self.told.store(told.nanos(), Ordering::Relaxed); // a plain value
            self.recorder.advance(told);
        }
        let kept = self.note(self.recorder.keep(&self.store), now);
        self.counts.lock().keeps += u64::from(kept.is_ok());
        self.account();
        kept.map(|_| ())
    }

    /// Adds the points that became final to the ledger, which is held for short steps alone: others
    /// read from it.
    fn account(&self) {
        let mut noted = Vec::new();
        self.recorder.drain(&mut |point| noted.push(Noted::of(&point)));
        let has_unknown = self.ledger.lock().add(noted);
        let places = if has_unknown { places(&self.recorder) } else { Vec::new() };
        let mut ledger = self.ledger.lock();
        ledger.learn(places);
        // From then on no point of a container comes, not even of one that has ended.
        let settled_after = self.store.lateness() + self.store.settings().max_gap();
        if let Some(until) = self.told().and_then(|told| told.checked_sub(settled_after)) {
            ledger.settle(until.seconds());
        }
    }

    /// Keeps, and makes all of it outlast a loss of power.
    pub(crate) fn finish(&self, now: Timestamp) -> Result<(), Error> {
        self.keep(now)?;
        self.note(self.store.sync(), now)
    }

    /// Hands samples to the store that are too late for the recorder, those of whole containers
    /// that `is_late` finds in this reply.
    pub(crate) fn take_late(
        &self,
        (name, machine): (&str, &str),
        reply: &[u8],
        now: Timestamp,
        is_late: &mut dyn FnMut(&Series) -> bool,
    ) -> Result<(), Error> {
        let mut pipeline = Pipeline::new(self.store.settings());
        // Its errors are those that the recorder's reader has told.
        let _ = pipeline.read(Input::bytes(name, reply).machine(machine));
        let late: Vec<_> = pipeline.series().filter(|series| is_late(series)).collect();
        if late.is_empty() {
            return Ok(());
        }
        // The store must know what the recorder took: what is old is older than that.
        self.note(self.recorder.keep(&self.store), now)?;
        self.note(self.store.ingest(late), now).map(|_| ())
    }

    /// The time that the recorder was last told.
    pub(crate) fn told(&self) -> Option<Timestamp> {
        Timestamp::from_nanos(self.told.load(Ordering::Relaxed))
    }

    /// By how much a machine's clock may be behind ours before samples come too late for the
    /// recorder; the newest is as old as the time between two polls.
    pub(crate) fn most_behind(&self) -> Duration {
        self.lag.saturating_add(self.store.lateness())
    }

    /// What was handed to the store so far.
    pub(crate) fn counts(&self) -> KeepCounts {
        self.counts.lock().clone()
    }

    /// What parents used and no child was seen to use on this machine, in its last settled intervals.
    pub(crate) fn unseen(&self, machine: &str, most: usize) -> Vec<Unseen> {
        self.ledger.lock().of(machine, most)
    }

    /// The same over all machines and intervals: CPU time, in nanoseconds.
    pub(crate) fn unseen_cpu_ns(&self) -> Option<i64> {
        self.ledger.lock().cpu_ns()
    }

    /// Hands what was recorded to the store, whatever the time.
    pub(crate) fn keep_all(&self) -> Result<(), Error> {
        self.recorder.keep(&self.store)?;
        Ok(())
    }

    /// Closes the store.
    pub(crate) fn close(self) -> Result<(), Error> {
        Ok(self.store.close()?)
    }

    fn note<T>(&self, done: Result<T, cmetrics_core::Error>, now: Timestamp) -> Result<T, Error> {
        let mut counts = self.counts.lock();
        match done {
            Ok(done) => {
                counts.last = Some(now);
                counts.error = None;
                Ok(done)
            }
            Err(cause) => {
                counts.failed += 1;
                if counts.error.is_none() {
                    tracing::error!(target: TARGET, error = %cause, "store failed");
                }
                counts.error = Some(cause.to_string());
                Err(cause.into())
            }
        }
    }
}

/// By how much the time that the recorder is told lags. With the lateness it covers a machine whose
/// clock is behind, and that comes back after it was away for as long as it remembers.
fn lag(store: &Store, options: &LiveOptions) -> Duration {
    options.lag().saturating_add(MOST_BEHIND.saturating_sub(store.lateness()))
}

/// The recorder of a store whose machines are polled like this.
fn settings(store: &Store, options: &LiveOptions) -> RecorderSettings {
    let of_store = RecorderSettings::of(store);
    let settings = match options.settings() {
        Some(points) => RecorderSettings::from(points).with_lateness(of_store.lateness()),
        None => of_store,
    };
    let history = options.storage_duration().saturating_add(LONGER_HISTORY);
    settings
        .with_history(history.max(of_store.history()))
        .with_max_ahead(lag(store, options).saturating_add(MOST_AHEAD))
}
