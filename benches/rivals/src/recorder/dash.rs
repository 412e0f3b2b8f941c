//! A map in shards, each behind a lock of its own.

use cmetrics_core::Sample;
use dashmap::DashMap;
use foldhash::fast::FixedState;

use crate::contender::{Contender, Setup, Sums};
use crate::state::State;

#[derive(Debug)]
pub(crate) struct Sharded(DashMap<usize, State, FixedState>);

impl Contender for Sharded {
    fn new(setup: Setup) -> Self {
        let state = |number| (number, State::new(number, setup.lateness));
        Self((0..setup.containers).map(state).collect())
    }

    fn record(&self, container: usize, sample: &Sample) -> bool {
        self.0.get_mut(&container).is_some_and(|mut state| state.record(sample))
    }

    fn drain(&self, sums: &mut Sums) {
        self.0.iter_mut().for_each(|mut state| state.drain(sums));
    }

    fn finish(self, sums: &mut Sums) -> u64 {
        self.0.iter_mut().map(|mut state| state.finish(sums)).sum()
    }
}
