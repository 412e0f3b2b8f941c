//! Work on each container, on several threads.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::Pipeline;
use crate::series::Series;

/// How many jobs per thread may be started before their results are taken. It bounds the memory for
/// results that wait behind one large container.
const JOBS_AHEAD: usize = 4;
/// How many jobs there are for each thread, if there are enough containers: the more, the more
/// evenly the threads are loaded.
const JOBS_PER_THREAD: usize = 16;
/// The most containers of a job. Small containers share a job, since passing them on one by one
/// takes longer than the work.
const MAX_CONTAINERS: usize = 32;

/// The number of a job, and its containers.
type Job<'s> = (usize, &'s [&'s Series]);
/// The number of a job, and its results or its panic.
type Made<T> = (usize, thread::Result<Vec<T>>);

impl Pipeline {
    /// Calls `work` for each of these containers, on as many threads as the pipeline
    /// [has](Self::set_threads), and passes the results to `take` in the order of the containers. Ends
    /// early if `take` returns `false`, or if it is [cancelled](Self::set_cancel).
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
        let size = (containers.len() / (threads * JOBS_PER_THREAD)).clamp(1, MAX_CONTAINERS);
        let mut ahead = containers.chunks(size).enumerate();
        for job in ahead.by_ref().take(threads * JOBS_AHEAD) {
            // Cannot fail: the receiver is still in scope.
            let _ = to_do.send(job);
        }
        let (jobs, work) =
            (&Mutex::new(jobs), &|series: &Series| self.unless_cancelled(&work, series));
        thread::scope(|scope| {
            for _ in 0..threads {
                let sender = sender.clone();
                scope.spawn(move || run_jobs(jobs, work, &sender));
            }
            drop(sender);
            let mut in_order = InOrder { made, early: BTreeMap::new(), due: 0 };
            // Moved in here, so that it is dropped at every return, which ends the threads.
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

/// Runs jobs until there are no more, or until the receiver of their results is gone.
fn run_jobs<T>(
    jobs: &Mutex<Receiver<Job<'_>>>,
    work: impl Fn(&Series) -> Option<T>,
    made: &Sender<Made<T>>,
) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((index, containers)) = job else { return };
        // A result is sent even after a panic: the receiver waits for it.
        let done = catch_unwind(AssertUnwindSafe(|| {
            containers.iter().map_while(|series| work(series)).collect()
        }));
        if made.send((index, done)).is_err() {
            return;
        }
    }
}

/// Receives results from several threads, and returns them in the order of the jobs.
struct InOrder<T> {
    made: Receiver<Made<T>>,
    /// Results that came before their turn.
    early: BTreeMap<usize, thread::Result<Vec<T>>>,
    /// The job whose results come next.
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
