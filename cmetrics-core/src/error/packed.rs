//! Damage of compressed data.

use std::io;

/// The cause inside an [`std::io::Error`] where compressed data cannot be unpacked. It has no
/// source, as its message has that of its cause.
#[derive(Debug, thiserror::Error)]
#[error("the {format} data are damaged or cut off: {cause}")]
pub(crate) struct PackedDamage {
    pub(crate) format: &'static str,
    pub(crate) cause: io::Error,
}

pub(super) fn is_damage(failure: &io::Error) -> bool {
    failure.get_ref().and_then(|inner| inner.downcast_ref::<PackedDamage>()).is_some()
}
