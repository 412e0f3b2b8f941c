//! What changes something is not done for `HEAD`, which promises to change nothing. It would be
//! answered as `GET` is.

use axum::extract::Request;
use axum::http::header::ALLOW;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::problem::Problem;

pub(super) async fn refuse(request: Request, next: Next) -> Response {
    if request.method() != Method::HEAD {
        return next.run(request).await;
    }
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "HEAD is not for what changes something")
        .expecting("a method that the header Allow lists")
        .with_header(ALLOW, "GET, POST")
        .into_response()
}
