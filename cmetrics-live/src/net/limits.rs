//! How long and how large anything may be.

use std::time::Duration;

/// How long and how large anything may be, besides the time that a whole poll has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// From the look-up of a name to the agreement on keys.
    pub(crate) connect: Duration,
    /// How long no byte may come.
    pub(crate) silence: Duration,
    /// The largest answer, unpacked.
    pub(crate) most_bytes: usize,
    /// From which size on an answer is large: there may be only so many at once.
    pub(crate) small_bytes: usize,
    /// The longest head of an answer.
    pub(crate) most_head_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(2),
            silence: Duration::from_secs(5),
            most_bytes: 256 << 20,
            small_bytes: 4 << 20,
            most_head_bytes: 64 << 10,
        }
    }
}
