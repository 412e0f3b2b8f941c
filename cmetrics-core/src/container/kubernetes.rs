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

    /// The name in the labels that the kubelet gives a container; `None` if it is in no pod.
    ///
    /// ```
    /// use cmetrics_core::container::KubernetesName;
    ///
    /// let labels = [
    ///     ("io.kubernetes.pod.namespace".to_owned(), "shop".to_owned()),
    ///     ("io.kubernetes.pod.name".to_owned(), "web-0".to_owned()),
    ///     ("io.kubernetes.container.name".to_owned(), "nginx".to_owned()),
    /// ];
    /// let name = KubernetesName::of_labels(&labels).unwrap();
    /// assert_eq!(name.to_string(), "shop/web-0/nginx");
    /// assert_eq!(KubernetesName::of_labels(&labels[..1]), None);
    /// ```
    pub fn of_labels(labels: &[(String, String)]) -> Option<Self> {
        let value = |wanted: &str| {
            let found = labels.iter().find(|(key, _)| key == wanted);
            found.map(|(_, value)| value.clone()).filter(|value| !value.is_empty())
        };
        Some(Self {
            namespace: value("io.kubernetes.pod.namespace")?,
            pod: value("io.kubernetes.pod.name")?,
            container: value("io.kubernetes.container.name"),
            uid: value("io.kubernetes.pod.uid"),
        })
    }

    /// The name that is written `NAMESPACE/POD/CONTAINER` or `NAMESPACE/POD`.
    #[cfg(feature = "store")]
    pub(super) fn parse(word: &str) -> Option<Self> {
        let (namespace, rest) = word.split_once('/')?;
        let (pod, container) =
            rest.split_once('/').map_or((rest, None), |(pod, container)| (pod, Some(container)));
        let container = container.map(str::to_owned);
        Some(Self { container, ..Self::new(namespace, pod) })
    }

    /// Whether this is the name, written `NAMESPACE/POD/CONTAINER` or `NAMESPACE/POD`.
    pub(super) fn is(&self, word: &str) -> bool {
        let rest = word.strip_prefix(&*self.namespace).and_then(|rest| rest.strip_prefix('/'));
        let rest = rest.and_then(|rest| rest.strip_prefix(&*self.pod));
        match (&self.container, rest) {
            (_, None) => false,
            (None, Some(rest)) => rest.is_empty(),
            (Some(container), Some(rest)) => rest.strip_prefix('/') == Some(container),
        }
    }

    /// A container of the pod.
    #[must_use]
    pub fn container(self, name: impl Into<String>) -> Self {
        Self { container: Some(name.into()), ..self }
    }
}

/// The uid in a component of a cgroup path that is a pod's: `podUID`, or with underscores in the
/// place of dashes in `kubepods-burstable-podUID.slice`.
pub(crate) fn uid_of_pod(component: &str) -> Option<String> {
    let unit = component.strip_suffix(".slice").unwrap_or(component);
    let (before, uid) = unit.rsplit_once("pod")?;
    (before.is_empty() || before.ends_with('-')).then(|| uid.replace('_', "-"))
}

/// `NAMESPACE/POD/CONTAINER`, or `NAMESPACE/POD`.
impl fmt::Display for KubernetesName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.pod)?;
        self.container.as_ref().map_or(Ok(()), |container| write!(f, "/{container}"))
    }
}
