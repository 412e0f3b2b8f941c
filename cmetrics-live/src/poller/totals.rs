//! What a poll brought.

use crate::feed::Taken;
use crate::state::MachineCounts;

/// What a poll brought, good or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PollTotals {
    pub(crate) stragglers: u64,
    bytes: u64,
    accepted: u64,
    duplicates: u64,
    late: u64,
    ahead: u64,
    faulty: u64,
    ended: u64,
}

impl PollTotals {
    /// Adds what became of an answer.
    pub(super) fn add(&mut self, taken: &Taken) {
        self.stragglers += taken.stragglers;
        self.bytes += taken.bytes;
        self.accepted += taken.accepted;
        self.duplicates += taken.duplicates;
        self.late += taken.late;
        self.ahead += taken.ahead;
        self.faulty += taken.faulty;
        self.ended += taken.ended;
    }

    /// What is to be told of samples that were refused in a good poll.
    pub(crate) fn refusal(&self) -> Option<String> {
        let ahead = self.ahead;
        (ahead > 0).then(|| {
            format!(
                "{ahead} samples were refused, because their times are too far ahead \
                 of our clock: set the machine's clock or ours"
            )
        })
    }

    /// Adds these to the counts of the machine.
    pub(crate) fn add_to(&self, counts: &mut MachineCounts) {
        counts.polls += 1;
        counts.stragglers += self.stragglers;
        counts.bytes += self.bytes;
        counts.accepted += self.accepted;
        counts.duplicates += self.duplicates;
        counts.late += self.late;
        counts.ahead += self.ahead;
        counts.faulty += self.faulty;
        counts.ended_containers += self.ended;
    }
}
