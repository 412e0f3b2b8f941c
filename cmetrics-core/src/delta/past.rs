//! All that was read of a container so far (`docs/points.md`, rules 5 to 7 and 9).

use std::collections::HashMap;
use std::sync::Arc;

use super::counter::{self, Circumstances, Growth, Reading};
use super::judge::Cpu;
use super::plan::{Plan, Slot};
use super::{Change, Told};
use crate::metric::{DeviceList, Metric, Scope};

/// What a counter belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Owner {
    Container,
    Interface(Arc<str>),
    /// A device in one list of devices: each list tells for itself what it has.
    Device((u64, u64), DeviceList),
}

/// When something was read, in nanoseconds since the epoch, and how many restarts there were
/// before. What was last read before a restart, and not at it, is forgotten: its generation is an
/// older one.
type When = (u64, u64);

/// The last readings.
#[derive(Clone, Debug, Default)]
pub(super) struct Past {
    /// How many restarts were seen.
    generation: u64,
    /// What lies before the first reading here, or the last restart.
    before: Before,
    /// The number of the CPU counter.
    cpu: Option<usize>,
    owners: HashMap<Owner, usize>,
    /// By owner.
    listings: Vec<Listing>,
    counters: Vec<Counter>,
    gauges: Vec<Gauge>,
    /// The last sample with a disk section.
    disk: Option<When>,
    /// The last sample of which it is known whether memory ran out.
    oom: Option<When>,
}

/// What is known of the time before the first reading.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Before {
    /// The start that counts, where the last restart, or the container's first start, is known: in
    /// nanoseconds since the epoch. What is first read behind it was 0 there.
    pub(super) since: Option<u64>,
    /// Whether there were readings that are not here: no device is known to have been listed from
    /// the start on.
    pub(super) resumed: bool,
    /// Whether there may have been readings that matter: what is first read here did not begin at 0.
    pub(super) forgotten: bool,
}

#[derive(Clone, Debug, Default)]
struct Listing {
    counters: Vec<usize>,
    /// The last sample that listed the owner.
    last: Option<When>,
    /// The last sample with a disk section that did not list it, of those before one that did.
    missed: Option<When>,
}

#[derive(Clone, Debug)]
struct Counter {
    owner: usize,
    metric: Metric,
    last: Option<(Reading, u64)>,
    /// Its value in the sample at hand, entries of one owner added up.
    now: u128,
}

#[derive(Clone, Debug)]
struct Gauge {
    metric: Metric,
    /// Time and value; no value where it did not fit 64 bits.
    last: Option<(u64, Option<u64>)>,
    generation: u64,
}

/// What the sample at hand is to those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Usual,
    /// The first behind a start that counts, in nanoseconds since the epoch.
    Began(u64),
    /// The first behind a restart of which no start is known.
    Restarted,
    /// The CPU counter fell, but the container was not restarted.
    Corrected,
    /// The CPU counter cannot have risen so.
    Implausible,
}

/// What is known of the sample at hand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    pub(super) time: u64,
    pub(super) max_gap: u64,
    pub(super) kind: Kind,
    /// Whether the CPU counter was read now and before.
    pub(super) cpu_read: bool,
}

impl Past {
    /// Forgets what was read, and keeps the numbers of owners, counters and gauges.
    pub(super) fn forget(&mut self) {
        (self.generation, self.before) = (0, Before::default());
        self.listings.iter_mut().for_each(|listing| (listing.last, listing.missed) = (None, None));
        self.counters.iter_mut().for_each(|counter| counter.last = None);
        self.gauges.iter_mut().for_each(|gauge| (gauge.last, gauge.generation) = (None, 0));
        (self.disk, self.oom) = (None, None);
    }

    /// How many counters and gauges have a number.
    pub(super) fn len(&self) -> usize {
        self.counters.len() + self.gauges.len()
    }

    /// The number of an owner, new if need be.
    pub(super) fn owner(&mut self, owner: Owner) -> usize {
        let next = self.listings.len();
        let number = *self.owners.entry(owner).or_insert(next);
        if number == next {
            self.listings.push(Listing::default());
        }
        number
    }

    /// The number of an owner's counter, new if need be.
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
        self.counters.push(Counter { owner, metric, last: None, now: 0 });
        next
    }

    /// The number of a gauge, new if need be.
    pub(super) fn gauge(&mut self, metric: Metric) -> usize {
        let known = self.gauges.iter().position(|known| known.metric == metric);
        known.unwrap_or_else(|| {
            self.gauges.push(Gauge { metric, last: None, generation: 0 });
            self.gauges.len() - 1
        })
    }

    /// The last CPU reading.
    pub(super) fn cpu(&self) -> Option<Cpu> {
        let (reading, _) = self.counters.get(self.cpu?)?.last?;
        // It is the container's own, of which there is one a sample.
        Some(Cpu { time: reading.time, used: u64::try_from(reading.value).unwrap_or(u64::MAX) })
    }

    /// What is known of the time before what was read.
    pub(super) fn before(&self) -> Before {
        self.before
    }

    /// Says what is known of the time before what is read.
    pub(super) fn begin_behind(&mut self, before: Before) {
        self.before = before;
    }

    /// Pairs the listed counters with their last readings.
    pub(super) fn grow(&mut self, plan: &Plan, values: &[u64], now: Now, told: &mut impl Told) {
        let (generation, before) = (self.generation, self.before);
        let next_generation = match now.kind {
            Kind::Began(_) | Kind::Restarted => generation + 1,
            Kind::Usual | Kind::Corrected | Kind::Implausible => generation,
        };
        let disk = self.disk.filter(|(_, of)| *of == generation);
        let oom = self.oom.filter(|(_, of)| *of == generation).map(|(time, _)| time);
        self.add_up(plan, values);
        for &index in &plan.counters {
            let Some(counter) = self.counters.get_mut(index) else { continue };
            let (metric, value) = (counter.metric, std::mem::take(&mut counter.now));
            let to = Reading { time: now.time, value };
            let last = counter.last.replace((to, next_generation));
            let known = last.filter(|(_, of)| *of == generation).map(|(last, _)| last);
            let (listed, missed) = match self.listings.get(counter.owner) {
                Some(listing) => (listing.last, listing.missed),
                None => (None, None),
            };
            let zero = match metric.scope() {
                // The kernel lists a device from the first I/O on it.
                Scope::Device => disk.filter(|&disk| listed != Some(disk)).map(|(time, _)| time),
                _ if metric == Metric::MemoryOomEvents => oom,
                _ => None,
            };
            // Before a restart lies no 0 that it began at; a device that a restart's sample lists
            // first began at 0 before it all the same (`docs/points.md`, rule 7).
            let zero = zero.filter(|_| match now.kind {
                _ if before.forgotten => false,
                Kind::Began(_) => false,
                Kind::Restarted => metric.scope() == Scope::Device,
                Kind::Usual | Kind::Corrected | Kind::Implausible => true,
            });
            let from = known.or_else(|| zero.map(|time| Reading { time, value: 0 }));
            // A device that a sample behind the start did not list began there.
            let missed = missed.filter(|(_, of)| *of == generation).map(|(time, _)| time);
            let since = match metric.scope() {
                // It may have been listed before those readings that are known.
                Scope::Device if before.resumed && disk.is_some() => None,
                Scope::Device => before.since.map(|since| missed.unwrap_or(since)),
                _ => before.since,
            };
            if let Some(growth) = now.growth(metric, from, to, since) {
                told.change(Change::Growth { metric, growth });
            }
        }
        self.generation = next_generation;
        match now.kind {
            Kind::Began(start) => {
                self.before = Before { since: Some(start), ..Before::default() };
            }
            Kind::Restarted => self.before = Before::default(),
            Kind::Usual | Kind::Corrected | Kind::Implausible => {}
        }
    }

    /// Adds up each counter's values.
    fn add_up(&mut self, plan: &Plan, values: &[u64]) {
        for (slot, value) in plan.slots.iter().zip(values) {
            if let Slot::Counter(index) = *slot
                && let Some(counter) = self.counters.get_mut(index)
            {
                counter.now += u128::from(*value);
            }
        }
    }

    /// Pairs gauges with their last readings, those across a restart or gap aside.
    pub(super) fn lines(&mut self, plan: &Plan, values: &[u64], now: Now, told: &mut impl Told) {
        let generation = self.generation;
        for (slot, value) in plan.slots.iter().zip(values) {
            let Slot::Gauge(index) = *slot else { continue };
            let Some(gauge) = self.gauges.get_mut(index) else { continue };
            let (metric, to) = (gauge.metric, (now.time, *value));
            let from = gauge.last.replace((to.0, Some(to.1)));
            let restarted = std::mem::replace(&mut gauge.generation, generation) != generation;
            if let Some((time, Some(value))) = from
                && !restarted
                && to.0 - time <= now.max_gap
            {
                let from = (time, value);
                told.change(Change::Line { metric, from, to });
            }
        }
    }

    /// Notes when owners and sections were listed, and readings without a value, at which no line
    /// ends or begins.
    pub(super) fn note(&mut self, plan: &Plan, time: u64) {
        let now = Some((time, self.generation));
        let disk = self.disk.filter(|(_, of)| *of == self.generation);
        for &owner in &plan.listed {
            if let Some(listing) = self.listings.get_mut(owner) {
                if listing.last.filter(|(_, of)| *of == self.generation) != disk {
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

    /// When each of those was last read that were not read at `time` or later, in nanoseconds
    /// since the epoch: counters, gauges, the disk section, and what v1 documents tell. What a
    /// restart made forgotten is not among them, as it will be paired with nothing.
    pub(super) fn read_before(&self, time: u64) -> Vec<u64> {
        let known = |&(_, of): &When| of == self.generation;
        let counters = self.counters.iter().filter_map(|counter| counter.last);
        let counters = counters.map(|(reading, of)| (reading.time, of));
        let gauges = self.gauges.iter().filter_map(|one| Some((one.last?.0, one.generation)));
        let all = counters.chain(gauges).chain(self.disk).chain(self.oom).filter(known);
        let mut times: Vec<_> = all.map(|(read, _)| read).filter(|read| *read < time).collect();
        times.sort_unstable();
        times.dedup();
        times
    }

    /// When what this layout reads was last read, and is not forgotten: counters, gauges, the disk
    /// section, and what v1 documents tell.
    pub(super) fn read_by(&self, plan: &Plan) -> impl Iterator<Item = u64> {
        let readings = plan.slots.iter().filter_map(|slot| match *slot {
            Slot::Counter(index) => {
                self.counters.get(index)?.last.map(|(reading, of)| (reading.time, of))
            }
            Slot::Gauge(index) => {
                let gauge = self.gauges.get(index)?;
                Some((gauge.last?.0, gauge.generation))
            }
        });
        let disk = self.disk.filter(|_| plan.has_disk);
        let oom = self.oom.filter(|_| plan.has_oom_events);
        let known = |&(_, of): &When| of == self.generation;
        readings.chain(disk).chain(oom).filter(known).map(|(time, _)| time)
    }

    /// Takes the readings of a sample for the last ones, without pairing them. No two of its
    /// values are one counter's, and all of them were read since the last restart before.
    pub(super) fn set(&mut self, plan: &Plan, values: &[u64], time: u64) {
        for (slot, value) in plan.slots.iter().zip(values) {
            match *slot {
                Slot::Counter(index) => {
                    if let Some(counter) = self.counters.get_mut(index) {
                        let reading = Reading { time, value: u128::from(*value) };
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
        self.note(plan, time);
    }
}

impl Now {
    /// The growth of a counter whose last reading, or the 0 that it is known to have begun at, was
    /// `from`; `None` where this is its first reading. `since` is the start that counted before.
    fn growth(
        self,
        metric: Metric,
        from: Option<Reading>,
        to: Reading,
        since: Option<u64>,
    ) -> Option<Growth> {
        let Self { max_gap, kind, cpu_read, .. } = self;
        let is_cgroups = !metric.resets_alone();
        let then = match kind {
            Kind::Began(start) if is_cgroups => {
                return Some(counter::growth_since(start, to, max_gap));
            }
            Kind::Began(start) => {
                let from = from?;
                if to.value < from.value {
                    return Some(counter::growth_since(start, to, max_gap));
                }
                return Some(counter::growth(from, to, max_gap, Circumstances::Restarted));
            }
            Kind::Restarted => Circumstances::Restarted,
            Kind::Corrected => Circumstances::Usual { begins_again: false },
            Kind::Usual => Circumstances::Usual { begins_again: !is_cgroups || !cpu_read },
            Kind::Implausible => {
                Circumstances::Implausible { begins_again: !is_cgroups || !cpu_read }
            }
        };
        if let Some(from) = from {
            return Some(counter::growth(from, to, max_gap, then));
        }
        let start = since.filter(|_| is_cgroups && kind != Kind::Restarted)?;
        Some(match counter::growth_since(start, to, max_gap) {
            _ if kind == Kind::Implausible => {
                Growth::Unattributed { at: to.time, growth: to.value }
            }
            growth => growth,
        })
    }
}
