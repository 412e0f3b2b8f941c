//! Answers that are errors, as `application/problem+json` (RFC 9457).

use std::borrow::Cow;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use cmetrics_core::ErrorKind;
use serde::Serialize;
use tracing::error;

/// An answer that is an error: what is wrong, and what was expected.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    detail: String,
    expected: Option<Cow<'static, str>>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// The body.
#[derive(Serialize)]
struct Body<'p> {
    r#type: &'static str,
    title: &'p str,
    status: u16,
    detail: &'p str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<&'p str>,
}

impl Problem {
    /// A problem of this status.
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), expected: None, headers: Vec::new() }
    }

    /// A parameter that cannot be read, and what was expected.
    pub(crate) fn parameter(
        name: &str,
        value: &str,
        expected: impl Into<Cow<'static, str>>,
    ) -> Self {
        let detail = format!("parameter {name} is {:?}", shortened(value));
        Self::new(StatusCode::BAD_REQUEST, detail).expecting(expected)
    }

    /// A request that does not make sense.
    pub(crate) fn bad(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// Too much is asked for at once by all clients together.
    pub(crate) fn busy(detail: impl Into<String>) -> Self {
        let retry = (HeaderName::from_static("retry-after"), HeaderValue::from_static("1"));
        Self { headers: vec![retry], ..Self::new(StatusCode::SERVICE_UNAVAILABLE, detail) }
    }

    /// Something of ours failed. What exactly is logged, not answered: it may name files.
    #[cold]
    pub(crate) fn internal(doing: &'static str, cause: impl std::fmt::Display) -> Self {
        error!(%cause, doing, "a request could not be answered");
        let detail = format!("{doing} failed; the server's log says why");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
    }

    /// The same with what was expected.
    pub(crate) fn expecting(self, expected: impl Into<Cow<'static, str>>) -> Self {
        Self { expected: Some(expected.into()), ..self }
    }

    /// The same with a header.
    pub(crate) fn with_header(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.push((name, HeaderValue::from_static(value)));
        self
    }

    /// Its status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// What is wrong.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// What was expected instead.
    pub fn expected(&self) -> Option<&str> {
        self.expected.as_deref()
    }
}

/// A value as a message shows it.
fn shortened(value: &str) -> Cow<'_, str> {
    const MOST: usize = 80;
    match value.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()).into(),
        None => value.into(),
    }
}

impl From<cmetrics_core::Error> for Problem {
    fn from(error: cmetrics_core::Error) -> Self {
        match error.kind() {
            ErrorKind::UnknownContainer => Self::new(StatusCode::NOT_FOUND, error.message()),
            ErrorKind::AmbiguousContainer => Self::new(StatusCode::CONFLICT, error.message())
                .expecting("more of the id, so that it stands for one container"),
            ErrorKind::Setting => Self::bad(error.message()),
            ErrorKind::Cancelled => Self::busy("the server is stopping"),
            _ => Self::internal("reading the store", error),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Body {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
            expected: self.expected.as_deref(),
        };
        let mut body = serde_json::to_vec(&body).unwrap_or_default();
        body.push(b'\n');
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.extend(self.headers.into_iter().map(|(name, value)| (Some(name), value)));
        response
    }
}
