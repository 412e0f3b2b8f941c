//! Files and folders, one after another or on several threads.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};

use super::join::Doubt;
use super::{Pipeline, Progress};
use crate::error::{Error, ErrorKind, Problem};
use crate::gather::Outcome;
use crate::input::{self, File, MachineName, Told};

/// What is to be done, one after the other.
enum Step<'p> {
    /// Read this file, found at the path of this index.
    Read(File, usize),
    /// Leave the folder that is the path of this index: its files are read.
    Leave(&'p Path, usize),
}

/// What a thread does, and the paths (by index) that it found a dump at.
struct Run<'s> {
    steps: &'s [Step<'s>],
    full: Vec<bool>,
}

impl Pipeline {
    /// Reads files, and all dumps in folders and the folders below them. In a folder, files that
    /// are no dumps are [skipped](Self::skipped). `progress` is called now and then, and at the end.
    pub fn read_paths(
        &mut self,
        paths: &[impl AsRef<Path>],
        machine: &MachineName,
        progress: &mut dyn FnMut(Progress<'_>),
    ) {
        let mut errors = Vec::new();
        let mut steps = Vec::new();
        for (index, path) in paths.iter().map(AsRef::as_ref).enumerate() {
            if self.stop() {
                break;
            }
            let files = input::files(path, &self.cancel, &mut errors);
            steps.extend(files.into_iter().map(|file| Step::Read(file, index)));
            steps.extend(path.is_dir().then_some(Step::Leave(path, index)));
        }
        self.keep(errors);
        let total = steps.iter().map(Step::bytes).sum();
        let mut runs: Vec<_> = runs(&steps, self.readers(), total)
            .into_iter()
            .map(|steps| Run { steps, full: vec![false; paths.len()] })
            .collect();
        let ahead = runs.len() < self.threads.get();
        let mut read = 0;
        let mut tell = |path: &Path, bytes| {
            read += bytes;
            progress(Progress { path, read, total });
        };
        if let [only] = runs.as_mut_slice() {
            self.take(only, machine, ahead, &mut tell);
        } else {
            self.take_beside(&mut runs, machine, ahead, &mut tell);
        }
        self.tell_whether_stopped();
    }

    /// Takes each run on a thread of its own, and joins in their order what they found.
    fn take_beside(
        &mut self,
        runs: &mut [Run<'_>],
        machine: &MachineName,
        ahead: bool,
        tell: &mut dyn FnMut(&Path, u64),
    ) {
        let (sender, receiver) = channel::<(PathBuf, u64)>();
        let workers: Vec<_> = runs.iter_mut().map(|run| (self.worker(), run)).collect();
        std::thread::scope(|scope| {
            let threads: Vec<_> = workers
                .into_iter()
                .map(|(mut worker, run)| {
                    let mut teller = Teller { sender: sender.clone(), untold: 0 };
                    scope.spawn(move || {
                        worker.take(run, machine, ahead, &mut |path, bytes| {
                            teller.tell(path, bytes);
                        });
                        teller.tell_now(run.last());
                        (worker, &run.full)
                    })
                })
                .collect();
            drop(sender);
            for (path, bytes) in receiver {
                tell(&path, bytes);
            }
            let mut full_before = Vec::new();
            for thread in threads {
                match thread.join() {
                    Ok(_) if self.stop() => {}
                    Ok((worker, full)) => {
                        self.absorb(worker, &full_before);
                        full_before.resize(full.len(), false);
                        full_before.iter_mut().zip(full).for_each(|(before, now)| *before |= now);
                    }
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        });
        // The last of them may have been joined in part.
        self.stop();
    }

    fn take(
        &mut self,
        run: &mut Run<'_>,
        machine: &MachineName,
        ahead: bool,
        tell: &mut dyn FnMut(&Path, u64),
    ) {
        for step in run.steps {
            if self.stop() {
                return;
            }
            match step {
                Step::Read(file, path) => {
                    let mut read = 0;
                    let is_dump = self.read_file(file, machine, ahead, &mut |now| {
                        tell(&file.path, now - std::mem::replace(&mut read, now));
                    });
                    if self.stopped.is_some() {
                        return;
                    }
                    // What could not be read is done with, too.
                    tell(&file.path, file.bytes.saturating_sub(read));
                    if let Some(full) = run.full.get_mut(*path) {
                        *full |= is_dump;
                    }
                }
                Step::Leave(folder, path) if run.full.get(*path) == Some(&false) => {
                    self.doubt(Doubt::Empty { error: self.errors.len(), path: *path });
                    self.fail([Error::new(Problem::EmptyFolder)], &folder.to_string_lossy());
                }
                Step::Leave(..) => {}
            }
        }
    }

    /// Reads a file; says whether it is a dump, be it a damaged one.
    fn read_file(
        &mut self,
        file: &File,
        machine: &MachineName,
        ahead: bool,
        tell: &mut dyn FnMut(u64),
    ) -> bool {
        let opened = match std::fs::File::open(&file.path) {
            Ok(opened) => opened,
            Err(failure) => {
                self.keep([input::io_error(&file.path, failure)]);
                return true;
            }
        };
        let machine = machine.of(&file.path);
        let outcome = if ahead {
            self.gather_ahead(machine.as_deref(), opened, tell)
        } else {
            self.gather_from(machine.as_deref(), Told { input: opened, read: 0, tell })
        };
        let is_dump = outcome.any
            || outcome.cancelled.is_some()
            || !file.found
            || !is_no_dump(&outcome, &file.path);
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

impl Run<'_> {
    /// The file read last.
    fn last(&self) -> &Path {
        let mut files = self.steps.iter().filter_map(|step| match step {
            Step::Read(file, _) => Some(&*file.path),
            Step::Leave(..) => None,
        });
        files.next_back().unwrap_or(Path::new(""))
    }
}

impl Step<'_> {
    fn bytes(&self) -> u64 {
        match self {
            Self::Read(file, _) => file.bytes,
            Self::Leave(..) => 0,
        }
    }
}

/// Tells another thread how much was read: now and then, and at its end.
struct Teller {
    sender: Sender<(PathBuf, u64)>,
    untold: u64,
}

impl Teller {
    /// Each time, whoever listens takes a core from those who read.
    const OFTEN: u64 = 8 << 20;

    fn tell(&mut self, path: &Path, bytes: u64) {
        self.untold += bytes;
        if self.untold >= Self::OFTEN {
            self.tell_now(path);
        }
    }

    fn tell_now(&mut self, path: &Path) {
        // Whoever listens is there until all threads have ended.
        let _ = self.sender.send((path.to_owned(), std::mem::take(&mut self.untold)));
    }
}

/// The steps in as many pieces as there are threads, with about as much to read as one another.
fn runs<'s>(steps: &'s [Step<'s>], threads: usize, total: u64) -> Vec<&'s [Step<'s>]> {
    let mut runs = Vec::new();
    let (mut rest, mut read) = (steps, 0);
    for thread in 1..threads as u64 {
        let end = total / threads as u64 * thread;
        let mut length = 0;
        while let Some(step) = rest.get(length).filter(|step| read + step.bytes() / 2 < end) {
            read += step.bytes();
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
