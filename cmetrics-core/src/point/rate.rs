//! Rates: the growth of a counter per second.
//!
//! An interval that samples cover only in part, such as at a container's start or a gap, has only
//! the growth of that part. Divided by the whole interval, its rate would dip although the
//! container went on as before. So rates are divided by the covered time.

use super::Watched;
use crate::time::{Interval, NANOS_PER_SECOND};

/// A shorter covered time has no rate. Growth is a whole number, so that a single byte in a
/// microsecond would be a megabyte per second; so would growth that a restart credits to the short
/// rest of an interval.
const SHORTEST_SECONDS: f64 = 0.1;

/// The number of seconds that the rates of an interval are over: those that samples cover, or all
/// of them where the coverage is unknown. `None` where samples cover too little for a rate.
///
/// It takes the covered part rather than the covered time, so that a point that was read from JSON
/// has exactly the rates of the point that was written.
#[expect(clippy::cast_precision_loss, reason = "a rate is a floating-point number")]
pub(super) fn rate_seconds(interval: Interval, coverage: Option<f64>) -> Option<f64> {
    let covered = interval.seconds() as f64 * coverage.unwrap_or(1.0);
    (covered >= SHORTEST_SECONDS).then_some(covered)
}

/// Growth per second.
#[expect(clippy::cast_precision_loss, reason = "a rate is a floating-point number")]
pub(super) fn per_second(
    growth: Option<u64>,
    interval: Interval,
    coverage: Option<f64>,
) -> Option<f64> {
    Some(growth? as f64 / rate_seconds(interval, coverage)?)
}

impl Watched {
    /// The part of the interval that is covered, if it is known.
    #[expect(clippy::cast_precision_loss, reason = "a part of a whole")]
    pub(crate) fn coverage(self, interval: Interval) -> Option<f64> {
        match self {
            Self::Nanos(nanos) => {
                Some(nanos as f64 / (interval.seconds() as f64 * NANOS_PER_SECOND as f64))
            }
            Self::Part(part) => Some(part),
            Self::Unknown => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_over_the_seconds_that_are_covered() {
        let interval = Interval::new(10, 15).unwrap();
        for (growth, watched, rate) in [
            (Some(1_000), Watched::Nanos(5_000_000_000), Some(200.0)),
            (Some(1_000), Watched::Nanos(2_000_000_000), Some(500.0)),
            (Some(1_000), Watched::Part(0.4), Some(500.0)),
            (Some(0), Watched::Nanos(2_000_000_000), Some(0.0)),
            // How much is covered is not known: over the whole interval.
            (Some(1_000), Watched::Unknown, Some(200.0)),
            // Too little for a rate.
            (Some(1_000), Watched::Nanos(100_000_000), Some(10_000.0)),
            (Some(1_000), Watched::Nanos(99_000_000), None),
            (Some(1_000), Watched::Nanos(0), None),
            (Some(1_000), Watched::Part(f64::NAN), None),
            (None, Watched::Nanos(5_000_000_000), None),
        ] {
            assert_eq!(
                per_second(growth, interval, watched.coverage(interval)),
                rate,
                "{watched:?}"
            );
        }
    }

    #[test]
    fn a_long_interval_has_a_rate_as_soon_as_a_short_one() {
        let hour = Interval::new(0, 3_600).unwrap();
        let watched = Watched::Nanos(NANOS_PER_SECOND);
        assert_eq!(per_second(Some(7), hour, watched.coverage(hour)), Some(7.0));
    }
}
