//! The table of metrics, in its order.

use std::collections::BTreeSet;

/// Where a metric stands in a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// One number, at this path.
    Number(&'static str),
    /// One figure of `cpu.schedstat`.
    Schedstat(&'static str),
    /// One of `task_stats` (v1) or `load_stats` (v2).
    Tasks(&'static str),
    /// A field of every network interface.
    Interface(&'static str),
    /// A list of `diskio`, and a field of every device in it.
    Device(&'static str, &'static str),
    /// A key of the entries of `filesystem`, and the key of v2.1, which has no list.
    FileSystem(&'static str, Option<&'static str>),
    /// A key of the entries of `filesystem` that have inodes.
    Inodes(&'static str),
    /// A key of the entries of `accelerators`.
    Accelerators(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Counter,
    Gauge,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Metric {
    pub(crate) name: &'static str,
    kind: Kind,
    pub(crate) source: Source,
    /// The `has_*` that can say that the section is absent.
    pub(crate) flag: Option<&'static str>,
    /// One of the documented point's, which are always made.
    pub(crate) documented: bool,
    /// A gauge is divided by it.
    pub(crate) divisor: u32,
}

impl Metric {
    pub(crate) fn is_counter(&self) -> bool {
        self.kind == Kind::Counter
    }

    /// "Copies complete each other": of these, the larger of two copies' stays.
    pub(crate) fn larger_copy_stays(&self) -> bool {
        let families = ["tasks.", "filesystem.", "processes.", "gpu."];
        self.is_oom_events() || families.iter().any(|family| self.name.starts_with(family))
    }

    /// Rule 6 of `docs/points.md`: what can begin again at 0 while the container runs on.
    pub(crate) fn begins_again_alone(&self) -> bool {
        self.is_oom_events() || matches!(self.source, Source::Interface(_) | Source::Schedstat(_))
    }

    pub(crate) fn is_oom_events(&self) -> bool {
        self.name == "memory.oom_events"
    }

    const fn documented(self) -> Self {
        Self { documented: true, ..self }
    }

    const fn thousandths(self) -> Self {
        Self { divisor: 1000, ..self }
    }
}

/// The documented metrics, which are always made, and those that are chosen.
pub(crate) fn made(chosen: &BTreeSet<String>) -> Vec<Metric> {
    let is_made = |metric: &Metric| metric.documented || chosen.contains(metric.name);
    METRICS.iter().copied().filter(is_made).collect()
}

const fn metric(name: &'static str, kind: Kind, source: Source, flag: &'static str) -> Metric {
    let flag = if flag.is_empty() { None } else { Some(flag) };
    Metric { name, kind, source, flag, documented: false, divisor: 1 }
}

const fn cpu(name: &'static str, path: &'static str) -> Metric {
    metric(name, Kind::Counter, Source::Number(path), "has_cpu")
}

const fn schedstat(name: &'static str, key: &'static str) -> Metric {
    metric(name, Kind::Counter, Source::Schedstat(key), "has_cpu")
}

const fn load(name: &'static str, path: &'static str) -> Metric {
    metric(name, Kind::Gauge, Source::Number(path), "has_cpu").thousandths()
}

const fn tasks(name: &'static str, key: &'static str) -> Metric {
    metric(name, Kind::Gauge, Source::Tasks(key), "has_load")
}

const fn memory(name: &'static str, path: &'static str) -> Metric {
    metric(name, Kind::Gauge, Source::Number(path), "has_memory")
}

const fn memory_counter(name: &'static str, path: &'static str) -> Metric {
    metric(name, Kind::Counter, Source::Number(path), "has_memory")
}

const fn network(name: &'static str, field: &'static str) -> Metric {
    metric(name, Kind::Counter, Source::Interface(field), "has_network").documented()
}

const fn disk_bytes(name: &'static str, field: &'static str) -> Metric {
    metric(name, Kind::Counter, Source::Device("io_service_bytes", field), "has_diskio")
}

const fn disk_ops(name: &'static str, field: &'static str) -> Metric {
    metric(name, Kind::Counter, Source::Device("io_serviced", field), "has_diskio")
}

const fn disk_pressure(name: &'static str, path: &'static str) -> Metric {
    metric(name, Kind::Counter, Source::Number(path), "has_diskio")
}

const fn filesystem(name: &'static str, source: Source) -> Metric {
    metric(name, Kind::Gauge, source, "has_filesystem")
}

const fn processes(name: &'static str, path: &'static str) -> Metric {
    metric(name, Kind::Gauge, Source::Number(path), "has_processes")
}

const METRICS: &[Metric] = &[
    cpu("cpu.usage", "cpu.usage.total").documented(),
    cpu("cpu.user", "cpu.usage.user"),
    cpu("cpu.system", "cpu.usage.system"),
    cpu("cpu.cfs_periods", "cpu.cfs.periods"),
    cpu("cpu.cfs_throttled_periods", "cpu.cfs.throttled_periods"),
    cpu("cpu.cfs_throttled_time", "cpu.cfs.throttled_time"),
    cpu("cpu.cfs_burst_periods", "cpu.cfs.bursts_periods"),
    cpu("cpu.cfs_burst_time", "cpu.cfs.burst_time"),
    schedstat("cpu.schedstat_run_time", "run_time"),
    schedstat("cpu.schedstat_runqueue_time", "runqueue_time"),
    schedstat("cpu.schedstat_run_periods", "run_periods"),
    cpu("cpu.pressure_some", "cpu.psi.some.total"),
    cpu("cpu.pressure_full", "cpu.psi.full.total"),
    load("cpu.load", "cpu.load_average").documented(),
    load("cpu.load_uninterruptible", "cpu.load_d_average"),
    tasks("tasks.sleeping", "nr_sleeping"),
    tasks("tasks.running", "nr_running"),
    tasks("tasks.stopped", "nr_stopped"),
    tasks("tasks.uninterruptible", "nr_uninterruptible"),
    tasks("tasks.io_wait", "nr_io_wait"),
    memory("memory.usage", "memory.usage").documented(),
    memory("memory.working_set", "memory.working_set"),
    memory("memory.rss", "memory.rss"),
    memory("memory.cache", "memory.cache"),
    memory("memory.swap", "memory.swap"),
    memory("memory.mapped_file", "memory.mapped_file"),
    memory("memory.max_usage", "memory.max_usage"),
    memory("memory.kernel", "memory.kernel"),
    memory("memory.active_file", "memory.total_active_file"),
    memory("memory.inactive_file", "memory.total_inactive_file"),
    memory("memory.file_dirty", "memory.file_dirty"),
    memory("memory.file_writeback", "memory.file_writeback"),
    memory_counter("memory.failures", "memory.failcnt"),
    memory_counter("memory.page_faults", "memory.container_data.pgfault"),
    memory_counter("memory.major_page_faults", "memory.container_data.pgmajfault"),
    memory_counter("memory.pages_scanned", "memory.pgscan"),
    memory_counter("memory.pages_stolen", "memory.pgsteal"),
    memory_counter("memory.refaults_file", "memory.workingset_refault_file"),
    memory_counter("memory.refaults_anon", "memory.workingset_refault_anon"),
    memory_counter("memory.events_high", "memory.events.high"),
    memory_counter("memory.events_max", "memory.events.max"),
    memory_counter("memory.pressure_some", "memory.psi.some.total"),
    memory_counter("memory.pressure_full", "memory.psi.full.total"),
    metric("memory.oom_events", Kind::Counter, Source::Number("oom_events"), ""),
    metric("memory.referenced", Kind::Gauge, Source::Number("referenced_memory"), ""),
    network("network.tx_bytes", "tx_bytes"),
    network("network.rx_bytes", "rx_bytes"),
    network("network.tx_packets", "tx_packets"),
    network("network.rx_packets", "rx_packets"),
    network("network.tx_errors", "tx_errors"),
    network("network.rx_errors", "rx_errors"),
    network("network.tx_dropped", "tx_dropped"),
    network("network.rx_dropped", "rx_dropped"),
    disk_bytes("diskio.async", "Async").documented(),
    disk_bytes("diskio.sync", "Sync").documented(),
    disk_bytes("diskio.read", "Read").documented(),
    disk_bytes("diskio.write", "Write").documented(),
    disk_bytes("diskio.discard", "Discard"),
    disk_ops("diskio.async_ops", "Async"),
    disk_ops("diskio.sync_ops", "Sync"),
    disk_ops("diskio.read_ops", "Read"),
    disk_ops("diskio.write_ops", "Write"),
    disk_ops("diskio.discard_ops", "Discard"),
    disk_pressure("diskio.pressure_some", "diskio.psi.some.total"),
    disk_pressure("diskio.pressure_full", "diskio.psi.full.total"),
    filesystem("filesystem.usage", Source::FileSystem("usage", Some("totalUsageBytes"))),
    filesystem("filesystem.base_usage", Source::FileSystem("base_usage", Some("baseUsageBytes"))),
    filesystem("filesystem.capacity", Source::FileSystem("capacity", None)),
    filesystem("filesystem.available", Source::FileSystem("available", None)),
    filesystem("filesystem.inodes", Source::Inodes("inodes")),
    filesystem("filesystem.inodes_free", Source::Inodes("inodes_free")),
    processes("processes.count", "processes.process_count"),
    processes("processes.fds", "processes.fd_count"),
    processes("processes.sockets", "processes.socket_count"),
    processes("processes.threads", "processes.threads_current"),
    processes("processes.threads_max", "processes.threads_max"),
    metric("gpu.memory_used", Kind::Gauge, Source::Accelerators("memory_used"), ""),
    metric("gpu.memory_total", Kind::Gauge, Source::Accelerators("memory_total"), ""),
];
