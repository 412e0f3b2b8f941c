//! Ends and starts: of containers, of cAdvisor, of the machine.

use super::slot::{Event, Kind, Slot};
use super::state::{Identity, SECOND, State, uuid};
use crate::clock::nanos_of;
use crate::meter::Totals;
use crate::recording::Cgroup;

impl State {
    /// Ends the run of a container. Its samples are gone at once.
    pub(crate) fn end(&mut self, index: usize) {
        let (stamp, totals) = (self.stamp(), self.totals(index));
        let keeps = self.options.keeps_truth;
        let Some(slot) = self.slots.get_mut(index).filter(|slot| slot.is_running) else { return };
        (slot.is_running, slot.sampling, slot.fate) = (false, 0, 0);
        let is_container = slot.kind == Kind::Container;
        if let Some(life) = slot.life() {
            (life.ended, life.last) = (Some(stamp), totals);
            life.clear(keeps);
        }
        if is_container {
            let disks = Totals { read_bytes: 0, write_bytes: 0, ..totals };
            self.retained = self.retained.plus(disks);
        }
    }

    /// Ends a container by itself; it, or another, starts soon.
    pub(super) fn meet_fate(&mut self, index: usize) {
        self.end(index);
        if self.random.next().is_multiple_of(2) {
            self.start_new(None);
            return;
        }
        let fate = self.next_number();
        let after = self.random.between(SECOND / 5, 3 * SECOND);
        if let Some(slot) = self.slots.get_mut(index) {
            slot.fate = fate;
        }
        self.plan(after, Event::Restart { slot: index, fate });
    }

    /// Stops cAdvisor, which forgets all samples.
    pub(crate) fn stop(&mut self) {
        self.is_up = false;
        let keeps = self.options.keeps_truth;
        for slot in &mut self.slots {
            slot.sampling = 0;
            if let Some(life) = slot.life() {
                life.clear(keeps);
            }
        }
    }

    /// Starts cAdvisor.
    pub(crate) fn start(&mut self) {
        self.is_up = true;
        for index in 0..self.slots.len() {
            if let Some(life) = self.slots.get_mut(index).and_then(Slot::life) {
                life.period = nanos_of(self.options.housekeeping);
            }
            self.begin_sampling(index);
        }
    }

    /// Starts the machine again: all counters begin at 0, and what ran runs again.
    pub(crate) fn reboot(&mut self) {
        let running: Vec<_> =
            (0..self.slots.len()).filter(|&index| self.is_running(index)).collect();
        for &index in running.iter().rev() {
            self.end(index);
        }
        self.retained = Totals::default();
        self.identity.boot_id = uuid(&mut self.random);
        for index in running {
            self.begin(index);
        }
    }

    /// Becomes another machine, with other containers.
    pub(crate) fn replace(&mut self) {
        self.identity = Identity::made(&mut self.random);
        for index in 0..self.slots.len() {
            self.end(index);
        }
        self.retained = Totals::default();
        for index in 0..2 {
            self.begin(index);
        }
        for _ in 0..self.options.containers {
            self.start_new(None);
        }
    }

    /// Has the cgroups of a recording in place of those that were made up.
    pub(crate) fn record(&mut self, cgroups: Vec<Cgroup>) {
        self.slots.clear();
        self.agenda.clear();
        for (container, heads, samples) in cgroups {
            let index = self.add_slot(Kind::Recorded, container);
            if let Some(life) = self.slots.get_mut(index).and_then(Slot::life) {
                life.heads = heads;
            }
            for (after, sample) in samples {
                self.plan(after, Event::Recorded { slot: index, sample });
            }
        }
    }
}
