//! A plan is made of a layout, once for each layout.

use std::collections::HashSet;
use std::sync::Arc;

use super::past::{Owner, Past};
use super::plan::{Plan, Slot};
use crate::metric::{DeviceList, Kind, Metric, MetricSet, Section};
use crate::sample::Layout;

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
        let gauges = layout.too_large.intersection(MetricSet::of_kind(Kind::Gauge));
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
}
