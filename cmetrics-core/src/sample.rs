//! One container at one instant, its counters still cumulative.

use crate::metric::{Metric, MetricSet, Scope, Section, SectionSet};
use crate::time::Timestamp;

/// Readings by metric. What was not measured is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readings {
    present: MetricSet,
    /// The values of the metrics in `present`, in its order.
    values: Vec<u64>,
}

impl Readings {
    /// The reading of `metric`.
    pub fn get(&self, metric: Metric) -> Option<u64> {
        if self.present.contains(metric) {
            self.values.get(self.present.rank(metric)).copied()
        } else {
            None
        }
    }

    /// Sets the reading of `metric`, in the place of an earlier one.
    pub fn set(&mut self, metric: Metric, value: u64) {
        let rank = self.present.rank(metric);
        if !self.present.contains(metric) {
            self.present.insert(metric);
            self.values.insert(rank, value);
        } else if let Some(slot) = self.values.get_mut(rank) {
            *slot = value;
        }
    }

    /// Metrics and their readings, in the table's order.
    pub fn iter(&self) -> impl Iterator<Item = (Metric, u64)> + Clone {
        self.present.iter().zip(self.values.iter().copied())
    }

    /// Whether nothing was measured.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// The counters of a network interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its name, such as `eth0`: what identifies it from sample to sample.
    pub name: Box<str>,
    /// Its counters.
    pub readings: Readings,
}

/// The counters of a block device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Major and minor number: what identifies it from sample to sample.
    pub number: (u64, u64),
    /// Its counters.
    pub readings: Readings,
}

/// One container at one instant. Counters count from the container's start.
///
/// ```
/// use cmetrics_core::{Metric, Sample, Timestamp};
///
/// let time = Timestamp::parse("2026-11-21T07:37:46Z").unwrap().unwrap();
/// let mut sample = Sample::new(time);
/// sample.set(Metric::CpuUsage, 7_500_000_000);
/// sample.interface("eth0").set(Metric::NetworkRxBytes, 4096);
/// sample.device((254, 0)).set(Metric::DiskioRead, 12_288);
/// assert_eq!(sample.get(Metric::CpuUsage), Some(7_500_000_000));
/// assert_eq!(sample.get(Metric::MemoryUsage), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    time: Timestamp,
    /// Those that were measured, even where they hold nothing.
    sections: SectionSet,
    readings: Readings,
    interfaces: Vec<Interface>,
    devices: Vec<Device>,
}

impl Sample {
    /// A sample in which nothing was measured yet.
    pub fn new(time: Timestamp) -> Self {
        Self {
            time,
            sections: SectionSet::default(),
            readings: Readings::default(),
            interfaces: Vec::new(),
            devices: Vec::new(),
        }
    }

    /// When it was taken.
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// Whether `section` was measured. A disk section may be there and list no device.
    pub fn has(&self, section: Section) -> bool {
        self.sections.contains(section)
    }

    /// Says that `section` was measured. Setting a reading says so by itself.
    pub fn measured(&mut self, section: Section) {
        self.sections.insert(section);
    }

    /// The container's own reading of `metric`; those of interfaces and devices are theirs.
    pub fn get(&self, metric: Metric) -> Option<u64> {
        self.readings.get(metric)
    }

    /// Sets a reading. One that is counted per interface or device belongs to
    /// [`interface`](Self::interface) or [`device`](Self::device); here it goes to the interface
    /// without a name, or to device 0:0.
    pub fn set(&mut self, metric: Metric, value: u64) {
        self.measured(metric.section());
        match metric.scope() {
            Scope::Container | Scope::Sum => self.readings.set(metric, value),
            Scope::Interface => self.interface("").set(metric, value),
            Scope::Device => self.device((0, 0)).set(metric, value),
        }
    }

    /// The readings of the interface of this name, new if need be.
    pub fn interface(&mut self, name: &str) -> &mut Readings {
        self.measured(Section::Network);
        let known = self.interfaces.iter().position(|interface| &*interface.name == name);
        let index = known.unwrap_or(self.interfaces.len());
        if known.is_none() {
            self.push_interface(Interface { name: name.into(), readings: Readings::default() });
        }
        #[expect(clippy::indexing_slicing, reason = "found or pushed above")]
        &mut self.interfaces[index].readings
    }

    /// The readings of the block device of this major and minor number, new if need be.
    pub fn device(&mut self, number: (u64, u64)) -> &mut Readings {
        self.measured(Section::Diskio);
        let known = self.devices.iter().position(|device| device.number == number);
        let index = known.unwrap_or(self.devices.len());
        if known.is_none() {
            self.push_device(Device { number, readings: Readings::default() });
        }
        #[expect(clippy::indexing_slicing, reason = "found or pushed above")]
        &mut self.devices[index].readings
    }

    /// Adds an interface. Where one of its name is there, their counters are added up.
    pub fn push_interface(&mut self, interface: Interface) {
        self.measured(Section::Network);
        self.interfaces.push(interface);
    }

    /// Adds a device. Where one of its number is there, their counters are added up.
    pub fn push_device(&mut self, device: Device) {
        self.measured(Section::Diskio);
        self.devices.push(device);
    }

    /// The container's own readings.
    pub fn readings(&self) -> &Readings {
        &self.readings
    }

    /// Its interfaces as they were listed.
    pub fn interfaces(&self) -> &[Interface] {
        &self.interfaces
    }

    /// Its block devices as they were listed.
    pub fn devices(&self) -> &[Device] {
        &self.devices
    }

    /// Takes from a copy of this sample what this one does not tell.
    pub fn complete_from(&mut self, copy: Self) {
        if !self.has(Section::Network) {
            self.interfaces = copy.interfaces;
        }
        if !self.has(Section::Diskio) {
            self.devices = copy.devices;
        }
        for (metric, value) in copy.readings.iter() {
            if self.readings.get(metric).is_none() {
                self.readings.set(metric, value);
            }
        }
        self.sections = self.sections.and(copy.sections);
    }

    /// Drops a section: it counts as not measured.
    pub(crate) fn drop_section(&mut self, section: Section) {
        self.sections.remove(section);
        match section {
            Section::Network => self.interfaces.clear(),
            Section::Diskio => self.devices.clear(),
            _ => {}
        }
        self.retain(|metric| metric.section() != section);
    }

    /// Keeps only those of the container's own readings for which `keep` says yes.
    pub(crate) fn retain(&mut self, keep: impl Fn(Metric) -> bool) {
        let mut kept = Readings::default();
        for (metric, value) in self.readings.iter().filter(|(metric, _)| keep(*metric)) {
            kept.set(metric, value);
        }
        self.readings = kept;
    }

    /// Takes from a copy of this sample what copies may tell differently, where it is larger.
    pub(crate) fn take_larger(&mut self, copy: &Self) {
        for (metric, value) in copy.readings.iter() {
            if metric.varies_between_copies()
                && self.readings.get(metric).is_none_or(|known| known < value)
            {
                self.set(metric, value);
            }
        }
        if copy.has(Section::OomEvents) {
            self.measured(Section::OomEvents);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Sample {
        Sample::new(Timestamp::from_nanos(1).unwrap())
    }

    #[test]
    fn readings_keep_the_last_value_of_each_metric() {
        let mut readings = Readings::default();
        readings.set(Metric::MemoryUsage, 1);
        readings.set(Metric::CpuUsage, 2);
        readings.set(Metric::MemoryUsage, 3);
        let all: Vec<_> = readings.iter().collect();
        assert_eq!(all, [(Metric::CpuUsage, 2), (Metric::MemoryUsage, 3)]);
    }

    #[test]
    fn a_copy_fills_what_is_missing_and_changes_nothing_else() {
        let mut known = sample();
        known.set(Metric::CpuUsage, 1);
        known.interface("eth0").set(Metric::NetworkRxBytes, 2);
        let mut copy = sample();
        copy.set(Metric::CpuUsage, 9);
        copy.interface("eth1").set(Metric::NetworkRxBytes, 9);
        copy.device((8, 0)).set(Metric::DiskioRead, 3);
        known.complete_from(copy);
        assert_eq!(known.get(Metric::CpuUsage), Some(1));
        assert_eq!(known.interfaces().len(), 1);
        assert_eq!(known.devices()[0].readings.get(Metric::DiskioRead), Some(3));
        assert!(known.has(Section::Diskio));
    }

    #[test]
    fn a_dropped_section_was_not_measured() {
        let mut sample = sample();
        sample.set(Metric::CpuUsage, 1);
        sample.set(Metric::MemoryUsage, 2);
        sample.interface("eth0").set(Metric::NetworkRxBytes, 2);
        sample.drop_section(Section::Cpu);
        sample.drop_section(Section::Network);
        assert_eq!(sample.get(Metric::CpuUsage), None);
        assert_eq!(sample.get(Metric::MemoryUsage), Some(2));
        assert!(sample.interfaces().is_empty() && !sample.has(Section::Network));
    }
}
