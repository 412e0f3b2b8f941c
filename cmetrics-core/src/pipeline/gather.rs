//! Sorting the samples that the parser reads into series.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::outcome::{Outcome, Tally};
use crate::cancel::Cancel;
use crate::container::{Container, ForgottenNames, Identity, Limits};
use crate::document::{DocumentKind, Wanted};
use crate::error::{Error, ErrorKind};
use crate::metric::{Metric, MetricSet};
use crate::parse::Receiver;
use crate::point::DataPoint;
use crate::sample::Sample;
use crate::series::{CopyPolicy, Counts, LivePolicy, Series};
use crate::time::Timestamp;

/// The series of all containers.
#[derive(Debug, Default)]
pub(crate) struct SeriesSet {
    series: Vec<Series>,
    by_name: BTreeMap<Arc<str>, usize>,
    /// For live series: how they make points, and the newest time that the caller has passed, in
    /// nanoseconds since the epoch.
    live: Option<(LivePolicy, u64)>,
    /// The live series that were removed.
    forgotten: ForgottenNames,
}

impl SeriesSet {
    /// An empty set of live series.
    pub(crate) fn live(policy: LivePolicy) -> Self {
        Self { live: Some((policy, 0)), ..Self::default() }
    }

    pub(crate) fn is_live(&self) -> bool {
        self.live.is_some()
    }

    /// Emits the points that have become final. Removes the series that are no longer needed, and
    /// calls `forgotten` with their counts.
    pub(crate) fn settle(
        &mut self,
        now: Option<Timestamp>,
        emit: &mut dyn FnMut(DataPoint),
        forgotten: &mut dyn FnMut(Counts),
    ) {
        let Some((_, newest)) = &mut self.live else { return };
        *newest = now.map_or(0, Timestamp::nanos).max(*newest);
        let mut gone = Vec::new();
        for &index in self.by_name.values() {
            if let Some(series) = self.series.get_mut(index)
                && !series.settle(*newest, emit)
            {
                gone.push(index);
            }
        }
        if gone.is_empty() {
            return;
        }
        // The last ones first, so that the series that takes a place is not one to be removed.
        gone.sort_unstable();
        for index in gone.into_iter().rev() {
            let series = self.series.swap_remove(index);
            forgotten(series.counts());
            self.forgotten.add(series.identity().name());
            self.by_name.remove(series.identity().name());
            let moved = self.series.get(index).map(|moved| moved.identity().name());
            if let Some(place) = moved.and_then(|name| self.by_name.get_mut(name)) {
                *place = index;
            }
        }
        self.series.shrink_to(self.series.len() * 2);
    }

    /// The series, by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Series> {
        self.by_name.values().filter_map(|&index| self.series.get(index))
    }

    /// The series of a container. A missing one is added.
    pub(crate) fn of(&mut self, container: &Container, machine: Option<&str>) -> &mut Series {
        let index = self.index_of(container, machine);
        #[expect(clippy::indexing_slicing, reason = "found or pushed there")]
        &mut self.series[index]
    }

    /// Adds series that were read after those here, until it is cancelled. Counts their samples in
    /// `outcome`.
    pub(crate) fn absorb(&mut self, later: Self, cancel: &Cancel, outcome: &mut Outcome) {
        for series in later.series {
            if cancel.is_cancelled() {
                return;
            }
            let known = self.by_name.get(series.identity().name());
            if let Some(known) = known.and_then(|index| self.series.get_mut(*index)) {
                let before = Tally::of(known);
                known.absorb(series);
                outcome.add_samples(before, Tally::of(known));
            } else {
                outcome.add_samples(Tally::default(), Tally::of(&series));
                self.push(series);
            }
        }
    }

    /// Adds a series. There must be none of its name.
    fn push(&mut self, series: Series) {
        self.by_name.insert(Arc::clone(series.identity().name()), self.series.len());
        self.series.push(series);
    }

    fn index_of(&mut self, container: &Container, machine: Option<&str>) -> usize {
        let name = container.name(machine);
        let known = self.by_name.get(&*name).copied();
        let index = known.unwrap_or(self.series.len());
        if known.is_none() {
            let identity = Identity::new(container, machine);
            let series = match self.live {
                Some((policy, now)) => {
                    let is_back = self.forgotten.may_contain(&name);
                    Series::live(identity, policy, now, is_back)
                }
                None => Series::new(identity),
            };
            self.push(series);
        }
        if let Some(series) = self.series.get_mut(index) {
            series.add(container);
        }
        index
    }
}

/// Receives the samples of one input.
pub(crate) struct Gatherer<'g> {
    series: &'g mut SeriesSet,
    machine: Option<&'g str>,
    current: Option<usize>,
    kind: DocumentKind,
    /// Whether the metrics that are read include any that may differ between copies.
    varies: bool,
    /// Whether copies of known samples are parsed rather than skipped.
    verify: bool,
    /// The limits of the current container.
    limits: Option<Limits>,
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
            newest: None,
            before: Tally::default(),
            found,
        }
    }

    /// Ends the input. Whether reading was cancelled determines whether its last container is whole.
    pub(crate) fn end(mut self) -> Found {
        if self.found.cancelled.is_none() {
            self.end_of_container();
        } else {
            self.count_samples();
        }
        self.found
    }

    /// Ends the current container: no more of its samples follow.
    fn end_of_container(&mut self) {
        self.count_samples();
        if let (Some(limits), Some(newest)) = (self.limits.take(), self.newest.take())
            && let Some(series) = self.current()
        {
            series.note_limits(newest, limits);
        }
    }

    /// Counts the samples of the current container.
    fn count_samples(&mut self) {
        let before = self.before;
        if let Some(series) = self.current() {
            let after = Tally::of(series);
            self.found.outcome.add_samples(before, after);
            self.before = after;
        }
    }

    fn current(&mut self) -> Option<&mut Series> {
        self.series.series.get_mut(self.current?)
    }
}

impl Receiver for Gatherer<'_> {
    fn container(&mut self, container: &Container, kind: DocumentKind) {
        self.end_of_container();
        self.found.outcome.containers += 1;
        self.kind = kind;
        self.limits = container.limits;
        self.newest = None;
        self.current = Some(self.series.index_of(container, self.machine));
        self.before = self.current().map(|series| Tally::of(series)).unwrap_or_default();
    }

    fn wants(&mut self, time: Timestamp) -> Wanted {
        let (kind, copies) = (self.kind, CopyPolicy { varies: self.varies, verify: self.verify });
        self.newest = self.newest.max(Some(time));
        self.current().map_or(Wanted::Nothing, |series| series.wants(time, kind, copies))
    }

    fn sample(&mut self, sample: &Sample, text: &[u8]) {
        let from_machine_stats = self.kind == DocumentKind::MachineStats;
        if let Some(series) = self.current() {
            series.insert_from(sample, text, from_machine_stats);
        }
    }

    fn never_taken(&mut self) {
        if let Some(series) = self.current() {
            series.count_never_taken();
        }
    }

    fn faulty(&mut self, error: Error) {
        if let Some(series) = self.current() {
            series.count_faulty();
        }
        self.error(error);
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
