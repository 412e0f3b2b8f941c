//! The thread that writes points to Redis.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use cmetrics_core::DataPoint;
use cmetrics_core::container::Identity;
use cmetrics_core::recorder::Subscription;
use cmetrics_live::{Address, Live};
use parking_lot::Mutex;
use tracing::{info, warn};

use super::layout::Item;
use super::options::RedisOptions;
use super::resp::{Commands, Connection};
use super::spool::{Pause, Spool};
use crate::error::Error;
use crate::exposition::{Exposition, Type};
use crate::known::Known;

/// Points that may wait for the thread, those that are taken at once, and those that are sent
/// together.
const WAITING: usize = 4096;
const AT_ONCE: usize = 1024;
const TOGETHER: usize = 256;
/// How often the thread looks whether it is to end.
const TICK: Duration = Duration::from_millis(200);
/// How long it tries to write what is left at the end.
const LAST: Duration = Duration::from_secs(2);

/// Writes points to Redis as they become final. Nobody waits for it.
#[derive(Debug)]
pub(crate) struct Sink {
    counts: Arc<Counts>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What it counts.
#[derive(Debug, Default)]
struct Counts {
    is_over: AtomicBool,
    is_connected: AtomicBool,
    written: AtomicU64,
    waiting: AtomicU64,
    dropped: AtomicU64,
    missed: AtomicU64,
    failures: AtomicU64,
}

impl Sink {
    /// Follows the recorder from now on.
    pub(crate) fn start(live: &Arc<Live>, options: RedisOptions) -> Result<Self, Error> {
        let counts = Arc::new(Counts::default());
        let subscription = live.recorder().subscribe(WAITING);
        let writer = Writer {
            spool: Spool::new(options.most_waiting),
            pause: Pause::new(options.longest_pause),
            connection: None,
            not_before: Instant::now(),
            known: Known::of(live),
            counts: Arc::clone(&counts),
            options,
        };
        let builder = std::thread::Builder::new().name("cmetrics-redis".to_owned());
        let thread = builder.spawn(move || writer.run(&subscription));
        let thread = thread.map_err(|cause| Error::System { doing: "start a thread", cause })?;
        Ok(Self { counts, thread: Mutex::new(Some(thread)) })
    }

    /// Ends its thread, once what waits is written or for 2 s.
    pub(crate) fn stop(&self) {
        self.counts.is_over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.lock().take() {
            // It has nothing to tell if it panicked.
            let _ = thread.join();
        }
    }

    /// Writes what it counted.
    pub(crate) fn write(&self, text: &mut Exposition) {
        let (counts, load) = (&self.counts, Ordering::Relaxed);
        let connected = u8::from(counts.is_connected.load(load));
        text.family("cmetrics_redis_connected", Type::Gauge, "Whether Redis answers.")
            .sample(&[], connected);
        text.family("cmetrics_redis_written_points", Type::Counter, "Points written to Redis.")
            .sample(&[], counts.written.load(load));
        text.family("cmetrics_redis_waiting_points", Type::Gauge, "Points that wait for Redis.")
            .sample(&[], counts.waiting.load(load));
        text.family("cmetrics_redis_dropped_points", Type::Counter, "Points that never got there.")
            .sample(&[("by", "spool")], counts.dropped.load(load))
            .sample(&[("by", "thread")], counts.missed.load(load));
        text.family("cmetrics_redis_failures", Type::Counter, "Attempts that failed.")
            .sample(&[], counts.failures.load(load));
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.counts.is_over.store(true, Ordering::Relaxed);
    }
}

/// The thread's own.
struct Writer {
    options: RedisOptions,
    known: Known,
    spool: Spool,
    pause: Pause,
    connection: Option<Connection>,
    /// When the next attempt may be.
    not_before: Instant,
    counts: Arc<Counts>,
}

impl Writer {
    fn run(mut self, subscription: &Subscription) {
        let receiver = subscription.receiver();
        while !self.counts.is_over.load(Ordering::Relaxed) {
            match receiver.recv_timeout(TICK) {
                Ok(first) => {
                    let more = receiver.try_iter().take(AT_ONCE - 1);
                    self.take(&std::iter::once(first).chain(more).collect::<Vec<_>>());
                }
                Err(cause) if cause.is_disconnected() => break,
                Err(_) => {}
            }
            self.counts.missed.store(subscription.missed(), Ordering::Relaxed);
            self.write(None);
        }
        self.take(&receiver.try_iter().collect::<Vec<_>>());
        self.not_before = Instant::now();
        self.write(Some(Instant::now() + LAST));
    }

    fn take(&mut self, points: &[DataPoint]) {
        self.known.learn(points, true);
        let mut hosts: HashMap<String, Option<String>> = HashMap::new();
        for point in points {
            let identity = self.known.get(point.name()).map(|one| &**one);
            let machine = identity.and_then(Identity::machine);
            let host = machine.and_then(|machine| match hosts.get(machine) {
                Some(known) => known.clone(),
                None => hosts.entry(machine.to_owned()).or_insert(self.host(machine)).clone(),
            });
            if let Some(item) = Item::of(point, identity, host.as_deref(), self.options.layout) {
                let dropped = self.spool.add(item);
                self.counts.dropped.fetch_add(dropped, Ordering::Relaxed);
            }
        }
        self.note_waiting();
    }

    /// The host at which a machine is asked; its name, if it is asked no longer.
    fn host(&self, machine: &str) -> Option<String> {
        let state = self.known.live()?.machine(machine);
        let address = state.and_then(|state| state.address.parse::<Address>().ok());
        Some(address.and_then(|one| Some(one.host()?.to_owned())).unwrap_or(machine.to_owned()))
    }

    /// Writes what waits, unless it is too early for another attempt. At the end it gives up at a
    /// time, and after a failure.
    fn write(&mut self, until: Option<Instant>) {
        while self.spool.len() > 0 && Instant::now() >= self.not_before {
            if until.is_some_and(|until| Instant::now() > until) {
                return;
            }
            match self.write_some() {
                Ok(written) => {
                    self.spool.remove(written);
                    self.counts.written.fetch_add(written as u64, Ordering::Relaxed);
                    self.pause.reset();
                }
                Err(cause) => self.failed(&cause),
            }
            self.note_waiting();
        }
    }

    /// Writes some of what waits, all of it or nothing. If the connection breaks off before Redis
    /// has answered, that is not known, and they are written again.
    fn write_some(&mut self) -> io::Result<usize> {
        let mut commands = Commands::default();
        let mut number = 0;
        for item in self.spool.oldest(TOGETHER) {
            item.push(self.options.points_of_list, &mut commands);
            number += 1;
        }
        if self.connection.is_none() {
            self.connection = Some(Connection::open(&self.options)?);
            if !self.counts.is_connected.swap(true, Ordering::Relaxed) {
                info!(address = self.options.address, "Redis answers");
            }
        }
        match &mut self.connection {
            Some(connection) => connection.send(&commands).map(|()| number),
            None => Ok(0),
        }
    }

    fn failed(&mut self, cause: &io::Error) {
        self.connection = None;
        self.counts.failures.fetch_add(1, Ordering::Relaxed);
        let was_connected = self.counts.is_connected.swap(false, Ordering::Relaxed);
        if was_connected || self.counts.failures.load(Ordering::Relaxed) == 1 {
            warn!(%cause, address = self.options.address, "Redis does not answer");
        }
        self.not_before = Instant::now() + self.pause.after_failure();
    }

    fn note_waiting(&self) {
        self.counts.waiting.store(self.spool.len() as u64, Ordering::Relaxed);
    }
}
