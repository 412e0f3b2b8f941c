//! Counts by route and status.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::app::Shared;

pub(super) async fn count(State(app): State<Shared>, request: Request, next: Next) -> Response {
    // The pattern: paths are as many as clients like.
    let route = request.extensions().get::<MatchedPath>().cloned();
    let began = Instant::now();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    app.observed.count(route, response.status().as_u16(), began.elapsed());
    response
}
