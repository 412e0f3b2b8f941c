//! Samples that wait for the next CPU reading (`docs/points.md`, *Starts* and *Odd readings*).
//!
//! What waits is an odd CPU reading and all behind it, or what lies behind a start that no CPU
//! reading has decided about: without CPU readings nobody knows yet on which side of a restart such
//! a sample lies. Of those that wait at most one has a CPU reading.

use super::judge::{self, Cpu, Step, Verdict};
use super::past::Kind;
use super::{Change, Told, Tracker};
use crate::metric::Metric;
use crate::sample::{Row, Sample};

impl Tracker {
    /// Takes a sample of which more must be known than that it is like the one before it.
    pub(super) fn consider<T: Told>(&mut self, row: Row<'_>, told: &mut T) {
        let Some(reading) = cpu_of(row) else {
            if self.must_wait(row) {
                self.waiting.push(row.into());
            } else {
                self.take(row, Kind::Usual, told);
            }
            return;
        };
        self.decide(Some(reading), told);
        match self.step(row, reading) {
            Step::Odd(_) => {
                // Whatever becomes of it, what lies before it stands, unless a start may count.
                let next_start = self.next_start;
                let is_before = |sample: &Sample| sample.time().nanos() < next_start;
                let before = self.waiting.partition_point(is_before);
                self.take_waiting(before, None, told);
                self.waiting.push(row.into());
            }
            Step::Usual => {
                self.take_waiting(usize::MAX, None, told);
                self.take(row, Kind::Usual, told);
            }
            Step::Restart(start) => {
                let start = self.take_waiting(usize::MAX, Some(start), told);
                self.take(row, start.map_or(Kind::Usual, Kind::Began), told);
            }
        }
    }

    /// Takes a sample that was decided about before.
    pub(crate) fn observe_standing<T: Told>(&mut self, row: Row<'_>, told: &mut T) {
        if self.last < Some(row.time) {
            self.take(row, Kind::Usual, told);
        }
    }

    /// Decides about all that waits, each of which stands, where this is the next sample behind
    /// them that does and has a CPU reading.
    pub(crate) fn stand_before<T: Told>(&mut self, next: Option<Row<'_>>, told: &mut T) {
        self.decide(None, told);
        let step = next.and_then(|row| Some(self.step(row, cpu_of(row)?)));
        let start = step.and_then(|step| match step {
            Step::Restart(start) => Some(start),
            Step::Usual | Step::Odd(_) => None,
        });
        self.take_waiting(usize::MAX, start, told);
    }

    /// The first sample that waits, in nanoseconds since the epoch.
    pub(crate) fn waiting_from(&self) -> Option<u64> {
        self.waiting.first().map(|sample| sample.time().nanos())
    }

    /// Decides about all that waits, as no CPU reading comes any more.
    pub(crate) fn decide_all<T: Told>(&mut self, told: &mut T) {
        self.decide(None, told);
        self.take_waiting(usize::MAX, None, told);
    }

    /// Decides about what has waited for longer than the longest gap before `now`, in nanoseconds
    /// since the epoch, as about what nothing comes behind.
    pub(crate) fn decide_before<T: Told>(&mut self, now: u64, told: &mut T) {
        let odd = self.waiting.iter().find(|sample| cpu_of(sample.row()).is_some());
        let since = odd.or(self.waiting.first()).map(|sample| sample.time().nanos());
        if since.is_some_and(|since| since.saturating_add(self.max_gap) < now) {
            self.decide_all(told);
        }
    }

    /// From where on what waits can change something, as far as is known at `now`; both in
    /// nanoseconds since the epoch.
    pub(crate) fn undecided_from(&self, now: u64) -> Option<u64> {
        let first = self.waiting_from();
        let start = if let (None, Some(first)) = (self.last, first) {
            self.starts_before(first).last()
        } else {
            // What is read behind a start for longer than the longest gap is unattributed.
            let next = first.map_or(now, |first| first.min(now));
            let near = self.next_start.max(next.saturating_sub(self.max_gap));
            self.life.latest_within(near, now).last()
        };
        first.into_iter().chain(start).min()
    }

    /// What a CPU reading is after those that do not wait.
    fn step(&self, row: Row<'_>, reading: Cpu) -> Step {
        match self.last_cpu() {
            Some(before) => judge::step(&self.life, before, reading),
            None => self.start_before(row, reading).map_or(Step::Usual, Step::Restart),
        }
    }

    /// Decides about the odd reading that waits, if one does, when this is the next.
    fn decide<T: Told>(&mut self, next: Option<Cpu>, told: &mut T) {
        let cpus = self.waiting.iter().map(|sample| cpu_of(sample.row()));
        let odd = cpus.enumerate().find_map(|(index, cpu)| Some((index, cpu?)));
        let (Some((index, reading)), Some(before)) = (odd, self.last_cpu()) else { return };
        let (kind, start) = match judge::step(&self.life, before, reading) {
            Step::Odd(odd) => match judge::verdict(&self.life, before, (odd, reading), next) {
                Verdict::SetAside => {
                    let sample = self.waiting.remove(index);
                    return told.change(Change::SetAside(sample.time()));
                }
                Verdict::Implausible => (Kind::Implausible, None),
                Verdict::Restart => (Kind::Restarted, None),
                Verdict::Correction => (Kind::Corrected, None),
            },
            // More is known than when it began to wait.
            Step::Usual => (Kind::Usual, None),
            Step::Restart(start) => (Kind::Usual, Some(start)),
        };
        let start = self.take_waiting(index, start, told);
        let sample = self.waiting.remove(0);
        self.take(sample.row(), start.map_or(kind, Kind::Began), told);
    }

    /// Takes the first so many of those that wait. A start that counts is returned where none of
    /// them lies behind it.
    fn take_waiting<T: Told>(
        &mut self,
        count: usize,
        mut start: Option<u64>,
        told: &mut T,
    ) -> Option<u64> {
        let count = count.min(self.waiting.len());
        for sample in self.waiting.drain(..count).collect::<Vec<_>>() {
            let began = start.take_if(|start| *start <= sample.time().nanos());
            self.take(sample.row(), began.map_or(Kind::Usual, Kind::Began), told);
        }
        start
    }

    /// Whether a sample without a CPU reading must wait for one.
    fn must_wait(&self, row: Row<'_>) -> bool {
        let time = row.time.nanos();
        let may_have_begun =
            || self.last.is_none() && !self.resumed && self.starts_before(time).next().is_some();
        !self.waiting.is_empty() || time >= self.next_start || may_have_begun()
    }

    /// The start before the container's first sample that counts, where this is its first CPU
    /// reading.
    fn start_before(&self, row: Row<'_>, reading: Cpu) -> Option<u64> {
        if self.last.is_some() || self.resumed {
            return None;
        }
        let first = self.waiting.first().map_or(row.time, Sample::time).nanos();
        judge::start_before(&self.life, first, self.max_gap, reading)
    }

    /// The starts that may count for a container whose first sample is this one's, latest first.
    fn starts_before(&self, first: u64) -> impl Iterator<Item = u64> {
        self.life.latest_within(first.saturating_sub(self.max_gap), first)
    }
}

fn cpu_of(row: Row<'_>) -> Option<Cpu> {
    Some(Cpu { time: row.time.nanos(), used: row.get(Metric::CpuUsage)? })
}
