//! The documented shape.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::gauge::Figures;
use super::{Clock, Container, Options, SECOND};

pub(crate) fn point(
    name: &str,
    interval: i128,
    container: &Container,
    options: &Options,
    clock: &Clock,
) -> Value {
    let of = Figure { container, interval };
    let (start, end) = clock.edges(interval);
    let mut point = json!({
        "name": name,
        "start": whole(start / SECOND),
        "end": whole(end / SECOND),
        "cpu": { "usage": of.scaled("cpu.usage", 1.0), "load": of.gauge("cpu.load", 1.0) },
        "memory": of.gauge("memory.usage", 1024.0),
        "network": of.network(),
        "diskio": of.diskio(),
    });
    if options.extended {
        point["samples"] = json!(container.samples.get(&interval).copied().unwrap_or(0));
        let covered = container.covered.get(&interval).copied().unwrap_or(0);
        point["coverage"] = json!(covered as f64 / clock.width as f64);
    }
    if !options.metrics.is_empty() {
        point["metrics"] = of.metrics(&options.metrics);
    }
    point
}

fn whole(number: i128) -> i64 {
    i64::try_from(number).expect("times fit 64 bits")
}

/// The figures of one interval.
struct Figure<'a> {
    container: &'a Container<'a>,
    interval: i128,
}

impl Figure<'_> {
    fn network(&self) -> Value {
        json!({
            "tx_kb": self.scaled("network.tx_bytes", 1024.0),
            "rx_kb": self.scaled("network.rx_bytes", 1024.0),
            "tx_packets": self.integer("network.tx_packets"),
            "rx_packets": self.integer("network.rx_packets"),
            "tx_errors": self.scaled("network.tx_errors", 1.0),
            "rx_errors": self.scaled("network.rx_errors", 1.0),
            "tx_drops": self.integer("network.tx_dropped"),
            "rx_drops": self.integer("network.rx_dropped"),
        })
    }

    fn diskio(&self) -> Value {
        json!({
            "async": self.scaled("diskio.async", 1.0),
            "sync": self.scaled("diskio.sync", 1.0),
            "read": self.scaled("diskio.read", 1.0),
            "write": self.scaled("diskio.write", 1.0),
        })
    }

    fn metrics(&self, chosen: &BTreeSet<String>) -> Value {
        let mut metrics = Map::new();
        for (metric, _) in &self.container.counters {
            metrics.insert(metric.name.to_owned(), self.integer(metric.name));
        }
        for (metric, _) in &self.container.gauges {
            metrics.insert(metric.name.to_owned(), self.gauge(metric.name, 1.0));
        }
        metrics.retain(|name, _| chosen.contains(name));
        Value::Object(metrics)
    }

    /// The growth in base units. A figure that does not fit 64 bits is null, like one that
    /// was not measured.
    fn growth(&self, name: &str) -> Option<u64> {
        let mut counters = self.container.counters.iter();
        let (_, growths) = counters.find(|(metric, _)| metric.name == name)?;
        u64::try_from(*growths.shares.get(&self.interval)?).ok()
    }

    fn integer(&self, name: &str) -> Value {
        json!(self.growth(name))
    }

    fn scaled(&self, name: &str, divisor: f64) -> Value {
        json!(self.growth(name).map(|growth| growth as f64 / divisor))
    }

    fn gauge(&self, name: &str, divisor: f64) -> Value {
        let mut gauges = self.container.gauges.iter();
        let readings = gauges.find(|(metric, _)| metric.name == name).map(|(_, readings)| readings);
        let figures =
            readings.and_then(|readings| readings.by_interval.get(&self.interval).copied()?);
        let scaled =
            |pick: fn(&Figures) -> f64| json!(figures.as_ref().map(|one| pick(one) / divisor));
        json!({ "ave": scaled(|f| f.ave), "min": scaled(|f| f.min), "max": scaled(|f| f.max) })
    }
}
