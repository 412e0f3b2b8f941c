//! Points as JSON and CSV, in the same bytes as the command's output.

use std::io::{self, Write};
use std::path::PathBuf;

use pyo3::prelude::*;

use super::PyPoints;

#[pymethods]
impl PyPoints {
    /// The points as JSON, in the documented shape and units: an array with a point a line.
    ///
    /// It is text, or is written to the file at `path`, which is whole or not there. With
    /// `extended=True` each point has `samples`, `coverage` and `of_limit`, too. These are the
    /// bytes of `cmetrics points --format json`. Raises `OSError` where the file cannot be written.
    #[pyo3(signature = (path=None, *, extended=false))]
    fn to_json(
        &self,
        py: Python<'_>,
        path: Option<PathBuf>,
        extended: bool,
    ) -> PyResult<Option<String>> {
        written(py, path, |out| cmetrics_cli::write_json(self.each(), extended, out))
    }

    /// The points as CSV: a title row, then a point a row; what was not measured is empty.
    ///
    /// It is text, or is written to the file at `path`, which is whole or not there. With
    /// `extended=True` `samples`, `coverage` and the shares of limits follow. These are the bytes
    /// of `cmetrics points --format csv`. Raises `OSError` where the file cannot be written.
    #[pyo3(signature = (path=None, *, extended=false))]
    fn to_csv(
        &self,
        py: Python<'_>,
        path: Option<PathBuf>,
        extended: bool,
    ) -> PyResult<Option<String>> {
        let metrics = self.metrics();
        written(py, path, |out| cmetrics_cli::write_csv(self.each(), metrics, extended, out))
    }
}

/// Returns the output of `write` as text, or writes it to the file at `path`.
pub(super) fn written(
    py: Python<'_>,
    path: Option<PathBuf>,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send,
) -> PyResult<Option<String>> {
    let text = py.detach(|| -> io::Result<Option<Vec<u8>>> {
        let Some(path) = path else {
            let mut text = Vec::new();
            write(&mut text)?;
            return Ok(Some(text));
        };
        cmetrics_cli::write_whole(&path, write).map(|()| None)
    })?;
    Ok(text.map(|text| String::from_utf8_lossy(&text).into_owned()))
}
