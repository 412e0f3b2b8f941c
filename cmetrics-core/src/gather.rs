//! Sorting what the parser reads into series.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::container::{Container, Identity};
use crate::error::Error;
use crate::limits::Limits;
use crate::metric::{Metric, MetricSet};
use crate::parse::{DocumentKind, Receiver, Wanted};
use crate::sample::Sample;
use crate::series::Series;
use crate::time::Timestamp;

/// How many errors are kept in full.
pub(crate) const MOST_ERRORS: usize = 1000;

/// Containers by name.
pub(crate) type AllSeries = BTreeMap<Arc<str>, Series>;

/// The series of a container, new if need be.
pub(crate) fn series_of<'s>(
    all: &'s mut AllSeries,
    container: &Container,
    machine: Option<&str>,
) -> &'s mut Series {
    let name: Arc<str> = container.name(machine).into();
    let series = all.entry(name).or_insert_with(|| Series::new(Identity::new(container, machine)));
    series.add(container);
    series
}

/// What is read from one input.
pub(crate) struct Gathering<'g> {
    series: &'g mut AllSeries,
    machine: Option<&'g str>,
    current: Option<Arc<str>>,
    kind: DocumentKind,
    /// Whether copies of one sample may tell metrics that are asked for differently.
    varies: bool,
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
    /// Dumps without containers.
    pub(crate) without_containers: u64,
    /// What was wrong, at most [`MOST_ERRORS`].
    pub(crate) errors: Vec<Error>,
    /// How many errors there were besides.
    pub(crate) more_errors: u64,
}

impl<'g> Gathering<'g> {
    pub(crate) fn new(
        series: &'g mut AllSeries,
        machine: Option<&'g str>,
        metrics: MetricSet,
    ) -> Self {
        let varies = metrics.iter().any(Metric::varies_between_copies);
        let (kind, outcome) = (DocumentKind::V1, Outcome::default());
        Self { series, machine, current: None, kind, varies, limits: None, newest: None, outcome }
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
        self.series.get_mut(self.current.as_ref()?)
    }
}

impl Receiver for Gathering<'_> {
    fn container(&mut self, container: Container, kind: DocumentKind) {
        self.end_of_container();
        self.outcome.any = true;
        self.kind = kind;
        self.limits = container.limits;
        self.newest = None;
        let series = series_of(self.series, &container, self.machine);
        self.current = Some(Arc::clone(series.identity().name()));
    }

    fn wants(&mut self, time: Timestamp) -> Wanted {
        let (kind, varies) = (self.kind, self.varies);
        self.newest = self.newest.max(Some(time));
        self.current().map_or(Wanted::Nothing, |series| series.wants(time, kind, varies))
    }

    fn sample(&mut self, sample: Sample) {
        let from_machine_stats = self.kind == DocumentKind::MachineStats;
        if let Some(series) = self.current() {
            series.insert_from(sample, from_machine_stats);
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
        if self.outcome.errors.len() < MOST_ERRORS {
            self.outcome.errors.push(error);
        } else {
            self.outcome.more_errors += 1;
        }
    }
}
