//! Reads lists of samples, element by element.

use std::io::Read;

use super::FastReader;
use super::copies::{jump, read_time};
use super::replay::{Replay, Skip};
use super::template_cache::{TemplateCache, TemplateKey, TemplateSource};
use super::text::{Nesting, StepError, Text};
use super::walk::{Walk, WalkError};
use crate::error::{Error, Place};
use crate::parse::cadvisor::strict::{self, Flags, Outcome};
use crate::parse::cursor::{Cursor, UNEXPECTED_END};
use crate::parse::position::Locator;
use crate::parse::{DocumentKind, Note, Wanted};
use crate::sample::Sample;
use crate::time::Timestamp;

/// A list of samples that is being read.
#[derive(Clone, Copy, Debug)]
pub(super) struct SampleList {
    kind: DocumentKind,
    flags: Flags,
    /// The index of the templates for its samples.
    templates: usize,
}

impl SampleList {
    pub(super) fn new(cache: &mut TemplateCache, kind: DocumentKind, flags: Flags) -> Self {
        let templates = cache.index_of(TemplateKey { kind, absent: flags.absent() });
        Self { kind, flags, templates }
    }
}

/// The head of a sample: its time, and what the receiver wants of it.
#[derive(Clone, Copy, Debug)]
struct SampleHead {
    time: Timestamp,
    /// Where the text of the time ends.
    end: usize,
    wanted: Wanted,
}

impl FastReader {
    /// Reads the sample whose time ends at `at` by a known template into `self.sample`, and returns
    /// where it ends.
    #[inline(always)]
    fn replay(
        &mut self,
        templates: usize,
        text: Text<'_>,
        at: usize,
        time: Timestamp,
    ) -> Result<usize, StepError> {
        let templates = self.templates.templates(templates).ok_or(StepError::Fallback)?;
        let (template, end) =
            self.dispatch.run(Replay { templates, text, at, numbers: &mut self.numbers })?;
        let template = templates.templates.get(template).ok_or(StepError::Fallback)?;
        let mapping = template.mapping(&self.numbers).ok_or(StepError::Fallback)?;
        mapping.apply(&self.numbers, time, &mut self.sample).ok_or(StepError::Fallback)?;
        Ok(end)
    }
}

impl<R: Read> Walk<'_, '_, R> {
    /// Reads the samples ahead, and the end of their list.
    pub(super) fn samples(&mut self, list: SampleList) -> Result<(), WalkError> {
        self.noted = false;
        self.next_time = None;
        if self.peek()? == b']' {
            self.at += 1;
            return Ok(());
        }
        while {
            self.element(list)?;
            self.drop_read_samples();
            self.next_member(b']')?
        } {}
        Ok(())
    }

    fn element(&mut self, list: SampleList) -> Result<(), WalkError> {
        let mut head = None;
        loop {
            match self.attempt_element(list, &mut head) {
                Ok(end) => {
                    self.at = end;
                    return Ok(());
                }
                Err(StepError::Incomplete) => self.read_more()?,
                Err(StepError::Fallback) => return self.strict_element(list, head),
            }
        }
    }

    /// Reads or skips the sample ahead, and returns where it ends. On an error `head` keeps what
    /// was read of it, since the receiver must be asked only once.
    #[inline(always)]
    fn attempt_element(
        &mut self,
        list: SampleList,
        head: &mut Option<SampleHead>,
    ) -> Result<usize, StepError> {
        let text = Text { bytes: self.input.rest(), ended: self.input.ended() };
        let current = if let Some(head) = *head {
            head
        } else {
            let (time, end) = match self.next_time.take() {
                Some(next_time) => next_time,
                None => read_time(&mut self.fast.timestamps, text, self.at)?,
            };
            SampleHead { time, end, wanted: self.receiver.wants(time) }
        };
        let fast = &mut *self.fast;
        let skip = Skip { text, at: current.end + 1, nesting: Nesting::OBJECT };
        let read = match &current.wanted {
            Wanted::Nothing => fast.dispatch.run(skip),
            Wanted::Copy(footprint) => match jump(&mut fast.timestamps, text, self.at, footprint) {
                Ok((end, next_time)) => {
                    self.next_time = next_time;
                    Ok(end)
                }
                Err(StepError::Incomplete) => Err(StepError::Incomplete),
                Err(StepError::Fallback) => fast.dispatch.run(skip),
            },
            Wanted::Whole => {
                let end = fast.replay(list.templates, text, current.end, current.time);
                end.inspect(|&end| {
                    let text = text.bytes.get(self.at..end).unwrap_or_default();
                    self.receiver.receiver.sample(&fast.sample, text);
                })
            }
        };
        if read.is_err() {
            *head = Some(current);
        }
        read
    }

    /// Reads the sample ahead strictly, and learns its template.
    #[cold]
    fn strict_element(
        &mut self,
        list: SampleList,
        mut head: Option<SampleHead>,
    ) -> Result<(), WalkError> {
        if self.peek()? != b'{' {
            return Err(WalkError::Fallback);
        }
        let time_was_read = head.is_some();
        let (outcome, end) = loop {
            let (text, ended) = (self.input.rest(), self.input.ended());
            let mut cursor = Cursor::new(text);
            cursor.seek(self.at);
            let (receiver, schemas) = (&mut self.receiver, self.schemas);
            let mut schema_for = |time| {
                let known = head.map(|head| head.wanted);
                let wanted = known.unwrap_or_else(|| receiver.wants(time));
                head.get_or_insert(SampleHead { time, end: 0, wanted });
                schemas.get(wanted, list.kind)
            };
            match strict::read_sample(&mut cursor, list.flags, &mut schema_for) {
                Ok(outcome) => break (outcome, cursor.at()),
                Err(error) if error.message == UNEXPECTED_END && !ended => self.read_more()?,
                Err(_) => {
                    self.receiver.delivered.pending = head.map(|head| head.wanted);
                    return Err(WalkError::Fallback);
                }
            }
        };
        let start = std::mem::replace(&mut self.at, end);
        let text = self.input.rest().get(start..end).unwrap_or_default();
        self.single_line &= memchr::memchr(b'\n', text).is_none();
        match outcome {
            Outcome::Unusual(sample) => {
                if !std::mem::replace(&mut self.noted, true) {
                    self.receiver.receiver.note(Note::UnusualNumbers);
                }
                self.receiver.receiver.sample(&sample, text);
            }
            Outcome::Sample(sample) => {
                self.receiver.receiver.sample(&sample, text);
                self.learn(list, start, head.filter(|_| time_was_read), &sample);
            }
            Outcome::Unwanted => {}
            Outcome::NeverTaken => self.receiver.never_taken(),
            Outcome::Faulty(fault) => {
                let mut locator = Locator::new(self.input.rest(), self.input.position());
                let container = self.container.as_ref().map(|container| (&*container.path).into());
                let place = Place { container, ..locator.locate(fault.at) };
                self.receiver.faulty(Error::at(place, fault.problem), head.is_some());
            }
        }
        Ok(())
    }

    /// Learns the template of the sample from `start` up to the current position.
    fn learn(&mut self, list: SampleList, start: usize, head: Option<SampleHead>, sample: &Sample) {
        let Some(SampleHead { end, wanted, .. }) = head else { return };
        let Some(schema) = self.schemas.get(wanted, list.kind) else { return };
        let text = self.input.rest().get(start..self.at).unwrap_or_default();
        let source = TemplateSource { text, at: end - start, schema, flags: list.flags };
        let (index, numbers) = (list.templates, &mut self.fast.numbers);
        // If nothing was learnt, the next sample of this form is read strictly again.
        let _: Option<()> = self.fast.templates.learn(index, source, sample, numbers);
    }
}
