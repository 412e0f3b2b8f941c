//! A map behind one lock.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use cmetrics_core::Sample;
use foldhash::fast::FixedState;

use crate::contender::{Contender, Setup, Sums};
use crate::state::State;

type Map = HashMap<usize, State, FixedState>;

#[derive(Debug)]
pub(crate) struct Mutexed(Mutex<Map>);

impl Mutexed {
    fn map(&self) -> MutexGuard<'_, Map> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Contender for Mutexed {
    fn new(setup: Setup) -> Self {
        let state = |number| (number, State::new(number, setup.lateness));
        Self(Mutex::new((0..setup.containers).map(state).collect()))
    }

    fn record(&self, container: usize, sample: &Sample) -> bool {
        self.map().get_mut(&container).is_some_and(|state| state.record(sample))
    }

    fn drain(&self, sums: &mut Sums) {
        self.map().values_mut().for_each(|state| state.drain(sums));
    }

    fn finish(self, sums: &mut Sums) -> u64 {
        self.map().values_mut().map(|state| state.finish(sums)).sum()
    }
}
