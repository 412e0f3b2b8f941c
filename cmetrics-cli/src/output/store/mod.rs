//! What a store says of itself.

pub(crate) mod containers;
pub(crate) mod events;
pub(crate) mod stats;
