//! What a store has of a container, for a recorder that goes on with it.

use std::sync::Arc;

use super::{Checkpoint, Chunk};
use crate::container::Life;

/// The stored state of a container, from which a recorder resumes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resumed<'r> {
    /// The kept samples, in rising time.
    pub(crate) samples: &'r Chunk,
    /// The points of all intervals that begin before this time are stored.
    pub(crate) open_from: u64,
    /// `None` if the first of them is the container's first sample.
    pub(crate) checkpoint: Option<Checkpoint>,
    pub(crate) life: &'r Arc<Life>,
}
