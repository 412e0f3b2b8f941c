//! A store that many threads use at once, until one of them closes it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cmetrics_core::store::StoreOptions;
use cmetrics_core::{Cancel, Error, ErrorKind, Store};
use parking_lot::RwLock;
use pyo3::prelude::*;

use crate::call::{self, POLL_INTERVAL};
use crate::error;
use crate::process::Process;

/// A store that may be closed.
#[derive(Debug)]
pub(super) struct StoreHandle {
    process: Process,
    pub(super) folder: PathBuf,
    store: RwLock<Option<Store>>,
}

impl StoreHandle {
    /// Opens a store. If another process has it open for writing, this waits for so long.
    pub(super) fn new(
        py: Python<'_>,
        folder: PathBuf,
        read_only: bool,
        options: StoreOptions,
        wait: Duration,
    ) -> PyResult<Self> {
        let opened = call::run(py, None, |cancel, _| {
            if read_only {
                return Store::open_read_only_until(&folder, options, cancel);
            }
            open_for_writing(&folder, options, wait, cancel)
        })?;
        let store = opened.map_err(|failure| error::single(py, &failure))?;
        Ok(Self { process: Process::here("store"), folder, store: RwLock::new(Some(store)) })
    }

    /// Runs work with the store, concurrently with other threads. If the wait for the store is
    /// cancelled, `call::run` raises the exception that cancelled it; so no result means that the
    /// store is closed.
    pub(super) fn work<R: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&Store, &Cancel) -> Result<R, Error> + Send,
    ) -> PyResult<R> {
        self.check_process(py)?;
        let done = call::run(py, None, |cancel, _| {
            let held = until(cancel, || self.store.try_read_for(POLL_INTERVAL))?;
            held.as_ref().map(|store| work(store, cancel))
        })?;
        self.unless_closed(py, done)
    }

    /// Closes the store once no thread uses it. Closing it again does nothing.
    pub(super) fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.check_process(py)?;
        let closed = call::run(py, None, |cancel, _| {
            let mut held = until(cancel, || self.store.try_write_for(POLL_INTERVAL))?;
            held.take().map(Store::close)
        })?;
        closed.unwrap_or(Ok(())).map_err(|failure| error::single(py, &failure))
    }

    pub(super) fn is_closed(&self, py: Python<'_>) -> PyResult<bool> {
        self.check_process(py)?;
        // Only a thread that closes it holds the write lock.
        Ok(self.store.try_read().is_none_or(|held| held.is_none()))
    }

    fn check_process(&self, py: Python<'_>) -> PyResult<()> {
        self.process.forbids().map_or(Ok(()), |why| Err(error::refused_error(py, &why)))
    }

    fn unless_closed<R>(&self, py: Python<'_>, done: Option<Result<R, Error>>) -> PyResult<R> {
        let closed = || {
            let folder = self.folder.display();
            error::refused_error(py, &format!("the store {folder}: it was closed: open it anew"))
        };
        done.ok_or_else(closed)?.map_err(|failure| error::single(py, &failure))
    }
}

/// Closing waits for the store's threads and the disk, so the interpreter is released meanwhile.
impl Drop for StoreHandle {
    fn drop(&mut self) {
        let store = self.store.get_mut().take();
        Python::try_attach(|py| py.detach(|| drop(store)));
    }
}

/// Calls `attempt` until it returns something; `None` if this is cancelled before.
fn until<T>(cancel: &Cancel, attempt: impl Fn() -> Option<T>) -> Option<T> {
    loop {
        let got = attempt();
        if got.is_some() || cancel.is_cancelled() {
            return got;
        }
    }
}

fn open_for_writing(
    folder: &Path,
    options: StoreOptions,
    wait: Duration,
    cancel: &Cancel,
) -> Result<Store, Error> {
    let started = Instant::now();
    loop {
        match Store::open_until(folder, options, cancel) {
            Err(error)
                if error.kind() == ErrorKind::Locked
                    && started.elapsed() < wait
                    && !cancel.is_cancelled() =>
            {
                std::thread::sleep(POLL_INTERVAL.min(wait.saturating_sub(started.elapsed())));
            }
            opened => return opened,
        }
    }
}
