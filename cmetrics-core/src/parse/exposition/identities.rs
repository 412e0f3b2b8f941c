//! The containers that rows name, found by the text of the labels that name them. The rows of each
//! family mostly name the same ones in the same order.

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
    known: Vec<Known>,
    by_key: HashMap<Box<[u8]>, usize, foldhash::fast::RandomState>,
    /// The one of the last row.
    last: usize,
    /// The text that the last one was looked for by.
    key: Vec<u8>,
}

#[derive(Debug)]
struct Known {
    identity: Identity,
    key: Box<[u8]>,
    /// The one that came after it last.
    next: usize,
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
        for (label, number) in LABELS.into_iter().zip(0..) {
            if let Some(value) = labels.get(label) {
                self.key.push(number);
                self.key.extend_from_slice(value.as_bytes());
                self.key.push(BETWEEN);
            }
        }
        self.key.push(BETWEEN);
        for (name, value) in labels.told_of_container() {
            self.key.extend_from_slice(name.as_bytes());
            self.key.push(BETWEEN);
            self.key.extend_from_slice(value.as_bytes());
            self.key.push(BETWEEN);
        }
        // The families of pods and nodes name their containers in other ways.
        let of = ["pod_", "node_"].into_iter().find(|of| family.starts_with(of));
        self.key.extend_from_slice(of.unwrap_or_default().as_bytes());
        let last = self.known.get(self.last)?;
        if *last.key == *self.key {
            return Some(last.identity);
        }
        let is_it = |index: &usize| self.known.get(*index).is_some_and(|it| *it.key == *self.key);
        let found = Some(last.next).filter(is_it);
        let found = found.or_else(|| self.by_key.get(&*self.key).copied())?;
        self.follow(found);
        self.known.get(found).map(|known| known.identity)
    }

    /// Remembers what the labels that were looked for last say. Returns about how many bytes that
    /// takes.
    pub(super) fn add(&mut self, identity: Identity) -> usize {
        let index = self.known.len();
        let key = self.key.as_slice();
        self.known.push(Known { identity, key: key.into(), next: index });
        self.by_key.insert(key.into(), index);
        let held = 2 * key.len() + 4 * size_of::<(Known, Box<[u8]>)>();
        self.follow(index);
        held
    }

    /// The row after that of the last one is of this one.
    fn follow(&mut self, index: usize) {
        self.known.get_mut(self.last).into_iter().for_each(|last| last.next = index);
        self.last = index;
    }
}
