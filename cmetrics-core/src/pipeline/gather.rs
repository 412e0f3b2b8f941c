//! Sorting the samples that the parser reads into series.

use std::sync::Arc;

use super::outcome::{Outcome, Tally};
use super::series_set::{ChainPlace, SeriesSet};
use crate::container::{Container, Labels, Limits};
use crate::document::{DocumentKind, Note, Skipped, Wanted};
use crate::error::{Error, ErrorKind};
use crate::metric::{Metric, MetricSet};
use crate::parse::Receiver;
use crate::sample::Sample;
use crate::series::{Chain, CopyPolicy};
use crate::time::Timestamp;

/// Receives the samples of one input.
pub(crate) struct Gatherer<'g> {
    series: &'g mut SeriesSet,
    machine: Option<&'g str>,
    /// The place of the current container's chain.
    current: Option<ChainPlace>,
    kind: DocumentKind,
    /// Whether the metrics that are read include any that may differ between copies.
    varies: bool,
    /// Whether copies of known samples are parsed rather than skipped.
    verify: bool,
    /// The limits of the current container.
    limits: Option<Limits>,
    /// Its labels, if they are wanted and it has any.
    labels: Option<Arc<Labels>>,
    /// The newest sample of the current container in this document.
    newest: Option<Timestamp>,
    /// What the current container had before this document.
    before: Tally,
    pub(crate) found: Found,
}

/// What was found in an input.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) outcome: Outcome,
    /// The error for the caller, if reading was cancelled before the end of the input.
    pub(crate) cancelled: Option<Error>,
}

impl Found {
    /// Whether an error may be none if other samples were read before: errors in copies of known
    /// samples do not count.
    pub(crate) fn is_uncertain(&self) -> bool {
        self.outcome.containers > 0 && !self.outcome.errors.is_empty()
    }
}

impl<'g> Gatherer<'g> {
    pub(crate) fn new(
        series: &'g mut SeriesSet,
        machine: Option<&'g str>,
        metrics: MetricSet,
        verify: bool,
    ) -> Self {
        let varies = metrics.iter().any(Metric::varies_between_copies);
        let (kind, found) = (DocumentKind::V1, Found::default());
        Self {
            series,
            machine,
            current: None,
            kind,
            varies,
            verify,
            limits: None,
            labels: None,
            newest: None,
            before: Tally::default(),
            found,
        }
    }

    /// Ends the input. Whether reading was cancelled determines whether its last container is whole.
    pub(crate) fn end(mut self) -> Found {
        if self.found.cancelled.is_none() {
            self.end_of_container();
            self.found.outcome.end_of_input();
        } else {
            self.count_samples();
        }
        self.found
    }

    /// Ends the current container: no more of its samples follow.
    fn end_of_container(&mut self) {
        self.count_samples();
        let (limits, labels) = (self.limits.take(), self.labels.take());
        let Some((place, newest)) = self.current.zip(self.newest.take()) else { return };
        if let Some((chain, limits)) = self.current().zip(limits) {
            chain.note_limits(newest, limits);
        }
        if let Some(labels) = labels {
            self.series.note_labels(place, newest, labels);
        }
    }

    /// Counts the samples of the current container.
    fn count_samples(&mut self) {
        let before = self.before;
        if let Some(chain) = self.current() {
            let after = Tally::of(chain);
            self.found.outcome.add_samples(before, after);
            self.before = after;
        }
    }

    fn current(&mut self) -> Option<&mut Chain> {
        self.series.chain_at(self.current?)
    }
}

impl Receiver for Gatherer<'_> {
    fn container(&mut self, container: &Container, kind: DocumentKind) {
        self.end_of_container();
        self.found.outcome.containers += 1;
        self.kind = kind;
        self.limits = container.limits;
        self.newest = None;
        let place = self.series.place_of(container, self.machine, kind.door());
        self.current = Some(place);
        self.labels = self.series.labels_of(place, container);
        self.before = self.current().map(|chain| Tally::of(chain)).unwrap_or_default();
    }

    fn wants_labels(&self) -> bool {
        self.series.wants_labels()
    }

    fn wants(&mut self, time: Timestamp) -> Wanted {
        let (kind, copies) = (self.kind, CopyPolicy { varies: self.varies, verify: self.verify });
        self.newest = self.newest.max(Some(time));
        self.current().map_or(Wanted::Nothing, |chain| chain.wants(time, kind, copies))
    }

    fn sample(&mut self, sample: &Sample, text: &[u8]) {
        let is_partial = self.kind.is_partial();
        if let Some(chain) = self.current() {
            chain.insert_from(sample, text, is_partial);
        }
    }

    fn never_taken(&mut self) {
        if let Some(chain) = self.current() {
            chain.count_never_taken();
        }
    }

    fn faulty(&mut self, error: Error) {
        if let Some(chain) = self.current() {
            chain.count_faulty();
        }
        self.error(error);
    }

    fn note(&mut self, note: Note) {
        if let Some(chain) = self.current() {
            chain.note(note);
        }
    }

    fn skipped(&mut self, what: Skipped, count: u64) {
        self.found.outcome.skipped_parts.add(what, count);
    }

    fn no_containers(&mut self) {
        self.found.outcome.without_containers += 1;
    }

    fn error(&mut self, error: Error) {
        if error.kind() == ErrorKind::Cancelled {
            self.found.cancelled = Some(error);
        } else {
            self.found.outcome.push(error);
        }
    }
}
