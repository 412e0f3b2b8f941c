//! How a counter's growth is shared out between instants (`docs/points.md`, rule 4), in exact
//! integers.

/// `floor(growth * part / whole)`, for `part <= whole` and `whole > 0`, without overflow.
pub(crate) fn share(growth: u128, part: u64, whole: u64) -> u128 {
    let (part, whole) = (u128::from(part), u128::from(whole));
    if let Some(product) = growth.checked_mul(part) {
        return product / whole;
    }
    // growth = q * whole + r, so growth * part / whole = q * part + r * part / whole, where
    // q * part <= growth and r * part < 2^64 * 2^64.
    growth / whole * part + growth % whole * part / whole
}

/// [`share`] of a growth that fits 64 bits, in 64-bit arithmetic where the product fits, too.
#[inline]
pub(super) fn share_narrow(growth: u64, part: u64, whole: u64) -> u64 {
    match growth.checked_mul(part) {
        Some(0) => 0,
        Some(product) => product / whole,
        // A share is no more than the growth, so it fits.
        None => u64::try_from(share(growth.into(), part, whole)).unwrap_or(growth),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn growth_that_does_not_fit_64_bits_is_shared_exactly() {
        let growth = u128::from(u64::MAX) * 1000;
        assert_eq!(share(growth, u64::MAX, u64::MAX), growth);
        assert_eq!(share(growth, u64::MAX - 1, u64::MAX), growth - 1000);
        assert_eq!(share(u128::MAX, 1, u64::MAX), u128::MAX / u128::from(u64::MAX));
        // The product exceeds 2^163. The expected value was computed with arbitrary precision.
        assert_eq!(
            share((1 << 100) + 12_345, 1 << 63, u64::MAX - 1),
            633_825_300_114_114_700_817_071_085_596
        );
    }

    proptest! {
        #[test]
        fn a_share_of_narrow_growth_is_the_same(growth: u64, part: u64, whole: u64) {
            let whole = whole.max(1);
            let part = part % whole;
            let wide = share(growth.into(), part, whole);
            prop_assert_eq!(u128::from(share_narrow(growth, part, whole)), wide);
        }

        #[test]
        fn a_share_does_not_depend_on_how_it_is_computed(growth: u64, part: u64, whole: u64) {
            let whole = whole.max(1);
            let part = part % whole;
            // The growth plus a multiple of the whole, whose product with `part` exceeds 128 bits.
            let laps = u128::from(u64::MAX);
            let wide = laps * u128::from(whole) + u128::from(growth);
            prop_assert_eq!(
                share(wide, part, whole),
                laps * u128::from(part) + share(growth.into(), part, whole)
            );
        }
    }
}
