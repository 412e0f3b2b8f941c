//! Reading files and folders.

use std::path::Path;

use super::found_files::{self, File, MachineName};
use super::readers::CountingReader;
use super::{Outcome, Pipeline, Progress, file_names};
use crate::error::{Error, ErrorKind, Problem};

/// A step of reading paths. Tasks are run in order.
pub(super) enum Task<'p> {
    /// Read a file, found at the path of this index.
    Read(File, usize),
    /// Check that the files of a folder, the path of this index, included a dump.
    EndFolder(&'p Path, usize),
}

/// How files are read.
#[derive(Clone, Copy)]
pub(super) struct ReadOptions<'w> {
    machine: &'w MachineName,
    /// Whether another thread reads and unpacks while this one parses.
    ahead: bool,
}

/// Called with the file that is being read, and how many bytes were read since the last call.
pub(super) type OnProgress<'t> = &'t mut dyn FnMut(&Path, u64);

impl Pipeline {
    /// Reads files, and all dumps in folders and their subfolders, on as many threads as the
    /// pipeline [has](Self::set_threads). In a folder, files that are not dumps are
    /// [skipped](Outcome::skipped).
    ///
    /// ```
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let dumps = folder.path();
    /// # std::fs::write(dumps.join("now.json"), r#"{"/": {"stats": [{"timestamp": "never"}]}}"#).unwrap();
    /// let mut pipeline = cmetrics_core::Pipeline::default();
    /// let outcome = pipeline.read_paths(&[dumps]);
    /// for error in &outcome.errors {
    ///     eprintln!("{error}"); // file, line, column, container, and what was expected
    /// }
    /// assert_eq!((outcome.inputs, outcome.errors.len()), (1, 1));
    /// ```
    #[must_use = "the errors of the inputs are in the outcome, and nowhere else"]
    pub fn read_paths(&mut self, paths: &[impl AsRef<Path>]) -> Outcome {
        self.read_paths_with(paths, &MachineName::None, |_| ())
    }

    /// Like [`read_paths`](Self::read_paths), for dumps of machines that have names. `progress` is
    /// called on this thread now and then, and at the end.
    #[must_use = "the errors of the inputs are in the outcome, and nowhere else"]
    pub fn read_paths_with(
        &mut self,
        paths: &[impl AsRef<Path>],
        machine: &MachineName,
        mut progress: impl FnMut(Progress<'_>),
    ) -> Outcome {
        let tasks = self.tasks(paths);
        let total = tasks.iter().map(Task::bytes).sum();
        let batches = batches(&tasks, self.reader_threads(), total);
        let options = ReadOptions { machine, ahead: batches.len() < self.threads.get() };
        let mut has_dump = vec![false; paths.len()];
        let mut read = 0;
        let mut report = |path: &Path, bytes| {
            // A file may have grown meanwhile.
            read = total.min(read + bytes);
            progress(Progress { path, read, total });
        };
        if let [only] = *batches {
            self.run_tasks(only, options, &mut has_dump, &mut report);
        } else {
            self.run_in_parallel(&batches, options, &mut has_dump, &mut report);
        }
        self.end_call()
    }

    /// The tasks of reading these paths. Paths that cannot be read are errors.
    fn tasks<'p>(&mut self, paths: &'p [impl AsRef<Path>]) -> Vec<Task<'p>> {
        let (mut tasks, mut errors) = (Vec::new(), Vec::new());
        for (index, path) in paths.iter().map(AsRef::as_ref).enumerate() {
            if self.check_cancelled() {
                break;
            }
            let files = found_files::files(path, &self.cancel, &mut errors);
            tasks.extend(files.into_iter().map(|file| Task::Read(file, index)));
            tasks.extend(path.is_dir().then_some(Task::EndFolder(path, index)));
        }
        for error in errors {
            self.outcome.push(error);
        }
        tasks
    }

    /// Runs tasks in order. `has_dump` is whether a dump was found at a path, by the path's index.
    pub(super) fn run_tasks(
        &mut self,
        tasks: &[Task<'_>],
        options: ReadOptions<'_>,
        has_dump: &mut [bool],
        report: OnProgress<'_>,
    ) {
        for task in tasks {
            if self.check_cancelled() {
                return;
            }
            match task {
                Task::EndFolder(folder, path) if has_dump.get(*path) == Some(&false) => {
                    let error = Error::new(Problem::EmptyFolder);
                    self.outcome.push(error.in_source(&folder.to_string_lossy().into()));
                }
                Task::EndFolder(..) => {}
                Task::Read(file, path) => {
                    let _ = self.run_read(file, *path, options, has_dump, report);
                }
            }
        }
    }

    /// Reads a file, found at the path of this index. Returns whether the result is certain to be
    /// the same whatever was read before. Where it is cancelled, the value has no meaning.
    pub(super) fn run_read(
        &mut self,
        file: &File,
        path: usize,
        options: ReadOptions<'_>,
        has_dump: &mut [bool],
        report: OnProgress<'_>,
    ) -> bool {
        let mut read = 0;
        let FileOutcome { is_dump, is_certain } = self.read_file(file, options, &mut |now| {
            report(&file.path, now - std::mem::replace(&mut read, now));
        });
        if self.cancellation.is_none() {
            // Bytes that could not be read count as done, too.
            report(&file.path, file.bytes.saturating_sub(read));
            has_dump.get_mut(path).into_iter().for_each(|has_dump| *has_dump |= is_dump);
        }
        is_certain
    }

    fn read_file(
        &mut self,
        file: &File,
        options: ReadOptions<'_>,
        report: &mut dyn FnMut(u64),
    ) -> FileOutcome {
        let opened = match std::fs::File::open(&file.path) {
            Ok(opened) => opened,
            Err(failure) => {
                self.outcome.push(found_files::io_error(&file.path, failure));
                return FileOutcome { is_dump: true, is_certain: true };
            }
        };
        let machine = options.machine.of(&file.path);
        let scraped_at = self.scraped_at.or_else(|| file_names::scrape_time(&file.path, &opened));
        self.parser.set_scraped_at(scraped_at);
        self.parser.set_container(file_names::container(&file.path));
        let mut found = if options.ahead {
            self.gather_ahead(machine.as_deref(), opened, report)
        } else {
            self.gather_from(machine.as_deref(), CountingReader { input: opened, read: 0, report })
        };
        let is_certain = !found.is_uncertain();
        let is_dump = found.outcome.has_dump()
            || found.cancelled.is_some()
            || !file.found
            || !is_no_dump(&found.outcome, &file.path);
        if !is_dump {
            let errors = std::mem::take(&mut found.outcome.errors);
            found.outcome.skipped.extend(errors.into_iter().next());
            found.outcome.more_errors = 0;
        }
        self.add_found(found, &file.path.to_string_lossy());
        FileOutcome { is_dump, is_certain }
    }
}

/// The outcome of reading a file.
struct FileOutcome {
    /// Whether the file is a dump, be it a damaged one.
    is_dump: bool,
    /// Whether the result would be the same whatever was read before.
    is_certain: bool,
}

impl Task<'_> {
    fn bytes(&self) -> u64 {
        match self {
            Self::Read(file, _) => file.bytes,
            Self::EndFolder(..) => 0,
        }
    }
}

/// Splits the tasks into at most one batch for each thread, of about the same number of bytes.
fn batches<'s>(tasks: &'s [Task<'s>], threads: usize, total: u64) -> Vec<&'s [Task<'s>]> {
    let mut batches = Vec::new();
    let (mut rest, mut read) = (tasks, 0);
    for thread in 1..threads as u64 {
        let end = total / threads as u64 * thread;
        let mut length = 0;
        while let Some(task) = rest.get(length).filter(|task| read + task.bytes() / 2 < end) {
            read += task.bytes();
            length += 1;
        }
        let (batch, more) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        batches.push(batch);
        rest = more;
    }
    batches.push(rest);
    batches.retain(|batch| !batch.is_empty());
    if batches.is_empty() {
        batches.push(rest);
    }
    batches
}

/// Whether all errors mean that the file is not a dump, rather than a damaged one or one in a form
/// that is not read. Damaged JSON that looks like no dump counts as one in a file whose name says
/// that it is JSON.
fn is_no_dump(outcome: &Outcome, path: &Path) -> bool {
    let name = path.to_string_lossy().to_ascii_lowercase();
    let plain = file_names::unpacked(&name);
    let called_json = [".json", ".ndjson", ".jsonl"].iter().any(|end| plain.ends_with(end));
    outcome.errors.iter().all(|error| match error.kind() {
        _ if error.is_of_a_dump() => false,
        ErrorKind::NotADump | ErrorKind::NoSamples => true,
        ErrorKind::Json | ErrorKind::TooLarge => !called_json,
        _ => false,
    })
}
