//! Lets the strict reader take over a document without delivering anything twice.
//!
//! The fast reader may find only in the middle of a document that it cannot read it. The strict
//! reader then reads the document from its beginning, and leaves out what the receiver already has.

use crate::container::Container;
use crate::error::Error;
use crate::parse::{DocumentKind, Note, Receiver, Skipped, Wanted};
use crate::sample::Sample;
use crate::time::Timestamp;

/// How much of a document the receiver already has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::parse) struct Delivered {
    pub(super) containers: u64,
    /// Elements of lists of samples, whatever their outcome.
    pub(super) elements: u64,
    /// What the receiver wants of the last element, if the outcome of that was not delivered yet.
    pub(super) pending: Option<Wanted>,
    /// Parts that were passed over.
    skipped: u64,
}

/// Forwards to a receiver, and counts what it delivers.
pub(in crate::parse) struct CountingReceiver<'r> {
    pub(super) receiver: &'r mut dyn Receiver,
    pub(in crate::parse) delivered: Delivered,
}

impl<'r> CountingReceiver<'r> {
    pub(in crate::parse) fn new(receiver: &'r mut dyn Receiver) -> Self {
        Self { receiver, delivered: Delivered::default() }
    }

    pub(super) fn container(&mut self, container: &Container, kind: DocumentKind) {
        self.delivered.containers += 1;
        self.receiver.container(container, kind);
    }

    /// Asks for a sample by its time. This counts the element; its outcome does not count again.
    #[inline]
    pub(super) fn wants(&mut self, time: Timestamp) -> Wanted {
        self.delivered.elements += 1;
        self.receiver.wants(time)
    }

    pub(super) fn never_taken(&mut self) {
        self.delivered.elements += 1;
        self.receiver.never_taken();
    }

    /// Reports the fault of an element. `time_was_read` is whether [`wants`](Self::wants) counted
    /// it.
    pub(super) fn faulty(&mut self, error: Error, time_was_read: bool) {
        self.delivered.elements += u64::from(!time_was_read);
        self.receiver.faulty(error);
    }
}

/// What is faulty is left to the strict reader before anything of it is delivered.
impl Receiver for CountingReceiver<'_> {
    fn container(&mut self, container: &Container, kind: DocumentKind) {
        CountingReceiver::container(self, container, kind);
    }

    fn wants(&mut self, time: Timestamp) -> Wanted {
        CountingReceiver::wants(self, time)
    }

    fn wants_labels(&self) -> bool {
        self.receiver.wants_labels()
    }

    fn sample(&mut self, sample: &Sample, text: &[u8]) {
        self.receiver.sample(sample, text);
    }

    fn never_taken(&mut self) {
        CountingReceiver::never_taken(self);
    }

    fn note(&mut self, note: Note) {
        self.receiver.note(note);
    }

    fn skipped(&mut self, what: Skipped, count: u64) {
        self.delivered.skipped += 1;
        self.receiver.skipped(what, count);
    }

    /// Comes last of a document, so the strict reader does not repeat it.
    fn no_containers(&mut self) {
        self.receiver.no_containers();
    }

    fn error(&mut self, error: Error) {
        self.receiver.error(error);
    }
}

/// Forwards to a receiver what it does not have yet.
pub(in crate::parse) struct ResumingReceiver<'r> {
    receiver: &'r mut dyn Receiver,
    delivered: Delivered,
    /// Whether the time of the current element was read, and its outcome is new to the receiver.
    outcome_is_new: bool,
}

impl<'r> ResumingReceiver<'r> {
    pub(in crate::parse) fn new(receiver: &'r mut dyn Receiver, delivered: Delivered) -> Self {
        Self { receiver, delivered, outcome_is_new: false }
    }

    /// Returns whether the receiver has the element that begins here.
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

    fn wants_labels(&self) -> bool {
        self.receiver.wants_labels()
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

    fn note(&mut self, note: Note) {
        self.receiver.note(note);
    }

    fn skipped(&mut self, what: Skipped, count: u64) {
        if self.delivered.skipped > 0 {
            self.delivered.skipped -= 1;
        } else {
            self.receiver.skipped(what, count);
        }
    }

    fn no_containers(&mut self) {
        self.receiver.no_containers();
    }

    fn error(&mut self, error: Error) {
        self.receiver.error(error);
    }
}
