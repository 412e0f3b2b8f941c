//! What cmetrics itself writes (`--names otel`): the names of OpenTelemetry's conventions, and the
//! catalogue's where there is none. Its figures are points': sums begin at 0, and gauges are means.

use super::table::{Meaning, Named};
use crate::metric::{Kind, Metric, Scope};

/// The name of its scope.
pub(super) const SCOPE: &str = "cmetrics";

/// What stands before the names of the catalogue.
const PREFIX: &str = "cmetrics.";

/// The conventions' names, after `container.`.
const CONVENTIONS: [(&str, Named); 10] = {
    use Meaning::{Mean, SecondsFromZero};
    use Metric as M;
    use Named::{Faults, OfDirection, Own, ReadOrWritten};
    let bytes = Mean { places: 0 };
    [
        ("cpu.time", Own(M::CpuUsage, SecondsFromZero)),
        ("memory.usage", Own(M::MemoryUsage, bytes)),
        ("memory.working_set", Own(M::MemoryWorkingSet, bytes)),
        ("memory.rss", Own(M::MemoryRss, bytes)),
        ("paging.faults", Faults),
        ("network.io", OfDirection(M::NetworkRxBytes, M::NetworkTxBytes)),
        ("disk.io", ReadOrWritten(M::DiskioRead, M::DiskioWrite)),
        ("filesystem.usage", Own(M::FilesystemUsage, bytes)),
        ("filesystem.capacity", Own(M::FilesystemCapacity, bytes)),
        ("filesystem.available", Own(M::FilesystemAvailable, bytes)),
    ]
};

/// What a metric is.
pub(super) fn named(name: &str) -> Option<Named> {
    if let Some(name) = name.strip_prefix("container.") {
        return CONVENTIONS.iter().find(|(known, _)| *known == name).map(|(_, named)| *named);
    }
    name.strip_prefix(PREFIX)?.parse().ok().map(of_catalogue)
}

fn of_catalogue(metric: Metric) -> Named {
    match (metric.info().scope, metric.kind()) {
        (Scope::Interface, _) => Named::OfInterface(metric),
        (Scope::Device, _) => Named::OfAnyDevice(metric),
        (_, Kind::Counter) => Named::Own(metric, Meaning::Plain),
        (_, Kind::Gauge) => Named::Own(metric, Meaning::Mean { places: places(metric) }),
    }
}

/// How many places a reading is behind the point of the base unit.
fn places(metric: Metric) -> u8 {
    metric.info().per_unit.ilog10().try_into().unwrap_or(0)
}
