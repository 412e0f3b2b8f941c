//! Completing a sample from a copy of it. Both may list any number of interfaces and devices.

use std::collections::HashMap;
use std::hash::Hash;

use super::changes::fill;
use super::layout::Layout;
use super::{Entry, Readings, Sample};
use crate::metric::{Metric, MetricSet};

impl Sample {
    /// Adds the readings, interfaces, devices and sections that this sample lacks from a copy of it.
    pub fn complete_from(&mut self, copy: &Self) {
        let interfaces = places(&names(&self.layout), names(&copy.layout));
        let devices = places(&numbers(&self.layout), numbers(&copy.layout));
        if lacks(&self.layout.interfaces, &copy.layout.interfaces, &interfaces)
            || lacks(&self.layout.devices, &copy.layout.devices, &devices)
        {
            self.add_entries_of(copy, &interfaces, &devices);
        }
        for (metric, value) in copy.readings().iter() {
            if !self.has_reading(metric) {
                self.set(metric, value);
            }
        }
        for metric in copy.layout.too_large.iter() {
            if !self.has_reading(metric) {
                self.set_too_large(metric);
            }
        }
        let sections = self.layout.sections.union(copy.layout.sections);
        if sections != self.layout.sections {
            self.layout_mut().sections = sections;
        }
    }

    /// Adds what the interfaces and devices of a copy have in addition, and those that are missing.
    /// `interfaces` and `devices` say where those of the copy are here.
    fn add_entries_of(
        &mut self,
        copy: &Self,
        interfaces: &[Option<usize>],
        devices: &[Option<usize>],
    ) {
        let mut whole = Self::new(self.time);
        fill(&mut whole.own(), self.readings(), |_| true);
        let mut found = Found::new(interfaces, copy.interfaces().map(|it| it.readings));
        for (index, known) in self.interfaces().enumerate() {
            found.fill(index, &mut whole.push_interface(known.name), known.readings);
        }
        for (interface, _) in copy.interfaces().zip(interfaces).filter(|(_, at)| at.is_none()) {
            fill(&mut whole.push_interface(interface.name), interface.readings, |_| true);
        }
        let mut found = Found::new(devices, copy.devices().map(|it| it.readings));
        let known = self.devices().zip(&self.layout.devices).enumerate();
        for (index, (device, (listed, metrics))) in known {
            let mut entry = whole.push_listed_device(listed.without_readings(*metrics));
            found.fill(index, &mut entry, device.readings);
        }
        let others = copy.devices().zip(&copy.layout.devices).zip(devices);
        for ((device, (listed, metrics)), _) in others.filter(|(_, at)| at.is_none()) {
            let mut entry = whole.push_listed_device(listed.without_readings(*metrics));
            fill(&mut entry, device.readings, |_| true);
        }
        let sections = self.layout.sections.union(whole.layout.sections);
        let layout = whole.layout_mut();
        (layout.sections, layout.denied) = (sections, self.layout.denied);
        layout.too_large = self.layout.too_large;
        *self = whole;
    }

    /// Whether the sample has a reading of one of the container's own metrics, be it without a
    /// value.
    fn has_reading(&self, metric: Metric) -> bool {
        self.get(metric).is_some() || self.layout.too_large.contains(metric)
    }
}

/// The readings of a copy's entries, by the places of the entries that they complete.
struct Found<'s> {
    readings: Vec<(usize, Readings<'s>)>,
    next: usize,
}

impl<'s> Found<'s> {
    fn new(places: &[Option<usize>], readings: impl Iterator<Item = Readings<'s>>) -> Self {
        let found = places.iter().zip(readings);
        let mut readings: Vec<_> = found.filter_map(|(at, it)| Some(((*at)?, it))).collect();
        readings.sort_by_key(|(at, _)| *at);
        Self { readings, next: 0 }
    }

    /// Fills the entry of this place, which has these readings already. Places have to rise.
    fn fill(&mut self, place: usize, entry: &mut Entry<'_>, known: Readings<'_>) {
        fill(entry, known, |_| true);
        let mut has = known.present;
        while let Some((_, readings)) = self.readings.get(self.next).filter(|(at, _)| *at == place)
        {
            fill(entry, *readings, |metric| !has.contains(metric));
            has = has.union(readings.present);
            self.next += 1;
        }
    }
}

fn names(layout: &Layout) -> impl Iterator<Item = &str> + Clone {
    layout.interfaces.iter().map(|(name, _)| &**name)
}

fn numbers(layout: &Layout) -> impl Iterator<Item = (u64, u64)> + Clone {
    layout.devices.iter().map(|(listed, _)| listed.number)
}

/// Where each entry of a copy is among the known ones: of several alike it is the first.
fn places<K: Copy + Eq + Hash>(
    known: &(impl Iterator<Item = K> + Clone),
    copy: impl Iterator<Item = K>,
) -> Vec<Option<usize>> {
    /// Up to how many entries are searched one by one.
    const FEW: usize = 8;
    let mut first = HashMap::new();
    if known.clone().nth(FEW).is_some() {
        known.clone().enumerate().for_each(|(index, key)| {
            first.entry(key).or_insert(index);
        });
    }
    let find = |key| {
        if first.is_empty() {
            known.clone().position(|known| known == key)
        } else {
            first.get(&key).copied()
        }
    };
    copy.map(find).collect()
}

/// Whether a list lacks an entry of a copy, or a metric of one.
fn lacks<T>(known: &[(T, MetricSet)], copy: &[(T, MetricSet)], places: &[Option<usize>]) -> bool {
    copy.iter().zip(places).any(|((_, metrics), at)| {
        let known = at.and_then(|index| known.get(index));
        known.is_none_or(|(_, known)| metrics.intersection(*known) != *metrics)
    })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::hash::Hasher;

    use super::*;
    use crate::time::Timestamp;

    fn sample() -> Sample {
        Sample::new(Timestamp::from_nanos(1).unwrap())
    }

    #[test]
    fn entries_are_completed_in_any_order_and_number() {
        for count in [1_u64, 2, 8, 9, 50] {
            let (mut known, mut copy, mut expected) = (sample(), sample(), sample());
            for number in 0..count {
                known.device((number, 0)).set(Metric::DiskioRead, number);
                known.interface(&number.to_string()).set(Metric::NetworkRxBytes, number);
            }
            for number in (0..2 * count).rev() {
                copy.device((number, 0)).set(Metric::DiskioRead, 99);
                copy.device((number, 0)).set(Metric::DiskioWrite, number);
                copy.interface(&number.to_string()).set(Metric::NetworkTxBytes, number);
            }
            for number in (0..count).chain((count..2 * count).rev()) {
                let read = if number < count { number } else { 99 };
                expected.device((number, 0)).set(Metric::DiskioRead, read);
                expected.device((number, 0)).set(Metric::DiskioWrite, number);
                let mut interface = expected.interface(&number.to_string());
                interface.set(Metric::NetworkTxBytes, number);
                if number < count {
                    interface.set(Metric::NetworkRxBytes, number);
                }
            }
            known.complete_from(&copy);
            assert_eq!(known, expected, "{count}");
        }
    }

    #[test]
    fn of_several_entries_alike_the_first_is_completed() {
        let (mut known, mut copy) = (sample(), sample());
        for value in [1, 2] {
            known.push_interface("eth0").set(Metric::NetworkRxBytes, value);
            copy.push_interface("eth0").set(Metric::NetworkTxBytes, 10 * value);
        }
        known.complete_from(&copy);
        let sent = |sample: &Sample| -> Vec<_> {
            let all = sample.interfaces().map(|it| it.readings.get(Metric::NetworkTxBytes));
            all.collect()
        };
        assert_eq!(sent(&known), [Some(10), None]);
    }

    #[test]
    fn a_copy_with_many_entries_is_taken_whole() {
        let (mut known, mut copy) = (sample(), sample());
        for number in 0..30_000 {
            known.push_interface(&number.to_string()).set(Metric::NetworkRxBytes, number);
            known.push_device((number, 0)).set(Metric::DiskioRead, number);
            copy.push_interface(&number.to_string()).set(Metric::NetworkTxBytes, number);
            copy.push_device((number, 1)).set(Metric::DiskioRead, number);
        }
        known.complete_from(&copy);
        assert_eq!((known.interfaces().len(), known.devices().len()), (30_000, 60_000));
        assert_eq!(known.row().values.len(), 120_000);
    }

    #[test]
    fn of_many_entries_each_is_found_by_a_few_comparisons() {
        thread_local! {
            static COMPARED: Cell<usize> = const { Cell::new(0) };
        }
        #[derive(Clone, Copy, Eq)]
        struct Key(usize);
        impl Hash for Key {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.0.hash(state);
            }
        }
        impl PartialEq for Key {
            fn eq(&self, other: &Self) -> bool {
                COMPARED.set(COMPARED.get() + 1);
                self.0 == other.0
            }
        }
        let count = 30_000;
        let found = places(&(0..count).map(Key), (0..2 * count).rev().map(Key));
        let expected = (0..2 * count).rev().map(|key| (key < count).then_some(key));
        assert!(found.into_iter().eq(expected));
        assert!(COMPARED.get() < 4 * count, "{}", COMPARED.get());
    }
}
