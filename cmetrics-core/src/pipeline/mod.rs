//! From dumps to points.

#[cfg(feature = "files")]
mod file_names;
#[cfg(feature = "files")]
mod files;
#[cfg(feature = "files")]
mod found_files;
mod gather;
mod input;
#[cfg(feature = "files")]
mod join;
mod live;
mod outcome;
mod read_ahead;
mod readers;
mod series_set;
mod side_by_side;
mod unpack;
mod utf16;

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::path::Path;

use serde::Serialize;

use crate::cancel::Cancel;
use crate::container::{self, Container};
use crate::error::{Error, Problem};
use crate::parse::{Parser, ScrapeTime, SkippedParts, UNFINISHED};
use crate::point::DataPoint;
use crate::sample::Sample;
use crate::series::Series;
use crate::settings::Settings;
#[cfg(feature = "files")]
pub use found_files::MachineName;
use gather::{Found, Gatherer};
use input::Content;
pub use input::Input;
pub use outcome::Outcome;
use readers::CancellableReader;
use series_set::SeriesSet;
pub(crate) use unpack::{is_packed, unpacked};

/// Reads dumps, and makes points of all that it has read.
///
/// Errors in an input are in the [`Outcome`] of reading it. The rest of the input is used.
///
/// ```
/// use cmetrics_core::{Input, Pipeline};
///
/// let dump = r#"{"/docker": {"spec": {"has_cpu": true}, "stats": [
///     {"timestamp": "2026-11-21T12:00:03Z", "cpu": {"usage": {"total": 100}}},
///     {"timestamp": "2026-11-21T12:00:07Z", "cpu": {"usage": {"total": 180}}}]}}"#;
/// let mut pipeline = Pipeline::default();
/// let outcome = pipeline.read(Input::bytes("now.json", dump));
/// assert!(outcome.errors.is_empty());
/// assert_eq!(outcome.accepted, 2);
/// let used: Vec<_> = pipeline
///     .points()
///     .iter()
///     .map(|point| (point.interval().start(), point.growth(cmetrics_core::Metric::CpuUsage)))
///     .collect();
/// assert_eq!(used, [(1_795_262_400, Some(40)), (1_795_262_405, Some(40))]);
/// ```
#[derive(Debug)]
pub struct Pipeline {
    settings: Settings,
    parser: Parser,
    verify: bool,
    scraped_at: Option<ScrapeTime>,
    threads: NonZeroUsize,
    cancel: Cancel,
    /// The error for the caller, if the current call was cancelled.
    cancellation: Option<Error>,
    series: SeriesSet,
    summary: Summary,
    /// What the current call has read so far.
    outcome: Outcome,
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
    /// Parts of documents that are well formed and have no samples for cmetrics.
    pub skipped_parts: SkippedParts,
    /// Errors, including those beyond [`Outcome::MOST_ERRORS`].
    pub errors: u64,
    /// Files in folders that are not dumps.
    pub skipped: u64,
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

/// The containers that words stand for, from [`Pipeline::select`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Selection<'p> {
    /// The containers, each once and by name.
    pub series: Vec<&'p Series>,
    /// An error for each word that stands for none, or for several.
    pub errors: Vec<Error>,
}

impl Default for Pipeline {
    fn default() -> Self {
        Self::new(Settings::default())
    }
}

impl Pipeline {
    /// A pipeline that makes points with these settings.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            parser: Parser::new(settings.all_metrics()),
            verify: false,
            scraped_at: None,
            threads: NonZeroUsize::MIN,
            cancel: Cancel::default(),
            cancellation: None,
            series: SeriesSet::new(settings),
            summary: Summary::default(),
            outcome: Outcome::default(),
        }
    }

    /// Reads one input to its end. Whatever its errors, the rest of it is used.
    ///
    /// ```
    /// use cmetrics_core::{Input, Pipeline};
    ///
    /// let mut pipeline = Pipeline::default();
    /// let dump = r#"{"/": {"spec": {}, "stats": [{"timestamp": "2026-11-21T12:00:03Z"}]}}"#;
    /// let outcome = pipeline.read(Input::bytes("now.json", dump));
    /// for error in &outcome.errors {
    ///     eprintln!("{error}");
    /// }
    /// assert_eq!(outcome.accepted, 1);
    /// ```
    #[must_use = "the errors of the inputs are in the outcome, and nowhere else"]
    pub fn read(&mut self, input: Input<'_>) -> Outcome {
        let Input { name, machine, scraped_at, container, content } = input;
        self.parser.set_scraped_at(scraped_at.or(self.scraped_at));
        self.parser.set_container(container.map(str::to_owned));
        let found = match content {
            Content::Bytes(bytes) if !is_packed(bytes) => {
                self.gather(machine, |parser, receiver| Ok(parser.read_bytes(bytes, receiver)))
            }
            Content::Bytes(bytes) => self.gather_from(machine, bytes),
            Content::Reader(reader) if self.threads > NonZeroUsize::MIN => {
                self.gather_ahead(machine, reader, &mut |_| ())
            }
            Content::Reader(reader) => self.gather_from(machine, reader),
            Content::LocalReader(reader) => self.gather_from(machine, reader),
        };
        self.add_found(found, name);
        self.end_call()
    }

    /// Sets whether copies of known samples are parsed. If not, which is the default, a copy is
    /// skipped if it has the length and the last bytes of the known text and is followed by what
    /// must follow: the time of the next known sample, or the end of the list. The result is the
    /// same, as cAdvisor's copies are equal byte for byte. In a document where they are not,
    /// samples that are hidden in such a copy would be missed.
    pub fn set_verify(&mut self, verify: bool) {
        self.verify = verify;
    }

    /// Sets when the inputs were scraped that are read from now on and do not
    /// [tell](Input::scraped_at) themselves. It is of use for expositions, whose rows may have no
    /// times; without it such rows of a file have the time that its name contains
    /// (`metrics.UNIXMILLIS.prom`), or that at which the file was written.
    ///
    /// ```
    /// use cmetrics_core::parse::ScrapeTime;
    /// use cmetrics_core::{Input, Pipeline};
    ///
    /// let rows = "container_memory_usage_bytes{id=\"/docker\"} 4096\n";
    /// let mut pipeline = Pipeline::default();
    /// let outcome = pipeline.read(Input::bytes("metrics", rows));
    /// assert!(outcome.errors[0].to_string().contains("--scraped-at"));
    ///
    /// let time = "2026-11-21T12:00:03Z".parse()?;
    /// pipeline.set_scraped_at(Some(ScrapeTime::Told(time)));
    /// let outcome = pipeline.read(Input::bytes("metrics", rows));
    /// assert_eq!((outcome.accepted, outcome.errors.len()), (1, 0));
    /// # Ok::<(), cmetrics_core::time::TimestampError>(())
    /// ```
    pub fn set_scraped_at(&mut self, time: Option<ScrapeTime>) {
        self.scraped_at = time;
    }

    /// Sets the number of threads that read files and make points; the default is 1. The points,
    /// counts and errors are the same for any number. A [live](Self::live) pipeline always reads
    /// on one thread, as the order of samples determines which are late.
    pub fn set_threads(&mut self, threads: NonZeroUsize) {
        self.threads = threads;
    }

    /// Sets the token that ends reading and making points soon after it is cancelled.
    ///
    /// A call that did not read its inputs to their end returns, as its last
    /// [error](Outcome::errors), one of the kind
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

    /// Ends a call, and returns what it has read.
    fn end_call(&mut self) -> Outcome {
        self.series.join_names();
        let mut outcome = std::mem::take(&mut self.outcome);
        if let Some(error) = self.cancellation.take() {
            outcome.push_as_last(error);
        }
        self.summary.add(&outcome);
        outcome
    }

    /// Adds what was found in the input of this name to what the current call has read.
    fn add_found(&mut self, found: Found, name: &str) {
        let Found { mut outcome, cancelled } = found;
        let source = name.into();
        if let Some(cancelled) = cancelled {
            let error = cancelled.in_source(&source);
            self.cancellation.get_or_insert(error);
        }
        for errors in [&mut outcome.errors, &mut outcome.skipped] {
            let named = std::mem::take(errors).into_iter().map(|error| error.in_source(&source));
            *errors = named.collect();
        }
        self.outcome.merge(outcome);
    }

    fn gather_from(&mut self, machine: Option<&str>, input: impl Read) -> Found {
        let input = CancellableReader { input, cancel: self.cancel.clone() };
        self.gather(machine, |parser, receiver| Ok(parser.read(unpacked(input)?, receiver)))
    }

    /// Reads an input into the series.
    fn gather(
        &mut self,
        machine: Option<&str>,
        read: impl FnOnce(&mut Parser, &mut Gatherer<'_>) -> io::Result<u64>,
    ) -> Found {
        if self.cancel.is_cancelled() {
            return Found { cancelled: Some(unfinished()), ..Found::default() };
        }
        let metrics = self.settings.all_metrics();
        let mut gatherer = Gatherer::new(&mut self.series, machine, metrics, self.verify);
        gatherer.found.outcome.inputs = 1;
        match read(&mut self.parser, &mut gatherer) {
            Ok(bytes) => gatherer.found.outcome.bytes = bytes,
            Err(_) if self.cancel.is_cancelled() => gatherer.found.cancelled = Some(unfinished()),
            Err(failure) => gatherer.found.outcome.push(Error::new(Problem::Io(failure))),
        }
        gatherer.end()
    }

    /// Adds a sample that was not read from a dump.
    pub fn insert(&mut self, container: &Container, machine: Option<&str>, sample: Sample) {
        self.series.of(container, machine).insert(sample);
    }

    /// The points of all containers, by name and then by start. To hold those of one container at a
    /// time, take the [history](Series::history) of each of the [`series`](Self::series). Those of a [live](Self::live)
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

    /// The containers that any of `words` matches, as [`find`](Self::find) has it; all, if there are
    /// no words.
    #[must_use = "it has the errors of the words"]
    pub fn select(&self, words: &[impl AsRef<str>]) -> Selection<'_> {
        if words.is_empty() {
            return Selection { series: self.series().collect(), errors: Vec::new() };
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
        Selection { series: found.into_values().collect(), errors }
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
}

impl Summary {
    fn add(&mut self, outcome: &Outcome) {
        self.inputs += outcome.inputs;
        self.bytes += outcome.bytes;
        self.without_containers += outcome.without_containers;
        self.skipped_parts.add_all(outcome.skipped_parts);
        self.errors += outcome.error_count();
        self.skipped += outcome.skipped.len() as u64;
    }
}

fn unfinished() -> Error {
    Error::new(Problem::Cancelled(UNFINISHED))
}
