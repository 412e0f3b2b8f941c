//! Quantiles.

/// The `q`-quantile of values in ascending order, for `q` from 0 to 1; `None` without values, and
/// for another `q`.
///
/// The quantile is at index `q · (n − 1)`. A fractional index is interpolated linearly between the
/// two values around it: definition 7 of Hyndman and Fan (*Sample Quantiles in Statistical
/// Packages*, The American Statistician 50, 1996), the default of `numpy.quantile`, pandas, R and
/// spreadsheets.
///
/// ```
/// use cmetrics_core::statistics::linear_quantile;
///
/// assert_eq!(linear_quantile(&[1.0, 2.0, 4.0], 0.5), Some(2.0));
/// assert_eq!(linear_quantile(&[1.0, 2.0, 4.0], 0.75), Some(3.0));
/// assert_eq!(linear_quantile(&[], 0.5), None);
/// assert_eq!(linear_quantile(&[1.0], 1.5), None);
/// ```
pub fn linear_quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1).filter(|_| (0.0..=1.0).contains(&q))?;
    #[expect(clippy::cast_precision_loss, reason = "no slice is that long")]
    let index = last as f64 * q;
    let part = index.fract();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to last")]
    let below = index.trunc() as usize;
    let low = *sorted.get(below)?;
    let high = *sorted.get(below + 1).unwrap_or(&low);
    let distance = high - low;
    // From the nearer value, as NumPy does, so that the result is exact at both.
    Some(match part {
        0.0 => low,
        _ if part < 0.5 => low + distance * part,
        _ => high - distance * (1.0 - part),
    })
}
