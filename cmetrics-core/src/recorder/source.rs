//! Whole replies of one machine's endpoint.

use std::collections::HashMap;
use std::sync::Arc;

use super::intake::Verdict;
use super::seen::{SeenSample, SeenSamples};
use super::{Handle, Inner};
use crate::container::{Container, Labels, Limits};
use crate::document::{DocumentKind, Door, Wanted};
use crate::error::{Error, Problem};
use crate::parse::{Parser, Receiver, ScrapeTime};
use crate::pipeline::{Outcome, is_packed, unpacked};
use crate::sample::Sample;
use crate::time::Timestamp;

/// After how many new samples of a container in one reply they are sealed. A container keeps room for
/// as many as were ever recorded between two seals, and a first reply has all of the last minutes.
const MAX_UNSEALED: u64 = 16;
/// For how many replies a container is remembered that is not in them.
const MAX_ABSENT_REPLIES: u64 = 8;

/// Reads the replies of one endpoint of one machine into a recorder; from
/// [`Recorder::source`](crate::Recorder::source). Each reply repeats the last minutes, and samples
/// that were read before are skipped.
///
/// There may be any number of sources on any number of threads, also for one machine.
#[derive(Debug)]
pub struct Source {
    name: Arc<str>,
    parser: Parser,
    state: SourceState,
}

/// What became of one reply.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Ingested {
    /// Its length in bytes, unpacked.
    pub bytes: u64,
    /// How many samples were [accepted](Verdict::Accepted).
    pub accepted: u64,
    /// How many were there already.
    pub duplicates: u64,
    /// How many came too late.
    pub late: u64,
    /// How many lie too far ahead of the caller's time.
    pub ahead: u64,
    /// How many were never taken: their time is at or before the epoch.
    pub never_taken: u64,
    /// How many were left out because of an impossible value.
    pub faulty: u64,
    /// How many of the accepted ones are older than [expected](Source::expect_from).
    pub stragglers: u64,
    /// The time of the newest sample, whatever became of it.
    pub newest: Option<Timestamp>,
    /// How many containers it lists, with samples or without.
    pub containers: u64,
    /// How many containers it lacks that the reply before it listed.
    pub ended: u64,
    /// The errors, each with its place; at most
    /// [`Outcome::MOST_ERRORS`](crate::pipeline::Outcome::MOST_ERRORS).
    pub errors: Vec<Error>,
    /// How many errors there were besides these.
    pub more_errors: u64,
}

/// What a source knows of its containers.
#[derive(Debug)]
struct SourceState {
    inner: Arc<Inner>,
    machine: Option<String>,
    containers: Vec<SourceContainer>,
    /// From when on new samples are expected.
    expected_from: Option<Timestamp>,
    /// By path, for each door.
    by_path: [HashMap<String, usize, foldhash::fast::RandomState>; Door::ALL.len()],
    replies: u64,
}

/// A container that a source reads.
#[derive(Debug)]
struct SourceContainer {
    container: Container,
    door: Door,
    handle: Handle,
    seen: SeenSamples,
    /// Its labels, if they are kept and it has any.
    labels: Option<Arc<Labels>>,
    /// The last reply that contained it.
    last_reply: u64,
}

impl Source {
    pub(super) fn new(inner: Arc<Inner>, name: &str, machine: Option<&str>) -> Self {
        let metrics = inner.common.settings.points().all_metrics();
        Self {
            name: name.into(),
            parser: Parser::new(metrics),
            state: SourceState {
                inner,
                machine: machine.map(str::to_owned),
                containers: Vec::new(),
                expected_from: None,
                by_path: Default::default(),
                replies: 0,
            },
        }
    }

    /// Sets the time of samples whose rows have none, in the expositions that are read next.
    pub fn set_scraped_at(&mut self, time: Option<ScrapeTime>) {
        self.parser.set_scraped_at(time);
    }

    /// Sets from when on samples are expected to be new in the replies that are read next, as by
    /// their `start` a request asks for. New ones that are older are counted as
    /// [stragglers](Ingested::stragglers): they became visible later than others.
    ///
    /// ```
    /// use cmetrics_core::{Recorder, Settings, Timestamp};
    ///
    /// let recorder = Recorder::new(Settings::default());
    /// let mut source = recorder.source("node7", None);
    /// let with = |stats: &str| format!("{{\"/docker\": {{\"spec\": {{}}, \"stats\": [{stats}]}}}}");
    /// let first = "{\"timestamp\": \"2026-11-21T12:00:02Z\"}";
    /// let older = "{\"timestamp\": \"2026-11-21T12:00:01Z\"}";
    /// let ingested = source.ingest(with(first).as_bytes());
    /// assert_eq!((ingested.containers, ingested.stragglers), (1, 0));
    /// source.expect_from(ingested.newest);
    /// let ingested = source.ingest(with(&format!("{older}, {first}")).as_bytes());
    /// assert_eq!((ingested.accepted, ingested.stragglers), (1, 1));
    /// assert_eq!(source.ingest(b"{}").ended, 1);
    /// ```
    pub fn expect_from(&mut self, time: Option<Timestamp>) {
        self.state.expected_from = time;
    }

    /// Reads a reply, plain or compressed with gzip or zstd: one or more documents of any
    /// door. A faulty part costs that part, and nothing else.
    #[must_use = "it has the errors of the reply"]
    pub fn ingest(&mut self, reply: &[u8]) -> Ingested {
        self.state.replies += 1;
        let mut receiver = ReplyReceiver::new(&mut self.state);
        let read = if is_packed(reply) {
            unpacked(reply).map(|plain| self.parser.read(plain, &mut receiver))
        } else {
            Ok(self.parser.read_bytes(reply, &mut receiver))
        };
        let bytes = read.unwrap_or_else(|failure| {
            receiver.error(Error::new(Problem::Io(failure)));
            0
        });
        receiver.end_of_container();
        let mut ingested = Ingested { bytes, ..receiver.ingested };
        let errors = std::mem::take(&mut ingested.errors).into_iter();
        ingested.errors = errors.map(|error| error.in_source(&self.name)).collect();
        (ingested.containers, ingested.ended) = self.state.count_containers();
        self.state.forget_absent();
        ingested
    }
}

impl SourceState {
    /// The index of a container, which is added if it is new.
    fn index_of(&mut self, container: &Container, door: Door) -> Option<usize> {
        let machine = self.machine.as_deref();
        let by_path = self.by_path.get_mut(door as usize)?;
        let known = by_path.get(&*container.path).copied();
        if let Some((index, entry)) = known.and_then(|at| Some((at, self.containers.get_mut(at)?)))
        {
            entry.last_reply = self.replies;
            if entry.container == *container {
                return Some(index);
            }
            let labels = labels_of(container, &self.inner);
            if *container.name(machine) != **entry.handle.0.name() {
                entry.handle = self.inner.register(container, machine, door);
                entry.seen = SeenSamples::default();
            }
            self.inner.registry.describe(&entry.handle.0, container);
            entry.labels = labels;
            entry.container = container.clone();
            return Some(index);
        }
        let handle = self.inner.register(container, machine, door);
        self.inner.registry.describe(&handle.0, container);
        let labels = labels_of(container, &self.inner);
        let (container, last_reply) = (container.clone(), self.replies);
        by_path.insert(container.path.clone(), self.containers.len());
        self.containers.push(SourceContainer {
            container,
            door,
            handle,
            seen: SeenSamples::default(),
            labels,
            last_reply,
        });
        Some(self.containers.len() - 1)
    }

    /// How many containers the last reply lists, and how many it lacks that the one before listed.
    fn count_containers(&self) -> (u64, u64) {
        let since = |replies: u64| {
            let listed = self.containers.iter().filter(|entry| entry.last_reply == replies);
            listed.count() as u64
        };
        // None was in a reply before the first.
        (since(self.replies), since(self.replies.saturating_sub(1)))
    }

    /// Forgets containers that were in no reply for a while, so that the recorder can forget them,
    /// too.
    fn forget_absent(&mut self) {
        let since = self.replies.saturating_sub(MAX_ABSENT_REPLIES);
        let before = self.containers.len();
        self.containers.retain(|entry| entry.last_reply >= since);
        if self.containers.len() < before {
            self.by_path.iter_mut().for_each(HashMap::clear);
            for (index, entry) in self.containers.iter().enumerate() {
                if let Some(by_path) = self.by_path.get_mut(entry.door as usize) {
                    by_path.insert(entry.container.path.clone(), index);
                }
            }
        }
    }
}

/// The labels of a container, if they are kept and it has any.
fn labels_of(container: &Container, inner: &Inner) -> Option<Arc<Labels>> {
    let is_kept = inner.common.settings.keeps_labels() && !container.labels.is_empty();
    is_kept.then(|| Arc::new(container.labels.iter().cloned().collect()))
}

/// How many samples of a container were not read.
#[derive(Debug, Default)]
struct Skipped {
    duplicates: u64,
    late: u64,
}

/// Receives what a reply contains.
struct ReplyReceiver<'s> {
    state: &'s mut SourceState,
    current: Option<usize>,
    kind: DocumentKind,
    copies_vary: bool,
    /// The newest sample of the current container that is not ahead.
    newest: Option<Timestamp>,
    /// How many samples of the current container were accepted.
    accepted: u64,
    /// Duplicates and late samples of the current container that were not read.
    skipped: Skipped,
    ingested: Ingested,
}

impl<'s> ReplyReceiver<'s> {
    fn new(state: &'s mut SourceState) -> Self {
        let copies_vary = state.inner.common.copies_vary();
        let (kind, ingested) = (DocumentKind::V1, Ingested::default());
        Self {
            state,
            current: None,
            kind,
            copies_vary,
            newest: None,
            accepted: 0,
            skipped: Skipped::default(),
            ingested,
        }
    }

    fn end_of_container(&mut self) {
        self.accepted = 0;
        let Skipped { duplicates, late } = std::mem::take(&mut self.skipped);
        self.ingested.duplicates += duplicates;
        self.ingested.late += late;
        let (newest, current) = (self.newest.take(), self.current.take());
        let Some(entry) = current.and_then(|index| self.state.containers.get_mut(index)) else {
            return;
        };
        entry.handle.0.count_rejected(Verdict::Duplicate, duplicates);
        entry.handle.0.count_rejected(Verdict::Late, late);
        let Some(newest) = newest else { return };
        if let Some(limits) = entry.container.limits.filter(|limits| *limits != Limits::default()) {
            entry.handle.0.note_limits(newest, limits);
        }
        if let Some(labels) = &entry.labels {
            entry.handle.0.note_labels(newest, labels);
        }
        let remembered_nanos = self.state.inner.common.settings.remembered_nanos();
        if let Some(since) = Timestamp::from_nanos(newest.nanos().saturating_sub(remembered_nanos))
        {
            entry.seen.forget_before(since);
        }
    }
}

impl Receiver for ReplyReceiver<'_> {
    fn container(&mut self, container: &Container, kind: DocumentKind) {
        self.end_of_container();
        self.kind = kind;
        self.current = self.state.index_of(container, kind.door());
    }

    fn wants(&mut self, time: Timestamp) -> Wanted {
        self.ingested.newest = self.ingested.newest.max(Some(time));
        let entry = self.current.and_then(|index| self.state.containers.get_mut(index));
        let Some(entry) = entry else { return Wanted::Nothing };
        if !entry.handle.0.is_ahead(time) {
            self.newest = self.newest.max(Some(time));
        }
        let is_late = entry.handle.0.is_late(time);
        let Some((index, sample)) = entry.seen.find(time) else {
            if is_late {
                let known = entry.handle.0.has_sample_at(time);
                self.skipped.duplicates += u64::from(known);
                self.skipped.late += u64::from(!known);
                return Wanted::Nothing;
            }
            return Wanted::Whole;
        };
        let has_more = sample.is_partial && self.kind != DocumentKind::MachineStats;
        if (has_more || self.copies_vary) && !is_late {
            return Wanted::Whole;
        }
        self.skipped.duplicates += 1;
        let footprint = entry.seen.footprint(index).filter(|_| !has_more);
        footprint.map_or(Wanted::Nothing, Wanted::Copy)
    }

    fn wants_labels(&self) -> bool {
        self.state.inner.common.settings.keeps_labels()
    }

    fn sample(&mut self, sample: &Sample, text: &[u8]) {
        let entry = self.current.and_then(|index| self.state.containers.get_mut(index));
        let Some(entry) = entry else { return };
        let is_partial = self.kind.is_partial();
        let verdict = entry.handle.0.record_from(sample, is_partial);
        let number = match verdict {
            Verdict::Accepted => &mut self.ingested.accepted,
            Verdict::Duplicate => &mut self.ingested.duplicates,
            Verdict::Late => &mut self.ingested.late,
            Verdict::Ahead => &mut self.ingested.ahead,
        };
        *number += 1;
        if verdict == Verdict::Accepted {
            let is_straggler = self.state.expected_from.is_some_and(|from| sample.time() < from);
            self.ingested.stragglers += u64::from(is_straggler);
            self.accepted += 1;
            if self.accepted.is_multiple_of(MAX_UNSEALED) {
                self.state.inner.seal_one(&entry.handle.0);
            }
        }
        if matches!(verdict, Verdict::Accepted | Verdict::Duplicate) {
            entry.seen.note(sample.time(), SeenSample::of(text, is_partial));
        }
    }

    fn never_taken(&mut self) {
        self.ingested.never_taken += 1;
    }

    fn faulty(&mut self, error: Error) {
        self.ingested.faulty += 1;
        self.error(error);
    }

    fn no_containers(&mut self) {}

    fn error(&mut self, error: Error) {
        if self.ingested.errors.len() < Outcome::MOST_ERRORS {
            self.ingested.errors.push(error);
        } else {
            self.ingested.more_errors += 1;
        }
    }
}
