//! Final points, on their way to threads that drain them and to subscribers.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use crate::point::DataPoint;
use crate::sync::Mutex;

/// Copies of points as they become final, from [`Recorder::subscribe`](crate::Recorder::subscribe).
#[derive(Debug)]
pub struct Subscription {
    receiver: Receiver<DataPoint>,
    missed: Arc<AtomicU64>,
}

impl Subscription {
    /// Receives the copies: by container, in rising start.
    pub fn receiver(&self) -> &Receiver<DataPoint> {
        &self.receiver
    }

    /// How many points were missed because there was no room for them.
    pub fn missed(&self) -> u64 {
        // Relaxed: a plain count.
        self.missed.load(Ordering::Relaxed)
    }
}

/// Points that nobody has taken yet.
#[derive(Debug)]
pub(super) struct Queue {
    max_points: usize,
    state: Mutex<QueueState>,
}

#[derive(Debug, Default)]
struct QueueState {
    points: VecDeque<DataPoint>,
    sealed: u64,
    dropped: u64,
    subscribers: Vec<(Sender<DataPoint>, Arc<AtomicU64>)>,
    /// An empty buffer, to be used again, from points that were drained.
    spare: VecDeque<DataPoint>,
}

impl Queue {
    pub(super) fn new(max_points: Option<usize>) -> Self {
        Self { max_points: max_points.unwrap_or(usize::MAX), state: Mutex::default() }
    }

    /// Adds points behind all others.
    pub(super) fn push(&self, points: &mut Vec<DataPoint>) {
        let mut state = self.state.lock();
        state.sealed += points.len() as u64;
        state.subscribers.retain(|(sender, missed)| send_all(sender, missed, points));
        state.points.extend(points.drain(..));
        let over = state.points.len().saturating_sub(self.max_points);
        state.dropped += over as u64;
        state.points.drain(..over);
    }

    /// Passes all points to `emit` and returns how many there were. If `emit` panics, the points
    /// that it did not get stay.
    pub(super) fn drain(&self, emit: &mut dyn FnMut(DataPoint)) -> usize {
        let mut state = self.state.lock();
        let spare = std::mem::take(&mut state.spare);
        let points = std::mem::replace(&mut state.points, spare);
        drop(state);
        let mut draining = Draining { queue: self, points };
        let mut number = 0;
        while let Some(point) = draining.points.pop_front() {
            number += 1;
            emit(point);
        }
        number
    }

    pub(super) fn subscribe(&self, capacity: usize) -> Subscription {
        let (sender, receiver) = bounded(capacity.max(1));
        let missed = Arc::new(AtomicU64::new(0));
        self.state.lock().subscribers.push((sender, Arc::clone(&missed)));
        Subscription { receiver, missed }
    }

    /// How many points were sealed, how many nobody has taken yet, and how many were dropped.
    pub(super) fn counts(&self) -> (u64, u64, u64) {
        let state = self.state.lock();
        (state.sealed, state.points.len() as u64, state.dropped)
    }
}

/// Sends copies of the points. Returns whether the subscriber is still there.
fn send_all(sender: &Sender<DataPoint>, missed: &AtomicU64, points: &[DataPoint]) -> bool {
    points.iter().all(|point| match sender.try_send(point.clone()) {
        Ok(()) => true,
        Err(TrySendError::Full(_)) => {
            missed.fetch_add(1, Ordering::Relaxed);
            true
        }
        Err(TrySendError::Disconnected(_)) => false,
    })
}

/// Points that are being drained.
struct Draining<'q> {
    queue: &'q Queue,
    points: VecDeque<DataPoint>,
}

impl Drop for Draining<'_> {
    fn drop(&mut self) {
        let mut state = self.queue.state.lock();
        if self.points.is_empty() {
            let spare = std::mem::take(&mut self.points);
            if spare.capacity() > state.spare.capacity() {
                state.spare = spare;
            }
            return;
        }
        self.points.extend(state.points.drain(..));
        state.points = std::mem::take(&mut self.points);
    }
}
