//! From dumps to points: the only module that sees every stage.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::container::{Container, Identity};
use crate::error::{Error, ErrorKind, Problem};
use crate::input::{self, File, MachineName};
use crate::metric::MetricSet;
use crate::parse::{DocumentKind, Parser, Receiver};
use crate::point::DataPoint;
use crate::sample::Sample;
use crate::select;
use crate::series::Series;
use crate::settings::Settings;
use crate::time::Timestamp;
use crate::unpack::unpacked;

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
    series: BTreeMap<Arc<str>, Series>,
    summary: Summary,
    errors: Vec<Error>,
    skipped: Vec<Error>,
}

/// How much was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
}

/// How far reading has come.
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
    pub const MOST_ERRORS: usize = 1000;

    /// A pipeline that makes points by these settings.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            parser: Parser::new(MetricSet::documented()),
            series: BTreeMap::new(),
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

    /// The same, for dumps of the machine of this name (see [`Container::name`]).
    pub fn read_from(&mut self, name: &str, machine: Option<&str>, input: impl Read) {
        let (errors, _) = self.gather(machine, input);
        for error in errors {
            self.fail(error.in_source(&name.into()));
        }
    }

    /// Reads files, and all dumps in folders and the folders below them. In a folder, files that
    /// are no dumps are [skipped](Self::skipped). `progress` is called now and then.
    pub fn read_paths(
        &mut self,
        paths: &[impl AsRef<Path>],
        machine: &MachineName,
        progress: &mut dyn FnMut(Progress<'_>),
    ) {
        let mut errors = Vec::new();
        let inputs: Vec<(PathBuf, Vec<File>)> = paths
            .iter()
            .map(|path| (path.as_ref().to_owned(), input::files(path.as_ref(), &mut errors)))
            .collect();
        let total = inputs.iter().flat_map(|(_, files)| files).map(|file| file.bytes).sum();
        for error in errors {
            self.fail(error);
        }
        let mut read = 0;
        for (path, files) in inputs {
            let mut dumps = 0;
            for file in &files {
                let mut tell =
                    |bytes| progress(Progress { path: &file.path, read: read + bytes, total });
                dumps += u64::from(self.read_file(file, machine, &mut tell));
                read += file.bytes;
            }
            if path.is_dir() && dumps == 0 {
                let folder = path.to_string_lossy().into();
                self.fail(Error::new(Problem::EmptyFolder).in_source(&folder));
            }
        }
    }

    /// Reads a file; says whether it is a dump, be it a damaged one.
    fn read_file(&mut self, file: &File, machine: &MachineName, tell: &mut dyn FnMut(u64)) -> bool {
        let opened = match std::fs::File::open(&file.path) {
            Ok(opened) => opened,
            Err(failure) => {
                self.fail(input::io_error(&file.path, failure));
                return true;
            }
        };
        let input = Told { input: opened, read: 0, tell };
        let (errors, any) = self.gather(machine.of(&file.path).as_deref(), input);
        let is_dump = any || !file.found || !errors.iter().all(is_no_dump(&file.path));
        let source = file.path.to_string_lossy().into();
        let mut errors = errors.into_iter().map(|error| error.in_source(&source));
        if is_dump {
            errors.for_each(|error| self.fail(error));
        } else {
            self.skipped.extend(errors.next());
        }
        is_dump
    }

    /// Reads an input; returns what is wrong with it, and whether any dump was in it.
    fn gather(&mut self, machine: Option<&str>, input: impl Read) -> (Vec<Error>, bool) {
        self.summary.inputs += 1;
        let input = match unpacked(input) {
            Ok(input) => input,
            Err(failure) => return (vec![Error::new(Problem::Io(failure))], false),
        };
        let mut gathering = Gathering {
            series: &mut self.series,
            summary: &mut self.summary,
            machine,
            current: None,
            kind: DocumentKind::V1,
            any: false,
            errors: Vec::new(),
        };
        let bytes = self.parser.read(input, &mut gathering);
        let Gathering { errors, any, .. } = gathering;
        self.summary.bytes += bytes;
        (errors, any)
    }

    /// Adds a sample from elsewhere.
    pub fn insert(&mut self, container: &Container, machine: Option<&str>, sample: Sample) {
        series_of(&mut self.series, container, machine).insert(sample);
    }

    fn fail(&mut self, error: Error) {
        self.summary.errors += 1;
        if self.errors.len() < Self::MOST_ERRORS {
            self.errors.push(error);
        }
    }

    /// The points of all containers, by name and then by start.
    pub fn points(&self) -> Vec<DataPoint> {
        self.series().flat_map(|series| series.history(self.settings).points).collect()
    }

    /// The containers that were read, by name.
    pub fn series(&self) -> impl Iterator<Item = &Series> {
        self.series.values()
    }

    /// The containers that `word` means: the one of this id, all that bear this alias or cgroup
    /// path, or the one whose id begins with it.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownContainer`] with the near matches, or
    /// [`ErrorKind::AmbiguousContainer`] with all that it could mean.
    pub fn find(&self, word: &str) -> Result<Vec<&Series>, Error> {
        select::find(self.series(), word)
    }

    /// How points are made.
    pub fn settings(&self) -> Settings {
        self.settings
    }

    /// How much was read.
    pub fn summary(&self) -> Summary {
        self.summary
    }

    /// What was wrong with the inputs, at most [`MOST_ERRORS`](Self::MOST_ERRORS).
    pub fn errors(&self) -> &[Error] {
        &self.errors
    }

    /// The files in folders that are no dumps, each with what it looks like.
    pub fn skipped(&self) -> &[Error] {
        &self.skipped
    }
}

/// Whether an error says that the file is no dump, rather than a damaged one. Text that ends
/// where JSON should go on is damage only in a file that is called JSON.
fn is_no_dump(path: &Path) -> impl Fn(&Error) -> bool {
    let name = path.to_string_lossy().to_ascii_lowercase();
    let bare = [".gz", ".zst"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    let called_json = [".json", ".ndjson", ".jsonl"].iter().any(|end| bare.ends_with(end));
    move |error| match error.kind() {
        ErrorKind::NotADump | ErrorKind::NoSamples => true,
        ErrorKind::Json | ErrorKind::TooLarge => !called_json,
        _ => false,
    }
}

fn series_of<'s>(
    all: &'s mut BTreeMap<Arc<str>, Series>,
    container: &Container,
    machine: Option<&str>,
) -> &'s mut Series {
    let name: Arc<str> = container.name(machine).into();
    let series = all.entry(name).or_insert_with(|| Series::new(Identity::new(container, machine)));
    series.add(container);
    series
}

/// Sorts what the parser reads into series.
struct Gathering<'g> {
    series: &'g mut BTreeMap<Arc<str>, Series>,
    summary: &'g mut Summary,
    machine: Option<&'g str>,
    current: Option<Arc<str>>,
    kind: DocumentKind,
    any: bool,
    errors: Vec<Error>,
}

impl Gathering<'_> {
    fn current(&mut self) -> Option<&mut Series> {
        self.series.get_mut(self.current.as_ref()?)
    }
}

impl Receiver for Gathering<'_> {
    fn container(&mut self, container: Container, kind: DocumentKind) {
        self.any = true;
        self.kind = kind;
        let series = series_of(self.series, &container, self.machine);
        self.current = Some(Arc::clone(series.identity().name()));
    }

    fn wants(&mut self, time: Timestamp) -> bool {
        let kind = self.kind;
        self.current().is_some_and(|series| series.wants(time, kind))
    }

    fn sample(&mut self, sample: Sample) {
        let from_machine_stats = self.kind == DocumentKind::MachineStats;
        if let Some(series) = self.current() {
            series.insert_from(sample, from_machine_stats);
        }
    }

    fn never_taken(&mut self) {
        if let Some(series) = self.current() {
            series.count_never_taken();
        }
    }

    fn faulty(&mut self, error: Error) {
        if let Some(series) = self.current() {
            series.count_faulty();
        }
        self.error(error);
    }

    fn no_containers(&mut self) {
        self.any = true;
        self.summary.without_containers += 1;
    }

    fn error(&mut self, error: Error) {
        if self.errors.len() < Pipeline::MOST_ERRORS {
            self.errors.push(error);
        } else {
            self.summary.errors += 1;
        }
    }
}

/// A reader that tells how far it has come.
struct Told<'t, R> {
    input: R,
    read: u64,
    tell: &'t mut dyn FnMut(u64),
}

impl<R: Read> Read for Told<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.input.read(buffer)?;
        self.read += length as u64;
        (self.tell)(self.read);
        Ok(length)
    }
}
