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
mod lanes;
mod learn;
mod replay;
mod template_cache;
mod templates;
mod text;
mod timestamps;
mod walk;

use super::Instructions;
use crate::sample::Sample;
use crate::time::Timestamp;
pub(super) use delivered::{Delivered, ResumingReceiver};
pub(super) use document::{DocumentError, document};
use header_cache::HeaderCache;
use lanes::{Lanes, Portable, Task};
use replay::Numbers;
use template_cache::TemplateCache;
use templates::MAX_NUMBERS;
use timestamps::TimestampReader;

/// The fast reader, with what it remembers from document to document.
pub(super) struct FastReader {
    dispatch: Dispatch,
    templates: TemplateCache,
    headers: HeaderCache,
    timestamps: TimestampReader,
    sample: Sample,
    numbers: Box<Numbers>,
}

/// The instructions in use.
#[derive(Clone, Copy, Debug)]
enum Dispatch {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2(lanes::Avx2),
    #[cfg(target_arch = "x86_64")]
    Avx512(lanes::Avx512),
}

impl Dispatch {
    /// `None` where this processor lacks them.
    fn new(instructions: Instructions) -> Option<Self> {
        match instructions {
            Instructions::Portable => Some(Self::Portable),
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 => lanes::Avx2::new().map(Self::Avx2),
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => lanes::Avx512::new().map(Self::Avx512),
            #[cfg(not(target_arch = "x86_64"))]
            _ => None,
        }
    }

    #[inline]
    fn run<T: Task>(self, task: T) -> T::Output {
        match self {
            Self::Portable => Portable.run(task),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(lanes) => lanes.run(task),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(lanes) => lanes.run(task),
        }
    }
}

impl FastReader {
    /// `None` where this processor lacks the instructions.
    pub(super) fn new(instructions: Instructions) -> Option<Self> {
        Some(Self {
            dispatch: Dispatch::new(instructions)?,
            templates: TemplateCache::default(),
            headers: HeaderCache::default(),
            timestamps: TimestampReader::default(),
            sample: Sample::new(Timestamp::from_nanos(1)?),
            numbers: Box::new([0; MAX_NUMBERS]),
        })
    }

    /// Adds the templates that `other` has learnt.
    pub(super) fn learn_from(&mut self, other: Self) {
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
