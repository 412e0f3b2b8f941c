//! OTLP JSON of `docker_stats`, as structs. The documents have one time for each resource.

use cmetrics_core::{Metric, Sample, Timestamp};
use serde::Deserialize;

use super::{Document, DocumentOf};

pub(crate) struct Family;

impl DocumentOf for Family {
    type Document<'t> = Request<'t>;
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request<'t> {
    #[serde(borrow)]
    resource_metrics: Vec<ResourceMetrics<'t>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceMetrics<'t> {
    #[allow(dead_code, reason = "read by all")]
    #[serde(borrow)]
    resource: Resource<'t>,
    #[serde(borrow)]
    scope_metrics: Vec<ScopeMetrics<'t>>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "read by all")]
struct Resource<'t> {
    #[serde(borrow)]
    attributes: Vec<Attribute<'t>>,
}

#[derive(Deserialize)]
struct Attribute<'t> {
    key: &'t str,
    #[serde(borrow)]
    value: Text<'t>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Text<'t> {
    string_value: &'t str,
}

#[derive(Deserialize)]
struct ScopeMetrics<'t> {
    #[allow(dead_code, reason = "read by all")]
    #[serde(borrow)]
    scope: Scope<'t>,
    #[serde(borrow)]
    metrics: Vec<OneMetric<'t>>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "read by all")]
struct Scope<'t> {
    name: &'t str,
    version: &'t str,
}

#[derive(Deserialize)]
struct OneMetric<'t> {
    name: &'t str,
    #[serde(borrow)]
    sum: Sum<'t>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sum<'t> {
    #[serde(borrow)]
    data_points: Vec<Point<'t>>,
    #[allow(dead_code, reason = "read by all")]
    aggregation_temporality: u8,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Point<'t> {
    time_unix_nano: &'t str,
    as_int: &'t str,
    #[serde(borrow, default)]
    attributes: Vec<Attribute<'t>>,
}

impl Point<'_> {
    fn attribute(&self, key: &str) -> &str {
        let found = self.attributes.iter().find(|attribute| attribute.key == key);
        found.expect("the attribute").value.string_value
    }

    fn number(&self, key: &str) -> u64 {
        self.attribute(key).parse().expect("a number")
    }
}

fn own(name: &str) -> Option<Metric> {
    Some(match name {
        "container.cpu.usage.total" => Metric::CpuUsage,
        "container.cpu.usage.usermode" => Metric::CpuUser,
        "container.cpu.usage.kernelmode" => Metric::CpuSystem,
        "container.memory.usage.total" => Metric::MemoryWorkingSet,
        "container.memory.total_cache" => Metric::MemoryCache,
        "container.memory.total_rss" => Metric::MemoryRss,
        "container.pids.count" => Metric::ProcessesThreads,
        _ => return None,
    })
}

fn of_interface(name: &str) -> Option<Metric> {
    Some(match name {
        "container.network.io.usage.rx_bytes" => Metric::NetworkRxBytes,
        "container.network.io.usage.tx_bytes" => Metric::NetworkTxBytes,
        "container.network.io.usage.rx_dropped" => Metric::NetworkRxDropped,
        "container.network.io.usage.tx_dropped" => Metric::NetworkTxDropped,
        _ => return None,
    })
}

impl<'t> Document<'t> for Request<'t> {
    fn samples(&self, take: &mut dyn FnMut(&Sample)) {
        for resource in &self.resource_metrics {
            let mut sample: Option<Sample> = None;
            for metric in resource.scope_metrics.iter().flat_map(|scope| &scope.metrics) {
                for point in &metric.sum.data_points {
                    let sample = sample.get_or_insert_with(|| {
                        let nanos = point.time_unix_nano.parse().expect("a number");
                        Sample::new(Timestamp::from_nanos(nanos).expect("a time"))
                    });
                    let value = point.as_int.parse().expect("a number");
                    if let Some(own) = own(metric.name) {
                        sample.set(own, value);
                    } else if let Some(of_interface) = of_interface(metric.name) {
                        sample.interface(point.attribute("interface")).set(of_interface, value);
                    } else if metric.name == "container.blockio.io_service_bytes_recursive" {
                        let metric = match point.attribute("operation") {
                            "read" => Metric::DiskioRead,
                            _ => Metric::DiskioWrite,
                        };
                        let number = (point.number("device_major"), point.number("device_minor"));
                        sample.device(number).set(metric, value);
                    }
                }
            }
            take(&sample.expect("a data point"));
        }
    }
}
