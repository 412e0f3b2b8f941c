//! The containers that there are points of.

use axum::extract::{Request, State};
use axum::response::Response;
use cmetrics_core::store::ContainerJson;

use super::{array, text_of};
use crate::app::{Shared, blocking};
use crate::contract::{Doc, JSON};
use crate::page::{self, AFTER, LIMIT};
use crate::problem::Problem;
use crate::query::Query;
use crate::select::{
    ALIAS, ALL_BEARERS, AMBIGUOUS, CONTAINER, IMAGE, LABEL, MACHINE, NAME, Selection, UNKNOWN,
};
use crate::span::{self, END, PERIOD, START};

pub(crate) const LIST: Doc = Doc {
    answers: &[
        (200, "The containers, as the command `cmetrics containers --format json` writes them."),
        UNKNOWN,
        AMBIGUOUS,
    ],
    ..Doc::asking(
        "containers",
        "The containers that have points in a span of time, by name.",
        &[
            CONTAINER,
            MACHINE,
            NAME,
            ALIAS,
            IMAGE,
            LABEL,
            ALL_BEARERS,
            START,
            END,
            PERIOD,
            LIMIT,
            AFTER,
        ],
    )
};

pub(crate) async fn list(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    let path = request.uri().path().to_owned();
    let query = Query::read(request.uri(), LIST.parameters)?;
    let selection = Selection::read(&query)?;
    let range = span::of(&query, app.options.clock.now())?;
    let limits = app.options.limits;
    let limit = page::limit(&query, limits.usual_rows, limits.most_rows)?;
    blocking(&app, move |app| {
        let mut found = selection.bearers(app.store(), &app.cancel, range)?;
        if let Some(after) = query.get("after") {
            found.retain(|one| &**one.identity.name() > after);
        }
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let is_more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().filter(|_| is_more).map(|one| one.identity.name().to_string());
        let next = last.and_then(|last| page::link(&path, &query, &[("after", last)]));
        let text = array(found.iter().map(ContainerJson::from));
        Ok(page::with_next(page::with_tag(text_of(JSON, text), None), next))
    })
    .await
}
