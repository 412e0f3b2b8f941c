//! simdjson On-Demand, in C++ (`on_demand.cpp`): it adds up what it reads, and makes no samples.

use std::ffi::{CStr, c_char, c_int};

use cmetrics_core::Metric;

use super::tally::Tally;

/// The reader of `on_demand.cpp`.
#[repr(C)]
struct Reader {
    _private: [u8; 0],
}

#[repr(C)]
#[derive(Default)]
struct Sums {
    samples: u64,
    readings: u64,
    sum: u64,
}

unsafe extern "C" {
    fn doors_new(weights: *const u64, count: u64) -> *mut Reader;
    fn doors_free(reader: *mut Reader);
    fn doors_padding() -> u64;
    fn doors_instructions() -> *const c_char;
    fn doors_read(
        reader: *mut Reader,
        door: c_int,
        start: *const u8,
        length: u64,
        capacity: u64,
        sums: &mut Sums,
    ) -> bool;
}

/// In the order of `Metric` in `on_demand.cpp`.
const METRICS: [Metric; 51] = [
    Metric::CpuUsage,
    Metric::CpuUser,
    Metric::CpuSystem,
    Metric::CpuCfsPeriods,
    Metric::CpuCfsThrottledPeriods,
    Metric::CpuCfsThrottledTime,
    Metric::CpuPressureSome,
    Metric::CpuPressureFull,
    Metric::MemoryUsage,
    Metric::MemoryWorkingSet,
    Metric::MemoryRss,
    Metric::MemoryCache,
    Metric::MemorySwap,
    Metric::MemoryMappedFile,
    Metric::MemoryMaxUsage,
    Metric::MemoryActiveFile,
    Metric::MemoryInactiveFile,
    Metric::MemoryFailures,
    Metric::MemoryPageFaults,
    Metric::MemoryMajorPageFaults,
    Metric::MemoryPressureSome,
    Metric::MemoryPressureFull,
    Metric::ProcessesThreads,
    Metric::ProcessesThreadsMax,
    Metric::ProcessesCount,
    Metric::NetworkTxBytes,
    Metric::NetworkRxBytes,
    Metric::NetworkTxPackets,
    Metric::NetworkRxPackets,
    Metric::NetworkTxErrors,
    Metric::NetworkRxErrors,
    Metric::NetworkTxDropped,
    Metric::NetworkRxDropped,
    Metric::DiskioRead,
    Metric::DiskioWrite,
    Metric::DiskioSync,
    Metric::DiskioAsync,
    Metric::DiskioDiscard,
    Metric::DiskioReadOps,
    Metric::DiskioWriteOps,
    Metric::DiskioSyncOps,
    Metric::DiskioAsyncOps,
    Metric::DiskioDiscardOps,
    Metric::DiskioPressureSome,
    Metric::DiskioPressureFull,
    Metric::FilesystemUsage,
    Metric::FilesystemBaseUsage,
    Metric::FilesystemCapacity,
    Metric::FilesystemAvailable,
    Metric::FilesystemInodes,
    Metric::FilesystemInodesFree,
];

/// simdjson On-Demand, with its buffers.
pub(crate) struct OnDemand(*mut Reader);

impl OnDemand {
    pub(crate) fn new() -> Self {
        let weights = METRICS.map(|metric| metric as u64 + 1);
        // SAFETY: it copies so many weights; what it returns is freed once, when this is dropped.
        let reader = unsafe { doors_new(weights.as_ptr(), weights.len() as u64) };
        assert!(!reader.is_null(), "as many metrics on both sides");
        Self(reader)
    }

    /// Adds what a document of this door says.
    pub(crate) fn read(&mut self, door: &str, document: &Vec<u8>, tally: &mut Tally) {
        let door = ["engine", "summary", "otlp"].iter().position(|known| *known == door);
        let door = c_int::try_from(door.expect("a door")).expect("few doors");
        let (length, capacity) = (document.len() as u64, document.capacity() as u64);
        let mut sums = Sums::default();
        // SAFETY: so many bytes belong to the document, which lives on and is not written to. What
        // lies behind its length decides nothing.
        let sound =
            unsafe { doors_read(self.0, door, document.as_ptr(), length, capacity, &mut sums) };
        assert!(sound, "a sound document");
        tally.add_sums(sums.samples, sums.readings, sums.sum);
    }
}

impl Drop for OnDemand {
    fn drop(&mut self) {
        // SAFETY: `doors_new` made it, and nothing else frees it.
        unsafe { doors_free(self.0) }
    }
}

/// What it was compiled for.
pub(crate) fn instructions() -> &'static str {
    // SAFETY: the name is a static text of the program, ended by a zero.
    let name = unsafe { CStr::from_ptr(doors_instructions()) };
    name.to_str().unwrap_or_default()
}

/// Makes room for the bytes beyond a document's end that it may look at.
pub(crate) fn make_room(document: &mut Vec<u8>) {
    // SAFETY: it only tells a constant.
    let padding = unsafe { doors_padding() };
    document.reserve(usize::try_from(padding).expect("a few bytes"));
}
