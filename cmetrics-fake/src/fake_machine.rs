//! What a test has of a machine.

use std::net::SocketAddr;
use std::sync::Arc;

use cmetrics_core::Timestamp;

use crate::container::FakeContainer;
use crate::fault::Fault;
use crate::http::Door;
use crate::machine::State;
use crate::shared::{Request, Shared};
use crate::truth::{Truth, Which};

/// A machine with containers, and a cAdvisor that watches them. Clones are one machine.
///
/// What a method changes happens at the time of the world's clock, before it returns.
#[derive(Clone, Debug)]
pub struct FakeMachine {
    pub(crate) shared: Arc<Shared>,
    pub(crate) door: Door,
}

impl FakeMachine {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.door.address()
    }

    /// The containers that run.
    pub fn containers(&self) -> Vec<FakeContainer> {
        self.shared.now(|state| {
            let running = state.slots.iter().filter(|slot| slot.is_running);
            running
                .filter(|slot| !slot.container.id.is_empty())
                .map(|slot| slot.container.clone())
                .collect()
        })
    }

    /// Starts a container that was never there before, and returns it.
    pub fn start_container(&self, alias: &str) -> Option<FakeContainer> {
        self.shared.now(|state| {
            let index = state.start_new(Some(alias));
            state.slots.get(index).map(|slot| slot.container.clone())
        })
    }

    /// Ends a container: its samples are gone at once. Returns whether one of this id ran.
    pub fn end_container(&self, id: &str) -> bool {
        self.shared.now(|state| {
            let index = state.container(id).filter(|&index| state.is_running(index));
            index.map(|index| state.end(index)).is_some()
        })
    }

    /// Starts a container again that ran or was ended: its counters begin at 0. Returns whether
    /// there is one of this id.
    pub fn restart_container(&self, id: &str) -> bool {
        self.shared.now(|state| {
            let Some(index) = state.container(id) else { return false };
            state.end(index);
            state.begin(index);
            true
        })
    }

    /// Stops cAdvisor: nobody listens, and all samples are gone. The containers go on.
    pub fn stop_cadvisor(&self) {
        self.shared.now(State::stop);
        self.door.close();
    }

    /// Starts cAdvisor after it was stopped.
    pub fn start_cadvisor(&self) {
        self.shared.now(State::start);
        self.door.open();
    }

    /// Starts the machine and its cAdvisor again: all counters begin at 0, with another `boot_id`.
    pub fn reboot(&self) {
        self.stop_cadvisor();
        self.shared.now(State::reboot);
        self.start_cadvisor();
    }

    /// Puts another machine in its place, with other containers.
    pub fn replace(&self) {
        self.stop_cadvisor();
        self.shared.now(State::replace);
        self.start_cadvisor();
    }

    /// Sets its clock so many seconds ahead of the world's, or behind it.
    pub fn set_seconds_ahead(&self, seconds: i32) {
        self.shared.now(|state| state.offset = i64::from(seconds) * 1_000_000_000);
    }

    /// Refuses connections until [`listen`](Self::listen); cAdvisor goes on, and forgets nothing.
    pub fn refuse(&self) {
        self.door.close();
    }

    /// Listens again.
    pub fn listen(&self) {
        self.door.open();
    }

    /// Lets all requests fail in this way, until [`heal`](Self::heal).
    pub fn fail(&self, fault: Fault) {
        self.shared.faults.lock().add(fault, None, None);
    }

    /// Lets the next so many requests fail in this way.
    pub fn fail_times(&self, times: u32, fault: Fault) {
        self.shared.faults.lock().add(fault, None, Some(times));
    }

    /// Lets requests fail in this way whose path contains this, until [`heal`](Self::heal).
    pub fn fail_within(&self, path: &str, fault: Fault) {
        self.shared.faults.lock().add(fault, Some(path), None);
    }

    /// Ends all faults.
    pub fn heal(&self) {
        self.shared.faults.lock().clear();
    }

    /// All that it measured.
    pub fn truth(&self) -> Truth {
        self.shared.now(State::truth)
    }

    /// What it measured as documents that a [`Pipeline`](cmetrics_core::Pipeline) reads: one for
    /// each run of a cgroup that has such samples.
    pub fn documents(&self, which: Which) -> Vec<Vec<u8>> {
        self.shared.now(|state| state.documents(&self.shared.templates, which))
    }

    /// When it was asked for more than one container, by the world's clock.
    pub fn looks(&self) -> Vec<Timestamp> {
        self.shared.looks.lock().clone()
    }

    /// The requests that it received, those that failed included; none without the truth.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().clone()
    }
}
