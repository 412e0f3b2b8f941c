//! Containers that nobody recorded: as many as one likes, the same ones for the same numbers.
//!
//! A third of them use the network and a fifth the disk; all use some CPU, and memory that stays as
//! it is for two samples in three. Samples lie 1 to 2 s apart, as cAdvisor takes them.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use cmetrics_core::aggregate::Aggregator;
use cmetrics_core::delta::Tracker;
use cmetrics_core::metric::{Kind, Scope};
use cmetrics_core::{Container, DataPoint, Metric, MetricSet, Sample, Settings, Timestamp};

const SECOND: u64 = 1_000_000_000;
/// 2026-11-21.
pub(crate) const START: u64 = 1_795_219_200;
/// The width of an interval.
pub(crate) const WIDTH: u64 = 5;

/// Containers that all have a point in each tick.
#[derive(Debug)]
pub(crate) struct Fleet {
    members: Vec<Member>,
    /// Filled again and again, so that to make samples costs little.
    sample: Sample,
    more: MetricSet,
    ticks: u64,
}

#[derive(Debug)]
struct Member {
    number: u64,
    name: Arc<str>,
    random: u64,
    /// When its next sample is taken, in nanoseconds.
    next: u64,
    used: Used,
    tracker: Tracker,
    aggregator: Aggregator,
}

#[derive(Debug)]
struct Used {
    cpu: u64,
    memory: u64,
    tx_bytes: u64,
    rx_bytes: u64,
    read: u64,
    written: u64,
}

/// The id of the container of this number: in no order, as real ones.
pub(crate) fn name(number: usize) -> String {
    let mixed = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!("{mixed:016x}{:048x}", u128::from(mixed) * 0x0123_4567)
}

impl Fleet {
    /// Containers of these numbers, whose first points are of this tick.
    pub(crate) fn new(numbers: Range<usize>, first_tick: u64) -> Self {
        Self::with_metrics(numbers, first_tick, MetricSet::default())
    }

    /// The same, with samples that have more than the documented metrics.
    pub(crate) fn with_metrics(numbers: Range<usize>, first_tick: u64, more: MetricSet) -> Self {
        let members = numbers.map(|number| Member::new(number, first_tick)).collect();
        Self { members, sample: template(), more, ticks: first_tick }
    }

    pub(crate) fn names(&self) -> Vec<Arc<str>> {
        self.members.iter().map(|member| Arc::clone(&member.name)).collect()
    }

    /// Adds the points of the next interval, one of each container.
    pub(crate) fn tick(&mut self, points: &mut Vec<DataPoint>) {
        self.ticks += 1;
        let (before, all) = (points.len(), self.members.len());
        for member in &mut self.members {
            member.points_until(self.ticks, &mut self.sample, points);
        }
        assert_eq!(points.len() - before, all, "each container has a point in each interval");
    }

    /// The points of so many intervals, one after another.
    pub(crate) fn ticks(&mut self, count: u64) -> Vec<DataPoint> {
        let mut points = Vec::with_capacity(self.members.len() * usize_of(count));
        (0..count).for_each(|_| self.tick(&mut points));
        points
    }

    /// Gives each container's samples of the next interval.
    pub(crate) fn samples(&mut self, mut give: impl FnMut(&Container, Sample)) {
        self.ticks += 1;
        for member in &mut self.members {
            let container = Container::at_path(format!("/docker/{}", member.name));
            while member.next < (START + self.ticks * WIDTH) * SECOND {
                member.fill(&mut self.sample);
                member.fill_more(&mut self.sample, self.more);
                give(&container, self.sample.clone());
            }
        }
    }
}

/// All points of a container over so many ticks from the first on.
pub(crate) fn history(number: usize, ticks: u64) -> Vec<DataPoint> {
    Fleet::new(number..number + 1, 0).ticks(ticks)
}

impl Member {
    fn new(number: usize, first_tick: u64) -> Self {
        // No sample is more than 2 s behind the one before.
        let settings = Settings::new(Duration::from_secs(WIDTH), Some(Duration::from_secs(WIDTH)))
            .expect("settings that there can be");
        let name: Arc<str> = name(number).into();
        let number = number as u64;
        Self {
            number,
            random: 0x2545_f491_4f6c_dd1d ^ (number + 1).wrapping_mul(0xd134_2543_de82_ef95),
            next: (START + first_tick * WIDTH) * SECOND + number % 1000 * 1_000_000,
            used: Used::new(),
            tracker: Tracker::new(&settings),
            aggregator: Aggregator::new(Arc::clone(&name), settings),
            name,
        }
    }

    /// Gives the points of all intervals up to this tick.
    fn points_until(&mut self, tick: u64, sample: &mut Sample, points: &mut Vec<DataPoint>) {
        let end = (START + tick * WIDTH) * SECOND;
        loop {
            self.fill(sample);
            let observed = self.aggregator.observe(&mut self.tracker, sample);
            assert!(observed.is_ok(), "samples are made in rising time");
            let time = sample.time().nanos();
            if time >= end {
                // No sample that follows alters what ended before this one.
                let settled = at(time + WIDTH * SECOND);
                self.aggregator.settle(&self.tracker, settled, &mut |point| points.push(point));
                return;
            }
        }
    }

    /// Takes the next sample.
    fn fill(&mut self, sample: &mut Sample) {
        sample.set_time(at(self.next));
        let random = self.random();
        self.next += SECOND + random % SECOND;
        self.use_more(random);
        let used = &self.used;
        sample.set(Metric::CpuUsage, used.cpu);
        sample.set(Metric::MemoryUsage, used.memory);
        let mut interface = sample.interface("eth0");
        interface.set(Metric::NetworkTxBytes, used.tx_bytes);
        interface.set(Metric::NetworkRxBytes, used.rx_bytes);
        interface.set(Metric::NetworkTxPackets, used.tx_bytes / 800);
        interface.set(Metric::NetworkRxPackets, used.rx_bytes / 900);
        let mut device = sample.device((8, 0));
        device.set(Metric::DiskioRead, used.read);
        device.set(Metric::DiskioWrite, used.written);
        device.set(Metric::DiskioSync, used.read + used.written);
    }

    /// The metrics beside the documented ones: some stand still, some grow, each in its own way.
    fn fill_more(&self, sample: &mut Sample, more: MetricSet) {
        let documented = MetricSet::documented();
        let others = more.iter().filter(|metric| !documented.contains(*metric));
        for (place, metric) in others.enumerate() {
            let value = match (metric.kind(), place % 3) {
                (_, 0) => place as u64,
                (Kind::Counter, _) => self.used.cpu >> (place % 24),
                (Kind::Gauge, _) => self.used.memory >> (place % 8),
            };
            sample.set(metric, value);
        }
    }

    fn use_more(&mut self, random: u64) {
        let (number, used) = (self.number, &mut self.used);
        let part = |from: u32, below: u64| (random >> from) % below;
        used.cpu += 100_000_000 + part(8, 50_000_000);
        if number.is_multiple_of(3) {
            used.tx_bytes += part(16, 10_000);
            used.rx_bytes += part(20, 50_000);
        }
        if number.is_multiple_of(5) {
            used.read += part(24, 8) * 4096;
            used.written += part(28, 64) * 4096;
        }
        if part(40, 3) == 0 {
            used.memory = used.memory.max(1 << 20) + part(44, 21) * 4096 - 10 * 4096;
        }
    }

    /// Xorshift: the same numbers on any machine.
    fn random(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }
}

/// A sample with every documented metric, of one interface and one device.
fn template() -> Sample {
    let mut sample = Sample::new(at(START * SECOND));
    for metric in MetricSet::documented().iter() {
        match metric.scope() {
            Scope::Interface => sample.interface("eth0").set(metric, 0),
            Scope::Device => sample.device((8, 0)).set(metric, 0),
            _ => sample.set(metric, 0),
        }
    }
    sample
}

impl Used {
    fn new() -> Self {
        let (cpu, memory) = (1 << 40, 100 << 20);
        Self { cpu, memory, tx_bytes: 1 << 20, rx_bytes: 1 << 20, read: 0, written: 0 }
    }
}

fn at(nanos: u64) -> Timestamp {
    Timestamp::from_nanos(nanos).expect("a time that there is")
}

pub(crate) fn usize_of(number: u64) -> usize {
    usize::try_from(number).expect("a number that fits")
}
