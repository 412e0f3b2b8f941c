//! Which of the things that a store has under different names are parts of one container: what is
//! stored of its doors, and what documents call by its name in Kubernetes (`docs/doors.md`).

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::metadata::Metadata;
use super::stored::StoredContainer;
use crate::chain_name;
use crate::container::{known_by, looked_for_by};

/// The names in Kubernetes, and uids of pods, that the metadata of containers tells.
#[derive(Debug, Default)]
pub(super) struct KnownNames {
    /// The names of the containers that are known by it.
    known: HashMap<String, BTreeSet<Arc<str>>>,
    /// What looks for the container that is known by it.
    looked_for: HashMap<String, Vec<Arc<StoredContainer>>>,
}

/// What is stored, and the name of the container of which it is a part now, if it is.
pub(super) type Relinked = Vec<(Arc<StoredContainer>, Option<Arc<str>>)>;

impl KnownNames {
    /// Notes the names of a container. Returns what may be part of another container now.
    pub(super) fn describe(
        &mut self,
        container: &Arc<StoredContainer>,
        metadata: &Metadata,
    ) -> Relinked {
        let told: Arc<str> = chain_name::told(&container.name).into();
        let identity = metadata.identity(&told);
        let mut changed = vec![Arc::clone(container)];
        for name in known_by(&identity) {
            changed.extend(self.looked_for.get(&name).into_iter().flatten().cloned());
            self.known.entry(name).or_default().insert(Arc::clone(&told));
        }
        if let Some(name) = looked_for_by(&identity) {
            let looking = self.looked_for.entry(name).or_default();
            if looking.iter().all(|one| one.number != container.number) {
                looking.push(Arc::clone(container));
            }
        }
        self.relinked(changed)
    }

    /// Forgets a container. Returns what may be part of another one now.
    pub(super) fn forget(&mut self, container: &Arc<StoredContainer>) -> Relinked {
        let told: Arc<str> = chain_name::told(&container.name).into();
        let identity = container.metadata.load().identity(&told);
        let mut changed = Vec::new();
        for name in known_by(&identity).filter(|_| *told == *container.name) {
            changed.extend(self.looked_for.get(&name).into_iter().flatten().cloned());
            if let Entry::Occupied(mut known) = self.known.entry(name) {
                known.get_mut().remove(&told);
                if known.get().is_empty() {
                    known.remove();
                }
            }
        }
        if let Some(name) = looked_for_by(&identity)
            && let Entry::Occupied(mut looking) = self.looked_for.entry(name)
        {
            looking.get_mut().retain(|one| one.number != container.number);
            if looking.get().is_empty() {
                looking.remove();
            }
        }
        self.relinked(changed)
    }

    fn relinked(&self, changed: Vec<Arc<StoredContainer>>) -> Relinked {
        let whole = |one: Arc<StoredContainer>| {
            let whole = self.whole_of(&one);
            (one, whole)
        };
        changed.into_iter().map(whole).collect()
    }

    /// The name of the container of which something is a part.
    fn whole_of(&self, part: &StoredContainer) -> Option<Arc<str>> {
        let (metadata, told) = (part.metadata.load(), Arc::from(chain_name::told(&part.name)));
        let said = metadata.of.clone().filter(|_| !metadata.of_several);
        let only = || {
            let name = looked_for_by(&metadata.identity(&told))?;
            let known = self.known.get(&name).filter(|known| known.len() == 1)?;
            known.first().cloned().filter(|_| !metadata.of_several)
        };
        said.or_else(only).or_else(|| (*told != *part.name).then_some(Arc::clone(&told)))
    }
}
