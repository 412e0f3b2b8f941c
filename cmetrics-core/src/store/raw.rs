//! Samples as bytes: how the raw tail is kept.

mod layouts;

use std::sync::Arc;

use super::bytes::{Bytes, put_varint, unzigzag, zigzag};
use super::row::Table;
use crate::metric::MetricSet;
use crate::sample::{Layout, Row};
use crate::series::{Chunk, Mark};
use crate::time::Timestamp;
use layouts::{layouts, put_layouts};

/// Packs samples in rising time.
#[derive(Debug, Default)]
pub(super) struct Packer {
    layouts: Vec<Arc<Layout>>,
    rows: Vec<u8>,
    count: u64,
    time: u64,
    /// The last sample's values and layout.
    last: (usize, Vec<u64>),
}

impl Packer {
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds a sample, later than all before.
    pub(super) fn add(&mut self, row: Row<'_>, from_machine_stats: bool) {
        let known = self.layouts.iter().rposition(|known| known == row.layout);
        let layout = known.unwrap_or_else(|| {
            self.layouts.push(Arc::clone(row.layout));
            self.layouts.len() - 1
        });
        let time = row.time.nanos();
        put_varint(&mut self.rows, time - self.time);
        put_varint(&mut self.rows, (layout as u64) << 1 | u64::from(from_machine_stats));
        let alike = self.count > 0 && self.last.0 == layout;
        for (index, value) in row.values.iter().enumerate() {
            let before = if alike { self.last.1.get(index).copied() } else { None };
            let moved = value.wrapping_sub(before.unwrap_or_default()).cast_signed();
            put_varint(&mut self.rows, zigzag(moved));
        }
        self.last.0 = layout;
        self.last.1.clear();
        self.last.1.extend_from_slice(row.values);
        (self.time, self.count) = (time, self.count + 1);
    }

    /// The samples as bytes, in which metrics have the places of this program's table.
    pub(super) fn finish(&self) -> Arc<[u8]> {
        let mut bytes = Vec::with_capacity(self.rows.len() + 64);
        put_layouts(&mut bytes, &self.layouts);
        put_varint(&mut bytes, self.count);
        bytes.extend_from_slice(&self.rows);
        bytes.into()
    }
}

/// All samples of a chunk as bytes.
pub(super) fn pack(chunk: &Chunk) -> Arc<[u8]> {
    let mut packer = Packer::default();
    for (row, mark) in chunk.marked_rows() {
        packer.add(row, mark.from_machine_stats);
    }
    packer.finish()
}

/// Packed samples in this program's metrics.
pub(super) fn translated_piece(piece: &[u8], table: &Table) -> Option<Arc<[u8]>> {
    if table.is_own() {
        return Some(piece.into());
    }
    let mut chunk = Chunk::default();
    unpack(piece, table, &mut chunk)?;
    Some(pack(&chunk))
}

/// Adds the samples that were packed to a chunk; where there is one of the same time already, the
/// packed one takes its place. `None` where the bytes are no samples.
pub(super) fn unpack(packed: &[u8], table: &Table, chunk: &mut Chunk) -> Option<()> {
    let mut bytes = Bytes(packed);
    let layouts = layouts(&mut bytes)?;
    let translated: Vec<_> = layouts.iter().map(|layout| translated(layout, table)).collect();
    let (mut time, mut last) = (0_u64, (usize::MAX, Vec::<u64>::new()));
    for _ in 0..bytes.varint()? {
        time = time.checked_add(bytes.varint()?)?;
        let tag = bytes.varint()?;
        let layout = usize::try_from(tag >> 1).ok()?;
        let length = layouts.get(layout)?.len();
        let alike = last.0 == layout;
        if !alike {
            last = (layout, vec![0; if length <= bytes.0.len() { length } else { return None }]);
        }
        for value in &mut last.1 {
            *value = u64::wrapping_add(*value, unzigzag(bytes.varint()?).cast_unsigned());
        }
        let mut mark = Mark::default();
        mark.from_machine_stats = tag & 1 == 1;
        let (layout, kept) = translated.get(layout)?;
        let time = Timestamp::from_nanos(time)?;
        if let Some(kept) = kept {
            let values = kept.iter().filter_map(|&place| last.1.get(place).copied());
            put(chunk, Row { time, layout, values: &values.collect::<Vec<_>>() }, mark);
        } else {
            put(chunk, Row { time, layout, values: &last.1 }, mark);
        }
    }
    Some(())
}

fn put(chunk: &mut Chunk, row: Row<'_>, mark: Mark) {
    if chunk.last() < Some(row.time) {
        return chunk.insert(chunk.len(), row, mark);
    }
    let index = chunk.before(row.time);
    if chunk.time(index) == Some(row.time) {
        chunk.replace(index, row);
        if let Some(known) = chunk.mark_mut(index) {
            *known = mark;
        }
    } else {
        chunk.insert(index, row, mark);
    }
}

/// The layout in this program's metrics, and the places of the values that it has, unless it is
/// all of them in their order.
fn translated(layout: &Layout, table: &Table) -> (Arc<Layout>, Option<Vec<usize>>) {
    let mut kept: Vec<(usize, usize)> = Vec::new();
    let (mut place, mut before) = (0, 0);
    let mut of = |set: MetricSet| {
        let known = table.set(set);
        for bit in set.bits() {
            let single = table.set(MetricSet::of_number(1 << bit));
            if let Some(metric) = single.iter().next() {
                kept.push((before + known.rank(metric), place));
            }
            place += 1;
        }
        before += known.len();
        known
    };
    let own = of(layout.own);
    let interfaces = layout.interfaces.iter();
    let interfaces = interfaces.map(|(name, set)| (Arc::clone(name), of(*set))).collect();
    let devices = layout.devices.iter().map(|(number, set)| (*number, of(*set))).collect();
    kept.sort_unstable();
    let too_large = table.set(layout.too_large);
    let layout = Layout { sections: layout.sections, own, too_large, interfaces, devices };
    let kept: Vec<_> = kept.into_iter().map(|(_, place)| place).collect();
    let is_all = kept.iter().copied().eq(0..place);
    (Arc::new(layout), (!is_all).then_some(kept))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::{DeviceList, Metric, Section};
    use crate::sample::Sample;

    /// As the second form has them, or as the first does.
    fn samples(with_lists: bool) -> Vec<(Sample, bool)> {
        let sample = |second: u64| {
            let mut sample = Sample::new(Timestamp::from_nanos(second * 1_000_000_007).unwrap());
            sample.set(Metric::CpuUsage, (second % 9) * 1_000);
            sample.measured(Section::Diskio);
            if !second.is_multiple_of(3) {
                sample.set(Metric::MemoryUsage, u64::MAX - second);
                sample.interface("eth0").set(Metric::NetworkRxBytes, second);
                sample.push_interface("eth0").set(Metric::NetworkTxBytes, 7);
                sample.device((8, second % 2)).set(Metric::DiskioRead, 1);
            }
            if with_lists && second.is_multiple_of(4) {
                sample.set_too_large(Metric::FilesystemUsage);
                let list = DeviceList::ALL[usize::from(second.is_multiple_of(8))];
                sample.push_device_of((8, 5), list);
            }
            (sample, second.is_multiple_of(5))
        };
        (1..40).map(sample).collect()
    }

    fn packed(samples: &[(Sample, bool)]) -> Arc<[u8]> {
        let mut packer = Packer::default();
        for (sample, machine) in samples {
            packer.add(sample.row(), *machine);
        }
        packer.finish()
    }

    #[test]
    fn samples_come_back_as_they_were() {
        for samples in [samples(false), samples(true)] {
            let (mut chunk, packed) = (Chunk::default(), packed(&samples));
            unpack(&packed, Table::own(), &mut chunk).unwrap();
            unpack(&packed, Table::own(), &mut chunk).unwrap();
            let marks = (0..chunk.len()).map(|index| chunk.mark(index).unwrap().from_machine_stats);
            let found: Vec<_> = chunk.rows().map(Sample::from).zip(marks).collect();
            assert_eq!(found, samples);
        }
    }

    #[test]
    fn bytes_that_end_too_early_are_no_samples() {
        for samples in [samples(false), samples(true)] {
            let packed = packed(&samples);
            for length in 0..packed.len() {
                assert!(unpack(&packed[..length], Table::own(), &mut Chunk::default()).is_none());
            }
        }
    }

    /// One sample of a device, which reads so and is so in the stores of the first release.
    #[test]
    fn what_the_first_form_can_tell_is_written_in_it() {
        let mut sample = Sample::new(Timestamp::from_nanos(300).unwrap());
        sample.push_device_of((8, 1), DeviceList::Bytes).set(Metric::DiskioRead, 3);
        let set = MetricSet::of_number(Metric::DiskioRead.bit());
        let mut expected = b"\x01\x06diskio\x00\x00\x00\x01\x08\x01".to_vec();
        put_varint(&mut expected, set.number().try_into().unwrap());
        put_varint(&mut expected, 0);
        expected.extend_from_slice(b"\x01\xac\x02\x00\x06");
        assert_eq!(*packed(&[(sample, false)]), *expected);
        assert_eq!(*packed(&[]), [0, 0]);
        assert!(unpack(&[0, 0], Table::own(), &mut Chunk::default()).is_some());
    }

    #[test]
    fn a_form_or_list_that_is_not_known_is_refused() {
        let mut sample = Sample::new(Timestamp::from_nanos(300).unwrap());
        sample.push_device_of((8, 1), DeviceList::Operations);
        let piece = packed(&[(sample, false)]);
        let expected = b"\0\x01\x01\x06diskio\0\0\0\0\0\x01\x08\x01\x02\0\0\x01\xac\x02\0";
        assert_eq!(*piece, *expected);
        for (place, byte) in [(1, 2), (18, 3)] {
            let mut changed = piece.to_vec();
            changed[place] = byte;
            assert!(unpack(&changed, Table::own(), &mut Chunk::default()).is_none());
        }
    }
}
