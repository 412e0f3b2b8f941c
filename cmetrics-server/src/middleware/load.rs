//! Not more at once than allowed, nor longer.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;

use crate::app::Shared;
use crate::problem::Problem;

/// Probes are answered even under load: a server that is restarted for it has more of it.
const PROBES: [&str; 3] = ["/livez", "/readyz", "/healthz"];

pub(super) async fn limit(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let is_probe = PROBES.contains(&request.uri().path());
    let place = app.requests.try_acquire();
    if place.is_err() && !is_probe {
        app.observed.refuse("load");
        return Problem::busy("there are as many requests as there may be").into_response();
    }
    let answered = timeout(app.options.limits.answer_time, next.run(request)).await;
    answered.unwrap_or_else(|_| {
        app.observed.refuse("time");
        Problem::busy("the answer took too long to begin")
            .expecting("a request for less, or one that is sent faster")
            .into_response()
    })
}
