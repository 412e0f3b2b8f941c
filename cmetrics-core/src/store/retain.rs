//! Retention and compaction on request.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::MutexGuard;

use super::manifest::{Manifest, SegmentEntry};
use super::reserve;
use super::sealed::{Sealed, segment_name};
use super::shared::{CANCEL_POLL, Shared};
use super::stats::floor_time;
use super::view::View;
use super::worker;
use crate::cancel::Cancel;
use crate::error::{Error, ErrorKind};
use crate::time::{NANOS_PER_SECOND, Timestamp};

/// How much to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retention {
    /// Data that is not older than this.
    Age {
        /// The current time.
        now: Timestamp,
        /// For how long points are kept.
        age: Duration,
    },
    /// At least so many of the newest points. Whole segments of the oldest points are dropped, but
    /// never all. Until the next compaction, a point that replaced a stored one counts as a second
    /// one.
    Points(u64),
    /// Data that ends after this time. The time may lie before the current floor: then dropped data
    /// may be stored again, and is visible again if it was not deleted yet.
    Since(Timestamp),
}

/// What was dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retained {
    /// Deleted segments.
    pub segments: u64,
    /// The points in them.
    pub points: u64,
    /// Points that end at or before this are not returned, and are refused; `None` if there is no
    /// such time.
    pub floor: Option<Timestamp>,
}

/// The outcome of cancelled work.
const AS_BEFORE: &str = "the store's segments are as they were";

impl Shared {
    pub(super) fn retain(&self, retention: Retention, cancel: &Cancel) -> Result<Retained, Error> {
        let retained = self.drop_more(retention, cancel)?;
        self.forget_containers()?;
        Ok(retained)
    }

    fn drop_more(&self, retention: Retention, cancel: &Cancel) -> Result<Retained, Error> {
        let mut writer = self.writer()?;
        let width = self.rules.settings.interval_seconds();
        let before = self.view().parts().floor;
        let floor = match retention {
            Retention::Age { now, age } => {
                let oldest = now.checked_sub(age).map_or(0, Timestamp::seconds);
                before.max(oldest / width * width)
            }
            Retention::Points(least) => {
                // Points in memory can only be counted once they are in segments.
                match self.prepare(&mut writer).and_then(|()| self.rotate(&mut writer)) {
                    // The disk is full: the points stay in memory.
                    Err(error) if error.kind() == ErrorKind::DiskFull => {}
                    rotated => {
                        rotated?;
                        self.wait_until_sealed(cancel);
                    }
                }
                self.floor_for(least)
            }
            Retention::Since(time) => time.seconds() / width * width,
        };
        cancel.check("nothing was dropped")?;
        let newest = self.newest();
        if floor > before && newest <= before {
            // There is nothing to drop, and new points must not be refused.
            return self.drop_before(before);
        }
        if floor > before && floor > newest {
            let (floor, newest) = (shown(floor), shown(newest));
            return Err(self.refused(format!(
                "dropping everything up to {floor} would drop all: the newest data ends at {newest}; \
                 is the time right?"
            )));
        }
        self.drop_before(floor)
    }

    /// The end of the last interval with any data, in seconds; 0 without data.
    fn newest(&self) -> u64 {
        let view = self.view();
        let width = self.rules.settings.interval_seconds();
        let sealed = view.parts().segments.iter().map(|sealed| sealed.entry.end).max();
        let memories = view.parts().memories.iter().flat_map(|memory| memory.all());
        let recent = memories.filter_map(|one| one.newest(view.state.batch, width));
        sealed.into_iter().chain(recent).max().unwrap_or_default()
    }

    /// The latest end of a segment behind which there are surely so many points, and at least one.
    pub(super) fn floor_for(&self, least: u64) -> u64 {
        let (view, width) = (self.view(), self.rules.settings.interval_seconds());
        // Other data than points may end within an interval, and other segments may have points of
        // it.
        let end = |entry: &SegmentEntry| entry.end.div_ceil(width).saturating_mul(width);
        // All points of a segment that spans the floor may lie before it.
        let mut by_first: BTreeMap<u64, u64> = BTreeMap::new();
        let mut add = |first: u64, points: u64| *by_first.entry(first).or_default() += points;
        for Sealed { entry, .. } in view.parts().point_segments().map(|sealed| &**sealed) {
            add(entry.first, entry.points);
        }
        for recent in view.parts().memories.iter().flat_map(|memory| memory.all()) {
            recent.runs(view.state.batch).for_each(|run| {
                add(run.header.first, run.header.count.into());
            });
        }
        let is_enough = |floor: &u64| {
            let behind: u64 = by_first.range(floor..).map(|(_, points)| points).sum();
            behind >= least.max(1)
        };
        let ends: BTreeSet<u64> =
            view.parts().point_segments().map(|sealed| end(&sealed.entry)).collect();
        ends.into_iter().rev().find(is_enough).unwrap_or(0).max(view.parts().floor)
    }

    fn drop_before(&self, floor: u64) -> Result<Retained, Error> {
        let mut manifest = self.manifest.lock();
        let mut changed = Manifest::clone(&manifest);
        changed.floor = floor;
        let view = self.view();
        let old = view.parts().segments.iter().filter(|sealed| sealed.entry.end <= floor);
        let gone: Vec<_> =
            old.filter(|sealed| !log_needs(sealed, &view)).map(|one| &one.entry).collect();
        changed.segments.retain(|entry| !gone.contains(&entry));
        if changed != *manifest {
            changed.next = self.highest_number();
            reserve::with_room(&*self.disk, &|| changed.write(&*self.disk))?;
            *manifest = changed;
        }
        self.replace(|parts| {
            parts.floor = floor;
            parts.segments.retain(|sealed| !gone.contains(&&sealed.entry));
        });
        drop(manifest);
        for entry in &gone {
            // If this fails, the next opening removes it.
            let _ = self.disk.remove(&segment_name(entry.number));
        }
        let points = gone.iter().map(|entry| entry.points).sum();
        Ok(Retained { segments: gone.len() as u64, points, floor: floor_time(floor) })
    }

    /// Removes containers without any data from the catalog.
    pub(super) fn forget_containers(&self) -> Result<(), Error> {
        // No container may be added meanwhile. If somebody is about to, this is done another time.
        let mut writer = self.writer()?;
        let (compacting, sealing) = (self.compacting.try_lock(), self.sealing_one.try_lock());
        let (Some(_compacting), Some(_sealing)) = (compacting, sealing) else { return Ok(()) };
        let view = self.view();
        let sealed = view.parts().segments.iter().flat_map(|sealed| sealed.containers());
        let mut left: BTreeSet<u32> = sealed.map(|container| container.number).collect();
        for memory in &view.parts().memories {
            left.extend(memory.all().iter().map(|recent| recent.container.number));
        }
        let all = self.catalog.all().into_iter();
        let gone = all.filter(|container| !left.contains(&container.number));
        self.catalog.forget(&gone.map(|container| Arc::clone(&container.name)).collect());
        writer.forget_expected();
        Ok(())
    }

    /// Waits until no compaction is running.
    pub(super) fn compacting(
        &self,
        cancel: &Cancel,
        undone: &'static str,
    ) -> Result<MutexGuard<'_, ()>, Error> {
        loop {
            if let Some(compacting) = self.compacting.try_lock_for(CANCEL_POLL) {
                return Ok(compacting);
            }
            cancel.check(undone)?;
        }
    }

    pub(super) fn compact(&self, cancel: &Cancel) -> Result<(), Error> {
        {
            let mut writer = self.writer()?;
            self.prepare(&mut writer)?;
            self.rotate(&mut writer)?;
        }
        // An earlier failure is retried.
        *self.seal_error.lock() = None;
        let is_sealed = self.wait_until_sealed(cancel);
        cancel.check(AS_BEFORE)?;
        if !is_sealed {
            let why = self.seal_error.lock().clone().unwrap_or_default();
            return Err(self.refused(format!("what is in memory could not be sealed: {why}")));
        }
        let _compacting = self.compacting(cancel, AS_BEFORE)?;
        let segments = self.view().parts().segments.clone();
        if segments.len() < 2 && self.view().parts().floor == 0 {
            return Ok(());
        }
        worker::merge(self, &segments, cancel)
    }
}

/// A second, for messages.
fn shown(second: u64) -> String {
    let time = Timestamp::from_nanos(second.saturating_mul(NANOS_PER_SECOND));
    time.map_or_else(|| format!("second {second}"), |time| time.to_string())
}

/// Whether the log extends a tail that this segment holds. Such a segment is dropped later.
fn log_needs(sealed: &Sealed, view: &View) -> bool {
    let memories = &view.parts().memories;
    let recent = |number| memories.iter().filter_map(move |memory| memory.get(number));
    sealed.containers().any(|container| {
        let is_grown = recent(container.number).any(|recent| recent.has_tail(view.state.batch));
        let place = sealed.place(container.number).filter(|_| is_grown);
        // An unreadable segment stays.
        place.is_some_and(|place| sealed.has_tail(place).unwrap_or(true))
    })
}
