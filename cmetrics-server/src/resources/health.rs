//! Whether the server lives, and whether it can be used.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::{current, text_of};
use crate::app::{App, Shared, at_once};
use crate::contract::{Doc, Parameter, TEXT};
use crate::problem::Problem;
use crate::query::Query;

const TAG: &str = "about";
const VERBOSE: Parameter = Parameter::once("verbose", "1 or 0", "With a line for each check.");

pub(crate) const LIVE: Doc =
    Doc { types: &[TEXT], ..Doc::asking(TAG, "Whether the server lives: ok.", &[]) };
pub(crate) const READY: Doc = Doc {
    types: &[TEXT],
    answers: &[(200, "ok"), (503, "A check fails, which the text names.")],
    ..Doc::asking(
        TAG,
        "Whether the server can be used. Machines that are away do not matter.",
        &[VERBOSE],
    )
};

pub(crate) async fn live(request: Request) -> Result<Response, Problem> {
    Query::read(request.uri(), LIVE.parameters)?;
    Ok(told(StatusCode::OK, "ok\n".to_owned()))
}

pub(crate) async fn ready(
    State(app): State<Shared>,
    request: Request,
) -> Result<Response, Problem> {
    let query = Query::read(request.uri(), READY.parameters)?;
    let verbose = query.is_on("verbose")?;
    let checks = at_once(&app, |app| Ok(checks(app))).await?;
    let failed = checks.iter().filter(|(_, failure)| failure.is_some()).count();
    let mut text = String::new();
    for (name, failure) in checks {
        match failure {
            Some(why) => text.extend([name, ": ", why, "\n"]),
            None if verbose => text.extend([name, ": ok\n"]),
            None => {}
        }
    }
    if failed == 0 {
        text.push_str("ok\n");
    }
    let status = if failed == 0 { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok(told(status, text))
}

/// The checks, and what fails.
fn checks(app: &App) -> [(&'static str, Option<&'static str>); 3] {
    let stopping = app.stopping.is_cancelled().then_some("the server is stopping");
    // What exactly fails may name files, and is in the log.
    let store = match app.store().stats() {
        Err(_) => Some("it cannot be read"),
        Ok(stats) if stats.trouble.is_some() => Some("its last work in the background failed"),
        Ok(_) => None,
    };
    let keeping = app.live.totals().store_error.is_some();
    let keeping = keeping.then_some("what was recorded could not be handed to the store");
    [("server", stopping), ("store", store), ("keeping", keeping)]
}

fn told(status: StatusCode, text: String) -> Response {
    current((status, text_of(TEXT, text)).into_response())
}
