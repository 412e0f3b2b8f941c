//! Samples that wait for the next CPU reading (`docs/points.md`, *Starts* and *Odd readings*).
//!
//! Two kinds of samples wait: a sample with an odd CPU reading and all samples after it, and
//! samples without a CPU reading after a known start that no CPU reading has confirmed. Of the
//! latter it is not known on which side of a restart they lie. At most one of the waiting samples
//! has a CPU reading.

use super::current_sample::SampleKind;
use super::restarts::{self, CpuReading, Decision, Transition};
use super::{Change, Listener, Tracker};
use crate::metric::Metric;
use crate::sample::{Sample, SampleRow};

impl Tracker {
    /// Takes a sample that is not the second of a steady pair.
    pub(super) fn observe_unsteady<T: Listener>(&mut self, row: SampleRow<'_>, listener: &mut T) {
        let Some(reading) = cpu_of(row) else {
            if self.must_wait(row) {
                self.waiting.push(row.into());
            } else {
                self.apply(row, SampleKind::Normal, listener);
            }
            return;
        };
        self.decide(Some(reading), listener);
        match self.transition(row, reading) {
            Transition::Odd(_) => {
                // Samples before this one count whatever it turns out to be, except those after a
                // start that may count.
                let next_start = self.next_start;
                let is_before = |sample: &Sample| sample.time().nanos() < next_start;
                let before = self.waiting.partition_point(is_before);
                self.apply_waiting(before, None, listener);
                self.waiting.push(row.into());
            }
            Transition::Normal => {
                self.apply_waiting(usize::MAX, None, listener);
                self.apply(row, SampleKind::Normal, listener);
            }
            Transition::Restart(start) => {
                let start = self.apply_waiting(usize::MAX, Some(start), listener);
                self.apply(row, start.map_or(SampleKind::Normal, SampleKind::Started), listener);
            }
        }
    }

    /// Takes a sample that was decided before: it counts, and does not wait.
    pub(crate) fn observe_decided<T: Listener>(&mut self, row: SampleRow<'_>, listener: &mut T) {
        if self.readings.time() < Some(row.time) {
            self.apply(row, SampleKind::Normal, listener);
        }
    }

    /// Decides all waiting samples. The caller knows that each of them counts, and none is set
    /// aside. `next` is the next sample after them that counts and has a CPU reading.
    pub(crate) fn accept_waiting<T: Listener>(
        &mut self,
        next: Option<SampleRow<'_>>,
        listener: &mut T,
    ) {
        self.decide(None, listener);
        let transition = next.and_then(|row| Some(self.transition(row, cpu_of(row)?)));
        let start = transition.and_then(|transition| match transition {
            Transition::Restart(start) => Some(start),
            Transition::Normal | Transition::Odd(_) => None,
        });
        self.apply_waiting(usize::MAX, start, listener);
    }

    /// The time of the first waiting sample, in nanoseconds since the epoch.
    pub(crate) fn waiting_from(&self) -> Option<u64> {
        self.waiting.first().map(|sample| sample.time().nanos())
    }

    /// Decides all waiting samples, without a further CPU reading.
    pub(crate) fn decide_all<T: Listener>(&mut self, listener: &mut T) {
        self.decide(None, listener);
        self.apply_waiting(usize::MAX, None, listener);
    }

    /// Decides all waiting samples, without a further CPU reading, if the odd one, or else the
    /// first one, lies further than the longest gap before `now`, in nanoseconds since the epoch.
    pub(crate) fn decide_before<T: Listener>(&mut self, now: u64, listener: &mut T) {
        let odd = self.waiting.iter().find(|sample| cpu_of(sample.row()).is_some());
        let since = odd.or(self.waiting.first()).map(|sample| sample.time().nanos());
        if since.is_some_and(|since| since.saturating_add(self.max_gap) < now) {
            self.decide_all(listener);
        }
    }

    /// How a CPU reading follows those that do not wait.
    fn transition(&self, row: SampleRow<'_>, reading: CpuReading) -> Transition {
        match self.readings.cpu() {
            Some(before) => restarts::transition(&self.life, before, reading),
            None => self.start_before(row, reading).map_or(Transition::Normal, Transition::Restart),
        }
    }

    /// Decides the waiting sample with an odd CPU reading, if there is one. `next` is the CPU
    /// reading after it.
    fn decide<T: Listener>(&mut self, next: Option<CpuReading>, listener: &mut T) {
        let cpus = self.waiting.iter().map(|sample| cpu_of(sample.row()));
        let odd = cpus.enumerate().find_map(|(index, cpu)| Some((index, cpu?)));
        let (Some((index, reading)), Some(before)) = (odd, self.readings.cpu()) else { return };
        let (kind, start) = match restarts::transition(&self.life, before, reading) {
            Transition::Odd(odd) => {
                match restarts::decide(&self.life, before, odd, reading, next) {
                    Decision::SetAside => {
                        let sample = self.waiting.remove(index);
                        return listener.on_change(Change::SetAside(sample.time()));
                    }
                    Decision::Implausible => (SampleKind::Implausible, None),
                    Decision::Restart => (SampleKind::Restarted, None),
                    Decision::Correction => (SampleKind::Corrected, None),
                }
            }
            // It is no longer odd: a start became known since it began to wait.
            Transition::Normal => (SampleKind::Normal, None),
            Transition::Restart(start) => (SampleKind::Normal, Some(start)),
        };
        let start = self.apply_waiting(index, start, listener);
        let sample = self.waiting.remove(0);
        self.apply(sample.row(), start.map_or(kind, SampleKind::Started), listener);
    }

    /// Takes the first `count` waiting samples. Returns the start that counts if none of them lies
    /// after it.
    fn apply_waiting<T: Listener>(
        &mut self,
        count: usize,
        mut start: Option<u64>,
        listener: &mut T,
    ) -> Option<u64> {
        let count = count.min(self.waiting.len());
        for sample in self.waiting.drain(..count).collect::<Vec<_>>() {
            let started = start.take_if(|start| *start <= sample.time().nanos());
            self.apply(
                sample.row(),
                started.map_or(SampleKind::Normal, SampleKind::Started),
                listener,
            );
        }
        start
    }

    /// Whether a sample without a CPU reading must wait for one.
    fn must_wait(&self, row: SampleRow<'_>) -> bool {
        let time = row.time.nanos();
        let may_have_begun = || {
            self.readings.time().is_none()
                && !self.resumed
                && self.starts_before(time).next().is_some()
        };
        !self.waiting.is_empty() || time >= self.next_start || may_have_begun()
    }

    /// The start before the container's first sample that counts, if this is the container's first
    /// CPU reading.
    fn start_before(&self, row: SampleRow<'_>, reading: CpuReading) -> Option<u64> {
        if self.readings.time().is_some() || self.resumed {
            return None;
        }
        let first = self.waiting.first().map_or(row.time, Sample::time).nanos();
        restarts::start_before(&self.life, first, self.max_gap, reading)
    }

    /// The starts that may count for a container whose first sample is at `first`, latest first.
    pub(super) fn starts_before(&self, first: u64) -> impl Iterator<Item = u64> {
        self.life.latest_within(first.saturating_sub(self.max_gap), first)
    }
}

fn cpu_of(row: SampleRow<'_>) -> Option<CpuReading> {
    Some(CpuReading { time: row.time.nanos(), used: row.get(Metric::CpuUsage)? })
}
