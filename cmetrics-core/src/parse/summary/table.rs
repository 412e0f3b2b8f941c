//! Where each metric lies in the kubelet's summary. To add a metric, add a row, or add it to
//! [`NOT_TOLD`].

use crate::metric::Metric;

/// A part of a subject that was measured at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Cpu,
    Memory,
    Swap,
    Io,
    Network,
    /// The writable layer of a container.
    Rootfs,
    Logs,
    EphemeralStorage,
    /// The disk of the node.
    Fs,
}

/// Each part with the path of its time.
pub(super) const TIMES: [(&str, Part); 9] = [
    ("cpu.time", Part::Cpu),
    ("memory.time", Part::Memory),
    ("swap.time", Part::Swap),
    ("io.time", Part::Io),
    ("network.time", Part::Network),
    ("rootfs.time", Part::Rootfs),
    ("logs.time", Part::Logs),
    ("ephemeral-storage.time", Part::EphemeralStorage),
    ("fs.time", Part::Fs),
];

/// What a count means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Plain,
    /// 0 is not told.
    NotZero,
    /// Where `memory.usageBytes` is 0, this is a placeholder too.
    WithUsage,
    /// 2^63 and more is a wrapped subtraction.
    Half,
    /// To be added to the logs of the container, which have a time of their own.
    PlusLogs,
}

/// A field with a reading, at the time of its part.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) part: Part,
    pub(super) path: &'static str,
    pub(super) metric: Metric,
    pub(super) meaning: Meaning,
}

const fn row(part: Part, path: &'static str, metric: Metric, meaning: Meaning) -> Row {
    Row { part, path, metric, meaning }
}

pub(super) const ROWS: [Row; 29] = {
    use Meaning::{Half, NotZero, Plain, PlusLogs, WithUsage};
    use Metric as M;
    use Part::{Cpu, EphemeralStorage, Fs, Io, Memory, Rootfs, Swap};
    [
        row(Cpu, "cpu.usageCoreNanoSeconds", M::CpuUsage, NotZero),
        row(Cpu, "cpu.psi.some.total", M::CpuPressureSome, Plain),
        row(Cpu, "cpu.psi.full.total", M::CpuPressureFull, Plain),
        row(Cpu, "process_stats.process_count", M::ProcessesCount, Plain),
        row(Memory, "memory.usageBytes", M::MemoryUsage, NotZero),
        row(Memory, "memory.workingSetBytes", M::MemoryWorkingSet, NotZero),
        row(Memory, "memory.rssBytes", M::MemoryRss, WithUsage),
        row(Memory, "memory.pageFaults", M::MemoryPageFaults, WithUsage),
        row(Memory, "memory.majorPageFaults", M::MemoryMajorPageFaults, WithUsage),
        row(Memory, "memory.psi.some.total", M::MemoryPressureSome, Plain),
        row(Memory, "memory.psi.full.total", M::MemoryPressureFull, Plain),
        row(Swap, "swap.swapUsageBytes", M::MemorySwap, Half),
        row(Io, "io.psi.some.total", M::DiskioPressureSome, Plain),
        row(Io, "io.psi.full.total", M::DiskioPressureFull, Plain),
        row(Rootfs, "rootfs.usedBytes", M::FilesystemBaseUsage, PlusLogs),
        row(Rootfs, "rootfs.capacityBytes", M::FilesystemCapacity, Plain),
        row(Rootfs, "rootfs.availableBytes", M::FilesystemAvailable, Plain),
        row(Rootfs, "rootfs.inodes", M::FilesystemInodes, Plain),
        row(Rootfs, "rootfs.inodesFree", M::FilesystemInodesFree, Plain),
        row(EphemeralStorage, "ephemeral-storage.usedBytes", M::FilesystemUsage, Plain),
        row(EphemeralStorage, "ephemeral-storage.capacityBytes", M::FilesystemCapacity, Plain),
        row(EphemeralStorage, "ephemeral-storage.availableBytes", M::FilesystemAvailable, Plain),
        row(EphemeralStorage, "ephemeral-storage.inodes", M::FilesystemInodes, Plain),
        row(EphemeralStorage, "ephemeral-storage.inodesFree", M::FilesystemInodesFree, Plain),
        row(Fs, "fs.usedBytes", M::FilesystemUsage, Plain),
        row(Fs, "fs.capacityBytes", M::FilesystemCapacity, Plain),
        row(Fs, "fs.availableBytes", M::FilesystemAvailable, Plain),
        row(Fs, "fs.inodes", M::FilesystemInodes, Plain),
        row(Fs, "fs.inodesFree", M::FilesystemInodesFree, Plain),
    ]
};

/// The index of the memory in use.
pub(super) const MEMORY_USAGE: usize = 4;

/// The sum of a container's writable layer and its logs, at the time of the layer.
pub(super) const COMPUTED: Metric = Metric::FilesystemUsage;

/// The path of what a container's logs use.
pub(super) const LOGS: &str = "logs.usedBytes";

/// The counts of each interface. There are no packets and no drops.
pub(super) const OF_INTERFACES: [(&str, Metric); 4] = [
    ("rxBytes", Metric::NetworkRxBytes),
    ("rxErrors", Metric::NetworkRxErrors),
    ("txBytes", Metric::NetworkTxBytes),
    ("txErrors", Metric::NetworkTxErrors),
];

/// What the summary does not tell.
#[cfg(test)]
pub(super) const NOT_TOLD: &[Metric] = &[
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
    Metric::CpuLoad,
    Metric::CpuLoadUninterruptible,
    Metric::TasksSleeping,
    Metric::TasksRunning,
    Metric::TasksStopped,
    Metric::TasksUninterruptible,
    Metric::TasksIoWait,
    Metric::MemoryCache,
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

    #[test]
    fn each_metric_has_its_place_or_is_not_told() {
        let told = ROWS.iter().map(|row| row.metric).chain([COMPUTED]);
        let told = told.chain(OF_INTERFACES.map(|(_, metric)| metric));
        assert_each_is_told_or_not(told, NOT_TOLD);
    }

    #[test]
    fn each_part_and_row_has_its_index() {
        for (index, (path, part)) in TIMES.iter().enumerate() {
            assert_eq!(*part as usize, index);
            let (section, _) = path.split_once('.').unwrap();
            for row in ROWS.iter().filter(|row| row.part == *part) {
                let own = row.path.split('.').next().unwrap();
                assert!(own == section || own == "process_stats", "{}", row.path);
            }
        }
        assert_eq!(ROWS[MEMORY_USAGE].metric, Metric::MemoryUsage);
    }
}
