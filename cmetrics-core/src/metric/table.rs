//! The table of metrics. To add a metric, add a row.

use super::{Kind, MetricInfo, Section, Unit, list_at, scope_at};
use Kind::{Counter, Gauge};
use Section::{
    Cpu, Diskio, Filesystem, Gpu, Memory, Network, OomEvents, Processes, ReferencedMemory,
    TaskStats,
};
use Unit::{
    Bytes, Count, Faults, Inodes, Microseconds, Nanoseconds, Operations, Pages, Periods, Tasks,
    Threads,
};

macro_rules! metrics {
    ($(
        #[doc = $description:literal]
        $metric:ident = $name:literal, $kind:ident, $unit:ident,
            $section:ident at $path:literal / $per_unit:literal
            $(, in_v2 = $in_v2:literal)?
            $(, in_v2_1 = $in_v2_1:literal)?
            $(, documented as $documented:literal / $divisor:literal)?;
    )+) => {
        /// A metric that cAdvisor measures for a container.
        ///
        /// ```
        /// use cmetrics_core::metric::Kind;
        /// use cmetrics_core::Metric;
        ///
        /// let metric: Metric = "network.rx_bytes".parse().unwrap();
        /// assert_eq!(metric, Metric::NetworkRxBytes);
        /// assert_eq!(metric.kind(), Kind::Counter);
        /// assert_eq!(metric.unit().to_string(), "bytes");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[repr(u8)]
        pub enum Metric {
            $(#[doc = $description] $metric,)+
        }

        impl Metric {
            /// Every metric, in the table's order.
            pub const ALL: &'static [Self] = &[$(Self::$metric),+];

            #[expect(clippy::indexing_slicing, reason = "there is a row for each metric")]
            pub(crate) const fn info(self) -> &'static MetricInfo {
                &TABLE[self as usize]
            }
        }

        static TABLE: [MetricInfo; [$($name),+].len()] = [$(MetricInfo {
            name: $name,
            description: $description.trim_ascii_start(),
            kind: $kind,
            unit: $unit,
            section: $section,
            scope: scope_at($section, $path),
            list: list_at($path),
            path: $path,
            in_v2: metrics!(@path $($in_v2)?),
            in_v2_1: metrics!(@path $($in_v2_1)?),
            per_unit: $per_unit,
            documented: metrics!(@documented $($documented / $divisor)?),
        }),+];
    };
    (@path) => { None };
    (@path $path:literal) => { Some($path) };
    (@documented) => { None };
    (@documented $documented:literal / $divisor:literal) => { Some(($documented, $divisor)) };
}

metrics! {
    /// CPU time used, on all cores together.
    CpuUsage = "cpu.usage", Counter, Nanoseconds,
        Cpu at "cpu.usage.total" / 1, documented as "cpu.usage" / 1;
    /// CPU time used in user mode.
    CpuUser = "cpu.user", Counter, Nanoseconds,
        Cpu at "cpu.usage.user" / 1;
    /// CPU time used in the kernel.
    CpuSystem = "cpu.system", Counter, Nanoseconds,
        Cpu at "cpu.usage.system" / 1;
    /// Enforcement periods of the CPU quota that passed while the container ran.
    CpuCfsPeriods = "cpu.cfs_periods", Counter, Periods,
        Cpu at "cpu.cfs.periods" / 1;
    /// Enforcement periods in which the container was throttled.
    CpuCfsThrottledPeriods = "cpu.cfs_throttled_periods", Counter, Periods,
        Cpu at "cpu.cfs.throttled_periods" / 1;
    /// Time for which the container was throttled, all threads together.
    CpuCfsThrottledTime = "cpu.cfs_throttled_time", Counter, Nanoseconds,
        Cpu at "cpu.cfs.throttled_time" / 1;
    /// Enforcement periods in which the container used its burst.
    CpuCfsBurstPeriods = "cpu.cfs_burst_periods", Counter, Periods,
        Cpu at "cpu.cfs.bursts_periods" / 1;
    /// CPU time used beyond the quota, as burst.
    CpuCfsBurstTime = "cpu.cfs_burst_time", Counter, Nanoseconds,
        Cpu at "cpu.cfs.burst_time" / 1;
    /// Time for which threads ran, as the scheduler counts it.
    CpuSchedstatRunTime = "cpu.schedstat_run_time", Counter, Nanoseconds,
        Cpu at "cpu.schedstat.run_time" / 1;
    /// Time for which threads that could run waited for a core.
    CpuSchedstatRunqueueTime = "cpu.schedstat_runqueue_time", Counter, Nanoseconds,
        Cpu at "cpu.schedstat.runqueue_time" / 1;
    /// Time slices that threads ran for.
    CpuSchedstatRunPeriods = "cpu.schedstat_run_periods", Counter, Periods,
        Cpu at "cpu.schedstat.run_periods" / 1;
    /// Time for which some thread waited for a core.
    CpuPressureSome = "cpu.pressure_some", Counter, Microseconds,
        Cpu at "cpu.psi.some.total" / 1;
    /// Time for which all threads waited for a core.
    CpuPressureFull = "cpu.pressure_full", Counter, Microseconds,
        Cpu at "cpu.psi.full.total" / 1;
    /// Threads that run or could run, smoothed by cAdvisor over 10 s.
    CpuLoad = "cpu.load", Gauge, Threads,
        Cpu at "cpu.load_average" / 1000, documented as "cpu.load" / 1;
    /// Threads in uninterruptible sleep, smoothed in the same way.
    CpuLoadUninterruptible = "cpu.load_uninterruptible", Gauge, Threads,
        Cpu at "cpu.load_d_average" / 1000;
    /// Tasks that sleep.
    TasksSleeping = "tasks.sleeping", Gauge, Tasks,
        TaskStats at "task_stats.nr_sleeping" / 1,
        in_v2 = "load_stats.nr_sleeping";
    /// Tasks that run or could run.
    TasksRunning = "tasks.running", Gauge, Tasks,
        TaskStats at "task_stats.nr_running" / 1,
        in_v2 = "load_stats.nr_running";
    /// Tasks that are stopped.
    TasksStopped = "tasks.stopped", Gauge, Tasks,
        TaskStats at "task_stats.nr_stopped" / 1,
        in_v2 = "load_stats.nr_stopped";
    /// Tasks in uninterruptible sleep.
    TasksUninterruptible = "tasks.uninterruptible", Gauge, Tasks,
        TaskStats at "task_stats.nr_uninterruptible" / 1,
        in_v2 = "load_stats.nr_uninterruptible";
    /// Tasks that wait for input or output.
    TasksIoWait = "tasks.io_wait", Gauge, Tasks,
        TaskStats at "task_stats.nr_io_wait" / 1,
        in_v2 = "load_stats.nr_io_wait";
    /// Memory charged to the container, page cache included.
    MemoryUsage = "memory.usage", Gauge, Bytes,
        Memory at "memory.usage" / 1, documented as "memory" / 1024;
    /// Memory in use that cannot be dropped at once: usage less inactive file cache.
    MemoryWorkingSet = "memory.working_set", Gauge, Bytes,
        Memory at "memory.working_set" / 1;
    /// Anonymous memory.
    MemoryRss = "memory.rss", Gauge, Bytes,
        Memory at "memory.rss" / 1;
    /// Page cache.
    MemoryCache = "memory.cache", Gauge, Bytes,
        Memory at "memory.cache" / 1;
    /// Memory swapped out.
    MemorySwap = "memory.swap", Gauge, Bytes,
        Memory at "memory.swap" / 1;
    /// Mapped files.
    MemoryMappedFile = "memory.mapped_file", Gauge, Bytes,
        Memory at "memory.mapped_file" / 1;
    /// The most memory ever charged to the container.
    MemoryMaxUsage = "memory.max_usage", Gauge, Bytes,
        Memory at "memory.max_usage" / 1;
    /// Memory of the kernel on behalf of the container.
    MemoryKernel = "memory.kernel", Gauge, Bytes,
        Memory at "memory.kernel" / 1;
    /// File cache used lately.
    MemoryActiveFile = "memory.active_file", Gauge, Bytes,
        Memory at "memory.total_active_file" / 1;
    /// File cache not used lately.
    MemoryInactiveFile = "memory.inactive_file", Gauge, Bytes,
        Memory at "memory.total_inactive_file" / 1;
    /// File cache waiting to be written to disk.
    MemoryFileDirty = "memory.file_dirty", Gauge, Bytes,
        Memory at "memory.file_dirty" / 1;
    /// File cache being written to disk.
    MemoryFileWriteback = "memory.file_writeback", Gauge, Bytes,
        Memory at "memory.file_writeback" / 1;
    /// Times that memory hit its limit (cgroup v1).
    MemoryFailures = "memory.failures", Counter, Count,
        Memory at "memory.failcnt" / 1;
    /// Page faults.
    MemoryPageFaults = "memory.page_faults", Counter, Faults,
        Memory at "memory.container_data.pgfault" / 1;
    /// Page faults that had to wait for a disk.
    MemoryMajorPageFaults = "memory.major_page_faults", Counter, Faults,
        Memory at "memory.container_data.pgmajfault" / 1;
    /// Pages looked at for reclaim.
    MemoryPagesScanned = "memory.pages_scanned", Counter, Pages,
        Memory at "memory.pgscan" / 1;
    /// Pages reclaimed.
    MemoryPagesStolen = "memory.pages_stolen", Counter, Pages,
        Memory at "memory.pgsteal" / 1;
    /// File pages that were reclaimed and soon needed again.
    MemoryRefaultsFile = "memory.refaults_file", Counter, Pages,
        Memory at "memory.workingset_refault_file" / 1;
    /// Anonymous pages that were reclaimed and soon needed again.
    MemoryRefaultsAnon = "memory.refaults_anon", Counter, Pages,
        Memory at "memory.workingset_refault_anon" / 1;
    /// Times that memory rose above its high limit.
    MemoryEventsHigh = "memory.events_high", Counter, Count,
        Memory at "memory.events.high" / 1;
    /// Times that memory hit its limit (cgroup v2).
    MemoryEventsMax = "memory.events_max", Counter, Count,
        Memory at "memory.events.max" / 1;
    /// Time for which some thread waited for memory.
    MemoryPressureSome = "memory.pressure_some", Counter, Microseconds,
        Memory at "memory.psi.some.total" / 1;
    /// Time for which all threads waited for memory.
    MemoryPressureFull = "memory.pressure_full", Counter, Microseconds,
        Memory at "memory.psi.full.total" / 1;
    /// Kills for want of memory.
    MemoryOomEvents = "memory.oom_events", Counter, Count,
        OomEvents at "oom_events" / 1;
    /// Memory touched since the collector last cleared its marks.
    MemoryReferenced = "memory.referenced", Gauge, Bytes,
        ReferencedMemory at "referenced_memory" / 1;
    /// Bytes sent.
    NetworkTxBytes = "network.tx_bytes", Counter, Bytes,
        Network at "network.interfaces[].tx_bytes" / 1, documented as "network.tx_kb" / 1024;
    /// Bytes received.
    NetworkRxBytes = "network.rx_bytes", Counter, Bytes,
        Network at "network.interfaces[].rx_bytes" / 1, documented as "network.rx_kb" / 1024;
    /// Packets sent.
    NetworkTxPackets = "network.tx_packets", Counter, Count,
        Network at "network.interfaces[].tx_packets" / 1, documented as "network.tx_packets" / 1;
    /// Packets received.
    NetworkRxPackets = "network.rx_packets", Counter, Count,
        Network at "network.interfaces[].rx_packets" / 1, documented as "network.rx_packets" / 1;
    /// Errors while sending.
    NetworkTxErrors = "network.tx_errors", Counter, Count,
        Network at "network.interfaces[].tx_errors" / 1, documented as "network.tx_errors" / 1;
    /// Errors while receiving.
    NetworkRxErrors = "network.rx_errors", Counter, Count,
        Network at "network.interfaces[].rx_errors" / 1, documented as "network.rx_errors" / 1;
    /// Packets dropped while sending.
    NetworkTxDropped = "network.tx_dropped", Counter, Count,
        Network at "network.interfaces[].tx_dropped" / 1, documented as "network.tx_drops" / 1;
    /// Packets dropped while receiving.
    NetworkRxDropped = "network.rx_dropped", Counter, Count,
        Network at "network.interfaces[].rx_dropped" / 1, documented as "network.rx_drops" / 1;
    /// Bytes of asynchronous disk requests.
    DiskioAsync = "diskio.async", Counter, Bytes,
        Diskio at "diskio.io_service_bytes[].stats.Async" / 1, documented as "diskio.async" / 1;
    /// Bytes of synchronous disk requests.
    DiskioSync = "diskio.sync", Counter, Bytes,
        Diskio at "diskio.io_service_bytes[].stats.Sync" / 1, documented as "diskio.sync" / 1;
    /// Bytes read from disks.
    DiskioRead = "diskio.read", Counter, Bytes,
        Diskio at "diskio.io_service_bytes[].stats.Read" / 1, documented as "diskio.read" / 1;
    /// Bytes written to disks.
    DiskioWrite = "diskio.write", Counter, Bytes,
        Diskio at "diskio.io_service_bytes[].stats.Write" / 1, documented as "diskio.write" / 1;
    /// Bytes discarded on disks.
    DiskioDiscard = "diskio.discard", Counter, Bytes,
        Diskio at "diskio.io_service_bytes[].stats.Discard" / 1;
    /// Asynchronous disk requests.
    DiskioAsyncOps = "diskio.async_ops", Counter, Operations,
        Diskio at "diskio.io_serviced[].stats.Async" / 1;
    /// Synchronous disk requests.
    DiskioSyncOps = "diskio.sync_ops", Counter, Operations,
        Diskio at "diskio.io_serviced[].stats.Sync" / 1;
    /// Reads from disks.
    DiskioReadOps = "diskio.read_ops", Counter, Operations,
        Diskio at "diskio.io_serviced[].stats.Read" / 1;
    /// Writes to disks.
    DiskioWriteOps = "diskio.write_ops", Counter, Operations,
        Diskio at "diskio.io_serviced[].stats.Write" / 1;
    /// Discards on disks.
    DiskioDiscardOps = "diskio.discard_ops", Counter, Operations,
        Diskio at "diskio.io_serviced[].stats.Discard" / 1;
    /// Time for which some thread waited for a disk.
    DiskioPressureSome = "diskio.pressure_some", Counter, Microseconds,
        Diskio at "diskio.psi.some.total" / 1;
    /// Time for which all threads waited for a disk.
    DiskioPressureFull = "diskio.pressure_full", Counter, Microseconds,
        Diskio at "diskio.psi.full.total" / 1;
    /// Used on its file systems.
    FilesystemUsage = "filesystem.usage", Gauge, Bytes,
        Filesystem at "filesystem[].usage" / 1,
        in_v2_1 = "filesystem.totalUsageBytes";
    /// Of that, in its writable layer.
    FilesystemBaseUsage = "filesystem.base_usage", Gauge, Bytes,
        Filesystem at "filesystem[].base_usage" / 1,
        in_v2_1 = "filesystem.baseUsageBytes";
    /// Size of its file systems.
    FilesystemCapacity = "filesystem.capacity", Gauge, Bytes,
        Filesystem at "filesystem[].capacity" / 1,
        in_v2_1 = "";
    /// Free on its file systems.
    FilesystemAvailable = "filesystem.available", Gauge, Bytes,
        Filesystem at "filesystem[].available" / 1,
        in_v2_1 = "";
    /// Inodes of its file systems; on Docker, those that it uses.
    FilesystemInodes = "filesystem.inodes", Gauge, Inodes,
        Filesystem at "filesystem[].inodes" / 1,
        in_v2_1 = "";
    /// Free inodes of its file systems.
    FilesystemInodesFree = "filesystem.inodes_free", Gauge, Inodes,
        Filesystem at "filesystem[].inodes_free" / 1,
        in_v2_1 = "";
    /// Processes.
    ProcessesCount = "processes.count", Gauge, Count,
        Processes at "processes.process_count" / 1;
    /// Open file descriptors.
    ProcessesFds = "processes.fds", Gauge, Count,
        Processes at "processes.fd_count" / 1;
    /// Open sockets.
    ProcessesSockets = "processes.sockets", Gauge, Count,
        Processes at "processes.socket_count" / 1;
    /// Threads.
    ProcessesThreads = "processes.threads", Gauge, Count,
        Processes at "processes.threads_current" / 1;
    /// Threads that it may have.
    ProcessesThreadsMax = "processes.threads_max", Gauge, Count,
        Processes at "processes.threads_max" / 1;
    /// Memory used on its accelerators.
    GpuMemoryUsed = "gpu.memory_used", Gauge, Bytes,
        Gpu at "accelerators[].memory_used" / 1;
    /// Memory of its accelerators.
    GpuMemoryTotal = "gpu.memory_total", Gauge, Bytes,
        Gpu at "accelerators[].memory_total" / 1;
}
