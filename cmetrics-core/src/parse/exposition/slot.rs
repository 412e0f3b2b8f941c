//! What a row means, and what its value and time are.

use super::families::Limit;
use super::plan::ABSENT;
use crate::metric::{Metric, Scope};
use crate::parse::decimal::Decimal;

/// What a row means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) kind: Kind,
    pub(super) check: Check,
    /// By how many decimal places the value is shifted.
    pub(super) shift: u8,
    pub(super) is_of_disks: bool,
    /// Whether its container is named by its pod, or a node.
    pub(super) is_resource: bool,
    /// The container, or the machine.
    pub(super) subject: u32,
    pub(super) cell: u32,
    pub(super) captions: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing that is read.
    #[default]
    Other,
    /// A reading of no container.
    Nameless,
    /// A reading of a container that means something else than its name says.
    LeftOut,
    Reading,
    /// A reading of a metric that is not read: all that it says is that there is a sample.
    Sign,
    Limit(Limit),
    /// When the container was created.
    Creation,
    MachineCpus,
    MachineMemory,
}

/// Which values are no readings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Check {
    #[default]
    Any,
    /// From 2^63 on: a difference below 0.
    Swap,
    /// 0, which stands for none.
    NotZero,
}

/// By how many decimal places seconds are shifted to nanoseconds.
pub(super) const SECONDS: u8 = 9;

/// What is wrong with a row whose form is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The value does not fit 64 bits.
    TooLarge,
    /// The time is beyond the year 2262.
    Time,
    /// It has no time, and the time of the scrape is not known.
    NoTime,
    /// It is a row of a container, but does not name it.
    NoContainer,
    /// It comes again, without a time of its own.
    Repeated,
    /// Another scrape begins with it, and what was read of those before takes much room.
    NewScrape,
    /// There are more containers or readings than there is room for.
    NoRoom,
}

impl Slot {
    /// The reading that a value is; `None` if it is none.
    #[inline]
    pub(super) fn reading(self, value: Decimal) -> Result<Option<u64>, Fault> {
        const WRAPPED: u64 = 1 << 63;
        let read = match (value.shifted(self.shift), self.check) {
            (Some(0), Check::NotZero) => None,
            (Some(value), Check::Swap) if value >= WRAPPED => None,
            // The largest value is in the place of none.
            (Some(ABSENT), _) => return Err(Fault::TooLarge),
            (Some(value), _) => Some(value),
            (None, _) if value.is_negative() => None,
            (None, Check::Swap) => None,
            (None, _) => return Err(Fault::TooLarge),
        };
        Ok(read)
    }

    /// The container that the row is of, for the place of an error.
    pub(super) fn container(self) -> Option<u32> {
        let is_of_one =
            matches!(self.kind, Kind::Reading | Kind::Sign | Kind::Limit(_) | Kind::Creation);
        is_of_one.then_some(self.subject)
    }
}

/// Whether the metric is of a block device.
pub(super) fn needs_devices(metric: Metric) -> bool {
    metric.scope() == Scope::Device
}

/// Whether rows that the container runtime made have something else under this name: pressure in
/// other units, the limit as the largest usage, the stack as the kernel's memory.
pub(super) fn is_misnamed(metric: Metric) -> bool {
    matches!(
        metric,
        Metric::MemoryMaxUsage
            | Metric::MemoryKernel
            | Metric::CpuPressureSome
            | Metric::CpuPressureFull
            | Metric::MemoryPressureSome
            | Metric::MemoryPressureFull
            | Metric::DiskioPressureSome
            | Metric::DiskioPressureFull
    )
}
