//! The process that an object belongs to.

use pyo3::prelude::*;

use crate::error;

/// The process that made an object. A fork copies the object, but neither its threads nor the state
/// of its locks: a child that used it could wait for ever, or write what the parent writes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Process {
    id: u32,
    /// What was made.
    what: &'static str,
}

impl Process {
    pub(crate) fn here(what: &'static str) -> Self {
        Self { id: std::process::id(), what }
    }

    /// Why this process may not use it; `None` where it may.
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
