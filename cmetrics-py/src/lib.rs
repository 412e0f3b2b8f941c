//! The Python module `cmetrics._cmetrics`, whose contents the package `cmetrics` exports.
//!
//! It converts arguments, points and errors, and releases the interpreter while the core works. No
//! rule of `docs/points.md` is implemented here.

mod arguments;
mod call;
mod catalogue;
mod cli;
mod container;
mod error;
mod event;
mod gauge;
mod inspection;
mod pipeline;
mod point;
mod points;
mod process;
mod read;
mod recorder;
mod results;
mod shared;
mod source;
mod store;

use mimalloc::MiMalloc;
use pyo3::prelude::*;

/// Each call works on threads of its own, and the system's allocator grows the memory of new
/// threads in small steps.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Exact five-second data points from cAdvisor's container metrics.
#[pymodule(gil_used = false)]
fn _cmetrics(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    error::register(module)?;
    call::register(module)?;
    container::register(module)?;
    event::register(module)?;
    gauge::register(module)?;
    point::register(module)?;
    points::register(module)?;
    catalogue::register(module)?;
    read::register(module)?;
    results::register(module)?;
    inspection::register(module)?;
    pipeline::register(module)?;
    recorder::register(module)?;
    store::register(module)?;
    cli::register(module)
}
