//! Reads samples from bytes. The kind of each cAdvisor document is found from its content.
//!
//! | document | served by |
//! |---|---|
//! | one container | `/api/v1.x/containers/` |
//! | list of containers | `/api/v1.x/subcontainers/` |
//! | map of containers by cgroup path | `/api/v1.x/docker/`, `/api/v2.1/stats/` |
//! | map of samples by cgroup path | `/api/v2.0/stats/` |
//! | list of samples of the machine | `/api/v2.x/machinestats` |
//!
//! and JSON of other doors:
//!
//! | document | from |
//! |---|---|
//! | the stats of a container, or a map of them by id | the Docker Engine, Podman, Amazon ECS |
//! | a node and its pods | the kubelet's `/stats/summary` |
//! | a request of metrics | OTLP JSON of the OpenTelemetry collector's `docker_stats` and `kubeletstats` |
//!
//! An input may hold one document or many, in a sequence or in a list. Of a damaged document, every
//! sample before the damage is read; reading continues at the next line that begins a document.
//! Where an object repeats a key, the first value counts.
//!
//! # What is not checked
//! Values that are not read are skipped, and only their quotes and brackets are checked: invalid
//! JSON inside of one, such as `tru` or `1 2`, goes unnoticed. A copy of a known sample may be
//! skipped by its length ([`Footprint`]). [`Parser::strict`] checks every value.
//!
//! # Memory use
//! An input is read in blocks. A document may have any length, one sample up to 16 MiB. A document
//! that is not formatted as cAdvisor formats it, for instance with white space, is held in memory
//! as a whole while it is read, and may have up to 1 GiB.

mod brackets;
mod cadvisor;
mod classify;
mod cursor;
mod decimal;
mod delivery;
mod describe;
mod direct;
mod document;
mod doors;
mod drafts;
mod engine;
mod exposition;
mod extent;
mod fault;
mod fields;
mod frame;
mod input;
mod key_order;
mod lanes;
mod lenient;
mod near;
mod otlp;
mod position;
mod remarks;
mod reporter;
mod scan;
mod summary;
#[cfg(test)]
mod tested;
mod unread;
mod untold;
mod wrapping;

use std::io::{self, Read};

use crate::cancel::Cancel;
use crate::container::Container;
pub use crate::document::{
    DocumentKind, Door, Note, ScrapeTime, Skipped, SkippedParts, UnknownDoor, Wanted,
};
use crate::error::Error;
pub use crate::footprint::Footprint;
use crate::metric::MetricSet;
use crate::sample::Sample;
use crate::time::Timestamp;
use cadvisor::fast::FastReader;
use cadvisor::schemas::Schemas;
use doors::Doors;
use exposition::Exposition;
use frame::FrameReader;
use wrapping::{LogFormat, LogReader, log_format};

/// Receives what a parser reads, in the order of the input.
pub trait Receiver {
    /// A container begins. The samples that follow are its own.
    fn container(&mut self, container: &Container, kind: DocumentKind);

    /// Returns how much of the sample at this time is wanted. The rest of it is not read.
    fn wants(&mut self, time: Timestamp) -> Wanted;

    /// A wanted sample was read; `text` is its text in the input.
    fn sample(&mut self, sample: &Sample, text: &[u8]);

    /// A sample has a time that means that it was never taken.
    fn never_taken(&mut self) {}

    /// A sample, or the whole list of a container, was left out because of an invalid value.
    fn faulty(&mut self, error: Error) {
        self.error(error);
    }

    /// Whether [labels](Container::labels) are wanted. Those of cAdvisor's JSON are told all the
    /// same; of other doors they are read only if they are.
    fn wants_labels(&self) -> bool {
        true
    }

    /// Something to know of the samples of the current container.
    fn note(&mut self, _note: Note) {}

    /// So many parts of a document have no samples for cmetrics.
    fn skipped(&mut self, _what: Skipped, _count: u64) {}

    /// A map has no containers.
    fn no_containers(&mut self) {}

    /// Anything else is wrong with the input.
    fn error(&mut self, error: Error);
}

/// The instructions that a parser may use. All of them read the same samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Instructions {
    /// Those that every processor has.
    Portable,
    /// AVX2, of `x86_64`.
    Avx2,
    /// AVX-512 (F, BW, VL), of `x86_64`.
    Avx512,
}

impl Instructions {
    /// All that this processor supports, the slowest first.
    pub fn available() -> Vec<Self> {
        let all = [Self::Portable, Self::Avx2, Self::Avx512];
        all.into_iter().filter(|one| FastReader::new(*one).is_some()).collect()
    }
}

/// Reads dumps. The keys it looks for follow from the metrics it was made for.
#[derive(Debug)]
pub struct Parser {
    schemas: Schemas,
    exposition: Exposition,
    doors: Doors,
    scraped_at: Option<ScrapeTime>,
    max_document_bytes: usize,
    /// `None` for a parser that checks every value.
    fast: Option<FastReader>,
    /// The buffer, kept for the next input.
    buffer: Vec<u8>,
    cancel: Cancel,
}

/// The message of the error for a cancelled input.
pub(crate) const UNFINISHED: &str = "the inputs were not read to their end";
/// The largest buffer that is kept for the next input.
const MAX_KEPT_BUFFER: usize = 16 << 20;

impl Parser {
    /// Creates a parser that reads these metrics, and no others.
    pub fn new(metrics: MetricSet) -> Self {
        Self::build(metrics, Instructions::available().pop().and_then(FastReader::new))
    }

    /// Creates a parser that uses these instructions; `None` if this processor lacks them.
    pub fn with_instructions(metrics: MetricSet, instructions: Instructions) -> Option<Self> {
        Some(Self::build(metrics, Some(FastReader::new(instructions)?)))
    }

    /// Creates a parser that checks the syntax of every value, including those that are not read.
    /// It is many times slower. For every input it accepts, the other parsers return the same
    /// samples.
    pub fn strict(metrics: MetricSet) -> Self {
        Self::build(metrics, None)
    }

    fn build(metrics: MetricSet, fast: Option<FastReader>) -> Self {
        Self {
            schemas: Schemas::new(metrics),
            exposition: Exposition::new(metrics, fast.is_some()),
            doors: Doors::new(metrics),
            scraped_at: None,
            max_document_bytes: frame::MAX_DOCUMENT_BYTES,
            fast,
            buffer: Vec::new(),
            cancel: Cancel::default(),
        }
    }

    /// Adds the templates of samples that `other`, a parser for the same metrics, has learnt. This
    /// parser then leaves unchecked what one that read both inputs would leave unchecked.
    pub(crate) fn learn_from(&mut self, other: Self) {
        if let (Some(fast), Some(other)) = (&mut self.fast, other.fast) {
            fast.learn_from(other);
        }
    }

    /// Frees the buffer that is kept for the next input.
    pub(crate) fn release_buffer(&mut self) {
        self.buffer = Vec::new();
    }

    /// Sets the time of the samples whose rows have none, in the exposition that is read next.
    /// Without it such rows make no samples.
    pub fn set_scraped_at(&mut self, time: Option<ScrapeTime>) {
        self.scraped_at = time;
    }

    /// Sets what a container is called of which the input tells no name: the Engine's stats before
    /// API 1.21 tell none. Without it such stats make no samples.
    pub fn set_container(&mut self, called: Option<String>) {
        self.doors.called = called;
    }

    /// Makes reading end soon after this token is cancelled, with an error of the kind
    /// [`Cancelled`](crate::ErrorKind::Cancelled). The token is checked between samples, documents
    /// and reads of the input.
    pub fn set_cancel(&mut self, cancel: Cancel) {
        self.cancel = cancel;
    }

    /// Reads an input that is in memory, like [`read`](Self::read) but without copying it.
    pub fn read_bytes(&mut self, input: &[u8], receiver: &mut dyn Receiver) -> u64 {
        if let Some(format) = log_format(input) {
            return self.read_log(input, format, receiver);
        }
        self.read_frames(
            &mut FrameReader::from_slice(input, self.max_document_bytes, self.cancel.clone()),
            receiver,
        )
    }

    /// Reads an input to its end, one document at a time, and returns its length in bytes.
    /// Everything in it, and everything wrong with it, goes to `receiver`.
    pub fn read(&mut self, input: impl Read, receiver: &mut dyn Receiver) -> u64 {
        let buffer = std::mem::take(&mut self.buffer);
        let mut frames =
            FrameReader::new(input, self.max_document_bytes, buffer, self.cancel.clone());
        if let Some(format) = log_format(frames.start_of_input(wrapping::ENOUGH))
            && !frames.failed()
        {
            let (start, rest) = frames.into_input();
            return self.read_log(io::Cursor::new(start).chain(rest), format, receiver);
        }
        let length = self.read_frames(&mut frames, receiver);
        self.buffer = frames.into_buffer();
        self.buffer.truncate(MAX_KEPT_BUFFER);
        self.buffer.shrink_to(MAX_KEPT_BUFFER);
        length
    }

    /// Reads the documents in a log of a container runtime.
    fn read_log(
        &mut self,
        input: impl Read,
        format: LogFormat,
        receiver: &mut dyn Receiver,
    ) -> u64 {
        let log = LogReader::new(input, format);
        let receiver = &mut log.placing(receiver);
        let (longest, cancel) = (self.max_document_bytes, self.cancel.clone());
        self.read_frames(&mut FrameReader::new(log, longest, Vec::new(), cancel), receiver)
    }
}
