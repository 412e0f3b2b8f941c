//! A machine and its cAdvisor as time goes on.

use std::collections::BinaryHeap;

use super::slot::{Event, Kind, Planned, Slot};
use crate::clock::nanos_of;
use crate::container::FakeContainer;
use crate::life::Life;
use crate::meter::{Meters, Totals};
use crate::options::MachineOptions;
use crate::random::Random;
use crate::sample::{Content, Sample};
use crate::served::Served;

pub(super) const SECOND: u64 = 1_000_000_000;

/// The longest time between two samples of an idle container, before jitter.
const LONGEST_PERIOD: u64 = 60 * SECOND;

/// What tells a machine from others, and from itself before it was started again.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) machine_id: String,
    pub(crate) system_uuid: String,
    pub(crate) boot_id: String,
}

impl Identity {
    pub(super) fn made(random: &mut Random) -> Self {
        Self { machine_id: random.hex(32), system_uuid: uuid(random), boot_id: uuid(random) }
    }
}

pub(super) fn uuid(random: &mut Random) -> String {
    let parts = [8, 4, 4, 4, 12].map(|digits| random.hex(digits));
    parts.join("-")
}

/// A machine and its cAdvisor.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) options: MachineOptions,
    pub(crate) identity: Identity,
    pub(crate) slots: Vec<Slot>,
    pub(crate) served: Vec<Served>,
    /// Whether cAdvisor runs.
    pub(crate) is_up: bool,
    /// How far the machine's clock is ahead of the world's, in nanoseconds.
    pub(crate) offset: i64,
    pub(super) agenda: BinaryHeap<Planned>,
    pub(super) random: Random,
    /// Up to when everything has happened, by the world's clock.
    pub(super) time: u64,
    pub(super) planned: u64,
    pub(super) named: u64,
    /// What ended containers used, as their parents remember it.
    pub(super) retained: Totals,
}

impl State {
    /// A machine that began before `now`, by the history that it is to have.
    pub(crate) fn new(options: MachineOptions, now: u64) -> Self {
        let mut random = Random::new(options.seed);
        let mut state = Self {
            identity: Identity::made(&mut random),
            slots: Vec::new(),
            served: Vec::new(),
            is_up: true,
            offset: options.offset,
            agenda: BinaryHeap::new(),
            random,
            time: now.saturating_sub(nanos_of(options.history)),
            planned: 0,
            named: 0,
            retained: Totals::default(),
            options,
        };
        state.add_slot(Kind::Root, FakeContainer::cgroup("/", state.stamp()));
        let parent = state.options.runtime.parent();
        state.add_slot(Kind::Parent, FakeContainer::cgroup(parent, state.stamp()));
        for _ in 0..state.options.containers {
            state.start_new(None);
        }
        state.advance(now);
        state
    }

    /// The time by the machine's own clock.
    pub(crate) fn stamp(&self) -> u64 {
        self.time.saturating_add_signed(self.offset)
    }

    /// Lets everything happen that does until `now`.
    pub(crate) fn advance(&mut self, now: u64) {
        while self.agenda.peek().is_some_and(|planned| planned.time <= now) {
            let Some(planned) = self.agenda.pop() else { break };
            self.time = self.time.max(planned.time);
            self.happen(planned.event);
        }
        self.time = self.time.max(now);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Take { slot, sampling } if self.sampling_of(slot) == Some(sampling) => {
                self.take(slot);
            }
            Event::List { slot, sampling, sample } if self.sampling_of(slot) == Some(sampling) => {
                self.list(slot, sample);
            }
            Event::Recorded { slot, sample } if self.is_up => self.list(slot, sample),
            Event::End { slot, fate } if self.fate_of(slot) == Some(fate) => self.meet_fate(slot),
            Event::Restart { slot, fate } if self.fate_of(slot) == Some(fate) => self.begin(slot),
            _ => {}
        }
    }

    fn sampling_of(&self, slot: usize) -> Option<u64> {
        self.slots.get(slot).map(|slot| slot.sampling)
    }

    fn fate_of(&self, slot: usize) -> Option<u64> {
        self.slots.get(slot).map(|slot| slot.fate)
    }

    pub(super) fn plan(&mut self, after: u64, event: Event) {
        self.planned += 1;
        let planned = Planned { time: self.time + after, order: self.planned, event };
        self.agenda.push(planned);
    }

    /// A number that no sampling or fate had before.
    pub(super) fn next_number(&mut self) -> u64 {
        self.planned += 1;
        self.planned
    }

    /// Starts a container that was never there before.
    pub(crate) fn start_new(&mut self, alias: Option<&str>) -> usize {
        self.named += 1;
        let made = format!("app-{}", self.named);
        let (runtime, created) = (self.options.runtime, self.stamp());
        let alias = alias.unwrap_or(&made);
        let container = FakeContainer::made(&mut self.random, runtime, alias, created);
        self.add_slot(Kind::Container, container)
    }

    pub(super) fn add_slot(&mut self, kind: Kind, container: FakeContainer) -> usize {
        let every = self.options.idle_every as u64;
        let is_idle = kind == Kind::Container && self.named.checked_rem(every) == Some(0);
        let slot = Slot {
            kind,
            container,
            lives: Vec::new(),
            is_idle,
            is_running: false,
            sampling: 0,
            fate: 0,
        };
        // Without the truth, who has ended makes room.
        let keeps = self.options.keeps_truth;
        let place = self.slots.iter().position(|slot| {
            !keeps && slot.kind == Kind::Container && !slot.is_running && slot.fate == 0
        });
        let place = place.unwrap_or(self.slots.len());
        match self.slots.get_mut(place) {
            Some(ended) => *ended = slot,
            None => self.slots.push(slot),
        }
        self.begin(place);
        place
    }

    /// Begins a run of a container.
    pub(crate) fn begin(&mut self, index: usize) {
        let (seed, fate) = (self.random.next(), self.next_number());
        let (stamp, time) = (self.stamp(), self.time);
        let period = nanos_of(self.options.housekeeping);
        let share = self.options.cores * SECOND * 3 / 4 / (self.options.containers.max(1) as u64);
        let Some(slot) = self.slots.get_mut(index) else { return };
        let most_cpu = match slot.kind {
            Kind::Root => SECOND / 20,
            Kind::Parent => self.options.own_cpu,
            Kind::Container if slot.is_idle => 0,
            Kind::Container | Kind::Recorded => share,
        };
        let heads = [
            slot.container.head(stamp, &self.options),
            slot.container.head_v2(stamp, &self.options),
        ];
        if !self.options.keeps_truth {
            slot.lives.clear();
        }
        slot.lives.push(Life::new(heads, stamp, Meters::new(seed, most_cpu, time), period));
        (slot.is_running, slot.fate) = (true, fate);
        let is_container = slot.kind == Kind::Container;
        if let Some(life) = self.options.life.filter(|_| is_container) {
            let after = self.random.between(nanos_of(life) / 2, nanos_of(life) * 3 / 2);
            self.plan(after, Event::End { slot: index, fate });
        }
        self.begin_sampling(index);
    }

    /// Begins the samples of a container, if cAdvisor runs.
    pub(super) fn begin_sampling(&mut self, index: usize) {
        let sampling = self.next_number();
        let first = self.random.between(SECOND / 50, nanos_of(self.options.housekeeping));
        let Some(slot) = self.slots.get_mut(index) else { return };
        slot.sampling = sampling;
        if slot.is_running && self.is_up && slot.kind != Kind::Recorded {
            self.plan(first, Event::Take { slot: index, sampling });
        }
    }

    /// What a cgroup has used until now: a parent what is in it and was in it, though it forgets
    /// the disks of those who have ended.
    pub(crate) fn totals(&mut self, index: usize) -> Totals {
        let time = self.time;
        let own = |slot: &mut Slot| slot.life().map(|life| life.meters.at(time));
        let Some(slot) = self.slots.get_mut(index) else { return Totals::default() };
        let (kind, mut totals) = (slot.kind, own(slot).unwrap_or_default());
        if matches!(kind, Kind::Root | Kind::Parent) {
            totals = totals.plus(self.retained);
            // Root has what its child uses itself, too.
            let below = self.slots.iter_mut().filter(|slot| slot.is_running);
            let below = below.filter(|slot| {
                slot.kind == Kind::Container || (kind == Kind::Root && slot.kind == Kind::Parent)
            });
            totals = below.filter_map(own).fold(totals, Totals::plus);
        }
        totals
    }

    fn take(&mut self, index: usize) {
        let (at, totals) = (self.stamp(), self.totals(index));
        let sample = Sample { at, reply: None, content: Content::Made(totals) };
        let delay = self.random.between(0, nanos_of(self.options.delay));
        let Some(slot) = self.slots.get_mut(index) else { return };
        let (sampling, is_idle) = (slot.sampling, slot.is_idle);
        let Some(life) = slot.life() else { return };
        let period = life.period;
        if is_idle {
            life.period = (period * 2).min(LONGEST_PERIOD);
        }
        if delay == 0 {
            self.list(index, sample);
        } else {
            self.plan(delay, Event::List { slot: index, sampling, sample });
        }
        let after = period + self.random.between(0, period);
        self.plan(after, Event::Take { slot: index, sampling });
    }

    fn list(&mut self, index: usize, sample: Sample) {
        let (storage, keeps) = (nanos_of(self.options.storage), self.options.keeps_truth);
        if let Some(life) = self.slots.get_mut(index).and_then(Slot::life) {
            life.add(sample, storage, keeps);
        }
    }

    /// Whether all of a reply was sent.
    pub(crate) fn is_whole(&self, reply: u32) -> bool {
        let served = usize::try_from(reply).ok().and_then(|at| self.served.get(at));
        served.is_some_and(|served| served.is_whole)
    }

    pub(crate) fn is_running(&self, index: usize) -> bool {
        self.slots.get(index).is_some_and(|slot| slot.is_running)
    }

    /// The index of a running container of this id.
    pub(crate) fn container(&self, id: &str) -> Option<usize> {
        self.slots.iter().position(|slot| slot.container.id == id && slot.kind == Kind::Container)
    }
}
