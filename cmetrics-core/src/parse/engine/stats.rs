//! One object of the Engine's stats, as it is written.

use std::borrow::Cow;
use std::collections::HashSet;

use super::table::{CPU_ROWS, OF_DEVICES, OF_INTERFACES, ROWS};
use crate::metric::{DeviceList, Metric};
use crate::parse::cursor::{Cursor, SyntaxError};
use crate::parse::fields::{Fields, Leaves, Plain, list, object};
use crate::parse::remarks::{Read, Remarks};
use crate::time::{Timestamp, TimestampError};

/// The fields that are read.
#[derive(Debug)]
pub(super) struct StatsFields {
    top: Fields<Leaf>,
    interface: Fields<usize>,
    entry: Fields<EntryKey>,
}

/// What a field is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Leaf {
    /// The count of this row.
    Row(usize),
    /// The count of this row of CPU, in the reading before.
    RowBefore(usize),
    OnlineCpus,
    Processors,
    CpuList,
    MemoryLimit,
    Time,
    TimeBefore,
    Id,
    PodmanId,
    Name,
    OsType,
    Networks,
    Network,
    Devices(DeviceList),
}

#[derive(Clone, Copy, Debug)]
enum EntryKey {
    Major,
    Minor,
    Operation,
    Value,
}

/// The paths of the rows of CPU in the reading before.
const BEFORE: [&str; CPU_ROWS] = [
    "precpu_stats.cpu_usage.total_usage",
    "precpu_stats.cpu_usage.usage_in_usermode",
    "precpu_stats.cpu_usage.usage_in_kernelmode",
    "precpu_stats.throttling_data.periods",
    "precpu_stats.throttling_data.throttled_periods",
    "precpu_stats.throttling_data.throttled_time",
];

const OTHERS: [(&str, Leaf); 14] = [
    ("read", Leaf::Time),
    ("preread", Leaf::TimeBefore),
    ("id", Leaf::Id),
    ("Id", Leaf::PodmanId),
    ("name", Leaf::Name),
    ("os_type", Leaf::OsType),
    ("num_procs", Leaf::Processors),
    ("cpu_stats.online_cpus", Leaf::OnlineCpus),
    ("cpu_stats.cpu_usage.percpu_usage", Leaf::CpuList),
    ("memory_stats.limit", Leaf::MemoryLimit),
    ("networks", Leaf::Networks),
    ("network", Leaf::Network),
    ("blkio_stats.io_service_bytes_recursive", Leaf::Devices(DeviceList::Bytes)),
    ("blkio_stats.io_serviced_recursive", Leaf::Devices(DeviceList::Operations)),
];

impl StatsFields {
    pub(super) fn new() -> Self {
        let rows = ROWS.iter().enumerate().map(|(index, row)| (row.path, Leaf::Row(index)));
        let before = BEFORE.into_iter().enumerate();
        let before = before.map(|(index, path)| (path, Leaf::RowBefore(index)));
        let interface = OF_INTERFACES.iter().enumerate().map(|(index, (key, _))| (*key, index));
        let entry = [
            ("major", EntryKey::Major),
            ("minor", EntryKey::Minor),
            ("op", EntryKey::Operation),
            ("value", EntryKey::Value),
        ];
        Self {
            top: Fields::new(rows.chain(before).chain(OTHERS)),
            interface: Fields::new(interface),
            entry: Fields::new(entry),
        }
    }
}

/// The stats of one container.
pub(super) struct Stats<'f, 't> {
    fields: &'f StatsFields,
    /// The key of the object in a map.
    pub(super) key: Option<Cow<'t, str>>,
    /// What the caller calls a container without any name.
    pub(super) called: Option<&'f str>,
    /// The offset of the object.
    pub(super) at: usize,
    pub(super) time: Option<Read>,
    pub(super) time_before: Option<Timestamp>,
    pub(super) id: Option<Cow<'t, str>>,
    pub(super) name: Option<Cow<'t, str>>,
    pub(super) is_podman: bool,
    pub(super) is_windows: bool,
    pub(super) rows: [Option<u64>; ROWS.len()],
    pub(super) rows_before: [Option<u64>; CPU_ROWS],
    pub(super) online_cpus: Option<u64>,
    pub(super) processors: Option<u64>,
    pub(super) listed_cpus: Option<u64>,
    pub(super) memory_limit: Option<u64>,
    /// `None` where they were not measured.
    pub(super) networks: Option<Vec<Interface<'t>>>,
    /// All interfaces together, of old versions.
    pub(super) network: Option<Interface<'t>>,
    /// `None` where they were not measured.
    pub(super) devices: Option<Vec<DeviceEntry>>,
    pub(super) has_storage: bool,
    pub(super) remarks: Remarks,
}

/// The counts of an interface, in the order of [`OF_INTERFACES`].
pub(super) struct Interface<'t> {
    pub(super) name: Cow<'t, str>,
    pub(super) counts: [Option<u64>; OF_INTERFACES.len()],
}

/// A device of one list, with the counts that it was listed with.
pub(super) struct DeviceEntry {
    pub(super) number: (u64, u64),
    pub(super) list: DeviceList,
    pub(super) counts: Vec<(Metric, u64)>,
}

impl<'f, 't> Stats<'f, 't> {
    /// Reads the object ahead.
    pub(super) fn read(
        fields: &'f StatsFields,
        key: Option<Cow<'t, str>>,
        called: Option<&'f str>,
        cursor: &mut Cursor<'t>,
    ) -> Result<Self, SyntaxError> {
        cursor.peek();
        let at = cursor.at();
        let mut stats = Self {
            fields,
            key,
            called,
            at,
            time: None,
            time_before: None,
            id: None,
            name: None,
            is_podman: false,
            is_windows: false,
            rows: [None; ROWS.len()],
            rows_before: [None; CPU_ROWS],
            online_cpus: None,
            processors: None,
            listed_cpus: None,
            memory_limit: None,
            networks: None,
            network: None,
            devices: None,
            has_storage: false,
            remarks: Remarks::default(),
        };
        object(&fields.top, "stats", cursor, &mut stats)?;
        if stats.time.is_none() {
            stats.remarks.bad_time(at, &[], TimestampError::Form);
        }
        Ok(stats)
    }

    fn interface(
        &mut self,
        name: Cow<'t, str>,
        path: &'static str,
        cursor: &mut Cursor<'t>,
    ) -> Result<Interface<'t>, SyntaxError> {
        let counts = [None; OF_INTERFACES.len()];
        let remarks = &mut self.remarks;
        let mut counts = InterfaceCounts { counts, remarks };
        object(&self.fields.interface, path, cursor, &mut counts)?;
        Ok(Interface { name, counts: counts.counts })
    }

    fn networks(&mut self, path: &'static str, cursor: &mut Cursor<'t>) -> Result<(), SyntaxError> {
        if cursor.peek() != Some(b'{') {
            return self.remarks.expected("an object", path, cursor);
        }
        let mut interfaces: Vec<Interface<'_>> = Vec::new();
        let mut members = cursor.enter(b'{')?;
        while let Some(name) = cursor.next_key(&mut members)? {
            match cursor.peek() {
                Some(b'n') => drop(cursor.skip()?),
                _ => interfaces.push(self.interface(name, path, cursor)?),
            }
        }
        if interfaces.len() > 1 {
            let mut names = HashSet::new();
            let mut is_first = |name: &Cow<'t, str>| names.insert(name.clone());
            interfaces.retain(|interface| is_first(&interface.name));
        }
        self.networks = Some(interfaces);
        Ok(())
    }

    fn devices(
        &mut self,
        of: DeviceList,
        path: &'static str,
        cursor: &mut Cursor<'t>,
    ) -> Result<(), SyntaxError> {
        let Self { fields, remarks, devices, .. } = self;
        let devices = devices.get_or_insert_default();
        list(path, cursor, remarks, &mut |cursor, remarks| {
            let mut entry = BlockEntry { number: (0, 0), operation: None, value: None, remarks };
            object(&fields.entry, path, cursor, &mut entry)?;
            entry.add_to(devices, of);
            Ok(())
        })
    }
}

impl<'t> Leaves<'t> for Stats<'_, 't> {
    type Leaf = Leaf;

    fn begin(&mut self, path: &'static str) {
        match path {
            "blkio_stats" => drop(self.devices.get_or_insert_default()),
            "storage_stats" => self.has_storage = true,
            _ => {}
        }
    }

    #[expect(clippy::inline_always, reason = "compiled for special instructions in one piece")]
    #[inline(always)]
    fn plain(&mut self, leaf: Leaf, value: Plain<'t>, _: usize) -> bool {
        let slot = match leaf {
            Leaf::Row(index) => self.rows.get_mut(index),
            Leaf::RowBefore(index) => self.rows_before.get_mut(index),
            Leaf::OnlineCpus => Some(&mut self.online_cpus),
            Leaf::MemoryLimit => Some(&mut self.memory_limit),
            _ => None,
        };
        slot.is_some_and(|slot| value.put_count(slot))
    }

    fn leaf(
        &mut self,
        leaf: Leaf,
        path: &'static str,
        cursor: &mut Cursor<'t>,
    ) -> Result<(), SyntaxError> {
        match leaf {
            Leaf::Row(index) => {
                let count = self.remarks.count(path, cursor)?;
                if let Some(slot) = self.rows.get_mut(index) {
                    *slot = count;
                }
            }
            Leaf::RowBefore(index) => {
                let count = self.remarks.count(path, cursor)?;
                if let Some(slot) = self.rows_before.get_mut(index) {
                    *slot = count;
                }
            }
            Leaf::OnlineCpus => self.online_cpus = self.remarks.count(path, cursor)?,
            Leaf::Processors => {
                self.processors = self.remarks.count(path, cursor)?;
                self.is_windows |= self.processors.is_some_and(|count| count > 0);
            }
            Leaf::MemoryLimit => self.memory_limit = self.remarks.count(path, cursor)?,
            Leaf::CpuList => self.listed_cpus = length_of_list(cursor.skip()?),
            Leaf::Time => {
                self.time = Some(self.remarks.time(cursor)?);
            }
            Leaf::TimeBefore => {
                self.time_before = self.remarks.time_of_field(path, cursor)?;
            }
            Leaf::Id => self.id = self.remarks.text(path, cursor)?,
            Leaf::PodmanId => {
                self.is_podman = true;
                let id = self.remarks.text(path, cursor)?;
                self.id = self.id.take().or(id);
            }
            Leaf::Name => self.name = self.remarks.text(path, cursor)?,
            Leaf::OsType => {
                let os = self.remarks.text(path, cursor)?;
                self.is_windows |= os.is_some_and(|os| os.eq_ignore_ascii_case("windows"));
            }
            Leaf::Networks => self.networks(path, cursor)?,
            Leaf::Network => {
                if cursor.peek() != Some(b'{') {
                    return self.remarks.expected("an object", path, cursor);
                }
                self.network = Some(self.interface(Cow::Borrowed(""), path, cursor)?);
            }
            Leaf::Devices(list) => self.devices(list, path, cursor)?,
        }
        Ok(())
    }

    fn remarks(&mut self) -> &mut Remarks {
        &mut self.remarks
    }
}

/// How many numbers a list has; `None` for an empty list and any other value.
fn length_of_list(list: &[u8]) -> Option<u64> {
    let is_list = list.first() == Some(&b'[') && list.iter().any(u8::is_ascii_digit);
    is_list.then(|| 1 + memchr::memchr_iter(b',', list).count() as u64)
}

struct InterfaceCounts<'r> {
    counts: [Option<u64>; OF_INTERFACES.len()],
    remarks: &'r mut Remarks,
}

impl<'t> Leaves<'t> for InterfaceCounts<'_> {
    type Leaf = usize;

    #[expect(clippy::inline_always, reason = "compiled for special instructions in one piece")]
    #[inline(always)]
    fn plain(&mut self, index: usize, value: Plain<'t>, _: usize) -> bool {
        self.counts.get_mut(index).is_some_and(|slot| value.put_count(slot))
    }

    fn leaf(
        &mut self,
        index: usize,
        path: &'static str,
        cursor: &mut Cursor<'t>,
    ) -> Result<(), SyntaxError> {
        let count = self.remarks.count(path, cursor)?;
        if let Some(slot) = self.counts.get_mut(index) {
            *slot = count;
        }
        Ok(())
    }

    fn remarks(&mut self) -> &mut Remarks {
        self.remarks
    }
}

/// An entry of a list of block devices.
struct BlockEntry<'r, 't> {
    number: (u64, u64),
    operation: Option<Cow<'t, str>>,
    value: Option<u64>,
    remarks: &'r mut Remarks,
}

impl BlockEntry<'_, '_> {
    /// Adds the entry to its device. Of an operation that is not known it says that the device is
    /// listed.
    fn add_to(self, devices: &mut Vec<DeviceEntry>, of: DeviceList) {
        let operation = self.operation.unwrap_or_default();
        let known = OF_DEVICES
            .iter()
            .find(|(listed, name, _)| *listed == of && name.eq_ignore_ascii_case(&operation));
        let metric = known.map(|(_, _, metric)| *metric);
        let list = metric.map_or(of, Metric::list);
        let has = |device: &DeviceEntry| {
            device.number == self.number
                && device.list == list
                && device.counts.iter().all(|(known, _)| Some(*known) != metric)
        };
        let near = devices.len().saturating_sub(NEAR);
        let index = devices.get(near..).and_then(|near| near.iter().rposition(has));
        let index = index.map_or(devices.len(), |index| near + index);
        if index == devices.len() {
            let counts = Vec::with_capacity(OPERATIONS);
            devices.push(DeviceEntry { number: self.number, list, counts });
        }
        if let (Some(device), Some(count)) = (devices.get_mut(index), metric.zip(self.value)) {
            device.counts.push(count);
        }
    }
}

impl<'t> Leaves<'t> for BlockEntry<'_, 't> {
    type Leaf = EntryKey;

    #[expect(clippy::inline_always, reason = "compiled for special instructions in one piece")]
    #[inline(always)]
    fn plain(&mut self, key: EntryKey, value: Plain<'t>, _: usize) -> bool {
        match (key, value) {
            (EntryKey::Major, Plain::Count(count)) => self.number.0 = count,
            (EntryKey::Minor, Plain::Count(count)) => self.number.1 = count,
            (EntryKey::Value, Plain::Count(count)) => self.value = Some(count),
            (EntryKey::Operation, _) => return value.put_text(&mut self.operation),
            _ => return false,
        }
        true
    }

    fn leaf(
        &mut self,
        key: EntryKey,
        path: &'static str,
        cursor: &mut Cursor<'t>,
    ) -> Result<(), SyntaxError> {
        match key {
            // An entry without a number is 0:0.
            EntryKey::Major => self.number.0 = self.remarks.count(path, cursor)?.unwrap_or(0),
            EntryKey::Minor => self.number.1 = self.remarks.count(path, cursor)?.unwrap_or(0),
            EntryKey::Operation => self.operation = self.remarks.text(path, cursor)?,
            EntryKey::Value => self.value = self.remarks.count(path, cursor)?,
        }
        Ok(())
    }

    fn remarks(&mut self) -> &mut Remarks {
        self.remarks
    }
}

/// How many operations a list mostly has of a device.
const OPERATIONS: usize = 5;

/// How many devices back the device of an entry is looked for. Two entries of one device are added
/// up all the same.
const NEAR: usize = 16;
