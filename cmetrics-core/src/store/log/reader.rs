//! Reading a log, and telling what is damaged from what was never written to its end.

use std::io;
use std::ops::Range;

use memchr::memmem::Finder;

use super::format::{FRAME_MAGIC, HEAD, HEADER, Head, LogHeader, MOST, Seal, empty_sum, sum};
use super::window::Window;
use crate::store::disk::Stored;

/// The longest frame must fit in what is read at once.
const _: () = assert!(HEAD + MOST <= super::window::MOST);

/// How a log ends, and what is not right with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogEnd {
    pub(crate) header: LogHeader,
    /// Where the last whole batch ends: so far one goes on with it, and reads it later.
    pub(crate) length: u64,
    /// A checksum of all whole batches up to there.
    pub(crate) checksum: u32,
    /// Bytes at the end, with no frame behind them: what was being written when its writer was
    /// stopped, or is being written.
    pub(crate) torn: Option<Range<u64>>,
    /// Whether these are what a write leaves of which a part was written: they end too early, and
    /// are right as far as can be told.
    pub(crate) is_cut: bool,
    /// Bytes with a frame of this log behind them, in rising order. A batch that misses a frame is
    /// damaged as a whole.
    pub(crate) damage: Vec<Range<u64>>,
}

impl LogEnd {
    /// Whether there is nothing behind its header.
    pub(crate) fn is_empty(&self) -> bool {
        self.length == HEADER as u64 && self.is_clean()
    }

    /// Whether there is nothing but whole batches.
    pub(crate) fn is_clean(&self) -> bool {
        self.torn.is_none() && self.damage.is_empty()
    }
}

/// Reads the header alone. It fails with `InvalidData` if it is damaged, `UnexpectedEof` if the
/// file ends within it, and `Unsupported` if it is of a newer format.
pub(crate) fn read_header(stored: &dyn Stored) -> io::Result<LogHeader> {
    let mut bytes = [0; HEADER];
    stored.read_at(&mut bytes, 0).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            io::Error::new(error.kind(), "the file ends within its header")
        }
        _ => error,
    })?;
    LogHeader::decode(&bytes)
}

/// Gives all whole batches behind what was read `before`, each with its place in the file, and says
/// how the log ends. It fails as `read_header` does, and with `InvalidData` if what was read before
/// was another log, or more.
pub(crate) fn read_log(
    stored: &dyn Stored,
    before: Option<&LogEnd>,
    each: &mut dyn FnMut(u64, &[u8]),
) -> io::Result<LogEnd> {
    let header = read_header(stored)?;
    let end = stored.length()?;
    let (length, checksum) = match before {
        None => (HEADER as u64, empty_sum(&header)),
        Some(before) if before.header == header && before.length <= end => {
            (before.length, before.checksum)
        }
        Some(_) => {
            let message = "it is not the log that was read before, or was cut since";
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
    };
    let seal = Seal::new(header.salt);
    let mut found =
        Found::new(LogEnd { header, length, checksum, torn: None, is_cut: true, damage: vec![] });
    let mut window = Window::new(stored, end);
    let mut offset = length;
    while offset < end {
        match look(&mut window, seal, offset)? {
            Met::Frame(head, payload) => {
                let next = offset + (HEAD + payload.len()) as u64;
                found.meet(offset..next, &head, payload, each);
                offset = next;
                continue;
            }
            Met::Broken(length) => found.end.is_cut &= offset + length > end,
            Met::Nothing => found.end.is_cut &= end - offset < HEAD as u64,
        }
        found.miss(offset);
        offset = next_frame(&mut window, seal, offset)?;
    }
    Ok(found.end(end))
}

/// What lies somewhere.
enum Met<'w> {
    Frame(Head, &'w [u8]),
    /// A frame of so many bytes whose payload is damaged or cut off. No other lies within it.
    Broken(u64),
    Nothing,
}

fn look<'w>(window: &'w mut Window<'_>, seal: Seal, offset: u64) -> io::Result<Met<'w>> {
    let Some(head) = window.at(offset, HEAD)?.and_then(|bytes| seal.parse(offset, bytes)) else {
        return Ok(Met::Nothing);
    };
    let bytes = window.at(offset, HEAD + head.length)?;
    let payload = bytes.and_then(|bytes| bytes.get(HEAD..HEAD + head.length));
    Ok(match payload.filter(|payload| head.is_of(payload)) {
        Some(payload) => Met::Frame(head, payload),
        None => Met::Broken((HEAD + head.length) as u64),
    })
}

/// Where the first frame at or behind `offset` lies, or else the end.
fn next_frame(window: &mut Window<'_>, seal: Seal, mut offset: u64) -> io::Result<u64> {
    let finder = Finder::new(&FRAME_MAGIC);
    while let Some(bytes) = window.at(offset, HEAD)? {
        let Some(skipped) = finder.find(bytes) else {
            // All but what may be the beginning of the magic.
            offset += (bytes.len() - (FRAME_MAGIC.len() - 1)) as u64;
            continue;
        };
        offset += skipped as u64;
        offset += match look(window, seal, offset)? {
            Met::Frame(..) => return Ok(offset),
            Met::Broken(length) => length,
            Met::Nothing => 1,
        };
    }
    Ok(window.end())
}

/// What was found so far.
struct Found {
    end: LogEnd,
    /// The payload of the frames of a batch that is not whole yet, and their checksum.
    batch: Vec<u8>,
    checksum: u32,
    /// Where that batch begins.
    begun: Option<u64>,
    bad: Option<Bad>,
}

/// Bytes that are of no batch.
#[derive(Clone, Copy)]
struct Bad {
    start: u64,
    /// Where the last frame behind the first of these bytes ends.
    frame: Option<u64>,
}

impl Found {
    fn new(end: LogEnd) -> Self {
        let checksum = end.checksum;
        Self { end, batch: Vec::new(), checksum, begun: None, bad: None }
    }

    /// A frame lies here.
    fn meet(
        &mut self,
        place: Range<u64>,
        head: &Head,
        payload: &[u8],
        each: &mut dyn FnMut(u64, &[u8]),
    ) {
        if head.first {
            self.begin(place.start);
        }
        let Some(start) = self.begun else {
            let bad = self.bad.get_or_insert(Bad { start: place.start, frame: None });
            bad.frame = Some(place.end);
            return;
        };
        self.checksum = sum(self.checksum, head.check);
        if !(head.first && head.last) {
            self.batch.extend_from_slice(payload);
        }
        if head.last {
            each(start, if head.first { payload } else { &self.batch });
            self.end.length = place.end;
            self.end.checksum = self.checksum;
            self.begun = None;
        }
    }

    /// No frame lies here.
    fn miss(&mut self, offset: u64) {
        let start = self.begun.take().unwrap_or(offset);
        self.bad.get_or_insert(Bad { start, frame: None });
    }

    fn begin(&mut self, offset: u64) {
        let bad = self.bad.take().map(|bad| bad.start).or(self.begun);
        self.end.damage.extend(bad.map(|start| start..offset));
        self.begun = Some(offset);
        self.batch.clear();
        self.checksum = self.end.checksum;
    }

    fn end(mut self, end: u64) -> LogEnd {
        let rest = match self.bad {
            Some(Bad { start, frame: Some(frame) }) => {
                self.end.damage.push(start..frame);
                Some(frame)
            }
            Some(bad) => Some(bad.start),
            None => self.begun,
        };
        self.end.torn = rest.filter(|rest| *rest < end).map(|rest| rest..end);
        self.end
    }
}
