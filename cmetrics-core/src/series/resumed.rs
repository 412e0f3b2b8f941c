//! What is known of a container whose samples were taken before, elsewhere.

use std::sync::Arc;

use super::{Checkpoint, Chunk};
use crate::container::Life;

/// What a store knows of a container that a recorder goes on with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resumed<'r> {
    /// The samples that matter, in rising time.
    pub(crate) samples: &'r Chunk,
    /// The points of all intervals that begin before are stored.
    pub(crate) open_from: u64,
    /// `None` where the first of them is the container's first.
    pub(crate) checkpoint: Option<Checkpoint>,
    pub(crate) life: &'r Arc<Life>,
}
