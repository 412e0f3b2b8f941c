//! The labels of a container, by the documents of all its chains.

use std::cmp::Reverse;
use std::sync::Arc;

use super::{Chain, Series};
use crate::container::{Labels, newest_labels};
use crate::time::Timestamp;

impl Chain {
    /// The labels of each of its documents, by the time of its last sample.
    #[cfg(feature = "store")]
    pub(crate) fn told_labels(&self) -> impl Iterator<Item = (Timestamp, &Arc<Labels>)> {
        self.labels.documents()
    }
}

impl Series {
    /// How often the labels changed from one document to the next, of all doors; if labels were
    /// asked for ([`Settings::with_labels`](crate::Settings::with_labels)).
    pub fn label_changes(&self) -> u64 {
        self.chains().map(Chain::label_changes).sum()
    }

    /// Adds the labels of a document of a chain, of which this is the newest sample.
    pub(crate) fn note_labels(&mut self, chain: usize, newest: Timestamp, labels: Arc<Labels>) {
        let has_one_chain = self.others.is_empty();
        let Some(chain) = self.chain_mut(chain) else { return };
        let before = chain.labels.newest().map(|(_, known)| Arc::as_ptr(known));
        chain.labels.note(newest, labels);
        let after = chain.labels.newest().map(|(_, known)| Arc::as_ptr(known));
        if before != after || !has_one_chain {
            self.update_labels();
        }
    }

    /// Sets the labels to those of the newest document of each chain. Of a key that several tell,
    /// the value of the newest counts.
    pub(super) fn update_labels(&mut self) {
        let told = self.chains().filter_map(|chain| {
            let (time, labels) = chain.labels.newest()?;
            Some(((time, Reverse(chain.door())), labels))
        });
        let labels = newest_labels(told);
        if !labels.is_empty() {
            self.identity.set_labels(labels);
        }
    }
}
