//! Files and folders, one after another or on several threads.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};

use super::{Pipeline, Progress};
use crate::error::{Error, ErrorKind, Problem};
use crate::gather::Outcome;
use crate::input::{self, File, MachineName, Told};

/// A file to read, found at the path of this index.
struct Job {
    file: File,
    path: usize,
}

/// The files that a thread reads, and how many of them were dumps, by path.
struct Run<'j> {
    jobs: &'j [Job],
    dumps: Vec<u64>,
}

impl Pipeline {
    /// Reads files, and all dumps in folders and the folders below them. In a folder, files that
    /// are no dumps are [skipped](Self::skipped). `progress` is called now and then.
    pub fn read_paths(
        &mut self,
        paths: &[impl AsRef<Path>],
        machine: &MachineName,
        progress: &mut dyn FnMut(Progress<'_>),
    ) {
        let mut errors = Vec::new();
        let mut jobs = Vec::new();
        for (path, given) in paths.iter().enumerate() {
            let files = input::files(given.as_ref(), &mut errors);
            jobs.extend(files.into_iter().map(|file| Job { file, path }));
        }
        self.keep(errors);
        let total = jobs.iter().map(|job| job.file.bytes).sum();
        let runs: Vec<_> = runs(&jobs, self.threads.get(), total);
        let mut read = 0;
        let mut tell = |path: &Path, bytes| {
            read += bytes;
            progress(Progress { path, read, total });
        };
        let mut dumps = vec![0; paths.len()];
        if let [only] = runs.as_slice() {
            self.read_jobs(only, machine, &mut dumps, &mut tell);
        } else {
            let mut runs: Vec<_> =
                runs.into_iter().map(|jobs| Run { jobs, dumps: dumps.clone() }).collect();
            self.read_runs(&mut runs, machine, &mut tell);
            for (path, all) in dumps.iter_mut().enumerate() {
                *all = runs.iter().filter_map(|run| run.dumps.get(path)).sum();
            }
        }
        for (path, _) in paths.iter().zip(&dumps).filter(|(_, dumps)| **dumps == 0) {
            let path = path.as_ref();
            if path.is_dir() {
                self.fail([Error::new(Problem::EmptyFolder)], &path.to_string_lossy());
            }
        }
    }

    /// Reads each run on a thread of its own, and joins in their order what they found.
    fn read_runs(
        &mut self,
        runs: &mut [Run<'_>],
        machine: &MachineName,
        tell: &mut dyn FnMut(&Path, u64),
    ) {
        let (sender, receiver) = channel::<(PathBuf, u64)>();
        let workers: Vec<_> = runs.iter_mut().map(|run| (self.worker(), run)).collect();
        std::thread::scope(|scope| {
            let threads: Vec<_> = workers
                .into_iter()
                .map(|(mut worker, run)| {
                    let sender = sender.clone();
                    scope.spawn(move || {
                        let mut tell = telling(&sender);
                        worker.read_jobs(run.jobs, machine, &mut run.dumps, &mut tell);
                        worker
                    })
                })
                .collect();
            drop(sender);
            receiver.iter().for_each(|(path, bytes)| tell(&path, bytes));
            for thread in threads {
                match thread.join() {
                    Ok(worker) => self.absorb(worker),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        });
    }

    /// A pipeline that has read nothing and reads as this one does.
    fn worker(&self) -> Self {
        Self { verify: self.verify, ..Self::new(self.settings) }
    }

    /// Takes what another pipeline read after this one.
    fn absorb(&mut self, later: Self) {
        let Self { mut summary, mut errors, faults, mut series, skipped, .. } = later;
        // What is known here already would not have been read there, nor its faults found.
        for fault in faults.iter().rev() {
            if self.series.knows(&series, fault) {
                series.forgive(fault);
                summary.errors -= 1;
                if fault.error < errors.len() {
                    errors.remove(fault.error);
                }
            }
        }
        self.series.absorb(series);
        self.summary.inputs += summary.inputs;
        self.summary.bytes += summary.bytes;
        self.summary.without_containers += summary.without_containers;
        self.summary.errors += summary.errors;
        let room = Self::MOST_ERRORS.saturating_sub(self.errors.len());
        self.errors.extend(errors.into_iter().take(room));
        self.skipped.extend(skipped);
    }

    fn read_jobs(
        &mut self,
        jobs: &[Job],
        machine: &MachineName,
        dumps: &mut [u64],
        tell: &mut dyn FnMut(&Path, u64),
    ) {
        for Job { file, path } in jobs {
            let mut before = 0;
            let mut told = |bytes| tell(&file.path, bytes - std::mem::replace(&mut before, bytes));
            let is_dump = self.read_file(file, machine, &mut told);
            if let Some(dumps) = dumps.get_mut(*path) {
                *dumps += u64::from(is_dump);
            }
        }
    }

    /// Reads a file; says whether it is a dump, be it a damaged one.
    fn read_file(&mut self, file: &File, machine: &MachineName, tell: &mut dyn FnMut(u64)) -> bool {
        let opened = match std::fs::File::open(&file.path) {
            Ok(opened) => opened,
            Err(failure) => {
                self.keep([input::io_error(&file.path, failure)]);
                return true;
            }
        };
        let input = Told { input: opened, read: 0, tell };
        let machine = machine.of(&file.path);
        let outcome = self.gather_from(machine.as_deref(), input);
        let is_dump = outcome.any || !file.found || !is_no_dump(&outcome, &file.path);
        let name = file.path.to_string_lossy();
        if is_dump {
            self.finish(outcome, &name);
        } else {
            let first = outcome.errors.into_iter().next();
            self.skipped.extend(first.map(|error| error.in_source(&(&*name).into())));
        }
        is_dump
    }
}

/// Tells another thread how much was read, a few times a file.
fn telling(sender: &Sender<(PathBuf, u64)>) -> impl FnMut(&Path, u64) {
    const OFTEN: u64 = 1 << 20;
    let mut untold = 0;
    move |path, bytes| {
        untold += bytes;
        if untold >= OFTEN {
            // Whoever listens is there until all threads have ended.
            let _ = sender.send((path.to_owned(), std::mem::take(&mut untold)));
        }
    }
}

/// The jobs in as many pieces as there are threads, about as long as one another.
fn runs(jobs: &[Job], threads: usize, total: u64) -> Vec<&[Job]> {
    let mut runs = Vec::new();
    let (mut rest, mut read) = (jobs, 0);
    for thread in 1..threads as u64 {
        let end = total / threads as u64 * thread;
        let mut length = 0;
        while let Some(job) = rest.get(length).filter(|job| read + job.file.bytes / 2 < end) {
            read += job.file.bytes;
            length += 1;
        }
        let (run, more) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        runs.push(run);
        rest = more;
    }
    runs.push(rest);
    runs.retain(|run| !run.is_empty());
    if runs.is_empty() {
        runs.push(rest);
    }
    runs
}

/// Whether all errors say that the file is no dump, rather than a damaged one. Text that ends
/// where JSON should go on is damage only in a file that is called JSON.
fn is_no_dump(outcome: &Outcome, path: &Path) -> bool {
    let name = path.to_string_lossy().to_ascii_lowercase();
    let bare = [".gz", ".zst"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    let called_json = [".json", ".ndjson", ".jsonl"].iter().any(|end| bare.ends_with(end));
    outcome.errors.iter().all(|error| match error.kind() {
        ErrorKind::NotADump | ErrorKind::NoSamples => true,
        ErrorKind::Json | ErrorKind::TooLarge => !called_json,
        _ => false,
    })
}
