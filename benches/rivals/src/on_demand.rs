//! simdjson On-Demand, in C++ (`on_demand.cpp`): it fills flat structs, and samples are made of
//! them here.

use std::ffi::{CStr, c_char};

use cmetrics_core::metric::Section;
use cmetrics_core::{Metric, Sample};

use crate::filler::{Filler, Flat, OF_DEVICE};
use crate::rival::Rival;

/// The reader of `on_demand.cpp`.
#[repr(C)]
struct Reader {
    _private: [u8; 0],
}

#[repr(C)]
struct FlatInterface {
    name: *const u8,
    name_length: usize,
    values: [u64; 8],
    present: u64,
}

#[repr(C)]
struct FlatDevice {
    major: u64,
    minor: u64,
    values: [u64; 4],
    present: u64,
}

#[repr(C)]
struct FlatSample {
    time: *const u8,
    time_length: usize,
    sections: u64,
    values: [u64; 3],
    present: u64,
    first_interface: usize,
    interfaces: usize,
    first_device: usize,
    devices: usize,
}

const _: () = assert!(size_of::<usize>() == size_of::<u64>(), "lengths are 64 bits wide");

unsafe extern "C" {
    fn on_demand_new() -> *mut Reader;
    fn on_demand_free(reader: *mut Reader);
    fn on_demand_instructions() -> *const c_char;
    fn on_demand_padding() -> u64;
    fn on_demand_read(reader: *mut Reader, start: *const u8, length: u64, capacity: u64) -> bool;
    fn on_demand_samples(reader: *const Reader, length: &mut usize) -> *const FlatSample;
    fn on_demand_interfaces(reader: *const Reader, length: &mut usize) -> *const FlatInterface;
    fn on_demand_devices(reader: *const Reader, length: &mut usize) -> *const FlatDevice;
}

/// simdjson On-Demand, with its buffers.
pub(crate) struct OnDemand {
    reader: *mut Reader,
    filler: Filler,
    padded: Vec<u8>,
    /// Whether samples are made of the flat structs, rather than nothing.
    fills: bool,
}

impl OnDemand {
    pub(crate) fn new(fills: bool) -> Self {
        // SAFETY: it takes nothing; what it returns is freed once, when this is dropped.
        let reader = unsafe { on_demand_new() };
        Self { reader, filler: Filler::new(), padded: Vec::new(), fills }
    }

    /// What instructions it uses.
    pub(crate) fn instructions() -> &'static str {
        // SAFETY: the name is a static text of the library, ended by a zero.
        let name = unsafe { CStr::from_ptr(on_demand_instructions()) };
        name.to_str().unwrap_or_default()
    }
}

impl Drop for OnDemand {
    fn drop(&mut self) {
        // SAFETY: `on_demand_new` made it, and nothing else frees it.
        unsafe { on_demand_free(self.reader) }
    }
}

/// How many bytes beyond a document's end it may look at.
fn padding() -> usize {
    // SAFETY: it only tells a constant.
    usize::try_from(unsafe { on_demand_padding() }).expect("a few bytes")
}

/// The list that C++ keeps at `start`; an empty one may have no place.
///
/// # Safety
/// So many values lie there, and stay while `'t` lasts.
unsafe fn list<'t, T>(start: *const T, length: usize) -> &'t [T] {
    if length == 0 {
        return &[];
    }
    // SAFETY: by this function's own condition.
    unsafe { std::slice::from_raw_parts(start, length) }
}

/// A text within the document.
///
/// # Safety
/// As for [`list`].
unsafe fn text<'t>(start: *const u8, length: usize) -> &'t str {
    // SAFETY: by this function's own condition.
    std::str::from_utf8(unsafe { list(start, length) }).expect("UTF-8")
}

impl Rival for OnDemand {
    /// It may look at some bytes beyond the end. Working sets leave room for that; only where
    /// there is none, the document is copied.
    fn prepare(&mut self, document: &Vec<u8>) {
        self.padded.clear();
        if document.capacity() - document.len() < padding() {
            self.padded.reserve(document.len() + padding());
            self.padded.extend_from_slice(document);
        }
    }

    fn read(&mut self, document: &Vec<u8>, take: &mut dyn FnMut(&Sample)) {
        let padded = if self.padded.is_empty() { document } else { &self.padded };
        let (start, length, capacity) = (padded.as_ptr(), padded.len(), padded.capacity());
        // SAFETY: so many bytes belong to that list, which lives on and is not written to. What
        // lies behind its length decides nothing.
        let sound = unsafe { on_demand_read(self.reader, start, length as u64, capacity as u64) };
        assert!(sound, "a sound document");
        let (mut samples, mut interfaces, mut devices) = (0, 0, 0);
        // SAFETY: the lists are the reader's own, of the lengths that it tells, and it changes
        // them only when it reads again.
        let (samples, interfaces, devices) = unsafe {
            let start = on_demand_samples(self.reader, &mut samples);
            let first_interface = on_demand_interfaces(self.reader, &mut interfaces);
            let first_device = on_demand_devices(self.reader, &mut devices);
            (list(start, samples), list(first_interface, interfaces), list(first_device, devices))
        };
        let mut flat = Flat::default();
        for sample in samples.iter().filter(|_| self.fills) {
            flatten(sample, interfaces, devices, &mut flat);
            take(self.filler.fill(&flat));
        }
        assert!(self.fills || !samples.is_empty());
    }
}

fn flatten(
    sample: &FlatSample,
    interfaces: &[FlatInterface],
    devices: &[FlatDevice],
    flat: &mut Flat<'_>,
) {
    // SAFETY: it lies in the document or its copy, which stay while samples are made of it.
    flat.begin(unsafe { text(sample.time, sample.time_length) });
    let sections = [Section::Cpu, Section::Memory, Section::Network, Section::Diskio];
    let has = |n: usize| sample.sections >> n & 1 == 1;
    flat.sections.extend(sections.into_iter().enumerate().filter(|&(n, _)| has(n)).map(|(_, s)| s));
    let metrics = [Metric::CpuUsage, Metric::CpuLoad, Metric::MemoryUsage];
    for (n, metric) in metrics.into_iter().enumerate() {
        flat.put(metric, value(sample.present, &sample.values, n));
    }
    let listed = &interfaces[sample.first_interface..][..sample.interfaces];
    flat.interfaces.extend(listed.iter().map(|one| {
        // SAFETY: as for the time.
        let name = unsafe { text(one.name, one.name_length) };
        (name, std::array::from_fn(|n| value(one.present, &one.values, n)))
    }));
    let listed = &devices[sample.first_device..][..sample.devices];
    flat.devices.extend(listed.iter().map(|one| {
        let values = std::array::from_fn::<_, { OF_DEVICE.len() }, _>(|n| {
            value(one.present, &one.values, n)
        });
        ((one.major, one.minor), values)
    }));
}

fn value(present: u64, values: &[u64], n: usize) -> Option<u64> {
    values.get(n).copied().filter(|_| present >> n & 1 == 1)
}
