//! Salvages a segment whose index is unreadable.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::block::BlockHeader;
use super::columns::Columns;
use super::directory::Directory;
use super::extras::Extras;
use super::frame::{self, Kind};
use super::index::FramePlace;
use super::metadata::{StoredMetadata, read_events, read_metadata_group};
use super::page::Page;
use super::{Damage, DamageKind, Event, MAGIC, Part, Segment, damage};
use crate::point::DataPoint;
use crate::store::bytes::Bytes;
use crate::store::disk::ReadFile;

/// The readable parts of a container.
#[derive(Debug, Default)]
pub(crate) struct SalvagedContainer {
    pub(crate) metadata: Vec<u8>,
    pub(crate) tail: Option<Vec<u8>>,
    pub(crate) events: Vec<Event>,
    /// In rising time.
    pub(crate) points: Vec<DataPoint>,
}

/// The readable parts of a segment.
#[derive(Debug, Default)]
pub(crate) struct SalvagedSegment {
    pub(crate) interval_seconds: u64,
    pub(crate) containers: BTreeMap<Arc<str>, SalvagedContainer>,
    pub(crate) damages: Vec<Damage>,
}

/// The most bytes to check for each byte of the file before the scan gives up: bytes that are made
/// to look like frames everywhere are not worth more.
const SCAN_LIMIT: u64 = 64;

impl Segment {
    /// Reads all intact frames of a segment that cannot be opened. Reads the whole file into
    /// memory.
    pub(crate) fn salvage(file: &dyn ReadFile) -> SalvagedSegment {
        let mut salvaged = SalvagedSegment::default();
        let bytes = match whole(file) {
            Ok(bytes) => bytes,
            Err(damage) => {
                salvaged.damages.push(damage);
                return salvaged;
            }
        };
        let frames = frames(&bytes, &mut salvaged.damages);
        let mut directory = Directory::default();
        let (mut names, mut group_metadata) = (Names::new(), BTreeMap::new());
        for Frame { place, kind, content } in &frames {
            let wrong = match kind {
                Kind::Directory => directory.add(content).err(),
                Kind::Page | Kind::Points => add_names(*kind, content, &mut names).err(),
                Kind::Metadata => add_metadata_group(content, &mut group_metadata).err(),
                _ => None,
            };
            salvaged.damages.extend(wrong.map(|wrong| damage(*place, kind.part(), wrong)));
        }
        salvaged.interval_seconds = directory.interval_seconds;
        for (number, name) in &names {
            let metadata =
                group_metadata.get(number).map(|metadata: &StoredMetadata| metadata.of(name));
            let found = salvaged.containers.entry(Arc::clone(name)).or_default();
            found.metadata = metadata.unwrap_or_default();
        }
        let mut columns = Columns::default();
        for frame in &frames {
            if let Err(wrong) = salvaged.add(frame, &directory, &names, &mut columns) {
                salvaged.damages.push(damage(frame.place, frame.kind.part(), wrong));
            }
        }
        salvaged
    }
}

type Names = BTreeMap<u64, Arc<str>>;

fn add_names(kind: Kind, content: &[u8], names: &mut Names) -> Result<(), DamageKind> {
    if kind == Kind::Page {
        let (first, page) = Page::take(content).ok_or(DamageKind::Malformed)?;
        let all = (0..page.entries.len()).map(|index| page.name(index).into());
        names.extend((first..).zip(all));
        return Ok(());
    }
    let header = BlockHeader::take(&mut Bytes(content)).ok_or(DamageKind::Malformed)?;
    if let Some(name) = header.name {
        names.entry(header.container).or_insert_with(|| name.into());
    }
    Ok(())
}

fn add_metadata_group(
    content: &[u8],
    group_metadata: &mut BTreeMap<u64, StoredMetadata>,
) -> Result<(), DamageKind> {
    let (first, group) = read_metadata_group(content)?;
    group_metadata.extend((first as u64..).zip(group));
    Ok(())
}

impl SalvagedSegment {
    fn add(
        &mut self,
        frame: &Frame<'_>,
        directory: &Directory,
        names: &Names,
        columns: &mut Columns,
    ) -> Result<(), DamageKind> {
        if frame.kind == Kind::Extras {
            return self.add_extras(frame.content, names);
        }
        if !matches!(frame.kind, Kind::Points | Kind::Events | Kind::Tail) {
            return Ok(());
        }
        let mut bytes = Bytes(frame.content);
        let mut after = bytes;
        let number = after.varint().ok_or(DamageKind::Malformed)?;
        let name = names.get(&number).ok_or(DamageKind::NoDirectory)?;
        let found = self.containers.entry(Arc::clone(name)).or_default();
        match frame.kind {
            Kind::Points => {
                let header = BlockHeader::take(&mut bytes).ok_or(DamageKind::Malformed)?;
                columns.read(header, bytes.0, directory)?;
                let last = found.points.last().map(|point| point.interval().start());
                let seconds = directory.interval_seconds;
                if last.is_some_and(|last| last / seconds.max(1) >= header.first) {
                    return Err(DamageKind::Malformed);
                }
                let all = columns.rows_in(&(0..u64::MAX), directory);
                columns.points(name, all, directory, &mut found.points)?;
            }
            Kind::Events => found.events = read_events(after.0).ok_or(DamageKind::Malformed)?,
            _ => found.tail = Some(after.0.to_vec()),
        }
        Ok(())
    }

    fn add_extras(&mut self, content: &[u8], names: &Names) -> Result<(), DamageKind> {
        let extras = Extras::read(content)?;
        let some = (extras.first as u64..).zip(extras.all());
        for (number, (events, tail)) in
            some.filter(|(_, (events, tail))| events.len() + tail.len() > 0)
        {
            let name = names.get(&number).ok_or(DamageKind::NoDirectory)?;
            let found = self.containers.entry(Arc::clone(name)).or_default();
            found.events = read_events(events).ok_or(DamageKind::Malformed)?;
            found.tail = (!tail.is_empty()).then(|| tail.to_vec());
        }
        Ok(())
    }
}

fn whole(file: &dyn ReadFile) -> Result<Vec<u8>, Damage> {
    let wrong = |cause| damage(FramePlace::default(), Part::Unknown, DamageKind::Io(cause));
    let length = file.length().map_err(wrong)?;
    let length =
        usize::try_from(length).map_err(|_| wrong(std::io::ErrorKind::FileTooLarge.into()))?;
    let mut bytes = vec![0; length];
    file.read_at(&mut bytes, 0).map_err(wrong)?;
    Ok(bytes)
}

/// An intact frame.
#[derive(Debug)]
struct Frame<'b> {
    place: FramePlace,
    kind: Kind,
    content: &'b [u8],
}

/// Finds the intact frames. Anything between them goes to `damages`.
fn frames<'b>(bytes: &'b [u8], damages: &mut Vec<Damage>) -> Vec<Frame<'b>> {
    let mut frames = Vec::new();
    let (mut at, mut lost) = (0, 0);
    if bytes.starts_with(&MAGIC) {
        (at, lost) = (MAGIC.len(), MAGIC.len());
    }
    let mut tell = |from: usize, to: usize| {
        if from < to {
            let damage = damage(FramePlace::default(), Part::Unknown, DamageKind::Checksum);
            let (offset, length) = (from as u64, (to - from) as u64);
            damages.push(Damage { offset, length, ..damage });
        }
    };
    let mut scan_left = SCAN_LIMIT * bytes.len() as u64;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let begun = frame::peek(rest).and_then(|(kind, length)| Some((kind, rest.get(..length)?)));
        let found = begun.and_then(|(kind, frame)| {
            scan_left = scan_left.checked_sub(frame.len() as u64)?;
            let content = frame::content(frame, kind).ok()?;
            let length = u32::try_from(frame.len()).ok()?;
            Some(Frame { place: FramePlace { offset: at as u64, length }, kind, content })
        });
        let Some(frame) = found else {
            at += 1;
            continue;
        };
        tell(lost, at);
        let is_index = frame.kind == Kind::Index;
        at += frame.place.length as usize;
        lost = at;
        frames.push(frame);
        if is_index && bytes.len() - at == super::FOOTER {
            // The footer is not a frame, and is not needed.
            return frames;
        }
    }
    tell(lost, bytes.len());
    frames
}
