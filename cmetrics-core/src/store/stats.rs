//! Statistics of a store, and verification.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::disk::Cancellable;
use super::log::{log_name, log_number};
use super::manifest::Manifest;
use super::opening;
use super::orphans::check_no_orphans;
use super::point_rows::RowShape;
use super::replay;
use super::shared::Shared;
use super::view::{Parts, Query, State, View};
use crate::cancel::Cancel;
use crate::chain_name;
use crate::error::Error;
use crate::metric::Metric;
use crate::time::Timestamp;

/// The contents and size of a store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreStats {
    /// Known containers: those with points or samples, and some whose data was all dropped.
    pub containers: u64,
    /// Points in segments, including those that were replaced since.
    pub sealed_points: u64,
    /// Points in the log and in memory.
    pub recent_points: u64,
    /// The number of segments.
    pub segments: u64,
    /// Bytes of the segments.
    pub sealed_bytes: u64,
    /// Bytes of the logs.
    pub log_bytes: u64,
    /// The approximate memory that recent points and samples take, in bytes.
    pub memory_bytes: u64,
    /// Bytes of an incomplete write at the end of a log, whose writer was stopped.
    pub torn_bytes: u64,
    /// Bytes written to logs and to segments since the store was opened.
    pub written_bytes: (u64, u64),
    /// Points refused since the store was opened.
    pub refused: u64,
    /// Points that end at or before this are gone; `None` if nothing was dropped.
    pub floor: Option<Timestamp>,
    /// The start of the first interval with a value of each metric.
    pub since: BTreeMap<Metric, Timestamp>,
    /// The last error of a background thread, unless a later run succeeded.
    pub trouble: Option<String>,
}

/// The second before which points are dropped; 0 if none are.
pub(super) fn floor_time(second: u64) -> Option<Timestamp> {
    (second > 0).then(|| Timestamp::at_second(second))
}

/// The outcome of cancelled work.
pub(super) const NOT_ALL: &str = "not all was looked at";

impl Shared {
    pub(super) fn stats(&self) -> Result<StoreStats, Error> {
        self.check_process()?;
        let (view, counters) = (self.view(), &self.counters);
        let parts = view.parts();
        let mut stats = StoreStats {
            containers: self.catalog.containers().len() as u64,
            segments: parts.segments.len() as u64,
            sealed_points: parts.segments.iter().map(|one| one.entry.points).sum(),
            sealed_bytes: parts.segments.iter().map(|one| one.entry.bytes).sum(),
            recent_points: parts.memories.iter().map(|memory| memory.points()).sum(),
            memory_bytes: parts.memories.iter().map(|memory| memory.size() as u64).sum(),
            log_bytes: self.log_bytes()?,
            torn_bytes: counters.torn.load(Ordering::Relaxed),
            written_bytes: (
                counters.logged.load(Ordering::Relaxed),
                counters.sealed.load(Ordering::Relaxed),
            ),
            refused: counters.refused.load(Ordering::Relaxed),
            floor: floor_time(parts.floor),
            trouble: self.last_trouble(),
            ..StoreStats::default()
        };
        for sealed in &parts.segments {
            for (metric, since) in sealed.segment.columns() {
                stats.keep(metric, since);
            }
        }
        let mut shapes: HashMap<RowShape, u64> = HashMap::new();
        for memory in &parts.memories {
            for recent in memory.all() {
                for run in recent.runs(view.state.batch) {
                    let first = shapes.entry(run.header.shape).or_insert(run.header.first);
                    *first = run.header.first.min(*first);
                }
            }
        }
        for (shape, first) in shapes {
            shape.carried().iter().for_each(|metric| stats.keep(metric, first));
        }
        Ok(stats)
    }

    /// Counts the points that are made from raw samples on demand.
    pub(super) fn count_provisional(&self, cancel: &Cancel) -> Result<u64, Error> {
        self.check_process()?;
        let (view, mut count) = (self.view(), 0);
        for container in self.catalog.all() {
            cancel.check(NOT_ALL)?;
            let Some(tail) = view.tail(&container)? else { continue };
            let background = container.metadata.load().background();
            let open = tail.provisional(&container.name, &background, self.rules.settings);
            count += open.map_or(0, |open| open.points.len() as u64);
        }
        Ok(count)
    }

    fn last_trouble(&self) -> Option<String> {
        let all = [&self.seal_error, &self.sync_error, &self.compaction_error];
        all.iter().find_map(|trouble| trouble.lock().clone())
    }

    fn log_bytes(&self) -> Result<u64, Error> {
        let failed = |cause| self.io("list", cause);
        let mut bytes = 0;
        for name in self.disk.list().map_err(failed)? {
            if log_number(&name).is_some() {
                // A log that is removed meanwhile counts as empty.
                let length = self.disk.open(&name).and_then(|file| file.length());
                bytes += length.unwrap_or_default();
            }
        }
        Ok(bytes)
    }

    /// Reads everything, and returns all damage.
    pub(super) fn verify(&self, cancel: &Cancel) -> Result<Vec<Error>, Error> {
        self.check_process()?;
        let (view, mut wrong) = (self.view(), Vec::new());
        for sealed in &view.parts().segments {
            let before = wrong.len();
            sealed.segment.verify(cancel, |damage| wrong.push(sealed.error(damage)));
            if wrong.len() == before {
                wrong.extend(sealed.check_whole(cancel).err());
            }
            cancel.check(NOT_ALL)?;
        }
        let manifest = self.manifest.lock().clone();
        let is_open =
            |number: u64| view.parts().segments.iter().any(|one| one.entry.number == number);
        for entry in manifest.segments.iter().filter(|entry| !is_open(entry.number)) {
            // It was skipped when the store was opened despite damage.
            cancel.check(NOT_ALL)?;
            wrong.extend(opening::segment(&*self.disk, entry, &self.catalog).err());
        }
        let failed = |cause| self.io("list", cause);
        let first = manifest.first_log;
        for name in self.disk.list().map_err(failed)? {
            let Some(number) = log_number(&name).filter(|number| *number >= first) else {
                continue;
            };
            let path = self.disk.path(&log_name(number));
            cancel.check(NOT_ALL)?;
            let Ok(file) = self.disk.open(&name) else { continue };
            match replay::lost(&Cancellable { file, cancel }, &view, self.disk.boot()) {
                _ if cancel.is_cancelled() => {}
                Ok(lost) => wrong.extend(lost.iter().map(|range| {
                    Error::damaged(&path, Some(range.start), "what was written here is lost")
                })),
                Err(cause) => wrong.push(Error::damaged(&path, Some(0), cause.to_string())),
            }
        }
        if wrong.is_empty() && self.despite_damage {
            // Other files show whether a whole file is missing.
            wrong.extend(self.check_logs(&view, &manifest, cancel).err());
            cancel.check(NOT_ALL)?;
        }
        for container in self.catalog.all() {
            let query = Query::stored(0..u64::MAX);
            let points = view.points(&container, &query)?;
            // Damaged ones were reported above.
            let mut last = 0;
            for point in points.flatten() {
                cancel.check(NOT_ALL)?;
                if point.interval().start() < last {
                    let path = self.folder.clone();
                    let what = format!(
                        "points of {} do not lie in rising time",
                        chain_name::told(&container.name)
                    );
                    wrong.push(Error::damaged(&path, None, what));
                }
                last = point.interval().end();
            }
        }
        cancel.check(NOT_ALL)?;
        Ok(wrong)
    }

    /// Replays the logs as strictly as an opening without `despite_damage`.
    fn check_logs(&self, view: &View, manifest: &Manifest, cancel: &Cancel) -> Result<(), Error> {
        let parts = Parts { memories: Vec::new(), ..view.parts().clone() };
        let state = Arc::new(State { batch: 0, parts: Arc::new(parts) });
        let view = View { state, catalog: Arc::clone(&self.catalog), rules: self.rules };
        let replayed = replay::replay(&*self.disk, &view, manifest, false, cancel)?;
        check_no_orphans(&*self.disk, manifest, &replayed.ends)
    }
}

impl StoreStats {
    fn keep(&mut self, metric: Metric, second: u64) {
        let since = Timestamp::at_second(second);
        let first = self.since.entry(metric).or_insert(since);
        *first = since.min(*first);
    }
}
