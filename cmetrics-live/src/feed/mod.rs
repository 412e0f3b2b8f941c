//! Answers into the recorder.

mod late;
mod tree;

use std::collections::HashMap;
use std::sync::Arc;

use cmetrics_core::parse::ScrapeTime;
use cmetrics_core::recorder::{Ingested, Source};
use cmetrics_core::{ErrorKind, Timestamp};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::failure::{Failure, FailureKind};
use crate::keeper::Keeper;
use crate::net::{Reply, look, plain};

/// What an answer is, and so who reads it. Each is read by a source of its own, so that what one
/// lists is not missed in another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    /// A list of containers.
    List,
    /// A list of all cgroups, of which only those of containers are wanted unless it `has_all`.
    Tree { has_all: bool },
    /// Single cgroups: the machine, and parents of containers.
    Cgroup,
    /// An exposition.
    Exposition,
    /// One container of the Docker Engine.
    Engine(String),
}

/// What became of an answer.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) bytes: u64,
    pub(crate) accepted: u64,
    pub(crate) duplicates: u64,
    pub(crate) late: u64,
    pub(crate) ahead: u64,
    pub(crate) faulty: u64,
    pub(crate) stragglers: u64,
    pub(crate) newest: Option<Timestamp>,
    pub(crate) containers: u64,
    pub(crate) ended: u64,
    /// What was wrong with a part of it, or why the rest is missing.
    pub(crate) trouble: Option<Failure>,
}

/// The readers of a machine's answers.
#[derive(Debug)]
pub(crate) struct Feed {
    keeper: Arc<Keeper>,
    /// How many answers may be read at once, by all.
    readers: Arc<Semaphore>,
    machine: Arc<str>,
    sources: HashMap<Role, Source>,
}

/// How an answer is to be read.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    pub(crate) role: Role,
    /// From when on its samples can be new if all become visible in time.
    pub(crate) expected_from: Option<Timestamp>,
    /// When it came.
    pub(crate) now: Timestamp,
}

impl Feed {
    pub(crate) fn new(keeper: Arc<Keeper>, readers: Arc<Semaphore>, machine: &str) -> Self {
        let machine = machine.into();
        Self { keeper, readers, machine, sources: HashMap::new() }
    }

    /// Forgets the sources of single containers that are not asked any more.
    pub(crate) fn forget_engine_sources(&mut self, is_known: impl Fn(&str) -> bool) {
        self.sources.retain(|role, _| !matches!(role, Role::Engine(id) if !is_known(id)));
    }

    /// Reads an answer into the recorder, on a thread that may block.
    pub(crate) async fn take(&mut self, reply: Reply, reading: Reading) -> Result<Taken, Failure> {
        let machine = Arc::clone(&self.machine);
        let known = self.sources.remove(&reading.role);
        let source =
            known.unwrap_or_else(|| self.keeper.recorder.source(&reply.url, Some(&machine)));
        let keeper = Arc::clone(&self.keeper);
        let permit = Arc::clone(&self.readers).acquire_owned().await;
        let role = reading.role.clone();
        let read = spawn_blocking(move || {
            let mut reader = Reader { source, keeper: &keeper, machine: &machine };
            let taken = reader.take(reply, &reading);
            let source = reader.source;
            drop(permit);
            (source, taken)
        });
        match read.await {
            Ok((source, taken)) => {
                self.sources.insert(role, source);
                taken
            }
            Err(cause) => {
                let message = format!("an answer could not be read: {cause}");
                Err(Failure::new(FailureKind::Local, message))
            }
        }
    }
}

/// Reads one answer.
struct Reader<'r> {
    source: Source,
    keeper: &'r Keeper,
    machine: &'r str,
}

impl Reader<'_> {
    fn take(&mut self, mut reply: Reply, reading: &Reading) -> Result<Taken, Failure> {
        let mut body = plain(&mut reply);
        let bytes = body.len() as u64;
        let is_json = !matches!(reading.role, Role::Exposition);
        if let Err(unlike) = look(&reply, is_json, &body) {
            // Nothing came that could look like anything.
            return Err(reply.cut.take().unwrap_or(unlike));
        }
        let mut trouble = reply.cut.take();
        if reading.role == (Role::Tree { has_all: false }) {
            let (kept, is_whole) = tree::containers_of(&body);
            if !is_whole {
                let message = format!("{}: the list of cgroups is damaged or cut off", reply.url);
                trouble.get_or_insert_with(|| Failure::new(FailureKind::CutOff, message));
            }
            body = kept;
        }
        let scraped_at = (!is_json).then_some(ScrapeTime::Told(reading.now));
        self.source.set_scraped_at(scraped_at);
        self.source.expect_from(reading.expected_from);
        let ingested = self.source.ingest(&body);
        let mut taken = Taken { bytes, ..Taken::of(ingested, trouble) };
        if reading.role == Role::Cgroup {
            // Each answer has one of them.
            taken.ended = 0;
        }
        if taken.late > 0 {
            let late = late::take(self.keeper, (&reply.url, self.machine), &body, reading);
            taken.stragglers += late.stragglers;
            // What the store has already is a copy.
            taken.duplicates += taken.late.saturating_sub(late.samples);
            taken.late = taken.late.min(late.samples);
        }
        // Whoever subscribes has what became final without waiting for others.
        self.keeper.recorder.seal();
        Ok(taken)
    }
}

impl Taken {
    fn of(ingested: Ingested, cut: Option<Failure>) -> Self {
        let errors = ingested.errors.into_iter();
        let wrong = errors.map(|error| {
            // A part that is faulty costs that part; text that is none of JSON costs what follows.
            let kind = match error.kind() {
                ErrorKind::Value | ErrorKind::NoSamples => None,
                ErrorKind::NotADump => Some(FailureKind::NotMetrics),
                ErrorKind::TooLarge => Some(FailureKind::TooLarge),
                _ => Some(FailureKind::CutOff),
            };
            Some(Failure::new(kind?, error.to_string()))
        });
        let trouble = cut.or_else(|| wrong.flatten().next());
        Self {
            bytes: ingested.bytes,
            accepted: ingested.accepted,
            duplicates: ingested.duplicates,
            late: ingested.late,
            ahead: ingested.ahead,
            faulty: ingested.faulty,
            stragglers: ingested.stragglers,
            newest: ingested.newest,
            containers: ingested.containers,
            // What was cut off did not end.
            ended: if trouble.is_some() { 0 } else { ingested.ended },
            trouble,
        }
    }
}
