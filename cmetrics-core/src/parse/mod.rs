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
//! document. Values of keys that are not read are skipped; only their syntax is checked.

mod block;
mod cursor;
mod document;
mod frame;
mod kind;
mod looks;
mod position;
mod scan;
mod spec;
mod stats;
mod tree;
mod trees;

use std::io::Read;

use crate::container::Container;
use crate::error::{Error, ErrorKind, Problem};
use crate::metric::MetricSet;
use crate::sample::Sample;
use crate::time::Timestamp;
use cursor::Cursor;
use document::Document;
use frame::{Frame, Frames, State};
use position::Positions;
use trees::Trees;

/// Which of cAdvisor's documents a container was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DocumentKind {
    /// v1 `containers`, `subcontainers`, `docker`.
    V1,
    /// v2.0 `stats`.
    V2_0,
    /// v2.1 `stats`.
    V2_1,
    /// v2 `machinestats`, which tells less of the machine than the others do.
    MachineStats,
}

/// How much of a sample is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// Nothing: it is known.
    Nothing,
    /// Only what copies of one sample may tell differently.
    WhatVaries,
    /// All that the parser was made for.
    Whole,
}

/// Who takes what is read, in the order of the input.
pub trait Receiver {
    /// A container. The samples that follow are its own.
    fn container(&mut self, container: Container, kind: DocumentKind);

    /// How much of a sample of this time is wanted. The rest of it is not looked at.
    fn wants(&mut self, time: Timestamp) -> Wanted;

    /// A sample that was wanted.
    fn sample(&mut self, sample: Sample);

    /// A sample whose time says that it was never taken.
    fn never_taken(&mut self);

    /// A sample, or a container's whole list, was left out because of a value that cannot be.
    fn faulty(&mut self, error: Error);

    /// A map without any container.
    fn no_containers(&mut self);

    /// Something else is wrong with the input.
    fn error(&mut self, error: Error);
}

/// Reads dumps: which keys it looks for follows from the metrics it was made for.
#[derive(Debug)]
pub struct Parser {
    trees: Trees,
    longest: usize,
}

impl Parser {
    /// A parser that reads these metrics, and no others.
    pub fn new(metrics: MetricSet) -> Self {
        Self { trees: Trees::new(metrics), longest: frame::LONGEST_DOCUMENT }
    }

    /// Reads an input to its end, a document at a time, and returns its length in bytes.
    /// Everything in it, and everything wrong with it, goes to `receiver`.
    pub fn read(&self, input: impl Read, receiver: &mut dyn Receiver) -> u64 {
        let mut frames = Frames::new(input, self.longest);
        let mut any = false;
        let mut no_dump = false;
        loop {
            let failed_before = frames.failed();
            let Some(frame) = frames.next() else { break };
            any = true;
            let (state, after_damage) = (frame.state, frame.after_damage);
            let Err(error) = self.frame(&frame, receiver) else { continue };
            // What the failure of the input cut off is no fault of the text.
            let cut_off = state == State::Broken && !failed_before && frames.failed();
            // A part of what was damaged may look like a document that is no dump; and text that
            // is none is told of once, however much of it there is.
            let told = error.kind() == ErrorKind::NotADump
                && (after_damage || std::mem::replace(&mut no_dump, true));
            if !cut_off && !told {
                receiver.error(error);
            }
        }
        let end = frames.position();
        match frames.take_failure() {
            Some(failure) => receiver.error(Error::at(end.into(), Problem::Io(failure))),
            None if !any => {
                let looks_like = looks::text_like(b"");
                receiver.error(Error::at(end.into(), Problem::NotADump { looks_like }));
            }
            None => {}
        }
        end.offset
    }

    fn frame(&self, frame: &Frame<'_>, receiver: &mut dyn Receiver) -> Result<(), Error> {
        let place = || frame.start.into();
        if frame.state == State::Text {
            return Err(Error::at(place(), no_json(frame.text)));
        }
        let positions = Positions::new(frame.text, frame.start);
        let read =
            Document::new(&self.trees, receiver, positions).read(&mut Cursor::new(frame.text));
        let limit = match frame.state {
            State::TooDeep => format!("brackets are nested more than {} deep", scan::DEEPEST),
            State::TooLong => format!(
                "a document of more than {} bytes; ask cAdvisor for fewer samples or containers",
                self.longest,
            ),
            State::Whole | State::Broken | State::Text => return read,
        };
        Err(Error::at(place(), Problem::TooLarge(limit)))
    }
}

/// What is wrong with text that is no JSON from its first byte on.
fn no_json(text: &[u8]) -> Problem {
    match text.first() {
        // What is left of a document that ended too early for its brackets.
        Some(&byte @ (b'}' | b']' | b',' | b':')) => {
            Problem::Json(format!("expected a document, found `{}`", char::from(byte)))
        }
        _ => Problem::NotADump { looks_like: looks::text_like(text) },
    }
}
