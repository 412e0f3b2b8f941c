//! What every request passes: a file for each layer. The stack, the outermost first:
//!
//! | layer | what it does |
//! |---|---|
//! | `observe` | counts by route and status |
//! | `headers` | headers that keep browsers from misusing an answer |
//! | `panics` | a panic is answered with 500, and ends nothing else |
//! | `hosts` | only for the names that the server has |
//! | `load` | not more at once than allowed, nor longer |
//! | `pack` | gzip for those who accept it |
//!
//! and around each route by itself, since it depends on what the route does:
//!
//! | layer | what it does |
//! |---|---|
//! | `origin` | what changes something is not triggered by other web pages |
//! | `head` | what changes something is not done for `HEAD` |
//! | `access` | a token with the route's scope |

mod access;
mod head;
mod headers;
mod hosts;
mod load;
mod observe;
mod origin;
mod panics;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::MethodRouter;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use crate::app::Shared;
use crate::contract::Route;

/// The layers of a route.
pub(crate) fn around_route(
    route: &Route,
    to: MethodRouter<Shared>,
    app: &Shared,
) -> MethodRouter<Shared> {
    let to = match route.scope {
        None => to,
        Some(scope) => {
            let state = (Shared::clone(app), scope);
            to.route_layer(from_fn_with_state(state, access::check))
        }
    };
    if route.doc.changes {
        let to = to.route_layer(from_fn(head::refuse));
        to.route_layer(from_fn_with_state(Shared::clone(app), origin::check))
    } else {
        to
    }
}

/// The layers of all routes.
pub(crate) fn around_all(router: Router<Shared>, app: &Shared) -> Router<Shared> {
    let state = || Shared::clone(app);
    router.layer(
        ServiceBuilder::new()
            .layer(from_fn_with_state(state(), observe::count))
            .layer(from_fn(headers::add))
            .layer(CatchPanicLayer::custom(panics::answer))
            .layer(from_fn_with_state(state(), hosts::check))
            .layer(from_fn_with_state(state(), load::limit))
            .layer(CompressionLayer::new().gzip(true)),
    )
}
