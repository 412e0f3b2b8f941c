//! Which containers are one under two names, as documents come one by one (`docs/doors.md`).

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::aliases::{known_by, looked_for_by};
use super::identity::Identity;

type ByName = HashMap<String, BTreeSet<Arc<str>>>;

/// The names in Kubernetes, and uids of pods, that identities tell.
#[derive(Debug, Default)]
pub(crate) struct KnownNames {
    /// The names of the containers that are known by it.
    known: ByName,
    /// The names of the containers that are called by it, and may be known under another name.
    looked_for: ByName,
}

impl KnownNames {
    /// Adds what an identity tells. Returns the names of those that may be another container now.
    pub(crate) fn add(&mut self, identity: &Identity) -> Vec<Arc<str>> {
        let mut changed = Vec::new();
        for name in known_by(identity) {
            changed.extend(self.looked_for.get(&name).into_iter().flatten().cloned());
            self.known.entry(name).or_default().insert(Arc::clone(identity.name()));
        }
        if let Some(name) = looked_for_by(identity) {
            self.looked_for.entry(name).or_default().insert(Arc::clone(identity.name()));
            changed.push(Arc::clone(identity.name()));
        }
        changed
    }

    /// Removes what an identity told. Returns the names of those that may be another container now.
    pub(crate) fn remove(&mut self, identity: &Identity) -> Vec<Arc<str>> {
        let mut changed = Vec::new();
        for name in known_by(identity) {
            changed.extend(self.looked_for.get(&name).into_iter().flatten().cloned());
            remove(&mut self.known, name, identity.name());
        }
        if let Some(name) = looked_for_by(identity) {
            remove(&mut self.looked_for, name, identity.name());
        }
        changed
    }

    /// The name of the only container that is known by the name which this one is called.
    pub(crate) fn the_one(&self, identity: &Identity) -> Option<&Arc<str>> {
        let known = self.known.get(&looked_for_by(identity)?)?;
        known.first().filter(|_| known.len() == 1)
    }
}

fn remove(from: &mut ByName, name: String, container: &Arc<str>) {
    if let Entry::Occupied(mut entry) = from.entry(name) {
        entry.get_mut().remove(container);
        if entry.get().is_empty() {
            entry.remove();
        }
    }
}
