//! The table of contents: what can be asked for, and what answers.

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::routing::{delete, get, post};

use crate::app::Shared;
use crate::contract::Method::{Delete, Get, Post};
use crate::contract::{Doc, Method, Route};
use crate::doors::flask;
use crate::middleware;
use crate::problem::Problem;
use crate::resources::{
    containers, events, health, latest, machines, metrics, openapi, own, points, stream,
};
use crate::tokens::Scope;
use crate::tokens::Scope::{Read, Write};

type To = fn() -> axum::routing::MethodRouter<Shared>;

const fn route(
    method: Method,
    path: &'static str,
    scope: Option<Scope>,
    doc: &'static Doc,
    to: To,
) -> Route {
    Route { method, path, scope, doc, to }
}

/// All routes. The OpenAPI document is made of them, too.
#[rustfmt::skip]
pub(crate) const ROUTES: &[Route] = &[
    route(Get,    "/api/v1/machines",        Some(Read),  &machines::LIST,   || get(machines::list)),
    route(Post,   "/api/v1/machines",        Some(Write), &machines::ADD,    || post(machines::add)),
    route(Get,    "/api/v1/machines/{name}", Some(Read),  &machines::GET,    || get(machines::get)),
    route(Delete, "/api/v1/machines/{name}", Some(Write), &machines::REMOVE, || delete(machines::remove)),
    route(Get,    "/api/v1/containers",      Some(Read),  &containers::LIST, || get(containers::list)),
    route(Get,    "/api/v1/points",          Some(Read),  &points::LIST,     || get(points::list)),
    route(Get,    "/api/v1/latest",          Some(Read),  &latest::LIST,     || get(latest::list)),
    route(Get,    "/api/v1/stream",          Some(Read),  &stream::STREAM,   || get(stream::stream)),
    route(Get,    "/api/v1/events",          Some(Read),  &events::LIST,     || get(events::list)),
    route(Get,    "/api/v1/metrics",         Some(Read),  &metrics::LIST,    || get(metrics::list)),
    route(Get,    "/api/v1/openapi.json",    None,        &openapi::GET,     || get(openapi::get)),

    route(Get,    "/livez",                  None,        &health::LIVE,     || get(health::live)),
    route(Get,    "/readyz",                 None,        &health::READY,    || get(health::ready)),
    route(Get,    "/healthz",                None,        &health::READY,    || get(health::ready)),
    route(Get,    "/metrics",                Some(Read),  &own::GET,         || get(own::get)),

    route(Get,    "/ping",                   None,        &flask::PING,            || get(flask::ping)),
    route(Post,   "/ping",                   None,        &flask::PING,            || post(flask::ping)),
    route(Get,    "/newmachine",             Some(Write), &flask::NEW_MACHINE,     || get(flask::new_machine)),
    route(Post,   "/newmachine",             Some(Write), &flask::NEW_MACHINE,     || post(flask::new_machine)),
    route(Get,    "/getdatapoints",          Some(Read),  &flask::GET_DATA_POINTS, || get(flask::get_data_points)),
    route(Post,   "/getdatapoints",          Some(Read),  &flask::GET_DATA_POINTS, || post(flask::get_data_points)),
];

/// What answers all of them.
pub(crate) fn router(app: Shared) -> Router {
    let mut router = Router::new();
    for route in ROUTES {
        router = router.route(route.path, middleware::around_route(route, (route.to)(), &app));
    }
    let router = router.fallback(unknown).method_not_allowed_fallback(not_allowed);
    middleware::around_all(router, &app).with_state(app)
}

async fn unknown(request: Request) -> Problem {
    let path = request.uri().path();
    let path: String = path.chars().take(80).collect();
    Problem::new(StatusCode::NOT_FOUND, format!("there is nothing at {path:?}"))
        .expecting("a path of /api/v1/openapi.json")
}

async fn not_allowed(request: Request) -> Problem {
    let method: String = request.method().as_str().chars().take(20).collect();
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, format!("{method} is not for this path"))
        .expecting("a method that the header Allow lists")
}
