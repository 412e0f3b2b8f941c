//! The catalogue of metrics.

use axum::extract::Request;
use axum::response::Response;
use cmetrics_core::Metric;
use cmetrics_core::metric::MetricJson;

use super::{array, text_of};
use crate::contract::{Doc, JSON};
use crate::page;
use crate::problem::Problem;
use crate::query::Query;

pub(crate) const LIST: Doc = Doc::asking(
    "metrics",
    "The metrics that points can have, as `cmetrics metrics --format json` writes them.",
    &[],
);

pub(crate) async fn list(request: Request) -> Result<Response, Problem> {
    Query::read(request.uri(), LIST.parameters)?;
    let all = Metric::ALL.iter().copied().map(MetricJson::from);
    Ok(page::with_tag(text_of(JSON, array(all)), None))
}
