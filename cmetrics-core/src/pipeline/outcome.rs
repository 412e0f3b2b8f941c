//! What became of inputs.

use crate::document::SkippedParts;
use crate::error::{Error, Problem};
use crate::series::{Chain, Counts, Series};

/// What became of one call that read inputs: how much of them was taken, and what was wrong.
///
/// Its errors are here and nowhere else. A faulty part costs that part, and nothing else: an input
/// with errors may have samples all the same.
///
/// ```
/// use cmetrics_core::{Input, Pipeline};
///
/// let reply = r#"{"/": {"spec": {}, "stats": [
///     {"timestamp": "2026-11-21T12:00:03Z"},
///     {"timestamp": "never"}]}}"#;
/// let outcome = Pipeline::default().read(Input::bytes("reply", reply));
/// assert_eq!((outcome.containers, outcome.accepted, outcome.faulty), (1, 1, 1));
/// assert!(outcome.errors[0].to_string().starts_with("reply: line 3 column 19 "));
/// ```
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Outcome {
    /// Inputs that were read, including damaged ones and those without samples.
    pub inputs: u64,
    /// Bytes of unpacked JSON.
    pub bytes: u64,
    /// Containers that the documents list. One that several documents list counts in each.
    pub containers: u64,
    /// Documents that list no container.
    pub without_containers: u64,
    /// Parts of documents that are well formed and have no samples for cmetrics.
    pub skipped_parts: SkippedParts,
    /// Samples that were new and were taken.
    pub accepted: u64,
    /// Copies of samples that were known.
    pub duplicates: u64,
    /// Samples that came too late, see [`Pipeline::live`](crate::Pipeline::live).
    pub late: u64,
    /// Samples with a time at or before the epoch: placeholders for samples that were never taken.
    pub never_taken: u64,
    /// Samples that were left out because of an impossible value.
    pub faulty: u64,
    /// The errors, each with its place; at most [`MOST_ERRORS`](Self::MOST_ERRORS). If reading was
    /// [cancelled](crate::Cancel), the last one says so.
    pub errors: Vec<Error>,
    /// How many errors there were besides these.
    pub more_errors: u64,
    /// The files in folders that are not dumps, each with the reason.
    pub skipped: Vec<Error>,
}

impl Outcome {
    /// How many errors are stored. Further ones are only counted.
    pub const MOST_ERRORS: usize = 1000;

    /// How many errors there were, including those that are only counted.
    pub fn error_count(&self) -> u64 {
        self.errors.len() as u64 + self.more_errors
    }

    /// The first error, or this outcome if there is none: for callers to whom an input with an error
    /// is of no use. What was read stays in the pipeline.
    ///
    /// # Errors
    /// The first of the errors; the others are dropped.
    ///
    /// ```
    /// use cmetrics_core::{Error, Input, Pipeline};
    ///
    /// fn duplicates(pipeline: &mut Pipeline, reply: &[u8]) -> Result<u64, Error> {
    ///     let outcome = pipeline.read(Input::bytes("reply", reply)).into_result()?;
    ///     Ok(outcome.duplicates)
    /// }
    /// assert!(duplicates(&mut Pipeline::default(), b"no dump").is_err());
    /// ```
    pub fn into_result(mut self) -> Result<Self, Error> {
        if self.errors.is_empty() { Ok(self) } else { Err(self.errors.swap_remove(0)) }
    }

    /// Adds the outcome of a later call.
    pub fn merge(&mut self, later: Self) {
        self.inputs += later.inputs;
        self.bytes += later.bytes;
        self.containers += later.containers;
        self.without_containers += later.without_containers;
        self.skipped_parts.add_all(later.skipped_parts);
        self.accepted += later.accepted;
        self.duplicates += later.duplicates;
        self.late += later.late;
        self.never_taken += later.never_taken;
        self.faulty += later.faulty;
        self.more_errors += later.more_errors;
        for error in later.errors {
            self.push(error);
        }
        self.skipped.extend(later.skipped);
    }

    pub(super) fn push(&mut self, error: Error) {
        if self.errors.len() < Self::MOST_ERRORS {
            self.errors.push(error);
        } else {
            self.more_errors += 1;
        }
    }

    /// Adds an error that must not be among those that are only counted.
    pub(super) fn push_as_last(&mut self, error: Error) {
        let over = self.errors.len().saturating_sub(Self::MOST_ERRORS - 1);
        self.errors.truncate(Self::MOST_ERRORS - 1);
        self.more_errors += over as u64;
        self.errors.push(error);
    }

    /// Whether there was any dump.
    pub(super) fn has_dump(&self) -> bool {
        self.containers > 0 || self.without_containers > 0
    }

    /// Ends an input. One that is well formed and has nothing but parts that are skipped is no dump.
    pub(super) fn end_of_input(&mut self) {
        let parts: Vec<_> = self.skipped_parts.iter().map(|(what, _)| what.to_string()).collect();
        if !self.has_dump() && self.errors.is_empty() && !parts.is_empty() {
            self.push(Error::new(Problem::NoContainers(parts.join(" and "))));
        }
    }

    /// Adds the samples that a series got.
    pub(super) fn add_samples(&mut self, before: Tally, after: Tally) {
        self.accepted += after.samples.saturating_sub(before.samples) as u64;
        self.duplicates += after.counts.duplicates - before.counts.duplicates;
        self.late += after.counts.late - before.counts.late;
        self.never_taken += after.counts.never_taken - before.counts.never_taken;
        self.faulty += after.counts.faulty - before.counts.faulty;
    }

    /// This outcome without its samples.
    pub(super) fn without_samples(self) -> Self {
        let (accepted, duplicates, late, never_taken, faulty) = (0, 0, 0, 0, 0);
        Self { accepted, duplicates, late, never_taken, faulty, ..self }
    }
}

/// How many samples were got so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    samples: usize,
    counts: Counts,
}

impl Tally {
    pub(super) fn of(chain: &Chain) -> Self {
        Self { samples: chain.len(), counts: chain.counts() }
    }

    /// What all chains of a series have got.
    pub(super) fn of_all(series: &Series) -> Self {
        Self { samples: series.len(), counts: series.counts() }
    }
}
