//! A channel to one thread that has all containers to itself.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use cmetrics_core::Sample;
use crossbeam_channel::{Receiver, Sender, bounded};
use parking_lot::Mutex;

use crate::contender::{Contender, Setup, Sums};
use crate::state::State;

type Message = (usize, Sample);

/// Where the channel is full, who records waits, or (`WAITS` is false) the sample is lost.
#[derive(Debug)]
pub(crate) struct Channel<const WAITS: bool> {
    sender: Sender<Message>,
    given: Arc<Mutex<Sums>>,
    aggregating: JoinHandle<u64>,
}

/// How many samples may be on their way: a round's at most, so that nobody waits for long.
const ROOM: usize = 1 << 16;
/// The same where samples may be lost: what a millisecond brings at most.
const LITTLE_ROOM: usize = 1 << 12;

/// Takes samples until nobody can send any more, and says how many were accepted. Points are
/// reduced to their sums right away, so that handing them on costs nothing.
fn aggregate(receiver: &Receiver<Message>, setup: Setup, given: &Mutex<Sums>) -> u64 {
    let state = |number| State::new(number, setup.lateness);
    let mut states: Vec<_> = (0..setup.containers).map(state).collect();
    for (container, sample) in receiver {
        let state = &mut states[container];
        state.record_own(sample);
        if state.has_points() {
            state.drain(&mut given.lock());
        }
    }
    states.iter_mut().map(|state| state.finish(&mut given.lock())).sum()
}

impl<const WAITS: bool> Contender for Channel<WAITS> {
    const LOSSLESS: bool = WAITS;

    fn new(setup: Setup) -> Self {
        let (sender, receiver) = bounded(if WAITS { ROOM } else { LITTLE_ROOM });
        let given = Arc::new(Mutex::new(Sums::default()));
        let giving = Arc::clone(&given);
        let aggregating = std::thread::spawn(move || aggregate(&receiver, setup, &giving));
        Self { sender, given, aggregating }
    }

    fn record(&self, container: usize, sample: &Sample) -> bool {
        let message = (container, sample.clone());
        if WAITS {
            self.sender.send(message).is_ok()
        } else {
            self.sender.try_send(message).is_ok()
        }
    }

    fn drain(&self, sums: &mut Sums) {
        *sums = sums.and(std::mem::take(&mut *self.given.lock()));
    }

    fn settle(&self) {
        while !self.sender.is_empty() {
            std::thread::sleep(Duration::from_micros(50));
        }
    }

    fn finish(self, sums: &mut Sums) -> u64 {
        drop(self.sender);
        let accepted = self.aggregating.join().unwrap_or(0);
        *sums = sums.and(*self.given.lock());
        accepted
    }
}
