//! The exception classes, and the conversion of the core's errors to them.

use std::io;
use std::slice;

use cmetrics_core::error::Place;
use cmetrics_core::{Error, ErrorKind};
use pyo3::exceptions::{
    PyException, PyLookupError, PyOSError, PyPermissionError, PyUserWarning, PyValueError,
};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyList, PyTuple, PyType};

// The docstrings of the classes.
const BASE: &str = "What cmetrics raises.";
const DUMP: &str = "An input that is not a dump, or is damaged.";
const READ: &str = "A file or folder is missing, or cannot be read or written; `errno` says why.";
const DISK_FULL: &str = "There is no space left on the disk, or in the user's quota.";
const PERMISSION: &str = "The system does not permit a file or folder to be read or written.";
const SETTING: &str = "An argument has a value that is not allowed.";
const UNKNOWN_CONTAINER: &str = "A name matches no container, or more than one.";
const STORE: &str = "A call on a store failed.";
const DAMAGED: &str = "A file of a store does not contain what was written to it.";
const LOCKED: &str = "Another process has the store open for writing.";
const UNSUPPORTED: &str = "The store was written by a newer release of cmetrics.";
const WARNING: &str = "Something is wrong with an input; see `on_error` of `points`.";
const REFUSED: &str = "The operation is not possible with this store, or with these samples.";
const READ_ONLY: &str = "A write to a store that was opened with `read_only=True`.";

/// The exception classes. They are created by calling `type`, because the stable ABI of Python 3.9
/// has no native classes that derive from two exceptions.
struct Classes {
    base: Py<PyType>,
    dump: Py<PyType>,
    read: Py<PyType>,
    disk_full: Py<PyType>,
    permission: Py<PyType>,
    setting: Py<PyType>,
    unknown_container: Py<PyType>,
    store: Py<PyType>,
    damaged: Py<PyType>,
    locked: Py<PyType>,
    unsupported: Py<PyType>,
    refused: Py<PyType>,
    read_only: Py<PyType>,
    warning: Py<PyType>,
}

static CLASSES: PyOnceLock<Classes> = PyOnceLock::new();

impl Classes {
    fn get(py: Python<'_>) -> PyResult<&Self> {
        CLASSES.get_or_try_init(py, || Self::new(py))
    }

    fn new(py: Python<'_>) -> PyResult<Self> {
        let value = || py.get_type::<PyValueError>();
        let system = || py.get_type::<PyOSError>();
        let lookup = || py.get_type::<PyLookupError>();
        let base = class("Error", BASE, &[py.get_type::<PyException>()], py)?;
        let store = class("StoreError", STORE, slice::from_ref(&base), py)?;
        let read = class("ReadError", READ, &[base.clone(), system()], py)?;
        let derived = |name, doc, standard| class(name, doc, &[base.clone(), standard], py);
        let of_store = |name, doc, standard| class(name, doc, &[store.clone(), standard], py);
        let refused = of_store("RefusedError", REFUSED, value())?;
        Ok(Self {
            dump: derived("DumpError", DUMP, value())?.unbind(),
            disk_full: class("DiskFullError", DISK_FULL, slice::from_ref(&read), py)?.unbind(),
            permission: class(
                "NotPermittedError",
                PERMISSION,
                &[read.clone(), py.get_type::<PyPermissionError>()],
                py,
            )?
            .unbind(),
            read: read.unbind(),
            setting: derived("SettingError", SETTING, value())?.unbind(),
            unknown_container: derived("UnknownContainerError", UNKNOWN_CONTAINER, lookup())?
                .unbind(),
            damaged: of_store("DamagedError", DAMAGED, value())?.unbind(),
            locked: of_store("LockedError", LOCKED, system())?.unbind(),
            unsupported: class("UnsupportedError", UNSUPPORTED, slice::from_ref(&store), py)?
                .unbind(),
            read_only: class("ReadOnlyError", READ_ONLY, slice::from_ref(&refused), py)?.unbind(),
            refused: refused.unbind(),
            warning: class("InputWarning", WARNING, &[py.get_type::<PyUserWarning>()], py)?
                .unbind(),
            store: store.unbind(),
            base: base.unbind(),
        })
    }

    fn all(&self) -> [&Py<PyType>; 14] {
        [
            &self.base,
            &self.dump,
            &self.read,
            &self.disk_full,
            &self.permission,
            &self.setting,
            &self.unknown_container,
            &self.store,
            &self.damaged,
            &self.locked,
            &self.unsupported,
            &self.refused,
            &self.read_only,
            &self.warning,
        ]
    }

    /// The class for an error.
    fn of(&self, error: &Error) -> &Py<PyType> {
        match error.kind() {
            ErrorKind::Io => &self.read,
            ErrorKind::DiskFull => &self.disk_full,
            ErrorKind::Permission => &self.permission,
            ErrorKind::Packed
            | ErrorKind::Json
            | ErrorKind::TooLarge
            | ErrorKind::Value
            | ErrorKind::NotADump
            | ErrorKind::NoSamples => &self.dump,
            ErrorKind::Setting => &self.setting,
            ErrorKind::UnknownContainer | ErrorKind::AmbiguousContainer => &self.unknown_container,
            ErrorKind::Damaged => &self.damaged,
            ErrorKind::Locked => &self.locked,
            ErrorKind::Unsupported => &self.unsupported,
            ErrorKind::ReadOnly => &self.read_only,
            ErrorKind::Refused => &self.refused,
            _ => &self.base,
        }
    }
}

fn class<'py>(
    name: &str,
    doc: &str,
    bases: &[Bound<'py, PyType>],
    py: Python<'py>,
) -> PyResult<Bound<'py, PyType>> {
    let members = PyDict::new(py);
    members.set_item("__module__", "cmetrics")?;
    members.set_item("__doc__", doc)?;
    let bases = PyTuple::new(py, bases)?;
    Ok(py.get_type::<PyType>().call1((name, bases, members))?.cast_into()?)
}

/// The word for a kind of error.
fn word(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Io => "io",
        ErrorKind::DiskFull => "disk_full",
        ErrorKind::Permission => "permission",
        ErrorKind::Packed => "packed",
        ErrorKind::Json => "json",
        ErrorKind::TooLarge => "too_large",
        ErrorKind::Value => "value",
        ErrorKind::NotADump => "not_a_dump",
        ErrorKind::NoSamples => "no_samples",
        ErrorKind::Setting => "setting",
        ErrorKind::UnknownContainer => "unknown_container",
        ErrorKind::AmbiguousContainer => "ambiguous_container",
        ErrorKind::Damaged => "damaged",
        ErrorKind::Locked => "locked",
        ErrorKind::Unsupported => "unsupported",
        ErrorKind::ReadOnly => "read_only",
        ErrorKind::Refused => "refused",
        ErrorKind::Cancelled => "cancelled",
        _ => "other",
    }
}

/// The exception for a single error that ends the call.
pub(crate) fn single(py: Python<'_>, error: &Error) -> PyErr {
    let raised = exception(py, error).and_then(|raised| first_of(py, &[raised]));
    raised.unwrap_or_else(|failure| failure)
}

/// A `SettingError` for an invalid argument that the core has no error for.
pub(crate) fn setting_error(py: Python<'_>, argument: Option<&str>, message: &str) -> PyErr {
    let raised = Classes::get(py).and_then(|classes| {
        let raised = classes.setting.bind(py).call1((message,))?;
        set_place(&raised, ErrorKind::Setting, argument, &Place::default())?;
        first_of(py, &[raised])
    });
    raised.unwrap_or_else(|failure| failure)
}

/// An `Error` for the use of an object in a child of the process that made it.
pub(crate) fn wrong_process(py: Python<'_>, message: &str) -> PyErr {
    refusal(py, |classes| &classes.base, message)
}

/// A `RefusedError` for the use of a store that is closed, or in a child of the process that opened
/// it.
pub(crate) fn refused_error(py: Python<'_>, message: &str) -> PyErr {
    refusal(py, |classes| &classes.refused, message)
}

fn refusal(py: Python<'_>, class: impl Fn(&Classes) -> &Py<PyType>, message: &str) -> PyErr {
    let raised = Classes::get(py).and_then(|classes| {
        let raised = class(classes).bind(py).call1((message,))?;
        set_place(&raised, ErrorKind::Refused, None, &Place::default())?;
        first_of(py, &[raised])
    });
    raised.unwrap_or_else(|failure| failure)
}

/// Errors as exception objects.
pub(crate) fn exceptions<'py, 'e>(
    py: Python<'py>,
    errors: impl IntoIterator<Item = &'e Error>,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    errors.into_iter().map(|error| exception(py, error)).collect()
}

/// One error as an exception object.
pub(crate) fn exception<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyAny>> {
    let classes = Classes::get(py)?;
    let exception = classes.of(error).bind(py).call1((error.to_string(),))?;
    set_place(&exception, error.kind(), error.field(), error.place())?;
    match error.kind() {
        ErrorKind::Io | ErrorKind::DiskFull | ErrorKind::Permission => {
            if let Some(number) = error.io_error().and_then(io::Error::raw_os_error) {
                exception.setattr("errno", number)?;
            }
        }
        ErrorKind::UnknownContainer | ErrorKind::AmbiguousContainer => {
            exception.setattr("candidates", error.candidates())?;
        }
        _ => {}
    }
    Ok(exception)
}

fn set_place(
    exception: &Bound<'_, PyAny>,
    kind: ErrorKind,
    field: Option<&str>,
    place: &Place,
) -> PyResult<()> {
    exception.setattr("kind", word(kind))?;
    exception.setattr("field", field)?;
    exception.setattr("source", place.source.as_deref())?;
    exception.setattr("offset", place.offset)?;
    exception.setattr("line", place.line)?;
    exception.setattr("column", place.column)?;
    exception.setattr("container", place.container.as_deref())
}

/// The first of a call's exceptions. Each gets the list of all as its `errors`.
pub(crate) fn first_of(py: Python<'_>, exceptions: &[Bound<'_, PyAny>]) -> PyResult<PyErr> {
    let all = PyList::new(py, exceptions)?;
    for exception in exceptions {
        exception.setattr("errors", &all)?;
    }
    Ok(PyErr::from_value(all.get_item(0)?))
}

/// Sets the `points` of exceptions from calls that made no points.
pub(crate) fn set_default_points(points: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = points.py();
    Classes::get(py)?.base.bind(py).setattr("points", points)
}

/// Issues a warning for each error.
pub(crate) fn warn(py: Python<'_>, errors: &[Bound<'_, PyAny>]) -> PyResult<()> {
    let warn = py.import("warnings")?.getattr("warn")?;
    let category = &Classes::get(py)?.warning;
    errors.iter().try_for_each(|error| warn.call1((error.str()?, category)).map(drop))
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    for class in Classes::get(py)?.all() {
        let class = class.bind(py);
        module.add(class.name()?, class)?;
    }
    Ok(())
}
