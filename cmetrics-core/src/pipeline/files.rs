//! Files and folders, one after another or on several threads.

use std::path::Path;

use super::gather::Outcome;
use super::input::{self, File, MachineName, Told};
use super::{Pipeline, Progress};
use crate::error::{Error, ErrorKind, Problem};

/// What is to be done, one after the other.
pub(super) enum Step<'p> {
    /// Read this file, found at the path of this index.
    Read(File, usize),
    /// Leave the folder that is the path of this index: its files are read.
    Leave(&'p Path, usize),
}

/// How files are read.
#[derive(Clone, Copy)]
pub(super) struct Way<'w> {
    machine: &'w MachineName,
    /// Whether another thread reads and unpacks beside parsing.
    ahead: bool,
}

/// Is told which file is read, and how many bytes of it were read since.
pub(super) type Tell<'t> = &'t mut dyn FnMut(&Path, u64);

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
        let runs = runs(&steps, self.readers(), total);
        let way = Way { machine, ahead: runs.len() < self.threads.get() };
        let mut full = vec![false; paths.len()];
        let mut read = 0;
        let mut tell = |path: &Path, bytes| {
            // A file may have become longer meanwhile.
            read = total.min(read + bytes);
            progress(Progress { path, read, total });
        };
        if let [only] = *runs {
            self.take(only, way, &mut full, &mut tell);
        } else {
            self.take_beside(&runs, way, &mut full, &mut tell);
        }
        self.tell_whether_stopped();
    }

    /// Takes steps in their order. `full` says at which paths (by index) a dump was found.
    pub(super) fn take(
        &mut self,
        steps: &[Step<'_>],
        way: Way<'_>,
        full: &mut [bool],
        tell: Tell<'_>,
    ) {
        for step in steps {
            if self.stop() {
                return;
            }
            match step {
                Step::Leave(folder, path) if full.get(*path) == Some(&false) => {
                    self.fail([Error::new(Problem::EmptyFolder)], &folder.to_string_lossy());
                }
                Step::Leave(..) => {}
                Step::Read(file, path) => drop(self.take_file(file, *path, way, full, tell)),
            }
        }
    }

    /// Reads a file, found at the path of this index. Says whether it would give the same to who
    /// knows what was read before; not so, maybe, where it is cancelled.
    pub(super) fn take_file(
        &mut self,
        file: &File,
        path: usize,
        way: Way<'_>,
        full: &mut [bool],
        tell: Tell<'_>,
    ) -> bool {
        let mut read = 0;
        let Reading { is_dump, is_sure } = self.read_file(file, way, &mut |now| {
            tell(&file.path, now - std::mem::replace(&mut read, now));
        });
        if self.stopped.is_none() {
            // What could not be read is done with, too.
            tell(&file.path, file.bytes.saturating_sub(read));
            full.get_mut(path).into_iter().for_each(|full| *full |= is_dump);
        }
        is_sure
    }

    fn read_file(&mut self, file: &File, way: Way<'_>, tell: &mut dyn FnMut(u64)) -> Reading {
        let opened = match std::fs::File::open(&file.path) {
            Ok(opened) => opened,
            Err(failure) => {
                self.keep([input::io_error(&file.path, failure)]);
                return Reading { is_dump: true, is_sure: true };
            }
        };
        let machine = way.machine.of(&file.path);
        let outcome = if way.ahead {
            self.gather_ahead(machine.as_deref(), opened, tell)
        } else {
            self.gather_from(machine.as_deref(), Told { input: opened, read: 0, tell })
        };
        let is_sure = !outcome.is_in_doubt();
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
        Reading { is_dump, is_sure }
    }
}

/// What a file turned out to be.
struct Reading {
    /// Whether it is a dump, be it a damaged one.
    is_dump: bool,
    /// Whether it would be read alike whatever was read before.
    is_sure: bool,
}

impl Step<'_> {
    fn bytes(&self) -> u64 {
        match self {
            Self::Read(file, _) => file.bytes,
            Self::Leave(..) => 0,
        }
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
/// where JSON should go on is damage only in a file that is called JSON, and so is UTF-16.
fn is_no_dump(outcome: &Outcome, path: &Path) -> bool {
    let name = path.to_string_lossy().to_ascii_lowercase();
    let bare = [".gz", ".zst"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    let called_json = [".json", ".ndjson", ".jsonl"].iter().any(|end| bare.ends_with(end));
    outcome.errors.iter().all(|error| match error.kind() {
        ErrorKind::NotADump if error.is_of_utf_16() => !called_json,
        ErrorKind::NotADump | ErrorKind::NoSamples => true,
        ErrorKind::Json | ErrorKind::TooLarge => !called_json,
        _ => false,
    })
}
