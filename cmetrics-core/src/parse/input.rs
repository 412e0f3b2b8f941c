//! Reads the documents of an input one after another, each by its door.

use std::io::Read;

use super::cadvisor::fast::{self, Delivered, DocumentError, ResumingReceiver};
use super::cursor::Cursor;
use super::document::DocumentReader;
use super::frame::{Frame, FrameReader, FrameState};
use super::position::Locator;
use super::reporter::Reporter;
use super::untold::Untold;
use super::{
    DocumentKind, Note, Parser, Receiver, UNFINISHED, Wanted, brackets, describe, direct, unread,
    wrapping,
};
use crate::error::{Error, Problem};

impl Parser {
    pub(super) fn read_frames<R: Read>(
        &mut self,
        frames: &mut FrameReader<'_, R>,
        receiver: &mut dyn Receiver,
    ) -> u64 {
        if let Some(problem) = unread::packed(frames.start_of_input(unread::ENOUGH)) {
            receiver.error(Error::at(frames.position().into(), problem));
            return frames.position().offset;
        }
        self.exposition.begin_input();
        let (mut any, mut untold) = (false, Untold::default());
        while !frames.is_cancelled() {
            // The beginning of the input was read before its first document.
            let failed_before = any && frames.failed();
            let delivered = match self.read_fast(frames, &mut any, &mut untold, receiver) {
                Step::Next => continue,
                Step::Strictly(delivered) => delivered,
            };
            if frames.is_cancelled()
                || !self.read_next(frames, delivered, failed_before, &mut untold, receiver)
            {
                break;
            }
            any = true;
        }
        untold.passed_over(frames.take_passed_over());
        untold.tell_all(receiver);
        report_end(frames, any, receiver)
    }

    /// Reads the document ahead with the fast reader of its door, if it has one.
    fn read_fast<R: Read>(
        &mut self,
        frames: &mut FrameReader<'_, R>,
        any: &mut bool,
        untold: &mut Untold,
        receiver: &mut dyn Receiver,
    ) -> Step {
        let Some(fast) = self.fast.as_mut().filter(|_| frames.at_document()) else {
            return Step::Strictly(Delivered::default());
        };
        *any = true;
        untold.tell_damage(receiver);
        let read = fast::document(fast, &self.schemas, frames, receiver);
        match read {
            _ if frames.is_cancelled() => Step::Next,
            Ok(()) => Step::Next,
            Err(DocumentError::Damaged(error)) => {
                untold.add(error, 0, false, receiver);
                Step::Next
            }
            Err(DocumentError::Fallback(before)) => Step::Strictly(before),
            Err(DocumentError::Of(door)) => {
                let dispatch = fast.dispatch();
                let read = direct::document(door, &mut self.doors, dispatch, frames, receiver);
                read.map_or_else(Step::Strictly, |()| Step::Next)
            }
        }
    }

    /// Reads the next frame, of which `delivered` was read already. Returns `false` at the end of
    /// the input, and when it is cancelled.
    fn read_next<R: Read>(
        &mut self,
        frames: &mut FrameReader<'_, R>,
        delivered: Delivered,
        failed_before: bool,
        untold: &mut Untold,
        receiver: &mut dyn Receiver,
    ) -> bool {
        let Some(frame) = frames.next() else { return false };
        let (state, after_damage) = (frame.state, frame.after_damage);
        untold.passed_over(frame.passed_over);
        let is_document = !after_damage || frame.may_have_samples();
        if is_document && state != FrameState::Exposition {
            untold.tell_damage(receiver);
        }
        let resuming = &mut ResumingReceiver::new(receiver, delivered);
        let (read, left) = if state == FrameState::Exposition {
            (self.exposition.read(frames, self.scraped_at, resuming, &self.cancel), 0)
        } else {
            let read = self.read_frame(&frame, resuming);
            let left = read.as_ref().err().map_or(0, |error| frame.left_by(error));
            (read.map_err(|error| frame.may_be_a_dump(error)), left)
        };
        let Err(error) = read else {
            untold.tell_damage(receiver);
            return true;
        };
        // A document that was cut off because the input failed is not an error of its own.
        let cut_off = state == FrameState::Broken && !failed_before && frames.failed();
        if !cut_off && !frames.is_cancelled() {
            untold.add(error, left, after_damage, receiver);
        }
        true
    }

    fn read_frame(&self, frame: &Frame<'_>, receiver: &mut dyn Receiver) -> Result<(), Error> {
        let place = || frame.start.into();
        if frame.state == FrameState::StdoutLine {
            return self.read_stdout_line(frame, receiver);
        }
        if frame.state == FrameState::NotJson {
            let problem = unread::text(frame.text).unwrap_or_else(|| not_json(frame.text));
            return Err(Error::at(place(), problem));
        }
        if let Some(problem) =
            unread::text(frame.text).filter(|_| frame.state == FrameState::Broken)
        {
            return Err(Error::at(place(), problem));
        }
        let locator = Locator::new(frame.text, frame.start);
        let read = DocumentReader::new(&self.schemas, &self.doors, receiver, locator, &self.cancel)
            .read(&mut Cursor::new(frame.text));
        let limit = match frame.state {
            FrameState::TooDeep => {
                format!("brackets are nested more than {} deep", brackets::MAX_DEPTH)
            }
            FrameState::TooLong => format!(
                "a document of more than {} bytes; ask cAdvisor for fewer samples or containers",
                self.max_document_bytes,
            ),
            FrameState::BrokenLine(width) => {
                let place = read.err().map_or_else(place, |error| error.place().clone());
                return Err(Error::at(place, Problem::Json(broken_line(width))));
            }
            FrameState::Whole
            | FrameState::Broken
            | FrameState::StdoutLine
            | FrameState::NotJson
            | FrameState::Exposition => return read,
        };
        Err(Error::at(place(), Problem::TooLarge(limit)))
    }
}

/// What is to be done with a document.
enum Step {
    /// It was read, or reading was cancelled.
    Next,
    /// It is to be read by the reader that checks every value; so much was delivered already.
    Strictly(Delivered),
}

/// Reports how the input ended, and returns its length.
fn report_end<R: Read>(
    frames: &mut FrameReader<'_, R>,
    any: bool,
    receiver: &mut dyn Receiver,
) -> u64 {
    let end = frames.position();
    match frames.take_io_error() {
        _ if frames.is_cancelled() => {
            receiver.error(Error::new(Problem::Cancelled(UNFINISHED)));
        }
        Some(failure) => receiver.error(Error::at(end.into(), Problem::Io(failure))),
        None if !any => {
            receiver.error(Error::at(end.into(), describe::not_json(b"")));
        }
        None => {}
    }
    end.offset
}

/// What is wrong with a document whose lines were broken.
fn broken_line(width: usize) -> String {
    format!(
        "a text goes on behind the end of its line: lines are broken after {width} bytes; save the \
         reply as it came, for instance with curl --output"
    )
}

impl Parser {
    /// Reads a line of cAdvisor's storage driver `stdout`.
    fn read_stdout_line(
        &self,
        frame: &Frame<'_>,
        receiver: &mut dyn Receiver,
    ) -> Result<(), Error> {
        let locator = Locator::new(frame.text, frame.start);
        let mut reporter = Reporter::new(receiver, locator, &self.cancel);
        let (container, sample) = wrapping::stdout_sample(frame.text, self.schemas.metrics())
            .map_err(|problem| reporter.error(0, problem))?;
        reporter.begin(&container, DocumentKind::V1);
        reporter.note(Note::TimesOfReceiver);
        match sample {
            None => reporter.receiver.never_taken(),
            Some(sample) if reporter.receiver.wants(sample.time()) == Wanted::Whole => {
                reporter.receiver.sample(&sample, frame.text);
            }
            Some(_) => {}
        }
        Ok(())
    }
}

/// The error for text that is not JSON from its first byte on.
fn not_json(text: &[u8]) -> Problem {
    match text.first() {
        // The rest of a document whose brackets closed too early.
        Some(&byte @ (b'}' | b']' | b',' | b':')) => {
            Problem::Json(format!("expected a document, found `{}`", char::from(byte)))
        }
        _ => describe::not_json(text),
    }
}
