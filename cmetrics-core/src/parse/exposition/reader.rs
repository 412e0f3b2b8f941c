//! Reads the lines of one document.

use std::io::Read;

use super::begins::{begins_points, is_end, is_quoted_row};
use super::emit::emit;
use super::head::HeadReader;
use super::labels::Labels;
use super::line::{Bad, Tail, TailReader};
use super::messages::{
    BEFORE_2263, BELOW_2_64, LONGEST_LINE, bad_line, no_containers, once, too_large, too_long,
};
use super::rows::{RowId, Rows};
use super::scrape::Scrape;
use super::slot::{Fault, Slot};
use crate::cancel::Cancel;
use crate::document::ScrapeTime;
use crate::error::{Error, Place, Problem};
use crate::metric::MetricSet;
use crate::parse::Receiver;
use crate::parse::frame::FrameReader;
use crate::parse::lanes::prefetch_line;
use crate::parse::position::Locator;

/// Reads expositions. It remembers the rows of those before.
#[derive(Debug)]
pub(in crate::parse) struct Exposition {
    scrape: Scrape,
    heads: HeadReader,
    tails: TailReader,
    rows: Rows,
    /// Whether the labels of containers are wanted.
    wants_labels: bool,
}

/// How much text is read at once.
const BLOCK: usize = 256 << 10;
/// How far ahead text is fetched, and how much of it for a row, in cache lines.
const AHEAD: usize = 2048;
const ROW: usize = 256;
const LINE: usize = 64;
/// Below these numbers of rows and containers it does not matter how many of them are out of date.
const FEW_ROWS: usize = 4096;
const FEW_CONTAINERS: usize = 256;
/// How many times the rows and containers of a document may be remembered: several machines may be
/// read in turn.
const MOST_TIMES: usize = 8;
/// Of how many documents the rows stay when others are forgotten.
const DOCUMENTS_KEPT: u32 = 4;

/// What one document is read with.
struct Document<'d> {
    receiver: &'d mut dyn Receiver,
    scraped_at: Option<ScrapeTime>,
    cancel: &'d Cancel,
    /// The last row.
    previous: RowId,
    /// How many rows there were.
    rows: usize,
    /// Whether anything was read of a container, or was reported.
    any: bool,
    /// The faults that are reported once.
    reported: Vec<Fault>,
}

/// Why reading a block ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// All of it was read.
    Block,
    /// The document ends.
    Document,
    /// Points that cmetrics wrote begin.
    Points,
    /// A scrape begins behind them.
    Scrape,
    /// The next row needs another document.
    Full(Fault),
    /// The next line is too long.
    LongLine,
}

impl Exposition {
    pub(in crate::parse) fn new(metrics: MetricSet, remembers: bool) -> Self {
        Self {
            scrape: Scrape::new(metrics, false),
            heads: HeadReader::default(),
            tails: TailReader::default(),
            rows: Rows::new(remembers),
            wants_labels: false,
        }
    }

    /// Begins another input.
    pub(in crate::parse) fn begin_input(&mut self) {
        self.scrape.begin_input();
    }

    /// Reads the document that begins next. It ends where it says so, where a JSON document begins,
    /// or with the input. The error is that it has nothing of containers.
    pub(in crate::parse) fn read<R: Read>(
        &mut self,
        frames: &mut FrameReader<'_, R>,
        scraped_at: Option<ScrapeTime>,
        receiver: &mut dyn Receiver,
        cancel: &Cancel,
    ) -> Result<(), Error> {
        let start = frames.position();
        let wants_labels = receiver.wants_labels();
        if std::mem::replace(&mut self.wants_labels, wants_labels) != wants_labels {
            self.forget();
        }
        self.scrape.scraped_at = scraped_at.map(|at| at.time().nanos());
        let mut document = Document {
            receiver,
            scraped_at,
            cancel,
            previous: Rows::START,
            rows: 0,
            any: false,
            reported: Vec::new(),
        };
        while !cancel.is_cancelled() {
            let Some(length) = next_block(frames) else { break };
            let block = frames.rest().get(..length).unwrap_or_default();
            let mut locator = Locator::new(block, frames.position());
            let (lines, read, end) = self.block(block, &mut locator, &mut document);
            if end == End::Full(Fault::NoRoom) {
                document.error(locator.locate(read), too_large());
            }
            if end != End::LongLine {
                let is_cut = block.get(..read).is_some_and(|text| !text.ends_with(b"\n"));
                frames.advance_lines(read, lines - usize::from(is_cut && lines > 0));
            }
            match end {
                End::Full(fault) => {
                    self.end(&mut document);
                    if fault == Fault::NoRoom {
                        self.forget();
                    }
                }
                End::Block => {}
                End::Document => break,
                End::Points => self.begin(true, &mut document),
                End::Scrape => self.begin(false, &mut document),
                End::LongLine => {
                    document.error(frames.position().into(), too_long());
                    frames.skip_line();
                }
            }
        }
        self.end(&mut document);
        if std::mem::take(&mut self.scrape.is_own) {
            self.forget();
        }
        if document.any || cancel.is_cancelled() {
            return Ok(());
        }
        Err(Error::at(start.into(), no_containers()))
    }

    /// Begins points that cmetrics wrote, or a scrape behind them: the same rows mean something else
    /// there.
    fn begin(&mut self, is_own: bool, document: &mut Document<'_>) {
        if document.rows > 0 {
            self.end(document);
        }
        self.scrape.is_own = is_own;
        self.forget();
    }

    /// Ends the document: hands over what was read.
    fn end(&mut self, document: &mut Document<'_>) {
        document.any |= self.scrape.has_rows || !self.scrape.touched.is_empty();
        emit(&mut self.scrape, document.scraped_at, document.receiver, document.cancel);
        let has_few_of = |known: usize, of_document| of_document < known / MOST_TIMES;
        let (containers, known) = (self.scrape.touched.len(), self.scrape.subjects.len());
        let is_old = known > FEW_CONTAINERS && containers > 0 && has_few_of(known, containers);
        let known = self.rows.len();
        let has_old_rows = known > FEW_ROWS && has_few_of(known, document.rows);
        if is_old || self.scrape.is_large() || (has_old_rows && self.rows.is_large()) {
            self.forget();
        } else {
            if has_old_rows {
                self.rows.forget_before(DOCUMENTS_KEPT);
            }
            self.scrape.end_document();
            self.rows.end_document();
        }
        document.previous = Rows::START;
    }

    /// Forgets all documents.
    fn forget(&mut self) {
        let Scrape { metrics, is_own, scraped_at, .. } = self.scrape;
        self.scrape = Scrape::new(metrics, is_own);
        self.scrape.scraped_at = scraped_at;
        self.rows.clear();
    }

    /// Reads the lines of a block. Returns how many were read, and how much that is.
    fn block(
        &mut self,
        block: &[u8],
        locator: &mut Locator<'_>,
        document: &mut Document<'_>,
    ) -> (usize, usize, End) {
        if block.len() > LONGEST_LINE {
            return (0, 0, End::LongLine);
        }
        let (mut lines, mut at) = (0, 0);
        // The first touch of a text costs as much as reading it.
        let fetch = |at| (0..ROW).step_by(LINE).for_each(|n| prefetch_line(block, at + AHEAD + n));
        while let Some(rest) = block.get(at..).filter(|rest| !rest.is_empty()) {
            fetch(at);
            let taken = if let Some((row, slot, length)) =
                self.rows.expected(document.previous, rest)
                && let Ok(tail) = self.tails.read(rest.get(length..).unwrap_or_default())
            {
                let taken = self.scrape.take(slot, &tail);
                if taken.is_ok() {
                    document.previous = row;
                    document.rows += 1;
                    lines += 1;
                    at += length + tail.length;
                    continue;
                }
                let row = Row { slot, head: length, length: length + tail.length };
                taken.map_err(|fault| (fault, row)).map(|()| 0)
            } else {
                let length = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
                let line = rest.get(..length).unwrap_or_default();
                match line.first() {
                    Some(b'#') if is_end(line) => return (lines + 1, at + length, End::Document),
                    Some(b'[') => return (lines, at, End::Document),
                    Some(b'{') if !is_quoted_row(line) => return (lines, at, End::Document),
                    Some(b'#') if begins_points(line) => {
                        return (lines + 1, at + length, End::Points);
                    }
                    // Our points describe no family but the one that marks them.
                    Some(b'#') if self.scrape.is_own && line.starts_with(b"# HELP ") => {
                        return (lines, at, End::Scrape);
                    }
                    Some(b'#') => {
                        self.scrape.scrapes.comment(line);
                        Ok(length)
                    }
                    _ => self.line(line, at, locator, document),
                }
            };
            match taken {
                Ok(length) => at += length,
                Err((fault @ (Fault::NoRoom | Fault::NewScrape), _)) => {
                    return (lines, at, End::Full(fault));
                }
                Err((fault, row)) => {
                    self.report(fault, &row, rest, at, locator, document);
                    at += row.length;
                }
            }
            lines += 1;
        }
        (lines, at, End::Block)
    }

    /// Reads a line that is not the one that was expected. Returns its length.
    #[inline(never)]
    fn line(
        &mut self,
        line: &[u8],
        at: usize,
        locator: &mut Locator<'_>,
        document: &mut Document<'_>,
    ) -> Result<usize, (Fault, Row)> {
        let text = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii_start();
        let before = line.len() - text.len();
        if text.is_empty() || text.starts_with(b"#") {
            return Ok(line.len());
        }
        let read = self.row(text, document.previous);
        let (length, tail, found) = match read {
            Ok(read) => read,
            Err(bad) => {
                let place = locator.locate(at + before + bad.at);
                document.error(place, bad_line(text, bad.at, bad.expected));
                return Ok(line.len());
            }
        };
        let Some((row, slot)) = found else {
            return Err((Fault::NoRoom, Row::default()));
        };
        document.previous = row.unwrap_or(document.previous);
        document.rows += 1;
        let row = Row { slot, head: before + length, length: line.len() };
        self.scrape.take(slot, &tail).map(|()| line.len()).map_err(|fault| (fault, row))
    }

    /// Reads a row: the length of its head, its tail, and which row it is, if there is room for it.
    fn row(&mut self, text: &[u8], previous: RowId) -> Result<(usize, Tail, Found), Bad> {
        let length = self.heads.read(text)?;
        let (head, behind) = text.split_at_checked(length).unwrap_or((text, b""));
        let tail = self.tails.read(behind).map_err(|bad| Bad { at: bad.at + length, ..bad });
        let hash = self.rows.hash(head);
        if let Ok(tail) = tail
            && let Some((row, slot)) = self.rows.find(previous, head, hash)
        {
            return Ok((length, tail, Some((Some(row), slot))));
        }
        let name = self.heads.name(text);
        let slot = match self.scrape.family.about(&name) {
            Some(about) => {
                let mut labels = Labels::new(self.wants_labels);
                self.heads.labels(text, &mut labels)?;
                tail.as_ref().map_err(|bad| *bad)?;
                self.scrape.slot(about, &labels, length)
            }
            None if self.heads.has_bare_name() => Some(Slot::default()),
            None => {
                // What is quoted may be no text.
                self.heads.labels(text, &mut Labels::default())?;
                Some(Slot::default())
            }
        };
        let tail = tail?;
        let found = slot.map(|slot| (self.rows.add(previous, head, hash, slot), slot));
        Ok((length, tail, found))
    }

    /// Reports what is wrong with a row, which begins at an offset of the block.
    #[cold]
    fn report(
        &self,
        fault: Fault,
        row: &Row,
        text: &[u8],
        at: usize,
        locator: &mut Locator<'_>,
        document: &mut Document<'_>,
    ) {
        let behind = text.get(row.head..).unwrap_or_default();
        let value = row.head + behind.iter().take_while(|byte| **byte == b' ').count();
        let container =
            row.slot.container().and_then(|index| self.scrape.subjects.get(index as usize));
        let container = container.map(|subject| subject.who.path.as_str().into());
        let place = |at| Place { container, ..locator.locate(at) };
        if let Some(problem) = once(fault) {
            if !document.reported.contains(&fault) {
                document.reported.push(fault);
                document.error(place(at), problem);
            }
        } else {
            let expected = if fault == Fault::Time { BEFORE_2263 } else { BELOW_2_64 };
            document.error(place(at + value), bad_line(text, value, expected));
        }
    }
}

/// Which row was read, if it is remembered, and what it means. `None` if there is no room for it.
type Found = Option<(Option<RowId>, Slot)>;

/// A row in a block.
#[derive(Clone, Copy, Default)]
struct Row {
    slot: Slot,
    /// The length of its head, and of the line.
    head: usize,
    length: usize,
}

impl Document<'_> {
    fn error(&mut self, place: Place, problem: Problem) {
        self.any = true;
        self.receiver.error(Error::at(place, problem));
    }
}

/// The length of the whole lines ahead, as many as are read at once; more than that of the longest
/// line if the next line is longer. `None` at the end of the input.
fn next_block<R: Read>(frames: &mut FrameReader<'_, R>) -> Option<usize> {
    let mut most = BLOCK;
    loop {
        let ahead = frames.rest();
        let block = ahead.get(..most).unwrap_or(ahead);
        if let Some(end) = memchr::memrchr(b'\n', block) {
            return Some(end + 1);
        }
        if block.len() > LONGEST_LINE {
            return Some(block.len());
        }
        if block.len() == most {
            most *= 2;
        } else if !frames.fill() {
            let rest = frames.rest().len();
            return (rest > 0).then_some(rest);
        }
    }
}
