//! Which container a row is of, and what its labels say of it.

use super::labels::{Label, Labels, by_name};
use crate::container::{KubernetesName, uid_of_pod};
use crate::document::Door;

/// The container that a row is of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Who {
    pub(super) door: Door,
    pub(super) machine: Option<String>,
    pub(super) path: String,
}

/// What a row says of its container besides its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Captions {
    pub(super) alias: Option<String>,
    pub(super) image: Option<String>,
    pub(super) kubernetes: Option<KubernetesName>,
    /// The labels of the container itself, if they are wanted.
    pub(super) labels: Vec<(String, String)>,
}

impl Who {
    /// The container of a row of this family, of a scrape, or of points that cmetrics wrote; `None`
    /// if the labels name none.
    pub(super) fn of(family: &str, labels: &Labels<'_>, is_own: bool) -> Option<Self> {
        let mut who = Self::of_scrape(family, labels)?;
        if is_own {
            who.door = Door::ExpositionCmetrics;
        }
        Some(who)
    }

    fn of_scrape(family: &str, labels: &Labels<'_>) -> Option<Self> {
        let machine = machine(labels).map(str::to_owned);
        if family.starts_with("node_") {
            return Some(Self { door: Door::Resource, machine, path: "/".to_owned() });
        }
        match labels.get(Label::Id) {
            Some(id) if !family.starts_with("pod_") => {
                Some(Self { door: Door::Exposition, machine, path: id.to_owned() })
            }
            _ => {
                let path = kubernetes(labels)?.to_string();
                Some(Self { door: Door::Resource, machine, path })
            }
        }
    }

    /// Whether its readings are those that the container runtime gave the kubelet: seconds are
    /// whole, and pressure, the largest and the kernel's memory something else than their names say.
    pub(super) fn is_of_runtime(&self) -> bool {
        self.door == Door::Exposition && !self.path.contains('/')
    }
}

/// The machine that a scraper's label names.
pub(super) fn machine<'l>(labels: &'l Labels<'_>) -> Option<&'l str> {
    labels.either(Label::Node, Label::Instance)
}

impl Captions {
    pub(super) fn of(labels: &Labels<'_>) -> Self {
        let text = |label| labels.get(label).map(str::to_owned);
        let mut kubernetes = kubernetes(labels).or_else(|| labelled(labels));
        if let Some(name) = &mut kubernetes {
            name.uid = text(Label::LabelledUid).or_else(|| uid_in_path(labels.get(Label::Id)?));
        }
        let (alias, image) = (text(Label::Name), text(Label::Image));
        Self { alias, image, kubernetes, labels: labels.of_container() }
    }

    /// Adds what another row of the container says in addition.
    pub(super) fn complete_from(&mut self, other: &Self) {
        let fill = |known: &mut Option<String>, other: &Option<String>| {
            if known.is_none() {
                known.clone_from(other);
            }
        };
        fill(&mut self.alias, &other.alias);
        fill(&mut self.image, &other.image);
        if self.labels != other.labels {
            // Of a label that changes the last value counts, as of limits.
            let mut labels = other.labels.clone();
            labels.append(&mut self.labels);
            self.labels = by_name(labels);
        }
        match (&mut self.kubernetes, &other.kubernetes) {
            (Some(known), Some(other))
                if (&known.namespace, &known.pod) == (&other.namespace, &other.pod) =>
            {
                fill(&mut known.container, &other.container);
                fill(&mut known.uid, &other.uid);
            }
            (known @ None, Some(_)) => known.clone_from(&other.kubernetes),
            _ => {}
        }
    }
}

fn kubernetes(labels: &Labels<'_>) -> Option<KubernetesName> {
    let pod = labels.either(Label::Pod, Label::PodName)?;
    let name = KubernetesName::new(labels.get(Label::Namespace)?, pod);
    Some(match labels.either(Label::Container, Label::ContainerName) {
        Some(container) => name.container(container),
        None => name,
    })
}

/// The pod in the labels that the kubelet gave the container itself.
fn labelled(labels: &Labels<'_>) -> Option<KubernetesName> {
    let namespace = labels.get(Label::LabelledNamespace)?;
    let name = KubernetesName::new(namespace, labels.get(Label::LabelledPod)?);
    Some(match labels.get(Label::LabelledContainer) {
        Some(container) => name.container(container),
        None => name,
    })
}

/// The uid of the pod in a cgroup path, of the pod itself or of a container of it.
fn uid_in_path(path: &str) -> Option<String> {
    const SHORTEST: usize = 32;
    let is_uid = |uid: &String| {
        uid.len() >= SHORTEST && uid.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
    };
    path.split('/').rev().find_map(|component| uid_of_pod(component).filter(is_uid))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &[(&'static str, &'static str)]) -> Labels<'static> {
        let mut labels = Labels::default();
        for (name, value) in text {
            labels.add(Label::of(name.as_bytes()).unwrap(), value);
        }
        labels
    }

    fn who(family: &str, text: &[(&'static str, &'static str)]) -> Option<(Door, String)> {
        Who::of(family, &labels(text), false).map(|who| (who.door, who.path))
    }

    #[test]
    fn a_row_names_its_container_by_id_or_by_pod() {
        let pod = [("namespace", "shop"), ("pod", "web-0"), ("container", "nginx")];
        let old = [("namespace", "shop"), ("pod_name", "web-0"), ("container_name", "nginx")];
        for labels in [pod, old] {
            let named = (Door::Resource, "shop/web-0/nginx".to_owned());
            assert_eq!(who("container_memory_rss", &labels), Some(named.clone()));
            let with_id = [&labels[..], &[("id", "/a")]].concat();
            let by_id = (Door::Exposition, "/a".to_owned());
            assert_eq!(who("container_memory_rss", &with_id), Some(by_id));
            assert_eq!(who("pod_swap_usage_bytes", &with_id), Some(named));
            let empty_id = [&labels[..], &[("id", "")]].concat();
            assert_eq!(who("container_memory_rss", &empty_id).unwrap().0, Door::Resource);
        }
        let node = who("node_swap_usage_bytes", &[]);
        assert_eq!(node, Some((Door::Resource, "/".to_owned())));
        assert_eq!(who("container_memory_rss", &[("pod", "web-0")]), None);
        assert_eq!(who("container_memory_rss", &[]), None);
    }

    #[test]
    fn node_goes_before_instance_as_the_name_of_the_machine() {
        let of = |text: &[(&'static str, &'static str)]| machine(&labels(text)).map(str::to_owned);
        assert_eq!(of(&[("instance", "a:80"), ("node", "b")]).unwrap(), "b");
        assert_eq!(of(&[("instance", "a:80"), ("node", "")]).unwrap(), "a:80");
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn the_uid_of_a_pod_is_in_the_path_of_its_cgroups() {
        let uid = "5a8dc423-b4ef-41e8-973e-287d97d01eca";
        let under = uid.replace('-', "_");
        for path in [
            format!("/kubepods/besteffort/pod{uid}"),
            format!("/kubepods/pod{uid}/0123"),
            format!("/kubepods.slice/kubepods-burstable-pod{under}.slice/crio-1.scope"),
        ] {
            assert_eq!(uid_in_path(&path).as_deref(), Some(uid), "{path}");
        }
        assert_eq!(uid_in_path("/machine.slice/libpod-1.scope"), None);
        assert_eq!(uid_in_path("/kubepods/besteffort"), None);
        let static_pod = "/kubepods/pod1b7e79458f25cd7ce30cd4e63978244a";
        assert_eq!(uid_in_path(static_pod).unwrap(), "1b7e79458f25cd7ce30cd4e63978244a");
    }
}
