//! The containers that rows name, found by the text of the labels that name them.

use std::collections::HashMap;

use super::labels::{Label, Labels};
use crate::document::Door;

/// What the labels of a row say about its container.
#[derive(Clone, Copy, Debug)]
pub(super) struct Identity {
    pub(super) door: Door,
    /// Whether its readings are those that the container runtime gave the kubelet.
    pub(super) is_of_runtime: bool,
    /// The container, and what is said of it, by their numbers.
    pub(super) subject: u32,
    pub(super) captions: u32,
}

/// The identities that were read.
#[derive(Debug, Default)]
pub(super) struct Identities {
    known: HashMap<Box<[u8]>, Identity, foldhash::fast::RandomState>,
    /// The text that the last one was looked for by.
    key: Vec<u8>,
}

/// The labels that name a container, or say something of it.
const LABELS: [Label; 14] = [
    Label::Id,
    Label::Name,
    Label::Image,
    Label::Namespace,
    Label::Pod,
    Label::Container,
    Label::PodName,
    Label::ContainerName,
    Label::LabelledNamespace,
    Label::LabelledPod,
    Label::LabelledContainer,
    Label::LabelledUid,
    Label::Node,
    Label::Instance,
];
/// No text has this byte.
const BETWEEN: u8 = 0xff;

impl Identities {
    /// What the labels of a row of this family say, if another row has said the same.
    pub(super) fn find(&mut self, family: &str, labels: &Labels<'_>) -> Option<Identity> {
        self.key.clear();
        for label in LABELS {
            self.key.extend_from_slice(labels.get(label).unwrap_or_default().as_bytes());
            self.key.push(BETWEEN);
        }
        for (name, value) in labels.told_of_container() {
            self.key.extend_from_slice(name.as_bytes());
            self.key.push(BETWEEN);
            self.key.extend_from_slice(value.as_bytes());
            self.key.push(BETWEEN);
        }
        // The families of pods and nodes name their containers in other ways.
        let of = ["pod_", "node_"].into_iter().find(|of| family.starts_with(of));
        self.key.extend_from_slice(of.unwrap_or_default().as_bytes());
        self.known.get(&*self.key).copied()
    }

    /// Remembers what the labels that were looked for last say. Returns about how many bytes that
    /// takes.
    pub(super) fn add(&mut self, identity: Identity) -> usize {
        self.known.insert(self.key.as_slice().into(), identity);
        self.key.len() + 4 * size_of::<(Box<[u8]>, Identity)>()
    }
}
