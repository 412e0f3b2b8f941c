//! What the readers of documents share: the receiver, and where an error is.

use std::sync::Arc;

use super::Receiver;
use super::cursor::{Cursor, SyntaxError};
use super::drafts::Drafts;
use super::position::Locator;
use crate::cancel::Cancel;
use crate::container::Container;
use crate::document::{DocumentKind, Note};
use crate::error::{Error, Place, Problem};

/// Hands what is read of a document to the receiver, and what is wrong with it as an error that has
/// a place.
pub(super) struct Reporter<'a, 't> {
    pub(super) receiver: &'a mut dyn Receiver,
    locator: Locator<'t>,
    cancel: &'a Cancel,
    /// The container that is being read, for the place of errors.
    pub(super) container: Option<Arc<str>>,
    /// The machine, if what is around the document names it.
    pub(super) machine: Option<String>,
    /// The samples that are being made.
    pub(super) drafts: Drafts,
    /// The note on this container that was passed on last.
    noted: Option<Note>,
}

impl<'a, 't> Reporter<'a, 't> {
    pub(super) fn new(
        receiver: &'a mut dyn Receiver,
        locator: Locator<'t>,
        cancel: &'a Cancel,
    ) -> Self {
        Self {
            receiver,
            locator,
            cancel,
            container: None,
            machine: None,
            drafts: Drafts::default(),
            noted: None,
        }
    }

    /// Begins a container. The samples that follow are its own.
    pub(super) fn begin(&mut self, container: &Container, kind: DocumentKind) {
        self.container = Some((&*container.path).into());
        self.noted = None;
        if self.machine.is_some() && container.machine.is_none() {
            let machine = self.machine.clone();
            self.receiver.container(&Container { machine, ..container.clone() }, kind);
        } else {
            self.receiver.container(container, kind);
        }
    }

    /// Passes on something to know of the samples of the current container, once.
    pub(super) fn note(&mut self, note: Note) {
        if self.noted != Some(note) {
            self.noted = Some(note);
            self.receiver.note(note);
        }
    }

    /// Whether reading is cancelled.
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// Ends reading if it was cancelled.
    pub(super) fn check_cancelled(&self, cursor: &Cursor<'t>) -> Result<(), SyntaxError> {
        if self.is_cancelled() {
            return Err(SyntaxError { at: cursor.at(), message: String::new() });
        }
        Ok(())
    }

    /// Reports an invalid value, for which a sample or list of samples of this container was left
    /// out.
    pub(super) fn faulty(&mut self, at: usize, problem: Problem) {
        let error = self.error(at, problem);
        self.receiver.faulty(error);
    }

    /// A reporter on a document inside of this one: on a text at this offset, whose errors are
    /// there.
    pub(super) fn inside(&mut self, at: usize) -> Reporter<'_, 'static> {
        let locator = Locator::new(&[], self.locator.position(at));
        let inner = Reporter::new(&mut *self.receiver, locator, self.cancel);
        Reporter { machine: self.machine.clone(), ..inner }
    }

    /// The token that ends reading.
    pub(super) fn cancel(&self) -> &'a Cancel {
        self.cancel
    }

    /// An error at this offset of the document.
    pub(super) fn error(&mut self, at: usize, problem: Problem) -> Error {
        let place = Place { container: self.container.clone(), ..self.locator.locate(at) };
        Error::at(place, problem)
    }
}
