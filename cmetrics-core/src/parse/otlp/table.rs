//! What the metrics of the collector's two receivers are called. To add a metric, add a row, or add it to those
//! that a receiver does not tell.

use crate::metric::Metric;

/// What the value of a data point means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A whole number.
    Plain,
    /// A whole number; 0 is not told.
    NotZero,
    /// Seconds with a fraction, in nanoseconds; 0 is not told.
    Seconds,
    /// Seconds with a fraction, in nanoseconds.
    SecondsFromZero,
    /// A mean of readings, which is rounded to one; 10 to the power of `places` make its unit.
    Mean { places: u8 },
    /// A whole number; 0, and 2^62 and more, is no limit.
    Limit,
}

/// What a metric of a receiver is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// A reading of the container.
    Own(Metric, Meaning),
    /// A reading of the interface that the data point names.
    OfInterface(Metric),
    /// Readings of the interface that the data point names: received, or transmitted, by its
    /// direction.
    OfDirection(Metric, Metric),
    /// A reading of the device that the data point names, by its operation.
    OfDevice(DeviceMetrics),
    /// A reading of all devices together.
    OfAnyDevice(Metric),
    /// Readings of all devices together: read, or written, by the direction of the data point.
    ReadOrWritten(Metric, Metric),
    /// Page faults that waited for a disk, and others, by the direction of the data point.
    Faults,
    MemoryLimit,
    CpuShares,
    CpuCores,
}

/// The operations of a list of devices, in lower case. Any other one, such as `total`, is left out.
pub(super) type DeviceMetrics = &'static [(&'static str, Metric)];

const BYTES: DeviceMetrics = &[
    ("read", Metric::DiskioRead),
    ("write", Metric::DiskioWrite),
    ("sync", Metric::DiskioSync),
    ("async", Metric::DiskioAsync),
    ("discard", Metric::DiskioDiscard),
];

const OPERATIONS: DeviceMetrics = &[
    ("read", Metric::DiskioReadOps),
    ("write", Metric::DiskioWriteOps),
    ("sync", Metric::DiskioSyncOps),
    ("async", Metric::DiskioAsyncOps),
    ("discard", Metric::DiskioDiscardOps),
];

/// The metrics of `docker_stats`, after `container.`.
pub(super) const DOCKER: [(&str, Named); 33] = {
    use Meaning::{Limit, NotZero, Plain};
    use Metric as M;
    use Named::{CpuCores, CpuShares, MemoryLimit, OfDevice, OfInterface, Own};
    [
        ("cpu.usage.total", Own(M::CpuUsage, NotZero)),
        ("cpu.usage.usermode", Own(M::CpuUser, Plain)),
        ("cpu.usage.kernelmode", Own(M::CpuSystem, Plain)),
        ("cpu.throttling_data.periods", Own(M::CpuCfsPeriods, Plain)),
        ("cpu.throttling_data.throttled_periods", Own(M::CpuCfsThrottledPeriods, Plain)),
        ("cpu.throttling_data.throttled_time", Own(M::CpuCfsThrottledTime, Plain)),
        // Usage less the file cache: the whole of it in old versions, the inactive part since 0.78.
        ("memory.usage.total", Own(M::MemoryWorkingSet, Plain)),
        ("memory.usage.max", Own(M::MemoryMaxUsage, NotZero)),
        ("memory.usage.limit", MemoryLimit),
        (FAILS, Own(M::MemoryFailures, Plain)),
        ("memory.total_rss", Own(M::MemoryRss, Plain)),
        (ANON, Own(M::MemoryRss, Plain)),
        ("memory.total_cache", Own(M::MemoryCache, Plain)),
        (FILE, Own(M::MemoryCache, Plain)),
        ("memory.total_mapped_file", Own(M::MemoryMappedFile, Plain)),
        ("memory.total_active_file", Own(M::MemoryActiveFile, Plain)),
        ("memory.total_inactive_file", Own(M::MemoryInactiveFile, Plain)),
        ("memory.pgfault", Own(M::MemoryPageFaults, Plain)),
        ("memory.pgmajfault", Own(M::MemoryMajorPageFaults, Plain)),
        ("network.io.usage.rx_bytes", OfInterface(M::NetworkRxBytes)),
        ("network.io.usage.rx_packets", OfInterface(M::NetworkRxPackets)),
        ("network.io.usage.rx_errors", OfInterface(M::NetworkRxErrors)),
        ("network.io.usage.rx_dropped", OfInterface(M::NetworkRxDropped)),
        ("network.io.usage.tx_bytes", OfInterface(M::NetworkTxBytes)),
        ("network.io.usage.tx_packets", OfInterface(M::NetworkTxPackets)),
        ("network.io.usage.tx_errors", OfInterface(M::NetworkTxErrors)),
        ("network.io.usage.tx_dropped", OfInterface(M::NetworkTxDropped)),
        (DEVICE_BYTES, OfDevice(BYTES)),
        (DEVICE_OPERATIONS, OfDevice(OPERATIONS)),
        ("pids.count", Own(M::ProcessesThreads, Plain)),
        ("pids.limit", Own(M::ProcessesThreadsMax, Limit)),
        ("cpu.shares", CpuShares),
        ("cpu.limit", CpuCores),
    ]
};

/// Times that memory hit its limit, in cgroup v1. In v2 it is something else.
const FAILS: &str = "memory.fails";

/// Metrics that only containers of cgroup v2 have.
const ANON: &str = "memory.anon";
const FILE: &str = "memory.file";

/// Where the operation is an attribute. Before version 0.60 it was the last part of the name.
const DEVICE_BYTES: &str = "blockio.io_service_bytes_recursive";
const DEVICE_OPERATIONS: &str = "blockio.io_serviced_recursive";

/// The metrics of `kubeletstats`, after `container.`, `k8s.pod.` or `k8s.node.`. What pods and nodes
/// use of a file system includes logs; that of a container does not.
pub(super) const KUBELET: [(&str, Named); 10] = {
    use Meaning::{Plain, Seconds};
    use Metric as M;
    use Named::{OfDirection, Own};
    [
        ("cpu.time", Own(M::CpuUsage, Seconds)),
        ("memory.usage", Own(M::MemoryUsage, Plain)),
        ("memory.working_set", Own(M::MemoryWorkingSet, Plain)),
        ("memory.rss", Own(M::MemoryRss, Plain)),
        ("memory.page_faults", Own(M::MemoryPageFaults, Plain)),
        ("memory.major_page_faults", Own(M::MemoryMajorPageFaults, Plain)),
        ("filesystem.capacity", Own(M::FilesystemCapacity, Plain)),
        ("filesystem.available", Own(M::FilesystemAvailable, Plain)),
        ("network.io", OfDirection(M::NetworkRxBytes, M::NetworkTxBytes)),
        (ERRORS, OfDirection(M::NetworkRxErrors, M::NetworkTxErrors)),
    ]
};

const ERRORS: &str = "network.errors";
const FILESYSTEM_USAGE: &str = "filesystem.usage";

/// What a metric of `docker_stats` is, with the operation of its devices if that is in the name.
pub(super) fn of_docker(name: &str) -> Option<(Named, Option<&str>)> {
    let name = name.strip_prefix("container.")?;
    let found =
        |name: &str| DOCKER.iter().find(|(known, _)| *known == name).map(|(_, named)| *named);
    if let Some(named) = found(name) {
        return Some((named, None));
    }
    let (list, operation) = name.rsplit_once('.')?;
    let named = found(list).filter(|named| matches!(named, Named::OfDevice(_)))?;
    Some((named, Some(operation)))
}

/// Whether only containers of cgroup v2 have this metric of `docker_stats`.
pub(super) fn is_of_v2(name: &str) -> bool {
    name.strip_prefix("container.").is_some_and(|name| name == ANON || name == FILE)
}

/// What a metric of `kubeletstats` is. Before version 0.62, the errors of interfaces were their
/// bytes.
pub(super) fn of_kubelet(name: &str, version: Option<(u64, u64)>) -> Option<Named> {
    let of_container = name.strip_prefix("container.");
    let of_others = || name.strip_prefix("k8s.pod.").or_else(|| name.strip_prefix("k8s.node."));
    let name = of_container.or_else(of_others)?;
    match name {
        FILESYSTEM_USAGE if of_container.is_some() => {
            Some(Named::Own(Metric::FilesystemBaseUsage, Meaning::Plain))
        }
        FILESYSTEM_USAGE => Some(Named::Own(Metric::FilesystemUsage, Meaning::Plain)),
        ERRORS if version.is_some_and(|version| version < (0, 62)) => None,
        _ => KUBELET.iter().find(|(known, _)| *known == name).map(|(_, named)| *named),
    }
}

/// What `docker_stats` does not tell.
#[cfg(test)]
pub(super) const NOT_TOLD_BY_DOCKER: &[Metric] = &[
    Metric::CpuCfsBurstPeriods,
    Metric::CpuCfsBurstTime,
    Metric::CpuSchedstatRunTime,
    Metric::CpuSchedstatRunqueueTime,
    Metric::CpuSchedstatRunPeriods,
    Metric::CpuPressureSome,
    Metric::CpuPressureFull,
    Metric::CpuLoad,
    Metric::CpuLoadUninterruptible,
    Metric::TasksSleeping,
    Metric::TasksRunning,
    Metric::TasksStopped,
    Metric::TasksUninterruptible,
    Metric::TasksIoWait,
    Metric::MemoryUsage,
    Metric::MemorySwap,
    Metric::MemoryKernel,
    Metric::MemoryFileDirty,
    Metric::MemoryFileWriteback,
    Metric::MemoryPagesScanned,
    Metric::MemoryPagesStolen,
    Metric::MemoryRefaultsFile,
    Metric::MemoryRefaultsAnon,
    Metric::MemoryEventsHigh,
    Metric::MemoryEventsMax,
    Metric::MemoryPressureSome,
    Metric::MemoryPressureFull,
    Metric::MemoryOomEvents,
    Metric::MemoryReferenced,
    Metric::DiskioPressureSome,
    Metric::DiskioPressureFull,
    Metric::FilesystemUsage,
    Metric::FilesystemBaseUsage,
    Metric::FilesystemCapacity,
    Metric::FilesystemAvailable,
    Metric::FilesystemInodes,
    Metric::FilesystemInodesFree,
    Metric::ProcessesCount,
    Metric::ProcessesFds,
    Metric::ProcessesSockets,
    Metric::GpuMemoryUsed,
    Metric::GpuMemoryTotal,
];

/// What `kubeletstats` does not tell. Its pressure is not read, which is 1000 times too small.
#[cfg(test)]
pub(super) const NOT_TOLD_BY_KUBELET: &[Metric] = &[
    Metric::CpuUser,
    Metric::CpuSystem,
    Metric::CpuCfsPeriods,
    Metric::CpuCfsThrottledPeriods,
    Metric::CpuCfsThrottledTime,
    Metric::CpuCfsBurstPeriods,
    Metric::CpuCfsBurstTime,
    Metric::CpuSchedstatRunTime,
    Metric::CpuSchedstatRunqueueTime,
    Metric::CpuSchedstatRunPeriods,
    Metric::CpuPressureSome,
    Metric::CpuPressureFull,
    Metric::CpuLoad,
    Metric::CpuLoadUninterruptible,
    Metric::TasksSleeping,
    Metric::TasksRunning,
    Metric::TasksStopped,
    Metric::TasksUninterruptible,
    Metric::TasksIoWait,
    Metric::MemoryCache,
    Metric::MemorySwap,
    Metric::MemoryMappedFile,
    Metric::MemoryMaxUsage,
    Metric::MemoryKernel,
    Metric::MemoryActiveFile,
    Metric::MemoryInactiveFile,
    Metric::MemoryFileDirty,
    Metric::MemoryFileWriteback,
    Metric::MemoryFailures,
    Metric::MemoryPagesScanned,
    Metric::MemoryPagesStolen,
    Metric::MemoryRefaultsFile,
    Metric::MemoryRefaultsAnon,
    Metric::MemoryEventsHigh,
    Metric::MemoryEventsMax,
    Metric::MemoryPressureSome,
    Metric::MemoryPressureFull,
    Metric::MemoryOomEvents,
    Metric::MemoryReferenced,
    Metric::NetworkTxPackets,
    Metric::NetworkRxPackets,
    Metric::NetworkTxDropped,
    Metric::NetworkRxDropped,
    Metric::DiskioAsync,
    Metric::DiskioSync,
    Metric::DiskioRead,
    Metric::DiskioWrite,
    Metric::DiskioDiscard,
    Metric::DiskioAsyncOps,
    Metric::DiskioSyncOps,
    Metric::DiskioReadOps,
    Metric::DiskioWriteOps,
    Metric::DiskioDiscardOps,
    Metric::DiskioPressureSome,
    Metric::DiskioPressureFull,
    Metric::FilesystemInodes,
    Metric::FilesystemInodesFree,
    Metric::ProcessesCount,
    Metric::ProcessesFds,
    Metric::ProcessesSockets,
    Metric::ProcessesThreads,
    Metric::ProcessesThreadsMax,
    Metric::GpuMemoryUsed,
    Metric::GpuMemoryTotal,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::tested::assert_each_is_told_or_not;

    fn metrics(named: Named) -> Vec<Metric> {
        match named {
            Named::Own(metric, _) | Named::OfInterface(metric) => vec![metric],
            Named::OfDirection(received, transmitted) => vec![received, transmitted],
            Named::OfDevice(of_list) => of_list.iter().map(|(_, metric)| *metric).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn each_metric_has_its_name_or_is_not_told() {
        let told = DOCKER.iter().flat_map(|(_, named)| metrics(*named));
        assert_each_is_told_or_not(told, NOT_TOLD_BY_DOCKER);
        let told = KUBELET.iter().flat_map(|(_, named)| metrics(*named));
        let usage = ["container", "k8s.pod"].map(|of| format!("{of}.filesystem.usage"));
        let usage = usage.iter().flat_map(|name| metrics(of_kubelet(name, None).unwrap()));
        assert_each_is_told_or_not(told.chain(usage), NOT_TOLD_BY_KUBELET);
    }

    #[test]
    fn the_operation_of_a_device_may_be_in_the_name() {
        let found = of_docker("container.blockio.io_service_bytes_recursive.read");
        assert_eq!(found, Some((Named::OfDevice(BYTES), Some("read"))));
        assert_eq!(of_docker("container.memory.usage.total.x"), None);
        assert_eq!(of_docker("container.memory.usage.system"), None);
    }

    #[test]
    fn errors_of_interfaces_count_since_version_0_62() {
        let errors = |version| of_kubelet("k8s.pod.network.errors", version);
        assert_eq!(errors(Some((0, 61))), None);
        assert!(errors(Some((0, 62))).is_some() && errors(Some((1, 0))).is_some());
        assert!(errors(None).is_some());
    }
}
