//! The samples that the doors make.

use crate::sample::Draft;

/// The samples that are being made, by number.
#[derive(Debug, Default)]
pub(super) struct Drafts(Vec<Draft>);

impl Drafts {
    /// The draft of this number.
    #[expect(clippy::indexing_slicing, reason = "added if it was missing")]
    pub(super) fn of(&mut self, number: usize) -> &mut Draft {
        if self.0.len() <= number {
            self.0.resize_with(number + 1, Draft::default);
        }
        &mut self.0[number]
    }
}
