//! Spans of time of requests.

use std::ops::Range;
use std::time::Duration;

use cmetrics_core::Timestamp;

use crate::contract::Parameter;
use crate::problem::Problem;
use crate::query::{Query, seconds, time};

pub(crate) const START: Parameter = Parameter::once(
    "start",
    "seconds since the epoch, or a time such as 2026-11-21T12:00:00Z",
    "Where the span begins; an interval that it cuts is in the answer.",
);
pub(crate) const END: Parameter = Parameter::once(
    "end",
    "seconds since the epoch, or a time such as 2026-11-21T12:00:00Z",
    "Where the span ends; an interval that it cuts is in the answer.",
);
pub(crate) const PERIOD: Parameter = Parameter::once(
    "period",
    "seconds from 1, or a number with s, m, h or d",
    "The length of the span, instead of start: counted back from its end, or from now.",
);

/// The span of seconds that is asked for, as far as it is bounded.
pub(crate) fn of(query: &Query, now: Timestamp) -> Result<Range<u64>, Problem> {
    let (start, end) = (query.parsed("start", time)?, query.parsed("end", time)?);
    let period = query.parsed("period", seconds)?;
    let range = match (start, period) {
        (Some(_), Some(_)) => {
            return Err(Problem::bad("there are both start and period").expecting("one of them"));
        }
        (Some(start), None) => start..end.unwrap_or(u64::MAX),
        (None, Some(period)) => {
            let until = end.unwrap_or_else(|| now.seconds());
            until.saturating_sub(period)..end.unwrap_or(u64::MAX)
        }
        (None, None) => 0..end.unwrap_or(u64::MAX),
    };
    if range.is_empty() {
        let detail = format!("the span begins at {} and ends at {}", range.start, range.end);
        return Err(Problem::bad(detail).expecting("an end behind the start"));
    }
    Ok(range)
}

/// Refuses a span that is longer than allowed.
pub(crate) fn check(range: &Range<u64>, most: Duration) -> Result<(), Problem> {
    let (length, most) = (range.end - range.start, most.as_secs());
    if length <= most {
        return Ok(());
    }
    let expected = format!("at most {most} s; ask for its parts one after another");
    Err(Problem::bad(format!("the span is {length} s long")).expecting(expected))
}
