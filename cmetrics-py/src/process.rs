//! The process that an object belongs to.

use pyo3::prelude::*;

use crate::error;

/// The process that made an object. A fork copies the object without its threads, and with its
/// locks in any state: a child that used it might wait for ever, or write to the parent's files.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Process {
    id: u32,
    /// What the object is, for messages.
    what: &'static str,
}

impl Process {
    pub(crate) fn here(what: &'static str) -> Self {
        Self { id: std::process::id(), what }
    }

    /// The reason why this process must not use the object; `None` if it may.
    pub(crate) fn forbids(self) -> Option<String> {
        let Self { id, what } = self;
        (std::process::id() != id).then(|| {
            format!(
                "this {what} was made by process {id}, of which this one is a child: make it anew \
                 here"
            )
        })
    }

    pub(crate) fn check(self, py: Python<'_>) -> PyResult<()> {
        self.forbids().map_or(Ok(()), |why| Err(error::wrong_process(py, &why)))
    }
}
