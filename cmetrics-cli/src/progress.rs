//! Progress bars and spinners.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Work that ends sooner shows no progress.
const DELAY: Duration = Duration::from_millis(500);

const BAR: &str = "{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
const SPINNER: &str = "{spinner} {msg} {elapsed}";
const COUNTER: &str = "{spinner} {bytes} {bytes_per_sec}";

/// Shows the progress of reading, once it takes longer than [`DELAY`]. Nothing is shown where
/// standard error is not a terminal.
#[derive(Debug)]
pub(crate) struct Progress {
    wanted: bool,
    started: Instant,
    /// The bytes of earlier inputs.
    before: u64,
    read: u64,
    bar: Option<ProgressBar>,
}

impl Progress {
    pub(crate) fn new(wanted: bool) -> Self {
        Self { wanted, started: Instant::now(), before: 0, read: 0, bar: None }
    }

    /// Shows that so many bytes of the present inputs are read, of `total` if that is known.
    pub(crate) fn update(&mut self, read: u64, total: Option<u64>) {
        self.read = read;
        if !self.wanted || (self.bar.is_none() && self.started.elapsed() < DELAY) {
            return;
        }
        let before = self.before;
        let bar = self.bar.get_or_insert_with(|| ProgressBar::no_length().with_position(before));
        match total.map(|total| before + total) {
            total if bar.length() == total && total.is_some() => {}
            Some(total) => {
                bar.set_length(total);
                bar.set_style(style(BAR));
            }
            None => {
                bar.unset_length();
                bar.set_style(style(COUNTER));
            }
        }
        bar.set_position(before + read);
    }

    /// Continues with the next inputs.
    pub(crate) fn next(&mut self) {
        self.before += std::mem::take(&mut self.read);
    }

    /// Removes the bar from the screen.
    pub(crate) fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// A reader of unknown length that updates a progress bar.
#[derive(Debug)]
pub(crate) struct ProgressReader<'p, R> {
    input: R,
    read: u64,
    progress: &'p mut Progress,
}

impl<'p, R> ProgressReader<'p, R> {
    pub(crate) fn new(input: R, progress: &'p mut Progress) -> Self {
        Self { input, read: 0, progress }
    }
}

impl<R: Read> Read for ProgressReader<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.input.read(buffer)?;
        self.read += length as u64;
        self.progress.update(self.read, None);
        Ok(length)
    }
}

/// Does work of unknown length, and shows a spinner once it takes longer than [`DELAY`].
pub(crate) fn with_spinner<T>(wanted: bool, doing: &'static str, work: impl FnOnce() -> T) -> T {
    if !wanted {
        return work();
    }
    std::thread::scope(|scope| {
        let (done, finished) = channel::<()>();
        scope.spawn(move || spin(doing, &finished));
        let result = work();
        drop(done);
        result
    })
}

/// Turns a spinner until the other end of the channel is dropped.
fn spin(doing: &'static str, finished: &Receiver<()>) {
    const TURN: Duration = Duration::from_millis(100);
    if finished.recv_timeout(DELAY) != Err(RecvTimeoutError::Timeout) {
        return;
    }
    let spinner = ProgressBar::new_spinner().with_message(doing);
    spinner.set_style(style(SPINNER));
    while finished.recv_timeout(TURN) == Err(RecvTimeoutError::Timeout) {
        spinner.tick();
    }
    spinner.finish_and_clear();
}
