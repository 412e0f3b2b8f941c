//! Output about a store: its containers, events and statistics.

pub(crate) mod containers;
pub(crate) mod events;
pub(crate) mod stats;
