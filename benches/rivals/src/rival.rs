//! Each rival: a parser that makes the same samples of the same documents.

use std::marker::PhantomData;

use cmetrics_core::metric::Section;
use cmetrics_core::{Metric, Sample};
use serde::de::DeserializeSeed;
use serde_json::Value;

use crate::filler::{Filler, Flat};
use crate::typed::{Document, Sink, Stats};

/// A way of reading documents.
pub(crate) trait Rival {
    /// What is no part of reading, such as a copy that may be written over.
    fn prepare(&mut self, _document: &Vec<u8>) {}

    /// Gives each of the document's samples to `take`. It may know of the room behind the text.
    fn read(&mut self, document: &Vec<u8>, take: &mut dyn FnMut(&Sample));
}

/// `serde_json`, into structs.
pub(crate) struct SerdeJson<S>(pub(crate) Filler, pub(crate) PhantomData<S>);

impl<S: for<'t> StatsOf<'t>> Rival for SerdeJson<S> {
    fn read(&mut self, document: &Vec<u8>, take: &mut dyn FnMut(&Sample)) {
        let sink = &mut Sink { filler: &mut self.0, take };
        let mut deserializer = serde_json::Deserializer::from_slice(document);
        read_from::<S, _>(sink, &mut deserializer).expect("a sound document");
        deserializer.end().expect("nothing behind it");
    }
}

/// `sonic-rs`, into structs.
pub(crate) struct SonicRs<S>(pub(crate) Filler, pub(crate) PhantomData<S>);

impl<S: for<'t> StatsOf<'t>> Rival for SonicRs<S> {
    fn read(&mut self, document: &Vec<u8>, take: &mut dyn FnMut(&Sample)) {
        let sink = &mut Sink { filler: &mut self.0, take };
        let mut deserializer = sonic_rs::Deserializer::from_slice(document);
        read_from::<S, _>(sink, &mut deserializer).expect("a sound document");
        deserializer.end().expect("nothing behind it");
    }
}

/// `simd-json`, into structs. It writes over its input: the copy of it is not timed.
pub(crate) struct SimdJson<S> {
    pub(crate) filler: Filler,
    pub(crate) buffers: simd_json::Buffers,
    pub(crate) copy: Vec<u8>,
    pub(crate) stats: PhantomData<S>,
}

impl<S: for<'t> StatsOf<'t>> Rival for SimdJson<S> {
    fn prepare(&mut self, document: &Vec<u8>) {
        self.copy.clear();
        self.copy.extend_from_slice(document);
    }

    fn read(&mut self, _document: &Vec<u8>, take: &mut dyn FnMut(&Sample)) {
        let sink = &mut Sink { filler: &mut self.filler, take };
        let (copy, buffers) = (&mut self.copy, &mut self.buffers);
        let mut deserializer = simd_json::Deserializer::from_slice_with_buffers(copy, buffers)
            .expect("a sound document");
        read_from::<S, _>(sink, &mut deserializer).expect("a sound document");
    }
}

/// A family of structs, one for each lifetime of the text.
pub(crate) trait StatsOf<'t> {
    /// The structs for text of this lifetime.
    type Stats: Stats<'t>;
}

/// The structs of the documented metrics.
pub(crate) struct Documented;

impl<'t> StatsOf<'t> for Documented {
    type Stats = crate::typed::Documented<'t>;
}

/// The structs of all metrics.
pub(crate) struct All;

impl<'t> StatsOf<'t> for All {
    type Stats = crate::all::All<'t>;
}

fn read_from<'t, S: StatsOf<'t>, D: serde::Deserializer<'t>>(
    sink: &mut Sink<'_>,
    deserializer: D,
) -> Result<(), D::Error> {
    Document { sink, stats: PhantomData::<S::Stats> }.deserialize(deserializer)
}

/// `serde_json::Value`: what one begins with.
pub(crate) struct Values(pub(crate) Filler);

impl Rival for Values {
    fn read(&mut self, document: &Vec<u8>, take: &mut dyn FnMut(&Sample)) {
        let document: Value = serde_json::from_slice(document).expect("a sound document");
        let mut flat = Flat::default();
        for container in document.as_object().expect("a map").values() {
            for stats in container["stats"].as_array().into_iter().flatten() {
                flatten(stats, &container["spec"], &mut flat);
                take(self.0.fill(&flat));
            }
        }
    }
}

fn flatten<'t>(stats: &'t Value, spec: &Value, flat: &mut Flat<'t>) {
    flat.begin(stats["timestamp"].as_str().expect("a timestamp"));
    let measured = |section: Section| {
        let there = spec[section.flag().unwrap_or_default()] != Value::Bool(false);
        Some(&stats[section.key()]).filter(|value| there && value.is_object())
    };
    if let Some(cpu) = measured(Section::Cpu) {
        flat.sections.push(Section::Cpu);
        flat.put(Metric::CpuUsage, cpu["usage"]["total"].as_u64());
        flat.put(Metric::CpuLoad, cpu["load_average"].as_u64());
    }
    if let Some(memory) = measured(Section::Memory) {
        flat.sections.push(Section::Memory);
        flat.put(Metric::MemoryUsage, memory["usage"].as_u64());
    }
    if let Some(network) = measured(Section::Network) {
        flat.sections.push(Section::Network);
        let listed = network["interfaces"].as_array().map(Vec::as_slice);
        let top = || std::slice::from_ref(network);
        flat.interfaces.extend(listed.unwrap_or_else(top).iter().map(interface));
        if listed.is_none() {
            flat.interfaces.retain(|(name, _)| !name.is_empty());
        }
    }
    if let Some(diskio) = measured(Section::Diskio) {
        flat.sections.push(Section::Diskio);
        let devices = diskio["io_service_bytes"].as_array().into_iter().flatten();
        flat.devices.extend(devices.map(|device| {
            let stats = &device["stats"];
            let mut values = [None; 10];
            for (value, key) in values.iter_mut().zip(["Async", "Sync", "Read", "Write"]) {
                *value = stats[key].as_u64();
            }
            let number = |key| device[key].as_u64().unwrap_or_default();
            ((number("major"), number("minor")), values)
        }));
    }
}

fn interface(entry: &Value) -> (&str, [Option<u64>; 8]) {
    let keys = [
        "rx_bytes",
        "rx_packets",
        "rx_errors",
        "rx_dropped",
        "tx_bytes",
        "tx_packets",
        "tx_errors",
        "tx_dropped",
    ];
    (entry["name"].as_str().unwrap_or_default(), keys.map(|key| entry[key].as_u64()))
}
