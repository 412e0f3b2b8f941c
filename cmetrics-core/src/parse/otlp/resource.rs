//! A resource: what its attributes say about the container.

use std::borrow::Cow;

use super::attributes::{self, Attribute};
use crate::container::{Container, KubernetesName, without_runtime};
use crate::document::Door;
use crate::error::Problem;
use crate::parse::cursor::{Cursor, SyntaxError};
use crate::parse::remarks::Remarks;

/// The attributes that are read.
#[derive(Default)]
pub(super) struct Attributes<'t> {
    id: Option<Cow<'t, str>>,
    name: Option<Cow<'t, str>>,
    image: Option<Cow<'t, str>>,
    namespace: Option<Cow<'t, str>>,
    pod: Option<Cow<'t, str>>,
    pod_uid: Option<Cow<'t, str>>,
    pod_container: Option<Cow<'t, str>>,
    node: Option<Cow<'t, str>>,
    volume: Option<Cow<'t, str>>,
    host: Option<Cow<'t, str>>,
    has_kubernetes: bool,
    has_runtime: bool,
    /// Where they are written.
    written: Option<Cursor<'t>>,
}

const PATH: &str = "resource.attributes";

impl<'t> Attributes<'t> {
    /// Reads the resource ahead.
    pub(super) fn read(
        cursor: &mut Cursor<'t>,
        remarks: &mut Remarks,
    ) -> Result<Self, SyntaxError> {
        let mut attributes = Self::default();
        if cursor.peek() != Some(b'{') {
            cursor.skip()?;
            return Ok(attributes);
        }
        let mut members = cursor.enter(b'{')?;
        while let Some(key) = cursor.next_raw_key(&mut members)? {
            if *key == *b"attributes" && attributes.written.is_none() {
                attributes.written = Some(cursor.clone());
                attributes::read(PATH, cursor, remarks, &mut |attribute| {
                    attributes.set(attribute);
                })?;
            } else {
                cursor.skip()?;
            }
        }
        Ok(attributes)
    }

    fn set(&mut self, attribute: Attribute<'t>) {
        let Attribute { key, value, .. } = attribute;
        self.has_kubernetes |= key.starts_with("k8s.");
        self.has_runtime |= key == "container.runtime" && !value.is_empty();
        if let Some(known) = self.named(&key)
            && !value.is_empty()
        {
            known.get_or_insert(value);
        }
    }

    /// The value of the attribute of this name, if it says who the container is.
    fn named(&mut self, key: &str) -> Option<&mut Option<Cow<'t, str>>> {
        Some(match key {
            "container.id" => &mut self.id,
            "container.name" => &mut self.name,
            "container.image.name" => &mut self.image,
            "k8s.namespace.name" => &mut self.namespace,
            "k8s.pod.name" => &mut self.pod,
            "k8s.pod.uid" => &mut self.pod_uid,
            "k8s.container.name" => &mut self.pod_container,
            "k8s.node.name" => &mut self.node,
            "k8s.volume.name" => &mut self.volume,
            "host.name" => &mut self.host,
            _ => return None,
        })
    }

    /// All texts that do not say who the container is, read from where they are written.
    pub(super) fn labels(&self) -> Vec<(String, String)> {
        let mut labels = Vec::new();
        let Some(mut cursor) = self.written.clone() else { return labels };
        let mut named = Self::default();
        let read = attributes::read(PATH, &mut cursor, &mut Remarks::default(), &mut |attribute| {
            let Attribute { key, value, is_text } = attribute;
            if is_text && named.named(&key).is_none() {
                labels.push((key.into_owned(), value.into_owned()));
            }
        });
        // What is wrong with them was told when they were read first.
        if read.is_err() {
            labels.clear();
        }
        labels
    }

    /// The door, where the scope has no name.
    pub(super) fn door(&self) -> Option<Door> {
        if self.has_kubernetes {
            Some(Door::OtlpKubelet)
        } else {
            self.has_runtime.then_some(Door::OtlpDocker)
        }
    }

    /// Whether it is a volume, which is no container's.
    pub(super) fn is_volume(&self) -> bool {
        self.volume.is_some()
    }

    /// The container, pod or node. What cmetrics itself wrote has paths as names, which begin with
    /// a slash.
    pub(super) fn container(&self, is_own: bool) -> Result<Container, Problem> {
        let plain = |name| if is_own { name } else { without_slash(name) };
        let id = self.id.as_deref().map(without_runtime);
        let pod = self.namespace.as_deref().zip(self.pod.as_deref());
        let kubernetes = pod.map(|(namespace, pod)| KubernetesName {
            container: self.pod_container.as_deref().map(str::to_owned),
            uid: self.pod_uid.as_deref().map(str::to_owned),
            ..KubernetesName::new(namespace, pod)
        });
        let is_node = self.node.is_some() && self.pod.is_none() && self.name.is_none();
        let own_path = self.name.as_deref().filter(|name| is_own && name.starts_with('/'));
        let path = match (id.or(own_path), &kubernetes, &self.name) {
            (Some(own), ..) => own.to_owned(),
            (None, Some(kubernetes), _) => kubernetes.to_string(),
            (None, None, _) if is_node => "/".to_owned(),
            (None, None, Some(name)) => plain(name).to_owned(),
            (None, None, None) => {
                return Err(Problem::Container {
                    field: "resource.attributes",
                    expected: "container.id, k8s.pod.name with k8s.namespace.name, or k8s.node.name",
                    found: "none".to_owned(),
                });
            }
        };
        let machine = self.node.as_deref().or(self.host.as_deref());
        let alias = self.name.as_deref().map(plain).filter(|name| *name != path);
        Ok(Container {
            machine: machine.map(str::to_owned),
            id: id.map(str::to_owned),
            aliases: alias.map(str::to_owned).into_iter().collect(),
            image: self.image.as_deref().map(str::to_owned),
            kubernetes,
            ..Container::at_path(path)
        })
    }
}

fn without_slash(name: &str) -> &str {
    name.strip_prefix('/').unwrap_or(name)
}
