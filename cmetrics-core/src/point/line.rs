//! Linear interpolation between two readings of a gauge (`docs/points.md`, rule 9), in exact
//! integers.

/// The value at `t` on the straight line from `(t0, v0)` to `(t1, v1)`; before `t0` the first
/// value, after `t1` the second.
///
/// The weighted sum is computed in integers. In floats, a value of many bytes and a change of
/// nearly as many would cancel, and leave the rounding errors of both.
pub(crate) fn interpolate(from: (u64, u64), to: (u64, u64), t: u64) -> f64 {
    let (v0, v1) = (u128::from(from.1), u128::from(to.1));
    let whole = u128::from(to.0.saturating_sub(from.0)).max(1);
    let part = u128::from(t.saturating_sub(from.0)).min(whole);
    // At most the greater value times `whole`, which is less than 2^64 times 2^64.
    let weighted = v0 * (whole - part) + v1 * part;
    let (units, rest) = (weighted / whole, weighted % whole);
    #[expect(clippy::cast_precision_loss, reason = "a gauge's mean is a floating-point number")]
    let (units, rest, whole) = (units as f64, rest as f64, whole as f64);
    units + rest / whole
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_gauge_that_falls_reads_the_line_down() {
        assert!((interpolate((0, 10), (4, 2), 1) - 8.0).abs() < 1e-12);
        assert!((interpolate((0, 2), (4, 10), 3) - 8.0).abs() < 1e-12);
        assert!((interpolate((0, 0), (u64::MAX, u64::MAX), u64::MAX) - 2f64.powi(64)).abs() < 1.0);
    }

    #[test]
    fn a_line_that_comes_down_to_nothing_ends_at_nothing() {
        let (from, to) = ((4_640_612_430, 133_547_110_029), (35_000_000_000, 0));
        assert!(interpolate(from, to, to.0).abs() < f64::MIN_POSITIVE);
        assert!((interpolate(from, to, from.0) - 133_547_110_029.0).abs() < f64::MIN_POSITIVE);
    }

    #[test]
    fn outside_of_its_readings_a_line_stays_where_it_ends() {
        let (from, to) = ((10, 3), (20, 9));
        assert!((interpolate(from, to, 0) - 3.0).abs() < f64::MIN_POSITIVE);
        assert!((interpolate(from, to, u64::MAX) - 9.0).abs() < f64::MIN_POSITIVE);
        assert!((interpolate(to, from, 15) - 9.0).abs() < f64::MIN_POSITIVE);
    }

    proptest! {
        #[test]
        fn a_line_stays_between_its_readings_and_never_turns(
            (t0, t1, v0, v1) in any::<(u64, u64, u64, u64)>(),
            (one, other) in any::<(u64, u64)>(),
        ) {
            let (from, to) = ((t0.min(t1), v0.min(v1)), (t0.max(t1), v0.max(v1)));
            let before = interpolate(from, to, one.min(other));
            let after = interpolate(from, to, one.max(other));
            prop_assert!(before <= after, "{before} {after}");
            let (least, most) = (interpolate(from, to, 0), interpolate(from, to, u64::MAX));
            prop_assert!(least <= before && after <= most, "{least} {before} {after} {most}");
            // A line that goes nowhere reads what was read, to the last digit.
            let same = interpolate((from.0, v0), (to.0, v0), one);
            prop_assert!(same.to_bits() == interpolate((0, v0), (1, v0), 0).to_bits());
        }
    }
}
