//! cAdvisor's document as serde sees it: structs of what is wanted, borrowed from the text, each
//! sample handed on as soon as it is read. One definition for every parser that speaks serde.

use std::fmt;
use std::marker::PhantomData;

use cmetrics_core::metric::Section;
use cmetrics_core::{Metric, Sample};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::filler::{Filler, Flat, OfDevice};

/// Where samples go.
pub(crate) struct Sink<'s> {
    pub(crate) filler: &'s mut Filler,
    pub(crate) take: &'s mut dyn FnMut(&Sample),
}

/// A sample's text as structs.
pub(crate) trait Stats<'t>: Deserialize<'t> {
    /// What of it was measured.
    fn flatten(&self, flags: &Flags, flat: &mut Flat<'t>);
}

/// The `spec`'s word on what a container is measured for.
#[derive(Debug, Default, Deserialize)]
#[allow(clippy::struct_field_names, reason = "cAdvisor's names")]
pub(crate) struct Flags {
    has_cpu: Option<bool>,
    has_memory: Option<bool>,
    has_network: Option<bool>,
    has_diskio: Option<bool>,
    has_filesystem: Option<bool>,
    has_processes: Option<bool>,
}

impl Flags {
    pub(crate) fn allow(&self, section: Section) -> bool {
        let flag = match section {
            Section::Cpu => self.has_cpu,
            Section::Memory => self.has_memory,
            Section::Network => self.has_network,
            Section::Diskio => self.has_diskio,
            Section::Filesystem => self.has_filesystem,
            Section::Processes => self.has_processes,
            _ => None,
        };
        flag != Some(false)
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Documented<'t> {
    timestamp: &'t str,
    cpu: Option<Cpu>,
    memory: Option<Memory>,
    #[serde(borrow)]
    network: Option<Network<'t>>,
    diskio: Option<Diskio>,
}

#[derive(Debug, Deserialize)]
struct Cpu {
    usage: Option<Usage>,
    load_average: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Usage {
    total: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Memory {
    usage: Option<u64>,
}

/// The top copies the first interface.
#[derive(Debug, Deserialize)]
pub(crate) struct Network<'t> {
    name: Option<&'t str>,
    rx_bytes: Option<u64>,
    rx_packets: Option<u64>,
    rx_errors: Option<u64>,
    rx_dropped: Option<u64>,
    tx_bytes: Option<u64>,
    tx_packets: Option<u64>,
    tx_errors: Option<u64>,
    tx_dropped: Option<u64>,
    #[serde(borrow)]
    interfaces: Option<Vec<Interface<'t>>>,
}

#[derive(Debug, Deserialize)]
struct Interface<'t> {
    name: Option<&'t str>,
    rx_bytes: Option<u64>,
    rx_packets: Option<u64>,
    rx_errors: Option<u64>,
    rx_dropped: Option<u64>,
    tx_bytes: Option<u64>,
    tx_packets: Option<u64>,
    tx_errors: Option<u64>,
    tx_dropped: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Diskio {
    io_service_bytes: Option<Vec<Device>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Device {
    #[serde(default)]
    major: u64,
    #[serde(default)]
    minor: u64,
    #[serde(default)]
    stats: OfOneDevice,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OfOneDevice {
    r#async: Option<u64>,
    sync: Option<u64>,
    read: Option<u64>,
    write: Option<u64>,
    discard: Option<u64>,
}

impl<'t> Network<'t> {
    pub(crate) fn flatten(&self, flat: &mut Flat<'t>) {
        flat.sections.push(Section::Network);
        if let Some(interfaces) = &self.interfaces {
            flat.interfaces.extend(interfaces.iter().map(|one| {
                let rx = [one.rx_bytes, one.rx_packets, one.rx_errors, one.rx_dropped];
                let tx = [one.tx_bytes, one.tx_packets, one.tx_errors, one.tx_dropped];
                (one.name.unwrap_or_default(), joined(rx, tx))
            }));
            return;
        }
        let rx = [self.rx_bytes, self.rx_packets, self.rx_errors, self.rx_dropped];
        let tx = [self.tx_bytes, self.tx_packets, self.tx_errors, self.tx_dropped];
        let values = joined(rx, tx);
        if self.name != Some("") && values.iter().any(Option::is_some) {
            flat.interfaces.push((self.name.unwrap_or_default(), values));
        }
    }
}

fn joined(rx: [Option<u64>; 4], tx: [Option<u64>; 4]) -> [Option<u64>; 8] {
    [rx[0], rx[1], rx[2], rx[3], tx[0], tx[1], tx[2], tx[3]]
}

impl Device {
    /// Its counters of bytes; `discard` is not in the documented point.
    pub(crate) fn bytes(&self, with_discard: bool) -> ((u64, u64), OfDevice) {
        let [one, two, three, four, five] = self.counters();
        let five = five.filter(|_| with_discard);
        let values = [one, two, three, four, five, None, None, None, None, None];
        ((self.major, self.minor), values)
    }

    /// Its counters of operations.
    pub(crate) fn operations(&self) -> ((u64, u64), OfDevice) {
        let [one, two, three, four, five] = self.counters();
        ((self.major, self.minor), [None, None, None, None, None, one, two, three, four, five])
    }

    fn counters(&self) -> [Option<u64>; 5] {
        let stats = &self.stats;
        [stats.r#async, stats.sync, stats.read, stats.write, stats.discard]
    }
}

impl<'t> Stats<'t> for Documented<'t> {
    fn flatten(&self, flags: &Flags, flat: &mut Flat<'t>) {
        flat.begin(self.timestamp);
        if let Some(cpu) = self.cpu.as_ref().filter(|_| flags.allow(Section::Cpu)) {
            flat.sections.push(Section::Cpu);
            flat.put(Metric::CpuUsage, cpu.usage.as_ref().and_then(|usage| usage.total));
            flat.put(Metric::CpuLoad, cpu.load_average);
        }
        if let Some(memory) = self.memory.as_ref().filter(|_| flags.allow(Section::Memory)) {
            flat.sections.push(Section::Memory);
            flat.put(Metric::MemoryUsage, memory.usage);
        }
        if let Some(network) = self.network.as_ref().filter(|_| flags.allow(Section::Network)) {
            network.flatten(flat);
        }
        if let Some(diskio) = self.diskio.as_ref().filter(|_| flags.allow(Section::Diskio)) {
            flat.sections.push(Section::Diskio);
            let devices = diskio.io_service_bytes.iter().flatten();
            flat.devices.extend(devices.map(|device| device.bytes(false)));
        }
    }
}

/// Reads a map of containers, whose samples are read as `S`.
pub(crate) struct Document<'s, 'k, S> {
    pub(crate) sink: &'k mut Sink<'s>,
    pub(crate) stats: PhantomData<S>,
}

impl<'t, S: Stats<'t>> DeserializeSeed<'t> for Document<'_, '_, S> {
    type Value = ();

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'t, S: Stats<'t>> Visitor<'t> for Document<'_, '_, S> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a map of containers")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_key::<IgnoredAny>()?.is_some() {
            map.next_value_seed(Container { sink: &mut *self.sink, stats: PhantomData::<S> })?;
        }
        Ok(())
    }
}

struct Container<'s, 'k, S> {
    sink: &'k mut Sink<'s>,
    stats: PhantomData<S>,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Key {
    Spec,
    Stats,
    #[serde(other)]
    Other,
}

impl<'t, S: Stats<'t>> DeserializeSeed<'t> for Container<'_, '_, S> {
    type Value = ();

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'t, S: Stats<'t>> Visitor<'t> for Container<'_, '_, S> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a container")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<(), A::Error> {
        let mut flags = Flags::default();
        while let Some(key) = map.next_key()? {
            match key {
                Key::Spec => flags = map.next_value()?,
                Key::Stats => {
                    let flags = &flags;
                    let stats = PhantomData::<S>;
                    map.next_value_seed(Samples { sink: &mut *self.sink, flags, stats })?;
                }
                Key::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

struct Samples<'s, 'k, S> {
    sink: &'k mut Sink<'s>,
    flags: &'k Flags,
    stats: PhantomData<S>,
}

impl<'t, S: Stats<'t>> DeserializeSeed<'t> for Samples<'_, '_, S> {
    type Value = ();

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'t, S: Stats<'t>> Visitor<'t> for Samples<'_, '_, S> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list of samples")
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut list: A) -> Result<(), A::Error> {
        let mut flat = Flat::default();
        while let Some(stats) = list.next_element::<S>()? {
            stats.flatten(self.flags, &mut flat);
            (self.sink.take)(self.sink.filler.fill(&flat));
        }
        Ok(())
    }
}
