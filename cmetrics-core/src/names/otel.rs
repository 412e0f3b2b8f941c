//! The names of OpenTelemetry's semantic conventions for containers, and ours where it has none.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::number::Number;
use super::rule::{Figure, Form, Label, Rule};
use super::subject::Subject;
use crate::metric::{Kind, Metric, Unit};

/// The attributes of containers.
pub(super) const LABELS: &[&str] = &[
    "container.id",
    "container.name",
    "container.image.name",
    "k8s.namespace.name",
    "k8s.pod.name",
    "k8s.pod.uid",
    "k8s.container.name",
    "k8s.node.name",
    "host.name",
];

type OwnLabels = &'static [(&'static str, &'static str)];

const RECEIVED: OwnLabels = &[("network.io.direction", "receive")];
const SENT: OwnLabels = &[("network.io.direction", "transmit")];

const fn gauge(name: &'static str, of: Metric) -> Rule {
    let mut rule = Rule::gauge(name, of, Form::Base);
    rule.unit = "By";
    rule
}

const fn sum(name: &'static str, unit: &'static str, of: Metric, labels: OwnLabels) -> Rule {
    let mut rule = Rule::sum(name, of).labelled(labels);
    rule.unit = unit;
    rule
}

/// What the conventions name.
static CONVENTIONS: &[Rule] = &[
    Rule::seconds("container.cpu.time", Metric::CpuUsage, 9),
    gauge("container.memory.usage", Metric::MemoryUsage),
    gauge("container.memory.working_set", Metric::MemoryWorkingSet),
    gauge("container.memory.rss", Metric::MemoryRss),
    Rule::new(
        "container.paging.faults",
        "{fault}",
        Figure::Sum {
            of: Metric::MemoryPageFaults,
            less: Some(Metric::MemoryMajorPageFaults),
            digits: 0,
        },
    )
    .labelled(&[("system.paging.fault.type", "minor")])
    .told("{fault}", "Page faults that did not wait for a disk."),
    sum(
        "container.paging.faults",
        "{fault}",
        Metric::MemoryMajorPageFaults,
        &[("system.paging.fault.type", "major")],
    ),
    sum("container.network.io", "By", Metric::NetworkRxBytes, RECEIVED),
    sum("container.network.io", "By", Metric::NetworkTxBytes, SENT),
    sum("container.disk.io", "By", Metric::DiskioRead, &[("disk.io.direction", "read")]),
    sum("container.disk.io", "By", Metric::DiskioWrite, &[("disk.io.direction", "write")]),
    gauge("container.filesystem.usage", Metric::FilesystemUsage),
    gauge("container.filesystem.capacity", Metric::FilesystemCapacity),
    gauge("container.filesystem.available", Metric::FilesystemAvailable),
    Rule::new(
        "container.uptime",
        "s",
        Figure::Told(|of, _, second| {
            of.uptime_millis(second).and_then(|millis| Number::decimal(millis, 3))
        }),
    )
    .told("s", "Time since it was started, or else created, where either is known."),
];

/// The conventions' names, then ours for all else: also for page faults, which have a name by kind
/// alone, and not every document tells the kind.
pub(super) static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let is_of = |rule: &Rule, metric: Metric| match rule.figure {
        Figure::Sum { less: Some(_), .. } => false,
        figure => figure.metrics().any(|named| named == metric),
    };
    let is_named = |metric: &Metric| CONVENTIONS.iter().any(|rule| is_of(rule, *metric));
    let others = Metric::ALL.iter().copied().filter(|metric| !is_named(metric)).map(own);
    CONVENTIONS.iter().copied().chain(others).collect()
});

fn own(metric: Metric) -> Rule {
    let figure = match metric.kind() {
        Kind::Counter => Figure::Sum { of: metric, less: None, digits: 0 },
        Kind::Gauge => Figure::Gauge(metric, Form::Base),
    };
    Rule { prefix: "cmetrics.", ..Rule::new(metric.name(), unit(metric), figure) }
}

/// The base unit of a metric, as the conventions write it.
fn unit(metric: Metric) -> &'static str {
    match metric.unit() {
        Unit::Bytes => "By",
        Unit::Nanoseconds => "ns",
        Unit::Microseconds => "us",
        Unit::Threads => "{thread}",
        Unit::Tasks => "{task}",
        Unit::Periods => "{period}",
        Unit::Faults => "{fault}",
        Unit::Pages => "{page}",
        Unit::Operations => "{operation}",
        Unit::Inodes => "{inode}",
        Unit::Count => "1",
    }
}

/// The attributes of a container, as far as they are known. A cgroup without an id has its path as
/// its name, which no other attribute tells.
pub(super) fn labels(subject: &Subject<'_>) -> Vec<Label> {
    let identity = subject.identity();
    let kubernetes = identity.kubernetes();
    let alias = identity.aliases().first().map(String::as_str);
    let path = subject.path().filter(|_| identity.id().is_none());
    let is_named = identity.id().is_some() || kubernetes.is_some();
    let name = path.or(if is_named { alias } else { Some(identity.name()) });
    let (node, host) = match kubernetes {
        Some(_) => (identity.machine(), None),
        None => (None, identity.machine()),
    };
    let attributes = [
        ("container.id", identity.id()),
        ("container.name", name),
        ("container.image.name", identity.image()),
        ("k8s.namespace.name", kubernetes.map(|known| &*known.namespace)),
        ("k8s.pod.name", kubernetes.map(|known| &*known.pod)),
        ("k8s.pod.uid", kubernetes.and_then(|known| known.uid.as_deref())),
        ("k8s.container.name", kubernetes.and_then(|known| known.container.as_deref())),
        ("k8s.node.name", node),
        ("host.name", host),
    ];
    let known = attributes.into_iter();
    known.filter_map(|(label, value)| Some((label, Cow::Owned(value?.to_owned())))).collect()
}
