//! A timestamp serialised as a number of nanoseconds since the epoch.

use serde::{Deserialize, Deserializer, Serializer, de};

use super::Timestamp;

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
pub(crate) fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(time.nanos())
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Timestamp, D::Error> {
    let nanos = u64::deserialize(deserializer)?;
    Timestamp::from_nanos(nanos).ok_or_else(|| de::Error::custom("no time after the epoch"))
}
