//! Which containers are one under two names, as documents come one by one (`docs/doors.md`).

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::aliases::{known_by, looked_for_by};
use super::creation::Creation;
use super::identity::Identity;

type ByName = HashMap<String, BTreeSet<Arc<str>>>;

/// The names in Kubernetes, and uids of pods, that identities tell.
#[derive(Debug, Default)]
pub(crate) struct KnownNames {
    /// The names of the containers that are known by it.
    known: ByName,
    /// The names of the containers that are called by it, and may be known under another name.
    looked_for: ByName,
    /// The same, the other way round: a name may be told by several identities, not all of which
    /// have the uid of a pod. The first one counts.
    looking: HashMap<Arc<str>, String>,
    /// When the containers of these names were created, if any document tells it.
    creations: HashMap<Arc<str>, Creation>,
}

impl KnownNames {
    /// Adds what an identity tells. Returns the names of those that may be another container now.
    pub(crate) fn add(&mut self, identity: &Identity) -> Vec<Arc<str>> {
        let mut changed = Vec::new();
        if !identity.creation().is_unknown() {
            let known = self.creations.entry(Arc::clone(identity.name())).or_default();
            known.absorb(identity.creation());
        }
        for name in known_by(identity) {
            changed.extend(self.looked_for.get(&name).into_iter().flatten().cloned());
            self.known.entry(name).or_default().insert(Arc::clone(identity.name()));
        }
        if let Some(name) = looked_for_by(identity) {
            let own = Arc::clone(identity.name());
            self.looked_for.entry(name.clone()).or_default().insert(Arc::clone(&own));
            self.looking.entry(Arc::clone(&own)).or_insert(name);
            changed.push(own);
        }
        changed
    }

    /// Removes what an identity told. Returns the names of those that may be another container now.
    pub(crate) fn remove(&mut self, identity: &Identity) -> Vec<Arc<str>> {
        let mut changed = Vec::new();
        self.creations.remove(identity.name());
        for name in known_by(identity) {
            changed.extend(self.looked_for.get(&name).into_iter().flatten().cloned());
            remove(&mut self.known, name, identity.name());
        }
        if let Some(name) = looked_for_by(identity) {
            remove(&mut self.looked_for, name, identity.name());
            self.looking.remove(identity.name());
        }
        changed
    }

    /// The name of the only container that is known by what the container of this name looks for;
    /// of several the only one that was created in the same second.
    pub(crate) fn the_one(&self, name: &str) -> Option<&Arc<str>> {
        let known = self.known.get(self.looking.get(name)?)?;
        if known.len() == 1 {
            return known.first();
        }
        let creation = |name: &str| self.creations.get(name).copied().unwrap_or_default();
        creation(name).only_alike(known, |one| creation(one))
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
