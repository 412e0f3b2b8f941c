//! One container at one instant, its counters still cumulative.

mod changes;
mod completing;
mod draft;
mod layout;
mod layout_cache;
mod readings;

use std::sync::Arc;

pub(crate) use draft::{Draft, DraftEntry};
pub(crate) use layout::{Layout, ListedDevice, Owner};
pub(crate) use layout_cache::{LayoutCache, metrics_of};
pub use readings::{Device, Interface, Readings};

use crate::metric::{DeviceList, Metric, MetricSet, Scope, Section};
use crate::time::Timestamp;

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
/// assert_eq!(sample.interfaces().next().unwrap().name, "eth0");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    time: Timestamp,
    layout: Arc<Layout>,
    values: Vec<u64>,
}

/// A borrowed sample: a row of values, and what they are readings of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SampleRow<'s> {
    pub(crate) time: Timestamp,
    pub(crate) layout: &'s Arc<Layout>,
    pub(crate) values: &'s [u64],
}

impl SampleRow<'_> {
    /// The container's own reading of `metric`.
    pub(crate) fn get(self, metric: Metric) -> Option<u64> {
        self.values.get(self.layout.index_of(Owner::Container, metric, self.values.len())?).copied()
    }
}

impl From<SampleRow<'_>> for Sample {
    fn from(row: SampleRow<'_>) -> Self {
        Self { time: row.time, layout: Arc::clone(row.layout), values: row.values.to_vec() }
    }
}

/// An interface or device of a sample, for setting its readings.
#[derive(Debug)]
pub struct Entry<'s> {
    sample: &'s mut Sample,
    owner: Owner,
}

impl Entry<'_> {
    /// Sets the reading of `metric`. It replaces an earlier one. A metric that is not counted per
    /// interface, or not per device where this is one, has no reading here and is ignored.
    ///
    /// ```
    /// use cmetrics_core::{Metric, Sample, Timestamp};
    ///
    /// let mut sample = Sample::new(Timestamp::from_nanos(1).unwrap());
    /// sample.interface("eth0").set(Metric::CpuUsage, 5);
    /// assert_eq!(sample.get(Metric::CpuUsage), None);
    /// ```
    pub fn set(&mut self, metric: Metric, value: u64) {
        let is_counted_here = matches!(
            (self.owner, metric.scope()),
            (Owner::Interface(_), Scope::Interface)
                | (Owner::Device(_), Scope::Device)
                | (Owner::Container, Scope::Container | Scope::Sum)
        );
        if is_counted_here {
            self.sample.put(self.owner, metric, value);
        }
    }
}

impl Sample {
    /// A sample without readings.
    pub fn new(time: Timestamp) -> Self {
        Self { time, layout: Arc::default(), values: Vec::new() }
    }

    /// When the sample was taken.
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// Sets the time at which the readings were taken. If the next sample has readings of the same
    /// metrics, changing time and readings of this one costs less than making a new sample.
    pub fn set_time(&mut self, time: Timestamp) {
        self.time = time;
    }

    /// Whether `section` was measured. A disk section may be present without devices.
    pub fn has(&self, section: Section) -> bool {
        self.layout.has(section)
    }

    /// Marks `section` as measured. Setting a reading does so, too.
    pub fn measured(&mut self, section: Section) {
        if !self.has(section) {
            self.layout_mut().sections.insert(section);
        }
    }

    /// The container's own reading of `metric`. For interfaces and devices, see
    /// [`interfaces`](Self::interfaces) and [`devices`](Self::devices).
    pub fn get(&self, metric: Metric) -> Option<u64> {
        self.row().get(metric)
    }

    /// Sets a reading. A metric that is counted per interface or device belongs to
    /// [`interface`](Self::interface) or [`device`](Self::device); here it is set for the
    /// interface with an empty name, or for device 0:0.
    pub fn set(&mut self, metric: Metric, value: u64) {
        match metric.scope() {
            Scope::Container | Scope::Sum => self.put(Owner::Container, metric, value),
            Scope::Interface => self.interface("").set(metric, value),
            Scope::Device => self.device((0, 0)).set(metric, value),
        }
    }

    /// The interface of this name. It is added if it is missing.
    pub fn interface(&mut self, name: &str) -> Entry<'_> {
        let known = self.layout.interfaces.iter().position(|(known, _)| &**known == name);
        match known {
            Some(index) => Entry { sample: self, owner: Owner::Interface(index) },
            None => self.push_interface(name),
        }
    }

    /// The block device of this major and minor number. It is added if it is missing.
    pub fn device(&mut self, number: (u64, u64)) -> Entry<'_> {
        let known = self.layout.devices.iter().position(|(known, _)| known.number == number);
        match known {
            Some(index) => Entry { sample: self, owner: Owner::Device(index) },
            None => self.push_device(number),
        }
    }

    /// Adds an interface. If there is another one of this name, their counters are added up.
    pub fn push_interface(&mut self, name: &str) -> Entry<'_> {
        let layout = self.layout_mut();
        layout.sections.insert(Section::Network);
        layout.interfaces.push((name.into(), MetricSet::default()));
        let owner = Owner::Interface(layout.interfaces.len() - 1);
        Entry { sample: self, owner }
    }

    /// Adds a device. If there is another one of this number, their counters are added up. A
    /// device without readings belongs to the lists of bytes and of operations; otherwise its
    /// readings determine the list.
    pub fn push_device(&mut self, number: (u64, u64)) -> Entry<'_> {
        self.push_listed_device(ListedDevice { number, list: None })
    }

    /// Adds a device that belongs to one list only.
    pub(crate) fn push_device_of(&mut self, number: (u64, u64), list: DeviceList) -> Entry<'_> {
        self.push_listed_device(ListedDevice { number, list: Some(list) })
    }

    fn push_listed_device(&mut self, listed: ListedDevice) -> Entry<'_> {
        let layout = self.layout_mut();
        layout.sections.insert(Section::Diskio);
        layout.devices.push((listed, MetricSet::default()));
        let owner = Owner::Device(layout.devices.len() - 1);
        Entry { sample: self, owner }
    }

    /// The container's own readings.
    pub fn readings(&self) -> Readings<'_> {
        let present = self.layout.own;
        Readings { present, values: self.values.get(..present.len()).unwrap_or_default() }
    }

    /// The interfaces, in the order in which they were listed.
    pub fn interfaces(&self) -> impl ExactSizeIterator<Item = Interface<'_>> {
        let mut rest = self.values.get(self.layout.own.len()..).unwrap_or_default();
        let named = self.layout.interfaces.iter();
        named.map(move |(name, present)| Interface { name, readings: first(&mut rest, *present) })
    }

    /// The block devices, in the order in which they were listed.
    pub fn devices(&self) -> impl ExactSizeIterator<Item = Device<'_>> {
        let start = self.layout.devices_start(self.values.len());
        let mut rest = self.values.get(start..).unwrap_or_default();
        let numbered = self.layout.devices.iter();
        numbered.map(move |(listed, present)| Device {
            number: listed.number,
            readings: first(&mut rest, *present),
        })
    }

    pub(crate) fn row(&self) -> SampleRow<'_> {
        SampleRow { time: self.time, layout: &self.layout, values: &self.values }
    }

    /// Becomes a sample of another time and layout with unspecified values, for the caller to
    /// set. Keeps its allocation.
    pub(crate) fn reset(&mut self, time: Timestamp, layout: &Arc<Layout>) -> &mut [u64] {
        self.time = time;
        if !Arc::ptr_eq(&self.layout, layout) {
            self.layout = Arc::clone(layout);
        }
        self.values.resize(layout.len(), 0);
        &mut self.values
    }

    /// Becomes a copy of another sample. Keeps its allocation.
    #[inline]
    pub(crate) fn copy_from(&mut self, other: &Self) {
        self.time = other.time;
        if !Arc::ptr_eq(&self.layout, &other.layout) {
            self.layout = Arc::clone(&other.layout);
        }
        self.values.clear();
        self.values.extend_from_slice(&other.values);
    }

    pub(crate) fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    /// The container's own readings, to be set.
    fn own(&mut self) -> Entry<'_> {
        Entry { sample: self, owner: Owner::Container }
    }

    fn layout_mut(&mut self) -> &mut Layout {
        Arc::make_mut(&mut self.layout)
    }

    fn put(&mut self, owner: Owner, metric: Metric, value: u64) {
        let total = self.values.len();
        let known = self.layout.index_of(owner, metric, total);
        if let Some(slot) = known.and_then(|index| self.values.get_mut(index)) {
            *slot = value;
        } else if let Some(index) = self.layout_mut().insert(owner, metric, total) {
            self.values.insert(index, value);
        }
    }
}

/// Splits the readings of these metrics off the front of `values`.
fn first<'s>(values: &mut &'s [u64], present: MetricSet) -> Readings<'s> {
    let (readings, rest) = values.split_at_checked(present.len()).unwrap_or_default();
    *values = rest;
    Readings { present, values: readings }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Sample {
        Sample::new(Timestamp::from_nanos(1).unwrap())
    }

    #[test]
    fn values_are_grouped_by_owner_whatever_the_order_of_setting_them() {
        let mut sample = sample();
        sample.device((8, 0)).set(Metric::DiskioRead, 5);
        sample.interface("eth1").set(Metric::NetworkTxBytes, 4);
        sample.interface("eth0").set(Metric::NetworkTxBytes, 3);
        sample.set(Metric::MemoryUsage, 2);
        sample.set(Metric::CpuUsage, 1);
        sample.interface("eth1").set(Metric::NetworkTxBytes, 6);
        assert_eq!(sample.row().values, [1, 2, 6, 3, 5]);
        assert_eq!(sample.layout().len(), 5);
        assert_eq!(
            sample.interfaces().nth(1).unwrap().readings.get(Metric::NetworkTxBytes),
            Some(3)
        );
        assert_eq!(sample.devices().next().unwrap().readings.get(Metric::DiskioRead), Some(5));
        assert_eq!(sample.devices().next().unwrap().readings.get(Metric::DiskioWrite), None);
    }

    #[test]
    fn a_sample_of_another_time_keeps_its_readings() {
        let mut moved = sample();
        moved.set(Metric::CpuUsage, 1);
        let mut anew = Sample::new(Timestamp::from_nanos(2).unwrap());
        anew.set(Metric::CpuUsage, 1);
        moved.set_time(anew.time());
        assert_eq!(moved, anew);
    }
}
