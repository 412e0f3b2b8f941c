//! Bytes to samples. cAdvisor's documents are told apart by their content.
//!
//! | document | served by |
//! |---|---|
//! | one container | `/api/v1.x/containers/` |
//! | list of containers | `/api/v1.x/subcontainers/` |
//! | map of containers by cgroup path | `/api/v1.x/docker/`, `/api/v2.1/stats/` |
//! | map of samples by cgroup path | `/api/v2.0/stats/` |
//! | list of samples of the machine | `/api/v2.x/machinestats` |
//!
//! An input may hold one of them or many, one behind the other or in a list. Where one is damaged,
//! every sample before the damage counts, and reading goes on at the next line that begins a
//! document. Of a key that is repeated the first counts.
//!
//! # What is not checked
//! Values that are not read are skipped, and checked as far as their quotes and brackets: what is
//! no JSON inside of one, such as `tru` or `1 2`, goes unnoticed. A copy of a known sample may be
//! jumped over ([`Footprint`]). [`Parser::strict`] checks every value.
//!
//! # How much memory it takes
//! An input is read in blocks. A document may be of any length, and one sample of 16 MiB. A
//! document that is not written as cAdvisor writes it, with white space for instance, is held
//! whole while it is read, and may have 1 GiB.

mod brackets;
mod classify;
mod cursor;
mod describe;
mod fast;
mod frame;
mod lenient;
mod position;
mod scan;
mod schema;
mod schemas;
mod strict;

use std::io::Read;

use crate::cancel::Cancel;
use crate::container::Container;
pub use crate::document::{DocumentKind, Footprint, Wanted};
use crate::error::{Error, ErrorKind, Problem};
use crate::metric::MetricSet;
use crate::sample::Sample;
use crate::time::Timestamp;
use cursor::Cursor;
use fast::{Delivered, DocumentError, FastReader, ResumingReceiver};
use frame::{Frame, FrameReader, FrameState};
use position::Locator;
use schemas::Schemas;
use strict::DocumentReader;

/// Who takes what is read, in the order of the input.
pub trait Receiver {
    /// A container. The samples that follow are its own.
    fn container(&mut self, container: &Container, kind: DocumentKind);

    /// How much of a sample of this time is wanted. The rest of it is not looked at.
    fn wants(&mut self, time: Timestamp) -> Wanted;

    /// A sample that was wanted, and its text in the input.
    fn sample(&mut self, sample: &Sample, text: &[u8]);

    /// A sample whose time says that it was never taken.
    fn never_taken(&mut self) {}

    /// A sample, or a container's whole list, was left out because of a value that cannot be.
    fn faulty(&mut self, error: Error) {
        self.error(error);
    }

    /// A map without any container.
    fn no_containers(&mut self) {}

    /// Something else is wrong with the input.
    fn error(&mut self, error: Error);
}

/// The instructions that a parser may use. All give the same samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Instructions {
    /// What every processor has.
    Portable,
    /// AVX2, of `x86_64`.
    Avx2,
    /// AVX-512 (F, BW, VL), of `x86_64`.
    Avx512,
}

impl Instructions {
    /// All that this processor has, the slowest first.
    pub fn available() -> Vec<Self> {
        let all = [Self::Portable, Self::Avx2, Self::Avx512];
        all.into_iter().filter(|one| FastReader::new(*one).is_some()).collect()
    }
}

/// Reads dumps: which keys it looks for follows from the metrics it was made for.
#[derive(Debug)]
pub struct Parser {
    schemas: Schemas,
    max_document_bytes: usize,
    /// `None` where every value is to be checked.
    fast: Option<FastReader>,
    /// Room for the next input.
    buffer: Vec<u8>,
    cancel: Cancel,
}

/// What a cancelled input's error says.
pub(crate) const UNFINISHED: &str = "the inputs were not read to their end";
/// How much room is kept from input to input.
const MAX_KEPT_BUFFER: usize = 16 << 20;

impl Parser {
    /// A parser that reads these metrics, and no others.
    pub fn new(metrics: MetricSet) -> Self {
        Self::build(metrics, Instructions::available().pop().and_then(FastReader::new))
    }

    /// The same with these instructions; `None` where this processor lacks them.
    pub fn with_instructions(metrics: MetricSet, instructions: Instructions) -> Option<Self> {
        Some(Self::build(metrics, Some(FastReader::new(instructions)?)))
    }

    /// A parser that checks the syntax of every value, those that are not read included: many
    /// times slower, and for whatever it accepts the others give the same samples.
    pub fn strict(metrics: MetricSet) -> Self {
        Self::build(metrics, None)
    }

    fn build(metrics: MetricSet, fast: Option<FastReader>) -> Self {
        Self {
            schemas: Schemas::new(metrics),
            max_document_bytes: frame::MAX_DOCUMENT_BYTES,
            fast,
            buffer: Vec::new(),
            cancel: Cancel::default(),
        }
    }

    /// Learns all that `other` has learnt, a parser for the same metrics, of what samples look like:
    /// what this one overlooks is then what one would that had read the inputs of both.
    pub(crate) fn learn_from(&mut self, other: Self) {
        if let (Some(fast), Some(other)) = (&mut self.fast, other.fast) {
            fast.learn_from(other);
        }
    }

    /// Gives back the room for the next input.
    pub(crate) fn release_buffer(&mut self) {
        self.buffer = Vec::new();
    }

    /// Has reading end soon after this token is cancelled, with an error of the kind
    /// [`Cancelled`](crate::ErrorKind::Cancelled): between samples, documents and reads of the
    /// input.
    pub fn cancel_by(&mut self, cancel: Cancel) {
        self.cancel = cancel;
    }

    /// Reads an input that lies in memory, like [`read`](Self::read) but without copying it.
    pub fn read_bytes(&mut self, input: &[u8], receiver: &mut dyn Receiver) -> u64 {
        self.read_frames(
            &mut FrameReader::from_slice(input, self.max_document_bytes, self.cancel.clone()),
            receiver,
        )
    }

    /// Reads an input to its end, a document at a time, and returns its length in bytes.
    /// Everything in it, and everything wrong with it, goes to `receiver`.
    pub fn read(&mut self, input: impl Read, receiver: &mut dyn Receiver) -> u64 {
        let buffer = std::mem::take(&mut self.buffer);
        let mut frames =
            FrameReader::new(input, self.max_document_bytes, buffer, self.cancel.clone());
        let length = self.read_frames(&mut frames, receiver);
        self.buffer = frames.into_buffer();
        self.buffer.truncate(MAX_KEPT_BUFFER);
        self.buffer.shrink_to(MAX_KEPT_BUFFER);
        length
    }

    fn read_frames<R: Read>(
        &mut self,
        frames: &mut FrameReader<'_, R>,
        receiver: &mut dyn Receiver,
    ) -> u64 {
        let mut any = false;
        let mut reported_no_dump = false;
        while !frames.is_cancelled() {
            let failed_before = frames.failed();
            let mut delivered = Delivered::default();
            if let Some(fast) = self.fast.as_mut().filter(|_| frames.at_document()) {
                any = true;
                let read = fast::document(fast, &self.schemas, frames, receiver);
                match read {
                    _ if frames.is_cancelled() => break,
                    Ok(()) => continue,
                    Err(DocumentError::Damaged(error)) => {
                        receiver.error(error);
                        continue;
                    }
                    Err(DocumentError::Fallback(before)) => delivered = before,
                }
            }
            let receiver = &mut ResumingReceiver::new(receiver, delivered);
            let Some(frame) = frames.next() else { break };
            any = true;
            let (state, after_damage) = (frame.state, frame.after_damage);
            let Err(error) = self.read_frame(&frame, receiver) else { continue };
            if frames.is_cancelled() {
                break;
            }
            // What the failure of the input cut off is no fault of the text.
            let cut_off = state == FrameState::Broken && !failed_before && frames.failed();
            // A part of what was damaged may look like a document that is no dump; and text that
            // is none is told of once, however much of it there is.
            let already_reported = error.kind() == ErrorKind::NotADump
                && (after_damage || std::mem::replace(&mut reported_no_dump, true));
            if !cut_off && !already_reported {
                receiver.error(error);
            }
        }
        let end = frames.position();
        match frames.take_io_error() {
            _ if frames.is_cancelled() => {
                receiver.error(Error::new(Problem::Cancelled(UNFINISHED)));
            }
            Some(failure) => receiver.error(Error::at(end.into(), Problem::Io(failure))),
            None if !any => {
                let looks_like = describe::text(b"");
                receiver.error(Error::at(end.into(), Problem::NotADump { looks_like }));
            }
            None => {}
        }
        end.offset
    }

    fn read_frame(&self, frame: &Frame<'_>, receiver: &mut dyn Receiver) -> Result<(), Error> {
        let place = || frame.start.into();
        if frame.state == FrameState::NotJson {
            return Err(Error::at(place(), not_json(frame.text)));
        }
        let locator = Locator::new(frame.text, frame.start);
        let read = DocumentReader::new(&self.schemas, receiver, locator, &self.cancel)
            .read(&mut Cursor::new(frame.text));
        let limit = match frame.state {
            FrameState::TooDeep => {
                format!("brackets are nested more than {} deep", brackets::MAX_DEPTH)
            }
            FrameState::TooLong => format!(
                "a document of more than {} bytes; ask cAdvisor for fewer samples or containers",
                self.max_document_bytes,
            ),
            FrameState::Whole | FrameState::Broken | FrameState::NotJson => return read,
        };
        Err(Error::at(place(), Problem::TooLarge(limit)))
    }
}

/// What is wrong with text that is no JSON from its first byte on.
fn not_json(text: &[u8]) -> Problem {
    match text.first() {
        // What is left of a document that ended too early for its brackets.
        Some(&byte @ (b'}' | b']' | b',' | b':')) => {
            Problem::Json(format!("expected a document, found `{}`", char::from(byte)))
        }
        _ => Problem::NotADump { looks_like: describe::text(text) },
    }
}
