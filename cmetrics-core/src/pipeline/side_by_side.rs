//! One container after another, on several threads.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::Pipeline;
use crate::series::Series;

/// How many jobs a thread may be ahead of whoever takes what it makes: what one large container
/// holds up must not fill the memory.
const AHEAD: usize = 4;
/// How many jobs there are for each thread, where there are containers enough: the more, the
/// sooner all of them end together.
const JOBS: usize = 16;
/// The most containers in a job: handing over many small ones singly takes longer than the work.
const MOST: usize = 32;

/// Containers that follow one another, and which of the jobs this is.
type Job<'s> = (usize, &'s [&'s Series]);
/// What was made of them, or the panic in it.
type Made<T> = (usize, thread::Result<Vec<T>>);

impl Pipeline {
    /// Does `work` for each of these containers, on as many threads as the pipeline
    /// [has](Self::threads), and has what comes of it taken in their order, until `take` says
    /// that it has enough, or it is [cancelled](Self::cancel_by).
    ///
    /// ```
    /// # let pipeline = cmetrics_core::Pipeline::default();
    /// let all: Vec<_> = pipeline.series().collect();
    /// let mut points = 0;
    /// let settings = pipeline.settings();
    /// pipeline.side_by_side(&all, |series| series.history(settings), |history| {
    ///     points += history.points.len();
    ///     true
    /// });
    /// # assert_eq!(points, 0);
    /// ```
    pub fn side_by_side<T: Send>(
        &self,
        containers: &[&Series],
        work: impl Fn(&Series) -> T + Sync,
        mut take: impl FnMut(T) -> bool,
    ) {
        let threads = self.threads.get().min(containers.len());
        if threads <= 1 {
            let mut made =
                containers.iter().map_while(|series| self.unless_cancelled(&work, series));
            let _ = made.all(|made| !self.cancel.is_cancelled() && take(made));
            return;
        }
        let (to_do, jobs) = channel();
        let (sender, made) = channel();
        let size = (containers.len() / (threads * JOBS)).clamp(1, MOST);
        let mut ahead = containers.chunks(size).enumerate();
        for job in ahead.by_ref().take(threads * AHEAD) {
            let _ = to_do.send(job); // fails for nobody: the other end is here, too
        }
        let (jobs, work) =
            (&Mutex::new(jobs), &|series: &Series| self.unless_cancelled(&work, series));
        thread::scope(|scope| {
            for _ in 0..threads {
                let sender = sender.clone();
                scope.spawn(move || work_off(jobs, work, &sender));
            }
            drop(sender);
            let mut in_order = InOrder { made, early: BTreeMap::new(), due: 0 };
            // Whichever way this ends, the threads have nothing more to do then.
            let to_do = to_do;
            for _ in containers.chunks(size) {
                let mut take = |made| !self.cancel.is_cancelled() && take(made);
                if !in_order.next().is_some_and(|made| made.into_iter().all(&mut take))
                    || self.cancel.is_cancelled()
                {
                    return;
                }
                if let Some(job) = ahead.next() {
                    let _ = to_do.send(job);
                }
            }
        });
    }
}

impl Pipeline {
    fn unless_cancelled<T>(&self, work: impl Fn(&Series) -> T, series: &Series) -> Option<T> {
        (!self.cancel.is_cancelled()).then(|| work(series))
    }
}

/// Does the work that there is until there is no more, or nobody who takes what comes of it.
fn work_off<T>(
    jobs: &Mutex<Receiver<Job<'_>>>,
    work: impl Fn(&Series) -> Option<T>,
    made: &Sender<Made<T>>,
) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((index, containers)) = job else { return };
        // Whoever waits for it must not wait for ever.
        let done = catch_unwind(AssertUnwindSafe(|| {
            containers.iter().map_while(|series| work(series)).collect()
        }));
        if made.send((index, done)).is_err() {
            return;
        }
    }
}

/// What threads make, in the order in which it was asked for.
struct InOrder<T> {
    made: Receiver<Made<T>>,
    early: BTreeMap<usize, thread::Result<Vec<T>>>,
    due: usize,
}

impl<T> Iterator for InOrder<T> {
    type Item = Vec<T>;

    fn next(&mut self) -> Option<Vec<T>> {
        let next = loop {
            if let Some(next) = self.early.remove(&self.due) {
                break next;
            }
            let (index, made) = self.made.recv().ok()?;
            self.early.insert(index, made);
        };
        self.due += 1;
        Some(next.unwrap_or_else(|panic| resume_unwind(panic)))
    }
}
