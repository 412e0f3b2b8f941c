//! The points of containers.
//!
//! ```text
//! query --plan--> a page of each container's points --reader--> points --writer--> text, in parts
//! ```

mod arrow;
mod plan;
mod reader;
mod writer;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::response::Response;

use super::text_of;
use crate::app::{Shared, blocking};
use crate::body::{self, CutOff};
use crate::contract::{Doc, Parameter};
use crate::page::{self, AFTER, LIMIT};
use crate::problem::Problem;
use crate::query::{self, Query};
use crate::select::{
    ALIAS, ALL_BEARERS, AMBIGUOUS, CONTAINER, IMAGE, LABEL, MACHINE, NAME, UNKNOWN,
};
use crate::span::{END, PERIOD, START};
use plan::Plan;
use reader::Reader;

const INTERVAL: Parameter = Parameter::once(
    "interval",
    "a whole multiple of the store's interval, in seconds or with s, m, h or d",
    "The width of intervals; points are rolled up to it exactly.",
);
const METRICS: Parameter = Parameter::often(
    "metrics",
    "names of metrics with commas between, groups such as memory.*, or all",
    "Metrics beside the documented ones.",
);
const COMPLETE: Parameter = Parameter::once(
    "complete",
    "1 or 0",
    "Only points whose interval is covered by samples wholly.",
);
const EXTENDED: Parameter =
    Parameter::once("extended", "1 or 0", "With samples, coverage and shares of limits.");
const FORMAT: Parameter = Parameter::once("format", arrow::WORDS, "The format, instead of Accept.");

pub(crate) const LIST: Doc = Doc {
    types: arrow::TYPES,
    answers: &[
        (200, "The points, as `cmetrics get` writes them; Arrow has the columns of CSV."),
        (304, "The client has them: they are final."),
        UNKNOWN,
        (406, "There is no format that Accept allows."),
        AMBIGUOUS,
    ],
    ..Doc::asking(
        "points",
        "Points by container name and time: of the last 60 s before the newest one, unless a span \
         is given.",
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
            INTERVAL,
            METRICS,
            COMPLETE,
            EXTENDED,
            FORMAT,
            LIMIT,
            AFTER,
        ],
    )
};

pub(crate) async fn list(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    let query = Query::read(request.uri(), LIST.parameters)?;
    let format = query::format(&query, request.headers(), arrow::FORMATS)?;
    let headers = request.headers().clone();
    let path = request.uri().path().to_owned();
    let plan = blocking(&app, move |app| Plan::make(app, &path, &query, format)).await?;
    if let Some(tag) = plan.tag.as_deref().filter(|tag| page::is_known(&headers, tag)) {
        return Ok(page::not_modified(tag));
    }
    answer(&app, plan, format).await
}

/// The answer, of which a part is made when the one before is taken.
async fn answer(app: &Shared, plan: Plan, format: &'static str) -> Result<Response, Problem> {
    // A slow client holds some parts in memory.
    let place = std::sync::Arc::clone(&app.answers).try_acquire_owned();
    let place = place.map_err(|_| Problem::busy("as many points are sent as may be"))?;
    let (tag, next) = (plan.tag.clone(), plan.next.clone());
    let reader = Reader::new(plan, format)?;
    // The first part shows whether there is an answer at all.
    let (mut reader, first) = part(app, reader).await?;
    let (sender, body) = body::parts();
    let producer = std::sync::Arc::clone(app);
    let _ = sender.send(Ok(first)).await;
    tokio::spawn(async move {
        let _place = place;
        while let Some(more) = reader.take() {
            // The client is gone if there is no place.
            let Ok(place) = sender.reserve().await else { return };
            match part(&producer, more).await {
                Ok((rest, bytes)) => {
                    reader = rest;
                    place.send(Ok(bytes));
                }
                Err(_) => return place.send(Err(CutOff)),
            }
        }
    });
    let response = text_of(format, body);
    Ok(page::with_next(page::with_tag(response, tag.as_deref()), next))
}

/// The next part, and the reader for the rest unless this was the last.
async fn part(app: &Shared, mut reader: Reader) -> Result<(Option<Reader>, Bytes), Problem> {
    blocking(app, move |app| {
        let bytes = reader.next(app)?;
        Ok(((!bytes.is_last).then_some(reader), bytes.text.into()))
    })
    .await
}
