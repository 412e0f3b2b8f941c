//! A token with the route's scope.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::Shared;
use crate::problem::Problem;
use crate::tokens::Scope;

pub(super) async fn check(
    State((app, scope)): State<(Shared, Scope)>,
    request: Request,
    next: Next,
) -> Response {
    match allowed(&app, scope, &request) {
        Ok(()) => next.run(request).await,
        Err(problem) => {
            app.observed.refuse("access");
            problem.into_response()
        }
    }
}

fn allowed(app: &Shared, scope: Scope, request: &Request) -> Result<(), Problem> {
    const EXPECTED: &str = "the header Authorization: Bearer TOKEN";
    let tokens = app.tokens();
    if tokens.is_empty() {
        return Ok(());
    }
    let unknown = |detail: &str| {
        let problem = Problem::new(StatusCode::UNAUTHORIZED, detail).expecting(EXPECTED);
        problem.with_header(WWW_AUTHENTICATE, "Bearer realm=\"cmetrics\"")
    };
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let header = header.ok_or_else(|| unknown("there is no token"))?;
    let (scheme, token) = header.split_once(' ').ok_or_else(|| unknown("there is no token"))?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(unknown("there is no token"));
    }
    match tokens.allow(token.trim(), scope) {
        Some(true) => Ok(()),
        Some(false) => {
            let detail = format!("the token does not have the scope {}", scope.word());
            Err(Problem::new(StatusCode::FORBIDDEN, detail).expecting("a token that has it"))
        }
        None => Err(unknown("the token is not known")),
    }
}
