//! What a resource has at one time.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::Hash;

use crate::metric::{Metric, MetricSet, MetricValues, Section};
use crate::sample::Draft;

/// The readings of one time. Of several of one metric the first counts.
#[derive(Default)]
pub(super) struct Instant<'t> {
    own: MetricValues,
    /// Page faults that did not wait for a disk.
    minor_faults: Option<u64>,
    interfaces: Keyed<Cow<'t, str>>,
    devices: Keyed<(u64, u64)>,
}

impl<'t> Instant<'t> {
    pub(super) fn set(&mut self, metric: Metric, value: u64) {
        set_first(&mut self.own, metric, value);
    }

    pub(super) fn set_minor_faults(&mut self, value: u64) {
        self.minor_faults.get_or_insert(value);
    }

    pub(super) fn set_of_interface(&mut self, name: Cow<'t, str>, metric: Metric, value: u64) {
        set_first(self.interfaces.of(name), metric, value);
    }

    pub(super) fn set_of_device(&mut self, number: (u64, u64), metric: Metric, value: u64) {
        set_first(self.devices.of(number), metric, value);
    }

    /// All page faults, where they are told by kind alone.
    fn faults(&self) -> Option<u64> {
        if self.own.get(Metric::MemoryPageFaults).is_some() {
            return None;
        }
        self.minor_faults?.checked_add(self.own.get(Metric::MemoryMajorPageFaults)?)
    }

    /// Makes the sample of these metrics, without the one that is left out.
    pub(super) fn sample(&self, metrics: MetricSet, left_out: Option<Metric>, sample: &mut Draft) {
        let wanted = |metric: &Metric| metrics.contains(*metric) && Some(*metric) != left_out;
        for (metric, value) in self.own.iter().filter(|(metric, _)| wanted(metric)) {
            sample.set(metric, value);
        }
        if let Some(faults) = self.faults().filter(|_| wanted(&Metric::MemoryPageFaults)) {
            sample.set(Metric::MemoryPageFaults, faults);
        }
        let selects = |section| !metrics.of_section(section).is_empty();
        if selects(Section::Network) {
            for (name, values) in &self.interfaces.entries {
                let mut entry = sample.push_interface(name);
                for (metric, value) in values.iter().filter(|(metric, _)| wanted(metric)) {
                    entry.set(metric, value);
                }
            }
        }
        if selects(Section::Diskio) {
            for (number, values) in &self.devices.entries {
                let mut entry = sample.push_device(*number, None);
                for (metric, value) in values.iter().filter(|(metric, _)| wanted(metric)) {
                    entry.set(metric, value);
                }
            }
        }
    }
}

fn set_first(values: &mut MetricValues, metric: Metric, value: u64) {
    if values.get(metric).is_none() {
        values.set(metric, value);
    }
}

/// Values by key, in the order in which the keys came. Each metric lists the same keys in the same
/// order, so the key after the last one found is tried first.
struct Keyed<K> {
    entries: Vec<(K, MetricValues)>,
    next: usize,
    /// Of many entries, the index of each key.
    index: HashMap<K, usize>,
}

/// Up to how many entries are searched one by one.
const FEW: usize = 8;

impl<K> Default for Keyed<K> {
    fn default() -> Self {
        Self { entries: Vec::new(), next: 0, index: HashMap::new() }
    }
}

impl<K: Clone + Eq + Hash> Keyed<K> {
    #[expect(clippy::indexing_slicing, reason = "found or pushed there")]
    fn of(&mut self, key: K) -> &mut MetricValues {
        let index = self.find(&key).unwrap_or_else(|| self.push(key));
        self.next = if index + 1 < self.entries.len() { index + 1 } else { 0 };
        &mut self.entries[index].1
    }

    fn find(&self, key: &K) -> Option<usize> {
        let is_it = |index: usize| self.entries.get(index).is_some_and(|(known, _)| known == key);
        let last = self.next.checked_sub(1).unwrap_or(self.entries.len().saturating_sub(1));
        if is_it(self.next) {
            Some(self.next)
        } else if is_it(last) {
            Some(last)
        } else if self.entries.len() <= FEW {
            self.entries.iter().position(|(known, _)| known == key)
        } else {
            self.index.get(key).copied()
        }
    }

    fn push(&mut self, key: K) -> usize {
        let index = self.entries.len();
        self.entries.push((key, MetricValues::default()));
        if index == FEW {
            let all = self.entries.iter().enumerate();
            self.index = all.map(|(index, (key, _))| (key.clone(), index)).collect();
        } else if index > FEW
            && let Some((key, _)) = self.entries.last()
        {
            self.index.insert(key.clone(), index);
        }
        index
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_in_any_order_and_number() {
        for count in [1_usize, 2, 8, 9, 40] {
            let mut keyed = Keyed::default();
            let order = (0..count).chain((0..count).rev()).chain((0..count).map(|n| n * 7 % count));
            for number in order.clone() {
                let values = keyed.of(number);
                let sum = values.get(Metric::DiskioRead).unwrap_or(0) + 1;
                values.set(Metric::DiskioRead, sum);
            }
            assert_eq!(keyed.entries.len(), count);
            for (number, (key, values)) in keyed.entries.iter().enumerate() {
                let expected = order.clone().filter(|other| *other == number).count();
                assert_eq!(*key, number);
                assert_eq!(values.get(Metric::DiskioRead), Some(expected as u64));
            }
        }
    }
}
