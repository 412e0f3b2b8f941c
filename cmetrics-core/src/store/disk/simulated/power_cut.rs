//! The state of a disk after a loss of power.

use std::collections::{BTreeMap, BTreeSet};

use super::file::Content;
use super::rng::Rng;
use super::{Change, State};

impl Change {
    fn names(&self) -> Vec<&str> {
        match self {
            Self::Create(name, _) | Self::Remove(name) => vec![name],
            Self::Rename(from, to) => vec![from, to],
        }
    }

    fn apply(&self, names: &mut BTreeMap<String, usize>) {
        match self {
            Self::Create(name, file) => {
                names.insert(name.clone(), *file);
            }
            Self::Rename(from, to) => {
                if let Some(file) = names.remove(from) {
                    names.insert(to.clone(), file);
                }
            }
            Self::Remove(name) => {
                names.remove(name);
            }
        }
    }
}

impl State {
    pub(super) fn after_power_cut(&self, rng: &mut Rng) -> Self {
        let names = self.names_after_power_cut(rng);
        let contents = self.files.iter().map(|content| content.after_power_cut(rng));
        let files = contents.map(Content::durable_from_the_start).collect();
        Self { files, durable: names.clone(), names, boot: self.boot + 1, ..Self::default() }
    }

    /// Each change may have happened or not. If a change of a name did not happen, no later one of
    /// that name did.
    fn names_after_power_cut(&self, rng: &mut Rng) -> BTreeMap<String, usize> {
        let mut names = self.durable.clone();
        let mut stuck = BTreeSet::new();
        let outcome = rng.below(3);
        for change in &self.changes {
            let happened = match outcome {
                0 => false,
                1 => true,
                _ => rng.coin(),
            };
            if happened && !change.names().iter().any(|name| stuck.contains(name)) {
                change.apply(&mut names);
            } else {
                stuck.extend(change.names());
            }
        }
        names
    }
}
