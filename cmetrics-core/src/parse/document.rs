//! Reads one JSON document: finds what it is, and gives it to the door that reads it.

use super::Receiver;
use super::cadvisor::schemas::Schemas;
use super::cadvisor::strict::CadvisorReader;
use super::classify::{self, DocumentShape};
use super::cursor::{Cursor, SyntaxError, unquote};
use super::describe;
use super::doors::{DoorShape, Doors};
use super::frame::{FrameReader, MAX_DOCUMENT_BYTES};
use super::position::Locator;
use super::reporter::Reporter;
use super::wrapping;
use crate::cancel::Cancel;
use crate::error::{Error, Problem};

/// How deeply lists of documents may be nested.
const NESTED_LISTS: usize = 3;
/// How many things may be around a document: Elasticsearch's answers have their hits two levels
/// inside, each a driver's object, whose text another collector may have wrapped.
const MOST_WRAPPINGS: usize = 4;

/// A reader of one document.
pub(super) struct DocumentReader<'a, 't> {
    schemas: &'a Schemas,
    doors: &'a Doors,
    reporter: Reporter<'a, 't>,
    /// Whether any value was one of a door.
    found_samples: bool,
    /// How many things are around what is being read.
    wrappings: usize,
    /// The offset of the first value of another form, and what is wrong with it.
    first_unknown: Option<(usize, Problem)>,
}

impl<'a, 't> DocumentReader<'a, 't> {
    pub(super) fn new(
        schemas: &'a Schemas,
        doors: &'a Doors,
        receiver: &'a mut dyn Receiver,
        locator: Locator<'t>,
        cancel: &'a Cancel,
    ) -> Self {
        Self::with(schemas, doors, Reporter::new(receiver, locator, cancel), 0)
    }

    fn with(
        schemas: &'a Schemas,
        doors: &'a Doors,
        reporter: Reporter<'a, 't>,
        wrappings: usize,
    ) -> Self {
        Self { schemas, doors, reporter, wrappings, found_samples: false, first_unknown: None }
    }

    /// Reads the document ahead, and sends everything in it to the receiver. Stops early if
    /// cancelled.
    pub(super) fn read(&mut self, cursor: &mut Cursor<'t>) -> Result<(), Error> {
        let is_null = cursor.peek() == Some(b'n');
        let start = cursor.at();
        if let Err(error) = self.read_value(cursor, 0) {
            return Err(self.reporter.error(error.at, Problem::Json(error.message)));
        }
        match self.first_unknown.take() {
            Some((at, problem)) => {
                let at = if self.found_samples { at } else { start };
                Err(self.reporter.error(at, problem))
            }
            None if self.found_samples => Ok(()),
            None => {
                let what = if is_null { "null" } else { "an empty list" };
                Err(self.reporter.error(start, Problem::NoSamples(what)))
            }
        }
    }

    fn read_value(&mut self, cursor: &mut Cursor<'t>, depth: usize) -> Result<(), SyntaxError> {
        let shape = classify::classify(cursor.clone());
        self.found_samples |= shape.holds_samples();
        match shape {
            DocumentShape::Container => self.cadvisor().container(cursor, None),
            DocumentShape::ContainerMap => self.cadvisor().map(cursor),
            DocumentShape::MachineSamples => self.cadvisor().machine_samples(cursor),
            DocumentShape::DriverSample => {
                let start = cursor.at();
                let (container, sample) = wrapping::driver_sample(cursor)?;
                self.cadvisor().driver_sample(start, container, sample)
            }
            DocumentShape::Wrapped if self.wrappings < MOST_WRAPPINGS => self.unwrap(cursor, depth),
            DocumentShape::Quoted if self.wrappings < MOST_WRAPPINGS => self.read_text(cursor),
            DocumentShape::Of(door) => self.door(door, cursor),
            DocumentShape::EmptyMap => {
                self.reporter.receiver.no_containers();
                cursor.skip().map(drop)
            }
            DocumentShape::List if depth < NESTED_LISTS => {
                let mut members = cursor.enter(b'[')?;
                while cursor.next_member(&mut members)? {
                    self.reporter.check_cancelled(cursor)?;
                    self.read_value(cursor, depth + 1)?;
                }
                Ok(())
            }
            DocumentShape::Null | DocumentShape::EmptyList => cursor.skip().map(drop),
            DocumentShape::List
            | DocumentShape::ContainerSamples
            | DocumentShape::Wrapped
            | DocumentShape::Quoted
            | DocumentShape::Unknown => {
                cursor.peek();
                let at = cursor.at();
                let value = cursor.skip()?;
                self.first_unknown.get_or_insert_with(|| (at, describe::unknown(value)));
                Ok(())
            }
        }
    }

    /// Reads the replies in the object ahead.
    fn unwrap(&mut self, cursor: &mut Cursor<'t>, depth: usize) -> Result<(), SyntaxError> {
        let replies = wrapping::replies(cursor);
        self.wrappings += 1;
        for mut reply in replies.found {
            self.reporter.check_cancelled(&reply.value)?;
            let around = self.reporter.machine.clone();
            self.reporter.machine = reply.machine.or_else(|| around.clone());
            self.read_value(&mut reply.value, depth)?;
            self.reporter.machine = around;
        }
        self.wrappings -= 1;
        replies.damage.map_or(Ok(()), Err)
    }

    /// Reads the documents in the text ahead. What is wrong with them is where the text begins.
    fn read_text(&mut self, cursor: &mut Cursor<'t>) -> Result<(), SyntaxError> {
        cursor.peek();
        let at = cursor.at();
        let text = unquote(cursor.skip()?).unwrap_or_default();
        let cancel = self.reporter.cancel();
        let mut frames =
            FrameReader::from_slice(text.as_bytes(), MAX_DOCUMENT_BYTES, cancel.clone());
        while let Some(frame) = frames.next() {
            let (inside, around) = (self.reporter.inside(at), self.wrappings + 1);
            let mut reader = DocumentReader::with(self.schemas, self.doors, inside, around);
            if let Err(error) = reader.read(&mut Cursor::new(frame.text)) {
                self.reporter.receiver.error(error);
            }
        }
        Ok(())
    }

    fn door(&mut self, shape: DoorShape, cursor: &mut Cursor<'t>) -> Result<(), SyntaxError> {
        let Self { doors, reporter, .. } = self;
        let at = cursor.at();
        doors.read(shape, cursor, &mut |found| {
            if reporter.is_cancelled() {
                return Err(SyntaxError { at, message: String::new() });
            }
            found.deliver(doors.metrics, reporter);
            Ok(())
        })
    }

    fn cadvisor(&mut self) -> CadvisorReader<'_, 'a, 't> {
        CadvisorReader { schemas: self.schemas, reporter: &mut self.reporter }
    }
}
