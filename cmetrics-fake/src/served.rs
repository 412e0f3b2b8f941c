//! Replies that were asked for.

/// A reply with samples that was asked for.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Served {
    /// What was asked for, without prefix and query.
    pub path: String,
    /// What was sent of its body; empty where [replies are not kept](crate::MachineOptions::without_replies).
    pub body: Vec<u8>,
    /// Whether all of it was sent.
    pub is_whole: bool,
}
