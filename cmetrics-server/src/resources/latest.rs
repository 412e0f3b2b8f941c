//! The newest figures of all containers.

use axum::extract::{Request, State};
use axum::response::Response;

use super::text_of;
use crate::app::{Shared, blocking};
use crate::contract::{Doc, JSON, NDJSON, Parameter};
use crate::page;
use crate::problem::Problem;
use crate::query::Query;
use crate::select::{ALIAS, CONTAINER, IMAGE, LABEL, MACHINE, NAME, Selection};

pub(crate) const FORMAT: Parameter =
    Parameter::once("format", "json or ndjson", "The format, instead of Accept.");

pub(crate) const LIST: Doc = Doc {
    types: &[JSON, NDJSON],
    answers: &[(
        200,
        "For each container its machine and aliases; `complete`, the newest point that samples \
         cover wholly, final or not; and `open`, the newest one behind that. Either may be null.",
    )],
    ..Doc::asking(
        "points",
        "The last complete interval and the open one of each container that is seen now, by name.",
        &[CONTAINER, MACHINE, NAME, ALIAS, IMAGE, LABEL, FORMAT],
    )
};

pub(crate) async fn list(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    let query = Query::read(request.uri(), LIST.parameters)?;
    let selection = Selection::read(&query)?;
    let kind =
        crate::query::format(&query, request.headers(), &[("json", JSON), ("ndjson", NDJSON)])?;
    blocking(&app, move |app| {
        let rows = app.newest.rows(app.live.recorder());
        let wanted = rows.iter().filter(|row| selection.has(&row.identity));
        let (begin, between, end): (&[u8], &[u8], &[u8]) =
            if kind == JSON { (b"[\n", b",\n", b"\n]\n") } else { (b"", b"\n", b"\n") };
        let mut text = Vec::new();
        for row in wanted {
            text.extend_from_slice(if text.is_empty() { begin } else { between });
            text.extend_from_slice(&row.text);
        }
        match (text.is_empty(), kind == JSON) {
            (true, true) => text.extend_from_slice(b"[]\n"),
            (true, false) => {}
            (false, _) => text.extend_from_slice(end),
        }
        Ok(page::with_tag(text_of(kind, text), None))
    })
    .await
}
