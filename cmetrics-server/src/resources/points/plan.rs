//! What a page of points has, before any is read.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::Duration;

use axum::http::HeaderValue;
use cmetrics_core::store::Bearer;
use cmetrics_core::{MetricSet, Settings};
use cmetrics_live::MachineState;

use crate::app::{App, Work};
use crate::page::{self, Tag};
use crate::problem::Problem;
use crate::query::{Query, seconds, time};
use crate::select::Selection;
use crate::span;

/// A page: which points of which containers.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) parts: VecDeque<Part>,
    /// The width of wider intervals, if points are to be rolled up.
    pub(super) width: Option<u64>,
    pub(super) metrics: MetricSet,
    pub(super) complete: bool,
    pub(super) extended: bool,
    /// The address of the next page.
    pub(super) next: Option<HeaderValue>,
    /// Of a page that will stay as it is.
    pub(super) tag: Option<String>,
}

/// The points of a container that begin in a range of seconds.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) bearer: Bearer,
    pub(super) range: Range<u64>,
}

/// The length of the span unless one is given, in seconds.
const USUAL_PERIOD: u64 = 60;
/// By how much clocks of machines may be behind ours unless they are known to be further, in
/// seconds.
const SKEW: u64 = 120;

impl Plan {
    pub(super) fn make(
        app: &Work,
        path: &str,
        query: &Query,
        format: &str,
    ) -> Result<Self, Problem> {
        let interval = app.store().settings().interval().as_secs().max(1);
        let width = width(query, interval)?;
        let selection = Selection::read(query)?;
        let limit = limit(app, query, width.unwrap_or(interval) / interval)?;
        let (bearers, range) = found(app, query, &selection)?;
        let step = width.unwrap_or(interval);
        let range = widened(range, step);
        span::check(&range, app.options.limits.most_span)?;

        let after = query.parsed("after", cursor)?;
        let (parts, next) = parts(bearers, &range, step, limit, after);
        let metrics = query.metrics()?;
        let (complete, extended) = (query.is_on("complete")?, query.is_on("extended")?);
        let mut plan = Self { parts, width, metrics, complete, extended, next: None, tag: None };
        plan.tag = plan.tag(app, query, format)?;
        let bounds = |after| {
            let (start, end) = (range.start.to_string(), range.end.to_string());
            let instead =
                [("start", start), ("end", end), ("period", String::new()), ("after", after)];
            page::link(path, query, &instead)
        };
        plan.next = next.and_then(bounds);
        Ok(plan)
    }

    /// The tag of a page, if all of its points are final.
    fn tag(&self, app: &App, query: &Query, format: &str) -> Result<Option<String>, Problem> {
        let Some(end) = self.parts.iter().map(|part| part.range.end).max() else {
            return Ok(None);
        };
        if !is_final(app, end) {
            return Ok(None);
        }
        let mut tag = Tag::new();
        tag.add(format);
        let floor = app.store().stats()?.floor;
        tag.add(&floor.map(|time| time.to_string()).unwrap_or_default());
        let how = ["interval", "metrics", "complete", "extended"];
        for (name, value) in query.pairs().iter().filter(|(name, _)| how.contains(&&**name)) {
            tag.add(name);
            tag.add(value);
        }
        for Part { bearer, range } in &self.parts {
            tag.add(bearer.identity.name());
            tag.add(&format!("{range:?}"));
            if self.extended {
                tag.add(&format!("{:?}", bearer.limits));
            }
        }
        Ok(Some(tag.finish()))
    }
}

/// Whether no machine can add to the points before this second any more.
fn is_final(app: &App, end: u64) -> bool {
    let settings = app.live.recorder().settings();
    let open = (settings.points().max_gap() + settings.lateness()).as_secs();
    let age = app.options.clock.now().seconds().saturating_sub(end);
    // What is too new anyway is so without asking all machines.
    age >= open.saturating_add(SKEW)
        && age >= open.saturating_add(skew(app.live.machines().iter().map(clock_offset)))
}

fn clock_offset(machine: &MachineState) -> Option<f64> {
    machine.clock_offset_seconds
}

/// By how many seconds clocks of machines may be behind ours: as much as any is known to be, but
/// not less than what is usual. `offsets` are by how much they are ahead.
fn skew(offsets: impl Iterator<Item = Option<f64>>) -> u64 {
    let behind = offsets.flatten().map(|ahead| -ahead).fold(0.0, f64::max);
    // With some more, since an offset is not known to the second.
    let behind = Duration::try_from_secs_f64(behind).map_or(u64::MAX, |behind| behind.as_secs());
    SKEW.max(behind.saturating_add(SKEW / 4))
}

/// The width of the wider intervals, if the points are to be rolled up.
fn width(query: &Query, interval: u64) -> Result<Option<u64>, Problem> {
    let widest = Settings::WIDEST_INTERVAL.as_secs();
    let width = query.parsed("interval", seconds)?;
    match width {
        Some(width) if width > widest => {
            let expected = format!("at most {widest} s");
            Err(Problem::parameter("interval", &width.to_string(), expected))
        }
        Some(width) if !width.is_multiple_of(interval) => {
            let expected = format!("a whole multiple of the store's {interval} s");
            Err(Problem::parameter("interval", &width.to_string(), expected))
        }
        width => Ok(width.filter(|width| *width != interval)),
    }
}

/// How many rows a page has, each of which is made of so many points.
fn limit(app: &App, query: &Query, points_of_row: u64) -> Result<u64, Problem> {
    let limits = app.options.limits;
    let limit = page::limit(query, limits.usual_rows, limits.most_rows)?;
    Ok(limit.min(limits.most_read / points_of_row.max(1)).max(1))
}

/// The containers that are asked for, and the span.
fn found(
    app: &Work,
    query: &Query,
    selection: &Selection,
) -> Result<(Vec<Bearer>, Range<u64>), Problem> {
    let given = ["start", "period"].iter().any(|name| query.get(name).is_some());
    if given && (query.get("start").is_some() || query.get("end").is_some()) {
        let range = span::of(query, app.options.clock.now())?;
        let found = selection.bearers(app.store(), &app.cancel, range.clone())?;
        let newest = found.iter().map(|one| one.last.end()).max().unwrap_or(range.start);
        let until = range.end.min(newest.max(range.start.saturating_add(1)));
        // A span without an end is up to the newest point.
        let end = if query.get("end").is_some() { range.end } else { until };
        return Ok((found, range.start..end));
    }
    let period = query.parsed("period", seconds)?.unwrap_or(USUAL_PERIOD);
    let end = query.parsed("end", time)?;
    let end = if let Some(end) = end {
        end
    } else {
        selection.newest_end(app.store(), &app.cancel)?.unwrap_or(1)
    };
    let range = end.saturating_sub(period)..end;
    if range.is_empty() {
        return Err(Problem::bad("the span is empty").expecting("an end behind the epoch"));
    }
    Ok((selection.bearers(app.store(), &app.cancel, range.clone())?, range))
}

/// The range, widened to whole intervals.
fn widened(range: Range<u64>, width: u64) -> Range<u64> {
    range.start / width * width..range.end.div_ceil(width).saturating_mul(width)
}

/// The parts of a page of at most so many intervals from a cursor on, and the cursor behind it.
/// Intervals without a point count, too, so that the page is known before it is read.
fn parts(
    bearers: Vec<Bearer>,
    range: &Range<u64>,
    step: u64,
    limit: u64,
    after: Option<(u64, String)>,
) -> (VecDeque<Part>, Option<String>) {
    let (from, name) = after.unwrap_or((0, String::new()));
    let (mut parts, mut room) = (VecDeque::new(), limit);
    for bearer in bearers.into_iter().filter(|one| **one.identity.name() >= *name) {
        let resumed = if **bearer.identity.name() == *name { from } else { 0 };
        let own = widened(bearer.first.start()..bearer.last.end(), step);
        let start = range.start.max(own.start).max(resumed / step * step);
        let end = range.end.min(own.end);
        if start >= end {
            continue;
        }
        if room == 0 {
            return (parts, Some(format!("{start}:{}", bearer.identity.name())));
        }
        let rows = (end - start).div_ceil(step);
        if rows > room {
            let cut = start + room * step;
            let next = format!("{cut}:{}", bearer.identity.name());
            parts.push_back(Part { bearer, range: start..cut });
            return (parts, Some(next));
        }
        room -= rows;
        parts.push_back(Part { bearer, range: start..end });
    }
    (parts, None)
}

/// A cursor: where the next page begins in the points of which container.
fn cursor(text: &str) -> Option<(u64, String)> {
    let (from, name) = text.split_once(':')?;
    Some((from.parse().ok()?, name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_far_behind_holds_pages_back() {
        let skew = |offsets: &[Option<f64>]| super::skew(offsets.iter().copied());
        assert_eq!(skew(&[]), SKEW);
        assert_eq!(skew(&[None, Some(900.0), Some(-1.5)]), SKEW);
        assert_eq!(skew(&[Some(-600.2), None, Some(3.0), Some(-10.0)]), 630);
        assert_eq!(skew(&[Some(f64::NAN), Some(-f64::MAX)]), u64::MAX);
    }
}
