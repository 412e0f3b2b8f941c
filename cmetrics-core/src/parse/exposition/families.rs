//! The table of families: which rows are readings of which metric. To read another family, add a
//! row.

use super::labels::{Label, Labels};
use crate::metric::Metric;

/// Rows of one name, with the labels that they must have, that are readings of one metric.
#[derive(Debug)]
pub(super) struct Family {
    name: &'static str,
    when: &'static [(Label, &'static str)],
    pub(super) metric: Metric,
    /// By how many decimal places the value is shifted to base units: those of the collector's
    /// division.
    pub(super) shift: u8,
    pub(super) part: Part,
}

/// What part of a container a row is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// A CPU by its name, or all of it.
    Core,
    /// A network interface.
    Interface,
    /// A block device by its numbers, or by its name where it has none.
    NumberedDevice,
    /// A block device by its name: bytes, or what only the container itself can have done.
    DeviceBytes,
    /// A block device by its name: operations, which the host may have written.
    DeviceOperations,
    /// An entry of a list, by this label. The entries are added up.
    Entry(Label),
}

impl Family {
    /// Whether a row with these labels, and the family's name, is one of the family.
    pub(super) fn holds(&self, labels: &Labels<'_>) -> bool {
        self.when.iter().all(|(label, wanted)| {
            let value = match label {
                Label::FailureType => labels.either(Label::FailureType, Label::Type),
                label => labels.get(*label),
            };
            value == Some(wanted)
        })
    }
}

/// A limit of a container, or a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    CpuQuota,
    CpuPeriod,
    CpuShares,
    Memory,
    Reservation,
    Swap,
}

impl Limit {
    pub(super) const NUMBER: usize = 6;
}

/// What a family is about.
#[derive(Clone, Copy, Debug)]
pub(super) enum About {
    /// Readings: the rows of this name in the table.
    Readings(&'static [Family]),
    Limit(Limit),
    /// The number of the machine's CPUs.
    MachineCpus,
    /// The machine's memory.
    MachineMemory,
    /// When the container was created.
    Creation,
}

/// What the families of this name are about; `None` for one that is not read.
fn about(name: &str) -> Option<About> {
    let limit = || LIMITS.iter().find(|(known, _)| *known == name).map(|(_, limit)| *limit);
    match name {
        "machine_cpu_cores" => Some(About::MachineCpus),
        "machine_memory_bytes" => Some(About::MachineMemory),
        "container_start_time_seconds" => Some(About::Creation),
        _ => readings(name).map(About::Readings).or_else(|| limit().map(About::Limit)),
    }
}

/// The family that was looked up last. Rows of one family mostly stand together.
#[derive(Debug, Default)]
pub(super) struct LastFamily {
    /// Its name, if that is text.
    pub(super) name: String,
    about: Option<About>,
}

impl LastFamily {
    /// What the families of this name are about; `None` for one that is not read.
    pub(super) fn about(&mut self, name: &[u8]) -> Option<About> {
        if self.name.as_bytes() != name {
            self.name.clear();
            self.name.push_str(std::str::from_utf8(name).unwrap_or_default());
            self.about = about(&self.name);
        }
        self.about
    }
}

/// The rows of the table of this name, which stand together.
fn readings(name: &str) -> Option<&'static [Family]> {
    let mut all = [CONTAINER, RESOURCE].into_iter();
    all.find_map(|table| {
        let start = table.iter().position(|family| family.name == name)?;
        let rows = table.get(start..)?;
        let length = rows.iter().take_while(|family| family.name == name).count();
        rows.get(..length)
    })
}

const LIMITS: [(&str, Limit); 6] = [
    ("container_spec_cpu_quota", Limit::CpuQuota),
    ("container_spec_cpu_period", Limit::CpuPeriod),
    ("container_spec_cpu_shares", Limit::CpuShares),
    ("container_spec_memory_limit_bytes", Limit::Memory),
    ("container_spec_memory_reservation_limit_bytes", Limit::Reservation),
    ("container_spec_memory_swap_limit_bytes", Limit::Swap),
];

/// Seconds to nanoseconds, seconds to microseconds, and units that stay.
const NANOS: u8 = 9;
const MICROS: u8 = 6;
const AS_IS: u8 = 0;

const fn family(name: &'static str, metric: Metric, shift: u8) -> Family {
    Family { name, when: &[], metric, shift, part: Part::Whole }
}

const fn of_part(name: &'static str, metric: Metric, part: Part) -> Family {
    Family { name, when: &[], metric, shift: AS_IS, part }
}

const fn when(
    name: &'static str,
    when: &'static [(Label, &'static str)],
    metric: Metric,
    part: Part,
) -> Family {
    Family { name, when, metric, shift: AS_IS, part }
}

use Metric as M;
use Part::{Core, DeviceBytes, DeviceOperations, Entry, Interface, NumberedDevice, Whole};

const TASKS: &str = "container_tasks_state";
const FAILURES: &str = "container_memory_failures_total";
const BLKIO: &str = "container_blkio_device_usage_total";

/// Families of cAdvisor and of the kubelet's `/metrics/cadvisor`, and of `/metrics/resource` those
/// that have the same names.
#[rustfmt::skip]
const CONTAINER: &[Family] = &[
    Family { name: "container_cpu_usage_seconds_total", when: &[], metric: M::CpuUsage, shift: NANOS, part: Core },
    family("container_cpu_user_seconds_total", M::CpuUser, NANOS),
    family("container_cpu_system_seconds_total", M::CpuSystem, NANOS),
    family("container_cpu_cfs_periods_total", M::CpuCfsPeriods, AS_IS),
    family("container_cpu_cfs_throttled_periods_total", M::CpuCfsThrottledPeriods, AS_IS),
    family("container_cpu_cfs_throttled_seconds_total", M::CpuCfsThrottledTime, NANOS),
    family("container_cpu_cfs_burst_periods_total", M::CpuCfsBurstPeriods, AS_IS),
    family("container_cpu_cfs_burst_seconds_total", M::CpuCfsBurstTime, NANOS),
    family("container_cpu_schedstat_run_seconds_total", M::CpuSchedstatRunTime, NANOS),
    family("container_cpu_schedstat_runqueue_seconds_total", M::CpuSchedstatRunqueueTime, NANOS),
    family("container_cpu_schedstat_run_periods_total", M::CpuSchedstatRunPeriods, AS_IS),
    family("container_pressure_cpu_waiting_seconds_total", M::CpuPressureSome, MICROS),
    family("container_pressure_cpu_stalled_seconds_total", M::CpuPressureFull, MICROS),
    family("container_cpu_load_average_10s", M::CpuLoad, AS_IS),
    family("container_cpu_load_d_average_10s", M::CpuLoadUninterruptible, AS_IS),
    when(TASKS, &[(Label::State, "sleeping")], M::TasksSleeping, Whole),
    when(TASKS, &[(Label::State, "running")], M::TasksRunning, Whole),
    when(TASKS, &[(Label::State, "stopped")], M::TasksStopped, Whole),
    when(TASKS, &[(Label::State, "uninterruptible")], M::TasksUninterruptible, Whole),
    when(TASKS, &[(Label::State, "iowaiting")], M::TasksIoWait, Whole),
    family("container_memory_usage_bytes", M::MemoryUsage, AS_IS),
    family("container_memory_working_set_bytes", M::MemoryWorkingSet, AS_IS),
    family("container_memory_rss", M::MemoryRss, AS_IS),
    family("container_memory_cache", M::MemoryCache, AS_IS),
    family("container_memory_swap", M::MemorySwap, AS_IS),
    family("container_memory_mapped_file", M::MemoryMappedFile, AS_IS),
    family("container_memory_max_usage_bytes", M::MemoryMaxUsage, AS_IS),
    family("container_memory_kernel_usage", M::MemoryKernel, AS_IS),
    family("container_memory_total_active_file_bytes", M::MemoryActiveFile, AS_IS),
    family("container_memory_total_inactive_file_bytes", M::MemoryInactiveFile, AS_IS),
    family("container_memory_file_dirty_bytes", M::MemoryFileDirty, AS_IS),
    family("container_memory_file_writeback_bytes", M::MemoryFileWriteback, AS_IS),
    family("container_memory_failcnt", M::MemoryFailures, AS_IS),
    // `scope="hierarchy"` repeats them.
    when(FAILURES, &[(Label::FailureType, "pgfault"), (Label::Scope, "container")], M::MemoryPageFaults, Whole),
    when(FAILURES, &[(Label::FailureType, "pgmajfault"), (Label::Scope, "container")], M::MemoryMajorPageFaults, Whole),
    family("container_memory_pgscan_total", M::MemoryPagesScanned, AS_IS),
    family("container_memory_pgsteal_total", M::MemoryPagesStolen, AS_IS),
    family("container_memory_workingset_refault_file_total", M::MemoryRefaultsFile, AS_IS),
    family("container_memory_workingset_refault_anon_total", M::MemoryRefaultsAnon, AS_IS),
    family("container_memory_events_high_total", M::MemoryEventsHigh, AS_IS),
    family("container_memory_events_max_total", M::MemoryEventsMax, AS_IS),
    family("container_pressure_memory_waiting_seconds_total", M::MemoryPressureSome, MICROS),
    family("container_pressure_memory_stalled_seconds_total", M::MemoryPressureFull, MICROS),
    family("container_oom_events_total", M::MemoryOomEvents, AS_IS),
    family("container_referenced_bytes", M::MemoryReferenced, AS_IS),
    of_part("container_network_transmit_bytes_total", M::NetworkTxBytes, Interface),
    of_part("container_network_receive_bytes_total", M::NetworkRxBytes, Interface),
    of_part("container_network_transmit_packets_total", M::NetworkTxPackets, Interface),
    of_part("container_network_receive_packets_total", M::NetworkRxPackets, Interface),
    of_part("container_network_transmit_errors_total", M::NetworkTxErrors, Interface),
    of_part("container_network_receive_errors_total", M::NetworkRxErrors, Interface),
    of_part("container_network_transmit_packets_dropped_total", M::NetworkTxDropped, Interface),
    of_part("container_network_receive_packets_dropped_total", M::NetworkRxDropped, Interface),
    when(BLKIO, &[(Label::Operation, "Async")], M::DiskioAsync, NumberedDevice),
    when(BLKIO, &[(Label::Operation, "Sync")], M::DiskioSync, NumberedDevice),
    when(BLKIO, &[(Label::Operation, "Read")], M::DiskioRead, NumberedDevice),
    when(BLKIO, &[(Label::Operation, "Write")], M::DiskioWrite, NumberedDevice),
    when(BLKIO, &[(Label::Operation, "Discard")], M::DiskioDiscard, NumberedDevice),
    of_part("container_fs_reads_bytes_total", M::DiskioRead, DeviceBytes),
    of_part("container_fs_writes_bytes_total", M::DiskioWrite, DeviceBytes),
    of_part("container_fs_reads_total", M::DiskioReadOps, DeviceOperations),
    of_part("container_fs_writes_total", M::DiskioWriteOps, DeviceOperations),
    family("container_pressure_io_waiting_seconds_total", M::DiskioPressureSome, MICROS),
    family("container_pressure_io_stalled_seconds_total", M::DiskioPressureFull, MICROS),
    of_part("container_fs_usage_bytes", M::FilesystemUsage, Entry(Label::Device)),
    of_part("container_fs_limit_bytes", M::FilesystemCapacity, Entry(Label::Device)),
    of_part("container_fs_inodes_total", M::FilesystemInodes, Entry(Label::Device)),
    of_part("container_fs_inodes_free", M::FilesystemInodesFree, Entry(Label::Device)),
    family("container_processes", M::ProcessesCount, AS_IS),
    family("container_file_descriptors", M::ProcessesFds, AS_IS),
    family("container_sockets", M::ProcessesSockets, AS_IS),
    family("container_threads", M::ProcessesThreads, AS_IS),
    family("container_threads_max", M::ProcessesThreadsMax, AS_IS),
    of_part("container_accelerator_memory_used_bytes", M::GpuMemoryUsed, Entry(Label::Accelerator)),
    of_part("container_accelerator_memory_total_bytes", M::GpuMemoryTotal, Entry(Label::Accelerator)),
    // What cmetrics writes of points, as cAdvisor has no names for it.
    of_part("cmetrics_diskio_async_operations_total", M::DiskioAsyncOps, DeviceBytes),
    of_part("cmetrics_diskio_sync_operations_total", M::DiskioSyncOps, DeviceBytes),
    of_part("cmetrics_diskio_discard_operations_total", M::DiskioDiscardOps, DeviceBytes),
    family("cmetrics_filesystem_base_usage_bytes", M::FilesystemBaseUsage, AS_IS),
    family("cmetrics_filesystem_available_bytes", M::FilesystemAvailable, AS_IS),
];

/// Families of the kubelet's `/metrics/resource` alone.
#[rustfmt::skip]
const RESOURCE: &[Family] = &[
    family("container_swap_usage_bytes", M::MemorySwap, AS_IS),
    family("pod_cpu_usage_seconds_total", M::CpuUsage, NANOS),
    family("pod_memory_working_set_bytes", M::MemoryWorkingSet, AS_IS),
    family("pod_swap_usage_bytes", M::MemorySwap, AS_IS),
    family("node_cpu_usage_seconds_total", M::CpuUsage, NANOS),
    family("node_memory_working_set_bytes", M::MemoryWorkingSet, AS_IS),
    family("node_swap_usage_bytes", M::MemorySwap, AS_IS),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_has_a_family() {
        for &metric in Metric::ALL {
            assert!(CONTAINER.iter().any(|family| family.metric == metric), "{metric}");
        }
    }

    #[test]
    fn families_of_one_name_stand_together_and_differ_in_their_labels() {
        for table in [CONTAINER, RESOURCE] {
            for family in table {
                let rows = readings(family.name).unwrap();
                let of_name = table.iter().filter(|other| other.name == family.name).count();
                assert_eq!(rows.len(), of_name, "{}", family.name);
                let equal = rows.iter().filter(|other| other.when == family.when).count();
                assert_eq!(equal, 1, "{}", family.name);
            }
        }
    }

    #[test]
    fn a_row_is_of_the_family_whose_labels_it_has() {
        let mut labels = Labels::default();
        labels.add(Label::Type, "pgmajfault");
        labels.add(Label::Scope, "container");
        let Some(About::Readings(rows)) = about(FAILURES) else { panic!() };
        let held: Vec<_> = rows.iter().filter(|row| row.holds(&labels)).collect();
        assert_eq!(held.len(), 1);
        assert_eq!(held[0].metric, Metric::MemoryMajorPageFaults);
        assert!(about("container_last_seen").is_none());
    }
}
