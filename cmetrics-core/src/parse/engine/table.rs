//! Where each metric lies in the Engine's stats. To add a metric, add a row, or add it to
//! [`NOT_TOLD`].

use crate::metric::{DeviceList, Metric};

/// Kinds of replies, by what they tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kinds(u8);

impl Kinds {
    /// Of a Linux container, with the memory of cgroup v1.
    pub(super) const V1: Self = Self(1);
    /// Of a Linux container, with the memory of cgroup v2.
    pub(super) const V2: Self = Self(2);
    /// Of a Linux container, with the memory of neither.
    pub(super) const BARE: Self = Self(4);
    pub(super) const PODMAN: Self = Self(8);
    pub(super) const WINDOWS: Self = Self(16);
    /// Of a Windows container, as Amazon ECS stores it: with CPU time in nanoseconds.
    pub(super) const ECS_ON_WINDOWS: Self = Self(32);
    const NOT_V2: Self = Self(1 | 4);
    const DOCKER_ON_LINUX: Self = Self(1 | 2 | 4);
    const LINUX: Self = Self(1 | 2 | 4 | 8);
    const DOCKER: Self = Self(1 | 2 | 4 | 16 | 32);
    const ALL: Self = Self(63);

    pub(super) fn contains(self, kind: Self) -> bool {
        self.0 & kind.0 != 0
    }
}

/// What a count means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// What is written.
    Plain,
    /// Nanoseconds; on Windows steps of 100 ns.
    CpuTime,
    /// What is written; 0 is not told.
    NotZero,
    /// What is written; 2^63 and more is none.
    Peak,
    /// What is written; 0, and 2^62 and more, is no limit.
    Limit,
    /// What is written; absent is 0 where memory was measured at all.
    ZeroIfAbsent,
    /// Of the only device, 0:0; absent is 0 where storage was measured at all.
    OnlyDevice,
}

/// A field with a reading.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) path: &'static str,
    pub(super) metric: Metric,
    /// In which replies the field is this reading.
    pub(super) kinds: Kinds,
    pub(super) meaning: Meaning,
}

const fn row(path: &'static str, metric: Metric, kinds: Kinds, meaning: Meaning) -> Row {
    Row { path, metric, kinds, meaning }
}

/// The rows of CPU. `precpu_stats` has the same fields as `cpu_stats`, of the reading before.
pub(super) const CPU_ROWS: usize = 6;

/// The index of the total CPU time. 0 means that CPU was not measured.
pub(super) const CPU_TOTAL: usize = 0;

/// The index of the memory in use.
pub(super) const MEMORY_USAGE: usize = 6;

pub(super) const ROWS: [Row; 35] = {
    use Meaning::{CpuTime, Limit, NotZero, OnlyDevice, Peak, Plain, ZeroIfAbsent};
    use Metric as M;
    [
        row("cpu_stats.cpu_usage.total_usage", M::CpuUsage, Kinds::ALL, CpuTime),
        row("cpu_stats.cpu_usage.usage_in_usermode", M::CpuUser, Kinds::DOCKER, CpuTime),
        row("cpu_stats.cpu_usage.usage_in_kernelmode", M::CpuSystem, Kinds::DOCKER, CpuTime),
        row("cpu_stats.throttling_data.periods", M::CpuCfsPeriods, Kinds::DOCKER_ON_LINUX, Plain),
        row(
            "cpu_stats.throttling_data.throttled_periods",
            M::CpuCfsThrottledPeriods,
            Kinds::DOCKER_ON_LINUX,
            Plain,
        ),
        row(
            "cpu_stats.throttling_data.throttled_time",
            M::CpuCfsThrottledTime,
            Kinds::DOCKER_ON_LINUX,
            Plain,
        ),
        row("memory_stats.usage", M::MemoryUsage, Kinds::LINUX, NotZero),
        row("memory_stats.max_usage", M::MemoryMaxUsage, Kinds::NOT_V2, Peak),
        row("memory_stats.failcnt", M::MemoryFailures, Kinds::V1, ZeroIfAbsent),
        row("memory_stats.stats.total_rss", M::MemoryRss, Kinds::V1, Plain),
        row("memory_stats.stats.total_cache", M::MemoryCache, Kinds::V1, Plain),
        row("memory_stats.stats.total_mapped_file", M::MemoryMappedFile, Kinds::V1, Plain),
        row("memory_stats.stats.total_swap", M::MemorySwap, Kinds::V1, Peak),
        row("memory_stats.stats.total_active_file", M::MemoryActiveFile, Kinds::V1, Plain),
        row("memory_stats.stats.total_inactive_file", M::MemoryInactiveFile, Kinds::V1, Plain),
        row("memory_stats.stats.anon", M::MemoryRss, Kinds::V2, Plain),
        row("memory_stats.stats.file", M::MemoryCache, Kinds::V2, Plain),
        row("memory_stats.stats.file_mapped", M::MemoryMappedFile, Kinds::V2, Plain),
        row("memory_stats.stats.active_file", M::MemoryActiveFile, Kinds::V2, Plain),
        row("memory_stats.stats.inactive_file", M::MemoryInactiveFile, Kinds::V2, Plain),
        row("memory_stats.stats.file_dirty", M::MemoryFileDirty, Kinds::V2, Plain),
        row("memory_stats.stats.file_writeback", M::MemoryFileWriteback, Kinds::V2, Plain),
        row("memory_stats.stats.pgfault", M::MemoryPageFaults, Kinds::DOCKER_ON_LINUX, Plain),
        row(
            "memory_stats.stats.pgmajfault",
            M::MemoryMajorPageFaults,
            Kinds::DOCKER_ON_LINUX,
            Plain,
        ),
        row("memory_stats.stats.pgscan", M::MemoryPagesScanned, Kinds::V2, Plain),
        row("memory_stats.stats.pgsteal", M::MemoryPagesStolen, Kinds::V2, Plain),
        row("pids_stats.current", M::ProcessesThreads, Kinds::LINUX, Plain),
        row("pids_stats.limit", M::ProcessesThreadsMax, Kinds::LINUX, Limit),
        row("memory_stats.commitbytes", M::MemoryUsage, Kinds::WINDOWS, NotZero),
        row("memory_stats.commitpeakbytes", M::MemoryMaxUsage, Kinds::WINDOWS, Peak),
        row("memory_stats.privateworkingset", M::MemoryWorkingSet, Kinds::WINDOWS, Plain),
        row("storage_stats.read_size_bytes", M::DiskioRead, Kinds::WINDOWS, OnlyDevice),
        row("storage_stats.write_size_bytes", M::DiskioWrite, Kinds::WINDOWS, OnlyDevice),
        row("storage_stats.read_count_normalized", M::DiskioReadOps, Kinds::WINDOWS, OnlyDevice),
        row("storage_stats.write_count_normalized", M::DiskioWriteOps, Kinds::WINDOWS, OnlyDevice),
    ]
};

/// The indices of the keys of memory that Windows has.
pub(super) const KEYS_OF_WINDOWS: [usize; 3] = [28, 29, 30];

/// The indices of the keys that show that memory is of cgroup v1, and else of v2.
pub(super) const KEYS_OF_V1: [usize; 3] = [9, 10, INACTIVE_FILE_OF_V1];
pub(super) const KEYS_OF_V2: [usize; 3] = [15, 16, INACTIVE_FILE_OF_V2];

/// The indices of the file cache that can be dropped at once.
pub(super) const INACTIVE_FILE_OF_V1: usize = 14;
pub(super) const INACTIVE_FILE_OF_V2: usize = 19;

/// On Linux, usage less the inactive file cache, and 0 at least.
pub(super) const COMPUTED: Metric = Metric::MemoryWorkingSet;

/// The counts of each interface, in `networks`, and of all together in `network` before API 1.21.
pub(super) const OF_INTERFACES: [(&str, Metric); 8] = [
    ("rx_bytes", Metric::NetworkRxBytes),
    ("rx_packets", Metric::NetworkRxPackets),
    ("rx_errors", Metric::NetworkRxErrors),
    ("rx_dropped", Metric::NetworkRxDropped),
    ("tx_bytes", Metric::NetworkTxBytes),
    ("tx_packets", Metric::NetworkTxPackets),
    ("tx_errors", Metric::NetworkTxErrors),
    ("tx_dropped", Metric::NetworkTxDropped),
];

/// The operations of an entry of `blkio_stats`, in lower case: in which list, and what they count.
/// Podman lists operations among the bytes. Any other entry, such as `Total`, is left out.
pub(super) const OF_DEVICES: [(DeviceList, &str, Metric); 12] = {
    use DeviceList::{Bytes, Operations};
    [
        (Bytes, "read", Metric::DiskioRead),
        (Bytes, "write", Metric::DiskioWrite),
        (Bytes, "sync", Metric::DiskioSync),
        (Bytes, "async", Metric::DiskioAsync),
        (Bytes, "discard", Metric::DiskioDiscard),
        (Bytes, "rios", Metric::DiskioReadOps),
        (Bytes, "wios", Metric::DiskioWriteOps),
        (Operations, "read", Metric::DiskioReadOps),
        (Operations, "write", Metric::DiskioWriteOps),
        (Operations, "sync", Metric::DiskioSyncOps),
        (Operations, "async", Metric::DiskioAsyncOps),
        (Operations, "discard", Metric::DiskioDiscardOps),
    ]
};

/// What the Engine does not tell.
#[cfg(test)]
pub(super) const NOT_TOLD: &[Metric] = &[
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
    Metric::MemoryKernel,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::tested::assert_each_is_told_or_not;

    #[test]
    fn each_metric_has_its_place_or_is_not_told() {
        let told = ROWS.iter().map(|row| row.metric);
        let told = told.chain([COMPUTED]).chain(OF_INTERFACES.map(|(_, metric)| metric));
        let told = told.chain(OF_DEVICES.map(|(_, _, metric)| metric));
        assert_each_is_told_or_not(told, NOT_TOLD);
    }

    #[test]
    fn the_rows_that_are_found_by_their_index_are_there() {
        assert!(ROWS[..CPU_ROWS].iter().all(|row| row.path.starts_with("cpu_stats.")));
        assert!(ROWS[CPU_ROWS..].iter().all(|row| !row.path.starts_with("cpu_stats.")));
        assert_eq!(ROWS[CPU_TOTAL].metric, Metric::CpuUsage);
        assert_eq!(ROWS[MEMORY_USAGE].metric, Metric::MemoryUsage);
        let keys = |indices: [usize; 3]| {
            indices.map(|index| ROWS[index].path.strip_prefix("memory_stats.stats.").unwrap())
        };
        assert_eq!(keys(KEYS_OF_V1), ["total_rss", "total_cache", "total_inactive_file"]);
        assert_eq!(keys(KEYS_OF_V2), ["anon", "file", "inactive_file"]);
        let of_windows = KEYS_OF_WINDOWS.map(|index| ROWS[index].kinds == Kinds::WINDOWS);
        assert_eq!(of_windows, [true; 3]);
    }
}
