//! Checks that hold for any bytes. The fuzzer and a test call them.

use std::io;
use std::sync::Arc;

use super::frame::{self, Kind};
use super::{Block, Damage, FOOTER, Listing, MAGIC, Scratch, Segment};
use crate::metric::MetricSet;
use crate::point::{DataPoint, Table};
use crate::store::bytes::Bytes;
use crate::store::disk::ReadFile;

/// Reads bytes as a segment, and as the frames of one with valid checksums. Nothing panics or takes
/// excessive memory, and salvage finds what is readable.
pub(crate) fn check(bytes: &[u8]) {
    check_file(bytes.to_vec());
    check_file(framed(bytes));
}

/// Builds a segment from frames that the bytes describe: kind, length, content, and so on.
fn framed(bytes: &[u8]) -> Vec<u8> {
    let (mut file, mut rest, mut last) = (MAGIC.to_vec(), Bytes(bytes), 0);
    while let Some(kind) = rest.varint() {
        let content = rest.bytes().or_else(|| rest.take(rest.0.len())).unwrap_or_default();
        let index = usize::try_from(kind).unwrap_or_default() % Kind::ALL.len();
        let kind = Kind::ALL.get(index).copied().unwrap_or(Kind::Index);
        last = file.len();
        frame::put(&mut file, kind, content);
    }
    let index = u32::try_from(file.len() - last).unwrap_or_default();
    let mut footer = index.to_le_bytes().to_vec();
    footer.extend(((file.len() + FOOTER) as u64).to_le_bytes());
    footer.extend(MAGIC);
    footer.extend(frame::checksum(&footer).to_le_bytes());
    file.extend(footer);
    file
}

fn check_file(bytes: Vec<u8>) {
    let file = Arc::new(MemoryFile(bytes));
    Segment::salvage(&*file);
    let Ok(segment) = Segment::of(file) else { return };
    segment.verify(&crate::Cancel::default(), |damage| assert!(!damage.to_string().is_empty()));
    let (mut scratch, mut points) = (Scratch::default(), Vec::new());
    for listing in segment.all() {
        let container = listing.container;
        let name = listing.name().into();
        for block in segment.blocks(&listing) {
            points.clear();
            let read = segment.read(block, &name, &(0..u64::MAX), &mut scratch, &mut points);
            check_table(&segment, block, &mut scratch, read.is_ok().then_some(&*points));
            if read.is_ok() {
                assert_eq!(points.len(), block.count as usize);
                assert!(points.iter().all(|point| point.name() == &*name));
                // Figures are computed on demand.
                assert!(points.iter().all(|point| serde_json::to_string(point).is_ok()));
            }
        }
        // Whether they are readable does not matter.
        let _ = (segment.metadata(container), segment.tail(container), segment.events(container));
    }
    assert!(segment.columns().count() <= crate::metric::Metric::ALL.len() * 2);
}

/// Appends a block to a table, which must take what points are made of, and nothing else.
fn check_table(
    segment: &Segment,
    block: Block,
    scratch: &mut Scratch,
    points: Option<&[DataPoint]>,
) {
    let (name, mut table) = ("".into(), Table::new(MetricSet::all()));
    let rows = segment.decode(block, &name, &(0..u64::MAX), scratch);
    let appended = rows
        .and_then(|rows| segment.append(block, &name, rows, scratch, MetricSet::all(), &mut table));
    assert_eq!(appended.is_ok(), points.is_some());
    assert_eq!(table.len(), points.map_or(0, <[_]>::len));
    for (row, point) in points.into_iter().flatten().enumerate() {
        assert_eq!(table.samples(row), point.samples());
        assert_eq!(table.coverage(row).map(f64::to_bits), point.coverage().map(f64::to_bits));
        for metric in MetricSet::all().iter() {
            assert_eq!(table.growth(row, metric), point.growth(metric));
        }
    }
}

impl Segment {
    pub(crate) fn of(file: Arc<dyn ReadFile>) -> Result<Self, Damage> {
        Self::open(file, &Arc::default(), &mut |_, _, _| {})
    }

    /// All containers that can be read.
    pub(crate) fn all(&self) -> Vec<Listing> {
        let listing = |container| self.listing(container).ok()?;
        (0..self.containers()).filter_map(listing).collect()
    }

    /// A container's metadata.
    pub(crate) fn metadata(&self, container: usize) -> Result<Vec<u8>, Damage> {
        let (mut found, listing) = (Vec::new(), self.listing(container)?);
        let name = |one| listing.as_ref().filter(|_| one == container).map(Listing::name);
        self.each_metadata(&name, &mut |_, metadata| found = metadata.to_vec())?;
        Ok(found)
    }
}

/// A file in memory.
#[derive(Debug)]
pub(crate) struct MemoryFile(pub(crate) Vec<u8>);

impl ReadFile for MemoryFile {
    fn length(&self) -> io::Result<u64> {
        Ok(self.0.len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let start = usize::try_from(offset).map_err(|_| io::ErrorKind::UnexpectedEof)?;
        let end = start.checked_add(buffer.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        let found = self.0.get(start..end).ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(found);
        Ok(())
    }
}
