//! Where the readings of a layout's values are kept.

use std::collections::HashSet;
use std::sync::Arc;

use super::past::{Owner, Past};
use crate::metric::{DeviceList, Kind, Metric, MetricSet, Section};
use crate::sample::Layout;

/// What a layout's values are to a tracker.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    /// Of each value, in order.
    pub(super) slots: Vec<Slot>,
    /// The counters among them, each once.
    pub(super) counters: Vec<usize>,
    /// The owners that the layout lists.
    pub(super) listed: Vec<usize>,
    /// The gauges of which there is a reading without a value.
    pub(super) too_large: Vec<usize>,
    pub(super) has_disk: bool,
    pub(super) has_oom_events: bool,
    /// Whether no two values are one counter's.
    pub(super) is_plain: bool,
    /// How many values come before the first that is certain to be a counter's.
    mixed: usize,
    cpu: Option<usize>,
}

/// The counter or gauge, by its number, that a value is a reading of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    Counter(usize),
    Gauge(usize),
}

impl Plan {
    /// The plan for a layout; `past` makes room for what it has not seen before.
    pub(super) fn new(layout: &Layout, past: &mut Past) -> Self {
        let mut plan = Self {
            has_disk: layout.has(Section::Diskio),
            has_oom_events: layout.has(Section::OomEvents),
            ..Self::default()
        };
        plan.list(past, Owner::Container, layout.own);
        plan.mixed = plan.slots.len();
        let gauges = layout.too_large.within(MetricSet::of_kind(Kind::Gauge));
        plan.too_large.extend(gauges.iter().map(|metric| past.gauge(metric)));
        for (name, metrics) in &layout.interfaces {
            plan.list(past, Owner::Interface(Arc::clone(name)), *metrics);
        }
        for (device, metrics) in &layout.devices {
            for list in DeviceList::ALL.into_iter().filter(|list| device.is_in(*list, *metrics)) {
                let owner = past.owner(Owner::Device(device.number, list));
                plan.listed.push(owner);
            }
            for metric in metrics.iter() {
                let owner = past.owner(Owner::Device(device.number, metric.list()));
                plan.add(past, owner, metric);
            }
        }
        let among_own = layout.own.contains(Metric::CpuUsage);
        plan.cpu = among_own.then(|| layout.own.rank(Metric::CpuUsage));
        let values = plan.counters.len();
        let mut seen = HashSet::new();
        plan.counters.retain(|counter| seen.insert(*counter));
        plan.is_plain = plan.counters.len() == values;
        plan
    }

    fn list(&mut self, past: &mut Past, owner: Owner, metrics: MetricSet) {
        let owner = past.owner(owner);
        self.listed.push(owner);
        metrics.iter().for_each(|metric| self.add(past, owner, metric));
    }

    fn add(&mut self, past: &mut Past, owner: usize, metric: Metric) {
        let slot = match metric.kind() {
            Kind::Counter => Slot::Counter(past.counter(owner, metric)),
            Kind::Gauge => Slot::Gauge(past.gauge(metric)),
        };
        if let Slot::Counter(counter) = slot {
            self.counters.push(counter);
        }
        self.slots.push(slot);
    }

    /// The CPU time among these values.
    pub(super) fn cpu(&self, values: &[u64]) -> Option<u64> {
        values.get(self.cpu?).copied()
    }

    /// By how much CPU time rose, where it is among these values and did not fall.
    #[inline]
    pub(super) fn cpu_rise(&self, before: &[u64], now: &[u64]) -> u64 {
        let pair = self.cpu.and_then(|cpu| Some((before.get(cpu)?, now.get(cpu)?)));
        pair.map_or(0, |(before, now)| now.wrapping_sub(*before))
    }

    /// Whether a counter is lower now than before.
    #[inline]
    pub(super) fn any_counter_fell(&self, before: &[u64], now: &[u64]) -> bool {
        let pairs = before.iter().zip(now).map(|(before, now)| now < before);
        let own = self.slots.iter().take(self.mixed).zip(pairs.clone());
        let own =
            own.fold(false, |any, (slot, fell)| any | (fell & matches!(slot, Slot::Counter(_))));
        own | pairs.skip(self.mixed).fold(false, |any, fell| any | fell)
    }
}
