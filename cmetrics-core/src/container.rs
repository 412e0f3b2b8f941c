//! Who a container is: what its points are called, and what else it is known by.

use std::collections::HashSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::limits::Limits;
use crate::select;
use crate::time::Timestamp;

const ID_LENGTH: usize = 64;

/// What a document says of a container, before its samples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Container {
    /// The cgroup path, `/` for the machine itself.
    pub path: String,
    /// The container runtime's id, where the document has one.
    pub id: Option<String>,
    /// Other names, the runtime's name for it first as a rule.
    pub aliases: Vec<String>,
    /// The image it was made from.
    pub image: Option<String>,
    /// What it may use, where the document tells.
    pub limits: Option<Limits>,
    /// When it was last started, where the document tells (cAdvisor 0.57 and newer).
    pub started: Option<Timestamp>,
    /// How many CPUs it may run on, where the document tells.
    pub cpus: Option<u64>,
}

impl Container {
    /// A container of which only the cgroup path is known.
    pub fn at_path(path: impl Into<String>) -> Self {
        Self { path: path.into(), ..Self::default() }
    }

    /// What its points are called: its id where its cgroup path ends in it, else the cgroup path,
    /// behind the machine's name where that is given.
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
        match (self.known_id(), machine) {
            (Some(id), _) => id.to_owned(),
            (None, Some(machine)) => format!("{machine}:{}", self.path),
            (None, None) => self.path.clone(),
        }
    }

    /// The id that its path ends in: the one that the document gives it, or 64 hexadecimal digits.
    /// `None` for a cgroup that is no container. Collectors give the id of a container to other
    /// cgroups as well: to its monitor's, to what lies below it, to a mount.
    ///
    /// ```
    /// use cmetrics_core::Container;
    ///
    /// let id = "0783690c8f18d473e3308b45c23a8637e250fdbf91712a2c5a8a79415cfba82e";
    /// let at = |path: String| Container { id: Some(id.to_owned()), ..Container::at_path(path) };
    /// assert_eq!(at(format!("/machine.slice/libpod-{id}.scope")).known_id(), Some(id));
    /// assert_eq!(at(format!("/machine.slice/libpod-conmon-{id}.scope")).known_id(), None);
    /// assert_eq!(at(format!("/machine.slice/libpod-{id}.scope/container")).known_id(), None);
    /// ```
    pub fn known_id(&self) -> Option<&str> {
        let told = self.id.as_deref();
        told.filter(|id| is_bare(&self.path, id)).or_else(|| id_in_path(&self.path, told))
    }
}

/// Whether an id is by itself the last component of a path too short for another container above,
/// as it is in most documents: told without a look at each component.
fn is_bare(path: &str, id: &str) -> bool {
    let above = path.strip_suffix(id).unwrap_or_default();
    let is_plain = !id.is_empty()
        && memchr::memchr2(b'/', b':', id.as_bytes()).is_none()
        && id.strip_suffix(".scope").is_none();
    is_plain && above.ends_with('/') && above.len() < ID_LENGTH
}

/// The id in the last component of a cgroup path: `[prefix-]ID[.scope]`, split once more at `:`,
/// where ID is `told` by the document or looks like one. A monitor's scope, and what lies below a
/// container, is no container.
fn id_in_path<'p>(path: &'p str, told: Option<&str>) -> Option<&'p str> {
    let (above, last) = path.rsplit_once('/').unwrap_or(("", path));
    if above.split('/').any(|component| id_in_component(component, None).is_some()) {
        return None;
    }
    id_in_component(last, told)
}

fn id_in_component<'p>(component: &'p str, told: Option<&str>) -> Option<&'p str> {
    if told.is_none() && component.len() < ID_LENGTH {
        return None;
    }
    let unit = component.rsplit(':').next().unwrap_or(component);
    let unit = unit.strip_suffix(".scope").unwrap_or(unit);
    let told = told.filter(|id| !id.is_empty()).and_then(|id| unit.strip_suffix(id));
    let looks_like_one = || unit.rsplit('-').next().filter(|id| is_id(id));
    let behind = |prefix: &str| unit.get(prefix.len()..).filter(|_| names_well(prefix));
    let looked = || behind(unit.strip_suffix(looks_like_one()?)?);
    told.and_then(behind).or_else(looked)
}

/// Whether what stands before an id may be a runtime's prefix, and is no monitor's.
fn names_well(prefix: &str) -> bool {
    prefix.is_empty() || (prefix.len() > 1 && prefix.ends_with('-') && !prefix.contains("conmon"))
}

fn is_id(text: &str) -> bool {
    text.len() == ID_LENGTH && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// What all documents together say of a container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    name: Arc<str>,
    /// Whether its name is its id.
    has_id: bool,
    machine: Option<String>,
    paths: Vec<String>,
    aliases: Vec<String>,
    image: Option<String>,
}

impl Identity {
    /// Of a container as one document tells it.
    pub fn new(container: &Container, machine: Option<&str>) -> Self {
        let mut identity = Self {
            name: container.name(machine).into(),
            has_id: container.known_id().is_some(),
            machine: machine.map(str::to_owned),
            paths: Vec::new(),
            aliases: Vec::new(),
            image: None,
        };
        identity.add(container);
        identity
    }

    /// Those that a word means: the one of this name, all that bear this alias or cgroup path, or
    /// the one whose id begins with it.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownContainer`](crate::ErrorKind::UnknownContainer) with the near matches, or
    /// [`ErrorKind::AmbiguousContainer`](crate::ErrorKind::AmbiguousContainer) with all that it
    /// could mean.
    pub fn find<'i>(
        all: impl IntoIterator<Item = &'i Self>,
        word: &str,
    ) -> Result<Vec<&'i Self>, Error> {
        select::find(all.into_iter(), word)
    }

    /// Of a container as it was kept.
    pub(crate) fn kept(
        name: Arc<str>,
        has_id: bool,
        machine: Option<String>,
        (paths, aliases): (Vec<String>, Vec<String>),
        image: Option<String>,
    ) -> Self {
        Self { name, has_id, machine, paths, aliases, image }
    }

    /// Whether a name is as a rule an id.
    pub(crate) fn is_id(name: &str) -> bool {
        is_id(name)
    }

    /// Adds what another document says.
    pub(crate) fn add(&mut self, container: &Container) {
        add_new(&mut self.paths, std::slice::from_ref(&container.path), None);
        let id = self.has_id.then_some(&*self.name);
        add_new(&mut self.aliases, &container.aliases, id);
        if self.image.is_none() {
            self.image.clone_from(&container.image);
        }
    }

    /// Adds what was read of it elsewhere and later.
    pub(crate) fn absorb(&mut self, later: &Self) {
        add_new(&mut self.paths, &later.paths, None);
        add_new(&mut self.aliases, &later.aliases, None);
        if self.image.is_none() {
            self.image.clone_from(&later.image);
        }
    }

    /// What its points are called.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Its id; `None` for a cgroup that is no container.
    pub fn id(&self) -> Option<&str> {
        self.has_id.then_some(&*self.name)
    }

    /// The machine that its first dump was said to come from.
    pub fn machine(&self) -> Option<&str> {
        self.machine.as_deref()
    }

    /// Its cgroup paths, as a rule one.
    pub fn paths(&self) -> &[String] {
        &self.paths
    }

    /// Its other names, without its id.
    pub fn aliases(&self) -> &[String] {
        &self.aliases
    }

    /// The image it was made from.
    pub fn image(&self) -> Option<&str> {
        self.image.as_deref()
    }

    /// Whether it bears this alias or cgroup path.
    pub(crate) fn bears(&self, word: &str) -> bool {
        self.aliases.iter().chain(&self.paths).any(|known| known == word)
    }
}

/// Adds those words that are new, in their order.
fn add_new(known: &mut Vec<String>, words: &[String], except: Option<&str>) {
    const FEW: usize = 16;
    if known.len() + words.len() <= FEW {
        if known.is_empty() {
            // As a rule there are no more.
            known.reserve_exact(words.len());
        }
        for word in words {
            if except != Some(word) && !known.contains(word) {
                known.push(word.clone());
            }
        }
        return;
    }
    let mut seen: HashSet<&str> = known.iter().map(String::as_str).chain(except).collect();
    let new = words.iter().filter(|word| seen.insert(word));
    let new: Vec<_> = new.cloned().collect();
    known.extend(new);
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

    #[test]
    fn documents_add_up_to_what_a_container_is_known_by() {
        let mut first = Container::at_path(format!("/docker/{ID}"));
        first.aliases = vec!["web".to_owned(), ID.to_owned()];
        let mut identity = Identity::new(&first, Some("node7"));
        let mut second = Container::at_path(format!("/system.slice/docker-{ID}.scope"));
        second.aliases = vec!["web".to_owned(), "www".to_owned()];
        second.image = Some("busybox".to_owned());
        identity.add(&second);
        assert_eq!(identity.id(), Some(ID));
        assert_eq!(identity.aliases(), ["web", "www"]);
        assert_eq!(identity.paths().len(), 2);
        assert_eq!(identity.image(), Some("busybox"));
        assert!(identity.bears("www") && identity.bears(&second.path) && !identity.bears(ID));
    }

    #[test]
    fn a_cgroup_that_is_no_container_has_no_id() {
        let root = Container::at_path("/");
        assert_eq!(Identity::new(&root, Some("node7")).id(), None);
        assert_eq!(Identity::new(&root, None).id(), None);
    }
}
