//! What stands for one cgroup of a machine.

use std::cmp::Ordering;

use crate::container::FakeContainer;
use crate::life::Life;
use crate::sample::Sample;

/// What a cgroup is to the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `/`.
    Root,
    /// What all containers are in.
    Parent,
    /// A container.
    Container,
    /// A cgroup whose samples were recorded.
    Recorded,
}

/// A cgroup, and all that it ever ran.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) kind: Kind,
    pub(crate) container: FakeContainer,
    pub(crate) lives: Vec<Life>,
    pub(crate) is_idle: bool,
    pub(crate) is_running: bool,
    /// Which sampling of it goes on: what was planned by an earlier one does not happen.
    pub(crate) sampling: u64,
    /// Which end or start of it is to come.
    pub(crate) fate: u64,
}

impl Slot {
    /// The run that goes on, or the last one.
    pub(crate) fn life(&mut self) -> Option<&mut Life> {
        self.lives.last_mut()
    }
}

/// What happens at some time.
#[derive(Debug)]
pub(crate) enum Event {
    /// A sample is taken.
    Take { slot: usize, sampling: u64 },
    /// A sample that was taken can be read.
    List { slot: usize, sampling: u64, sample: Sample },
    /// A sample of a recording can be read.
    Recorded { slot: usize, sample: Sample },
    /// A container ends by itself.
    End { slot: usize, fate: u64 },
    /// A container that has ended starts again.
    Restart { slot: usize, fate: u64 },
}

/// An event and its time; the first of several at one time is the one that was planned first.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) time: u64,
    pub(crate) order: u64,
    pub(crate) event: Event,
}

impl Ord for Planned {
    /// The greatest is the next one, as a heap wants it.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.time, other.order).cmp(&(self.time, self.order))
    }
}

impl PartialOrd for Planned {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Planned {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Planned {}
