//! What can still be read of a segment whose index cannot.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::about::{About, read_abouts, read_events};
use super::block::Header;
use super::columns::Columns;
use super::directory::Directory;
use super::frame::{self, Kind};
use super::index::Place;
use super::page::Page;
use super::{Damage, Event, MAGIC, Part, Segment, Wrong, damage};
use crate::point::DataPoint;
use crate::store::bytes::Bytes;
use crate::store::disk::Stored;

/// What was found of a container.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) about: Vec<u8>,
    pub(crate) tail: Option<Vec<u8>>,
    pub(crate) events: Vec<Event>,
    /// In rising time.
    pub(crate) points: Vec<DataPoint>,
}

/// What was found of a segment.
#[derive(Debug, Default)]
pub(crate) struct Salvaged {
    pub(crate) interval_seconds: u64,
    pub(crate) containers: BTreeMap<Arc<str>, Found>,
    pub(crate) damages: Vec<Damage>,
}

/// How many bytes are looked at before a search is given up, for each byte of the file: bytes
/// that were made to look like frames everywhere are not worth more.
const PATIENCE: u64 = 64;

impl Segment {
    /// Reads all that is whole of a segment, by what its frames themselves say: for one that
    /// cannot be opened. It takes the whole file into memory.
    pub(crate) fn salvage(stored: &dyn Stored) -> Salvaged {
        let mut salvaged = Salvaged::default();
        let bytes = match whole(stored) {
            Ok(bytes) => bytes,
            Err(damage) => {
                salvaged.damages.push(damage);
                return salvaged;
            }
        };
        let frames = frames(&bytes, &mut salvaged.damages);
        let mut directory = Directory::default();
        let (mut names, mut abouts) = (Names::new(), BTreeMap::new());
        for Frame { place, kind, content } in &frames {
            let wrong = match kind {
                Kind::Directory => directory.add(content).err(),
                Kind::Page | Kind::Points => add_names(*kind, content, &mut names).err(),
                Kind::About => add_abouts(content, &mut abouts).err(),
                _ => None,
            };
            salvaged.damages.extend(wrong.map(|wrong| damage(*place, kind.part(), wrong)));
        }
        salvaged.interval_seconds = directory.interval_seconds;
        for (number, name) in &names {
            let about = abouts.get(number).map(|about: &About| about.of(name));
            let found = salvaged.containers.entry(Arc::clone(name)).or_default();
            found.about = about.unwrap_or_default();
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

fn add_names(kind: Kind, content: &[u8], names: &mut Names) -> Result<(), Wrong> {
    if kind == Kind::Page {
        let (first, page) = Page::take(content).ok_or(Wrong::Form)?;
        let all = (0..page.entries.len()).map(|index| page.name(index).into());
        names.extend((first..).zip(all));
        return Ok(());
    }
    let header = Header::take(&mut Bytes(content)).ok_or(Wrong::Form)?;
    if let Some(name) = header.name {
        names.entry(header.container).or_insert_with(|| name.into());
    }
    Ok(())
}

fn add_abouts(content: &[u8], abouts: &mut BTreeMap<u64, About>) -> Result<(), Wrong> {
    let (first, group) = read_abouts(content)?;
    abouts.extend((first as u64..).zip(group));
    Ok(())
}

impl Salvaged {
    fn add(
        &mut self,
        frame: &Frame<'_>,
        directory: &Directory,
        names: &Names,
        columns: &mut Columns,
    ) -> Result<(), Wrong> {
        if !matches!(frame.kind, Kind::Points | Kind::Events | Kind::Tail) {
            return Ok(());
        }
        let mut bytes = Bytes(frame.content);
        let mut after = bytes;
        let number = after.varint().ok_or(Wrong::Form)?;
        let name = names.get(&number).ok_or(Wrong::NoDirectory)?;
        let found = self.containers.entry(Arc::clone(name)).or_default();
        match frame.kind {
            Kind::Points => {
                let header = Header::take(&mut bytes).ok_or(Wrong::Form)?;
                columns.read(header, bytes.0, directory)?;
                let last = found.points.last().map(|point| point.interval().start());
                let seconds = directory.interval_seconds;
                if last.is_some_and(|last| last / seconds.max(1) >= header.first) {
                    return Err(Wrong::Form);
                }
                columns.points((name, &(0..u64::MAX)), directory, &mut found.points)?;
            }
            Kind::Events => found.events = read_events(after.0).ok_or(Wrong::Form)?,
            _ => found.tail = Some(after.0.to_vec()),
        }
        Ok(())
    }
}

fn whole(stored: &dyn Stored) -> Result<Vec<u8>, Damage> {
    let wrong = |cause| damage(Place::default(), Part::Unknown, Wrong::Io(cause));
    let length = stored.length().map_err(wrong)?;
    let length =
        usize::try_from(length).map_err(|_| wrong(std::io::ErrorKind::FileTooLarge.into()))?;
    let mut bytes = vec![0; length];
    stored.read_at(&mut bytes, 0).map_err(wrong)?;
    Ok(bytes)
}

/// A frame that is whole.
#[derive(Debug)]
struct Frame<'b> {
    place: Place,
    kind: Kind,
    content: &'b [u8],
}

/// The frames that are whole. What lies between them goes to `damages`.
fn frames<'b>(bytes: &'b [u8], damages: &mut Vec<Damage>) -> Vec<Frame<'b>> {
    let mut frames = Vec::new();
    let (mut at, mut lost) = (0, 0);
    if bytes.starts_with(&MAGIC) {
        (at, lost) = (MAGIC.len(), MAGIC.len());
    }
    let mut tell = |from: usize, to: usize| {
        if from < to {
            let damage = damage(Place::default(), Part::Unknown, Wrong::Checksum);
            let (offset, length) = (from as u64, (to - from) as u64);
            damages.push(Damage { offset, length, ..damage });
        }
    };
    let mut patience = PATIENCE * bytes.len() as u64;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let begun =
            frame::begins(rest).and_then(|(kind, length)| Some((kind, rest.get(..length)?)));
        let found = begun.and_then(|(kind, frame)| {
            patience = patience.checked_sub(frame.len() as u64)?;
            let content = frame::content(frame, kind).ok()?;
            let length = u32::try_from(frame.len()).ok()?;
            Some(Frame { place: Place { offset: at as u64, length }, kind, content })
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
            // The footer is none, and is not needed.
            return frames;
        }
    }
    tell(lost, bytes.len());
    frames
}
