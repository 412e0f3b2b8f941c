//! The fast reader, which reads text that is formatted as cAdvisor formats it: without white space,
//! the time of a sample first, and no escapes in what is skipped. It leaves everything else to the
//! strict reader: a single sample of a new or unusual form, or a whole document.
//!
//! Of skipped values it checks only quotes and brackets.

#![expect(
    clippy::inline_always,
    reason = "what runs with special instructions has to be compiled with them, in one piece"
)]

mod copies;
mod delivered;
mod document;
mod element;
mod header_cache;

mod learn;
mod replay;
mod template_cache;
mod templates;
mod text;
mod timestamps;
mod walk;

use crate::parse::Instructions;
use crate::parse::lanes::Dispatch;
use crate::sample::Sample;
use crate::time::Timestamp;
pub(in crate::parse) use delivered::{CountingReceiver, Delivered, ResumingReceiver};
pub(in crate::parse) use document::{DocumentError, document};
use header_cache::HeaderCache;
use replay::Numbers;
use template_cache::TemplateCache;
use templates::MAX_NUMBERS;
use timestamps::TimestampReader;

/// The fast reader, with what it remembers from document to document.
pub(in crate::parse) struct FastReader {
    dispatch: Dispatch,
    templates: TemplateCache,
    headers: HeaderCache,
    timestamps: TimestampReader,
    sample: Sample,
    numbers: Box<Numbers>,
}

impl FastReader {
    /// `None` where this processor lacks the instructions.
    pub(in crate::parse) fn new(instructions: Instructions) -> Option<Self> {
        Some(Self {
            dispatch: Dispatch::new(instructions)?,
            templates: TemplateCache::default(),
            headers: HeaderCache::default(),
            timestamps: TimestampReader::default(),
            sample: Sample::new(Timestamp::from_nanos(1)?),
            numbers: Box::new([0; MAX_NUMBERS]),
        })
    }

    /// The instructions that it uses.
    pub(in crate::parse) fn dispatch(&self) -> Dispatch {
        self.dispatch
    }

    /// Adds the templates that `other` has learnt.
    pub(in crate::parse) fn learn_from(&mut self, other: Self) {
        self.templates.learn_from(other.templates);
    }
}

impl std::fmt::Debug for FastReader {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("FastReader")
            .field("dispatch", &self.dispatch)
            .finish_non_exhaustive()
    }
}
