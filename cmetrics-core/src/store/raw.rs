//! Encodes samples as bytes, for raw tails.

mod by_column;
mod by_sample;
mod layouts;

use std::ops::Range;
use std::sync::Arc;

use super::bytes::Bytes;
use super::point_rows::MetricTable;
use crate::metric::MetricSet;
use crate::sample::{Layout, SampleRow};
use crate::series::{Chunk, SampleMeta};
use crate::time::Timestamp;
use layouts::{Form, layouts, put_layouts};

/// An encoder of samples in rising time.
#[derive(Debug, Default)]
pub(super) struct Packer {
    layouts: Vec<Arc<Layout>>,
    rows: Vec<PackedSample>,
    /// The values of all samples, concatenated.
    values: Vec<u64>,
}

impl Packer {
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Adds a sample, which must be later than all before.
    pub(super) fn add(&mut self, row: SampleRow<'_>, is_partial: bool) {
        let known = self.layouts.iter().rposition(|known| known == row.layout);
        let layout = known.unwrap_or_else(|| {
            self.layouts.push(Arc::clone(row.layout));
            self.layouts.len() - 1
        });
        let (time, start) = (row.time.nanos(), self.values.len());
        self.values.extend_from_slice(row.values);
        self.rows.push(PackedSample { time, layout, is_partial, values: start..self.values.len() });
    }

    /// Encodes the samples, with the metrics numbered by this program's table.
    pub(super) fn finish(&self) -> Arc<[u8]> {
        let mut bytes = Vec::with_capacity(64);
        put_layouts(&mut bytes, &self.layouts);
        by_column::put(&mut bytes, &self.rows, &self.values);
        bytes.into()
    }
}

/// A sample. Its values lie in a shared array.
#[derive(Clone, Debug)]
struct PackedSample {
    time: u64,
    /// The index of its layout.
    layout: usize,
    is_partial: bool,
    values: Range<usize>,
}

/// Encodes all samples of a chunk.
pub(super) fn pack(chunk: &Chunk) -> Arc<[u8]> {
    let mut packer = Packer::default();
    for (row, mark) in chunk.rows_with_meta() {
        packer.add(row, mark.is_partial);
    }
    packer.finish()
}

/// The beginning of a piece: its form and layouts. And the rest of it.
pub(super) fn split(piece: &[u8]) -> (&[u8], &[u8]) {
    let mut rest = Bytes(piece);
    // A piece that is invalid has no beginning.
    let length = layouts(&mut rest).map_or(0, |_| piece.len() - rest.0.len());
    piece.split_at(length)
}

/// Translates packed samples to this program's table of metrics.
pub(super) fn translated_piece(piece: &[u8], table: &MetricTable) -> Option<Arc<[u8]>> {
    if table.is_own() {
        return Some(piece.into());
    }
    let mut chunk = Chunk::default();
    unpack(piece, table, &mut chunk)?;
    Some(pack(&chunk))
}

/// Adds packed samples to a chunk. A packed sample replaces one of the same time. Returns `None`
/// where the bytes are invalid.
pub(super) fn unpack(packed: &[u8], table: &MetricTable, chunk: &mut Chunk) -> Option<()> {
    Unpacker::default().unpack(packed, table, chunk)
}

/// A decoder of pieces that reuses its buffers.
#[derive(Debug, Default)]
pub(super) struct Unpacker {
    scratch: by_column::Scratch,
    values: Vec<u64>,
}

impl Unpacker {
    /// As [`unpack`].
    pub(super) fn unpack(
        &mut self,
        packed: &[u8],
        table: &MetricTable,
        chunk: &mut Chunk,
    ) -> Option<()> {
        let mut bytes = Bytes(packed);
        let (form, layouts) = layouts(&mut bytes)?;
        let lengths: Vec<_> = layouts.iter().map(Layout::len).collect();
        let layouts: Vec<_> = layouts.into_iter().map(|layout| translated(layout, table)).collect();
        let Self { scratch, values } = self;
        let mut put = |row: &PackedSample, all: &[u64]| {
            let (layout, kept) = layouts.get(row.layout)?;
            let time = Timestamp::from_nanos(row.time)?;
            let all = all.get(row.values.clone())?;
            let mut mark = SampleMeta::default();
            mark.is_partial = row.is_partial;
            values.clear();
            let values = match kept {
                None => all,
                Some(kept) => {
                    values.extend(kept.iter().filter_map(|&place| all.get(place)));
                    &**values
                }
            };
            put(chunk, SampleRow { time, layout, values }, mark);
            Some(())
        };
        match form {
            Form::Columns => by_column::read(bytes.0, &lengths, scratch, &mut put),
            _ => by_sample::read(bytes, &lengths, &mut put),
        }
    }
}

/// Receives a sample, and the array that holds its values.
type Each<'e> = dyn FnMut(&PackedSample, &[u64]) -> Option<()> + 'e;

fn put(chunk: &mut Chunk, row: SampleRow<'_>, mark: SampleMeta) {
    if chunk.last() < Some(row.time) {
        return chunk.insert(chunk.len(), row, mark);
    }
    let index = chunk.before(row.time);
    if chunk.time(index) == Some(row.time) {
        chunk.replace(index, row);
        if let Some(known) = chunk.meta_mut(index) {
            *known = mark;
        }
    } else {
        chunk.insert(index, row, mark);
    }
}

/// Translates a layout to this program's metrics. Also returns the positions of the values that
/// stay, in their new order, unless all stay as they are.
fn translated(layout: Layout, table: &MetricTable) -> (Arc<Layout>, Option<Vec<usize>>) {
    if table.is_own() {
        return (Arc::new(layout), None);
    }
    let mut kept: Vec<(usize, usize)> = Vec::new();
    let (mut place, mut before) = (0, 0);
    let mut of = |set: MetricSet| {
        let known = table.set(set);
        for bit in set.indices() {
            let single = table.set(MetricSet::from_bits(1 << bit));
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
    let (sections, denied) = (layout.sections, layout.denied);
    let layout = Layout { sections, denied, own, too_large, interfaces, devices };
    let kept: Vec<_> = kept.into_iter().map(|(_, place)| place).collect();
    let is_all = kept.iter().copied().eq(0..place);
    (Arc::new(layout), (!is_all).then_some(kept))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::{DeviceList, Metric, Section};
    use crate::sample::Sample;
    use crate::store::bytes::put_varint;

    /// With or without what only later forms can encode.
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
            unpack(&packed, MetricTable::own(), &mut chunk).unwrap();
            unpack(&packed, MetricTable::own(), &mut chunk).unwrap();
            let marks = (0..chunk.len()).map(|index| chunk.meta(index).unwrap().is_partial);
            let found: Vec<_> = chunk.rows().map(Sample::from).zip(marks).collect();
            assert_eq!(found, samples);
        }
    }

    #[test]
    fn bytes_that_end_too_early_are_no_samples() {
        for samples in [samples(false), samples(true)] {
            let packed = packed(&samples);
            for length in 0..packed.len() {
                assert!(
                    unpack(&packed[..length], MetricTable::own(), &mut Chunk::default()).is_none()
                );
            }
        }
    }

    fn read(piece: &[u8]) -> Option<Vec<Sample>> {
        let mut chunk = Chunk::default();
        unpack(piece, MetricTable::own(), &mut chunk)?;
        Some(chunk.rows().map(Sample::from).collect())
    }

    /// One sample of a device, in the forms that earlier stores have.
    #[test]
    fn the_forms_of_earlier_stores_are_read() {
        let mut sample = Sample::new(Timestamp::from_nanos(300).unwrap());
        sample.push_device_of((8, 1), DeviceList::Bytes).set(Metric::DiskioRead, 3);
        let set = MetricSet::from_bits(Metric::DiskioRead.bit());
        let mut piece = b"\x01\x06diskio\x00\x00\x00\x01\x08\x01".to_vec();
        put_varint(&mut piece, set.to_bits().try_into().unwrap());
        put_varint(&mut piece, 0);
        piece.extend_from_slice(b"\x01\xac\x02\x00\x06");
        assert_eq!(read(&piece), Some(vec![sample]));
        assert_eq!(read(&[0, 0]), Some(Vec::new()));

        let mut sample = Sample::new(Timestamp::from_nanos(300).unwrap());
        sample.push_device_of((8, 1), DeviceList::Operations);
        let piece = b"\0\x01\x01\x06diskio\0\0\0\0\0\x01\x08\x01\x02\0\0\x01\xac\x02\0";
        assert_eq!(read(piece), Some(vec![sample]));
    }

    #[test]
    fn a_form_or_list_that_is_not_known_is_refused() {
        let mut sample = Sample::new(Timestamp::from_nanos(300).unwrap());
        sample.push_device_of((8, 1), DeviceList::Operations);
        let piece = packed(&[(sample.clone(), false)]);
        assert_eq!(read(&piece), Some(vec![sample]));
        for (place, byte) in [(1, 3), (18, 3)] {
            let mut changed = piece.to_vec();
            changed[place] = byte;
            assert_eq!(read(&changed), None);
        }
    }

    #[test]
    fn samples_that_change_little_take_few_bytes() {
        let sample = |second: u64| {
            let mut sample = Sample::new(Timestamp::from_nanos(second * 1_000_000_000).unwrap());
            sample.set(Metric::CpuUsage, second * 7_000_000);
            for (index, metric) in Metric::ALL.iter().copied().take(20).enumerate() {
                sample.set(metric, 1 << index);
            }
            (sample, false)
        };
        let samples: Vec<_> = (1_795_262_400..1_795_262_580).map(sample).collect();
        let length = packed(&samples).len();
        assert!(length < 400, "{length}");
    }
}
