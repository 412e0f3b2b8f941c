//! From dumps to points.

#[cfg(feature = "files")]
mod files;
mod gather;
mod input;
#[cfg(feature = "files")]
mod join;
mod live;
mod read_ahead;
mod side_by_side;
mod unpack;

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::path::Path;

use serde::Serialize;

use crate::cancel::Cancel;
use crate::container::{self, Container};
use crate::error::{Error, Problem};
use crate::parse::{Parser, UNFINISHED};
use crate::point::DataPoint;
use crate::sample::Sample;
use crate::series::Series;
use crate::settings::Settings;
pub(crate) use gather::MOST_ERRORS;
use gather::{Gatherer, Outcome, SeriesSet};
use input::CancellableReader;
#[cfg(feature = "files")]
pub use input::MachineName;
pub(crate) use unpack::{is_packed, unpacked};

/// Reads dumps, and makes points of all that it has read.
///
/// Errors in an input are collected in [`errors`](Self::errors). The rest of the input is used.
///
/// ```
/// use cmetrics_core::Pipeline;
///
/// let dump = br#"{"/docker": {"spec": {"has_cpu": true}, "stats": [
///     {"timestamp": "2026-11-21T12:00:03Z", "cpu": {"usage": {"total": 100}}},
///     {"timestamp": "2026-11-21T12:00:07Z", "cpu": {"usage": {"total": 180}}}]}}"#;
/// let mut pipeline = Pipeline::default();
/// pipeline.read("now.json", &dump[..]);
/// let used: Vec<_> = pipeline
///     .points()
///     .iter()
///     .map(|point| (point.interval().start(), point.growth(cmetrics_core::Metric::CpuUsage)))
///     .collect();
/// assert_eq!(used, [(1_795_262_400, Some(40)), (1_795_262_405, Some(40))]);
/// assert!(pipeline.errors().is_empty());
/// ```
#[derive(Debug)]
pub struct Pipeline {
    settings: Settings,
    parser: Parser,
    verify: bool,
    threads: NonZeroUsize,
    cancel: Cancel,
    /// The error for the caller, if the current call was cancelled.
    cancellation: Option<Error>,
    series: SeriesSet,
    summary: Summary,
    errors: Vec<Error>,
    skipped: Vec<Error>,
}

/// How much was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// Inputs that were read, including damaged ones and those without samples.
    pub inputs: u64,
    /// Bytes of unpacked JSON.
    pub bytes: u64,
    /// Documents that list no container.
    pub without_containers: u64,
    /// Errors, including those beyond [`Pipeline::MOST_ERRORS`].
    pub errors: u64,
    /// Samples that came too late, see [`Pipeline::live`].
    pub late: u64,
    /// Containers that a [live](Pipeline::live) pipeline has forgotten.
    pub forgotten: u64,
}

/// How far reading has come.
#[cfg(feature = "files")]
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Progress<'p> {
    /// The file being read.
    pub path: &'p Path,
    /// Stored bytes that were read so far, of all files.
    pub read: u64,
    /// Stored bytes of all files; 0 if that is not known.
    pub total: u64,
}

impl Default for Pipeline {
    fn default() -> Self {
        Self::new(Settings::default())
    }
}

impl Pipeline {
    /// How many errors are stored. Further ones are only counted.
    pub const MOST_ERRORS: usize = gather::MOST_ERRORS;

    /// A pipeline that makes points with these settings.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            parser: Parser::new(settings.all_metrics()),
            verify: false,
            threads: NonZeroUsize::MIN,
            cancel: Cancel::default(),
            cancellation: None,
            series: SeriesSet::default(),
            summary: Summary::default(),
            errors: Vec::new(),
            skipped: Vec::new(),
        }
    }

    /// Reads one input to its end: any number of dumps, plain, gzip or zstd. `name` names the input
    /// in errors.
    pub fn read(&mut self, name: &str, input: impl Read) {
        self.read_from(name, None, input);
    }

    /// Reads one input from memory, without copying it.
    ///
    /// ```
    /// # let mut pipeline = cmetrics_core::Pipeline::default();
    /// let reply = br#"{"/": {"spec": {}, "stats": [{"timestamp": "2026-11-21T12:00:03Z"}]}}"#;
    /// pipeline.read_bytes("reply", reply);
    /// assert_eq!(pipeline.series().next().unwrap().len(), 1);
    /// ```
    pub fn read_bytes(&mut self, name: &str, input: &[u8]) {
        self.read_bytes_from(name, None, input);
    }

    /// Like [`read_bytes`](Self::read_bytes), for dumps of the machine of this name (see
    /// [`Container::name`]).
    pub fn read_bytes_from(&mut self, name: &str, machine: Option<&str>, input: &[u8]) {
        if is_packed(input) {
            self.read_from(name, machine, input);
            return;
        }
        let outcome =
            self.gather(machine, |parser, receiver| Ok(parser.read_bytes(input, receiver)));
        self.finish(outcome, name);
        self.report_cancellation();
    }

    /// Sets whether copies of known samples are parsed. If not, which is the default, a copy is
    /// skipped if it has the length and the last bytes of the known text and is followed by what
    /// must follow: the time of the next known sample, or the end of the list. The result is the
    /// same, as cAdvisor's copies are equal byte for byte. In a document where they are not,
    /// samples that are hidden in such a copy would be missed.
    pub fn set_verify(&mut self, verify: bool) {
        self.verify = verify;
    }

    /// Like [`read`](Self::read), for dumps of the machine of this name (see [`Container::name`]).
    pub fn read_from(&mut self, name: &str, machine: Option<&str>, input: impl Read) {
        let outcome = self.gather_from(machine, input);
        self.finish(outcome, name);
        self.report_cancellation();
    }

    /// Like [`read_from`](Self::read_from), but reads and unpacks on another thread if there are
    /// several [threads](Self::set_threads).
    pub fn read_ahead_from(&mut self, name: &str, machine: Option<&str>, input: impl Read + Send) {
        let outcome = if self.threads > NonZeroUsize::MIN {
            self.gather_ahead(machine, input, &mut |_| ())
        } else {
            self.gather_from(machine, input)
        };
        self.finish(outcome, name);
        self.report_cancellation();
    }

    /// Sets the number of threads that read files and make points; the default is 1. The points,
    /// counts and errors are the same for any number. A [live](Self::live) pipeline always reads
    /// on one thread, as the order of samples determines which are late.
    pub fn set_threads(&mut self, threads: NonZeroUsize) {
        self.threads = threads;
    }

    /// Sets the token that ends reading and making points soon after it is cancelled.
    ///
    /// A call that did not read its inputs to their end adds one [error](Self::errors) of the kind
    /// [`Cancelled`](crate::ErrorKind::Cancelled). It keeps whole samples only, and on several
    /// threads maybe none: reading the same inputs again with a new token makes the same points as
    /// reading them without an interruption. [`points`](Self::points) and
    /// [`side_by_side`](Self::side_by_side) return the first containers, each complete; check the
    /// token to know whether these are all.
    pub fn set_cancel(&mut self, cancel: Cancel) {
        self.parser.set_cancel(cancel.clone());
        self.cancel = cancel;
    }

    /// Whether the current call is cancelled. If so, keeps the error for the caller.
    fn check_cancelled(&mut self) -> bool {
        if self.cancel.is_cancelled() {
            self.cancellation.get_or_insert_with(unfinished);
        }
        self.cancellation.is_some()
    }

    /// Adds the error of a cancelled call, even if there are [`MOST_ERRORS`](Self::MOST_ERRORS)
    /// others.
    fn report_cancellation(&mut self) {
        if let Some(error) = self.cancellation.take() {
            self.errors.truncate(Self::MOST_ERRORS - 1);
            self.add_errors([error]);
        }
    }

    fn finish(&mut self, outcome: Outcome, name: &str) {
        if let Some(cancelled) = outcome.cancelled {
            let error = cancelled.in_source(&name.into());
            self.cancellation.get_or_insert(error);
        }
        self.summary.errors += outcome.more_errors;
        self.add_errors_of(outcome.errors, name);
    }

    fn gather_from(&mut self, machine: Option<&str>, input: impl Read) -> Outcome {
        let input = CancellableReader { input, cancel: self.cancel.clone() };
        self.gather(machine, |parser, receiver| Ok(parser.read(unpacked(input)?, receiver)))
    }

    /// Reads an input into the series.
    fn gather(
        &mut self,
        machine: Option<&str>,
        read: impl FnOnce(&mut Parser, &mut Gatherer<'_>) -> io::Result<u64>,
    ) -> Outcome {
        if self.cancel.is_cancelled() {
            return Outcome { cancelled: Some(unfinished()), ..Outcome::default() };
        }
        let metrics = self.settings.all_metrics();
        let mut gatherer = Gatherer::new(&mut self.series, machine, metrics, self.verify);
        match read(&mut self.parser, &mut gatherer) {
            Ok(bytes) => self.summary.bytes += bytes,
            Err(_) if self.cancel.is_cancelled() => {
                gatherer.outcome.cancelled = Some(unfinished());
            }
            Err(failure) => gatherer.outcome.errors.push(Error::new(Problem::Io(failure))),
        }
        if gatherer.outcome.cancelled.is_none() {
            gatherer.end_of_container();
        }
        let outcome = gatherer.outcome;
        self.summary.inputs += 1;
        self.summary.without_containers += outcome.without_containers;
        outcome
    }

    /// Adds a sample that was not read from a dump.
    pub fn insert(&mut self, container: &Container, machine: Option<&str>, sample: Sample) {
        self.series.of(container, machine).insert(sample);
    }

    /// Adds the errors of the input of this name.
    fn add_errors_of(&mut self, errors: impl IntoIterator<Item = Error>, name: &str) {
        let source = name.into();
        self.add_errors(errors.into_iter().map(|error| error.in_source(&source)));
    }

    fn add_errors(&mut self, errors: impl IntoIterator<Item = Error>) {
        for error in errors {
            self.summary.errors += 1;
            if self.errors.len() < Self::MOST_ERRORS {
                self.errors.push(error);
            }
        }
    }

    /// The points of all containers, by name and then by start. Those of a [live](Self::live)
    /// pipeline are provisional: the points that [`settle`](Self::settle) has not emitted, as they
    /// would be if no more samples came.
    pub fn points(&self) -> Vec<DataPoint> {
        let all: Vec<_> = self.series().collect();
        let mut points = Vec::new();
        self.side_by_side(
            &all,
            |series| series.history_until(self.settings, &self.cancel),
            |made| {
                points.extend(made.into_iter().flat_map(|history| history.points));
                true
            },
        );
        points
    }

    /// The containers that were read, by name.
    pub fn series(&self) -> impl Iterator<Item = &Series> {
        self.series.iter()
    }

    /// The containers that `word` matches: the one with this id, all with this alias or cgroup path,
    /// or the one whose id begins with it.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownContainer`](crate::ErrorKind::UnknownContainer) with the near matches, or
    /// [`ErrorKind::AmbiguousContainer`](crate::ErrorKind::AmbiguousContainer) with all matches.
    pub fn find(&self, word: &str) -> Result<Vec<&Series>, Error> {
        container::find(self.series(), word)
    }

    /// The containers that any of `words` matches (all, if there are no words), each once and by
    /// name, and an error for each word that matches none or several.
    pub fn select(&self, words: &[impl AsRef<str>]) -> (Vec<&Series>, Vec<Error>) {
        if words.is_empty() {
            return (self.series().collect(), Vec::new());
        }
        let (mut found, mut errors) = (BTreeMap::new(), Vec::new());
        for word in words {
            match self.find(word.as_ref()) {
                Ok(matches) => {
                    found.extend(matches.into_iter().map(|one| (one.identity().name(), one)));
                }
                Err(error) => errors.push(error),
            }
        }
        (found.into_values().collect(), errors)
    }

    /// The settings of the points.
    pub fn settings(&self) -> Settings {
        self.settings
    }

    /// How much was read.
    pub fn summary(&self) -> Summary {
        let late: u64 = self.series().map(|series| series.counts().late).sum();
        Summary { late: self.summary.late + late, ..self.summary }
    }

    /// The errors in the inputs, at most [`MOST_ERRORS`](Self::MOST_ERRORS).
    pub fn errors(&self) -> &[Error] {
        &self.errors
    }

    /// Removes and returns the errors so far, which makes room for as many more in a pipeline that
    /// runs without end. The [summary](Self::summary) still counts them.
    ///
    /// ```
    /// # let mut pipeline = cmetrics_core::Pipeline::default();
    /// pipeline.read_bytes("reply", b"no dump");
    /// assert_eq!(pipeline.take_errors().len(), 1);
    /// assert!(pipeline.errors().is_empty());
    /// assert_eq!(pipeline.summary().errors, 1);
    /// ```
    pub fn take_errors(&mut self) -> Vec<Error> {
        std::mem::take(&mut self.errors)
    }

    /// The files in folders that are not dumps, each with the reason.
    pub fn skipped(&self) -> &[Error] {
        &self.skipped
    }
}

fn unfinished() -> Error {
    Error::new(Problem::Cancelled(UNFINISHED))
}
