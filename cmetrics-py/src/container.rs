//! `Container`: the names and the limits of a container.

use std::sync::Arc;

use cmetrics_core::container::Limits;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::points::metadata::ContainerMetadata;

/// The names and the limits of a container.
#[pyclass(frozen, module = "cmetrics", name = "Container")]
#[derive(Clone, Debug)]
pub(crate) struct PyContainer(pub(crate) Arc<ContainerMetadata>);

#[pymethods]
impl PyContainer {
    /// The container's id, or the path of a cgroup without one.
    #[getter]
    fn name(&self) -> &str {
        self.0.identity.name()
    }

    /// The container's id; `None` for a cgroup that is not a container.
    #[getter]
    fn id(&self) -> Option<&str> {
        self.0.identity.id()
    }

    /// Other names; usually the first is the name in the container runtime.
    #[getter]
    fn aliases(&self) -> Vec<String> {
        self.0.identity.aliases().to_vec()
    }

    /// The cgroup paths that it was read from.
    #[getter]
    fn paths(&self) -> Vec<String> {
        self.0.identity.paths().to_vec()
    }

    /// The image it was made from.
    #[getter]
    fn image(&self) -> Option<&str> {
        self.0.identity.image()
    }

    /// The machine, if the caller or the dump named it.
    #[getter]
    fn machine(&self) -> Option<&str> {
        self.0.identity.machine()
    }

    /// Its pod and name in Kubernetes, `NAMESPACE/POD/CONTAINER`, if a document tells it.
    #[getter]
    fn kubernetes(&self) -> Option<String> {
        self.0.identity.kubernetes().map(ToString::to_string)
    }

    /// Its labels, if they were asked for (`label`).
    #[getter]
    fn labels(&self) -> std::collections::BTreeMap<String, String> {
        self.0.identity.labels().clone()
    }

    /// The doors by which it was read, in the order of their usual rank.
    ///
    /// Each is one of `cadvisor`, `exposition`, `engine`, `summary`, `resource`, `otlp.docker`,
    /// `otlp.kubelet`, `otlp.cmetrics` and `exposition.cmetrics`.
    #[getter]
    fn doors(&self) -> Vec<&'static str> {
        self.0.doors.iter().map(|door| door.name()).collect()
    }

    /// Its limits, from its newest document.
    ///
    /// A dict of `cpu_cores` (the CPU quota over its period), `cpu_shares` (the weight against
    /// other containers), `memory_bytes`, `memory_reservation_bytes`, `swap_bytes` (memory and swap
    /// together), `processes`, each `None` where there is no limit, and `changes`: how often the
    /// limits changed.
    #[getter]
    pub(crate) fn limits<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let shown = shown(py, &self.0.limits)?;
        shown.set_item("changes", self.0.limit_changes)?;
        Ok(shown)
    }

    fn __repr__(&self) -> String {
        let alias = self.0.identity.aliases().first();
        let alias = alias.map_or_else(String::new, |alias| format!(" {alias:?}"));
        format!("<Container {:?}{alias}>", self.name())
    }
}

/// Limits as a dict.
pub(crate) fn shown<'py>(py: Python<'py>, limits: &Limits) -> PyResult<Bound<'py, PyDict>> {
    let shown = PyDict::new(py);
    shown.set_item("cpu_cores", limits.cpu_cores)?;
    shown.set_item("cpu_shares", limits.cpu_shares)?;
    shown.set_item("memory_bytes", limits.memory_bytes)?;
    shown.set_item("memory_reservation_bytes", limits.memory_reservation_bytes)?;
    shown.set_item("swap_bytes", limits.swap_bytes)?;
    shown.set_item("processes", limits.processes)?;
    Ok(shown)
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyContainer>()
}
