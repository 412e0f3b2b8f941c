//! Handing what a document of a door other than cAdvisor's JSON tells to the receiver, one
//! container at a time.

use super::cursor::SyntaxError;
use super::remarks::Remarks;
use super::reporter::Reporter;
use crate::document::{Note, Wanted};
use crate::error::Problem;
use crate::metric::{Metric, MetricSet};
use crate::sample::{Draft, DraftEntry};
use crate::time::Timestamp;

/// What was read of a container, or of something else that the receiver is told of.
pub(super) trait Deliver {
    /// Whether something is wrong with it, which is reported when it is delivered.
    fn is_faulty(&self) -> bool;

    /// Hands it to the receiver, with the samples of these metrics.
    fn deliver(&mut self, metrics: MetricSet, reporter: &mut Reporter<'_, '_>);
}

/// Sets those counts of an interface or device that are told and wanted.
pub(super) fn set_told(
    entry: &mut DraftEntry<'_>,
    wanted: MetricSet,
    counts: impl IntoIterator<Item = (Metric, Option<u64>)>,
) {
    for (metric, count) in counts {
        if let Some(count) = count.filter(|_| wanted.contains(metric)) {
            entry.set(metric, count);
        }
    }
}

/// Takes what was read. An error ends reading.
pub(super) type Sink<'s> = dyn FnMut(&mut dyn Deliver) -> Result<(), SyntaxError> + 's;

impl Reporter<'_, '_> {
    /// Reports what was noticed of the current container.
    pub(super) fn remarks(&mut self, remarks: &mut Remarks) {
        if remarks.unusual_numbers {
            self.receiver.note(Note::UnusualNumbers);
        }
        for fault in std::mem::take(&mut remarks.faults) {
            if matches!(fault.problem, Problem::Timestamp { .. }) {
                self.faulty(fault.at, fault.problem);
            } else {
                let error = self.error(fault.at, fault.problem);
                self.receiver.error(error);
            }
        }
    }

    /// Hands a sample of the current container to the receiver, if it wants it. Samples of one
    /// number have mostly the same readings.
    pub(super) fn sample(&mut self, number: usize, time: Timestamp, make: impl FnOnce(&mut Draft)) {
        if self.receiver.wants(time) == Wanted::Whole {
            let draft = self.drafts.of(number);
            make(draft.begin(time));
            self.receiver.sample(draft.finish(), &[]);
        }
    }
}
