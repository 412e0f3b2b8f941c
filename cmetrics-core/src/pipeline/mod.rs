//! From dumps to points: the only module that sees every stage.

mod ahead;
#[cfg(feature = "files")]
mod files;
mod gather;
mod input;
#[cfg(feature = "files")]
mod join;
mod live;
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
use gather::{AllSeries, Gathering, Outcome};
#[cfg(feature = "files")]
pub use input::MachineName;
use input::Until;
pub(crate) use unpack::{is_packed, unpacked};

/// Reads dumps, and makes points of all that it has read.
///
/// What is wrong with an input goes to [`errors`](Self::errors); all else that is in it counts.
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
    /// The error that says so, where the call at hand was cancelled.
    stopped: Option<Error>,
    series: AllSeries,
    summary: Summary,
    errors: Vec<Error>,
    skipped: Vec<Error>,
}

/// How much was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// Inputs read, those without samples and damaged ones included.
    pub inputs: u64,
    /// Bytes of JSON, unpacked.
    pub bytes: u64,
    /// Documents that say that no container runs.
    pub without_containers: u64,
    /// Errors, those beyond [`Pipeline::MOST_ERRORS`] included.
    pub errors: u64,
    /// Samples left out because they came too late, see [`Pipeline::live`].
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
    /// Bytes of all files read so far, as they are stored.
    pub read: u64,
    /// Bytes of all files, as they are stored; 0 where that cannot be known.
    pub total: u64,
}

impl Default for Pipeline {
    fn default() -> Self {
        Self::new(Settings::default())
    }
}

impl Pipeline {
    /// How many errors are kept in full.
    pub const MOST_ERRORS: usize = gather::MOST_ERRORS;

    /// A pipeline that makes points by these settings.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            parser: Parser::new(settings.all_metrics()),
            verify: false,
            threads: NonZeroUsize::MIN,
            cancel: Cancel::default(),
            stopped: None,
            series: AllSeries::default(),
            summary: Summary::default(),
            errors: Vec::new(),
            skipped: Vec::new(),
        }
    }

    /// Reads one input to its end: any number of dumps, plain, gzip or zstd. `name` is what
    /// errors call it.
    pub fn read(&mut self, name: &str, input: impl Read) {
        self.read_from(name, None, input);
    }

    /// Reads one input that lies in memory, where it is not copied.
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

    /// The same, for dumps of the machine of this name (see [`Container::name`]).
    pub fn read_bytes_from(&mut self, name: &str, machine: Option<&str>, input: &[u8]) {
        if is_packed(input) {
            self.read_from(name, machine, input);
            return;
        }
        let outcome =
            self.gather(machine, |parser, receiver| Ok(parser.read_bytes(input, receiver)));
        self.finish(outcome, name);
        self.tell_whether_stopped();
    }

    /// Whether samples that are known are walked through when they come again. Else a copy of a
    /// known sample is jumped over, where it ends as the known one did and is followed by what
    /// must follow: the next known sample's time, or the end of the list. cAdvisor's copies are
    /// equal byte for byte, so that nothing changes; for a document where they are not, samples
    /// that are hidden in such a copy would be missed.
    pub fn verify(&mut self, verify: bool) {
        self.verify = verify;
    }

    /// The same, for dumps of the machine of this name (see [`Container::name`]).
    pub fn read_from(&mut self, name: &str, machine: Option<&str>, input: impl Read) {
        let outcome = self.gather_from(machine, input);
        self.finish(outcome, name);
        self.tell_whether_stopped();
    }

    /// The same, reading and unpacking beside parsing where there are several
    /// [threads](Self::threads).
    pub fn read_ahead_from(&mut self, name: &str, machine: Option<&str>, input: impl Read + Send) {
        let outcome = if self.threads > NonZeroUsize::MIN {
            self.gather_ahead(machine, input, &mut |_| ())
        } else {
            self.gather_from(machine, input)
        };
        self.finish(outcome, name);
        self.tell_whether_stopped();
    }

    /// On how many threads files are read and points are made; 1 unless said otherwise. The
    /// points, counts and errors are the same for any number. A [live](Self::live) pipeline reads
    /// on one, as what is late depends on the order.
    pub fn threads(&mut self, threads: NonZeroUsize) {
        self.threads = threads;
    }

    /// Has reading and making points end soon after this token is cancelled.
    ///
    /// A call that did not read its inputs to their end says so by one [error](Self::errors) of the
    /// kind [`Cancelled`](crate::ErrorKind::Cancelled). Of what it read there are whole samples only,
    /// and on several threads maybe none: reading the same inputs again with a new token gives the
    /// points that they give without an interruption. [`points`](Self::points) and
    /// [`side_by_side`](Self::side_by_side) give the first containers then, each as a whole: whether
    /// these are all, the token tells.
    pub fn cancel_by(&mut self, cancel: Cancel) {
        self.parser.cancel_by(cancel.clone());
        self.cancel = cancel;
    }

    /// Whether the call at hand is to end; notes it where it is.
    fn stop(&mut self) -> bool {
        if self.cancel.is_cancelled() {
            self.stopped.get_or_insert_with(unfinished);
        }
        self.stopped.is_some()
    }

    /// Keeps the error of a call that was cancelled, be there however many others.
    fn tell_whether_stopped(&mut self) {
        if let Some(error) = self.stopped.take() {
            self.errors.truncate(Self::MOST_ERRORS - 1);
            self.keep([error]);
        }
    }

    fn finish(&mut self, outcome: Outcome, name: &str) {
        if let Some(cancelled) = outcome.cancelled {
            let error = cancelled.in_source(&name.into());
            self.stopped.get_or_insert(error);
        }
        self.summary.errors += outcome.more_errors;
        self.fail(outcome.errors, name);
    }

    fn gather_from(&mut self, machine: Option<&str>, input: impl Read) -> Outcome {
        let input = Until { input, cancel: self.cancel.clone() };
        self.gather(machine, |parser, receiver| Ok(parser.read(unpacked(input)?, receiver)))
    }

    /// Reads an input into the series, and returns what it was like.
    fn gather(
        &mut self,
        machine: Option<&str>,
        read: impl FnOnce(&mut Parser, &mut Gathering<'_>) -> io::Result<u64>,
    ) -> Outcome {
        if self.cancel.is_cancelled() {
            return Outcome { cancelled: Some(unfinished()), ..Outcome::default() };
        }
        let metrics = self.settings.all_metrics();
        let mut gathering = Gathering::new(&mut self.series, machine, metrics, self.verify);
        match read(&mut self.parser, &mut gathering) {
            Ok(bytes) => self.summary.bytes += bytes,
            Err(_) if self.cancel.is_cancelled() => {
                gathering.outcome.cancelled = Some(unfinished());
            }
            Err(failure) => gathering.outcome.errors.push(Error::new(Problem::Io(failure))),
        }
        if gathering.outcome.cancelled.is_none() {
            gathering.end_of_container();
        }
        let outcome = gathering.outcome;
        self.summary.inputs += 1;
        self.summary.without_containers += outcome.without_containers;
        outcome
    }

    /// Adds a sample from elsewhere.
    pub fn insert(&mut self, container: &Container, machine: Option<&str>, sample: Sample) {
        self.series.of(container, machine).insert(sample);
    }

    /// Keeps the errors of the input of this name.
    fn fail(&mut self, errors: impl IntoIterator<Item = Error>, name: &str) {
        let source = name.into();
        self.keep(errors.into_iter().map(|error| error.in_source(&source)));
    }

    fn keep(&mut self, errors: impl IntoIterator<Item = Error>) {
        for error in errors {
            self.summary.errors += 1;
            if self.errors.len() < Self::MOST_ERRORS {
                self.errors.push(error);
            }
        }
    }

    /// The points of all containers, by name and then by start. Those of a [live](Self::live)
    /// pipeline are provisional: the ones that [`settle`](Self::settle) has not given, as they
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

    /// The containers that `word` means: the one of this id, all that bear this alias or cgroup
    /// path, or the one whose id begins with it.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownContainer`](crate::ErrorKind::UnknownContainer) with the near matches, or
    /// [`ErrorKind::AmbiguousContainer`](crate::ErrorKind::AmbiguousContainer) with all that it could mean.
    pub fn find(&self, word: &str) -> Result<Vec<&Series>, Error> {
        container::find(self.series(), word)
    }

    /// The containers that any of `words` means, each once and by name (all, where there are no
    /// words), and an error for each word that means none.
    pub fn select(&self, words: &[impl AsRef<str>]) -> (Vec<&Series>, Vec<Error>) {
        if words.is_empty() {
            return (self.series().collect(), Vec::new());
        }
        let (mut found, mut errors) = (BTreeMap::new(), Vec::new());
        for word in words {
            match self.find(word.as_ref()) {
                Ok(meant) => {
                    found.extend(meant.into_iter().map(|one| (one.identity().name(), one)));
                }
                Err(error) => errors.push(error),
            }
        }
        (found.into_values().collect(), errors)
    }

    /// How points are made.
    pub fn settings(&self) -> Settings {
        self.settings
    }

    /// How much was read.
    pub fn summary(&self) -> Summary {
        let late: u64 = self.series().map(|series| series.counts().late).sum();
        Summary { late: self.summary.late + late, ..self.summary }
    }

    /// What was wrong with the inputs, at most [`MOST_ERRORS`](Self::MOST_ERRORS).
    pub fn errors(&self) -> &[Error] {
        &self.errors
    }

    /// Takes out what was wrong with the inputs so far, which makes room for as many more: for who
    /// feeds a pipeline without end. The [summary](Self::summary) counts them all the same.
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

    /// The files in folders that are no dumps, each with what it looks like.
    pub fn skipped(&self) -> &[Error] {
        &self.skipped
    }
}

fn unfinished() -> Error {
    Error::new(Problem::Cancelled(UNFINISHED))
}
