//! Sealed points, on their way from the recorder to streams.
//!
//! ```text
//! recorder --one subscription--> a thread: text, once for all --broadcast--> streams
//! ```
//!
//! Nobody waits for a stream: one that is too slow loses batches, and is told how many points it
//! missed by the numbers of the batches that it gets.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::body::Bytes;
use cmetrics_core::container::Identity;
use cmetrics_core::recorder::Subscription;
use cmetrics_core::{DataPoint, Recorder};
use cmetrics_live::Live;
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::broadcast;

use crate::error::Error;
use crate::known::Known;

/// Points that may wait for the thread.
const WAITING: usize = 4096;
/// Points of a batch at most.
const AT_ONCE: usize = 256;
/// How often the thread looks whether it is to end.
const TICK: Duration = Duration::from_millis(200);
/// By how much the clocks of machines may differ, in seconds.
const SKEW: u64 = 120;

/// Hands sealed points to streams.
#[derive(Debug)]
pub(crate) struct Hub {
    shared: Arc<HubShared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct HubShared {
    sender: broadcast::Sender<Arc<Batch>>,
    progress: Mutex<Progress>,
    missed: AtomicU64,
    is_over: AtomicBool,
}

/// How far the points of each container are sealed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    /// The end of the last sealed point, by name.
    sealed_to: HashMap<Arc<str>, u64>,
    newest: u64,
}

impl Progress {
    /// Up to where the points of a container are sealed: 0 if none is. What the recorder does not
    /// know has ended, and all of it is sealed.
    pub(crate) fn of(&self, name: &str, recorder: &Recorder) -> u64 {
        let known = self.sealed_to.get(name).copied();
        known.unwrap_or_else(|| recorder.snapshot(name).map_or(u64::MAX, |_| 0))
    }
}

/// Points that were sealed together.
#[derive(Debug)]
pub(crate) struct Batch {
    /// The number of its first point.
    pub(crate) first: u64,
    pub(crate) points: Vec<Told>,
}

/// A sealed point.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) identity: Option<Arc<Identity>>,
    /// The end of its interval.
    pub(crate) end: u64,
    /// The event of it.
    pub(crate) event: Bytes,
}

impl Hub {
    /// Follows the recorder from now on. A stream may be so many batches behind.
    pub(crate) fn start(live: &Arc<Live>, most_behind: usize) -> Result<Self, Error> {
        let (sender, _) = broadcast::channel(most_behind.clamp(1, 1 << 16));
        let shared = Arc::new(HubShared {
            sender,
            progress: Mutex::default(),
            missed: AtomicU64::new(0),
            is_over: AtomicBool::new(false),
        });
        let subscription = live.recorder().subscribe(WAITING);
        let follower = Follower {
            behind: behind(live.recorder()),
            shared: Arc::clone(&shared),
            known: Known::of(live),
            next: 0,
        };
        let builder = std::thread::Builder::new().name("cmetrics-streams".to_owned());
        let thread = builder.spawn(move || follower.run(&subscription));
        let thread = thread.map_err(|cause| Error::System { doing: "start a thread", cause })?;
        Ok(Self { shared, thread: Mutex::new(Some(thread)) })
    }

    /// The batches from now on.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Arc<Batch>> {
        self.shared.sender.subscribe()
    }

    /// Points that it could not take because it was too slow.
    pub(crate) fn missed(&self) -> u64 {
        self.shared.missed.load(Ordering::Relaxed)
    }

    /// How far the points of all containers are sealed.
    pub(crate) fn progress(&self) -> Progress {
        self.shared.progress().clone()
    }

    /// Up to where the points of a container are sealed.
    pub(crate) fn sealed_to(&self, name: &str, recorder: &Recorder) -> u64 {
        self.shared.progress().of(name, recorder)
    }

    /// Ends its thread.
    pub(crate) fn stop(&self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        let thread = self.thread.lock().take();
        if let Some(thread) = thread {
            // It has nothing to tell if it panicked.
            let _ = thread.join();
        }
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
    }
}

impl HubShared {
    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock()
    }
}

/// By how many seconds points of one container may be sealed later than those of others.
fn behind(recorder: &Recorder) -> u64 {
    let settings = recorder.settings();
    let longest = settings.points().max_gap() + settings.lateness();
    longest.as_secs().saturating_add(SKEW)
}

/// The thread's own.
struct Follower {
    behind: u64,
    shared: Arc<HubShared>,
    known: Known,
    /// The number of the next point.
    next: u64,
}

impl Follower {
    fn run(mut self, subscription: &Subscription) {
        self.begin();
        let receiver = subscription.receiver();
        while !self.shared.is_over.load(Ordering::Relaxed) {
            match receiver.recv_timeout(TICK) {
                Ok(first) => {
                    let more = receiver.try_iter().take(AT_ONCE - 1);
                    let points: Vec<_> = std::iter::once(first).chain(more).collect();
                    self.pass(&points, subscription.missed());
                }
                Err(cause) if cause.is_disconnected() => return,
                Err(_) => {}
            }
        }
    }

    /// What an earlier process sealed is up to the first open interval of each container.
    fn begin(&self) {
        let Some(live) = self.known.live() else { return };
        let mut progress = self.shared.progress();
        for known in live.recorder().containers() {
            let name = known.identity.name();
            let open = live.recorder().snapshot(name).unwrap_or_default();
            let from = open.first().map(|point| point.interval().start());
            if let Some(from) = from {
                progress.sealed_to.entry(Arc::clone(name)).or_insert(from);
            }
        }
    }

    fn pass(&mut self, points: &[DataPoint], missed: u64) {
        // What was missed has numbers, too, so that streams are told.
        let before = self.shared.missed.swap(missed, Ordering::Relaxed);
        self.next += missed.saturating_sub(before);
        let first = self.next;
        self.next += points.len() as u64;
        let is_heard = self.shared.sender.receiver_count() > 0;
        self.learn(points, is_heard);
        let from = self.note(points).saturating_sub(self.behind);
        if is_heard {
            let told = points.iter().map(|point| self.told(point, from)).collect();
            // An error says that the last stream has ended.
            let _ = self.shared.sender.send(Arc::new(Batch { first, points: told }));
        }
    }

    /// Notes how far they are sealed. Returns the newest end.
    fn note(&self, points: &[DataPoint]) -> u64 {
        let mut progress = self.shared.progress();
        for point in points {
            let end = point.interval().end();
            progress.newest = progress.newest.max(end);
            match progress.sealed_to.get_mut(point.name()) {
                Some(known) => *known = end.max(*known),
                None => drop(progress.sealed_to.insert(point.name().into(), end)),
            }
        }
        progress.newest
    }

    /// Asks the recorder again who the containers are, if that is needed.
    fn learn(&mut self, points: &[DataPoint], is_heard: bool) {
        if self.known.learn(points, is_heard) {
            let known = &self.known;
            self.shared.progress().sealed_to.retain(|name, _| known.get(name).is_some());
        }
    }

    fn told(&self, point: &DataPoint, from: u64) -> Told {
        let identity = self.known.get(point.name()).map(Arc::clone);
        Told { identity, end: point.interval().end(), event: event(point, from) }
    }
}

/// The event of a point. Its id is the time from which on points are sent again by whoever resumes
/// behind it.
pub(crate) fn event(point: &DataPoint, from: u64) -> Bytes {
    let mut text = format!("id: {from}\nevent: point\ndata: ").into_bytes();
    point.write_json(&mut text);
    text.extend_from_slice(b"\n\n");
    text.into()
}
