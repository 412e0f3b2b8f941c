//! Under which name changes of state are logged.

/// The target of all events: each is a change of state, and none a poll.
pub(crate) const TARGET: &str = "cmetrics_live";
