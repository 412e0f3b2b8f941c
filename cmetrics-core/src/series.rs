//! One container's samples: a set, whatever order and however often they came.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::aggregate::Aggregator;
use crate::container::{Container, Identity};
use crate::delta::Tracker;
use crate::events::Events;
use crate::limits::{LimitHistory, Limits};
use crate::parse::{DocumentKind, Wanted};
use crate::point::DataPoint;
use crate::sample::Sample;
use crate::settings::Settings;
use crate::time::Timestamp;

/// A container and all of its samples that were read.
#[derive(Debug)]
pub struct Series {
    identity: Identity,
    samples: BTreeMap<Timestamp, Known>,
    counts: Counts,
    limits: LimitHistory,
}

/// How many samples were not kept, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Copies of samples that were there already.
    pub duplicates: u64,
    /// At or before the epoch: marks of samples that were never taken.
    pub never_taken: u64,
    /// Left out because of a value that cannot be.
    pub faulty: u64,
}

#[derive(Debug)]
struct Known {
    sample: Sample,
    /// Whether only `machinestats`, which tells less, told of it.
    from_machine_stats: bool,
}

/// A container's points, and what happened while they were made.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct History {
    /// The points, in rising time.
    pub points: Vec<DataPoint>,
    /// Restarts, gaps and unattributed growth.
    pub events: Events,
}

impl Series {
    /// A container without samples.
    pub fn new(identity: Identity) -> Self {
        Self {
            identity,
            samples: BTreeMap::new(),
            counts: Counts::default(),
            limits: LimitHistory::default(),
        }
    }

    /// Who the container is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Its samples in rising time, each once.
    pub fn samples(&self) -> impl DoubleEndedIterator<Item = Sample> {
        self.samples.values().map(|known| known.sample.clone())
    }

    /// How many samples it has.
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// Whether it has no samples.
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// How many samples were not kept, and why.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// What the container may use, as its newest document says: the one whose last sample is
    /// newest.
    pub fn limits(&self) -> Limits {
        self.limits.newest()
    }

    /// How often its limits changed from one document to the next.
    pub fn limit_changes(&self) -> u64 {
        self.limits.changes()
    }

    /// Adds a sample. Of several of one time the first stays, and copies count as duplicates.
    pub fn insert(&mut self, sample: Sample) {
        self.insert_from(&sample, &[], false);
    }

    /// Makes the container's points.
    pub fn history(&self, settings: Settings) -> History {
        let mut history = History::default();
        let mut tracker = Tracker::new(settings.max_gap_nanos());
        let mut aggregator = Aggregator::new(self.identity.name().clone(), settings);
        for sample in self.samples() {
            let told = tracker.observe(&sample, &mut |change| {
                history.events.note(&change);
                aggregator.change(change);
            });
            debug_assert!(told.is_ok(), "the samples are in the order of a map");
            aggregator.sample(&sample);
            aggregator.settle(sample.time(), &mut |point| history.points.push(point));
        }
        aggregator.finish(&mut |point| history.points.push(point));
        history.events.overflows = aggregator.overflows();
        if settings.shares() {
            let limits = self.limits();
            history.points.iter_mut().for_each(|point| point.set_shares(&limits));
        }
        history
    }

    pub(crate) fn add(&mut self, container: &Container) {
        self.identity.add(container);
    }

    /// How much of a sample of this time is new; counts it where nothing is. `varies` says whether
    /// copies may tell metrics that are asked for differently.
    pub(crate) fn wants(&mut self, time: Timestamp, kind: DocumentKind, varies: bool) -> Wanted {
        let from_machine_stats = kind == DocumentKind::MachineStats;
        match self.samples.get(&time) {
            None => Wanted::Whole,
            Some(known) if known.from_machine_stats && !from_machine_stats => Wanted::Whole,
            Some(_) if varies => Wanted::WhatVaries,
            Some(_) => {
                self.counts.duplicates += 1;
                Wanted::Nothing
            }
        }
    }

    pub(crate) fn insert_from(&mut self, sample: &Sample, _text: &[u8], from_machine_stats: bool) {
        match self.samples.entry(sample.time()) {
            Entry::Vacant(free) => {
                free.insert(Known { sample: sample.clone(), from_machine_stats });
            }
            Entry::Occupied(mut taken) => {
                self.counts.duplicates += 1;
                let known = taken.get_mut();
                known.sample.take_larger(sample);
                if known.from_machine_stats {
                    known.from_machine_stats = from_machine_stats;
                    known.sample.complete_from(sample);
                }
            }
        }
    }

    pub(crate) fn note_limits(&mut self, last_sample: Timestamp, limits: Limits) {
        self.limits.note(last_sample, limits);
    }

    pub(crate) fn count_never_taken(&mut self) {
        self.counts.never_taken += 1;
    }

    pub(crate) fn count_faulty(&mut self) {
        self.counts.faulty += 1;
    }
}
