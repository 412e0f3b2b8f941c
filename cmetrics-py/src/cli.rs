//! `_main`: the command `cmetrics`, as the binary runs it.

use std::ffi::OsString;

use pyo3::prelude::*;

/// Run the command with these arguments and return the status to exit with.
///
/// It is made for a process that does nothing else: see `cmetrics.__main__`.
#[pyfunction]
#[pyo3(signature = (arguments, /))]
fn _main(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    py.detach(|| cmetrics_cli::run(arguments))
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    // Not added like the others, because the module does not export it.
    module.setattr("_main", wrap_pyfunction!(_main, module)?)
}
