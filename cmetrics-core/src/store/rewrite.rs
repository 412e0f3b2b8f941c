//! A container that something is taken out of, as it is written anew.

use std::ops::Range;
use std::sync::Arc;

use super::catalog::{Metadata, StoredContainer};
use super::tail::Tail;

/// How a container is written that something is taken out of.
#[derive(Clone, Debug)]
pub(super) struct Rewrite {
    pub(super) container: Arc<StoredContainer>,
    pub(super) range: Range<u64>,
    pub(super) metadata: Arc<Metadata>,
    /// The tail that the segment gets.
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
