//! The structs for every metric that cmetrics knows.

use cmetrics_core::metric::Section;
use cmetrics_core::Metric;
use serde::Deserialize;

use crate::filler::Flat;
use crate::typed::{Device, Flags, Network, Stats};

/// A struct of counts, each with the metric that it is.
macro_rules! counts {
    ($name:ident { $($field:ident: $metric:ident),+ $(,)? } $($other:ident: $type:ty),* $(,)?) => {
        #[derive(Debug, Default, Deserialize)]
        #[allow(clippy::struct_field_names, reason = "cAdvisor's names")]
        struct $name {
            $($field: Option<u64>,)+
            $($other: Option<$type>,)*
        }

        impl $name {
            fn put(&self, flat: &mut Flat<'_>) {
                $(flat.put(Metric::$metric, self.$field);)+
            }
        }
    };
}

#[derive(Debug, Deserialize)]
pub(crate) struct All<'t> {
    timestamp: &'t str,
    cpu: Option<Cpu>,
    task_stats: Option<TaskStats>,
    memory: Option<Memory>,
    #[serde(borrow)]
    network: Option<Network<'t>>,
    diskio: Option<Diskio>,
    filesystem: Option<Vec<Filesystem>>,
    processes: Option<Processes>,
    accelerators: Option<Vec<Accelerator>>,
    oom_events: Option<u64>,
    referenced_memory: Option<u64>,
}

counts!(Cpu { load_average: CpuLoad, load_d_average: CpuLoadUninterruptible }
    usage: Usage, cfs: Cfs, schedstat: Schedstat, psi: Pressure);
counts!(Usage { total: CpuUsage, user: CpuUser, system: CpuSystem });
counts!(Cfs {
    periods: CpuCfsPeriods,
    throttled_periods: CpuCfsThrottledPeriods,
    throttled_time: CpuCfsThrottledTime,
    bursts_periods: CpuCfsBurstPeriods,
    burst_time: CpuCfsBurstTime,
});
counts!(Schedstat {
    run_time: CpuSchedstatRunTime,
    runqueue_time: CpuSchedstatRunqueueTime,
    run_periods: CpuSchedstatRunPeriods,
});
counts!(TaskStats {
    nr_sleeping: TasksSleeping,
    nr_running: TasksRunning,
    nr_stopped: TasksStopped,
    nr_uninterruptible: TasksUninterruptible,
    nr_io_wait: TasksIoWait,
});
counts!(Memory {
    usage: MemoryUsage,
    working_set: MemoryWorkingSet,
    rss: MemoryRss,
    cache: MemoryCache,
    swap: MemorySwap,
    mapped_file: MemoryMappedFile,
    max_usage: MemoryMaxUsage,
    kernel: MemoryKernel,
    total_active_file: MemoryActiveFile,
    total_inactive_file: MemoryInactiveFile,
    file_dirty: MemoryFileDirty,
    file_writeback: MemoryFileWriteback,
    failcnt: MemoryFailures,
    pgscan: MemoryPagesScanned,
    pgsteal: MemoryPagesStolen,
    workingset_refault_file: MemoryRefaultsFile,
    workingset_refault_anon: MemoryRefaultsAnon,
} container_data: Faults, events: MemoryEvents, psi: Pressure);
counts!(Faults { pgfault: MemoryPageFaults, pgmajfault: MemoryMajorPageFaults });
counts!(MemoryEvents { high: MemoryEventsHigh, max: MemoryEventsMax });
counts!(Processes {
    process_count: ProcessesCount,
    fd_count: ProcessesFds,
    socket_count: ProcessesSockets,
    threads_current: ProcessesThreads,
    threads_max: ProcessesThreadsMax,
});

#[derive(Debug, Deserialize)]
struct Pressure {
    some: Option<Total>,
    full: Option<Total>,
}

#[derive(Debug, Deserialize)]
struct Total {
    total: Option<u64>,
}

impl Pressure {
    fn put(&self, some: Metric, full: Metric, flat: &mut Flat<'_>) {
        flat.put(some, self.some.as_ref().and_then(|line| line.total));
        flat.put(full, self.full.as_ref().and_then(|line| line.total));
    }
}

#[derive(Debug, Deserialize)]
struct Diskio {
    io_service_bytes: Option<Vec<Device>>,
    io_serviced: Option<Vec<Device>>,
    psi: Option<Pressure>,
}

#[derive(Debug, Deserialize)]
struct Filesystem {
    usage: Option<u64>,
    base_usage: Option<u64>,
    capacity: Option<u64>,
    available: Option<u64>,
    has_inodes: Option<bool>,
    inodes: Option<u64>,
    inodes_free: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Accelerator {
    memory_used: Option<u64>,
    memory_total: Option<u64>,
}

impl Cpu {
    fn flatten(&self, flat: &mut Flat<'_>) {
        flat.sections.push(Section::Cpu);
        self.put(flat);
        self.usage.iter().for_each(|usage| usage.put(flat));
        self.cfs.iter().for_each(|cfs| cfs.put(flat));
        // Zeros only: the collector was told not to measure it.
        let measured = |stat: &&Schedstat| {
            [stat.run_time, stat.runqueue_time, stat.run_periods].iter().flatten().any(|&n| n > 0)
        };
        self.schedstat.iter().filter(measured).for_each(|schedstat| schedstat.put(flat));
        if let Some(psi) = &self.psi {
            psi.put(Metric::CpuPressureSome, Metric::CpuPressureFull, flat);
        }
    }
}

impl Memory {
    fn flatten(&self, flat: &mut Flat<'_>) {
        flat.sections.push(Section::Memory);
        self.put(flat);
        self.container_data.iter().for_each(|faults| faults.put(flat));
        self.events.iter().for_each(|events| events.put(flat));
        if let Some(psi) = &self.psi {
            psi.put(Metric::MemoryPressureSome, Metric::MemoryPressureFull, flat);
        }
    }
}

impl Diskio {
    fn flatten(&self, flat: &mut Flat<'_>) {
        flat.sections.push(Section::Diskio);
        let bytes = self.io_service_bytes.iter().flatten().map(|device| device.bytes(true));
        let operations = self.io_serviced.iter().flatten().map(Device::operations);
        flat.devices.extend(bytes.chain(operations));
        if let Some(psi) = &self.psi {
            psi.put(Metric::DiskioPressureSome, Metric::DiskioPressureFull, flat);
        }
    }
}

/// The sum of what some of the entries of a list have.
fn sum(mut values: impl Iterator<Item = u64>) -> Option<u64> {
    let first = values.next()?;
    values.try_fold(first, u64::checked_add)
}

fn filesystems(list: &[Filesystem], flat: &mut Flat<'_>) {
    flat.sections.push(Section::Filesystem);
    let with_inodes = || list.iter().filter(|one| one.has_inodes != Some(false));
    flat.put(Metric::FilesystemUsage, sum(list.iter().filter_map(|one| one.usage)));
    flat.put(Metric::FilesystemBaseUsage, sum(list.iter().filter_map(|one| one.base_usage)));
    flat.put(Metric::FilesystemCapacity, sum(list.iter().filter_map(|one| one.capacity)));
    flat.put(Metric::FilesystemAvailable, sum(list.iter().filter_map(|one| one.available)));
    flat.put(Metric::FilesystemInodes, sum(with_inodes().filter_map(|one| one.inodes)));
    flat.put(Metric::FilesystemInodesFree, sum(with_inodes().filter_map(|one| one.inodes_free)));
}

impl<'t> Stats<'t> for All<'t> {
    fn flatten(&self, flags: &Flags, flat: &mut Flat<'t>) {
        flat.begin(self.timestamp);
        let allow = |section| flags.allow(section);
        self.cpu.iter().filter(|_| allow(Section::Cpu)).for_each(|cpu| cpu.flatten(flat));
        self.memory.iter().filter(|_| allow(Section::Memory)).for_each(|own| own.flatten(flat));
        self.network.iter().filter(|_| allow(Section::Network)).for_each(|own| own.flatten(flat));
        self.diskio.iter().filter(|_| allow(Section::Diskio)).for_each(|own| own.flatten(flat));
        if let Some(tasks) = &self.task_stats {
            flat.sections.push(Section::TaskStats);
            tasks.put(flat);
        }
        if let Some(list) = self.filesystem.as_ref().filter(|_| allow(Section::Filesystem)) {
            filesystems(list, flat);
        }
        if let Some(processes) = self.processes.as_ref().filter(|_| allow(Section::Processes)) {
            flat.sections.push(Section::Processes);
            processes.put(flat);
        }
        if let Some(list) = &self.accelerators {
            flat.sections.push(Section::Gpu);
            flat.put(Metric::GpuMemoryUsed, sum(list.iter().filter_map(|one| one.memory_used)));
            flat.put(Metric::GpuMemoryTotal, sum(list.iter().filter_map(|one| one.memory_total)));
        }
        flat.put(Metric::MemoryOomEvents, self.oom_events);
        flat.put(Metric::MemoryReferenced, self.referenced_memory);
        flat.sections.extend(self.referenced_memory.map(|_| Section::ReferencedMemory));
    }
}
