//! Which of several containers a word stands for that all had it as an alias or a path.
//!
//! One after another, it is the latest. At once, as on two machines, nobody can know.

use std::ops::Range;

use axum::http::StatusCode;
use cmetrics_core::store::Bearer;

use crate::problem::Problem;

/// How many containers a message names.
const MOST_NAMED: usize = 8;
/// How much older than the newest points those of a container that is live may be, in seconds. A
/// machine counts as away that long after its last answer.
const LIVE: u64 = 30;

/// The latest of the containers that a word stands for, or none, or a problem if several of them
/// had it at once in a range of seconds. `width` is that of an interval.
pub(crate) fn latest(
    found: &[Bearer],
    word: &str,
    asked: &Range<u64>,
    width: u64,
) -> Result<Option<Bearer>, Problem> {
    let Some(newest) = newest(found) else { return Ok(None) };
    let is_rival = |one: &&Bearer| {
        let both = shared(newest, one);
        is_long(&both, width) && both.start < asked.end && both.end > asked.start
    };
    let rivals: Vec<_> = found.iter().filter(|one| is_same(one, newest) || is_rival(one)).collect();
    if rivals.len() > 1 { Err(ambiguous(&rivals, word)) } else { Ok(Some(newest.clone())) }
}

/// The same for clients that cannot say which one they mean: of several that have it at once, the
/// first by name of those that are live.
pub(crate) fn first_live(found: &[Bearer], width: u64) -> Option<&Bearer> {
    let newest = newest(found)?;
    let is_live = |one: &&Bearer| {
        is_long(&shared(newest, one), width)
            && one.last.end().saturating_add(LIVE) >= newest.last.end()
    };
    let live = found.iter().filter(|one| is_same(one, newest) || is_live(one));
    live.min_by(|left, right| left.identity.name().cmp(right.identity.name()))
}

/// The one whose points go on for longest; of several, the first by name.
fn newest(found: &[Bearer]) -> Option<&Bearer> {
    found.iter().min_by(|left, right| {
        let by_end = right.last.end().cmp(&left.last.end());
        by_end.then_with(|| left.identity.name().cmp(right.identity.name()))
    })
}

fn is_same(left: &Bearer, right: &Bearer) -> bool {
    left.identity.name() == right.identity.name()
}

/// The seconds in which both have points.
fn shared(left: &Bearer, right: &Bearer) -> Range<u64> {
    left.first.start().max(right.first.start())..left.last.end().min(right.last.end())
}

/// Whether it is more than the interval in which one of two ended and the other began.
fn is_long(shared: &Range<u64>, width: u64) -> bool {
    shared.end > shared.start.saturating_add(width)
}

fn ambiguous(rivals: &[&Bearer], word: &str) -> Problem {
    let mut names: Vec<_> = rivals.iter().map(|one| shown(one)).collect();
    names.sort_unstable();
    let more = names.len().saturating_sub(MOST_NAMED);
    names.truncate(MOST_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let detail = format!("{word:?} is several containers at once: {}{more}", names.join(", "));
    Problem::new(StatusCode::CONFLICT, detail)
        .expecting("machine= or name= beside it, so that it stands for one container")
}

fn shown(one: &Bearer) -> String {
    match one.identity.machine() {
        Some(machine) => format!("{} (machine={machine})", one.identity.name()),
        None => one.identity.name().to_string(),
    }
}
