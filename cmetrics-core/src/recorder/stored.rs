//! A recorder whose samples go to a store, and that continues where another stopped.

use std::sync::Arc;

use super::container::Common;
use super::{Recorder, RecorderSettings};
use crate::container::Identity;
use crate::error::Error;
use crate::series::{ChainKey, Resumed};
use crate::store::{Incoming, Kept, Store};

impl RecorderSettings {
    /// The settings of a recorder whose samples go to this store ([`Recorder::resume`]).
    pub fn of(store: &Store) -> Self {
        Self::from(store.settings()).with_lateness(store.lateness())
    }
}

impl Recorder {
    /// A recorder that continues where the last one stopped whose samples went to this store: it
    /// knows the raw samples of the store, and emits no points that are final in the store already.
    /// To be stopped and started again within the lateness makes no difference.
    ///
    /// Hand what is recorded to the store now and then, with [`keep`](Self::keep).
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use cmetrics_core::recorder::{RecorderSettings, Verdict};
    /// use cmetrics_core::store::StoreOptions;
    /// use cmetrics_core::{Metric, Recorder, Sample, Store, Timestamp};
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// let store = Store::open(folder.path(), StoreOptions::default())?;
    /// let cpu = |second: u64, nanos| {
    ///     let mut sample = Sample::new(Timestamp::from_seconds(second).unwrap());
    ///     sample.set(Metric::CpuUsage, nanos);
    ///     sample
    /// };
    /// let recorder = Recorder::resume(RecorderSettings::of(&store), &store)?;
    /// recorder.record_by_name("/docker", &cpu(1_001, 700));
    /// recorder.keep(&store)?;
    /// drop(recorder); // and perhaps the process with it
    ///
    /// let recorder = Recorder::resume(RecorderSettings::of(&store), &store)?;
    /// assert_eq!(recorder.record_by_name("/docker", &cpu(1_001, 700)), Verdict::Duplicate);
    /// recorder.record_by_name("/docker", &cpu(1_004, 1_000));
    /// recorder.keep(&store)?;
    /// let points = store.last("/docker", Duration::from_secs(60))?;
    /// assert_eq!(points[0].growth(Metric::CpuUsage), Some(300));
    /// # Ok::<(), cmetrics_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Setting`](crate::ErrorKind::Setting) if the interval, the longest gap or the
    /// lateness is not the store's; or an error if what is stored cannot be read.
    pub fn resume(settings: RecorderSettings, store: &Store) -> Result<Self, Error> {
        store.check_same(settings.points(), settings.lateness())?;
        let recorder = Self::new(settings.with_store());
        let common: &Arc<Common> = &recorder.inner.common;
        let registry = &recorder.inner.registry;
        let mut told = Vec::new();
        let mut resume = |identity: Identity, door, resumed: Option<Resumed<'_>>| match resumed {
            Some(resumed) => {
                told.push(identity.clone());
                registry.get_or_register_identity(identity, door, common).0.resume(resumed);
            }
            None => registry.note_forgotten(identity.name(), door, 0),
        };
        store.each_tail(settings.forget_after_nanos(), &mut resume)?;
        for identity in &told {
            registry.add_names(identity);
        }
        Ok(recorder)
    }

    /// Hands what was recorded since the last call to a store, as one batch, of which the store
    /// makes the same points. If this fails, nothing is lost, and the next call tries again.
    ///
    /// Points that became final meanwhile can be [drained](Self::drain) as usual.
    ///
    /// # Errors
    /// Those of [`Store::ingest`], and [`ErrorKind::Setting`](crate::ErrorKind::Setting) if the
    /// recorder was not made by [`resume`](Self::resume), or for another kind of store.
    pub fn keep(&self, store: &Store) -> Result<Kept, Error> {
        let settings = self.settings();
        store.check_same(settings.points(), settings.lateness())?;
        // What one thread takes must be stored before what another takes after it.
        let _held = self.inner.store_lock.lock();
        let (mut batch, mut points) = (Vec::new(), Vec::new());
        // A container that is not listed has nothing that is not stored.
        for container in self.inner.registry.listed_where(&self.inner.common, |_| true) {
            let (samples, closed) = container.take_unstored(&mut points, &self.inner.queue);
            if samples.len() > 0 {
                batch.push((container, samples, closed));
            }
        }
        let incoming = batch.iter().map(|(container, samples, closed)| {
            let (limits, life) = (container.limits(), container.life());
            let key = ChainKey { door: container.door(), told_name: None };
            Incoming::of_recorder(container.identity(), key, limits, life, samples, *closed)
        });
        let kept = store.take_in(incoming);
        if kept.is_err() {
            for (container, samples, _) in &batch {
                container.put_back(samples);
            }
        }
        kept
    }
}
