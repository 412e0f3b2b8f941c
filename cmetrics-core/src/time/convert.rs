//! Conversions of timestamps from and to text and [`SystemTime`].

use std::str::FromStr;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Timestamp, TimestampError};

/// Parses like [`Timestamp::parse`]; a time at or before the epoch is an error.
impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        Self::parse(text)?.ok_or(TimestampError::TooEarly)
    }
}

impl TryFrom<SystemTime> for Timestamp {
    type Error = TimestampError;

    fn try_from(time: SystemTime) -> Result<Self, TimestampError> {
        let since = time.duration_since(SystemTime::UNIX_EPOCH);
        let nanos = since.map_err(|_| TimestampError::TooEarly)?.as_nanos();
        match u64::try_from(nanos) {
            Ok(0) => Err(TimestampError::TooEarly),
            Ok(nanos) => Self::from_nanos(nanos).ok_or(TimestampError::TooLate),
            Err(_) => Err(TimestampError::TooLate),
        }
    }
}

impl From<Timestamp> for SystemTime {
    fn from(time: Timestamp) -> Self {
        Self::UNIX_EPOCH + Duration::from_nanos(time.nanos())
    }
}

/// Serialises as text, in RFC 3339.
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_the_same_as_text_as_json_and_as_the_systems() {
        let time: Timestamp = "2026-11-21T07:37:46.410000001Z".parse().unwrap();
        let json = serde_json::to_string(&time).unwrap();
        assert_eq!(json, r#""2026-11-21T07:37:46.410000001Z""#);
        assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), time);
        // Systems count in steps of up to 100 ns.
        let coarse = Timestamp::from_nanos(time.nanos() / 100 * 100).unwrap();
        assert_eq!(Timestamp::try_from(SystemTime::from(coarse)), Ok(coarse));
    }

    #[test]
    fn instants_end_at_the_epoch_and_with_the_year_2262() {
        let (first, second) = (Timestamp::from_nanos(1).unwrap(), Duration::from_secs(1));
        let last: Timestamp = "2262-12-31T23:59:59.999999999Z".parse().unwrap();
        assert_eq!(first.checked_sub(Duration::from_nanos(1)), None);
        assert_eq!(last.checked_add(Duration::from_nanos(1)), None);
        assert_eq!(last.checked_add(Duration::MAX), None);
        assert_eq!(last.checked_sub(second).and_then(|time| time.checked_add(second)), Some(last));
        assert_eq!("1970-01-01T00:00:00Z".parse::<Timestamp>(), Err(TimestampError::TooEarly));
        assert_eq!(Timestamp::try_from(SystemTime::UNIX_EPOCH), Err(TimestampError::TooEarly));
        let before = SystemTime::UNIX_EPOCH - second;
        assert_eq!(Timestamp::try_from(before), Err(TimestampError::TooEarly));
        let after = SystemTime::from(last) + second;
        assert_eq!(Timestamp::try_from(after), Err(TimestampError::TooLate));
    }
}
