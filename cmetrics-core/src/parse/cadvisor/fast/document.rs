//! Walks one document to its samples, while it is being read.

use std::io::Read;
use std::sync::Arc;

use super::delivered::{CountingReceiver, Delivered};
use super::element::SampleList;
use super::replay::Skip;
use super::text::{Nesting, StepError, Text};
use super::walk::{MAX_HEADER_BYTES, MAX_SAMPLE_BYTES, Walk, WalkError};
use super::{FastReader, header_cache::CachedHeader};
use crate::container::Container;
use crate::error::{Error, Problem};
use crate::parse::cadvisor::schemas::Schemas;
use crate::parse::cadvisor::strict::Flags;
use crate::parse::classify::{self, DocumentShape};
use crate::parse::cursor::Cursor;
use crate::parse::doors::DoorShape;
use crate::parse::frame::FrameReader;
use crate::parse::{DocumentKind, Receiver};

/// How much of a document is kept at least, so that the strict reader can read it from its
/// beginning. A longer document is restarted at each container.
const REWIND_BYTES: usize = 2 << 20;
/// The same within one container. A longer container cannot be read again.
const CONTAINER_REWIND_BYTES: usize = 16 << 20;
/// How deeply lists of documents may be nested.
const NESTED_LISTS: usize = 3;

/// Why the fast reader did not read a document to its end.
#[derive(Debug)]
pub(in crate::parse) enum DocumentError {
    /// It is of another door, and nothing of it was read.
    Of(DoorShape),
    /// The strict reader has to read it, from its beginning.
    Fallback(Delivered),
    /// It is damaged, and its beginning is no longer in memory.
    Damaged(Error),
}

/// Reads the document ahead in `input`, and consumes it.
pub(in crate::parse) fn document<R: Read>(
    fast: &mut FastReader,
    schemas: &Schemas,
    input: &mut FrameReader<'_, R>,
    receiver: &mut dyn Receiver,
) -> Result<(), DocumentError> {
    let receiver = CountingReceiver::new(receiver);
    let mut walk = Walk {
        fast,
        schemas,
        input,
        receiver,
        at: 0,
        container: None,
        next_time: None,
        single_line: true,
        noted: false,
        rewindable: true,
    };
    match walk.read_value(0) {
        Ok(()) => {
            let Walk { at, single_line, .. } = walk;
            input.advance(at, single_line);
            Ok(())
        }
        Err(error) => Err(walk.document_error(&error)),
    }
}

impl<R: Read> Walk<'_, '_, R> {
    fn read_value(&mut self, depth: usize) -> Result<(), WalkError> {
        let shape = self.attempt(MAX_HEADER_BYTES, |walk| {
            let text = walk.text();
            match classify::classify(Cursor::fast(text.from(walk.at), walk.fast.dispatch())) {
                DocumentShape::Unknown if !text.ended => Err(StepError::Incomplete),
                shape => Ok(shape),
            }
        })?;
        match shape {
            DocumentShape::Container => self.container(None),
            DocumentShape::ContainerMap => self.map(depth),
            DocumentShape::Of(door) if depth == 0 => Err(WalkError::Of(door)),
            DocumentShape::MachineSamples => {
                self.expect(b'[')?;
                self.samples_of("/", DocumentKind::MachineStats, Flags::default())
            }
            DocumentShape::List if depth < NESTED_LISTS => {
                self.expect(b'[')?;
                while {
                    self.read_value(depth + 1)?;
                    self.next_member(b']')?
                } {
                    self.restart_at_member(b'[', depth);
                }
                Ok(())
            }
            _ => Err(WalkError::Fallback),
        }
    }

    /// Reads a map from cgroup path to container (v1, v2.1) or to samples (v2.0).
    fn map(&mut self, depth: usize) -> Result<(), WalkError> {
        self.expect(b'{')?;
        while {
            let (path, length) =
                self.attempt(MAX_HEADER_BYTES, |walk| path(walk.text(), walk.at))?;
            self.at += length;
            match self.peek()? {
                b'{' => self.container(Some(&path))?,
                b'[' => {
                    self.at += 1;
                    self.samples_of(&path, DocumentKind::V2_0, Flags::in_samples())?;
                }
                _ => return Err(WalkError::Fallback),
            }
            self.next_member(b'}')?
        } {
            self.restart_at_member(b'{', depth);
        }
        Ok(())
    }

    /// Drops the members of a long document that were read. The members ahead form a document too,
    /// once the comma before them is replaced by the document's opening bracket.
    fn restart_at_member(&mut self, bracket: u8, depth: usize) {
        if depth == 0 && self.at > REWIND_BYTES && !self.input.is_in_memory() {
            self.input.advance(self.at - 1, self.single_line);
            self.input.replace_first_byte(bracket);
            (self.at, self.single_line) = (1, true);
            self.receiver.delivered = Delivered::default();
        }
    }

    fn samples_of(
        &mut self,
        path: &str,
        kind: DocumentKind,
        flags: Flags,
    ) -> Result<(), WalkError> {
        let container = Arc::new(Container::at_path(path));
        self.receiver.container(&container, kind);
        self.container = Some(container);
        let list = SampleList::new(&mut self.fast.templates, kind, flags);
        self.samples(list)?;
        self.container = None;
        Ok(())
    }

    fn container(&mut self, path: Option<&str>) -> Result<(), WalkError> {
        let header = self.attempt(MAX_HEADER_BYTES, |walk| {
            let text = Text { bytes: walk.input.rest(), ended: walk.input.ended() };
            walk.fast.headers.read(text, walk.at, path)
        })?;
        let start = self.at;
        self.at += header.length;
        if header.has_samples && !header.settled {
            self.check_container_ends()?;
        }
        let text = self.input.rest().get(start..self.at).unwrap_or_default();
        self.single_line &= memchr::memchr(b'\n', text).is_none();
        let CachedHeader { container, kind, flags, has_samples, .. } = header;
        self.receiver.container(&container, kind);
        if has_samples {
            self.container = Some(container);
            let list = SampleList::new(&mut self.fast.templates, kind, flags);
            self.samples(list)?;
            self.expect(b'}')?;
            self.container = None;
        }
        Ok(())
    }

    /// Checks that the container ends after the samples ahead, so that nothing after them can
    /// change how they are read.
    fn check_container_ends(&mut self) -> Result<(), WalkError> {
        self.attempt(CONTAINER_REWIND_BYTES, |walk| {
            let text = Text { bytes: walk.input.rest(), ended: walk.input.ended() };
            let end = walk.fast.dispatch.run(Skip { text, at: walk.at, nesting: Nesting::LIST })?;
            match text.bytes.get(end) {
                Some(b'}') => Ok(()),
                Some(_) => Err(StepError::Fallback),
                None => Err(text.end_error()),
            }
        })
    }

    /// Drops the samples that were read, in a container that is too long to be kept.
    pub(super) fn drop_read_samples(&mut self) {
        if self.at > CONTAINER_REWIND_BYTES && !self.input.is_in_memory() {
            self.input.advance(self.at, self.single_line);
            self.next_time = self.next_time.map(|(time, end)| (time, end - self.at));
            (self.at, self.single_line, self.rewindable) = (0, true, false);
        }
    }

    fn document_error(&mut self, error: &WalkError) -> DocumentError {
        if let WalkError::Of(door) = error {
            return DocumentError::Of(*door);
        }
        if self.rewindable && !matches!(error, WalkError::TooLong) {
            return DocumentError::Fallback(self.receiver.delivered);
        }
        let problem = match error {
            WalkError::TooLong => {
                Problem::TooLarge(format!("a sample of more than {MAX_SAMPLE_BYTES} bytes"))
            }
            WalkError::Fallback | WalkError::Of(_) => Problem::Json(self.syntax_error()),
        };
        let mut place = self.input.place(self.at);
        place.container = self.container.as_ref().map(|container| (&*container.path).into());
        // What was read is not read again.
        self.input.advance(self.at, self.single_line);
        self.input.resync();
        DocumentError::Damaged(Error::at(place, problem))
    }

    /// The error of a document whose beginning is no longer in memory.
    fn syntax_error(&mut self) -> String {
        let mut cursor = Cursor::new(self.input.rest());
        cursor.seek(self.at);
        match cursor.skip() {
            Err(error) => error.message,
            Ok(_) => "expected another sample, or the end of the list".to_owned(),
        }
    }
}

/// Reads the key at `at`, a path, and returns it with the length of its text and the colon.
fn path(text: Text<'_>, at: usize) -> Result<(String, usize), StepError> {
    let rest = text.from(at);
    let Some(inner) = rest.strip_prefix(b"\"") else {
        return Err(if rest.is_empty() { text.end_error() } else { StepError::Fallback });
    };
    let Some(length) = memchr::memchr(b'"', inner) else { return Err(text.end_error()) };
    let path = inner.get(..length).unwrap_or_default();
    match (std::str::from_utf8(path), inner.get(length + 1)) {
        (_, None) => Err(text.end_error()),
        (Ok(path), Some(b':')) if !path.bytes().any(|byte| byte == b'\\' || byte < 0x20) => {
            Ok((path.to_owned(), length + 3))
        }
        _ => Err(StepError::Fallback),
    }
}
