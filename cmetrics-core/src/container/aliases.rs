//! Which containers have two names: an id or a path, and a name in Kubernetes (`docs/doors.md`).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::identity::Identity;
use super::kubernetes::uid_of_pod;

/// For each name in Kubernetes, the id or path of the same container, if the identities tell
/// exactly one.
pub(crate) fn aliases<'i>(
    identities: impl Iterator<Item = &'i Identity> + Clone,
) -> BTreeMap<Arc<str>, Arc<str>> {
    let mut known: HashMap<String, Vec<&Identity>> = HashMap::new();
    for identity in identities.clone() {
        known_by(identity).for_each(|name| known.entry(name).or_default().push(identity));
    }
    let mut found = BTreeMap::new();
    for named in identities {
        let candidates = looked_for_by(named).and_then(|name| known.get(&name));
        if let Some(target) = candidates.and_then(|candidates| the_one(named, candidates)) {
            found.insert(Arc::clone(named.name()), Arc::clone(target.name()));
        }
    }
    found
}

/// The names in Kubernetes, or the uids of pods, by which a container is known that has an id or a
/// path of its own.
pub(super) fn known_by(identity: &Identity) -> impl Iterator<Item = String> {
    let name = identity.id().and(identity.kubernetes()).map(ToString::to_string);
    let uid = identity.paths().iter().find_map(|path| uid_of_pod(path.rsplit('/').next()?));
    name.into_iter().chain(uid)
}

/// Under what a container is looked for that documents call by its name in Kubernetes.
pub(super) fn looked_for_by(identity: &Identity) -> Option<String> {
    let name = identity.kubernetes()?;
    let told = name.to_string();
    if **identity.name() != *told {
        return None;
    }
    if name.container.is_some() { Some(told) } else { name.uid.clone() }
}

/// The only candidate; of several the only one that was created in the same second.
fn the_one<'i>(named: &Identity, candidates: &[&'i Identity]) -> Option<&'i Identity> {
    if let [only] = candidates {
        return Some(only);
    }
    named.creation().only_alike(candidates.iter().copied(), |one| one.creation())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::{Container, KubernetesName};
    use crate::time::Timestamp;

    fn container(id: char) -> Container {
        let mut container = Container::at_path(format!("/docker/{}", id.to_string().repeat(64)));
        container.kubernetes = Some(KubernetesName::new("shop", "web-0").container("nginx"));
        container
    }

    fn named() -> Container {
        let mut container = Container::at_path("shop/web-0/nginx");
        container.kubernetes = Some(KubernetesName::new("shop", "web-0").container("nginx"));
        container
    }

    fn aliases(containers: &[Container]) -> Vec<(String, String)> {
        let identities: Vec<_> =
            containers.iter().map(|container| Identity::new(container, None)).collect();
        super::aliases(identities.iter())
            .iter()
            .map(|(one, other)| (one.to_string(), other.to_string()))
            .collect()
    }

    #[test]
    fn a_name_with_exactly_one_id_is_that_id() {
        let id = "a".repeat(64);
        let expected = [("shop/web-0/nginx".to_owned(), id)];
        assert_eq!(aliases(&[container('a'), named()]), expected);
        assert!(aliases(&[container('a'), container('b'), named()]).is_empty());
        assert!(aliases(&[named()]).is_empty());
    }

    #[test]
    fn of_several_ids_the_second_of_the_creation_decides() {
        let at = |container: Container, second| {
            let created = Timestamp::from_seconds(second);
            let mut container = container;
            container.created = created;
            container
        };
        let expected = [("shop/web-0/nginx".to_owned(), "b".repeat(64))];
        let all = [at(container('a'), 1), at(container('b'), 2), at(named(), 2)];
        assert_eq!(aliases(&all), expected);
        let all = [at(container('a'), 2), at(container('b'), 2), at(named(), 2)];
        assert!(aliases(&all).is_empty());
    }

    #[test]
    fn a_pod_is_the_cgroup_that_ends_in_its_uid() {
        let mut pod = Container::at_path("shop/web-0");
        let mut name = KubernetesName::new("shop", "web-0");
        name.uid = Some("0783690c-8f18-4d47".to_owned());
        pod.kubernetes = Some(name);
        for path in [
            "/kubepods/burstable/pod0783690c-8f18-4d47",
            "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0783690c_8f18_4d47.slice",
        ] {
            let expected = [("shop/web-0".to_owned(), path.to_owned())];
            assert_eq!(aliases(&[Container::at_path(path), pod.clone()]), expected);
        }
        assert!(aliases(&[Container::at_path("/kubepods/podother"), pod]).is_empty());
    }
}
