//! What a receiver was told of a document before it turned out to be one for the strict reader,
//! which then reads it from its beginning and leaves out as much.

use super::super::{DocumentKind, Receiver, Wanted};
use crate::container::Container;
use crate::error::Error;
use crate::sample::Sample;
use crate::time::Timestamp;

/// How much was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::parse) struct Told {
    pub(super) containers: u64,
    /// Elements of lists of samples, whatever came of them.
    pub(super) elements: u64,
    /// What of the last of them was wanted, where nothing came of it yet.
    pub(super) open: Option<Wanted>,
}

/// Counts what is told.
pub(super) struct Counting<'r> {
    pub(super) receiver: &'r mut dyn Receiver,
    pub(super) told: Told,
}

impl Counting<'_> {
    pub(super) fn container(&mut self, container: &Container, kind: DocumentKind) {
        self.told.containers += 1;
        self.receiver.container(container, kind);
    }

    /// A sample's time: what comes of it counts no more.
    #[inline]
    pub(super) fn wants(&mut self, time: Timestamp) -> Wanted {
        self.told.elements += 1;
        self.receiver.wants(time)
    }

    pub(super) fn never_taken(&mut self) {
        self.told.elements += 1;
        self.receiver.never_taken();
    }

    /// A fault of an element whose time was asked for, or was not.
    pub(super) fn faulty(&mut self, error: Error, asked: bool) {
        self.told.elements += u64::from(!asked);
        self.receiver.faulty(error);
    }
}

/// Tells what is new.
pub(in crate::parse) struct Resuming<'r> {
    receiver: &'r mut dyn Receiver,
    known: Told,
    /// Whether the element at hand was asked for anew.
    asked: bool,
}

impl<'r> Resuming<'r> {
    pub(in crate::parse) fn new(receiver: &'r mut dyn Receiver, known: Told) -> Self {
        Self { receiver, known, asked: false }
    }

    /// Whether the element that begins here was told of.
    fn is_known(&mut self) -> bool {
        let known = self.known.elements > 0;
        self.known.elements -= u64::from(known);
        known
    }
}

impl Receiver for Resuming<'_> {
    fn container(&mut self, container: &Container, kind: DocumentKind) {
        self.asked = false;
        if self.known.containers > 0 {
            self.known.containers -= 1;
        } else {
            self.receiver.container(container, kind);
        }
    }

    fn wants(&mut self, time: Timestamp) -> Wanted {
        let open = self.known.open.filter(|_| self.known.elements == 1);
        let known = self.is_known();
        self.asked = !known || open.is_some();
        match open {
            Some(wanted) => wanted,
            None if known => Wanted::Nothing,
            None => self.receiver.wants(time),
        }
    }

    fn sample(&mut self, sample: &Sample, text: &[u8]) {
        self.asked = false;
        self.receiver.sample(sample, text);
    }

    fn never_taken(&mut self) {
        self.asked = false;
        if !self.is_known() {
            self.receiver.never_taken();
        }
    }

    fn faulty(&mut self, error: Error) {
        if std::mem::take(&mut self.asked) || !self.is_known() {
            self.receiver.faulty(error);
        }
    }

    fn no_containers(&mut self) {
        self.receiver.no_containers();
    }

    fn error(&mut self, error: Error) {
        self.receiver.error(error);
    }
}
