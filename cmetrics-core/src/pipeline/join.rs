//! What several threads read, joined as if one had read it all.
//!
//! A thread does not know what was read before its run. Where that matters, it leaves a step to who
//! joins: a damaged dump, since copies of known samples are not looked at and their faults are none;
//! and the end of a folder without dumps, since there may be one in an earlier run. What it keeps is
//! what one thread would have read: it looks at more than that does, and found nothing wrong.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};

use super::Pipeline;
use super::files::{Step, Tell, Way};

/// In how many parts a run is read at most: each has a pipeline of its own, and where so many dumps
/// are damaged, little is won.
const MOST_PARTS: usize = 32;

/// Steps in succession.
struct Part<'s> {
    /// What was read by them.
    read: Pipeline,
    /// The step behind them, which depends on what was read before; behind the last part maybe
    /// others, which nobody has taken.
    left: &'s [Step<'s>],
}

impl Pipeline {
    /// Takes each run on a thread of its own, and joins in their order what they found.
    pub(super) fn take_beside(
        &mut self,
        runs: &[&[Step<'_>]],
        way: Way<'_>,
        full: &mut [bool],
        tell: Tell<'_>,
    ) {
        let (sender, receiver) = channel::<(PathBuf, u64)>();
        let (worker, paths) = (&self.worker(), full.len());
        std::thread::scope(|scope| {
            let begin = |run| {
                let mut teller = Teller { sender: sender.clone(), untold: 0 };
                scope.spawn(move || {
                    let mut full = vec![false; paths];
                    let parts = worker.parts(run, way, &mut full, &mut |path, bytes| {
                        teller.tell(path, bytes);
                    });
                    teller.tell_now(last_file(run));
                    (parts, full)
                })
            };
            let threads: Vec<_> = runs.iter().copied().map(begin).collect();
            drop(sender);
            for (path, bytes) in receiver {
                tell(&path, bytes);
            }
            for thread in threads {
                let (parts, found) =
                    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                full.iter_mut().zip(found).for_each(|(full, found)| *full |= found);
                self.join(parts, way, full, tell);
            }
        });
        // The last of them may have been joined in part.
        self.stop();
    }

    /// Takes the steps of a run in parts.
    fn parts<'s>(
        &self,
        mut steps: &'s [Step<'s>],
        way: Way<'_>,
        full: &mut [bool],
        tell: Tell<'_>,
    ) -> Vec<Part<'s>> {
        let mut parts = Vec::new();
        while !steps.is_empty() && !self.cancel.is_cancelled() {
            let (mut read, length) = self.part(steps, way, full, tell);
            read.parser.release_buffer();
            let rest = steps.get(length..).unwrap_or_default();
            let left = if parts.len() + 1 < MOST_PARTS { 1 } else { rest.len() };
            let (left, more) = rest.split_at_checked(left).unwrap_or_default();
            parts.push(Part { read, left });
            steps = more;
        }
        parts
    }

    /// Takes steps up to one that depends on what was read before; returns what was read, and by
    /// how many steps.
    fn part(
        &self,
        steps: &[Step<'_>],
        way: Way<'_>,
        full: &mut [bool],
        tell: Tell<'_>,
    ) -> (Self, usize) {
        let mut part = self.worker();
        let Err(mut length) = part.take_sure(steps, way, full, tell) else {
            return (part, steps.len());
        };
        loop {
            // What a damaged file told cannot be taken back: so without it, once more.
            part = self.worker();
            let sure = steps.get(..length).unwrap_or_default();
            let taken = part.take_sure(sure, way, full, &mut |path, _| tell(path, 0));
            // Fewer, where a file changed meanwhile.
            match taken {
                Ok(()) => return (part, length),
                Err(fewer) => length = fewer,
            }
        }
    }

    /// Takes steps up to one that depends on what was read before; the error is its index.
    fn take_sure(
        &mut self,
        steps: &[Step<'_>],
        way: Way<'_>,
        full: &mut [bool],
        tell: Tell<'_>,
    ) -> Result<(), usize> {
        for (index, step) in steps.iter().enumerate() {
            let is_sure = match step {
                Step::Read(file, path) => self.take_file(file, *path, way, full, tell),
                Step::Leave(_, path) => full.get(*path) == Some(&true),
            };
            if self.stop() {
                return Ok(());
            }
            if !is_sure {
                return Err(index);
            }
        }
        Ok(())
    }

    /// Takes the parts of a run, and the steps that were left, behind all that was read before.
    fn join(&mut self, parts: Vec<Part<'_>>, way: Way<'_>, full: &mut [bool], tell: Tell<'_>) {
        for Part { read, left } in parts {
            if self.stop() {
                return;
            }
            self.absorb(read);
            let (taken, others) = left.split_at_checked(1).unwrap_or_default();
            // Its bytes were told of when it was read the first time.
            self.take(taken, way, full, &mut |path, _| tell(path, 0));
            self.take(others, way, full, tell);
        }
    }

    /// A pipeline that has read nothing, and is to read a part of this one's input.
    fn worker(&self) -> Self {
        let mut worker = Self::new(self.settings);
        // Where it jumped, one thread may look, as that may know a sample by another text.
        worker.verify = true;
        worker.cancel_by(self.cancel.clone());
        worker
    }

    /// Takes what a worker read behind all that was read before.
    fn absorb(&mut self, worker: Self) {
        let Self { parser, summary, errors, series, skipped, .. } = worker;
        self.parser.learn_from(parser);
        self.series.absorb(series, &self.cancel);
        self.summary.inputs += summary.inputs;
        self.summary.bytes += summary.bytes;
        self.summary.without_containers += summary.without_containers;
        self.summary.errors += summary.errors;
        let room = Self::MOST_ERRORS.saturating_sub(self.errors.len());
        self.errors.extend(errors.into_iter().take(room));
        self.skipped.extend(skipped);
    }
}

/// The file of these steps that is read last.
fn last_file<'s>(steps: &'s [Step<'_>]) -> &'s Path {
    let mut files = steps.iter().filter_map(|step| match step {
        Step::Read(file, _) => Some(&*file.path),
        Step::Leave(..) => None,
    });
    files.next_back().unwrap_or(Path::new(""))
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
