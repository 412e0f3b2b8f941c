//! What happened besides points.

use std::collections::{HashMap, HashSet};

use axum::extract::{Request, State};
use axum::response::Response;
use cmetrics_core::store::{Bearer, Event, EventJson};
use cmetrics_core::time::unix_seconds;

use super::{array, text_of};
use crate::app::{Shared, Work, blocking};
use crate::contract::{Doc, JSON, Parameter};
use crate::page::{self, AFTER, LIMIT};
use crate::problem::Problem;
use crate::query::Query;
use crate::select::{ALIAS, AMBIGUOUS, CONTAINER, IMAGE, LABEL, MACHINE, NAME, Selection, UNKNOWN};
use crate::span::{self, END, PERIOD, START};

const KIND: Parameter = Parameter::often(
    "event",
    "restart, set_aside, correction, implausible, gap, unattributed, limits or labels",
    "Events of this kind.",
);
/// The span unless one is given, in seconds.
const USUAL_PERIOD: u64 = 86_400;
const KINDS: [&str; 8] = [
    "restart",
    "set_aside",
    "correction",
    "implausible",
    "gap",
    "unattributed",
    "limits",
    "labels",
];

pub(crate) const LIST: Doc = Doc {
    answers: &[
        (200, "The events, as `cmetrics store events --format json` writes them."),
        UNKNOWN,
        AMBIGUOUS,
    ],
    ..Doc::asking(
        "events",
        "Restarts, gaps and the like by container and time: of the last day, unless a span is given.",
        &[CONTAINER, MACHINE, NAME, ALIAS, IMAGE, LABEL, KIND, START, END, PERIOD, LIMIT, AFTER],
    )
};

pub(crate) async fn list(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    let path = request.uri().path().to_owned();
    let query = Query::read(request.uri(), LIST.parameters)?;
    let selection = Selection::read(&query)?;
    if let Some(unknown) = query.all("event").find(|word| !KINDS.contains(word)) {
        return Err(query.refused("event", unknown));
    }
    let now = app.options.clock.now();
    let is_given = ["start", "end", "period"].iter().any(|name| query.get(name).is_some());
    let usual = now.seconds().saturating_sub(USUAL_PERIOD)..u64::MAX;
    let range = if is_given { span::of(&query, now)? } else { usual };
    let limits = app.options.limits;
    let limit = page::limit(&query, limits.usual_rows, limits.most_rows)?;
    let after = query.parsed("after", cursor)?;
    blocking(&app, move |app| {
        let known = selection.bearers_ever(app.store(), &app.cancel, &range)?;
        let mut events = found(app, &selection, &known, range)?;
        let is_wanted = |event: &Event| {
            query.get("event").is_none() || query.all("event").any(|kind| kind == event.what.word())
        };
        events.retain(is_wanted);
        if let Some((number, at, name)) = &after {
            skip(&mut events, *number, *at, name);
        }
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let next =
            next(&events, limit).and_then(|next| page::link(&path, &query, &[("after", next)]));
        events.truncate(limit);
        let aliases: HashMap<&str, &[String]> =
            known.iter().map(|one| (&**one.identity.name(), one.identity.aliases())).collect();
        let aliases = |event: &Event| aliases.get(&*event.container).copied().unwrap_or_default();
        let text = array(events.iter().map(|event| EventJson::new(event, aliases(event))));
        Ok(page::with_next(page::with_tag(text_of(JSON, text), None), next))
    })
    .await
}

/// The events of these containers.
fn found(
    app: &Work,
    selection: &Selection,
    known: &[Bearer],
    range: std::ops::Range<u64>,
) -> Result<Vec<Event>, Problem> {
    /// From how many containers on it is cheaper to read the events of all.
    const MANY: usize = 64;
    if selection.is_all() || known.len() > MANY {
        let names: HashSet<&str> = known.iter().map(|one| &**one.identity.name()).collect();
        let mut events = app.store().until(&app.cancel).events(unix_seconds(range))?;
        events.retain(|event| selection.is_all() || names.contains(&*event.container));
        return Ok(events);
    }
    let mut events = Vec::new();
    for one in known {
        let name = one.identity.name();
        events.extend(app.store().events_of(name, unix_seconds(range.clone()))?);
    }
    Ok(events)
}

/// Leaves out the events of the pages before: those before this container and time, and so many
/// of that time.
fn skip(events: &mut Vec<Event>, number: usize, at: u64, name: &str) {
    let is_before = |event: &Event| (&*event.container, event.at.nanos()) < (name, at);
    let before = events.iter().take_while(|event| is_before(event)).count();
    events.drain(..(before + number).min(events.len()));
}

/// The cursor behind the last event of a page: how many events of its time are on this page or
/// before, its time, and its container.
fn next(events: &[Event], limit: usize) -> Option<String> {
    let first = events.get(limit)?;
    let is_same = |event: &&Event| event.at == first.at && event.container == first.container;
    let number = events.iter().take(limit).filter(is_same).count();
    Some(format!("{number}:{}:{}", first.at.nanos(), first.container))
}

fn cursor(text: &str) -> Option<(usize, u64, String)> {
    let (number, rest) = text.split_once(':')?;
    let (at, name) = rest.split_once(':')?;
    Some((number.parse().ok()?, at.parse().ok()?, name.to_owned()))
}
