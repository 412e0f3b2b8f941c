//! Who a container is in Kubernetes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A pod, or a container of it, as Kubernetes names it.
///
/// ```
/// use cmetrics_core::container::KubernetesName;
///
/// let web = KubernetesName::new("shop", "web-0").container("nginx");
/// assert_eq!(web.to_string(), "shop/web-0/nginx");
/// assert_eq!(KubernetesName::new("shop", "web-0").to_string(), "shop/web-0");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct KubernetesName {
    /// The namespace of the pod.
    pub namespace: String,
    /// The name of the pod.
    pub pod: String,
    /// The name of the container; `None` for the pod itself.
    pub container: Option<String>,
    /// The uid of the pod, if the document has it.
    pub uid: Option<String>,
}

impl KubernetesName {
    /// A pod.
    pub fn new(namespace: impl Into<String>, pod: impl Into<String>) -> Self {
        Self { namespace: namespace.into(), pod: pod.into(), container: None, uid: None }
    }

    /// A container of the pod.
    #[must_use]
    pub fn container(self, name: impl Into<String>) -> Self {
        Self { container: Some(name.into()), ..self }
    }
}

/// `NAMESPACE/POD/CONTAINER`, or `NAMESPACE/POD`.
impl fmt::Display for KubernetesName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.pod)?;
        self.container.as_ref().map_or(Ok(()), |container| write!(f, "/{container}"))
    }
}
