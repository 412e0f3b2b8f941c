//! Limits as lists in JSON have them.

use serde::Serialize;

use super::Limits;

/// The limits of a container as the command writes them: all members, and `null` for what is not
/// limited or not known.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct LimitsJson {
    cpu_cores: Option<f64>,
    cpu_shares: Option<u64>,
    memory_bytes: Option<u64>,
    memory_reservation_bytes: Option<u64>,
    swap_bytes: Option<u64>,
    processes: Option<u64>,
}

impl From<Limits> for LimitsJson {
    fn from(limits: Limits) -> Self {
        Self {
            cpu_cores: limits.cpu_cores,
            cpu_shares: limits.cpu_shares,
            memory_bytes: limits.memory_bytes,
            memory_reservation_bytes: limits.memory_reservation_bytes,
            swap_bytes: limits.swap_bytes,
            processes: limits.processes,
        }
    }
}
