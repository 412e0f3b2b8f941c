//! A container that something is taken out of, as it is written anew.

use std::ops::Range;
use std::sync::Arc;

use super::names::{About, Known};
use super::tail::Tail;

/// How a container is written that something is taken out of.
#[derive(Clone, Debug)]
pub(super) struct Remade {
    pub(super) known: Arc<Known>,
    pub(super) range: Range<u64>,
    pub(super) about: Arc<About>,
    /// The tail that the segment gets.
    pub(super) tail: Option<Arc<Tail>>,
}

impl Remade {
    pub(super) fn is_of(&self, known: &Arc<Known>) -> bool {
        Arc::ptr_eq(&self.known, known)
    }

    pub(super) fn takes(&self, second: u64) -> bool {
        self.range.contains(&second)
    }

    pub(super) fn tail(&self) -> Option<Arc<Tail>> {
        self.tail.clone()
    }

    pub(super) fn about(&self) -> Arc<About> {
        Arc::clone(&self.about)
    }
}
