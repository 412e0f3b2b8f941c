//! Which cgroups of a whole tree are containers.

use serde::Deserialize;
use serde_json::value::RawValue;

/// What counts of a cgroup in the list of cAdvisor's `subcontainers`.
#[derive(Deserialize)]
struct Head<'j> {
    #[serde(default, borrow)]
    id: Option<std::borrow::Cow<'j, str>>,
    #[serde(default, borrow)]
    name: Option<std::borrow::Cow<'j, str>>,
}

/// A list of the same form that has the machine itself, the containers of a container runtime, what
/// lies under Kubernetes' cgroup, and the parents that are there for containers alone. The second
/// value is whether all of the list could be read; what comes before damage is kept.
pub(crate) fn containers_of(list: &[u8]) -> (Vec<u8>, bool) {
    let (elements, is_whole) = elements(list);
    let heads: Vec<_> =
        elements.iter().map(|element| serde_json::from_str::<Head<'_>>(element).ok()).collect();
    let is_container = |head: &Head<'_>| {
        let name = head.name.as_deref().unwrap_or_default();
        head.id.as_deref().is_some_and(|id| !id.is_empty()) || is_of_kubernetes(name)
    };
    let parents: std::collections::HashSet<&str> = heads
        .iter()
        .flatten()
        .filter(|head| is_container(head))
        .filter_map(|head| parent(head.name.as_deref()?))
        .filter(|parent| is_for_containers(parent))
        .collect();
    let mut kept = vec![b'['];
    for (element, head) in elements.iter().zip(&heads) {
        // What cannot be read is left to the reader that says why.
        let is_kept = head.as_ref().is_none_or(|head| {
            let name = head.name.as_deref().unwrap_or_default();
            name == "/" || is_container(head) || parents.contains(name)
        });
        if is_kept {
            if kept.len() > 1 {
                kept.push(b',');
            }
            kept.extend_from_slice(element.as_bytes());
        }
    }
    kept.push(b']');
    (kept, is_whole)
}

/// The texts of a list's elements, up to damage.
fn elements(list: &[u8]) -> (Vec<&str>, bool) {
    let mut elements = Vec::new();
    let mut rest = list.trim_ascii_start();
    let Some(after) = rest.strip_prefix(b"[") else { return (elements, false) };
    rest = after.trim_ascii_start();
    loop {
        if rest.first() == Some(&b']') {
            return (elements, true);
        }
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<&RawValue>();
        let Some(Ok(value)) = values.next() else { return (elements, false) };
        elements.push(value.get());
        rest = rest.get(values.byte_offset()..).unwrap_or_default().trim_ascii_start();
        match rest.split_first() {
            Some((b',', after)) => rest = after.trim_ascii_start(),
            Some((b']', _)) => {}
            _ => return (elements, false),
        }
    }
}

fn is_of_kubernetes(name: &str) -> bool {
    name.split('/').any(|component| component.starts_with("kubepods"))
}

fn parent(name: &str) -> Option<&str> {
    name.rsplit_once('/').map(|(parent, _)| parent)
}

/// Whether a parent of containers is there for containers alone. That of systemd's services is not.
fn is_for_containers(parent: &str) -> bool {
    let last = parent.rsplit('/').next().unwrap_or_default();
    !matches!(last, "" | "system.slice" | "user.slice")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn containers_and_their_own_parents_are_kept() {
        let list = r#" [{"name":"/","stats":[]}, {"name":"/system.slice"},
            {"name":"/system.slice/ssh.service"},
            {"id":"ab","name":"/system.slice/docker-ab.scope"},
            {"name":"/docker"}, {"id":"cd","name":"/docker/cd","stats":[{"a":"]"}]},
            {"name":"/kubepods/burstable/pod1"} ]"#;
        let (kept, is_whole) = containers_of(list.as_bytes());
        assert!(is_whole);
        let kept: Vec<serde_json::Value> = serde_json::from_slice(&kept).unwrap();
        let names: Vec<_> = kept.iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(
            names,
            [
                "/",
                "/system.slice/docker-ab.scope",
                "/docker",
                "/docker/cd",
                "/kubepods/burstable/pod1"
            ]
        );
    }

    #[test]
    fn what_comes_before_damage_is_kept() {
        let list = r#"[{"name":"/"},{"id":"a","name":"/docker/a"},{"id":"b","na"#;
        for end in 0..list.len() {
            let (kept, is_whole) = containers_of(&list.as_bytes()[..end]);
            assert!(!is_whole);
            let kept: Vec<serde_json::Value> = serde_json::from_slice(&kept).unwrap();
            assert!(kept.len() <= 2);
        }
        assert_eq!(
            containers_of(list.as_bytes()).0,
            br#"[{"name":"/"},{"id":"a","name":"/docker/a"}]"#
        );
        assert_eq!(containers_of(b"{}"), (b"[]".to_vec(), false));
        assert_eq!(containers_of(b"[]"), (b"[]".to_vec(), true));
    }

    const PIECES: [&[u8]; 11] = [
        b"[",
        b"]",
        b",",
        b"{",
        b"}",
        b"1",
        br#"{"name":"/docker/a","id":"a"}"#,
        br#""\ud800""#,
        b"\xff",
        br#"{"name":7}"#,
        b"null",
    ];

    proptest! {
        #[test]
        fn any_bytes_give_a_list(pieces in prop::collection::vec(prop::sample::select(&PIECES), 0..20)) {
            let (kept, _) = containers_of(&pieces.concat());
            prop_assert!(serde_json::from_slice::<Vec<&RawValue>>(&kept).is_ok());
        }
    }
}
