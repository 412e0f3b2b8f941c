//! Recovers whole numbers from figures, if they give these figures bit for bit: floats take far
//! more room than the numbers that they were computed from.

use crate::metric::Metric;
use crate::point::{DataPoint, Gauge, ReadingSummary, Watched};
use crate::time::NANOS_PER_SECOND;

/// A summary of readings with these figures, one in each sample of the point.
pub(super) fn readings(
    figures: &Gauge,
    point: &DataPoint,
    metric: Metric,
) -> Option<ReadingSummary> {
    let number = point.samples().and_then(|number| u32::try_from(number).ok())?;
    let per_unit = f64::from(metric.info().per_unit);
    let sum = nearest(figures.ave * (f64::from(number) * per_unit));
    let (min, max) = (nearest(figures.min * per_unit), nearest(figures.max * per_unit));
    let readings = ReadingSummary::new(number.into(), sum.into(), min, max)?;
    let bits = |gauge: &Gauge| [gauge.ave, gauge.min, gauge.max].map(f64::to_bits);
    (number > 0 && bits(&readings.gauge(per_unit)) == bits(figures)).then_some(readings)
}

/// An interval's length in nanoseconds.
pub(super) fn interval_nanos(interval_seconds: u64) -> u64 {
    interval_seconds.wrapping_mul(NANOS_PER_SECOND)
}

/// The nanoseconds that are not covered if the covered part of the point's interval is `part`.
pub(super) fn missing_nanos(part: f64, point: &DataPoint) -> Option<u64> {
    let interval = point.interval();
    let whole = interval_nanos(interval.seconds());
    #[expect(clippy::cast_precision_loss, reason = "it is looked at whether it is right")]
    let covered = nearest(part * whole as f64);
    let found = Watched::Nanos(covered).coverage(interval);
    (found.map(f64::to_bits) == Some(part.to_bits())).then(|| whole.wrapping_sub(covered))
}

#[expect(clippy::cast_possible_truncation, reason = "it is looked at whether it is right")]
#[expect(clippy::cast_sign_loss, reason = "the same")]
fn nearest(real: f64) -> u64 {
    real.round() as u64
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::metric::MetricSet;
    use crate::point::Figures;
    use crate::time::Interval;

    fn point(samples: Option<u64>) -> DataPoint {
        let (name, interval) = (Arc::from("a"), Interval::new(5, 10).unwrap());
        let (figures, selected) = (Figures::default(), MetricSet::default());
        DataPoint::from_parts(name, interval, samples, Watched::Unknown, figures, selected)
    }

    #[test]
    fn figures_of_readings_give_their_readings() {
        for (number, sum, min, max) in [(3, 20_480, 4096, 8192), (7, 1 << 50, 1, 1 << 49)] {
            for metric in [Metric::MemoryUsage, Metric::CpuLoad] {
                let known = ReadingSummary::new(number, sum, min, max).unwrap();
                let figures = known.gauge(f64::from(metric.info().per_unit));
                assert_eq!(readings(&figures, &point(Some(number)), metric), Some(known));
            }
        }
        for covered in [0, 1, 4_999_999_999, 3_123_456_789, 5_000_000_000] {
            let part = Watched::Nanos(covered).coverage(Interval::new(5, 10).unwrap()).unwrap();
            assert_eq!(missing_nanos(part, &point(None)), Some(5_000_000_000 - covered));
        }
    }

    #[test]
    fn figures_that_no_whole_numbers_give_stay_floats() {
        for real in [1e-11, -0.0, -1.0, f64::NAN, f64::INFINITY, 1e300, f64::MIN_POSITIVE] {
            let figures = Gauge { ave: 1.0, min: real, max: 1.0 };
            assert_eq!(readings(&figures, &point(Some(3)), Metric::MemoryUsage), None);
            assert_eq!(missing_nanos(real, &point(None)), None);
        }
        let figures = Gauge { ave: 1.0, min: 1.0, max: 1.0 };
        assert!(readings(&figures, &point(Some(3)), Metric::MemoryUsage).is_some());
        for samples in [None, Some(0), Some(u64::MAX)] {
            assert_eq!(readings(&figures, &point(samples), Metric::MemoryUsage), None);
        }
    }
}
