//! The names of cAdvisor's exposition.

use std::borrow::Cow;

use super::number::Number;
use super::rule::{Figure, Form, Label, Rule};
use super::subject::Subject;
use crate::metric::Metric;

/// The microseconds of a period of the CPU quota, which limits do not keep.
const PERIOD: u64 = 100_000;

/// The labels of containers.
pub(super) const LABELS: &[&str] =
    &["id", "name", "image", "namespace", "pod", "container", "node"];

type OwnLabels = &'static [(&'static str, &'static str)];

const DEVICE: OwnLabels = &[("device", "")];
const INTERFACE: OwnLabels = &[("interface", "")];

/// A figure of threads is written as collectors write it, times 1000.
const fn gauge(name: &'static str, of: Metric) -> Rule {
    Rule::gauge(name, of, Form::OfReadings)
}

const fn tasks(of: Metric, state: OwnLabels) -> Rule {
    gauge("container_tasks_state", of).labelled(state)
}

const fn faults(of: Metric, labels: OwnLabels) -> Rule {
    Rule::sum("container_memory_failures_total", of).labelled(labels)
}

const fn network(name: &'static str, of: Metric) -> Rule {
    Rule::sum(name, of).labelled(INTERFACE)
}

const fn block(of: Metric, labels: OwnLabels) -> Rule {
    Rule::sum("container_blkio_device_usage_total", of).labelled(labels)
}

const fn device(name: &'static str, of: Metric) -> Rule {
    Rule::sum(name, of).labelled(DEVICE)
}

/// The rows of a name are adjacent: a text has all rows of a family together.
pub(super) static RULES: &[Rule] = &[
    Rule::seconds("container_cpu_usage_seconds_total", Metric::CpuUsage, 9)
        .labelled(&[("cpu", "total")]),
    Rule::seconds("container_cpu_user_seconds_total", Metric::CpuUser, 9),
    Rule::seconds("container_cpu_system_seconds_total", Metric::CpuSystem, 9),
    Rule::sum("container_cpu_cfs_periods_total", Metric::CpuCfsPeriods),
    Rule::sum("container_cpu_cfs_throttled_periods_total", Metric::CpuCfsThrottledPeriods),
    Rule::seconds("container_cpu_cfs_throttled_seconds_total", Metric::CpuCfsThrottledTime, 9),
    Rule::sum("container_cpu_cfs_burst_periods_total", Metric::CpuCfsBurstPeriods),
    Rule::seconds("container_cpu_cfs_burst_seconds_total", Metric::CpuCfsBurstTime, 9),
    Rule::seconds("container_cpu_schedstat_run_seconds_total", Metric::CpuSchedstatRunTime, 9),
    Rule::seconds(
        "container_cpu_schedstat_runqueue_seconds_total",
        Metric::CpuSchedstatRunqueueTime,
        9,
    ),
    Rule::sum("container_cpu_schedstat_run_periods_total", Metric::CpuSchedstatRunPeriods),
    Rule::seconds("container_pressure_cpu_waiting_seconds_total", Metric::CpuPressureSome, 6),
    Rule::seconds("container_pressure_cpu_stalled_seconds_total", Metric::CpuPressureFull, 6),
    gauge("container_cpu_load_average_10s", Metric::CpuLoad)
        .told("threads × 1000", "Threads that run or could run, smoothed over 10 s."),
    gauge("container_cpu_load_d_average_10s", Metric::CpuLoadUninterruptible)
        .told("threads × 1000", "Threads in uninterruptible sleep, smoothed in the same way."),
    tasks(Metric::TasksSleeping, &[("state", "sleeping")]),
    tasks(Metric::TasksRunning, &[("state", "running")]),
    tasks(Metric::TasksStopped, &[("state", "stopped")]),
    tasks(Metric::TasksUninterruptible, &[("state", "uninterruptible")]),
    tasks(Metric::TasksIoWait, &[("state", "iowaiting")]),
    gauge("container_memory_usage_bytes", Metric::MemoryUsage),
    gauge("container_memory_working_set_bytes", Metric::MemoryWorkingSet),
    gauge("container_memory_rss", Metric::MemoryRss),
    gauge("container_memory_cache", Metric::MemoryCache),
    gauge("container_memory_swap", Metric::MemorySwap),
    gauge("container_memory_mapped_file", Metric::MemoryMappedFile),
    gauge("container_memory_max_usage_bytes", Metric::MemoryMaxUsage),
    gauge("container_memory_kernel_usage", Metric::MemoryKernel),
    gauge("container_memory_total_active_file_bytes", Metric::MemoryActiveFile),
    gauge("container_memory_total_inactive_file_bytes", Metric::MemoryInactiveFile),
    gauge("container_memory_file_dirty_bytes", Metric::MemoryFileDirty),
    gauge("container_memory_file_writeback_bytes", Metric::MemoryFileWriteback),
    Rule::sum("container_memory_failcnt", Metric::MemoryFailures),
    faults(Metric::MemoryPageFaults, &[("failure_type", "pgfault"), ("scope", "container")]),
    faults(
        Metric::MemoryMajorPageFaults,
        &[("failure_type", "pgmajfault"), ("scope", "container")],
    ),
    Rule::sum("container_memory_pgscan_total", Metric::MemoryPagesScanned),
    Rule::sum("container_memory_pgsteal_total", Metric::MemoryPagesStolen),
    Rule::sum("container_memory_workingset_refault_file_total", Metric::MemoryRefaultsFile),
    Rule::sum("container_memory_workingset_refault_anon_total", Metric::MemoryRefaultsAnon),
    Rule::sum("container_memory_events_high_total", Metric::MemoryEventsHigh),
    Rule::sum("container_memory_events_max_total", Metric::MemoryEventsMax),
    Rule::seconds("container_pressure_memory_waiting_seconds_total", Metric::MemoryPressureSome, 6),
    Rule::seconds("container_pressure_memory_stalled_seconds_total", Metric::MemoryPressureFull, 6),
    Rule::sum("container_oom_events_total", Metric::MemoryOomEvents),
    gauge("container_referenced_bytes", Metric::MemoryReferenced),
    network("container_network_transmit_bytes_total", Metric::NetworkTxBytes),
    network("container_network_receive_bytes_total", Metric::NetworkRxBytes),
    network("container_network_transmit_packets_total", Metric::NetworkTxPackets),
    network("container_network_receive_packets_total", Metric::NetworkRxPackets),
    network("container_network_transmit_errors_total", Metric::NetworkTxErrors),
    network("container_network_receive_errors_total", Metric::NetworkRxErrors),
    network("container_network_transmit_packets_dropped_total", Metric::NetworkTxDropped),
    network("container_network_receive_packets_dropped_total", Metric::NetworkRxDropped),
    block(
        Metric::DiskioAsync,
        &[("device", ""), ("major", ""), ("minor", ""), ("operation", "Async")],
    ),
    block(
        Metric::DiskioSync,
        &[("device", ""), ("major", ""), ("minor", ""), ("operation", "Sync")],
    ),
    block(
        Metric::DiskioDiscard,
        &[("device", ""), ("major", ""), ("minor", ""), ("operation", "Discard")],
    ),
    device("container_fs_reads_bytes_total", Metric::DiskioRead),
    device("container_fs_writes_bytes_total", Metric::DiskioWrite),
    device("container_fs_reads_total", Metric::DiskioReadOps),
    device("container_fs_writes_total", Metric::DiskioWriteOps),
    Rule::sum("cmetrics_diskio_async_operations_total", Metric::DiskioAsyncOps),
    Rule::sum("cmetrics_diskio_sync_operations_total", Metric::DiskioSyncOps),
    Rule::sum("cmetrics_diskio_discard_operations_total", Metric::DiskioDiscardOps),
    Rule::seconds("container_pressure_io_waiting_seconds_total", Metric::DiskioPressureSome, 6),
    Rule::seconds("container_pressure_io_stalled_seconds_total", Metric::DiskioPressureFull, 6),
    gauge("container_fs_usage_bytes", Metric::FilesystemUsage).labelled(DEVICE),
    gauge("cmetrics_filesystem_base_usage_bytes", Metric::FilesystemBaseUsage),
    gauge("container_fs_limit_bytes", Metric::FilesystemCapacity).labelled(DEVICE),
    gauge("cmetrics_filesystem_available_bytes", Metric::FilesystemAvailable),
    gauge("container_fs_inodes_total", Metric::FilesystemInodes).labelled(DEVICE),
    gauge("container_fs_inodes_free", Metric::FilesystemInodesFree).labelled(DEVICE),
    gauge("container_processes", Metric::ProcessesCount),
    gauge("container_file_descriptors", Metric::ProcessesFds),
    gauge("container_sockets", Metric::ProcessesSockets),
    gauge("container_threads", Metric::ProcessesThreads),
    gauge("container_threads_max", Metric::ProcessesThreadsMax),
    gauge("container_accelerator_memory_used_bytes", Metric::GpuMemoryUsed)
        .labelled(&[("acc_id", "")]),
    gauge("container_accelerator_memory_total_bytes", Metric::GpuMemoryTotal)
        .labelled(&[("acc_id", "")]),
    Rule::new(
        "container_spec_cpu_period",
        "µs",
        Figure::Told(|subject, _, _| subject.limits().cpu_cores.and(Number::whole(PERIOD))),
    )
    .told("µs", "The period of the CPU quota, where there is one: always 100 000."),
    Rule::new(
        "container_spec_cpu_quota",
        "µs",
        Figure::Told(|subject, _, _| {
            #[expect(clippy::cast_precision_loss, reason = "exact")]
            let of = |cores| Number::rounded(cores * PERIOD as f64);
            subject.limits().cpu_cores.and_then(of)
        }),
    )
    .told("µs", "CPU time that it may use in a period."),
    Rule::new(
        "container_spec_cpu_shares",
        "shares",
        Figure::Told(|subject, _, _| subject.limits().cpu_shares.and_then(Number::whole)),
    )
    .told("shares", "Relative weight against other containers."),
    Rule::new(
        "container_spec_memory_limit_bytes",
        "bytes",
        Figure::Told(|subject, _, _| Number::whole(subject.limits().memory_bytes.unwrap_or(0))),
    )
    .told("bytes", "Memory that it may use; 0 where there is no limit."),
    Rule::new(
        "container_spec_memory_reservation_limit_bytes",
        "bytes",
        Figure::Told(|subject, _, _| {
            subject.limits().memory_reservation_bytes.and_then(Number::whole)
        }),
    )
    .told("bytes", "Memory that is reserved for it when memory is short."),
    Rule::new(
        "container_spec_memory_swap_limit_bytes",
        "bytes",
        Figure::Told(|subject, _, _| subject.limits().swap_bytes.and_then(Number::whole)),
    )
    .told("bytes", "Memory and swap together that it may use."),
];

/// The labels of a container, as far as they are known. `id` is its id or its path; what has
/// neither has the labels of Kubernetes instead, or its name as `id`.
pub(super) fn labels(subject: &Subject<'_>) -> Vec<Label> {
    let identity = subject.identity();
    let kubernetes = identity.kubernetes();
    let by_name = || kubernetes.is_none().then_some(&**identity.name());
    let id = identity.id().or(subject.path()).or_else(by_name);
    let name = identity.aliases().first();
    [
        ("id", id),
        ("name", name.map(String::as_str)),
        ("image", identity.image()),
        ("namespace", kubernetes.map(|known| &*known.namespace)),
        ("pod", kubernetes.map(|known| &*known.pod)),
        ("container", kubernetes.and_then(|known| known.container.as_deref())),
        ("node", identity.machine()),
    ]
    .into_iter()
    .filter_map(|(label, value)| Some((label, Cow::Owned(value?.to_owned()))))
    .collect()
}
