//! Raising and dropping readings.

use super::layout::ListedDevice;
use super::{Entry, Readings, Sample};
use crate::metric::{Metric, MetricSet, Scope, Section};

impl Sample {
    /// Records a reading that does not fit 64 bits. It replaces an earlier reading.
    pub(crate) fn set_too_large(&mut self, metric: Metric) {
        if self.get(metric).is_some() {
            self.rebuild(|known| known != metric);
        }
        let layout = self.layout_mut();
        layout.too_large.insert(metric);
        layout.sections.insert(metric.section());
    }

    /// Adds the devices of another sample, with the readings for which `keep` returns `true`.
    fn push_devices_of(&mut self, other: &Self, keep: impl Fn(Metric) -> bool) {
        for (device, (listed, metrics)) in other.devices().zip(&other.layout.devices) {
            self.push_copy_of(listed, *metrics, device.readings, &keep);
        }
    }

    /// Adds a device with its lists, and the readings for which `keep` returns `true`.
    fn push_copy_of(
        &mut self,
        listed: &ListedDevice,
        metrics: MetricSet,
        readings: Readings<'_>,
        keep: impl Fn(Metric) -> bool,
    ) {
        fill(&mut self.push_listed_device(listed.without_readings(metrics)), readings, keep);
    }

    /// Drops a section: it counts as not measured.
    pub(crate) fn drop_section(&mut self, section: Section) {
        if self.has(section) {
            self.rebuild(|metric| metric.section() != section);
            let layout = self.layout_mut();
            layout.sections.remove(section);
            match section {
                Section::Network => layout.interfaces.clear(),
                Section::Diskio => layout.devices.clear(),
                _ => {}
            }
        }
    }

    /// Drops a section that the container does not have, as its document says.
    pub(crate) fn deny_section(&mut self, section: Section) {
        self.drop_section(section);
        if Section::DOCUMENTED.contains(&section) {
            self.layout_mut().denied.insert(section);
        }
    }

    /// Keeps only those of the container's own readings for which `keep` returns `true`.
    pub(crate) fn retain(&mut self, keep: impl Fn(Metric) -> bool) {
        self.rebuild(|metric| {
            matches!(metric.scope(), Scope::Interface | Scope::Device) || keep(metric)
        });
    }

    /// Drops the readings for which `keep` returns `false`. Interfaces, devices and sections stay.
    fn rebuild(&mut self, keep: impl Fn(Metric) -> bool) {
        let mut kept = Self::new(self.time);
        fill(&mut kept.own(), self.readings(), &keep);
        for interface in self.interfaces() {
            fill(&mut kept.push_interface(interface.name), interface.readings, &keep);
        }
        kept.push_devices_of(self, &keep);
        let layout = kept.layout_mut();
        layout.sections = self.layout.sections;
        layout.denied = self.layout.denied;
        layout.too_large = self.layout.too_large.filter(&keep);
        *self = kept;
    }

    /// Raises the readings that may differ between copies of a sample to those of this copy, where
    /// they are larger.
    pub(crate) fn take_larger(&mut self, copy: &Self) {
        for (metric, value) in copy.readings().iter() {
            if metric.varies_between_copies()
                && !self.layout.too_large.contains(metric)
                && self.get(metric).is_none_or(|known| known < value)
            {
                self.set(metric, value);
            }
        }
        for metric in copy.layout.too_large.iter().filter(|one| one.varies_between_copies()) {
            self.set_too_large(metric);
        }
        if copy.has(Section::OomEvents) {
            self.measured(Section::OomEvents);
        }
    }
}

/// Sets the readings for which `keep` returns `true`.
pub(super) fn fill(entry: &mut Entry<'_>, readings: Readings<'_>, keep: impl Fn(Metric) -> bool) {
    let kept = readings.iter().filter(|(metric, _)| keep(*metric));
    kept.for_each(|(metric, value)| entry.set(metric, value));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::DeviceList;
    use crate::time::Timestamp;

    fn sample() -> Sample {
        Sample::new(Timestamp::from_nanos(1).unwrap())
    }

    #[test]
    fn a_copy_fills_what_is_missing_and_changes_nothing_else() {
        let mut known = sample();
        known.set(Metric::CpuUsage, 1);
        known.interface("eth0").set(Metric::NetworkRxBytes, 2);
        let mut copy = sample();
        copy.set(Metric::CpuUsage, 9);
        copy.interface("eth1").set(Metric::NetworkRxBytes, 9);
        copy.interface("eth0").set(Metric::NetworkRxBytes, 9);
        copy.interface("eth0").set(Metric::NetworkTxBytes, 4);
        copy.device((8, 0)).set(Metric::DiskioRead, 3);
        known.complete_from(&copy);
        assert_eq!(known.get(Metric::CpuUsage), Some(1));
        let first = known.interfaces().next().unwrap().readings;
        let read = [Metric::NetworkRxBytes, Metric::NetworkTxBytes].map(|metric| first.get(metric));
        assert_eq!(read, [Some(2), Some(4)]);
        let names: Vec<_> = known.interfaces().map(|interface| interface.name).collect();
        assert_eq!(names, ["eth0", "eth1"]);
        assert_eq!(known.devices().next().unwrap().readings.get(Metric::DiskioRead), Some(3));
        assert!(known.has(Section::Diskio));
    }

    #[test]
    fn a_device_without_readings_stays_in_its_list() {
        let mut known = sample();
        known.push_device_of((8, 0), DeviceList::Operations);
        known.push_device((8, 1));
        known.push_device_of((8, 2), DeviceList::Bytes).set(Metric::DiskioRead, 3);
        known.push_device((8, 3)).set(Metric::DiskioReadOps, 3);
        let lists = |sample: &Sample| {
            let devices = sample.layout.devices.iter();
            let lists = devices
                .map(|(listed, metrics)| DeviceList::ALL.map(|list| listed.is_in(list, *metrics)));
            lists.collect::<Vec<_>>()
        };
        let expected = [[false, true], [true, true], [true, false], [false, true]];
        assert_eq!(lists(&known), expected);
        let mut completed = sample();
        completed.complete_from(&known);
        assert_eq!(completed, known);
        known.rebuild(|_| false);
        assert_eq!(lists(&known), expected);
        let mut plain = sample();
        plain.device((8, 2)).set(Metric::DiskioRead, 3);
        let mut listed = sample();
        listed.push_device_of((8, 2), DeviceList::Bytes).set(Metric::DiskioRead, 3);
        assert_eq!(plain, listed);
    }

    #[test]
    fn a_sum_that_does_not_fit_is_larger_than_any_and_goes_with_its_section() {
        let (usage, base) = (Metric::FilesystemUsage, Metric::FilesystemBaseUsage);
        let mut large = sample();
        large.set_too_large(usage);
        let mut small = sample();
        small.set(usage, 5);
        small.set(base, 6);
        for (mut known, copy) in [(large.clone(), &small), (small.clone(), &large)] {
            known.take_larger(copy);
            assert_eq!((known.get(usage), known.get(base)), (None, Some(6)));
            assert!(known.layout.too_large.contains(usage));
        }
        large.complete_from(&small);
        assert_eq!((large.get(usage), large.get(base)), (None, Some(6)));
        let mut completed = sample();
        completed.complete_from(&large);
        assert_eq!(completed, large);
        large.retain(|metric| metric != base);
        assert!(large.layout.too_large.contains(usage) && large.has(Section::Filesystem));
        large.drop_section(Section::Filesystem);
        assert_eq!(large, sample());
        completed.set(usage, 9);
        assert_eq!(completed.get(usage), Some(9));
        assert!(completed.layout.too_large.is_empty());
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
        assert!(sample.interfaces().len() == 0 && !sample.has(Section::Network));
    }
}
