//! A container as one document describes it, and the name of its points that follows from that.

use super::kubernetes::KubernetesName;
use super::limits::Limits;
use crate::time::Timestamp;

const ID_LENGTH: usize = 64;

/// What a document says about a container, apart from its samples.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Container {
    /// The cgroup path, `/` for the machine itself. Where a document has none, the name that it
    /// has instead, which does not begin with `/`: an id, or `NAMESPACE/POD/CONTAINER`.
    pub path: String,
    /// The machine, if the document names it. A caller's name goes before it.
    pub machine: Option<String>,
    /// The id that the container runtime gave it, if the document has one.
    pub id: Option<String>,
    /// Other names; usually the first is the name in the container runtime.
    pub aliases: Vec<String>,
    /// The image it was made from.
    pub image: Option<String>,
    /// Its pod, if the document tells it.
    pub kubernetes: Option<KubernetesName>,
    /// Its labels, if the document has any.
    pub labels: Vec<(String, String)>,
    /// What it may use, if the document says so.
    pub limits: Option<Limits>,
    /// When it was created, if the document says so. It tells containers of one name apart, and is no
    /// start.
    pub created: Option<Timestamp>,
    /// When it was last started, if the document says so (cAdvisor 0.57 and newer).
    pub started: Option<Timestamp>,
    /// How many CPUs it may run on, if the document says so.
    pub cpus: Option<u64>,
}

impl Container {
    /// A container of which only the cgroup path is known.
    pub fn at_path(path: impl Into<String>) -> Self {
        Self { path: path.into(), ..Self::default() }
    }

    /// The name of its points: its id if its cgroup path ends in it, else the cgroup path, with the
    /// machine's name before it if `machine` is given or the document tells it. A zero byte, which
    /// no path and no id has, is written as the replacement character.
    ///
    /// ```
    /// use cmetrics_core::Container;
    ///
    /// let id = "0783690c8f18d473e3308b45c23a8637e250fdbf91712a2c5a8a79415cfba82e";
    /// let scope = Container::at_path(format!("/system.slice/docker-{id}.scope"));
    /// assert_eq!(scope.name(Some("node7")), id);
    /// assert_eq!(Container::at_path("/docker").name(Some("node7")), "node7:/docker");
    /// assert_eq!(Container::at_path("/docker").name(None), "/docker");
    /// ```
    pub fn name(&self, machine: Option<&str>) -> String {
        let machine = machine.or(self.machine.as_deref());
        let name = match (self.known_id(), machine) {
            (Some(id), _) => id.to_owned(),
            (None, Some(machine)) if self.path.starts_with('/') => {
                format!("{machine}:{}", self.path)
            }
            (None, _) => self.path.clone(),
        };
        if memchr::memchr(0, name.as_bytes()).is_some() {
            return name.replace('\0', "\u{fffd}");
        }
        name
    }

    /// The id that its path ends in: the document's, or 64 hexadecimal digits. `None` for a cgroup
    /// that is not a container. The document's id alone does not decide that: collectors also give
    /// the id of a container to the cgroup of its monitor, to cgroups below it and to mounts.
    ///
    /// ```
    /// use cmetrics_core::Container;
    ///
    /// let id = "0783690c8f18d473e3308b45c23a8637e250fdbf91712a2c5a8a79415cfba82e";
    /// let at = |path: String| {
    ///     let mut container = Container::at_path(path);
    ///     container.id = Some(id.to_owned());
    ///     container
    /// };
    /// assert_eq!(at(format!("/machine.slice/libpod-{id}.scope")).known_id(), Some(id));
    /// assert_eq!(at(format!("/machine.slice/libpod-conmon-{id}.scope")).known_id(), None);
    /// assert_eq!(at(format!("/machine.slice/libpod-{id}.scope/container")).known_id(), None);
    /// ```
    pub fn known_id(&self) -> Option<&str> {
        let document_id = self.id.as_deref();
        document_id
            .filter(|id| is_bare(&self.path, id))
            .or_else(|| id_in_path(&self.path, document_id))
    }
}

/// Whether the last component of a path is exactly this id, and the path before it too short to
/// contain another container's id. This is so in most documents, and needs no look at each
/// component.
fn is_bare(path: &str, id: &str) -> bool {
    let above = path.strip_suffix(id).unwrap_or_default();
    let is_plain = !id.is_empty()
        && memchr::memchr2(b'/', b':', id.as_bytes()).is_none()
        && id.strip_suffix(".scope").is_none();
    is_plain && above.ends_with('/') && above.len() < ID_LENGTH
}

/// The id in the last component of a cgroup path: `[prefix-]ID[.scope]`, of which only the part
/// after the last `:` counts. ID is the document's or has the form of an id. The scope of a
/// monitor, and a cgroup below a container, is not a container.
fn id_in_path<'p>(path: &'p str, document_id: Option<&str>) -> Option<&'p str> {
    let (above, last) = path.rsplit_once('/').unwrap_or(("", path));
    if above.split('/').any(|component| id_in_component(component, None).is_some()) {
        return None;
    }
    id_in_component(last, document_id)
}

fn id_in_component<'p>(component: &'p str, document_id: Option<&str>) -> Option<&'p str> {
    if document_id.is_none() && component.len() < ID_LENGTH {
        return None;
    }
    let unit = component.rsplit(':').next().unwrap_or(component);
    let unit = unit.strip_suffix(".scope").unwrap_or(unit);
    let after = |prefix: &str| unit.get(prefix.len()..).filter(|_| is_runtime_prefix(prefix));
    let prefix_of_document_id =
        document_id.filter(|id| !id.is_empty()).and_then(|id| unit.strip_suffix(id));
    let by_form = || {
        let id = unit.rsplit('-').next().filter(|id| is_id(id))?;
        after(unit.strip_suffix(id)?)
    };
    prefix_of_document_id.and_then(after).or_else(by_form)
}

/// Whether the text before an id may be the prefix of a runtime, and is not that of its monitor.
fn is_runtime_prefix(prefix: &str) -> bool {
    prefix.is_empty() || (prefix.len() > 1 && prefix.ends_with('-') && !prefix.contains("conmon"))
}

/// An id without the runtime before it, as in `docker://ID`.
pub(crate) fn without_runtime(id: &str) -> &str {
    id.split_once("://").map_or(id, |(_, id)| id)
}

pub(super) fn is_id(text: &str) -> bool {
    text.len() == ID_LENGTH && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0783690c8f18d473e3308b45c23a8637e250fdbf91712a2c5a8a79415cfba82e";

    fn name(path: &str) -> String {
        Container::at_path(path).name(None)
    }

    #[test]
    fn an_id_in_the_last_component_of_the_path_names_the_container() {
        for path in [
            format!("/docker/{ID}"),
            format!("/system.slice/docker-{ID}.scope"),
            format!("/machine.slice/libpod-{ID}.scope"),
            format!("/kubepods.slice/pod_1.slice/cri-containerd-{ID}.scope"),
            format!("/system.slice/containerd.service/kubepods-pod1.slice:cri-containerd:{ID}"),
            format!("/kubepods/burstable/podaf16b540-4ae2-11e9-977b/{ID}"),
            ID.to_owned(),
        ] {
            assert_eq!(name(&path), ID, "{path}");
        }
    }

    #[test]
    fn any_other_path_names_itself() {
        let upper = ID.to_uppercase();
        for path in [
            "/".to_owned(),
            "/docker".to_owned(),
            "/system.slice/ssh.service".to_owned(),
            format!("/docker/{upper}"),
            format!("/docker/{ID}0"),
            format!("/docker/-{ID}"),
            format!("/docker/{ID}.slice"),
            format!("/machine.slice/libpod-conmon-{ID}.scope"),
            format!("/machine.slice/conmon-{ID}.scope"),
            format!("/docker/{ID}/init.scope"),
            format!("/docker/{ID}/docker/{ID}"),
        ] {
            assert_eq!(name(&path), path);
        }
    }

    #[test]
    fn an_id_of_the_document_names_only_the_cgroup_that_ends_in_it() {
        let named = |path: &str, id: &str| {
            Container { id: Some(id.to_owned()), ..Container::at_path(path) }.name(Some("node7"))
        };
        for (path, id) in [
            ("/docker/web-1", "web-1"),
            ("/docker/web-1", "1"),
            ("/mesos/0d5a", "0d5a"),
            ("/system.slice/rkt-web.scope", "web"),
            ("/a:b:web", "web"),
        ] {
            assert_eq!(named(path, id), id, "{path}");
        }
        assert_eq!(named(&format!("/docker/{ID}"), ""), ID);
        assert_eq!(named(&format!("/docker/{ID}"), "other"), ID);
        for path in [
            "/docker/web.mount".to_owned(),
            "/docker/myweb".to_owned(),
            "/docker/-web".to_owned(),
            "/docker/web/".to_owned(),
            "/docker/web/below".to_owned(),
            "/system.slice/x-conmon-web.scope".to_owned(),
            format!("/docker/{ID}/web"),
            format!("/machine.slice/libpod-{ID}.scope/web"),
        ] {
            assert_eq!(named(&path, "web"), format!("node7:{path}"));
        }
    }
}
