//! Makes the points of one container from what was recorded, and hands its samples to a store.

use std::sync::Arc;

use super::ContainerRecorder;
use crate::container::{Life, Limits};
use crate::point::DataPoint;
use crate::recorder::queue::Queue;
use crate::recorder::ranked::{OpenPoints, RankedContainer};
use crate::recorder::sealer::{Membership, SealContext, Sealer};
use crate::series::{ChainKey, Chunk, Resumed};
use crate::sync::Ordering;

impl ContainerRecorder {
    /// Adds the points that became final.
    pub(in crate::recorder) fn seal(&self, sealer: &mut Sealer, points: &mut Vec<DataPoint>) {
        let life = self.life();
        let context = self.seal_context(&life, sealer);
        sealer.seal(&self.intake, context, points);
        self.sealed_version.store(sealer.version().unwrap_or(u64::MAX), Ordering::Relaxed);
        self.sealed_now.store(sealer.now(), Ordering::Relaxed);
        self.is_active.store(!sealer.is_dormant(&self.intake), Ordering::Relaxed);
    }

    /// Adds the points of everything that was recorded.
    pub(in crate::recorder) fn flush(
        self: &Arc<Self>,
        sealer: &mut Sealer,
        points: &mut Vec<DataPoint>,
    ) {
        let life = self.life();
        let context = self.seal_context(&life, sealer);
        sealer.flush(&self.intake, context, points);
        self.mark_unsealed();
    }

    /// The last final point, and those that are not final yet.
    pub(in crate::recorder) fn snapshot(self: &Arc<Self>) -> Vec<DataPoint> {
        let (mut sealer, life) = (self.sealer(), self.life());
        let context = self.seal_context(&life, &sealer);
        let points = sealer.snapshot(&self.intake, context);
        self.mark_unsealed();
        points
    }

    /// What is not final yet of this door, if the container has others.
    pub(in crate::recorder) fn open_points(self: &Arc<Self>) -> Option<OpenPoints> {
        let (mut sealer, life) = (self.sealer(), self.life());
        let key = sealer.ranked()?.key.clone();
        let context = self.seal_context(&life, &sealer);
        let (points, lumps) = sealer.open_points(&self.intake, context);
        drop(sealer);
        self.mark_unsealed();
        Some(OpenPoints { key, points, lumps })
    }

    /// What it shares with the container's other doors, if there are any.
    pub(in crate::recorder) fn ranked(&self) -> Option<Arc<RankedContainer>> {
        self.sealer().ranked().map(|ranked| Arc::clone(&ranked.container))
    }

    /// Whether it is the only door of the container, or the one that speaks for all.
    pub(in crate::recorder) fn speaks_for_container(&self) -> bool {
        speaks_for_container(&self.sealer())
    }

    /// Adds points that were sealed to those of the container's other doors, and those that this
    /// makes final to the queue; or to the queue, if it has no other door.
    pub(in crate::recorder) fn emit(
        &self,
        sealer: &mut Sealer,
        points: &mut Vec<DataPoint>,
        queue: &Queue,
    ) {
        let Some(Membership { container, key, .. }) = sealer.ranked() else {
            if !points.is_empty() {
                queue.push(points);
            }
            return;
        };
        let (container, key) = (Arc::clone(container), key.clone());
        let progress = sealer.take_progress(&self.intake);
        container.add(&key, self.limits(), progress, points, queue);
    }

    /// The ranking of the container that has this name, which begins if it is the only door yet.
    pub(in crate::recorder) fn begin_ranking(&self) -> Arc<RankedContainer> {
        let mut sealer = self.sealer();
        let known = sealer.ranked().filter(|ranked| ranked.key.told_name.is_none());
        if let Some(ranked) = known {
            return Arc::clone(&ranked.container);
        }
        let (name, settings) = (Arc::clone(&self.name), self.common.settings);
        let new = Arc::new(RankedContainer::new(name, settings, sealer.emitted_until()));
        sealer.join(&self.intake, &new, ChainKey { door: self.door, told_name: None });
        new
    }

    /// From now on its points go to the ranking of this container, which may have another name.
    pub(in crate::recorder) fn rank_in(&self, container: &Arc<RankedContainer>) {
        let told_name = Some(Arc::clone(&self.name)).filter(|name| name != container.name());
        let key = ChainKey { door: self.door, told_name };
        self.sealer().join(&self.intake, container, key);
    }

    /// The samples that were not handed to a store yet, and the time up to which no more come.
    pub(in crate::recorder) fn take_unstored(
        &self,
        points: &mut Vec<DataPoint>,
        queue: &Queue,
    ) -> (Chunk, u64) {
        let mut sealer = self.sealer();
        self.seal(&mut sealer, points);
        self.emit(&mut sealer, points, queue);
        sealer.take_unstored()
    }

    /// Takes back the samples that a store did not take.
    pub(in crate::recorder) fn put_back(self: &Arc<Self>, samples: &Chunk) {
        self.sealer().put_back(samples);
        self.mark_unsealed();
    }

    /// Continues from what a store knows.
    pub(in crate::recorder) fn resume(self: &Arc<Self>, resumed: Resumed<'_>) {
        if **resumed.life != Life::default() {
            self.description.lock().life = Some(Arc::clone(resumed.life));
            self.has_life.store(true, Ordering::Relaxed);
        }
        for (row, mark) in resumed.samples.rows_with_meta() {
            self.record_from(&row.into(), mark.is_partial);
        }
        let mut sealer = self.sealer();
        let context = self.seal_context(resumed.life, &sealer);
        sealer.resume(&self.intake, context, resumed);
        drop(sealer);
        self.mark_unsealed();
    }

    /// Notes that samples were taken in, but that the points which this made final were not sealed.
    /// The container is closed by the current time: if that is corrected, the container must be
    /// among those that are opened again.
    pub(super) fn mark_unsealed(self: &Arc<Self>) {
        self.sealed_version.store(u64::MAX, Ordering::Relaxed);
        self.list();
    }

    /// The newest known limits.
    pub(in crate::recorder) fn limits(&self) -> Limits {
        self.description.lock().limits.as_ref().map(|known| known.limits()).unwrap_or_default()
    }

    pub(super) fn seal_context<'r>(
        &'r self,
        life: &'r Arc<Life>,
        sealer: &Sealer,
    ) -> SealContext<'r> {
        let has_shares = self.common.settings.points().shares();
        SealContext {
            name: &self.name,
            settings: &self.common.settings,
            intake_env: &self.common.intake_env,
            limits: if has_shares { self.limits() } else { Limits::default() },
            life,
            door: self.door,
            events: &self.common.events,
            newest_elsewhere: sealer.newest_elsewhere(),
        }
    }
}

pub(super) fn speaks_for_container(sealer: &Sealer) -> bool {
    sealer.ranked().is_none_or(|ranked| ranked.container.is_first(&ranked.key))
}
