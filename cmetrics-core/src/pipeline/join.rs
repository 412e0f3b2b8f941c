//! Reading on several threads, with the result of a single one.
//!
//! Each thread runs a batch of tasks, without knowing what the batches before it contain. It
//! defers a task whose result depends on that to the thread that joins the results:
//!
//! - A damaged dump, since errors in copies of known samples do not count.
//! - The end of a folder without dumps, since an earlier batch may have found a dump in it.
//!
//! All else is what a single thread would have read: a thread here parses at least as many copies
//! of samples as a single one does, and found no error in them.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};

use super::Pipeline;
use super::files::{OnProgress, ReadOptions, Task};

/// The most parts of a batch. Each has its own pipeline, and with so many damaged dumps reading in
/// parallel gains little.
const MOST_PARTS: usize = 32;

/// A part of a batch: tasks that were run, followed by tasks that are deferred.
struct Part<'s> {
    /// What the tasks read.
    read: Pipeline,
    /// The next task, which depends on what was read before. After the last part also all tasks that
    /// are left.
    deferred: &'s [Task<'s>],
}

impl Pipeline {
    /// Runs each batch on its own thread, and joins the results in order.
    pub(super) fn run_in_parallel(
        &mut self,
        batches: &[&[Task<'_>]],
        options: ReadOptions<'_>,
        has_dump: &mut [bool],
        report: OnProgress<'_>,
    ) {
        let (sender, receiver) = channel::<(PathBuf, u64)>();
        let (worker, paths) = (&self.worker(), has_dump.len());
        std::thread::scope(|scope| {
            let begin = |batch| {
                let mut progress = ProgressSender { sender: sender.clone(), unreported: 0 };
                scope.spawn(move || {
                    let mut has_dump = vec![false; paths];
                    let parts = worker.parts(batch, options, &mut has_dump, &mut |path, bytes| {
                        progress.report(path, bytes);
                    });
                    progress.send(last_file(batch));
                    (parts, has_dump)
                })
            };
            let threads: Vec<_> = batches.iter().copied().map(begin).collect();
            drop(sender);
            for (path, bytes) in receiver {
                report(&path, bytes);
            }
            for thread in threads {
                let (parts, found) =
                    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                has_dump.iter_mut().zip(found).for_each(|(has_dump, found)| *has_dump |= found);
                self.join(parts, options, has_dump, report);
            }
        });
        // The last result may have been joined only in part.
        self.check_cancelled();
    }

    /// Runs the tasks of a batch, in parts.
    fn parts<'s>(
        &self,
        mut tasks: &'s [Task<'s>],
        options: ReadOptions<'_>,
        has_dump: &mut [bool],
        report: OnProgress<'_>,
    ) -> Vec<Part<'s>> {
        let mut parts = Vec::new();
        while !tasks.is_empty() && !self.cancel.is_cancelled() {
            let (mut read, length) = self.part(tasks, options, has_dump, report);
            read.parser.release_buffer();
            let rest = tasks.get(length..).unwrap_or_default();
            let deferred = if parts.len() + 1 < MOST_PARTS { 1 } else { rest.len() };
            let (deferred, more) = rest.split_at_checked(deferred).unwrap_or_default();
            parts.push(Part { read, deferred });
            tasks = more;
        }
        parts
    }

    /// Runs tasks up to one that depends on what was read before. Returns what they read, and how
    /// many tasks were run.
    fn part(
        &self,
        tasks: &[Task<'_>],
        options: ReadOptions<'_>,
        has_dump: &mut [bool],
        report: OnProgress<'_>,
    ) -> (Self, usize) {
        let mut part = self.worker();
        let Err(mut length) = part.run_certain(tasks, options, has_dump, report) else {
            return (part, tasks.len());
        };
        loop {
            // The samples of a damaged file cannot be removed. So read again without it.
            part = self.worker();
            let certain = tasks.get(..length).unwrap_or_default();
            let taken =
                part.run_certain(certain, options, has_dump, &mut |path, _| report(path, 0));
            // There are fewer tasks if a file changed meanwhile.
            match taken {
                Ok(()) => return (part, length),
                Err(fewer) => length = fewer,
            }
        }
    }

    /// Runs tasks up to one that depends on what was read before. The error is its index.
    fn run_certain(
        &mut self,
        tasks: &[Task<'_>],
        options: ReadOptions<'_>,
        has_dump: &mut [bool],
        report: OnProgress<'_>,
    ) -> Result<(), usize> {
        for (index, task) in tasks.iter().enumerate() {
            let is_certain = match task {
                Task::Read(file, path) => self.run_read(file, *path, options, has_dump, report),
                Task::EndFolder(_, path) => has_dump.get(*path) == Some(&true),
            };
            if self.check_cancelled() {
                return Ok(());
            }
            if !is_certain {
                return Err(index);
            }
        }
        Ok(())
    }

    /// Adds the parts of a batch to all that was read before, and runs the deferred tasks.
    fn join(
        &mut self,
        parts: Vec<Part<'_>>,
        options: ReadOptions<'_>,
        has_dump: &mut [bool],
        report: OnProgress<'_>,
    ) {
        for Part { read, deferred } in parts {
            if self.check_cancelled() {
                return;
            }
            self.absorb(read);
            let (taken, others) = deferred.split_at_checked(1).unwrap_or_default();
            // Its bytes were reported when it was read for the first time.
            self.run_tasks(taken, options, has_dump, &mut |path, _| report(path, 0));
            self.run_tasks(others, options, has_dump, report);
        }
    }

    /// An empty pipeline that reads a part of this one's input.
    fn worker(&self) -> Self {
        let mut worker = Self::new(self.settings);
        // A single thread may parse a copy where a worker would skip it, since it may know the
        // sample by another text. So a worker parses all of them.
        worker.verify = true;
        worker.scraped_at = self.scraped_at;
        worker.set_cancel(self.cancel.clone());
        worker
    }

    /// Adds what a worker read to all that was read before.
    fn absorb(&mut self, worker: Self) {
        let Self { parser, series, outcome, .. } = worker;
        self.parser.learn_from(parser);
        // A sample that was new to the worker may be known here.
        self.outcome.merge(outcome.without_samples());
        self.series.absorb(series, &self.cancel, &mut self.outcome);
    }
}

/// The last file of these tasks.
fn last_file<'s>(tasks: &'s [Task<'_>]) -> &'s Path {
    let mut files = tasks.iter().filter_map(|task| match task {
        Task::Read(file, _) => Some(&*file.path),
        Task::EndFolder(..) => None,
    });
    files.next_back().unwrap_or(Path::new(""))
}

/// Sends progress to another thread: now and then, and at the end.
struct ProgressSender {
    sender: Sender<(PathBuf, u64)>,
    unreported: u64,
}

impl ProgressSender {
    /// How many bytes are reported at once. The receiving thread takes a core from the readers each
    /// time.
    const REPORT_BYTES: u64 = 8 << 20;

    fn report(&mut self, path: &Path, bytes: u64) {
        self.unreported += bytes;
        if self.unreported >= Self::REPORT_BYTES {
            self.send(path);
        }
    }

    fn send(&mut self, path: &Path) {
        // The receiver exists until all threads have ended.
        let _ = self.sender.send((path.to_owned(), std::mem::take(&mut self.unreported)));
    }
}
