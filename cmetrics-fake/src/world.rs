//! Machines that share a clock.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::fake_machine::FakeMachine;
use crate::http::{Door, Host};
use crate::machine::State;
use crate::options::MachineOptions;
use crate::recording::Recording;
use crate::shared::Shared;

/// Machines that share a clock, and the threads that answer for them. Needs no runtime of its
/// caller, and may be used in any.
#[derive(Debug)]
pub struct World {
    clock: Clock,
    host: Arc<Host>,
}

impl World {
    /// A world of this time, with one thread that answers.
    ///
    /// # Errors
    /// Where the system has no more threads.
    pub fn new(clock: Clock) -> io::Result<Self> {
        Self::with_threads(clock, 1)
    }

    /// A world with so many threads that answer.
    ///
    /// # Errors
    /// Where the system has no more threads.
    pub fn with_threads(clock: Clock, threads: usize) -> io::Result<Self> {
        Ok(Self { clock, host: Arc::new(Host::new(threads.max(1))?) })
    }

    /// What tells it the time.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// A machine that listens. It answers for as long as it, or the world, is there.
    ///
    /// # Errors
    /// Where the address is taken, or the system has no more files.
    pub fn machine(&self, options: MachineOptions) -> io::Result<FakeMachine> {
        self.listening(options, |_| {})
    }

    /// A machine whose samples were recorded: the first is taken now. What is made up is not there,
    /// and of the truth, neither starts and ends of containers nor what they used.
    ///
    /// # Errors
    /// As [`machine`](Self::machine).
    pub fn recorded(
        &self,
        recording: &Recording,
        options: MachineOptions,
    ) -> io::Result<FakeMachine> {
        let options = options.with_containers(0).with_history(Duration::ZERO);
        let cgroups = recording.cgroups(self.clock.nanos());
        self.listening(options, |state| state.record(cgroups))
    }

    fn listening(
        &self,
        options: MachineOptions,
        change: impl FnOnce(&mut State),
    ) -> io::Result<FakeMachine> {
        let listen = options.listen;
        let mut state = State::new(options, self.clock.nanos());
        change(&mut state);
        let shared = Arc::new(Shared::new(self.clock.clone(), state));
        let door = Door::new(&self.host, Arc::clone(&shared), listen)?;
        Ok(FakeMachine { shared, door })
    }
}
