//! Whole replies of one machine's endpoint.

use std::collections::HashMap;
use std::sync::Arc;

use super::intake::Verdict;
use super::seen::{Mark, Seen};
use super::{Handle, Shared};
use crate::container::{Container as Told, Limits};
use crate::document::{DocumentKind, Wanted};
use crate::error::{Error, Problem};
use crate::parse::{Parser, Receiver};
use crate::pipeline::{MOST_ERRORS, is_packed, unpacked};
use crate::sample::Sample;
use crate::time::Timestamp;

/// For so many replies a container is remembered that is not in them.
const PATIENCE: u64 = 8;

/// Reads the replies of one endpoint of one machine into a recorder, from
/// [`Recorder::source`](crate::Recorder::source). Each reply repeats the last minutes, and what
/// was read before is stepped over.
///
/// There may be any number of sources on any number of threads, of one machine too.
#[derive(Debug)]
pub struct Source {
    name: Arc<str>,
    parser: Parser,
    streams: Streams,
}

/// What one reply came to.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Ingested {
    /// Its length in bytes, unpacked.
    pub bytes: u64,
    /// How many samples were [accepted](Verdict::Accepted).
    pub accepted: u64,
    /// How many were there before.
    pub duplicates: u64,
    /// How many came too late.
    pub late: u64,
    /// How many lie too far ahead of the caller's time.
    pub ahead: u64,
    /// How many were never taken: their time is at or before the epoch.
    pub never_taken: u64,
    /// How many were left out because of a value that cannot be.
    pub faulty: u64,
    /// What was wrong, with its place; at most [`Pipeline::MOST_ERRORS`](crate::Pipeline::MOST_ERRORS).
    pub errors: Vec<Error>,
    /// How many errors there were besides.
    pub more_errors: u64,
}

/// What a source knows of its containers.
#[derive(Debug)]
struct Streams {
    shared: Arc<Shared>,
    machine: Option<String>,
    known: Vec<Stream>,
    by_path: HashMap<String, usize, foldhash::fast::RandomState>,
    replies: u64,
}

/// The samples of one container that one source reads.
#[derive(Debug)]
struct Stream {
    told: Told,
    container: Handle,
    seen: Seen,
    /// The last reply that it was in.
    reply: u64,
}

impl Source {
    pub(super) fn new(shared: Arc<Shared>, name: &str, machine: Option<&str>) -> Self {
        let metrics = shared.common.settings.points().all_metrics();
        Self {
            name: name.into(),
            parser: Parser::new(metrics),
            streams: Streams {
                shared,
                machine: machine.map(str::to_owned),
                known: Vec::new(),
                by_path: HashMap::default(),
                replies: 0,
            },
        }
    }

    /// Reads a reply, plain or packed with gzip or zstd: one or more of cAdvisor's documents. What
    /// is wrong with it costs what it is wrong with, and nothing else.
    pub fn ingest(&mut self, reply: &[u8]) -> Ingested {
        self.streams.replies += 1;
        let mut ingesting = Ingesting::new(&mut self.streams);
        let read = if is_packed(reply) {
            unpacked(reply).map(|plain| self.parser.read(plain, &mut ingesting))
        } else {
            Ok(self.parser.read_bytes(reply, &mut ingesting))
        };
        let bytes = read.unwrap_or_else(|failure| {
            ingesting.error(Error::new(Problem::Io(failure)));
            0
        });
        ingesting.end_of_container();
        let mut ingested = Ingested { bytes, ..ingesting.ingested };
        let errors = std::mem::take(&mut ingested.errors).into_iter();
        ingested.errors = errors.map(|error| error.in_source(&self.name)).collect();
        self.streams.forget_absent();
        ingested
    }
}

impl Streams {
    /// The stream of a container, new if need be.
    fn index_of(&mut self, told: &Told) -> usize {
        let machine = self.machine.as_deref();
        let known = self.by_path.get(&*told.path).copied();
        if let Some((index, stream)) = known.and_then(|at| Some((at, self.known.get_mut(at)?))) {
            stream.reply = self.replies;
            if stream.told == *told {
                return index;
            }
            if *told.name(machine) != **stream.container.0.name() {
                stream.container = self.shared.of(told, machine);
                stream.seen = Seen::default();
            }
            stream.container.0.add(told);
            stream.told = told.clone();
            return index;
        }
        let container = self.shared.of(told, machine);
        container.0.add(told);
        let (told, reply) = (told.clone(), self.replies);
        self.by_path.insert(told.path.clone(), self.known.len());
        self.known.push(Stream { told, container, seen: Seen::default(), reply });
        self.known.len() - 1
    }

    /// Forgets containers that were in no reply for a while, so that the recorder can.
    fn forget_absent(&mut self) {
        let since = self.replies.saturating_sub(PATIENCE);
        let before = self.known.len();
        self.known.retain(|stream| stream.reply >= since);
        if self.known.len() < before {
            let paths = self.known.iter().map(|stream| stream.told.path.clone());
            self.by_path = paths.zip(0..).collect();
        }
    }
}

/// A reply that is being read.
struct Ingesting<'s> {
    streams: &'s mut Streams,
    current: Option<usize>,
    kind: DocumentKind,
    varies: bool,
    /// The newest sample of the container at hand that is not ahead.
    newest: Option<Timestamp>,
    /// Duplicates and late samples of the container at hand that were not read.
    passed_over: (u64, u64),
    ingested: Ingested,
}

impl<'s> Ingesting<'s> {
    fn new(streams: &'s mut Streams) -> Self {
        let varies = streams.shared.common.varies();
        let (kind, ingested) = (DocumentKind::V1, Ingested::default());
        Self { streams, current: None, kind, varies, newest: None, passed_over: (0, 0), ingested }
    }

    fn end_of_container(&mut self) {
        let (duplicates, late) = std::mem::take(&mut self.passed_over);
        self.ingested.duplicates += duplicates;
        self.ingested.late += late;
        let (newest, current) = (self.newest.take(), self.current.take());
        let Some(stream) = current.and_then(|index| self.streams.known.get_mut(index)) else {
            return;
        };
        stream.container.0.count(Verdict::Duplicate, duplicates);
        stream.container.0.count(Verdict::Late, late);
        let Some(newest) = newest else { return };
        if let Some(limits) = stream.told.limits.filter(|limits| *limits != Limits::default()) {
            stream.container.0.note_limits(newest, limits);
        }
        let cover = self.streams.shared.common.settings.cover_nanos();
        if let Some(since) = Timestamp::from_nanos(newest.nanos().saturating_sub(cover)) {
            stream.seen.forget_before(since);
        }
    }
}

impl Receiver for Ingesting<'_> {
    fn container(&mut self, container: &Told, kind: DocumentKind) {
        self.end_of_container();
        self.kind = kind;
        self.current = Some(self.streams.index_of(container));
    }

    fn wants(&mut self, time: Timestamp) -> Wanted {
        let stream = self.current.and_then(|index| self.streams.known.get_mut(index));
        let Some(stream) = stream else { return Wanted::Nothing };
        if !stream.container.0.is_ahead(time) {
            self.newest = self.newest.max(Some(time));
        }
        let is_late = stream.container.0.is_late(time);
        let Some((index, mark)) = stream.seen.find(time) else {
            if is_late {
                let known = stream.container.0.knows(time);
                self.passed_over.0 += u64::from(known);
                self.passed_over.1 += u64::from(!known);
                return Wanted::Nothing;
            }
            return Wanted::Whole;
        };
        let told_less = mark.from_machine_stats && self.kind != DocumentKind::MachineStats;
        if (told_less || self.varies) && !is_late {
            return Wanted::Whole;
        }
        self.passed_over.0 += 1;
        let footprint = stream.seen.footprint(index).filter(|_| !told_less);
        footprint.map_or(Wanted::Nothing, Wanted::Copy)
    }

    fn sample(&mut self, sample: &Sample, text: &[u8]) {
        let stream = self.current.and_then(|index| self.streams.known.get_mut(index));
        let Some(stream) = stream else { return };
        let from_machine_stats = self.kind == DocumentKind::MachineStats;
        let verdict = stream.container.0.record_from(sample, from_machine_stats);
        let number = match verdict {
            Verdict::Accepted => &mut self.ingested.accepted,
            Verdict::Duplicate => &mut self.ingested.duplicates,
            Verdict::Late => &mut self.ingested.late,
            Verdict::Ahead => &mut self.ingested.ahead,
        };
        *number += 1;
        if matches!(verdict, Verdict::Accepted | Verdict::Duplicate) {
            stream.seen.note(sample.time(), Mark::of(text, from_machine_stats));
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
        if self.ingested.errors.len() < MOST_ERRORS {
            self.ingested.errors.push(error);
        } else {
            self.ingested.more_errors += 1;
        }
    }
}
