//! A panic is answered with 500, and ends nothing else.

use std::any::Any;

use axum::response::{IntoResponse, Response};

use crate::problem::Problem;

#[expect(clippy::needless_pass_by_value, reason = "as the layer calls it")]
pub(super) fn answer(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    Problem::internal("answering", format!("panicked: {text}")).into_response()
}
