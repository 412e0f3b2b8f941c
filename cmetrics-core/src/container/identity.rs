//! The names, paths and image of a container, from all documents that describe it.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::creation::Creation;
use super::described::{Container, is_id};
use super::kubernetes::{KubernetesName, uid_of_pod};
use super::labels::Labels;

/// The names, paths and image of a container, from all documents that describe it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    name: Arc<str>,
    /// Whether its name is its id.
    has_id: bool,
    machine: Option<String>,
    paths: Vec<String>,
    aliases: Vec<String>,
    image: Option<String>,
    /// Boxed, because few containers have it.
    #[serde(default)]
    orchestrated: Option<Box<Orchestrated>>,
}

/// What an orchestrator says of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Orchestrated {
    kubernetes: Option<KubernetesName>,
    /// Those of the newest document.
    labels: Arc<Labels>,
    #[serde(skip)]
    creation: Creation,
}

static NO_LABELS: Labels = Labels::new();

impl Orchestrated {
    /// The first name counts, and the first uid.
    fn add_name(&mut self, name: &KubernetesName) {
        match &mut self.kubernetes {
            None => self.kubernetes = Some(name.clone()),
            Some(known) if known.uid.is_none() => known.uid.clone_from(&name.uid),
            Some(_) => {}
        }
    }
}

impl Identity {
    /// The identity of a container that one document describes, without its
    /// [labels](Self::add_labels).
    pub fn new(container: &Container, machine: Option<&str>) -> Self {
        let mut identity = Self {
            name: container.name(machine).into(),
            has_id: container.known_id().is_some(),
            machine: machine.or(container.machine.as_deref()).map(str::to_owned),
            paths: Vec::new(),
            aliases: Vec::new(),
            image: None,
            orchestrated: None,
        };
        identity.add(container);
        identity
    }

    /// An identity that was stored.
    pub(crate) fn from_parts(
        name: Arc<str>,
        has_id: bool,
        machine: Option<String>,
        paths: Vec<String>,
        aliases: Vec<String>,
        image: Option<String>,
    ) -> Self {
        Self { name, has_id, machine, paths, aliases, image, orchestrated: None }
    }

    /// The identity of what documents call by this name in Kubernetes, and others as this container.
    #[cfg(feature = "store")]
    pub(crate) fn named_in_kubernetes(&self, told: &Arc<str>) -> Self {
        let own = self.kubernetes().filter(|name| name.to_string() == **told).cloned();
        let name = own.or_else(|| {
            let uid = self.paths.iter().find_map(|path| uid_of_pod(path.rsplit('/').next()?));
            KubernetesName::parse(told).map(|name| KubernetesName { uid, ..name })
        });
        let machine = self.machine.clone();
        let named = Self::from_parts(Arc::clone(told), false, machine, vec![], vec![], None);
        named
            .orchestrated(name, self.shared_labels().cloned().unwrap_or_default())
            .created(self.creation())
    }

    /// The same with this pod and these labels.
    pub(crate) fn orchestrated(
        self,
        kubernetes: Option<KubernetesName>,
        labels: Arc<Labels>,
    ) -> Self {
        let is_any = kubernetes.is_some() || !labels.is_empty();
        let known = Orchestrated { kubernetes, labels, creation: Creation::Unknown };
        Self { orchestrated: is_any.then(|| Box::new(known)), ..self }
    }

    /// The same, created then.
    #[cfg(feature = "store")]
    pub(crate) fn created(mut self, creation: Creation) -> Self {
        if self.orchestrated.is_some() || !creation.is_unknown() {
            self.orchestrated.get_or_insert_default().creation = creation;
        }
        self
    }

    /// Whether a name has the form of a usual id.
    pub(crate) fn is_id(name: &str) -> bool {
        is_id(name)
    }

    /// Adds what another document says about the container.
    pub(crate) fn add(&mut self, container: &Container) {
        add_new(&mut self.paths, std::slice::from_ref(&container.path), None);
        let id = self.has_id.then_some(&*self.name);
        add_new(&mut self.aliases, &container.aliases, id);
        if self.image.is_none() {
            self.image.clone_from(&container.image);
        }
        if let Some(name) = &container.kubernetes {
            let known = self.orchestrated.get_or_insert_default();
            known.add_name(name);
            known.creation.add(container.created);
        }
    }

    /// Adds the labels that a document tells. Of a known key the new value counts.
    pub fn add_labels(&mut self, container: &Container) {
        if !container.labels.is_empty() {
            let known = self.orchestrated.get_or_insert_default();
            Arc::make_mut(&mut known.labels).extend(container.labels.iter().cloned());
        }
    }

    /// Sets its labels, which replace those that were known.
    pub(crate) fn set_labels(&mut self, labels: Arc<Labels>) {
        if self.orchestrated.is_some() || !labels.is_empty() {
            self.orchestrated.get_or_insert_default().labels = labels;
        }
    }

    /// Its labels, shared.
    pub(crate) fn shared_labels(&self) -> Option<&Arc<Labels>> {
        self.orchestrated.as_ref().map(|known| &known.labels)
    }

    /// Takes over a name in Kubernetes that other documents call it, if its own tell none.
    pub(crate) fn adopt(&mut self, name: &KubernetesName) {
        if self.kubernetes().is_none() {
            self.orchestrated.get_or_insert_default().kubernetes = Some(name.clone());
        }
    }

    /// Gives up a name in Kubernetes that stands for another container, too.
    pub(crate) fn disown(&mut self, told: &str) {
        if !self.has_id
            && let Some(known) = &mut self.orchestrated
            && known.kubernetes.as_ref().is_some_and(|name| name.to_string() == told)
        {
            known.kubernetes = None;
        }
    }

    /// Adds an identity of the same container that was read elsewhere and later.
    pub(crate) fn absorb(&mut self, later: &Self) {
        add_new(&mut self.paths, &later.paths, None);
        add_new(&mut self.aliases, &later.aliases, None);
        if self.image.is_none() {
            self.image.clone_from(&later.image);
        }
        if let Some(later) = &later.orchestrated {
            let known = self.orchestrated.get_or_insert_default();
            later.kubernetes.iter().for_each(|name| known.add_name(name));
            known.creation.absorb(later.creation);
        }
    }

    /// The name of its points.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Its id; `None` for a cgroup that is not a container.
    pub fn id(&self) -> Option<&str> {
        self.has_id.then_some(&*self.name)
    }

    /// Its pod, if a document tells it.
    pub fn kubernetes(&self) -> Option<&KubernetesName> {
        self.orchestrated.as_ref()?.kubernetes.as_ref()
    }

    /// How many names, times and other things it tells by which containers are joined. It only
    /// rises.
    pub(crate) fn told_names(&self) -> usize {
        let name = self.kubernetes().map_or(0, |name| 1 + usize::from(name.uid.is_some()));
        self.paths.len() + self.creation().told() + name
    }

    /// Whether it has all of these labels, with these values.
    ///
    /// ```
    /// use cmetrics_core::Container;
    /// use cmetrics_core::container::Identity;
    ///
    /// let mut container = Container::at_path("/docker");
    /// container.labels = vec![("app".to_owned(), "web".to_owned())];
    /// let mut identity = Identity::new(&container, None);
    /// identity.add_labels(&container);
    /// assert!(identity.has_labels([("app", "web")]));
    /// assert!(!identity.has_labels([("app", "db")]));
    /// ```
    pub fn has_labels(
        &self,
        labels: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>,
    ) -> bool {
        let has = |key: &str, value: &str| self.label(key) == Some(value);
        labels.into_iter().all(|(key, value)| has(key.as_ref(), value.as_ref()))
    }

    /// The value of a label, by its key. An exposition has an underscore for each character of a
    /// key but letters, digits and underscores: where there is no label of this key, one of that
    /// key is looked for.
    ///
    /// ```
    /// use cmetrics_core::Container;
    /// use cmetrics_core::container::Identity;
    ///
    /// let mut container = Container::at_path("/docker");
    /// container.labels = vec![("com_docker_compose_service".to_owned(), "web".to_owned())];
    /// let mut identity = Identity::new(&container, None);
    /// identity.add_labels(&container);
    /// assert_eq!(identity.label("com.docker.compose.service"), Some("web"));
    /// assert_eq!(identity.label("com.docker.compose.project"), None);
    /// ```
    pub fn label(&self, key: &str) -> Option<&str> {
        let labels = self.labels();
        let known = labels.get(key).or_else(|| labels.get(&key_in_exposition(key)));
        known.map(String::as_str)
    }

    /// When it was created, as those of its documents tell that name its pod.
    pub(crate) fn creation(&self) -> Creation {
        self.orchestrated.as_ref().map(|known| known.creation).unwrap_or_default()
    }

    /// Its labels by key, if they were asked for: those of the newest document, which is the one
    /// whose last sample is newest. Where several doors tell labels, those of each.
    pub fn labels(&self) -> &BTreeMap<String, String> {
        self.orchestrated.as_ref().map_or(&NO_LABELS, |known| &known.labels)
    }

    /// The machine of its first dump, if the caller or the dump named it.
    pub fn machine(&self) -> Option<&str> {
        self.machine.as_deref()
    }

    /// Its cgroup paths, usually one.
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

    /// Whether it has this alias, cgroup path or name in Kubernetes.
    pub(crate) fn has_alias_or_path(&self, word: &str) -> bool {
        self.aliases.iter().chain(&self.paths).any(|known| known == word)
            || self.kubernetes().is_some_and(|name| name.is(word))
    }
}

/// The key of a label, as cAdvisor's exposition writes it.
fn key_in_exposition(key: &str) -> String {
    let is_kept = |char: char| char.is_ascii_alphanumeric() || char == '_';
    key.chars().map(|char| if is_kept(char) { char } else { '_' }).collect()
}

/// Adds those of the words that are new, in their order.
fn add_new(known: &mut Vec<String>, words: &[String], except: Option<&str>) {
    const FEW: usize = 16;
    if known.len() + words.len() <= FEW {
        if known.is_empty() {
            // Usually no more follow.
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

    #[test]
    fn an_identity_is_made_of_all_documents() {
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
        assert!(identity.has_alias_or_path("www") && identity.has_alias_or_path(&second.path));
        assert!(!identity.has_alias_or_path(ID));
    }

    #[test]
    fn a_cgroup_that_is_no_container_has_no_id() {
        let root = Container::at_path("/");
        assert_eq!(Identity::new(&root, Some("node7")).id(), None);
        assert_eq!(Identity::new(&root, None).id(), None);
    }
}
