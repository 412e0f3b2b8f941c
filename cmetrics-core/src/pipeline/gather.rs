//! Sorting what the parser reads into series.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cancel::Cancel;
use crate::container::{Container, ForgottenNames, Identity, Limits};
use crate::document::{DocumentKind, Wanted};
use crate::error::{Error, ErrorKind};
use crate::metric::{Metric, MetricSet};
use crate::parse::Receiver;
use crate::point::DataPoint;
use crate::sample::Sample;
use crate::series::{Counts, Look, Series, Terms};
use crate::time::Timestamp;

/// How many errors are kept in full.
pub(crate) const MOST_ERRORS: usize = 1000;

/// All containers.
#[derive(Debug, Default)]
pub(crate) struct AllSeries {
    series: Vec<Series>,
    by_name: BTreeMap<Arc<str>, usize>,
    /// On which terms points are made while samples come, and the newest time that the caller has
    /// told of, in nanoseconds; where they are.
    live: Option<(Terms, u64)>,
    /// The live ones that are there no more.
    forgotten: ForgottenNames,
}

impl AllSeries {
    /// No containers yet, whose points are made while samples come.
    pub(crate) fn live(terms: Terms) -> Self {
        Self { live: Some((terms, 0)), ..Self::default() }
    }

    pub(crate) fn is_live(&self) -> bool {
        self.live.is_some()
    }

    /// Gives the points that are final, and forgets the containers of which nothing is left:
    /// their counts go to `forgotten`.
    pub(crate) fn settle(
        &mut self,
        now: Option<Timestamp>,
        give: &mut dyn FnMut(DataPoint),
        forgotten: &mut dyn FnMut(Counts),
    ) {
        let Some((_, newest)) = &mut self.live else { return };
        *newest = now.map_or(0, Timestamp::nanos).max(*newest);
        let mut gone = Vec::new();
        for &index in self.by_name.values() {
            if let Some(series) = self.series.get_mut(index)
                && !series.settle(*newest, give)
            {
                gone.push(index);
            }
        }
        if gone.is_empty() {
            return;
        }
        // The last first, so that what takes a place is none that goes.
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

    /// The containers by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Series> {
        self.by_name.values().filter_map(|&index| self.series.get(index))
    }

    /// The series of a container, new if need be.
    pub(crate) fn of(&mut self, container: &Container, machine: Option<&str>) -> &mut Series {
        let index = self.index_of(container, machine);
        #[expect(clippy::indexing_slicing, reason = "found or pushed there")]
        &mut self.series[index]
    }

    /// Takes what was read after all that is here, or as many containers of it as it comes to before
    /// it is cancelled.
    pub(crate) fn absorb(&mut self, later: Self, cancel: &Cancel) {
        for series in later.series {
            if cancel.is_cancelled() {
                return;
            }
            let known = self.by_name.get(series.identity().name());
            if let Some(known) = known.and_then(|index| self.series.get_mut(*index)) {
                known.absorb(series);
            } else {
                self.push(series);
            }
        }
    }

    /// Adds a series of a name that there is none of yet.
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
                Some((terms, now)) => {
                    let is_back = self.forgotten.may_contain(&name);
                    Series::live(identity, terms, now, is_back)
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

/// What is read from one input.
pub(crate) struct Gathering<'g> {
    series: &'g mut AllSeries,
    machine: Option<&'g str>,
    current: Option<usize>,
    kind: DocumentKind,
    /// Whether copies of one sample may tell metrics that are asked for differently.
    varies: bool,
    /// Whether known samples are walked through.
    verify: bool,
    /// What the container at hand may use, and its newest sample in this document.
    limits: Option<Limits>,
    newest: Option<Timestamp>,
    pub(crate) outcome: Outcome,
}

/// What an input was like.
#[derive(Default)]
pub(crate) struct Outcome {
    /// Whether any dump was in it.
    pub(crate) any: bool,
    /// Whether a container was.
    pub(crate) containers: bool,
    /// Dumps without containers.
    pub(crate) without_containers: u64,
    /// What was wrong, at most [`MOST_ERRORS`].
    pub(crate) errors: Vec<Error>,
    /// How many errors there were besides.
    pub(crate) more_errors: u64,
    /// The error that says so, where the input was not read to its end because it was cancelled.
    pub(crate) cancelled: Option<Error>,
}

impl Outcome {
    /// Whether what is wrong with it may be no error in the light of what was read before: copies of
    /// known samples are not looked at.
    pub(crate) fn is_in_doubt(&self) -> bool {
        self.containers && !self.errors.is_empty()
    }
}

impl<'g> Gathering<'g> {
    pub(crate) fn new(
        series: &'g mut AllSeries,
        machine: Option<&'g str>,
        metrics: MetricSet,
        verify: bool,
    ) -> Self {
        let varies = metrics.iter().any(Metric::varies_between_copies);
        let (kind, outcome) = (DocumentKind::V1, Outcome::default());
        Self {
            series,
            machine,
            current: None,
            kind,
            varies,
            verify,
            limits: None,
            newest: None,
            outcome,
        }
    }

    /// Says that no more is to come for the container at hand.
    pub(crate) fn end_of_container(&mut self) {
        if let (Some(limits), Some(newest)) = (self.limits.take(), self.newest.take())
            && let Some(series) = self.current()
        {
            series.note_limits(newest, limits);
        }
    }

    fn current(&mut self) -> Option<&mut Series> {
        self.series.series.get_mut(self.current?)
    }
}

impl Receiver for Gathering<'_> {
    fn container(&mut self, container: &Container, kind: DocumentKind) {
        self.end_of_container();
        self.outcome.any = true;
        self.outcome.containers = true;
        self.kind = kind;
        self.limits = container.limits;
        self.newest = None;
        self.current = Some(self.series.index_of(container, self.machine));
    }

    fn wants(&mut self, time: Timestamp) -> Wanted {
        let (kind, look) = (self.kind, Look { varies: self.varies, verify: self.verify });
        self.newest = self.newest.max(Some(time));
        self.current().map_or(Wanted::Nothing, |series| series.wants(time, kind, look))
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
        self.outcome.any = true;
        self.outcome.without_containers += 1;
    }

    fn error(&mut self, error: Error) {
        if error.kind() == ErrorKind::Cancelled {
            self.outcome.cancelled = Some(error);
        } else if self.outcome.errors.len() < MOST_ERRORS {
            self.outcome.errors.push(error);
        } else {
            self.outcome.more_errors += 1;
        }
    }
}
