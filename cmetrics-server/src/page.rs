//! Pages of long answers, and answers that a client has already.

use std::fmt::Write as _;

use axum::http::header::{ACCEPT, CACHE_CONTROL, ETAG, IF_NONE_MATCH, LINK, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use crate::contract::Parameter;
use crate::problem::Problem;
use crate::query::Query;

pub(crate) const LIMIT: Parameter =
    Parameter::once("limit", "a whole number from 1", "The most rows of a page.");
pub(crate) const AFTER: Parameter = Parameter::once(
    "after",
    "the cursor of a Link header",
    "Where a page begins. It comes from the Link header of the page before.",
);

/// How many rows a page has.
pub(crate) fn limit(query: &Query, usual: u64, most: u64) -> Result<u64, Problem> {
    let number = |text: &str| text.parse().ok().filter(|rows| (1..=most).contains(rows));
    match query.parsed("limit", number) {
        Ok(limit) => Ok(limit.unwrap_or(usual).min(most)),
        Err(problem) => Err(problem.expecting(format!("a whole number from 1 to {most}"))),
    }
}

/// The address of the next page: the same query, with these parameters instead.
pub(crate) fn link(path: &str, query: &Query, instead: &[(&str, String)]) -> Option<HeaderValue> {
    let kept = query.pairs().iter().map(|(name, value)| (&**name, &**value));
    let kept = kept.filter(|(name, _)| instead.iter().all(|(one, _)| one != name));
    let new = instead.iter().filter(|(_, value)| !value.is_empty());
    let mut text = format!("<{path}");
    for (index, (name, value)) in kept.chain(new.map(|(name, value)| (*name, &**value))).enumerate()
    {
        let sign = if index == 0 { '?' } else { '&' };
        // Writing to a text cannot fail.
        let _ = write!(text, "{sign}{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC));
    }
    HeaderValue::try_from(format!("{text}>; rel=\"next\"")).ok()
}

/// The same answer with the address of the next page.
pub(crate) fn with_next(mut response: Response, next: Option<HeaderValue>) -> Response {
    if let Some(next) = next {
        response.headers_mut().insert(LINK, next);
    }
    response
}

/// The tag of an answer that stays as it is, made of all that it depends on.
pub(crate) struct Tag(Sha256);

impl Tag {
    pub(crate) fn new() -> Self {
        Self(Sha256::new_with_prefix(env!("CARGO_PKG_VERSION")))
    }

    pub(crate) fn add(&mut self, part: &str) {
        self.0.update(part.len().to_le_bytes());
        self.0.update(part);
    }

    /// Weak: a proxy may pack the same answer.
    pub(crate) fn finish(self) -> String {
        let mut text = "W/\"".to_owned();
        for byte in self.0.finalize().iter().take(16) {
            // Writing to a text cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text + "\""
    }
}

/// Whether the client has the answer of this tag.
pub(crate) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let opaque = |text: &str| text.trim().trim_start_matches("W/").to_owned();
    known
        .flat_map(|value| value.split(','))
        .any(|one| one.trim() == "*" || opaque(one) == opaque(tag))
}

/// The answer to a client that has it.
pub(crate) fn not_modified(tag: &str) -> Response {
    with_tag(StatusCode::NOT_MODIFIED.into_response(), Some(tag))
}

/// The same answer with a tag, or marked as one that changes.
pub(crate) fn with_tag(mut response: Response, tag: Option<&str>) -> Response {
    let headers = response.headers_mut();
    match tag.and_then(|tag| HeaderValue::try_from(tag).ok()) {
        Some(tag) => {
            headers.insert(ETAG, tag);
            let lasting = HeaderValue::from_static("private, max-age=86400, immutable");
            headers.insert(CACHE_CONTROL, lasting);
            // Another format is at the same address.
            headers.append(VARY, HeaderValue::from(ACCEPT));
        }
        None => drop(headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"))),
    }
    response
}
