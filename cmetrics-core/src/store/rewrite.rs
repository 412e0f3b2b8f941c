//! The rewriting of a container that something is removed from.

use std::ops::Range;
use std::sync::Arc;

use super::metadata::Metadata;
use super::stored::StoredContainer;
use super::tail::Tail;

/// How to rewrite a container without a range.
#[derive(Clone, Debug)]
pub(super) struct Rewrite {
    pub(super) container: Arc<StoredContainer>,
    pub(super) range: Range<u64>,
    pub(super) metadata: Arc<Metadata>,
    /// The tail for the new segment.
    pub(super) tail: Option<Arc<Tail>>,
}

impl Rewrite {
    pub(super) fn is_of(&self, container: &Arc<StoredContainer>) -> bool {
        Arc::ptr_eq(&self.container, container)
    }

    pub(super) fn removes(&self, second: u64) -> bool {
        self.range.contains(&second)
    }

    pub(super) fn tail(&self) -> Option<Arc<Tail>> {
        self.tail.clone()
    }

    pub(super) fn metadata(&self) -> Arc<Metadata> {
        Arc::clone(&self.metadata)
    }
}
