//! The limits of a container.

use serde::{Deserialize, Serialize};

/// What a container may use; `None` where it has no such limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Limits {
    /// Cores: the CPU quota over its period.
    pub cpu_cores: Option<f64>,
    /// Relative weight against other containers, in CPU shares (cAdvisor converts other weights).
    pub cpu_shares: Option<u64>,
    /// Bytes of memory.
    pub memory_bytes: Option<u64>,
    /// Bytes of memory that are reserved for it when memory is short.
    pub memory_reservation_bytes: Option<u64>,
    /// Bytes of memory and swap together.
    pub swap_bytes: Option<u64>,
    /// Processes.
    pub processes: Option<u64>,
    /// CPUs of the machine, where documents tell them apart from what containers may use; of the
    /// machine itself (`/`) alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machine_cpus: Option<u64>,
    /// Bytes of memory of the machine; of the machine itself alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machine_memory_bytes: Option<u64>,
}

impl Limits {
    /// The limit that a source writes as this number. 0 means that there is none, and so does a
    /// number of at least 2^62: sources write several such.
    pub(crate) fn told(written: u64) -> Option<u64> {
        const UNLIMITED: u64 = 1 << 62;
        (1..UNLIMITED).contains(&written).then_some(written)
    }

    /// These limits, and of those that are missing the other's.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            cpu_cores: self.cpu_cores.or(other.cpu_cores),
            cpu_shares: self.cpu_shares.or(other.cpu_shares),
            memory_bytes: self.memory_bytes.or(other.memory_bytes),
            memory_reservation_bytes: self
                .memory_reservation_bytes
                .or(other.memory_reservation_bytes),
            swap_bytes: self.swap_bytes.or(other.swap_bytes),
            processes: self.processes.or(other.processes),
            machine_cpus: self.machine_cpus.or(other.machine_cpus),
            machine_memory_bytes: self.machine_memory_bytes.or(other.machine_memory_bytes),
        }
    }

    /// The larger of both, limit by limit.
    pub(crate) fn larger(self, other: Self) -> Self {
        let cores = [self.cpu_cores, other.cpu_cores].into_iter().flatten();
        Self {
            cpu_cores: cores.reduce(f64::max),
            cpu_shares: self.cpu_shares.max(other.cpu_shares),
            memory_bytes: self.memory_bytes.max(other.memory_bytes),
            memory_reservation_bytes: self
                .memory_reservation_bytes
                .max(other.memory_reservation_bytes),
            swap_bytes: self.swap_bytes.max(other.swap_bytes),
            processes: self.processes.max(other.processes),
            machine_cpus: self.machine_cpus.max(other.machine_cpus),
            machine_memory_bytes: self.machine_memory_bytes.max(other.machine_memory_bytes),
        }
    }
}
