//! What a recorder has counted, of each door by itself.

use std::collections::BTreeMap;

use crate::document::Door;
use crate::metric::Metric;
use crate::series::Events;
use crate::sync::Mutex;

/// What a recorder has counted. If other threads record meanwhile, the counts of different
/// containers are from different moments of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Totals {
    /// Known containers.
    pub containers: u64,
    /// Containers that were forgotten, counted each time.
    pub forgotten: u64,
    /// Samples that were accepted.
    pub accepted: u64,
    /// Samples of a time that was known already.
    pub duplicates: u64,
    /// Samples that came too late.
    pub late: u64,
    /// Samples too far ahead of the caller's time.
    pub ahead: u64,
    /// Points that were sealed.
    pub sealed: u64,
    /// Sealed points that were neither drained nor dropped.
    pub undrained: u64,
    /// Points that were dropped because [too many](super::RecorderSettings::with_most_kept) were
    /// kept.
    pub dropped: u64,
    /// By metric and in its base unit, growth that became known only after the point of its
    /// interval was [flushed](super::Recorder::flush). Negative if a late sample showed that growth
    /// which was emitted belongs elsewhere.
    pub tally: BTreeMap<Metric, i128>,
    /// The same of the samples of each door, and what happened in them.
    pub doors: BTreeMap<Door, DoorTotals>,
}

/// What a recorder has counted of the samples of one door. Events are counted once they are final,
/// those of raw samples with which a recorder [resumed](super::Recorder::resume) again.
///
/// ```
/// use cmetrics_core::parse::Door;
/// use cmetrics_core::{Recorder, Settings};
///
/// let recorder = Recorder::new(Settings::default());
/// let reply = r#"{"/docker": {"spec": {"has_cpu": true}, "stats": [
///     {"timestamp": "2026-11-21T12:00:03Z", "cpu": {"usage": {"total": 100}}},
///     {"timestamp": "2026-11-21T12:00:07Z", "cpu": {"usage": {"total": 10}}}]}}"#;
/// recorder.source("node7", None).ingest(reply.as_bytes());
/// recorder.advance("2026-11-21T13:00:00Z".parse().unwrap());
/// recorder.drain(&mut |_| ());
/// let totals = recorder.totals();
/// let of_json = &totals.doors[&Door::Cadvisor];
/// assert_eq!((of_json.accepted, of_json.restarts), (2, 1));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DoorTotals {
    /// See [`Totals::accepted`].
    pub accepted: u64,
    /// See [`Totals::duplicates`].
    pub duplicates: u64,
    /// See [`Totals::late`].
    pub late: u64,
    /// See [`Totals::ahead`].
    pub ahead: u64,
    /// Restarts of containers.
    pub restarts: u64,
    /// Times between samples that are longer than the longest gap.
    pub gaps: u64,
    /// Samples that were set aside, because their CPU reading is impossible.
    pub set_aside: u64,
    /// Samples whose CPU reading fell without a restart.
    pub corrections: u64,
    /// Samples whose CPU reading rose by more than all CPUs can use, and stayed there.
    pub implausible: u64,
    /// By metric and in its base unit, growth that belongs to no interval.
    pub unattributed: BTreeMap<Metric, u128>,
    /// See [`Totals::tally`].
    pub tally: BTreeMap<Metric, i128>,
}

impl Totals {
    /// Adds the counts of a container's samples of one door.
    pub(super) fn add_door(&mut self, door: Door, counts: &DoorTotals) {
        self.accepted += counts.accepted;
        self.duplicates += counts.duplicates;
        self.late += counts.late;
        self.ahead += counts.ahead;
        add_growth(&mut self.tally, &counts.tally);
        if *counts != DoorTotals::default() {
            self.doors.entry(door).or_default().add(counts);
        }
    }

    /// Adds the counts of other samples.
    pub(super) fn add(&mut self, other: &Self) {
        other.doors.iter().for_each(|(door, counts)| self.add_door(*door, counts));
    }
}

impl DoorTotals {
    fn add(&mut self, other: &Self) {
        self.accepted += other.accepted;
        self.duplicates += other.duplicates;
        self.late += other.late;
        self.ahead += other.ahead;
        self.restarts += other.restarts;
        self.gaps += other.gaps;
        self.set_aside += other.set_aside;
        self.corrections += other.corrections;
        self.implausible += other.implausible;
        add_growth(&mut self.unattributed, &other.unattributed);
        add_growth(&mut self.tally, &other.tally);
    }

    fn add_events(&mut self, events: &Events) {
        self.restarts += events.restarts.len() as u64;
        self.gaps += events.gaps.len() as u64;
        self.set_aside += events.set_aside.len() as u64;
        self.corrections += events.corrections.len() as u64;
        self.implausible += events.implausible.len() as u64;
        add_growth(&mut self.unattributed, &events.unattributed);
    }
}

fn add_growth<N: Copy + Default + std::ops::AddAssign>(
    sums: &mut BTreeMap<Metric, N>,
    more: &BTreeMap<Metric, N>,
) {
    for (metric, growth) in more {
        *sums.entry(*metric).or_default() += *growth;
    }
}

/// The events of all containers that are final, by door.
#[derive(Debug, Default)]
pub(super) struct EventCounts(Mutex<BTreeMap<Door, DoorTotals>>);

impl EventCounts {
    /// Counts events that became final. There are rarely any.
    pub(super) fn add(&self, door: Door, events: &Events) {
        if *events != Events::default() {
            self.0.lock().entry(door).or_default().add_events(events);
        }
    }

    pub(super) fn add_to(&self, totals: &mut Totals) {
        self.0.lock().iter().for_each(|(door, counts)| totals.add_door(*door, counts));
    }
}
