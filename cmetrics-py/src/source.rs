//! The inputs that can be read: paths, bytes, open files, and iterables of them.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::path::PathBuf;
use std::time::Duration;

use cmetrics_core::Cancel;
use crossbeam_channel::{Receiver, SendTimeoutError, Sender, bounded};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyByteArray, PyBytes, PyIterator, PyMemoryView, PyString};

/// The most bytes that are read from an open file at a time.
const CHUNK: usize = 1 << 20;

/// How often signals are checked while the other thread is busy.
const POLL_INTERVAL: Duration = Duration::from_millis(40);

/// One thing to read.
pub(crate) enum Source {
    /// Adjacent files and folders.
    Paths(Vec<PathBuf>),
    /// The text of a dump, as it is stored.
    Bytes(PyBackedBytes),
    /// Something with a method `read`.
    File(Py<PyAny>),
}

impl Source {
    /// `None` where the object is none of these.
    fn of(object: &Bound<'_, PyAny>) -> PyResult<Option<Self>> {
        if object.is_instance_of::<PyBytes>() || object.is_instance_of::<PyByteArray>() {
            return Ok(Some(Self::Bytes(object.extract()?)));
        }
        if object.is_instance_of::<PyString>() || object.hasattr("__fspath__")? {
            return paths(object).map(Self::Paths).map(Some);
        }
        if object.hasattr("read")? {
            return Ok(Some(Self::File(object.clone().unbind())));
        }
        Ok(buffer(object)?.map(Self::Bytes))
    }
}

/// The content of a buffer. It is copied, because the stable ABI of Python 3.9 has no buffers.
fn buffer(object: &Bound<'_, PyAny>) -> PyResult<Option<PyBackedBytes>> {
    match PyMemoryView::from(object) {
        Ok(view) => Ok(Some(view.call_method0("tobytes")?.extract()?)),
        Err(_) => Ok(None),
    }
}

/// Bytes, or the content of another buffer.
pub(crate) fn bytes(object: &Bound<'_, PyAny>) -> PyResult<PyBackedBytes> {
    if object.is_instance_of::<PyBytes>() || object.is_instance_of::<PyByteArray>() {
        return Ok(object.extract()?);
    }
    buffer(object)?.ok_or_else(|| {
        let found =
            object.get_type().name().map_or_else(|_| String::new(), |name| name.to_string());
        PyTypeError::new_err(format!("expected bytes or another buffer, not {found}"))
    })
}

/// The path in an object, or the paths that match it if it is a pattern such as `dumps/*.json.gz`.
/// A pattern that is the name of an existing file is that file.
fn paths(object: &Bound<'_, PyAny>) -> PyResult<Vec<PathBuf>> {
    let path: PathBuf = object.extract()?;
    let is_pattern = path.to_string_lossy().contains(['*', '?', '[']);
    if !is_pattern || path.symlink_metadata().is_ok() {
        return Ok(vec![path]);
    }
    let py = object.py();
    let options = pyo3::types::PyDict::new(py);
    options.set_item("recursive", true)?;
    let found = py.import("glob")?.call_method("glob", (path.as_os_str(),), Some(&options))?;
    let mut found: Vec<PathBuf> = found.extract()?;
    found.sort();
    // A pattern without matches is read as a path, so that the error names it.
    Ok(if found.is_empty() { vec![path] } else { found })
}

/// The sources in an argument; adjacent paths are one source.
pub(crate) struct Sources<'py> {
    rest: Option<Bound<'py, PyIterator>>,
    pending: VecDeque<Source>,
}

impl<'py> Sources<'py> {
    pub(crate) fn of(argument: &Bound<'py, PyAny>) -> PyResult<Self> {
        if let Some(source) = Source::of(argument)? {
            return Ok(Self { rest: None, pending: [source].into() });
        }
        let rest = argument.try_iter().map_err(|_| wrong_type(argument))?;
        Ok(Self { rest: Some(rest), pending: VecDeque::new() })
    }

    fn next_single(&mut self) -> PyResult<Option<Source>> {
        if let Some(source) = self.pending.pop_front() {
            return Ok(Some(source));
        }
        let Some(object) = self.rest.as_mut().and_then(Iterator::next) else { return Ok(None) };
        let object = object?;
        // An iterable may have very many paths.
        object.py().check_signals()?;
        Source::of(&object)?.ok_or_else(|| wrong_type(&object)).map(Some)
    }

    pub(crate) fn next(&mut self) -> PyResult<Option<Source>> {
        let mut next = self.next_single()?;
        while let Some(Source::Paths(paths)) = &mut next {
            match self.next_single()? {
                Some(Source::Paths(more)) => paths.extend(more),
                Some(other) => {
                    self.pending.push_front(other);
                    break;
                }
                None => break,
            }
        }
        Ok(next)
    }
}

fn wrong_type(object: &Bound<'_, PyAny>) -> PyErr {
    let found =
        object.get_type().name().map_or_else(|_| String::new(), |name| format!(", not {name}"));
    let message = format!("expected a path, bytes, an open file, or an iterable of these{found}");
    PyTypeError::new_err(message)
}

/// The name of an open file in errors.
pub(crate) fn name_of(file: &Bound<'_, PyAny>) -> String {
    let name = file.getattr("name").and_then(|name| name.extract());
    name.unwrap_or_else(|_| "<file>".to_owned())
}

/// Reads a Python file on this thread, and runs `work` on another thread, which reads the chunks.
/// If reading fails, the work is cancelled.
pub(crate) fn read_file<T: Send>(
    file: &Bound<'_, PyAny>,
    cancel: &Cancel,
    work: impl FnOnce(Chunks) -> T + Send,
) -> PyResult<T> {
    let py = file.py();
    std::thread::scope(|scope| {
        let (sender, chunks) = bounded(2);
        let worker = scope.spawn(move || work(Chunks { next: chunks, chunk: None, taken: 0 }));
        let read = send_chunks(file, &sender).inspect_err(|_| cancel.cancel());
        drop(sender);
        let done = py.detach(|| worker.join());
        read.map(|()| done.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

fn send_chunks(file: &Bound<'_, PyAny>, sender: &Sender<PyBackedBytes>) -> PyResult<()> {
    let py = file.py();
    loop {
        py.check_signals()?;
        let chunk = file.call_method1("read", (CHUNK,))?;
        if chunk.is_instance_of::<PyString>() {
            let message = format!("{} gives text: open it in binary mode (\"rb\")", name_of(file));
            return Err(PyTypeError::new_err(message));
        }
        let mut chunk: PyBackedBytes = chunk.extract()?;
        if chunk.is_empty() {
            return Ok(());
        }
        while let Err(unsent) = py.detach(|| sender.send_timeout(chunk, POLL_INTERVAL)) {
            match unsent {
                SendTimeoutError::Timeout(waiting) => chunk = waiting,
                // The receiver needs no more.
                SendTimeoutError::Disconnected(_) => return Ok(()),
            }
            py.check_signals()?;
        }
    }
}

/// The chunks of a file, for the other thread to read.
pub(crate) struct Chunks {
    next: Receiver<PyBackedBytes>,
    chunk: Option<PyBackedBytes>,
    taken: usize,
}

impl Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let rest = self.chunk.as_deref().and_then(|chunk| chunk.get(self.taken..));
            if let Some(mut rest) = rest.filter(|rest| !rest.is_empty()) {
                let length = rest.read(buffer)?;
                self.taken += length;
                return Ok(length);
            }
            // The sender is dropped at the end of the file.
            let Ok(next) = self.next.recv() else { return Ok(0) };
            (self.chunk, self.taken) = (Some(next), 0);
        }
    }
}
