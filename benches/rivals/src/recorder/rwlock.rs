//! A map behind a lock that is hardly ever written, and a lock for each container.

use std::collections::HashMap;

use cmetrics_core::Sample;
use foldhash::fast::FixedState;
use parking_lot::{Mutex, RwLock};

use crate::contender::{Contender, Setup, Sums};
use crate::state::State;

#[derive(Debug)]
pub(crate) struct Locked(RwLock<HashMap<usize, Mutex<State>, FixedState>>);

impl Contender for Locked {
    fn new(setup: Setup) -> Self {
        let state = |number| (number, Mutex::new(State::new(number, setup.lateness)));
        Self(RwLock::new((0..setup.containers).map(state).collect()))
    }

    fn record(&self, container: usize, sample: &Sample) -> bool {
        let map = self.0.read();
        map.get(&container).is_some_and(|state| state.lock().record(sample))
    }

    fn drain(&self, sums: &mut Sums) {
        self.0.read().values().for_each(|state| state.lock().drain(sums));
    }

    fn finish(self, sums: &mut Sums) -> u64 {
        self.0.into_inner().into_values().map(|state| state.into_inner().finish(sums)).sum()
    }
}
