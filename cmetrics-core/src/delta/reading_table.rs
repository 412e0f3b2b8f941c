//! The last reading of every counter and gauge of a container (`docs/points.md`, rules 5 to 7 and
//! 9).
//!
//! Owners, counters and gauges are numbered in the order in which they are first seen. A number
//! is an index into a `Vec`.

use std::collections::HashMap;
use std::sync::Arc;

use super::counter::CounterReading;
use super::current_sample::{CurrentSample, SampleKind};
use super::plan::{Plan, Slot};
use super::restarts::CpuReading;
use super::{Change, Listener, Reading};
use crate::metric::{DeviceList, Metric, Scope};
use crate::time::Timestamp;

/// What a counter belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum OwnerKey {
    Container,
    Interface(Arc<str>),
    /// A device in one list of devices: each list states only its own devices.
    Device((u64, u64), DeviceList),
}

/// When something was read: the time, and the number of restarts before it. A restart makes all
/// older readings invalid: their generation is an older one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    time: Timestamp,
    generation: u64,
}

/// The last reading of every counter and gauge.
#[derive(Clone, Debug, Default)]
pub(super) struct ReadingTable {
    /// How many restarts were seen.
    generation: u64,
    origin: Origin,
    /// The number of the CPU counter.
    cpu: Option<usize>,
    owners: HashMap<OwnerKey, usize>,
    /// By owner.
    listings: Vec<Listing>,
    counters: Vec<Counter>,
    gauges: Vec<Gauge>,
    /// The last sample with a disk section.
    disk: Option<Stamp>,
    /// The last sample that states how often memory ran out.
    oom: Option<Stamp>,
}

/// What is known of the time before the first reading here, or before the last restart.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Origin {
    /// The start that counts, in nanoseconds since the epoch: of the last restart, or else of the
    /// container. `None` where it is not known. A counter that is first read after this start was
    /// 0 at it.
    pub(super) since: Option<u64>,
    /// Whether there were earlier readings that are not here. If so, it is not known whether a
    /// device was listed from the start on.
    pub(super) resumed: bool,
    /// Whether earlier readings that matter may have been forgotten. If so, a counter that is
    /// first read here did not begin at 0.
    pub(super) forgotten: bool,
}

/// When an owner was listed.
#[derive(Clone, Debug, Default)]
struct Listing {
    counters: Vec<usize>,
    /// The last sample that listed the owner.
    last: Option<Stamp>,
    /// The last sample with a disk section that did not list the owner, of those before a sample
    /// that did.
    missed: Option<Stamp>,
}

#[derive(Clone, Debug)]
struct Counter {
    owner: usize,
    metric: Metric,
    /// The last reading, and its generation.
    last: Option<(CounterReading, u64)>,
    /// The value in the current sample: the sum over all entries of the owner.
    sum: u128,
}

#[derive(Clone, Debug)]
struct Gauge {
    metric: Metric,
    /// Time and value; no value where it did not fit 64 bits.
    last: Option<(Timestamp, Option<u64>)>,
    generation: u64,
}

impl ReadingTable {
    /// Forgets all readings, but keeps the numbers of owners, counters and gauges.
    pub(super) fn forget(&mut self) {
        (self.generation, self.origin) = (0, Origin::default());
        self.listings.iter_mut().for_each(|listing| (listing.last, listing.missed) = (None, None));
        self.counters.iter_mut().for_each(|counter| counter.last = None);
        self.gauges.iter_mut().for_each(|gauge| (gauge.last, gauge.generation) = (None, 0));
        (self.disk, self.oom) = (None, None);
    }

    /// How many counters and gauges have a number.
    pub(super) fn len(&self) -> usize {
        self.counters.len() + self.gauges.len()
    }

    /// The number of an owner. A new owner gets the next one.
    pub(super) fn owner(&mut self, owner: OwnerKey) -> usize {
        let next = self.listings.len();
        let number = *self.owners.entry(owner).or_insert(next);
        if number == next {
            self.listings.push(Listing::default());
        }
        number
    }

    /// The number of an owner's counter. A new counter gets the next one.
    pub(super) fn counter(&mut self, owner: usize, metric: Metric) -> usize {
        let next = self.counters.len();
        let Some(listing) = self.listings.get_mut(owner) else { return next };
        let is_known = |&&known: &&usize| {
            self.counters.get(known).is_some_and(|counter| counter.metric == metric)
        };
        if let Some(known) = listing.counters.iter().find(is_known) {
            return *known;
        }
        listing.counters.push(next);
        if metric == Metric::CpuUsage {
            self.cpu = Some(next);
        }
        self.counters.push(Counter { owner, metric, last: None, sum: 0 });
        next
    }

    /// The number of a gauge. A new gauge gets the next one.
    pub(super) fn gauge(&mut self, metric: Metric) -> usize {
        let known = self.gauges.iter().position(|known| known.metric == metric);
        known.unwrap_or_else(|| {
            self.gauges.push(Gauge { metric, last: None, generation: 0 });
            self.gauges.len() - 1
        })
    }

    /// The last CPU reading.
    pub(super) fn cpu(&self) -> Option<CpuReading> {
        let (reading, _) = self.counters.get(self.cpu?)?.last?;
        // The counter is the container's own, so a sample has one entry of it, which fits 64 bits.
        let used = u64::try_from(reading.value).unwrap_or(u64::MAX);
        Some(CpuReading { time: reading.time.nanos(), used })
    }

    pub(super) fn origin(&self) -> Origin {
        self.origin
    }

    /// Sets what is known of the time before the next reading.
    pub(super) fn set_origin(&mut self, origin: Origin) {
        self.origin = origin;
    }

    /// Pairs the counters of the current sample with their last readings.
    pub(super) fn pair_counters(
        &mut self,
        plan: &Plan,
        values: &[u64],
        current: CurrentSample,
        listener: &mut impl Listener,
    ) {
        let (generation, origin) = (self.generation, self.origin);
        let next_generation = match current.kind {
            SampleKind::Started(_) | SampleKind::Restarted => generation + 1,
            SampleKind::Normal | SampleKind::Corrected | SampleKind::Implausible => generation,
        };
        let disk = self.disk.filter(|disk| disk.generation == generation);
        let oom = self.oom.filter(|oom| oom.generation == generation).map(|oom| oom.time);
        self.add_up(plan, values);
        for &index in &plan.counters {
            let Some(counter) = self.counters.get_mut(index) else { continue };
            let (metric, value) = (counter.metric, std::mem::take(&mut counter.sum));
            let to = CounterReading { time: current.time, value };
            let last = counter.last.replace((to, next_generation));
            let known = last.filter(|(_, of)| *of == generation).map(|(last, _)| last);
            let (listed, missed) = match self.listings.get(counter.owner) {
                Some(listing) => (listing.last, listing.missed),
                None => (None, None),
            };
            // The time at which a counter without a last reading is known to have been 0.
            let zero = match metric.scope() {
                // The kernel lists a device from the first I/O on it.
                Scope::Device => disk.filter(|&disk| listed != Some(disk)).map(|disk| disk.time),
                _ if metric == Metric::MemoryOomEvents => oom,
                _ => None,
            };
            // A counter that a restart reset did not begin at a 0 before the restart. A device
            // that the first sample after a restart lists for the first time did all the same
            // (`docs/points.md`, rule 7).
            let zero = zero.filter(|_| match current.kind {
                _ if origin.forgotten => false,
                SampleKind::Started(_) => false,
                SampleKind::Restarted => metric.scope() == Scope::Device,
                SampleKind::Normal | SampleKind::Corrected | SampleKind::Implausible => true,
            });
            let from = known.or_else(|| zero.map(|time| CounterReading { time, value: 0 }));
            // A device that a sample after the start did not list was still 0 at that sample.
            let missed = missed.filter(|missed| missed.generation == generation);
            let since = match metric.scope() {
                // The device may have been listed before the readings that are known.
                Scope::Device if origin.resumed && disk.is_some() => None,
                Scope::Device => {
                    origin.since.map(|since| missed.map_or(since, |missed| missed.time.nanos()))
                }
                _ => origin.since,
            };
            if let Some(growth) = current.growth(metric, from, to, since) {
                listener.on_change(Change::Growth { metric, growth });
            }
        }
        self.generation = next_generation;
        match current.kind {
            SampleKind::Started(start) => {
                self.origin = Origin { since: Some(start), ..Origin::default() };
            }
            SampleKind::Restarted => self.origin = Origin::default(),
            SampleKind::Normal | SampleKind::Corrected | SampleKind::Implausible => {}
        }
    }

    /// Adds up the values of each counter.
    fn add_up(&mut self, plan: &Plan, values: &[u64]) {
        for (slot, value) in plan.slots.iter().zip(values) {
            if let Slot::Counter(index) = *slot
                && let Some(counter) = self.counters.get_mut(index)
            {
                counter.sum += u128::from(*value);
            }
        }
    }

    /// Pairs the gauges of the current sample with their last readings, except across a restart
    /// or gap.
    pub(super) fn pair_gauges(
        &mut self,
        plan: &Plan,
        values: &[u64],
        current: CurrentSample,
        listener: &mut impl Listener,
    ) {
        let generation = self.generation;
        for (slot, value) in plan.slots.iter().zip(values) {
            let Slot::Gauge(index) = *slot else { continue };
            let Some(gauge) = self.gauges.get_mut(index) else { continue };
            let last = gauge.last.replace((current.time, Some(*value)));
            let restarted = std::mem::replace(&mut gauge.generation, generation) != generation;
            if let Some((time, Some(before))) = last
                && !restarted
                && current.time.nanos() - time.nanos() <= current.max_gap
            {
                let from = Reading { time, value: before };
                let to = Reading { time: current.time, value: *value };
                listener.on_change(Change::Line { metric: gauge.metric, from, to });
            }
        }
    }

    /// Notes when owners and sections were listed, and readings without a value: no line begins or
    /// ends at them.
    pub(super) fn note_listed(&mut self, plan: &Plan, time: Timestamp) {
        let now = Some(Stamp { time, generation: self.generation });
        let disk = self.disk.filter(|disk| disk.generation == self.generation);
        for &owner in &plan.listed {
            if let Some(listing) = self.listings.get_mut(owner) {
                let last = listing.last.filter(|last| last.generation == self.generation);
                if last != disk {
                    listing.missed = disk;
                }
                listing.last = now;
            }
        }
        for &index in &plan.too_large {
            if let Some(gauge) = self.gauges.get_mut(index) {
                (gauge.last, gauge.generation) = (Some((time, None)), self.generation);
            }
        }
        if plan.has_disk {
            self.disk = now;
        }
        if plan.has_oom_events {
            self.oom = now;
        }
    }

    /// The times, in nanoseconds since the epoch and rising, of the last readings that lie before
    /// `time`: of counters, of gauges, of the disk section, and of what v1 documents state.
    /// Readings that a restart made invalid are left out, as nothing is paired with them.
    pub(super) fn read_before(&self, time: u64) -> Vec<u64> {
        let counters = self.counters.iter().filter_map(Counter::last_read);
        let gauges = self.gauges.iter().filter_map(Gauge::last_read);
        let all = counters.chain(gauges).chain(self.disk).chain(self.oom);
        let valid = all.filter(|read| read.generation == self.generation);
        let mut times: Vec<_> =
            valid.map(|read| read.time.nanos()).filter(|read| *read < time).collect();
        times.sort_unstable();
        times.dedup();
        times
    }

    /// The times of the last readings of all that a layout contains: of counters, of gauges, of
    /// the disk section, and of what v1 documents state. Invalid readings are left out.
    pub(super) fn last_read_by(&self, plan: &Plan) -> impl Iterator<Item = u64> {
        let readings = plan.slots.iter().filter_map(|slot| match *slot {
            Slot::Counter(index) => self.counters.get(index)?.last_read(),
            Slot::Gauge(index) => self.gauges.get(index)?.last_read(),
        });
        let disk = self.disk.filter(|_| plan.has_disk);
        let oom = self.oom.filter(|_| plan.has_oom_events);
        let all = readings.chain(disk).chain(oom);
        all.filter(|read| read.generation == self.generation).map(|read| read.time.nanos())
    }

    /// Takes the readings of a sample as the last ones, without pairing them. The caller ensures
    /// that no two values belong to one counter, and that all of them were read since the last
    /// restart before this sample.
    pub(super) fn set_last(&mut self, plan: &Plan, values: &[u64], time: Timestamp) {
        for (slot, value) in plan.slots.iter().zip(values) {
            match *slot {
                Slot::Counter(index) => {
                    if let Some(counter) = self.counters.get_mut(index) {
                        let reading = CounterReading { time, value: u128::from(*value) };
                        counter.last = Some((reading, self.generation));
                    }
                }
                Slot::Gauge(index) => {
                    if let Some(gauge) = self.gauges.get_mut(index) {
                        gauge.last = Some((time, Some(*value)));
                    }
                }
            }
        }
        self.note_listed(plan, time);
    }
}

impl Counter {
    fn last_read(&self) -> Option<Stamp> {
        let (reading, generation) = self.last?;
        Some(Stamp { time: reading.time, generation })
    }
}

impl Gauge {
    fn last_read(&self) -> Option<Stamp> {
        let (time, _) = self.last?;
        Some(Stamp { time, generation: self.generation })
    }
}
