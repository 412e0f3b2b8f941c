//! Errors that wait until it is known how much was passed over because of them.

use super::Receiver;
use crate::error::{Error, ErrorKind};

/// The errors of one input that were not passed on yet.
#[derive(Default)]
pub(super) struct Untold {
    /// The last damage.
    damage: Option<Error>,
    /// The first text that is no dump. It stands for all such text in the input, however much of it
    /// there is.
    text: Option<Error>,
}

impl Untold {
    /// Adds an error, because of which so many bytes were passed over. `after_damage` is whether it
    /// is about what comes after damage: a part of a damaged document may look like a document that
    /// is no dump.
    pub(super) fn add(
        &mut self,
        error: Error,
        passed_over: u64,
        after_damage: bool,
        receiver: &mut dyn Receiver,
    ) {
        if error.kind() != ErrorKind::NotADump {
            self.tell_damage(receiver);
            self.damage = Some(error.passing_over(passed_over));
        } else if let Some(damage) = self.damage.take().filter(|_| after_damage) {
            self.damage = Some(damage.passing_over(passed_over));
        } else {
            let text = self.text.take();
            self.text = Some(text.unwrap_or(error).passing_over(passed_over));
        }
    }

    /// So many bytes more were passed over, of what follows the last error.
    pub(super) fn passed_over(&mut self, bytes: u64) {
        for last in [&mut self.damage, &mut self.text] {
            if let Some(error) = last.take() {
                *last = Some(error.passing_over(bytes));
                return;
            }
        }
    }

    /// Passes on the last damage: reading continues with a document.
    pub(super) fn tell_damage(&mut self, receiver: &mut dyn Receiver) {
        if let Some(error) = self.damage.take() {
            receiver.error(error);
        }
    }

    /// Passes on all that is left, at the end of the input.
    pub(super) fn tell_all(mut self, receiver: &mut dyn Receiver) {
        self.tell_damage(receiver);
        if let Some(error) = self.text {
            receiver.error(error);
        }
    }
}
