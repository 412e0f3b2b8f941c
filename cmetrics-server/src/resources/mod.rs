//! What can be asked for: a file for each resource.

pub(crate) mod containers;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod latest;
pub(crate) mod machines;
pub(crate) mod metrics;
pub(crate) mod openapi;
pub(crate) mod own;
pub(crate) mod points;
pub(crate) mod stream;

use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::contract::JSON;

/// An answer with this text.
pub(crate) fn text_of(kind: &'static str, text: impl IntoResponse) -> Response {
    let mut response = text.into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// Marks an answer as one that changes.
pub(crate) fn current(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// An answer with one document.
pub(crate) fn document(document: &impl Serialize) -> Response {
    let mut text = serde_json::to_vec(document).unwrap_or_default();
    text.push(b'\n');
    text_of(JSON, text)
}

/// An array with one item per line, as the command writes them.
pub(crate) fn array(items: impl IntoIterator<Item = impl Serialize>) -> Vec<u8> {
    let mut text = vec![b'['];
    for (index, item) in items.into_iter().enumerate() {
        text.extend_from_slice(if index == 0 { b"\n" } else { b",\n" });
        // What is listed can always be written to memory.
        let _ = serde_json::to_writer(&mut text, &item);
    }
    text.extend_from_slice(if text.len() > 1 { b"\n]\n" } else { b"]\n" });
    text
}
