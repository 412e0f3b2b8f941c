//! What the tests of the doors share.

use crate::metric::Metric;

/// Checks that each metric is either in the table of a door, or in the list of those that it does
/// not tell.
pub(super) fn assert_each_is_told_or_not(
    told: impl IntoIterator<Item = Metric>,
    not_told: &[Metric],
) {
    let told: Vec<_> = told.into_iter().collect();
    for metric in Metric::ALL {
        assert!(
            told.contains(metric) != not_told.contains(metric),
            "{metric}: add it to the table of the door, or to what the door does not tell"
        );
    }
}
