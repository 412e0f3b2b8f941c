//! Appending points to a store.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::expected::ExpectedContainers;
use super::overlap::{find_by_start, runs, stored_overlapping};
use super::points::outranks;
use super::records::TailExtent;
use super::shared::Shared;
use super::view::View;
use super::writer::Staged;
use crate::cancel::Cancel;
use crate::error::{Error, Problem};
use crate::point::DataPoint;

/// Counts of what happened to appended points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Appended {
    /// No point of their interval was stored.
    pub added: u64,
    /// They replaced a stored point: they know more of the interval.
    pub replaced: u64,
    /// The stored point stays: it knows at least as much.
    pub unchanged: u64,
    /// They lie before the floor, or more than an hour after the time that the caller set.
    pub refused: u64,
}

impl Appended {
    pub(super) fn add(&mut self, other: Self) {
        self.added += other.added;
        self.replaced += other.replaced;
        self.unchanged += other.unchanged;
        self.refused += other.refused;
    }
}

/// Which points of a batch belong to which container.
#[derive(Debug, Default)]
struct AppendPlan {
    /// Runs of points of one container and shape, in rising time. The containers are the expected
    /// ones.
    runs: Vec<Range<usize>>,
    appended: Appended,
}

impl Shared {
    pub(super) fn append(&self, points: &[DataPoint]) -> Result<Appended, Error> {
        drop(self.writer()?);
        self.check(points)?;
        let appended = self.write(&Cancel::default(), |view, staged| {
            self.check_new_names(staged.expected, points)?;
            self.stage(view, staged, points)
        })?;
        self.count_refused(appended);
        Ok(appended)
    }

    pub(super) fn count_refused(&self, appended: Appended) {
        self.counters.refused.fetch_add(appended.refused, Ordering::Relaxed);
    }

    /// Refuses points of another interval.
    fn check(&self, points: &[DataPoint]) -> Result<(), Error> {
        let width = self.rules.settings.interval_seconds();
        let Some(other) = points.iter().find(|point| point.interval().seconds() != width) else {
            return Ok(());
        };
        let seconds = other.interval().seconds();
        let allowed = format!("{width} s, which this store was made with");
        let value = format!("{seconds} s in a point of {}", other.name());
        Err(Error::new(Problem::Setting { name: "interval", value, allowed }))
    }

    /// Refuses containers with too many names, and passes over those that are expected.
    fn check_new_names(
        &self,
        expected: &ExpectedContainers,
        points: &[DataPoint],
    ) -> Result<(), Error> {
        let is_same = |left: &DataPoint, right: &DataPoint| {
            Arc::ptr_eq(left.shared_name(), right.shared_name())
        };
        let mut firsts = points.chunk_by(is_same).filter_map(<[_]>::first).enumerate();
        firsts.try_for_each(|(position, point)| {
            let is_known = expected.has(position, point.shared_name());
            if is_known { Ok(()) } else { self.check_names(point.name(), 0) }
        })
    }

    /// Refuses a container whose names take more bytes than a segment can hold, or whose name has a
    /// zero byte, behind which a store writes the door of a chain.
    pub(super) fn check_names(&self, name: &str, others: usize) -> Result<(), Error> {
        const MOST: usize = 1 << 20;
        const SHOWN: usize = 60;
        let bytes = name.len() + others;
        if bytes <= MOST && memchr::memchr(0, name.as_bytes()).is_none() {
            return Ok(());
        }
        let shown: String = name.chars().take(SHOWN).collect();
        if bytes <= MOST {
            return Err(self.refused(format!(
                "the name of the container {shown:?} has a zero byte; leave this container out"
            )));
        }
        Err(self.refused(format!(
            "the names of the container {shown}... take {bytes} bytes, and a store holds at most {MOST}; \
             leave this container out"
        )))
    }

    /// Adds points to a batch: unchanged where they lie behind all stored points, else merged with
    /// the stored ones.
    pub(super) fn stage(
        &self,
        view: &View,
        staged: &mut Staged<'_>,
        points: &[DataPoint],
    ) -> Result<Appended, Error> {
        if let Some(appended) = self.stage_behind(view, staged, points, true) {
            return Ok(appended);
        }
        let mut sorted = points.to_vec();
        sorted.sort_by(|left, right| {
            let key = |point: &DataPoint| point.interval().start();
            left.name().cmp(right.name()).then_with(|| key(left).cmp(&key(right)))
        });
        let mut appended = Appended::default();
        for points in sorted.chunk_by(|left, right| left.name() == right.name()) {
            appended.add(self.stage_among(view, staged, points)?);
        }
        Ok(appended)
    }

    /// Adds points that became final with samples. They are not logged if `is_steady`: whoever reads
    /// the log makes the same points of the samples.
    pub(super) fn stage_final(
        &self,
        view: &View,
        staged: &mut Staged<'_>,
        points: &[DataPoint],
        is_steady: bool,
    ) -> Result<(Appended, TailExtent), Error> {
        if is_steady && let Some(appended) = self.stage_behind(view, staged, points, false) {
            return Ok((appended, TailExtent::AddedForPoints));
        }
        Ok((self.stage(view, staged, points)?, TailExtent::Added))
    }

    /// Adds points to a batch, and if `logged` to the log, if they lie behind all stored ones.
    fn stage_behind(
        &self,
        view: &View,
        staged: &mut Staged<'_>,
        points: &[DataPoint],
        logged: bool,
    ) -> Option<Appended> {
        let plan = self.plan_behind(view, staged.expected, points)?;
        for (position, range) in plan.runs.into_iter().enumerate() {
            staged.expected_run(position, points.get(range).unwrap_or_default(), logged);
        }
        Some(plan.appended)
    }

    /// The plan, if the points of each container rise and lie behind all stored ones.
    fn plan_behind(
        &self,
        view: &View,
        expected: &mut ExpectedContainers,
        points: &[DataPoint],
    ) -> Option<AppendPlan> {
        let mut plan = AppendPlan {
            runs: Vec::with_capacity(points.len().min(1 << 16)),
            ..AppendPlan::default()
        };
        let (number, mut start) = (expected.begin_plan(), 0);
        for run in runs(points) {
            let (first, last) = (run.first()?, run.last()?);
            let time = first.interval().start()..last.interval().end();
            let container =
                expected.container(plan.runs.len(), first.shared_name(), &self.catalog)?;
            if !container.plan(number, &time)
                || self.is_refused(view, time.start)
                || self.is_refused(view, time.end)
            {
                return None;
            }
            plan.appended.added += run.len() as u64;
            plan.runs.push(start..start + run.len());
            start += run.len();
        }
        Some(plan)
    }

    fn is_refused(&self, view: &View, start: u64) -> bool {
        start < view.parts().floor || start > self.latest()
    }

    /// Merges one container's points, in rising time, with the stored ones.
    fn stage_among(
        &self,
        view: &View,
        staged: &mut Staged<'_>,
        points: &[DataPoint],
    ) -> Result<Appended, Error> {
        let mut appended = Appended::default();
        let Some(first) = points.first() else { return Ok(appended) };
        let container = self.catalog.get_or_insert(first.shared_name());
        let stored = stored_overlapping(view, &container, points)?;
        let (mut kept, mut replaces) = (Vec::with_capacity(points.len()), false);
        for same in points.chunk_by(|left, right| left.interval() == right.interval()) {
            let best =
                same.iter().reduce(|best, point| if outranks(point, best) { point } else { best });
            let Some(best) = best else { continue };
            let copies = same.len() as u64 - 1;
            let start = best.interval().start();
            if self.is_refused(view, start) {
                appended.refused += copies + 1;
                continue;
            }
            appended.unchanged += copies;
            match find_by_start(&stored, start) {
                None => appended.added += 1,
                Some(stored) if outranks(best, stored) => {
                    appended.replaced += 1;
                    replaces = true;
                }
                Some(_) => {
                    appended.unchanged += 1;
                    continue;
                }
            }
            kept.push(best.clone());
        }
        runs(&kept).for_each(|run| staged.run(&container, run, replaces));
        Ok(appended)
    }
}
