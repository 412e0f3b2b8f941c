//! Reads a log, and tells damage apart from an incomplete write at its end.

use std::io;
use std::ops::Range;

use memchr::memmem::Finder;

use super::format::{
    FRAME_HEADER, FRAME_MAGIC, FrameCodec, FrameHeader, LOG_HEADER, LogHeader, MAX_PAYLOAD,
    empty_sum, sum,
};
use super::window::Window;
use crate::store::disk::ReadFile;

/// The longest frame must fit in what is read at once.
const _: () = assert!(FRAME_HEADER + MAX_PAYLOAD <= super::window::MOST);

/// The end of a log, and its damage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogEnd {
    pub(crate) header: LogHeader,
    /// The end of the last whole batch: the log continues there, and a later reader may resume
    /// there.
    pub(crate) length: u64,
    /// The checksum of all whole batches up to there.
    pub(crate) checksum: u32,
    /// Bytes at the end that no frame follows: a write that is in progress, or was interrupted.
    pub(crate) torn: Option<Range<u64>>,
    /// Whether these may be a partial write: they end too early, and are valid as far as can be
    /// told.
    pub(crate) is_cut: bool,
    /// Invalid bytes that a frame of this log follows, in rising order. A batch that lacks a frame
    /// is damaged as a whole.
    pub(crate) damage: Vec<Range<u64>>,
}

impl LogEnd {
    /// Whether it has a header alone.
    pub(crate) fn is_empty(&self) -> bool {
        self.length == LOG_HEADER as u64 && self.is_clean()
    }

    /// Whether it has whole batches alone.
    pub(crate) fn is_clean(&self) -> bool {
        self.torn.is_none() && self.damage.is_empty()
    }
}

/// Reads the header. Fails with `InvalidData` if it is damaged, `UnexpectedEof` if the file ends
/// within it, and `Unsupported` if it is of a newer format.
pub(crate) fn read_header(file: &dyn ReadFile) -> io::Result<LogHeader> {
    let mut bytes = [0; LOG_HEADER];
    file.read_at(&mut bytes, 0).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            io::Error::new(error.kind(), "the file ends within its header")
        }
        _ => error,
    })?;
    LogHeader::decode(&bytes)
}

/// Passes all whole batches behind `before` to `each`, with their offsets, and returns the end of
/// the log. Fails as `read_header` does, and with `InvalidData` if `before` is of another log, or
/// of a longer one.
pub(crate) fn read_log(
    file: &dyn ReadFile,
    before: Option<&LogEnd>,
    each: &mut dyn FnMut(u64, &[u8]),
) -> io::Result<LogEnd> {
    let log_header = read_header(file)?;
    let end = file.length()?;
    let (length, checksum) = match before {
        None => (LOG_HEADER as u64, empty_sum(&log_header)),
        Some(before) if before.header == log_header && before.length <= end => {
            (before.length, before.checksum)
        }
        Some(_) => {
            let message = "it is not the log that was read before, or was cut since";
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
    };
    let codec = FrameCodec::new(log_header.salt);
    let mut found = Scan::new(LogEnd {
        header: log_header,
        length,
        checksum,
        torn: None,
        is_cut: true,
        damage: vec![],
    });
    let mut window = Window::new(file, end);
    let mut offset = length;
    while offset < end {
        match frame_at(&mut window, codec, offset)? {
            FrameAt::Valid(header, payload) => {
                let next = offset + (FRAME_HEADER + payload.len()) as u64;
                found.add_frame(offset..next, &header, payload, each);
                offset = next;
                continue;
            }
            FrameAt::Damaged(length) => found.end.is_cut &= offset + length > end,
            FrameAt::None => found.end.is_cut &= end - offset < FRAME_HEADER as u64,
        }
        found.add_gap(offset);
        offset = next_frame(&mut window, codec, offset)?;
    }
    Ok(found.end(end))
}

/// What lies at an offset.
enum FrameAt<'w> {
    Valid(FrameHeader, &'w [u8]),
    /// A frame of this length whose payload is damaged or cut off. No other frame lies within it.
    Damaged(u64),
    None,
}

fn frame_at<'w>(
    window: &'w mut Window<'_>,
    codec: FrameCodec,
    offset: u64,
) -> io::Result<FrameAt<'w>> {
    let Some(header) =
        window.at(offset, FRAME_HEADER)?.and_then(|bytes| codec.parse(offset, bytes))
    else {
        return Ok(FrameAt::None);
    };
    let bytes = window.at(offset, FRAME_HEADER + header.length)?;
    let payload = bytes.and_then(|bytes| bytes.get(FRAME_HEADER..FRAME_HEADER + header.length));
    Ok(match payload.filter(|payload| header.is_of(payload)) {
        Some(payload) => FrameAt::Valid(header, payload),
        None => FrameAt::Damaged((FRAME_HEADER + header.length) as u64),
    })
}

/// The offset of the first frame at or behind `offset`, or else the end.
fn next_frame(window: &mut Window<'_>, codec: FrameCodec, mut offset: u64) -> io::Result<u64> {
    let finder = Finder::new(&FRAME_MAGIC);
    while let Some(bytes) = window.at(offset, FRAME_HEADER)? {
        let Some(skipped) = finder.find(bytes) else {
            // All but a possible beginning of the magic.
            offset += (bytes.len() - (FRAME_MAGIC.len() - 1)) as u64;
            continue;
        };
        offset += skipped as u64;
        offset += match frame_at(window, codec, offset)? {
            FrameAt::Valid(..) => return Ok(offset),
            FrameAt::Damaged(length) => length,
            FrameAt::None => 1,
        };
    }
    Ok(window.end())
}

/// The state of a scan.
struct Scan {
    end: LogEnd,
    /// The payload of an incomplete batch so far.
    batch: Vec<u8>,
    checksum: u32,
    /// Where that batch begins.
    begun: Option<u64>,
    bad: Option<BadRange>,
}

/// Bytes that belong to no batch.
#[derive(Clone, Copy)]
struct BadRange {
    start: u64,
    /// The end of the last frame behind `start`.
    frame: Option<u64>,
}

impl Scan {
    fn new(end: LogEnd) -> Self {
        let checksum = end.checksum;
        Self { end, batch: Vec::new(), checksum, begun: None, bad: None }
    }

    /// Adds a frame.
    fn add_frame(
        &mut self,
        place: Range<u64>,
        header: &FrameHeader,
        payload: &[u8],
        each: &mut dyn FnMut(u64, &[u8]),
    ) {
        if header.first {
            self.begin_batch(place.start);
        }
        let Some(start) = self.begun else {
            let bad = self.bad.get_or_insert(BadRange { start: place.start, frame: None });
            bad.frame = Some(place.end);
            return;
        };
        self.checksum = sum(self.checksum, header.check);
        if !(header.first && header.last) {
            self.batch.extend_from_slice(payload);
        }
        if header.last {
            each(start, if header.first { payload } else { &self.batch });
            self.end.length = place.end;
            self.end.checksum = self.checksum;
            self.begun = None;
        }
    }

    /// Notes that there is no frame at an offset.
    fn add_gap(&mut self, offset: u64) {
        let start = self.begun.take().unwrap_or(offset);
        self.bad.get_or_insert(BadRange { start, frame: None });
    }

    fn begin_batch(&mut self, offset: u64) {
        let bad = self.bad.take().map(|bad| bad.start).or(self.begun);
        self.end.damage.extend(bad.map(|start| start..offset));
        self.begun = Some(offset);
        self.batch.clear();
        self.checksum = self.end.checksum;
    }

    fn end(mut self, end: u64) -> LogEnd {
        let rest = match self.bad {
            Some(BadRange { start, frame: Some(frame) }) => {
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
