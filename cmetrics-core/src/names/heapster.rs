//! Heapster's measurements: the 37 that its users stored, then those of its last versions.

use std::borrow::Cow;

use super::number::Number;
use super::options::NameOptions;
use super::rule::{Figure, Form, Label, Rule};
use super::subject::Subject;
use crate::metric::Metric;
use crate::point::DataPoint;

/// The labels of containers.
pub(super) const LABELS: &[&str] = &[
    "type",
    "namespace_name",
    "pod_name",
    "pod_id",
    "container_name",
    "nodename",
    "hostname",
    "container_base_image",
];

/// A file system or device; of several a point has the sum.
const RESOURCE: &[(&str, &str)] = &[("resource_id", "")];

const MILLICORES: &str = "millicores";
const PER_SECOND: &str = "1/s";
const BYTES_PER_SECOND: &str = "bytes/s";

type OfPoint = fn(&DataPoint, &Subject<'_>, &NameOptions) -> Option<Number>;
type OfSubject = fn(&Subject<'_>, &NameOptions, u64) -> Option<Number>;

const fn derived(
    name: &'static str,
    unit: &'static str,
    meaning: &'static str,
    of: Metric,
    figure: OfPoint,
) -> Rule {
    Rule::new(name, unit, Figure::Derived(of, figure)).told(unit, meaning)
}

const fn told(
    name: &'static str,
    unit: &'static str,
    meaning: &'static str,
    figure: OfSubject,
) -> Rule {
    Rule::new(name, unit, Figure::Told(figure)).told(unit, meaning)
}

const fn gauge(name: &'static str, of: Metric) -> Rule {
    Rule::gauge(name, of, Form::Rounded)
}

const fn of_resource(name: &'static str, of: Metric) -> Rule {
    gauge(name, of).labelled(RESOURCE)
}

/// Growth by second of the whole interval.
fn rate(point: &DataPoint, metric: Metric) -> Option<Number> {
    #[expect(clippy::cast_precision_loss, reason = "a rate is a floating-point number")]
    let (growth, width) = (point.growth(metric)? as f64, point.interval().seconds() as f64);
    Number::real(growth / width)
}

/// CPU in millicores, cut to whole ones.
fn usage_rate(point: &DataPoint) -> Option<u64> {
    const NANOS_PER_MILLICORE_SECOND: u64 = 1_000_000;
    let width = point.interval().seconds();
    // A width that does not fit is more than any growth.
    let whole = width.saturating_mul(NANOS_PER_MILLICORE_SECOND);
    point.growth(Metric::CpuUsage)?.checked_div(whole)
}

/// Cores in millicores, rounded up; a fraction that binary digits make is none.
fn millicores(cores: f64) -> Option<Number> {
    const NONE: f64 = 1e-6;
    let exact = cores * 1000.0;
    let is_whole = (exact - exact.round()).abs() < NONE;
    Number::rounded(if is_whole { exact } else { exact.ceil() })
}

/// The request that the kubelet made these shares of: 1024 shares are a core, cut to whole shares,
/// and 2 are none.
fn millicores_of_shares(shares: u64) -> Option<Number> {
    const NONE: u64 = 2;
    let whole = (u128::from(shares) * 1000).div_ceil(1024);
    Number::whole(if shares <= NONE { 0 } else { whole })
}

fn node<T>(subject: &Subject<'_>, value: Option<T>) -> Option<T> {
    value.filter(|_| subject.is_node())
}

fn ratio(part: f64, whole: Option<f64>) -> Option<Number> {
    whole.and_then(|whole| Number::real(part / whole))
}

#[expect(clippy::cast_precision_loss, reason = "parts of a whole")]
fn cpu_utilization(
    point: &DataPoint,
    subject: &Subject<'_>,
    options: &NameOptions,
) -> Option<Number> {
    let allocatable = node(subject, options.allocatable_cpu)?;
    ratio(usage_rate(point)? as f64, Some(allocatable * 1000.0))
}

#[expect(clippy::cast_precision_loss, reason = "parts of a whole")]
fn memory_utilization(
    point: &DataPoint,
    subject: &Subject<'_>,
    options: &NameOptions,
) -> Option<Number> {
    let allocatable = node(subject, options.allocatable_memory)?;
    ratio(point.gauge(Metric::MemoryUsage)?.ave, Some(allocatable as f64))
}

pub(super) static RULES: &[Rule] = &[
    told("cpu/limit", MILLICORES, "CPU that it may use; 0 where there is no limit.", |of, _, _| {
        of.limits().cpu_cores.map_or_else(|| Number::whole(0_u64), millicores)
    }),
    told("cpu/node_capacity", MILLICORES, "CPUs of the machine.", |of, _, _| {
        of.machine_cpus().and_then(|cpus| Number::whole(cpus.checked_mul(1000)?))
    }),
    told(
        "cpu/node_allocatable",
        MILLICORES,
        "CPU that pods may have of the machine, if it was given.",
        |of, options, _| {
            node(of, options.allocatable_cpu).and_then(|own| Number::real(own * 1000.0))
        },
    ),
    derived(
        "cpu/node_utilization",
        "1",
        "`cpu/usage_rate` as a share of `cpu/node_allocatable`.",
        Metric::CpuUsage,
        cpu_utilization,
    ),
    told(
        "cpu/request",
        MILLICORES,
        "CPU that it requests, estimated from its shares on wish; 0 where it requests none.",
        |of, options, _| {
            let shares = of.limits().cpu_shares.filter(|_| options.requests_from_shares);
            shares.and_then(millicores_of_shares)
        },
    ),
    Rule::sum("cpu/usage", Metric::CpuUsage),
    derived(
        "cpu/usage_rate",
        MILLICORES,
        "CPU used, cut to whole millicores.",
        Metric::CpuUsage,
        |point, _, _| usage_rate(point).and_then(Number::whole),
    ),
    of_resource("filesystem/usage", Metric::FilesystemUsage),
    of_resource("filesystem/limit", Metric::FilesystemCapacity),
    of_resource("filesystem/available", Metric::FilesystemAvailable),
    of_resource("filesystem/inodes", Metric::FilesystemInodes),
    of_resource("filesystem/inodes_free", Metric::FilesystemInodesFree),
    Rule::gauge("gpu/usage", Metric::GpuMemoryUsed, Form::Millions)
        .told("MB", "Memory used on its accelerators, in millions of bytes."),
    told(
        "memory/limit",
        "bytes",
        "Memory that it may use; 0 where there is no limit.",
        |of, _, _| Number::whole(of.limits().memory_bytes.unwrap_or(0)),
    ),
    Rule::sum("memory/major_page_faults", Metric::MemoryMajorPageFaults),
    derived(
        "memory/major_page_faults_rate",
        PER_SECOND,
        "Page faults per second that had to wait for a disk.",
        Metric::MemoryMajorPageFaults,
        |point, _, _| rate(point, Metric::MemoryMajorPageFaults),
    ),
    told("memory/node_capacity", "bytes", "Memory of the machine.", |of, _, _| {
        of.machine_memory().and_then(Number::whole)
    }),
    told(
        "memory/node_allocatable",
        "bytes",
        "Memory that pods may have of the machine, if it was given.",
        |of, options, _| node(of, options.allocatable_memory).and_then(Number::whole),
    ),
    derived(
        "memory/node_utilization",
        "1",
        "`memory/usage` as a share of `memory/node_allocatable`.",
        Metric::MemoryUsage,
        memory_utilization,
    ),
    Rule::sum("memory/page_faults", Metric::MemoryPageFaults),
    derived(
        "memory/page_faults_rate",
        PER_SECOND,
        "Page faults per second.",
        Metric::MemoryPageFaults,
        |point, _, _| rate(point, Metric::MemoryPageFaults),
    ),
    told(
        "memory/request",
        "bytes",
        "Memory that is reserved for it, where that is set.",
        |of, _, _| of.limits().memory_reservation_bytes.and_then(Number::whole),
    ),
    gauge("memory/usage", Metric::MemoryUsage),
    gauge("memory/cache", Metric::MemoryCache),
    gauge("memory/rss", Metric::MemoryRss),
    gauge("memory/working_set", Metric::MemoryWorkingSet),
    Rule::sum("network/rx", Metric::NetworkRxBytes),
    Rule::sum("network/rx_errors", Metric::NetworkRxErrors),
    derived(
        "network/rx_errors_rate",
        PER_SECOND,
        "Errors per second while receiving.",
        Metric::NetworkRxErrors,
        |point, _, _| rate(point, Metric::NetworkRxErrors),
    ),
    derived(
        "network/rx_rate",
        BYTES_PER_SECOND,
        "Bytes received per second.",
        Metric::NetworkRxBytes,
        |point, _, _| rate(point, Metric::NetworkRxBytes),
    ),
    Rule::sum("network/tx", Metric::NetworkTxBytes),
    Rule::sum("network/tx_errors", Metric::NetworkTxErrors),
    derived(
        "network/tx_errors_rate",
        PER_SECOND,
        "Errors per second while sending.",
        Metric::NetworkTxErrors,
        |point, _, _| rate(point, Metric::NetworkTxErrors),
    ),
    derived(
        "network/tx_rate",
        BYTES_PER_SECOND,
        "Bytes sent per second.",
        Metric::NetworkTxBytes,
        |point, _, _| rate(point, Metric::NetworkTxBytes),
    ),
    Rule::new(
        "uptime",
        "ms",
        Figure::Rising(|of, _, second| of.uptime_millis(second).and_then(Number::whole)),
    )
    .told("ms", "Time since it was started, or else created, where either is known."),
    Rule::gauge("cpu/load", Metric::CpuLoad, Form::RoundedOfReadings)
        .told("threads × 1000", "Threads that run or could run, smoothed over 10 s."),
    Rule::sum("disk/io_read_bytes", Metric::DiskioRead).labelled(RESOURCE),
    derived(
        "disk/io_read_bytes_rate",
        BYTES_PER_SECOND,
        "Bytes read from disks per second.",
        Metric::DiskioRead,
        |point, _, _| rate(point, Metric::DiskioRead),
    )
    .labelled(RESOURCE),
    Rule::sum("disk/io_write_bytes", Metric::DiskioWrite).labelled(RESOURCE),
    derived(
        "disk/io_write_bytes_rate",
        BYTES_PER_SECOND,
        "Bytes written to disks per second.",
        Metric::DiskioWrite,
        |point, _, _| rate(point, Metric::DiskioWrite),
    )
    .labelled(RESOURCE),
    gauge("accelerator/memory_total", Metric::GpuMemoryTotal),
    gauge("accelerator/memory_used", Metric::GpuMemoryUsed),
];

/// What a container is to Heapster.
fn kind(subject: &Subject<'_>) -> &'static str {
    /// Docker's name of the container that holds a pod's network.
    const SANDBOX: &str = "POD";
    match subject.identity().kubernetes().map(|name| name.container.as_deref()) {
        Some(None | Some(SANDBOX)) => "pod",
        Some(Some(_)) => "pod_container",
        None if subject.is_node() => "node",
        None => "sys_container",
    }
}

/// The labels of a container, as far as they are known.
pub(super) fn labels(subject: &Subject<'_>) -> Vec<Label> {
    let (identity, kind) = (subject.identity(), kind(subject));
    let kubernetes = identity.kubernetes();
    let path = subject.path().map(|path| path.trim_start_matches('/'));
    let container = match kind {
        "pod_container" => kubernetes.and_then(|known| known.container.as_deref()),
        "sys_container" => path.or(Some(identity.name())),
        _ => None,
    };
    let of_pod = [
        ("type", Some(kind)),
        ("namespace_name", kubernetes.map(|known| &*known.namespace)),
        ("pod_name", kubernetes.map(|known| &*known.pod)),
        ("pod_id", kubernetes.and_then(|known| known.uid.as_deref())),
        ("container_name", container),
        ("nodename", identity.machine()),
        ("hostname", identity.machine()),
        ("container_base_image", identity.image()),
    ];
    let known = of_pod.into_iter();
    known.filter_map(|(label, value)| Some((label, Cow::Owned(value?.to_owned())))).collect()
}
