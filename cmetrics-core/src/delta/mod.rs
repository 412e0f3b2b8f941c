//! Samples to changes: how much each counter grew, and between which readings a gauge is a line.
//!
//! A [`Tracker`] holds one container's last readings. It takes samples in rising time and knows
//! nothing of intervals.

mod counter;
mod line;

use std::collections::HashMap;

pub use counter::Growth;
pub(crate) use line::{level, share};

use crate::metric::{DeviceList, Kind, Metric, Scope, Section};
use crate::sample::Sample;
use crate::time::Timestamp;
use counter::{Circumstances, Reading};

/// What a sample adds to those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// A counter, of the container or of one interface or device, was read again.
    Growth {
        /// What it counts.
        metric: Metric,
        /// By how much it grew, and where that belongs.
        growth: Growth,
    },
    /// A gauge was read again, without a gap or restart between. Times are nanoseconds since the
    /// epoch, values as cAdvisor writes them.
    Line {
        /// What it measures.
        metric: Metric,
        /// Time and value of the earlier reading.
        from: (u64, u64),
        /// Time and value of the later one.
        to: (u64, u64),
    },
    /// The container was watched from one instant to another, without a gap or restart between.
    Watched {
        /// The earlier sample's time, nanoseconds since the epoch.
        from: u64,
        /// The later sample's time.
        to: u64,
    },
    /// Two samples in succession lie further apart than the allowed gap.
    Gap {
        /// The earlier sample's time, nanoseconds since the epoch.
        from: u64,
        /// The later sample's time.
        to: u64,
    },
    /// The container was restarted before this sample.
    Restart(Timestamp),
}

/// A sample that is no later than the one before it; the tracker is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sample of {time} after one of {last}: samples must come in rising time")]
pub struct NotLater {
    /// Its time.
    pub time: Timestamp,
    /// The last sample's time.
    pub last: Timestamp,
}

/// What a counter belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Owner {
    Container,
    Interface(Box<str>),
    /// A device in one list of devices: each list tells for itself what it has.
    Device((u64, u64), DeviceList),
}

/// One container's last readings.
///
/// ```
/// use cmetrics_core::delta::{Change, Growth, Tracker};
/// use cmetrics_core::{Metric, Sample, Timestamp};
///
/// let mut tracker = Tracker::new(150_000_000_000);
/// let mut changes = Vec::new();
/// for (time, cpu) in [("2026-11-21T12:00:03Z", 100), ("2026-11-21T12:00:07Z", 180)] {
///     let mut sample = Sample::new(Timestamp::parse(time).unwrap().unwrap());
///     sample.set(Metric::CpuUsage, cpu);
///     tracker.observe(&sample, &mut |change| changes.push(change)).unwrap();
/// }
/// assert!(changes.iter().any(|change| matches!(
///     change,
///     Change::Growth { metric: Metric::CpuUsage, growth: Growth::Shared { growth: 80, .. } },
/// )));
/// ```
#[derive(Debug)]
pub struct Tracker {
    max_gap: u64,
    last: Option<Timestamp>,
    /// How many restarts were seen. What was last read before a restart, and not at it, is
    /// forgotten: its generation is an older one.
    generation: u64,
    owners: HashMap<Owner, usize>,
    /// By owner.
    listings: Vec<Listing>,
    gauges: Vec<Gauge>,
    /// The last sample with a disk section, and its generation.
    disk: Option<(u64, u64)>,
    /// The last sample of which it is known whether memory ran out, and its generation.
    oom: Option<(u64, u64)>,
    /// The owners that the sample at hand lists.
    listed: Vec<usize>,
}

/// The counters of one owner.
#[derive(Debug, Default)]
struct Listing {
    counters: Vec<Counter>,
    /// The last sample that listed the owner, and its generation.
    last: Option<(u64, u64)>,
}

#[derive(Debug)]
struct Counter {
    metric: Metric,
    last: Option<(Reading, u64)>,
    now: Option<u128>,
}

impl Listing {
    /// The value of a counter in the sample at hand, entries of one owner added up.
    fn now(&mut self, metric: Metric) -> &mut Option<u128> {
        let known = self.counters.iter().position(|counter| counter.metric == metric);
        let index = known.unwrap_or(self.counters.len());
        if known.is_none() {
            self.counters.push(Counter { metric, last: None, now: None });
        }
        #[expect(clippy::indexing_slicing, reason = "found or pushed above")]
        &mut self.counters[index].now
    }
}

#[derive(Debug)]
struct Gauge {
    metric: Metric,
    last: (u64, u64),
    generation: u64,
}

impl Tracker {
    /// A tracker that shares nothing out between readings more than `max_gap` nanoseconds apart.
    pub fn new(max_gap: u64) -> Self {
        Self {
            max_gap,
            last: None,
            generation: 0,
            owners: HashMap::new(),
            listings: Vec::new(),
            gauges: Vec::new(),
            disk: None,
            oom: None,
            listed: Vec::new(),
        }
    }

    /// Takes the next sample and tells what it adds.
    ///
    /// # Errors
    /// [`NotLater`] where the sample is no later than the one before.
    pub fn observe(
        &mut self,
        sample: &Sample,
        tell: &mut dyn FnMut(Change),
    ) -> Result<(), NotLater> {
        if let Some(last) = self.last.filter(|&last| sample.time() <= last) {
            return Err(NotLater { time: sample.time(), last });
        }
        let cpu = self.cpu(sample);
        let restarted = cpu.is_some_and(|(before, now)| now < before);
        self.spacing(sample.time(), restarted, tell);
        self.list(sample);
        self.grow(sample.time().nanos(), restarted, cpu.is_some(), tell);
        self.generation += u64::from(restarted);
        self.lines(sample, tell);
        let now = Some((sample.time().nanos(), self.generation));
        if sample.has(Section::Diskio) {
            self.disk = now;
        }
        if sample.has(Section::OomEvents) {
            self.oom = now;
        }
        self.last = Some(sample.time());
        Ok(())
    }

    /// The CPU counter before and at `sample`, where both were read.
    fn cpu(&self, sample: &Sample) -> Option<(u128, u128)> {
        let now = u128::from(sample.get(Metric::CpuUsage)?);
        let listing = self.listings.get(*self.owners.get(&Owner::Container)?)?;
        let mut counters = listing.counters.iter();
        let counter = counters.find(|counter| counter.metric == Metric::CpuUsage)?;
        Some((counter.last?.0.value, now))
    }

    fn spacing(&self, time: Timestamp, restarted: bool, tell: &mut dyn FnMut(Change)) {
        if let Some(last) = self.last {
            let (from, to) = (last.nanos(), time.nanos());
            if to - from > self.max_gap {
                tell(Change::Gap { from, to });
            } else if !restarted {
                tell(Change::Watched { from, to });
            }
        }
        if restarted {
            tell(Change::Restart(time));
        }
    }

    /// Notes the counters of the sample at hand, those of one owner added up.
    fn list(&mut self, sample: &Sample) {
        self.listed.clear();
        self.list_readings(Owner::Container, sample.readings().iter());
        for interface in sample.interfaces() {
            let owner = Owner::Interface(interface.name.into());
            self.list_readings(owner, interface.readings.iter());
        }
        for device in sample.devices() {
            for list in DeviceList::ALL {
                let readings = device.readings.iter().filter(|(metric, _)| metric.list() == list);
                if device.readings.is_empty() || readings.clone().next().is_some() {
                    self.list_readings(Owner::Device(device.number, list), readings);
                }
            }
        }
    }

    fn list_readings(&mut self, owner: Owner, readings: impl Iterator<Item = (Metric, u64)>) {
        let next = self.owners.len();
        let owner = *self.owners.entry(owner).or_insert(next);
        if owner == next {
            self.listings.push(Listing::default());
        }
        let Some(listing) = self.listings.get_mut(owner) else { return };
        self.listed.push(owner);
        for (metric, value) in readings.filter(|(metric, _)| metric.kind() == Kind::Counter) {
            let now = listing.now(metric);
            *now = Some(now.unwrap_or_default() + u128::from(value));
        }
    }

    /// Pairs the listed counters with their last readings (contract, rules 5 to 7).
    fn grow(&mut self, time: u64, restarted: bool, cpu_read: bool, tell: &mut dyn FnMut(Change)) {
        let generation = self.generation;
        let next_generation = generation + u64::from(restarted);
        let disk = self.disk.filter(|(_, of)| *of == generation);
        let oom = self.oom.filter(|(_, of)| *of == generation).map(|(time, _)| time);
        for &owner in &self.listed {
            let Some(listing) = self.listings.get_mut(owner) else { continue };
            // The kernel lists a device from the first I/O on it.
            let zero = disk.filter(|disk| listing.last != Some(*disk)).map(|(time, _)| time);
            for counter in &mut listing.counters {
                let Some(value) = counter.now.take() else { continue };
                let (metric, to) = (counter.metric, Reading { time, value });
                let known = counter.last.filter(|(_, of)| *of == generation).map(|(last, _)| last);
                let zero = match metric.scope() {
                    Scope::Device => zero,
                    _ if metric == Metric::MemoryOomEvents => oom,
                    _ => None,
                };
                let from = known.or_else(|| zero.map(|time| Reading { time, value: 0 }));
                if let Some(from) = from {
                    let begins_again = restarted || !cpu_read || metric.begins_again_alone();
                    let then = Circumstances { restarted, begins_again };
                    let growth = counter::growth(from, to, self.max_gap, then);
                    tell(Change::Growth { metric, growth });
                }
                counter.last = Some((to, next_generation));
            }
            listing.last = Some((time, next_generation));
        }
    }

    fn lines(&mut self, sample: &Sample, tell: &mut dyn FnMut(Change)) {
        let generation = self.generation;
        for (metric, value) in sample.readings().iter() {
            if metric.kind() != Kind::Gauge {
                continue;
            }
            let to = (sample.time().nanos(), value);
            let Some(gauge) = self.gauges.iter_mut().find(|gauge| gauge.metric == metric) else {
                self.gauges.push(Gauge { metric, last: to, generation });
                continue;
            };
            let from = std::mem::replace(&mut gauge.last, to);
            let restarted = std::mem::replace(&mut gauge.generation, generation) != generation;
            if !restarted && to.0 - from.0 <= self.max_gap {
                tell(Change::Line { metric, from, to });
            }
        }
    }
}
