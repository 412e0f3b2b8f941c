//! One container after another, on several threads.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;

use super::Pipeline;
use crate::series::Series;

/// How many results a thread may be ahead of whoever takes them.
const AHEAD: usize = 64;

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
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel(threads * AHEAD);
            for _ in 0..threads {
                let (sender, next, work) = (sender.clone(), &next, &work);
                scope.spawn(move || {
                    loop {
                        // Relaxed: each number is given out once, and that is all it tells.
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some(series) = containers.get(index) else { break };
                        // Whoever takes may have enough, and hang up.
                        if sender.send((index, work(series))).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(sender);
            let (mut early, mut due) = (BTreeMap::new(), 0);
            for (index, made) in receiver {
                early.insert(index, made);
                while let Some(made) = early.remove(&due) {
                    due += 1;
                    if !take(made) {
                        return;
                    }
                }
            }
        });
    }
}
