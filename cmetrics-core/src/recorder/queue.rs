//! Final points, on their way to those who drain them or subscribed.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use super::sync::Mutex;
use crate::point::DataPoint;

/// Copies of points as they become final, from [`Recorder::subscribe`](crate::Recorder::subscribe).
#[derive(Debug)]
pub struct Subscription {
    receiver: Receiver<DataPoint>,
    missed: Arc<AtomicU64>,
}

impl Subscription {
    /// Where the copies come out, by container in rising start.
    pub fn receiver(&self) -> &Receiver<DataPoint> {
        &self.receiver
    }

    /// How many points there was no room for.
    pub fn missed(&self) -> u64 {
        // Relaxed: a plain count.
        self.missed.load(Ordering::Relaxed)
    }
}

/// Points that nobody has taken yet.
#[derive(Debug)]
pub(super) struct Queue {
    most: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    points: VecDeque<DataPoint>,
    sealed: u64,
    dropped: u64,
    subscribers: Vec<(Sender<DataPoint>, Arc<AtomicU64>)>,
    /// Room of points that were drained.
    spare: VecDeque<DataPoint>,
}

impl Queue {
    pub(super) fn new(most: Option<usize>) -> Self {
        Self { most: most.unwrap_or(usize::MAX), kept: Mutex::default() }
    }

    /// Adds points behind all others.
    pub(super) fn push(&self, points: &mut Vec<DataPoint>) {
        let mut kept = self.kept.lock();
        kept.sealed += points.len() as u64;
        kept.subscribers.retain(|(sender, missed)| send(sender, missed, points));
        kept.points.extend(points.drain(..));
        let over = kept.points.len().saturating_sub(self.most);
        kept.dropped += over as u64;
        kept.points.drain(..over);
    }

    /// Gives all points and returns how many there were. Should `give` panic, those that it did
    /// not get stay.
    pub(super) fn drain(&self, give: &mut dyn FnMut(DataPoint)) -> usize {
        let mut kept = self.kept.lock();
        let spare = std::mem::take(&mut kept.spare);
        let points = std::mem::replace(&mut kept.points, spare);
        drop(kept);
        let mut given = Given { queue: self, points };
        let mut number = 0;
        while let Some(point) = given.points.pop_front() {
            number += 1;
            give(point);
        }
        number
    }

    pub(super) fn subscribe(&self, room: usize) -> Subscription {
        let (sender, receiver) = bounded(room.max(1));
        let missed = Arc::new(AtomicU64::new(0));
        self.kept.lock().subscribers.push((sender, Arc::clone(&missed)));
        Subscription { receiver, missed }
    }

    /// How many points were sealed, how many nobody has taken yet, and how many were dropped.
    pub(super) fn counts(&self) -> (u64, u64, u64) {
        let kept = self.kept.lock();
        (kept.sealed, kept.points.len() as u64, kept.dropped)
    }
}

/// Says whether the subscriber is still there.
fn send(sender: &Sender<DataPoint>, missed: &AtomicU64, points: &[DataPoint]) -> bool {
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
struct Given<'q> {
    queue: &'q Queue,
    points: VecDeque<DataPoint>,
}

impl Drop for Given<'_> {
    fn drop(&mut self) {
        let mut kept = self.queue.kept.lock();
        if self.points.is_empty() {
            let spare = std::mem::take(&mut self.points);
            if spare.capacity() > kept.spare.capacity() {
                kept.spare = spare;
            }
            return;
        }
        self.points.extend(kept.points.drain(..));
        kept.points = std::mem::take(&mut self.points);
    }
}
