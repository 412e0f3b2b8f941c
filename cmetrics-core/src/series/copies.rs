//! What a copy of a known sample adds to it.

use crate::metric::{Metric, Section};
use crate::sample::{Sample, SampleRow};

/// A sample completed by a copy of it; `None` if the copy adds nothing.
pub(crate) fn completed(known: SampleRow<'_>, is_partial: bool, copy: &Sample) -> Option<Sample> {
    if !is_partial && !adds_readings(copy, known) {
        return None;
    }
    let mut sample = Sample::from(known);
    sample.take_larger(copy);
    if is_partial {
        sample.complete_from(copy);
    }
    Some(sample)
}

/// Whether a copy has more, or larger, readings of the metrics that may differ between copies.
fn adds_readings(copy: &Sample, known: SampleRow<'_>) -> bool {
    let already = known.layout.too_large;
    let more = |(metric, value): (Metric, u64)| {
        metric.varies_between_copies()
            && !already.contains(metric)
            && known.get(metric).is_none_or(|known| known < value)
    };
    let too_large = copy.layout().too_large.filter(Metric::varies_between_copies);
    copy.readings().iter().any(more)
        || too_large.intersection(already) != too_large
        || (copy.has(Section::OomEvents) && !known.layout.has(Section::OomEvents))
}
