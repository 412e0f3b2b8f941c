//! Reads one document: finds which of cAdvisor's documents it is, and reads its samples.

use std::sync::Arc;

use super::header::Header;
use super::object::{Fault, excerpt};
use super::sample::{Flags, Outcome, read_sample};
use crate::cancel::Cancel;
use crate::container::Container;
use crate::document::DocumentKind;
use crate::error::{Error, Place, Problem};
use crate::parse::Receiver;
use crate::parse::classify::{self, DocumentShape};
use crate::parse::cursor::{Cursor, SyntaxError};
use crate::parse::describe;
use crate::parse::position::Locator;
use crate::parse::schemas::Schemas;

/// How deeply lists of documents may be nested.
const NESTED_LISTS: usize = 3;

/// A reader of one document.
pub(in crate::parse) struct DocumentReader<'a, 't> {
    schemas: &'a Schemas,
    receiver: &'a mut dyn Receiver,
    locator: Locator<'t>,
    cancel: &'a Cancel,
    /// The container that is being read, for the place of errors.
    container: Option<Arc<str>>,
    /// Whether any value was a container, a map of containers or a list of samples.
    found_samples: bool,
    /// The offset and description of the first value of another form.
    first_unknown: Option<(usize, String)>,
}

impl<'a, 't> DocumentReader<'a, 't> {
    pub(in crate::parse) fn new(
        schemas: &'a Schemas,
        receiver: &'a mut dyn Receiver,
        locator: Locator<'t>,
        cancel: &'a Cancel,
    ) -> Self {
        let (container, found_samples, first_unknown) = (None, false, None);
        Self { schemas, receiver, locator, cancel, container, found_samples, first_unknown }
    }

    /// Reads the document ahead, and sends everything in it to the receiver. Stops early if
    /// cancelled.
    pub(in crate::parse) fn read(&mut self, cursor: &mut Cursor<'t>) -> Result<(), Error> {
        let is_null = cursor.peek() == Some(b'n');
        let start = cursor.at();
        if let Err(error) = self.read_value(cursor, 0) {
            return Err(self.error(error.at, Problem::Json(error.message)));
        }
        match self.first_unknown.take() {
            Some((at, looks_like)) => {
                let at = if self.found_samples { at } else { start };
                Err(self.error(at, Problem::NotADump { looks_like }))
            }
            None if self.found_samples => Ok(()),
            None => {
                let what = if is_null { "null" } else { "an empty list" };
                Err(self.error(start, Problem::NoSamples(what)))
            }
        }
    }

    fn read_value(&mut self, cursor: &mut Cursor<'t>, depth: usize) -> Result<(), SyntaxError> {
        let shape = classify::classify(cursor.clone());
        self.found_samples |= shape.holds_samples();
        match shape {
            DocumentShape::Container => self.container(cursor, None),
            DocumentShape::ContainerMap => self.map(cursor),
            DocumentShape::MachineSamples => {
                self.samples_of(&Container::at_path("/"), DocumentKind::MachineStats, cursor)
            }
            DocumentShape::EmptyMap => {
                self.receiver.no_containers();
                cursor.skip().map(drop)
            }
            DocumentShape::List if depth < NESTED_LISTS => {
                let mut members = cursor.enter(b'[')?;
                while cursor.next_member(&mut members)? {
                    self.check_cancelled(cursor)?;
                    self.read_value(cursor, depth + 1)?;
                }
                Ok(())
            }
            DocumentShape::Null | DocumentShape::EmptyList => cursor.skip().map(drop),
            DocumentShape::List | DocumentShape::Unknown => {
                cursor.peek();
                let at = cursor.at();
                let value = cursor.skip()?;
                self.first_unknown.get_or_insert_with(|| (at, describe::value(value)));
                Ok(())
            }
        }
    }

    /// A map from cgroup path to container (v1, v2.1) or to samples (v2.0).
    fn map(&mut self, cursor: &mut Cursor<'t>) -> Result<(), SyntaxError> {
        let mut members = cursor.enter(b'{')?;
        while let Some(path) = cursor.next_key(&mut members)? {
            self.container = Some((&*path).into());
            self.check_cancelled(cursor)?;
            match cursor.peek() {
                Some(b'{') => self.container(cursor, Some(&path))?,
                Some(b'[' | b'n') => {
                    self.samples_of(&Container::at_path(path), DocumentKind::V2_0, cursor)?;
                }
                _ => {
                    let (at, value) = (cursor.at(), cursor.skip()?);
                    self.report_unusable_container(
                        at,
                        "value",
                        "a container or its samples",
                        excerpt(value),
                    );
                }
            }
            self.container = None;
        }
        Ok(())
    }

    fn samples_of(
        &mut self,
        container: &Container,
        kind: DocumentKind,
        cursor: &mut Cursor<'t>,
    ) -> Result<(), SyntaxError> {
        self.container = Some((&*container.path).into());
        self.receiver.container(container, kind);
        let flags = match kind {
            DocumentKind::V2_0 => Flags::in_samples(),
            _ => Flags::default(),
        };
        self.samples(cursor, flags, kind)?;
        self.container = None;
        Ok(())
    }

    /// Reads a container with its `spec` and `stats`. Its keys may come in any order, so its
    /// samples are read only when everything they depend on is known: at the end of the container,
    /// or at damage.
    fn container(&mut self, cursor: &mut Cursor<'t>, key: Option<&str>) -> Result<(), SyntaxError> {
        let start = cursor.at();
        let mut header = Header::default();
        let end = self.header(cursor, &mut header);
        let (kind, flags) = header.kind();
        if let Some(key) = key.filter(|_| header.container.path.is_empty()) {
            header.container.path.push_str(key);
        }
        if header.container.path.is_empty() {
            end?;
            self.report_unusable_container(
                start,
                "name",
                "the container's cgroup path",
                "none".to_owned(),
            );
            return Ok(());
        }
        self.container = Some((&*header.container.path).into());
        self.receiver.container(&header.container, kind);
        if let Some(mut stats) = header.stats {
            self.samples(&mut stats, flags, kind)?;
        }
        end?;
        self.container = None;
        Ok(())
    }

    fn header(
        &mut self,
        cursor: &mut Cursor<'t>,
        header: &mut Header<'t>,
    ) -> Result<(), SyntaxError> {
        let mut members = cursor.enter(b'{')?;
        while let Some(key) = cursor.next_key(&mut members)? {
            if key == "stats" && header.stats.is_none() {
                cursor.peek();
                header.stats = Some(cursor.clone());
                self.skip_samples(cursor)?;
                continue;
            }
            header.read_key(&key, cursor)?;
            if key == "name" {
                self.container = Some((&*header.container.path).into());
            }
        }
        Ok(())
    }

    /// Reads the list of samples ahead.
    fn samples(
        &mut self,
        cursor: &mut Cursor<'t>,
        flags: Flags,
        kind: DocumentKind,
    ) -> Result<(), SyntaxError> {
        match cursor.peek() {
            Some(b'[') => {}
            Some(b'n') => return cursor.skip().map(drop),
            _ => {
                let fault = Fault::expected("a list of samples", "stats", cursor)?;
                self.report_fault(fault);
                return Ok(());
            }
        }
        let mut members = cursor.enter(b'[')?;
        while cursor.next_member(&mut members)? {
            self.check_cancelled(cursor)?;
            if cursor.peek() == Some(b'n') {
                cursor.skip()?;
                continue;
            }
            let (schemas, receiver) = (self.schemas, &mut *self.receiver);
            let mut schema_for = |time| schemas.get(receiver.wants(time), kind);
            let start = cursor.at();
            match read_sample(cursor, flags, &mut schema_for)? {
                Outcome::Sample(sample) => self.receiver.sample(&sample, cursor.text_since(start)),
                Outcome::Unwanted => {}
                Outcome::NeverTaken => self.receiver.never_taken(),
                Outcome::Faulty(fault) => self.report_fault(fault),
            }
        }
        Ok(())
    }

    /// Skips the list ahead, which may be long.
    fn skip_samples(&self, cursor: &mut Cursor<'t>) -> Result<(), SyntaxError> {
        let mut ahead = cursor.clone();
        let mut walk = || {
            let mut members = ahead.enter(b'[')?;
            while ahead.next_member(&mut members)? {
                self.check_cancelled(&ahead)?;
                ahead.skip()?;
            }
            Ok::<_, SyntaxError>(())
        };
        let walked = walk();
        if walked.is_ok() || self.cancel.is_cancelled() {
            *cursor = ahead;
            return walked;
        }
        // Skipping it as any value gives the error that any value would.
        cursor.skip().map(drop)
    }

    /// Ends reading if it was cancelled.
    fn check_cancelled(&self, cursor: &Cursor<'t>) -> Result<(), SyntaxError> {
        if self.cancel.is_cancelled() {
            return Err(SyntaxError { at: cursor.at(), message: String::new() });
        }
        Ok(())
    }

    fn report_unusable_container(
        &mut self,
        at: usize,
        field: &'static str,
        expected: &'static str,
        found: String,
    ) {
        let error = self.error(at, Problem::Container { field, expected, found });
        self.receiver.error(error);
    }

    /// Reports an invalid value, for which a sample or list of samples of this container was left
    /// out.
    fn report_fault(&mut self, fault: Fault) {
        let error = self.error(fault.at, fault.problem);
        self.receiver.faulty(error);
    }

    fn error(&mut self, at: usize, problem: Problem) -> Error {
        Error::at(self.place(at), problem)
    }

    fn place(&mut self, at: usize) -> Place {
        Place { container: self.container.clone(), ..self.locator.locate(at) }
    }
}
