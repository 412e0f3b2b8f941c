//! What a receiver was told of a document before it turned out to be one for the strict reader,
//! which then reads it from its beginning and leaves out as much.

use super::super::{DocumentKind, Receiver, Wanted};
use crate::container::Container;
use crate::error::Error;
use crate::sample::Sample;
use crate::time::Timestamp;

/// How much was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::parse) struct Delivered {
    pub(super) containers: u64,
    /// Elements of lists of samples, whatever came of them.
    pub(super) elements: u64,
    /// What of the last of them was wanted, where nothing came of it yet.
    pub(super) pending: Option<Wanted>,
}

/// Counts what is told.
pub(super) struct CountingReceiver<'r> {
    pub(super) receiver: &'r mut dyn Receiver,
    pub(super) delivered: Delivered,
}

impl CountingReceiver<'_> {
    pub(super) fn container(&mut self, container: &Container, kind: DocumentKind) {
        self.delivered.containers += 1;
        self.receiver.container(container, kind);
    }

    /// A sample's time: what comes of it counts no more.
    #[inline]
    pub(super) fn wants(&mut self, time: Timestamp) -> Wanted {
        self.delivered.elements += 1;
        self.receiver.wants(time)
    }

    pub(super) fn never_taken(&mut self) {
        self.delivered.elements += 1;
        self.receiver.never_taken();
    }

    /// A fault of an element whose time was asked for, or was not.
    pub(super) fn faulty(&mut self, error: Error, time_was_read: bool) {
        self.delivered.elements += u64::from(!time_was_read);
        self.receiver.faulty(error);
    }
}

/// Tells what is new.
pub(in crate::parse) struct ResumingReceiver<'r> {
    receiver: &'r mut dyn Receiver,
    delivered: Delivered,
    /// Whether the element at hand was asked for anew.
    outcome_is_new: bool,
}

impl<'r> ResumingReceiver<'r> {
    pub(in crate::parse) fn new(receiver: &'r mut dyn Receiver, delivered: Delivered) -> Self {
        Self { receiver, delivered, outcome_is_new: false }
    }

    /// Whether the element that begins here was told of.
    fn take_delivered(&mut self) -> bool {
        let known = self.delivered.elements > 0;
        self.delivered.elements -= u64::from(known);
        known
    }
}

impl Receiver for ResumingReceiver<'_> {
    fn container(&mut self, container: &Container, kind: DocumentKind) {
        self.outcome_is_new = false;
        if self.delivered.containers > 0 {
            self.delivered.containers -= 1;
        } else {
            self.receiver.container(container, kind);
        }
    }

    fn wants(&mut self, time: Timestamp) -> Wanted {
        let pending = self.delivered.pending.filter(|_| self.delivered.elements == 1);
        let known = self.take_delivered();
        self.outcome_is_new = !known || pending.is_some();
        match pending {
            Some(wanted) => wanted,
            None if known => Wanted::Nothing,
            None => self.receiver.wants(time),
        }
    }

    fn sample(&mut self, sample: &Sample, text: &[u8]) {
        self.outcome_is_new = false;
        self.receiver.sample(sample, text);
    }

    fn never_taken(&mut self) {
        self.outcome_is_new = false;
        if !self.take_delivered() {
            self.receiver.never_taken();
        }
    }

    fn faulty(&mut self, error: Error) {
        if std::mem::take(&mut self.outcome_is_new) || !self.take_delivered() {
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
