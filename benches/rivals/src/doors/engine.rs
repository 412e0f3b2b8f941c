//! The Engine's stats, as structs.

use std::collections::BTreeMap;

use cmetrics_core::{Metric, Sample, Timestamp};
use serde::Deserialize;

use super::{Document, DocumentOf};

pub(crate) struct Family;

impl DocumentOf for Family {
    type Document<'t> = Stats<'t>;
}

#[derive(Deserialize)]
pub(crate) struct Stats<'t> {
    read: &'t str,
    preread: &'t str,
    #[allow(dead_code, reason = "read by all")]
    id: &'t str,
    #[allow(dead_code, reason = "read by all")]
    name: &'t str,
    pids_stats: Pids,
    blkio_stats: Blkio<'t>,
    cpu_stats: Cpu,
    precpu_stats: Cpu,
    memory_stats: Memory,
    #[serde(borrow)]
    networks: BTreeMap<&'t str, Interface>,
}

#[derive(Deserialize)]
struct Pids {
    current: u64,
    limit: u64,
}

#[derive(Deserialize)]
struct Blkio<'t> {
    #[serde(borrow)]
    io_service_bytes_recursive: Vec<Entry<'t>>,
    #[serde(borrow)]
    io_serviced_recursive: Vec<Entry<'t>>,
}

#[derive(Deserialize)]
struct Entry<'t> {
    major: u64,
    minor: u64,
    op: &'t str,
    value: u64,
}

#[derive(Deserialize)]
struct Cpu {
    cpu_usage: Usage,
    throttling_data: Throttling,
}

#[derive(Deserialize)]
#[allow(clippy::struct_field_names, reason = "the Engine's names")]
struct Usage {
    total_usage: u64,
    usage_in_kernelmode: u64,
    usage_in_usermode: u64,
}

#[derive(Deserialize)]
struct Throttling {
    periods: u64,
    throttled_periods: u64,
    throttled_time: u64,
}

#[derive(Deserialize)]
struct Memory {
    usage: u64,
    max_usage: u64,
    failcnt: Option<u64>,
    stats: MemoryStats,
}

#[derive(Deserialize)]
struct MemoryStats {
    total_rss: u64,
    total_cache: u64,
    total_mapped_file: u64,
    total_swap: Option<u64>,
    total_active_file: u64,
    total_inactive_file: u64,
    pgfault: u64,
    pgmajfault: u64,
}

#[derive(Deserialize)]
struct Interface {
    rx_bytes: u64,
    rx_packets: u64,
    rx_errors: u64,
    rx_dropped: u64,
    tx_bytes: u64,
    tx_packets: u64,
    tx_errors: u64,
    tx_dropped: u64,
}

fn time(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time").expect("after the epoch")
}

fn set_cpu(cpu: &Cpu, sample: &mut Sample) {
    sample.set(Metric::CpuUsage, cpu.cpu_usage.total_usage);
    sample.set(Metric::CpuUser, cpu.cpu_usage.usage_in_usermode);
    sample.set(Metric::CpuSystem, cpu.cpu_usage.usage_in_kernelmode);
    sample.set(Metric::CpuCfsPeriods, cpu.throttling_data.periods);
    sample.set(Metric::CpuCfsThrottledPeriods, cpu.throttling_data.throttled_periods);
    sample.set(Metric::CpuCfsThrottledTime, cpu.throttling_data.throttled_time);
}

fn set_devices(entries: &[Entry<'_>], names: [(&str, Metric); 5], sample: &mut Sample) {
    for entry in entries {
        if let Some((_, metric)) = names.iter().find(|(name, _)| *name == entry.op) {
            sample.device((entry.major, entry.minor)).set(*metric, entry.value);
        }
    }
}

impl<'t> Document<'t> for Stats<'t> {
    fn samples(&self, take: &mut dyn FnMut(&Sample)) {
        let mut before = Sample::new(time(self.preread));
        set_cpu(&self.precpu_stats, &mut before);
        take(&before);
        let mut sample = Sample::new(time(self.read));
        set_cpu(&self.cpu_stats, &mut sample);
        let (memory, stats) = (&self.memory_stats, &self.memory_stats.stats);
        sample.set(Metric::MemoryUsage, memory.usage);
        let working_set = memory.usage.saturating_sub(stats.total_inactive_file);
        sample.set(Metric::MemoryWorkingSet, working_set);
        sample.set(Metric::MemoryRss, stats.total_rss);
        sample.set(Metric::MemoryCache, stats.total_cache);
        if let Some(swap) = stats.total_swap {
            sample.set(Metric::MemorySwap, swap);
        }
        sample.set(Metric::MemoryMappedFile, stats.total_mapped_file);
        sample.set(Metric::MemoryMaxUsage, memory.max_usage);
        sample.set(Metric::MemoryActiveFile, stats.total_active_file);
        sample.set(Metric::MemoryInactiveFile, stats.total_inactive_file);
        sample.set(Metric::MemoryFailures, memory.failcnt.unwrap_or(0));
        sample.set(Metric::MemoryPageFaults, stats.pgfault);
        sample.set(Metric::MemoryMajorPageFaults, stats.pgmajfault);
        sample.set(Metric::ProcessesThreads, self.pids_stats.current);
        sample.set(Metric::ProcessesThreadsMax, self.pids_stats.limit);
        for (name, one) in &self.networks {
            let mut entry = sample.push_interface(name);
            entry.set(Metric::NetworkTxBytes, one.tx_bytes);
            entry.set(Metric::NetworkRxBytes, one.rx_bytes);
            entry.set(Metric::NetworkTxPackets, one.tx_packets);
            entry.set(Metric::NetworkRxPackets, one.rx_packets);
            entry.set(Metric::NetworkTxErrors, one.tx_errors);
            entry.set(Metric::NetworkRxErrors, one.rx_errors);
            entry.set(Metric::NetworkTxDropped, one.tx_dropped);
            entry.set(Metric::NetworkRxDropped, one.rx_dropped);
        }
        let bytes = [
            ("Read", Metric::DiskioRead),
            ("Write", Metric::DiskioWrite),
            ("Sync", Metric::DiskioSync),
            ("Async", Metric::DiskioAsync),
            ("Discard", Metric::DiskioDiscard),
        ];
        set_devices(&self.blkio_stats.io_service_bytes_recursive, bytes, &mut sample);
        let operations = [
            ("Read", Metric::DiskioReadOps),
            ("Write", Metric::DiskioWriteOps),
            ("Sync", Metric::DiskioSyncOps),
            ("Async", Metric::DiskioAsyncOps),
            ("Discard", Metric::DiskioDiscardOps),
        ];
        set_devices(&self.blkio_stats.io_serviced_recursive, operations, &mut sample);
        take(&sample);
    }
}
