//! The kubelet's summary, as structs. The documents have one time for all sections of a subject.

use cmetrics_core::{Metric, Sample, Timestamp};
use serde::Deserialize;

use super::{Document, DocumentOf};

pub(crate) struct Family;

impl DocumentOf for Family {
    type Document<'t> = Summary<'t>;
}

#[derive(Deserialize)]
pub(crate) struct Summary<'t> {
    #[serde(borrow)]
    node: Subject<'t>,
    #[serde(borrow)]
    pods: Vec<Subject<'t>>,
}

#[derive(Deserialize)]
struct Subject<'t> {
    #[serde(borrow)]
    cpu: Cpu<'t>,
    memory: Memory,
    io: Io,
    swap: Swap,
    #[serde(borrow)]
    network: Option<Network<'t>>,
    rootfs: Option<Disk>,
    logs: Option<Disk>,
    #[serde(rename = "ephemeral-storage")]
    storage: Option<Disk>,
    fs: Option<Disk>,
    process_stats: Option<Processes>,
    #[serde(borrow, default)]
    containers: Vec<Subject<'t>>,
    #[serde(borrow, default, rename = "systemContainers")]
    system_containers: Vec<Subject<'t>>,
    #[allow(dead_code, reason = "read by all")]
    #[serde(borrow, rename = "podRef")]
    pod: Option<Pod<'t>>,
    #[allow(dead_code, reason = "read by all")]
    name: Option<&'t str>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "read by all")]
struct Pod<'t> {
    name: &'t str,
    namespace: &'t str,
    uid: &'t str,
}

#[derive(Deserialize)]
struct Psi {
    some: Total,
    full: Total,
}

#[derive(Deserialize)]
struct Total {
    total: u64,
}

#[derive(Deserialize)]
struct Cpu<'t> {
    time: &'t str,
    #[serde(rename = "usageCoreNanoSeconds")]
    usage: u64,
    psi: Psi,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Memory {
    usage_bytes: u64,
    working_set_bytes: u64,
    rss_bytes: u64,
    page_faults: u64,
    major_page_faults: u64,
    psi: Psi,
}

#[derive(Deserialize)]
struct Io {
    psi: Psi,
}

#[derive(Deserialize)]
struct Swap {
    #[serde(rename = "swapUsageBytes")]
    usage: u64,
}

#[derive(Deserialize)]
struct Network<'t> {
    #[serde(borrow)]
    interfaces: Vec<Interface<'t>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Interface<'t> {
    name: &'t str,
    rx_bytes: u64,
    rx_errors: u64,
    tx_bytes: u64,
    tx_errors: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Disk {
    used_bytes: u64,
    capacity_bytes: u64,
    available_bytes: u64,
    inodes: u64,
    inodes_free: u64,
}

#[derive(Deserialize)]
struct Processes {
    process_count: u64,
}

impl Subject<'_> {
    fn take(&self, take: &mut dyn FnMut(&Sample)) {
        let time = Timestamp::parse(self.cpu.time).expect("a time").expect("after the epoch");
        let mut sample = Sample::new(time);
        sample.set(Metric::CpuUsage, self.cpu.usage);
        sample.set(Metric::CpuPressureSome, self.cpu.psi.some.total);
        sample.set(Metric::CpuPressureFull, self.cpu.psi.full.total);
        sample.set(Metric::MemoryUsage, self.memory.usage_bytes);
        sample.set(Metric::MemoryWorkingSet, self.memory.working_set_bytes);
        sample.set(Metric::MemoryRss, self.memory.rss_bytes);
        sample.set(Metric::MemorySwap, self.swap.usage);
        sample.set(Metric::MemoryPageFaults, self.memory.page_faults);
        sample.set(Metric::MemoryMajorPageFaults, self.memory.major_page_faults);
        sample.set(Metric::MemoryPressureSome, self.memory.psi.some.total);
        sample.set(Metric::MemoryPressureFull, self.memory.psi.full.total);
        sample.set(Metric::DiskioPressureSome, self.io.psi.some.total);
        sample.set(Metric::DiskioPressureFull, self.io.psi.full.total);
        if let Some((rootfs, logs)) = self.rootfs.as_ref().zip(self.logs.as_ref()) {
            sample.set(Metric::FilesystemUsage, rootfs.used_bytes + logs.used_bytes);
            sample.set(Metric::FilesystemBaseUsage, rootfs.used_bytes);
            set_disk(rootfs, &mut sample);
        }
        if let Some(disk) = self.storage.as_ref().or(self.fs.as_ref()) {
            sample.set(Metric::FilesystemUsage, disk.used_bytes);
            set_disk(disk, &mut sample);
        }
        if let Some(processes) = &self.process_stats {
            sample.set(Metric::ProcessesCount, processes.process_count);
        }
        for interface in self.network.iter().flat_map(|network| &network.interfaces) {
            let mut entry = sample.push_interface(interface.name);
            entry.set(Metric::NetworkTxBytes, interface.tx_bytes);
            entry.set(Metric::NetworkRxBytes, interface.rx_bytes);
            entry.set(Metric::NetworkTxErrors, interface.tx_errors);
            entry.set(Metric::NetworkRxErrors, interface.rx_errors);
        }
        take(&sample);
        for inner in self.containers.iter().chain(&self.system_containers) {
            inner.take(take);
        }
    }
}

fn set_disk(disk: &Disk, sample: &mut Sample) {
    sample.set(Metric::FilesystemCapacity, disk.capacity_bytes);
    sample.set(Metric::FilesystemAvailable, disk.available_bytes);
    sample.set(Metric::FilesystemInodes, disk.inodes);
    sample.set(Metric::FilesystemInodesFree, disk.inodes_free);
}

impl<'t> Document<'t> for Summary<'t> {
    fn samples(&self, take: &mut dyn FnMut(&Sample)) {
        self.node.take(take);
        self.pods.iter().for_each(|pod| pod.take(take));
    }
}
