//! Makes the plan of a layout. A tracker does so once for each layout.

use std::collections::HashSet;
use std::sync::Arc;

use super::plan::{Plan, Slot};
use super::reading_table::{OwnerKey, ReadingTable};
use crate::metric::{DeviceList, Kind, Metric, MetricSet, Section};
use crate::sample::Layout;

impl Plan {
    /// The plan for a layout. What `readings` has not seen before gets a number there.
    pub(super) fn new(layout: &Layout, readings: &mut ReadingTable) -> Self {
        let mut plan = Self {
            has_disk: layout.has(Section::Diskio),
            has_oom_events: layout.has(Section::OomEvents),
            ..Self::default()
        };
        plan.list(readings, OwnerKey::Container, layout.own);
        plan.mixed = plan.slots.len();
        let gauges = layout.too_large.intersection(MetricSet::of_kind(Kind::Gauge));
        plan.too_large.extend(gauges.iter().map(|metric| readings.gauge(metric)));
        for (name, metrics) in &layout.interfaces {
            plan.list(readings, OwnerKey::Interface(Arc::clone(name)), *metrics);
        }
        for (device, metrics) in &layout.devices {
            for list in DeviceList::ALL.into_iter().filter(|list| device.is_in(*list, *metrics)) {
                let owner = readings.owner(OwnerKey::Device(device.number, list));
                plan.listed.push(owner);
            }
            for metric in metrics.iter() {
                let owner = readings.owner(OwnerKey::Device(device.number, metric.list()));
                plan.add(readings, owner, metric);
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

    fn list(&mut self, readings: &mut ReadingTable, owner: OwnerKey, metrics: MetricSet) {
        let owner = readings.owner(owner);
        self.listed.push(owner);
        metrics.iter().for_each(|metric| self.add(readings, owner, metric));
    }

    fn add(&mut self, readings: &mut ReadingTable, owner: usize, metric: Metric) {
        let slot = match metric.kind() {
            Kind::Counter => Slot::Counter(readings.counter(owner, metric)),
            Kind::Gauge => Slot::Gauge(readings.gauge(metric)),
        };
        if let Slot::Counter(counter) = slot {
            self.counters.push(counter);
        }
        self.slots.push(slot);
    }
}
