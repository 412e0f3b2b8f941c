//! One container after another, on several threads.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::Pipeline;
use crate::series::Series;

/// How many results a thread may be ahead of whoever takes them: what one large container holds
/// up must not fill the memory.
const AHEAD: usize = 16;

/// A container, and its place among the others.
type Job<'s> = (usize, &'s Series);

impl Pipeline {
    /// Does `work` for each of these containers, on as many threads as the pipeline
    /// [has](Self::threads), and has what comes of it taken in their order, until `take` says
    /// that it has enough.
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
            let _ = containers.iter().all(|series| take(work(series)));
            return;
        }
        let (to_do, jobs) = channel();
        let (sender, made) = channel();
        let mut ahead = containers.iter().copied().enumerate();
        for job in ahead.by_ref().take(threads * AHEAD) {
            let _ = to_do.send(job); // fails for nobody: the other end is here, too
        }
        let (jobs, work) = (&Mutex::new(jobs), &work);
        thread::scope(|scope| {
            for _ in 0..threads {
                let sender = sender.clone();
                scope.spawn(move || work_off(jobs, work, &sender));
            }
            drop(sender);
            let mut in_order = InOrder { made, early: BTreeMap::new(), due: 0 };
            // Whichever way this ends, the threads have nothing more to do then.
            let to_do = to_do;
            for _ in containers {
                if !in_order.next().is_some_and(&mut take) {
                    return;
                }
                if let Some(job) = ahead.next() {
                    let _ = to_do.send(job);
                }
            }
        });
    }
}

/// Does the work that there is until there is no more, or nobody who takes what comes of it.
fn work_off<T>(
    jobs: &Mutex<Receiver<Job<'_>>>,
    work: impl Fn(&Series) -> T,
    made: &Sender<(usize, thread::Result<T>)>,
) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((index, series)) = job else { return };
        // Whoever waits for it must not wait for ever.
        let done = catch_unwind(AssertUnwindSafe(|| work(series)));
        if made.send((index, done)).is_err() {
            return;
        }
    }
}

/// What threads make, in the order in which it was asked for.
struct InOrder<T> {
    made: Receiver<(usize, thread::Result<T>)>,
    early: BTreeMap<usize, thread::Result<T>>,
    due: usize,
}

impl<T> Iterator for InOrder<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
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
