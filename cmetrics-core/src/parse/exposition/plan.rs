//! From the series of a container to a sample: which of them are read, and where each goes.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::cell::{Cell, Of, number_of_name};
use super::names::{NameId, Names};
use crate::metric::{Metric, MetricSet, Section};
use crate::sample::{Layout, Sample};
use crate::time::Timestamp;

/// In place of a reading: the series has none.
pub(super) const ABSENT: u64 = u64::MAX;

/// What the series of a container make, as long as the same ones have readings.
#[derive(Debug)]
pub(super) struct Plan {
    /// The series that have readings.
    present: Vec<u32>,
    flags: Flags,
    /// The series of all values, one value after another. Those of one value are added up.
    addends: Vec<u32>,
    /// The metric of each value, and the number of its addends.
    values: Vec<(Metric, u32)>,
    layout: Arc<Layout>,
    sample: Sample,
}

/// What decides about a plan besides which series have readings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flags {
    /// Whether the scrape shows that the collector reads disks.
    pub(super) has_disks: bool,
    /// Whether the scheduler's figures are all 0: then they were not read.
    pub(super) no_schedstat: bool,
}

/// What a value of a sample belongs to, in the order of a sample.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Owner {
    Container,
    Interface(NameId),
    Device((u64, u64), NameId),
}

impl Plan {
    /// The plan for these readings, of which `cells` are the series.
    pub(super) fn new(
        cells: &[Cell],
        readings: &[u64],
        flags: Flags,
        metrics: MetricSet,
        names: &Names,
    ) -> Self {
        let all = cells.iter().zip(readings).zip(0u32..);
        let present = all.filter(|((_, reading), _)| **reading != ABSENT);
        let present: Vec<_> = present.map(|((cell, _), index)| (*cell, index)).collect();
        let rules = Rules::of(&present);
        let kept = present.iter().filter_map(|(Cell { metric, of }, index)| {
            let is_read =
                metrics.contains(*metric) && !(flags.no_schedstat && metric.is_schedstat());
            Some((rules.owner(*of, *metric, names).filter(|_| is_read)?, *metric, *index))
        });
        let mut kept: Vec<_> = kept.collect();
        kept.sort_unstable();
        let mut sample = Sample::new(Timestamp::MIN);
        let mut values = Vec::new();
        for owned in kept.chunk_by(|one, next| one.0 == next.0) {
            let of_metrics = owned.chunk_by(|one, next| one.1 == next.1);
            let of_metrics = of_metrics.filter_map(|addends| {
                Some((addends.first()?.1, u32::try_from(addends.len()).ok()?))
            });
            let first = values.len();
            values.extend(of_metrics);
            let metrics = values.iter().skip(first).map(|(metric, _)| *metric);
            match owned.first().map(|(owner, ..)| *owner) {
                Some(Owner::Interface(name)) => {
                    let mut entry = sample.push_interface(names.text(name));
                    metrics.for_each(|metric| entry.set(metric, 0));
                }
                Some(Owner::Device(number, _)) => {
                    let mut entry = sample.push_device(number);
                    metrics.for_each(|metric| entry.set(metric, 0));
                }
                _ => metrics.for_each(|metric| sample.set(metric, 0)),
            }
        }
        if flags.has_disks {
            sample.measured(Section::Diskio);
        }
        Self {
            present: present.iter().map(|(_, index)| *index).collect(),
            flags,
            addends: kept.iter().map(|(_, _, index)| *index).collect(),
            values,
            layout: Arc::clone(sample.layout()),
            sample,
        }
    }

    /// Whether it is the plan for these readings, of which `number` are there.
    pub(super) fn fits(&self, readings: &[u64], number: usize, flags: Flags) -> bool {
        let is_there =
            |index: &u32| readings.get(*index as usize).is_some_and(|reading| *reading != ABSENT);
        self.flags == flags && self.present.len() == number && self.present.iter().all(is_there)
    }

    /// The sample of these readings, which it [fits](Self::fits).
    pub(super) fn sample(&mut self, time: Timestamp, readings: &[u64]) -> &Sample {
        let values = self.sample.reset(time, &self.layout);
        let mut addends = self.addends.iter();
        let mut too_large = MetricSet::default();
        for (value, (metric, number)) in values.iter_mut().zip(&self.values) {
            let mut sum = Some(0u64);
            for index in addends.by_ref().take(*number as usize) {
                let reading = readings.get(*index as usize).copied().unwrap_or_default();
                sum = sum.and_then(|sum| sum.checked_add(reading));
            }
            if sum.is_none() {
                too_large.insert(*metric);
            }
            *value = sum.unwrap_or_default();
        }
        too_large.iter().for_each(|metric| self.sample.set_too_large(metric));
        &self.sample
    }
}

/// Which of the rows that tell a figure in several ways count.
struct Rules {
    /// Whether there are rows of block devices by number.
    has_numbers: bool,
    /// Whether there are rows of single CPUs.
    has_cpus: bool,
    /// Devices whose operations are the container's own: those that have bytes, too. Of others the
    /// host's own operations stand there.
    own_operations: HashSet<NameId>,
}

impl Rules {
    fn of(present: &[(Cell, u32)]) -> Self {
        let mut has = (false, false);
        let mut own_operations = HashSet::new();
        let mut numbers: HashMap<NameId, (u64, u64)> = HashMap::new();
        let mut shared = HashSet::new();
        for (cell, _) in present {
            match cell.of {
                Of::NumberedDevice(major, minor, name) => {
                    has.0 = true;
                    if *numbers.entry(name).or_insert((major, minor)) != (major, minor) {
                        shared.insert(name);
                    }
                }
                Of::DeviceBytes(name) => drop(own_operations.insert(name)),
                Of::Cpu(_) => has.1 = true,
                _ => {}
            }
        }
        own_operations.retain(|name| !shared.contains(name));
        Self { has_numbers: has.0, has_cpus: has.1, own_operations }
    }

    /// What a series belongs to; `None` if it does not count.
    fn owner(&self, of: Of, cell: Metric, names: &Names) -> Option<Owner> {
        let by_name = |name| Owner::Device(number_of_name(names.text(name)), name);
        match of {
            Of::Container => {
                Some(Owner::Container).filter(|_| !(self.has_cpus && cell == Metric::CpuUsage))
            }
            Of::Cpu(_) | Of::Entry(_) => Some(Owner::Container),
            Of::Interface(name) => Some(Owner::Interface(name)),
            Of::NumberedDevice(major, minor, name) => Some(Owner::Device((major, minor), name)),
            Of::DeviceBytes(name) => Some(by_name(name)).filter(|_| !self.has_numbers),
            Of::DeviceOperations(name) => {
                Some(by_name(name)).filter(|_| self.own_operations.contains(&name))
            }
        }
    }
}
