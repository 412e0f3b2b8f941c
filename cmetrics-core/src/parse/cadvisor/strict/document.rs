//! Reads cAdvisor's documents: a container, a map of containers or of samples, or the samples of the
//! machine.

use super::header::Header;
use super::sample::{Flags, Outcome, read_sample};
use crate::container::Container;
use crate::document::{DocumentKind, Note};
use crate::error::Problem;
use crate::parse::cadvisor::schemas::Schemas;
use crate::parse::cursor::{Cursor, SyntaxError};
use crate::parse::fault::{Fault, excerpt};
use crate::parse::reporter::Reporter;

/// A reader of cAdvisor's documents.
pub(in crate::parse) struct CadvisorReader<'r, 'a, 't> {
    pub(in crate::parse) schemas: &'r Schemas,
    pub(in crate::parse) reporter: &'r mut Reporter<'a, 't>,
}

impl<'t> CadvisorReader<'_, '_, 't> {
    /// The samples of the machine.
    pub(in crate::parse) fn machine_samples(
        &mut self,
        cursor: &mut Cursor<'t>,
    ) -> Result<(), SyntaxError> {
        self.samples_of(&Container::at_path("/"), DocumentKind::MachineStats, cursor)
    }

    /// A map from cgroup path to container (v1, v2.1) or to samples (v2.0).
    pub(in crate::parse) fn map(&mut self, cursor: &mut Cursor<'t>) -> Result<(), SyntaxError> {
        let mut members = cursor.enter(b'{')?;
        while let Some(path) = cursor.next_key(&mut members)? {
            self.reporter.container = Some((&*path).into());
            self.reporter.check_cancelled(cursor)?;
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
            self.reporter.container = None;
        }
        Ok(())
    }

    fn samples_of(
        &mut self,
        container: &Container,
        kind: DocumentKind,
        cursor: &mut Cursor<'t>,
    ) -> Result<(), SyntaxError> {
        self.reporter.begin(container, kind);
        let flags = match kind {
            DocumentKind::V2_0 => Flags::in_samples(),
            _ => Flags::default(),
        };
        self.samples(cursor, flags, kind)?;
        self.reporter.container = None;
        Ok(())
    }

    /// Reads a container with its `spec` and `stats`. Its keys may come in any order, so its
    /// samples are read only when everything they depend on is known: at the end of the container,
    /// or at damage.
    pub(in crate::parse) fn container(
        &mut self,
        cursor: &mut Cursor<'t>,
        key: Option<&str>,
    ) -> Result<(), SyntaxError> {
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
        self.reporter.begin(&header.container, kind);
        if let Some(mut stats) = header.stats {
            self.samples(&mut stats, flags, kind)?;
        }
        end?;
        self.reporter.container = None;
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
                self.reporter.container = Some((&*header.container.path).into());
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
                self.reporter.faulty(fault.at, fault.problem);
                return Ok(());
            }
        }
        let mut members = cursor.enter(b'[')?;
        while cursor.next_member(&mut members)? {
            self.reporter.check_cancelled(cursor)?;
            if cursor.peek() == Some(b'n') {
                cursor.skip()?;
            } else {
                self.element(cursor, flags, kind)?;
            }
        }
        Ok(())
    }

    /// Reads what a storage driver wrote at this offset: a sample of a container.
    pub(in crate::parse) fn driver_sample(
        &mut self,
        start: usize,
        container: Option<Container>,
        sample: Option<Cursor<'t>>,
    ) -> Result<(), SyntaxError> {
        let Some(container) = container else {
            let expected = "the container's name";
            self.report_unusable_container(start, "container_Name", expected, "none".to_owned());
            return Ok(());
        };
        self.reporter.begin(&container, DocumentKind::V1);
        if let Some(mut sample) = sample {
            self.element(&mut sample, Flags::default(), DocumentKind::V1)?;
        }
        self.reporter.container = None;
        Ok(())
    }

    /// Reads the element of a list of samples ahead.
    fn element(
        &mut self,
        cursor: &mut Cursor<'t>,
        flags: Flags,
        kind: DocumentKind,
    ) -> Result<(), SyntaxError> {
        let (schemas, receiver) = (self.schemas, &mut *self.reporter.receiver);
        let mut schema_for = |time| schemas.get(receiver.wants(time), kind);
        let start = cursor.at();
        match read_sample(cursor, flags, &mut schema_for)? {
            Outcome::Unusual(sample) => {
                self.reporter.note(Note::UnusualNumbers);
                self.reporter.receiver.sample(&sample, cursor.text_since(start));
            }
            Outcome::Sample(sample) => {
                self.reporter.receiver.sample(&sample, cursor.text_since(start));
            }
            Outcome::Unwanted => {}
            Outcome::NeverTaken => self.reporter.receiver.never_taken(),
            Outcome::Faulty(fault) => self.reporter.faulty(fault.at, fault.problem),
        }
        Ok(())
    }

    /// Skips the list ahead, which may be long.
    fn skip_samples(&self, cursor: &mut Cursor<'t>) -> Result<(), SyntaxError> {
        let mut ahead = cursor.clone();
        let mut walk = || {
            let mut members = ahead.enter(b'[')?;
            while ahead.next_member(&mut members)? {
                self.reporter.check_cancelled(&ahead)?;
                ahead.skip()?;
            }
            Ok::<_, SyntaxError>(())
        };
        let walked = walk();
        if walked.is_ok() || self.reporter.is_cancelled() {
            *cursor = ahead;
            return walked;
        }
        // Skipping it as any value gives the error that any value would.
        cursor.skip().map(drop)
    }

    fn report_unusable_container(
        &mut self,
        at: usize,
        field: &'static str,
        expected: &'static str,
        found: String,
    ) {
        let error = self.reporter.error(at, Problem::Container { field, expected, found });
        self.reporter.receiver.error(error);
    }
}
